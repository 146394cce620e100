"""Searching while an answer is being made: who does it, and the tool by which a model looks again in its own words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

from pydantic import Field

from user_agent.events import KnowledgeFile
from user_agent.knowledge.answering import SEARCH_KNOWLEDGE, are_weak, numbered, passages_told
from user_agent.knowledge.hits import KnowledgeHit
from user_agent.knowledge.index import Found, Hit
from user_agent.messages import Message
from user_agent.tools.base import Tool, ToolContext, ToolOutput
from user_agent.words import FREE, Words

FOUND_AT_ONCE = 6
"""How many passages a search of the model's brings."""
MOST_SHOWN_CHARS = 12_000
"""As much of them as it is shown."""

_NONE = Words(
    zh="没有合适的段落。可以换个说法再找；如果已经找过几次，就说文件里没有提到。",
    en="No passage fits. Search in other words; after a few times, say that the files do not tell it.",
)
_WEAK = Words(
    zh="这些段落都不太合，可能只是碰巧有相同的字词：",
    en="None of these fits well; they may do no more than share a word with it:",
)
_KNOWN = Words(
    zh="还有这些合适，你已经看过：{marks}。", en="These fit as well, and you have read them already: {marks}."
)


@dataclass(frozen=True, slots=True)
class Findings:
    """What a search found. `files` are all there are to search, whatever became of each."""

    found: Found
    files: tuple[KnowledgeFile, ...]
    attached: frozenset[str] = frozenset()
    """Those of the files that came with messages."""

    @property
    def hits(self) -> tuple[KnowledgeHit, ...]:
        """What was found, as it is told: no passage has a number yet."""
        return self.told(self.found.hits)

    def told(self, hits: Iterable[Hit]) -> tuple[KnowledgeHit, ...]:
        """Passages of these files as they are told; what is of none of them any more is left out."""
        names = {file.file: file.name for file in self.files}
        return tuple(_told(hit, names[hit.file], hit.file in self.attached) for hit in hits if hit.file in names)


def _told(hit: Hit, name: str, attached: bool) -> KnowledgeHit:
    place = hit.passage.place
    return KnowledgeHit(
        number=None,
        file=hit.file,
        name=name,
        text=hit.passage.text,
        score=round(hit.score, 3),
        passage=hit.passage.number,
        headings=place.headings,
        page=place.page,
        sheet=place.sheet,
        member=place.member,
        attached=attached,
    )


class Finder(Protocol):
    """Searches what an agent knows, and the files of the conversation that it is in."""

    async def find(self, query: str, limit: int, *, among: str = "") -> Findings:
        """The passages nearest to a question, among all files or those whose name or tag is meant by `among`.

        Raises `ToolError` where that means none.
        """
        ...


class KnowledgeSearch:
    """The tool `search_knowledge`, for one turn: what it finds goes on with the numbers of what was found before."""

    def __init__(self, finder: Finder, hits: Sequence[KnowledgeHit] = (), budget_chars: int = MOST_SHOWN_CHARS) -> None:
        """`hits` were found for the question itself, or by this tool in a part of the turn that is over."""
        self._finder = finder
        self._budget_chars = min(budget_chars, MOST_SHOWN_CHARS)
        self._numbers = {(hit.file, hit.passage): hit.number for hit in hits if hit.number is not None}

    @property
    def tool(self) -> Tool:
        return Tool.from_function(
            self.search_knowledge,
            name=SEARCH_KNOWLEDGE,
            group="data",
            label=Words("查找知识", "Search the knowledge"),
            summary=Words("换个说法，在智能体的文件里再找一次", "Looks into the agent's files again, in other words"),
            touches=frozenset({"private"}),
            cost=FREE,
        )

    async def search_knowledge(
        self,
        query: Annotated[
            str,
            Words(
                zh="要找的内容：文件里可能用的词，说得完整，不要用“它”“这个”",
                en="What to look for, in words that the files may use; whole, without “it” or “that”",
            ),
            Field(min_length=1, max_length=500),
        ],
        context: ToolContext,
        among: Annotated[
            str,
            Words(
                zh="只在这些文件里找：文件名或其中一部分，或标签；留空则在全部文件里找",
                en="Search these files alone: a file's name, or a part of it, or a tag. Empty for all files",
            ),
            Field(max_length=200),
        ] = "",
    ) -> ToolOutput:
        """Search your files again in other words: for what the passages that you have do not tell, or for another
        question that comes up. What it finds is numbered; cite the numbers like those of the passages you have.

        换个说法再查找你的文件：已有的段落没有说到，或者出现了新的问题时使用。找到的段落带有编号，引用方式与已有的段落相同。
        """
        language = context.language
        findings = await self._finder.find(query, FOUND_AT_ONCE, among=among)
        known = [number for hit in findings.hits if (number := self._numbers.get((hit.file, hit.passage)))]
        fresh = [hit for hit in findings.hits if (hit.file, hit.passage) not in self._numbers]
        hits = numbered(fresh, self._budget_chars, first=max((0, *self._numbers.values())) + 1)
        self._numbers |= {(hit.file, hit.passage): hit.number for hit in hits if hit.number is not None}
        marks = "".join(f"[{number}]" for number in known)
        told = (
            _WEAK[language] if hits and are_weak(hits) else "",
            passages_told(hits, language),
            _KNOWN[language].format(marks=marks) if known else "",
        )
        return ToolOutput("\n\n".join(filter(None, told)) or _NONE[language], sources=hits)


def found_in(messages: Sequence[Message]) -> tuple[KnowledgeHit, ...]:
    """What the model has found by the tool since the person spoke."""
    hits: list[KnowledgeHit] = []
    for message in reversed(messages):
        if message.role == "user":
            break
        hits += [hit for result in message.results for hit in result.sources]
    return tuple(hits)
