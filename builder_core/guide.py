"""The builder's guide: the interview by rules, for when there is no model. It is not a language model.

It speaks as a model does: it calls the builder's tools, reads their results, and only then says what happened.
"""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from pydantic import JsonValue

from builder_core.connecting import NAME as CONNECT
from builder_core.knowing import LOOK, MEND, State
from builder_core.past import Past
from builder_core.pasted import without_addresses, without_descriptions
from builder_core.recommend import Offer
from builder_core.rules import interview, knowledge_wishes, replies, reporting
from builder_core.rules.courtesy import kinds
from builder_core.rules.describe import asks_for_agent
from builder_core.rules.plan import Plan
from builder_core.rules.service_wishes import asked_for, is_asking, where_to_give, wished_service
from builder_core.rules.speech import Speech, heard
from builder_core.rules.understanding import Understanding, understand
from builder_core.rules.which_change import asked_which
from builder_core.starting import NAME as START
from builder_core.starting import asks_for_template, offer_of
from builder_core.templates import Template, nearest
from user_agent.config import AgentConfig
from user_agent.messages import Message, ToolResultPart
from user_agent.models.base import CallDelta, Chunk, ModelFacts, ModelRequest
from user_agent.words import Language

PIECE_CHARS = 20


class BuilderGuide:
    """A `ChatModel` for one builder turn: `current` is the draft as the turn began, `past` what can be taken back.

    `template` is one that the person's words mean, `pace_s` the time between two pieces of what it says, `knowledge`
    how the agent's knowledge is.
    """

    def __init__(
        self,
        current: AgentConfig,
        catalogue: Sequence[Offer],
        *,
        past: Past,
        language: Language = "zh",
        pace_s: float,
        knowledge: State | None = None,
        template: Template | None = None,
    ) -> None:
        self._template = template
        self._current = current
        self._catalogue = catalogue
        self._past = past
        self._language: Language = language
        self._pace_s = pace_s
        self._knowledge = knowledge or State()

    @property
    def facts(self) -> ModelFacts:
        return ModelFacts()

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        """Calls for the person's last message; or, where results are there, what they say and the next question."""
        # In a thread: a message made to be awkward keeps the rules busy for a second.
        connects = any(tool.name == CONNECT for tool in request.tools)
        for chunk in await asyncio.to_thread(lambda: list(self._reply(request.messages, connects=connects))):
            yield chunk
            await asyncio.sleep(self._pace_s)

    def _reply(self, messages: Sequence[Message], *, connects: bool) -> Iterator[Chunk]:
        asked_at = max((at for at, message in enumerate(messages) if message.role == "user"), default=-1)
        text, pasted = without_descriptions(messages[asked_at].text if asked_at >= 0 else "")
        speech = heard(text)
        language = self._spoken(speech)
        said = [message.text for message in messages[:asked_at] if message.role == "assistant" and message.text]
        asked = asked_for(said[-1]) if said else None
        service = wished_service(speech, pasted=pasted, asked=asked) if connects else None
        if service:
            speech = heard(without_addresses(text))
        heard_as = self._about_knowledge(speech, said) or self._understood(speech, said, service)
        turn = messages[asked_at + 1 :]
        if any(message.results for message in turn):
            return _spoken_in_pieces(
                self._with_news(self._after(turn, heard_as, said, speech, language), heard_as, language)
            )
        if self._template and asks_for_template(speech.words):
            return chain(_call_in_pieces(0, START, {"template": self._template.id}), [Chunk(finish="tool_calls")])
        if heard_as.plan:
            return _called_in_pieces(heard_as.plan, speech)
        return _spoken_in_pieces(self._with_news(self._talk(speech, heard_as, said, language), heard_as, language))

    def _about_knowledge(self, speech: Speech, said: Sequence[str]) -> Understanding | None:
        """What a message asks about the agent's files; None where it is about something else."""
        plan = Plan(self._current, self._catalogue, self._past)
        plan.mends = knowledge_wishes.agreed_fixes(speech, said, self._knowledge)
        if not plan.mends and plan.described and knowledge_wishes.asks_about_knowledge(speech):
            plan.looks_at_knowledge = self._knowledge.files > 0
            if not plan.looks_at_knowledge:
                plan.ask(knowledge_wishes.NO_FILES)
        return Understanding(plan) if plan.mends or plan.looks_at_knowledge or plan.asks else None

    def _with_news(self, text: str, heard_as: Understanding, language: Language) -> str:
        """What is said, after what came up about the agent's files since the person was last told."""
        plan = heard_as.plan
        news = "" if plan.looks_at_knowledge or plan.mends else knowledge_wishes.news(self._knowledge, language)
        return _paragraphs(news, text)

    def _understood(self, speech: Speech, said: Sequence[str], service: dict[str, JsonValue] | None) -> Understanding:
        if service and not asks_for_agent(speech):
            # "Use our ticket system" speaks of the service: no other rule should find a wish in it.
            heard_as = Understanding(Plan(self._current, self._catalogue, self._past))
        else:
            heard_as = understand(
                speech,
                current=self._current,
                catalogue=self._catalogue,
                past=self._past.as_listed() if said and asked_which(said[-1]) else self._past,
                asked=interview.asked_last(said[-1]) if said else None,
            )
        plan = heard_as.plan
        plan.service = service
        if service:
            plan.notes = [note for note in plan.notes if not is_asking(note)]
        elif "instruction" in plan.fields and (where := where_to_give(speech)):
            plan.tell(where)
        return heard_as

    def _spoken(self, speech: Speech) -> Language:
        return speech.language if re.search(r"[A-Za-z\u3400-\u9fff]", speech.own) else self._language

    def _talk(self, speech: Speech, heard_as: Understanding, said: Sequence[str], language: Language) -> str:
        """An answer to a message that changes nothing."""
        notes = [note[language] for note in heard_as.plan.notes]
        if not heard_as.plan.described:
            meant = nearest([self._template], speech.words) if self._template else None
            return _paragraphs(
                replies.joined(notes, language),
                offer_of(meant, language) if meant else replies.greeting(kinds(speech.words), language),
                replies.INVITATION[language],
            )
        question = self._question(said, self._current.instruction, heard_as, language)
        if heard_as.plan.asks:
            return replies.joined(notes, language)
        if notes:
            return _paragraphs(replies.joined(notes, language), question if heard_as.open_topic else "")
        if speech.quotes:
            return replies.MATERIAL[language]
        courtesy = kinds(speech.words)
        if heard_as.declined and not courtesy & replies.CLOSING:
            return question
        if heard_as.declined or (courtesy and not heard_as.missed):
            return _paragraphs(replies.courtesy(courtesy, language), "" if courtesy & replies.ENDING else question)
        if heard_as.asks or not re.search(r"\w", speech.words):
            return _paragraphs(replies.HELP[language], question if heard_as.open_topic else "")
        return _paragraphs(replies.not_caught(language), question if heard_as.open_topic else "")

    def _after(
        self,
        turn: Sequence[Message],
        heard_as: Understanding,
        said: Sequence[str],
        speech: Speech,
        language: Language,
    ) -> str:
        """What the results say, then the next question, chosen by the instruction as it was stored."""
        results = [result for message in turn for result in message.results]
        if heard_as.plan.looks_at_knowledge:
            return knowledge_wishes.report(self._knowledge, language)
        if heard_as.plan.mends and any("read_again" in reporting.outcome(result) for result in results):
            changed = any("changed" in reporting.outcome(result) for result in results)
            done = reporting.report(results, self._catalogue, language, speech.words) if changed else ""
            return replies.joined([done, knowledge_wishes.READ_AGAIN[language]], language)
        report = reporting.report(results, self._catalogue, language, speech.words)
        notes = [note[language] for note in heard_as.plan.notes]
        if heard_as.missed:
            notes.append(replies.left_over(heard_as.missed, language))
        told = replies.joined([report, *notes], language)
        instruction = self._stored_instruction(turn, results)
        if not instruction:
            return _paragraphs(told, replies.INVITATION[language])
        if heard_as.plan.undo or heard_as.plan.asks or heard_as.plan.service or heard_as.plan.mends:
            return told
        offer = offer_of(self._template, language) if self._template and not self._current.instruction else ""
        # A wish that was done is answered by its report: whoever had something else to say is not asked the same again.
        return _paragraphs(told, offer, self._question(said, instruction, replace(heard_as, open_topic=None), language))

    def _stored_instruction(self, turn: Sequence[Message], results: Sequence[ToolResultPart]) -> str:
        instruction = self._current.instruction
        stored = {call.id: call.arguments for message in turn for call in message.calls}
        for result in results:
            written = stored.get(result.id, {}).get("instruction")
            changed = reporting.outcome(result).get("changed")
            if isinstance(written, str) and isinstance(changed, dict) and "instruction" in changed:
                instruction = written
        return instruction

    def _question(self, said: Sequence[str], instruction: str, heard_as: Understanding, language: Language) -> str:
        audience_known = interview.known_audience(instruction)
        topic = interview.next_topic(said, instruction, audience_known, open_topic=heard_as.open_topic)
        return topic.question[language] if topic else replies.DONE[language]


