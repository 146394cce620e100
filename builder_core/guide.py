"""The builder's guide: the interview by rules, for when there is no model. It is not a language model.

It speaks as a model does: it calls the builder's tools, reads their results, and only then says what happened.
"""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Iterator, Sequence

from pydantic import JsonValue

from builder_core.recommend import Offer
from builder_core.rules import interview, replies
from builder_core.rules.corrections import correct
from builder_core.rules.describe import asks_for_agent, describe
from builder_core.rules.edits import add_rule, add_task
from builder_core.rules.english_words import verb
from builder_core.rules.plan import Plan
from builder_core.rules.speech import Speech, heard
from user_agent.config import AgentConfig, Language
from user_agent.messages import Message, ToolResultPart
from user_agent.models.base import CallDelta, Chunk, ModelFacts, ModelRequest

PIECE_CHARS = 20
_SMALL_TALK = re.compile(
    r"^(?:hi|hello|hey|thanks?(?: you)?(?: so much| a lot)?|great|nice|perfect|cool|ok(?:ay)?|good|yes|sure|"
    r"你好|您好|嗨|谢谢你?|多谢|好的?|不错|很好|可以|太好了|嗯|行|棒)[!！.。~，, ]*$",
    re.IGNORECASE,
)
_GRATEFUL = re.compile(r"thank|great|nice|perfect|cool|谢|不错|很好|棒|太好", re.IGNORECASE)
_JOINING = re.compile(r"^(?:(?:and|also|but|so|then|please)\b[, ]*)+", re.IGNORECASE)
_NO_WISH = re.compile(
    # Questions and complaints: the first are answered, the second say what is wrong and not what would be right.
    r"[?？]\s*$|^(?:it|this|that) (?:is|feels|sounds|seems|looks)\b|太.+了$"
    r"|^(?:what|how|why|which|who|where|when|is it|are you|do you|does it)\b|^(?:怎么|如何|为什么|什么)|吗$",
    re.IGNORECASE,
)


