"""What a builder may know of an agent's knowledge, and mend: names, counts and our own sentences, never what files say.

Whoever owns the draft finds the problems. A fix is offered; it is made once the person has agreed, through the draft,
as every other change, so that it can be taken back.
"""

import re
from collections import ChainMap
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, Protocol, Self

from pydantic import Field, JsonValue

from builder_core.draft import ConfigPatch, Draft
from builder_core.tools import DraftTools
from builder_core.tools import told as told_change
from user_agent.config import Retrieval
from user_agent.errors import ToolError
from user_agent.tools.base import Tool, ToolContext
from user_agent.words import Words

LOOK, MEND = "look_at_knowledge", "mend_knowledge"
MOST_TOLD = 8
"""Problems that are told at once."""

Kind = Literal["unread", "missing", "copy", "unfound", "contradiction", "scope", "engine", "budget", "empty"]
_LOOK = Words("查看知识", "Look at what it knows")
_MEND = Words("修复知识", "Mend what it knows")
_AGREES = re.compile(
    r"\b(?:yes|yep|yeah|yup|ok(?:ay)?|sure|please|agreed|go ahead|do (?:it|that|so)|fix|mend|remove|delete|drop|take)\b"
    r"|[好行嗯]|可以|同意|是的|对的|修|删|移除|去掉|移走|拿掉",
    re.IGNORECASE,
)
_REFUSES = re.compile(r"\b(?:no|not|don['’]?t|never|keep|leave|stop)\b|不|别|先放|保留|留着|算了", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fix:
    """What would mend a problem. Exactly one of the last three is set."""

    words: Words
    """What is done, as an offer: "take b.md out"."""
    retry: str = ""
    """The id of a file to be read again."""
    without: str = ""
    """The id of a file to be taken out of the configuration."""
    retrieval: Retrieval | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about an agent's knowledge that a person should know of. `id` names it as long as it is the same."""

    id: str
    kind: Kind
    words: Words
    fix: Fix | None = None


@dataclass(frozen=True, slots=True)
class State:
    """How an agent's knowledge is. `told` are the ids of the problems that a builder has told of before."""

    files: int = 0
    ready: int = 0
    at_work: int = 0
    questions: int = 0
    found: int = 0
    """How many of the questions that were made from the files found their passage."""
    problems: tuple[Problem, ...] = ()
    told: frozenset[str] = frozenset()

    @property
    def fresh(self) -> tuple[Problem, ...]:
        """What came up since: that there are no files is no news."""
        return tuple(each for each in self.problems if each.id not in self.told and each.kind != "empty")[:MOST_TOLD]

    @property
    def offered(self) -> tuple[Problem, ...]:
        """What was told before and can be mended."""
        return tuple(each for each in self.problems if each.id in self.told and each.fix)


class Care(Protocol):
    """How a builder's turn gets at the knowledge of the one agent that it edits."""

    async def look(self) -> State: ...

    async def retry(self, file: str) -> None:
        """Have a file read again."""
        ...

    async def tell(self, problems: Collection[str]) -> None:
        """The person has been told of these, by their ids."""
        ...


class Knowing:
    """`look_at_knowledge` and `mend_knowledge`, bound to one turn that began in `state`. `said` are the person's own
    words."""

    def __init__(self, care: Care | None, draft: Draft, editing: DraftTools, *, state: State, said: str) -> None:
        self._care = care
        self._draft = draft
        self._editing = editing
        self._said = said
        self.state = state
        self._shown: set[str] = set()
        """The ids of the problems that were looked at in this turn."""

    @classmethod
    async def begin(cls, care: Care | None, draft: Draft, editing: DraftTools, *, said: str) -> Self:
        """For a turn that begins now; without `care` nothing is known and nothing can be mended."""
        return cls(care, draft, editing, state=await care.look() if care else State(), said=said)

    @property
    def tools(self) -> dict[str, Tool]:
        """The tools by name; none where the agent has no files."""
        if self._care is None or not self.state.files:
            return {}
        made = (
            Tool.from_function(self.look_at_knowledge, label=_LOOK, summary=_LOOK),
            Tool.from_function(self.mend_knowledge, label=_MEND, summary=_MEND, effect="writes"),
        )
        return {tool.name: tool for tool in made}

    async def tell(self) -> None:
        """The turn is over, and the person has been told what was new and what was looked at."""
        told = {each.id for each in self.state.fresh} | self._shown
        if self._care is not None and told:
            await self._care.tell(told)

    async def look_at_knowledge(self, context: ToolContext) -> dict[str, JsonValue]:
        """How the agent's files are: how many can be searched, how many questions made from them find their passage,
        and what is wrong, with the fix where there is one."""
        state = await self._care.look() if self._care else self.state
        shown = state.problems[:MOST_TOLD]
        self._shown |= {each.id for each in shown}
        return {
            "files": state.files,
            "ready": state.ready,
            "being_read": state.at_work,
            "questions": state.questions,
            "found_their_passage": state.found,
            "problems": [line_of(each, context.language == "zh") for each in shown],
            "more_problems": len(state.problems) - len(shown),
            "next": "Tell the person in your own words, and offer the fixes. They agree in their next message.",
        }

    async def mend_knowledge(
        self,
        context: ToolContext,
        problems: Annotated[
            list[Annotated[str, Field(max_length=40)]],
            Field(
                min_length=1, max_length=MOST_TOLD, description="The ids of problems whose fix the person agreed to."
            ),
        ],
    ) -> dict[str, JsonValue]:
        """Make the fixes of problems that you offered in an earlier message, once the person has agreed to them.

        A file is read again, a copy is taken out of what the agent knows, or the search is set right, with its models
        and how much of what it finds is read.
        """
        offered = {each.id: each.fix for each in self.state.offered if each.fix}
        unknown = [name for name in problems if name not in offered]
        if unknown:
            raise ToolError(
                f"There is no offered fix {unknown[0]!r}. Look first, offer it, and let the person agree in their next "
                "message."
            )
        fixes = [offered[name] for name in dict.fromkeys(problems)]
        if any(fix.without for fix in fixes) and not agrees(self._said):
            raise ToolError("The person has not agreed. Nothing is taken out unasked: offer it, and wait.")
        answer: dict[str, JsonValue] = {}
        if patch := await self._patch(fixes):
            answer |= told_change(await self._editing.store(patch))
        again = [fix for fix in fixes if fix.retry]
        for fix in again:
            if self._care is not None:
                await self._care.retry(fix.retry)
        return answer | ({"read_again": len(again)} if again else {})

    async def _patch(self, fixes: Sequence[Fix]) -> ConfigPatch | None:
        """What the fixes change of the configuration; None where nothing."""
        gone = {fix.without for fix in fixes if fix.without}
        settings = [fix.retrieval.model_dump(exclude_unset=True) for fix in fixes if fix.retrieval]
        retrieval = Retrieval.model_validate(dict(ChainMap(*settings))) if settings else None
        if not gone and retrieval is None:
            return None
        known = (await self._draft.current()).knowledge
        kept = [file for file in known if file not in gone]
        return ConfigPatch(knowledge=kept if gone else None, retrieval=retrieval)


def agrees(said: str) -> bool:
    """Whether the person's words agree to what was offered."""
    return _AGREES.search(said) is not None and _REFUSES.search(said) is None


def line_of(problem: Problem, chinese: bool) -> dict[str, JsonValue]:
    """A problem as a model reads it."""
    language = "zh" if chinese else "en"
    line: dict[str, JsonValue] = {"problem": problem.id, "what": problem.words[language]}
    return line | ({"fix": problem.fix.words[language]} if problem.fix else {})