def _paragraphs(*texts: str) -> str:
    return "\n\n".join(text for text in texts if text)


def _called_in_pieces(plan: Plan, speech: Speech) -> Iterator[Chunk]:
    wanted: list[tuple[str, dict[str, JsonValue]]] = []
    if plan.undo:
        wanted.append(("undo_changes", {"changes": list[JsonValue](plan.undo)}))
    if plan.fields:
        proposed: dict[str, JsonValue] = {"proposed": list[JsonValue](plan.proposed)} if plan.proposed else {}
        wanted.append(("update_agent", plan.fields | proposed))
    if plan.ticks:
        ticks: dict[str, JsonValue] = {"query": speech.words[:200]} if speech.words else {}
        for key, tick in (("enable", True), ("disable", False)):
            if ids := [tool for tool, wish in plan.ticks.items() if wish is tick]:
                ticks[key] = list[JsonValue](ids)
        wanted.append(("choose_tools", ticks))
    wanted += [(LOOK, {})] if plan.looks_at_knowledge else []
    if plan.mends:
        wanted.append((MEND, {"problems": list[JsonValue](plan.mends)}))
    wanted += [(CONNECT, plan.service)] if plan.service else []
    if plan.portrait is not None:
        wanted.append(("draw_avatar", {"what": plan.portrait}))
    for index, (name, arguments) in enumerate(wanted):
        yield from _call_in_pieces(index, name, arguments)
    yield Chunk(finish="tool_calls")


def _call_in_pieces(index: int, name: str, arguments: dict[str, JsonValue]) -> Iterator[Chunk]:
    text = json.dumps(arguments, ensure_ascii=False)
    for at in range(0, len(text), PIECE_CHARS):
        yield Chunk(calls=(CallDelta(index=index, name=name, arguments=text[at : at + PIECE_CHARS]),))


def _spoken_in_pieces(text: str) -> Iterator[Chunk]:
    for at in range(0, len(text), PIECE_CHARS):
        yield Chunk(text=text[at : at + PIECE_CHARS])
    yield Chunk(finish="stop")