class BuilderGuide:
    """A `ChatModel` for one builder turn: `current` is the draft as the turn began.

    `pace_s` is the time between two pieces of what it says.
    """

    def __init__(
        self, current: AgentConfig, catalogue: Sequence[Offer], *, language: Language = "zh", pace_s: float
    ) -> None:
        self._current = current
        self._catalogue = catalogue
        self._language: Language = language
        self._pace_s = pace_s

    @property
    def facts(self) -> ModelFacts:
        return ModelFacts()

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        """Calls for the person's last message; or, where results are there, what they say and the next question."""
        # In a thread: a message made to be awkward keeps the rules busy for a second.
        for chunk in await asyncio.to_thread(lambda: list(self._reply(request.messages))):
            yield chunk
            await asyncio.sleep(self._pace_s)

    def _reply(self, messages: Sequence[Message]) -> Iterator[Chunk]:
        asked_at = max((at for at, message in enumerate(messages) if message.role == "user"), default=-1)
        speech = heard(messages[asked_at].text if asked_at >= 0 else "")
        language = self._spoken(speech)
        said = [message.text for message in messages[:asked_at] if message.role == "assistant" and message.text]
        results = [result for message in messages[asked_at + 1 :] for result in message.results]
        if results:
            return _spoken_in_pieces(self._after(messages[asked_at + 1 :], results, said, speech, language))
        plan = self._plan(speech, interview.asked_last(said[-1]) if said else None)
        return _called_in_pieces(plan, speech) if plan else _spoken_in_pieces(self._talk(speech, said, language))

    def _spoken(self, speech: Speech) -> Language:
        return speech.language if re.search(r"[A-Za-z\u3400-\u9fff]", speech.own) else self._language

    def _plan(self, speech: Speech, asked: interview.Topic | None) -> Plan:
        """What the message asks for. An empty plan where it asks for nothing that the rules know."""
        plan = Plan(self._current, self._catalogue)
        words = speech.words
        if not words or _SMALL_TALK.match(words):
            return plan
        if asks_for_agent(words) and describe(plan, speech):
            return plan
        left = correct(plan, speech)
        remark = speech.only(left).words.strip(" ,，。.!！")
        if not self._current.instruction and not self._current.description:
            return self._first_plan(plan, speech, remark)
        if remark and not speech.quotes and not _NO_WISH.search(remark) and not interview.declined(remark):
            _write_remark(plan, asked, remark)
        return plan

    def _first_plan(self, corrections: Plan, speech: Speech, remark: str) -> Plan:
        """The plan for an empty draft: a description, with what else was wished for; or the wishes alone."""
        plan = Plan(self._current, self._catalogue)
        if not remark or speech.material:
            return corrections
        if not corrections.fields.keys() - {"instruction"}:
            return plan if describe(plan, speech) else corrections
        if not describe(plan, speech.only(remark)):
            return corrections
        correct(plan, speech)
        return plan

    def _talk(self, speech: Speech, said: Sequence[str], language: Language) -> str:
        """An answer to a message that changes nothing."""
        words = speech.words
        if not self._current.instruction and not self._current.description:
            return replies.INVITATION[language]
        if speech.quotes:
            return replies.MATERIAL[language]
        if _GRATEFUL.search(words):
            return replies.THANKS[language]
        if interview.declined(words) or _SMALL_TALK.match(words):
            return self._question(said, self._current.instruction, language)
        return replies.HELP[language]

    def _after(
        self,
        turn: Sequence[Message],
        results: Sequence[ToolResultPart],
        said: Sequence[str],
        speech: Speech,
        language: Language,
    ) -> str:
        """What the results say, then the next question, chosen by the instruction as it was stored."""
        report = replies.report(results, self._catalogue, language, speech.words)
        stored = {call.id: call.arguments for message in turn for call in message.calls}
        instruction = self._current.instruction
        for result in results:
            written = stored.get(result.id, {}).get("instruction")
            changed = replies.outcome(result).get("changed")
            if isinstance(written, str) and isinstance(changed, dict) and "instruction" in changed:
                instruction = written
        if not instruction:
            return f"{report}\n\n{replies.INVITATION[language]}"
        return f"{report}\n\n{self._question(said, instruction, language)}"

    def _question(self, said: Sequence[str], instruction: str, language: Language) -> str:
        topic = interview.next_topic(said, instruction, interview.known_audience(instruction))
        return topic.question[language] if topic else replies.DONE[language]


def _write_remark(plan: Plan, asked: interview.Topic | None, remark: str) -> None:
    """What no rule took: the answer to the guide's last question, or else, where it is all that was said, one rule."""
    if asked:
        interview.answer(plan, asked, remark)
    elif not plan and len(remark) > 3:
        said = _JOINING.sub("", remark)
        write = add_task if verb(said.split(" ", 1)[0]) else add_rule
        write(plan, said)


def _called_in_pieces(plan: Plan, speech: Speech) -> Iterator[Chunk]:
    wanted: list[tuple[str, dict[str, JsonValue]]] = []
    if plan.fields:
        proposed: dict[str, JsonValue] = {"proposed": list[JsonValue](plan.proposed)} if plan.proposed else {}
        wanted.append(("update_agent", plan.fields | proposed))
    if plan.ticks:
        ticks: dict[str, JsonValue] = {"query": speech.words[:200]} if speech.words else {}
        for key, tick in (("enable", True), ("disable", False)):
            if ids := [tool for tool, wish in plan.ticks.items() if wish is tick]:
                ticks[key] = list[JsonValue](ids)
        wanted.append(("choose_tools", ticks))
    for index, (name, arguments) in enumerate(wanted):
        text = json.dumps(arguments, ensure_ascii=False)
        for at in range(0, len(text), PIECE_CHARS):
            yield Chunk(calls=(CallDelta(index=index, name=name, arguments=text[at : at + PIECE_CHARS]),))
    yield Chunk(finish="tool_calls")


def _spoken_in_pieces(text: str) -> Iterator[Chunk]:
    for at in range(0, len(text), PIECE_CHARS):
        yield Chunk(text=text[at : at + PIECE_CHARS])
    yield Chunk(finish="stop")
