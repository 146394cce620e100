"""What is found for a turn: in what the agent knows, and in the files of the conversation."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from user_agent.errors import ToolError
from user_agent.events import FileReading, KnowledgeFile, KnowledgeUsed
from user_agent.knowledge.answering import numbered
from user_agent.knowledge.index import LEAST_SCORE, Found, Hit
from user_agent.knowledge.passages import Passage
from user_agent.knowledge.searching import Findings
from user_agent.messages import FilePart, Message
from user_agent.serve.attached import AttachedFiles, Help, searchable

MOST_HITS = 12
"""How many passages a message is answered from, where not all have room."""
MOST_WHOLE = 40
"""So many passages go into the prompt all together, where they have room."""
MOST_ATTACHED_CHARS = 20_000
"""How much is shown of the files that come with a message, whatever it asks about them."""
_LISTED = 30


@dataclass(frozen=True, slots=True)
class Searched:
    """A file that is searched, or why it is not."""

    told: KnowledgeFile
    tags: tuple[str, ...] = ()


class Place(Protocol):
    """Files that can be searched."""

    async def files(self) -> tuple[Searched, ...]: ...

    async def search(self, query: str, limit: int, files: Collection[str]) -> Found: ...

    async def passages(self, file: str, limit: int) -> tuple[Passage, ...]: ...


@dataclass(frozen=True, slots=True)
class _OfConversation:
    """What came with its messages."""

    attached: AttachedFiles
    user: str
    conversation_id: str
    parts: tuple[FilePart, ...]
    help: Help | None

    def read(self) -> AsyncGenerator[FileReading]:
        return self.attached.read(self.user, self.conversation_id, self.parts, self.help)

    async def files(self) -> tuple[Searched, ...]:
        return tuple(map(Searched, await self.attached.known(self.user, self.conversation_id, self.parts, self.help)))

    async def search(self, query: str, limit: int, files: Collection[str]) -> Found:
        return await self.attached.search(self.user, self.conversation_id, query, limit, files, self.help)

    async def passages(self, file: str, limit: int) -> tuple[Passage, ...]:
        return await self.attached.passages(self.user, self.conversation_id, file, limit=limit)


@dataclass(frozen=True, slots=True)
class TurnFinder:
    """A `Finder` for one turn."""

    known: Place
    here: _OfConversation
    fresh: frozenset[str]
    """The files that came with the question itself."""

    @classmethod
    def of(
        cls,
        known: Place,
        attached: AttachedFiles,
        user: str,
        conversation_id: str,
        messages: Sequence[Message],
        *,
        sees: bool = True,
        help: Help | None = None,
    ) -> "TurnFinder":
        """For the turn that answers the last of these messages. `sees`: whether whoever answers is shown pictures,
        which are read for others; `help`: whose models help with the files of messages."""
        here = _OfConversation(attached, user, conversation_id, searchable(messages, sees=sees), help)
        asked = next((message for message in reversed(messages) if message.role == "user"), None)
        fresh = frozenset(part.file for part in searchable([asked], sees=sees)) if asked else frozenset[str]()
        return cls(known, here, fresh)

    def read(self) -> AsyncGenerator[FileReading]:
        """Have the files of the conversation read, and tell how far they are while that takes long."""
        return self.here.read()

    async def find(self, query: str, limit: int, *, among: str = "") -> Findings:
        places = (self.here, self.known)
        listed = [await place.files() for place in places]
        meant = _meant([file for files in listed for file in files], among)
        founds = await asyncio.gather(
            *(
                place.search(query, limit, wanted)
                for place, files in zip(places, listed, strict=True)
                if query.strip() and (wanted := [file.told.file for file in files if _is_wanted(file, meant)])
            )
        )
        hits = [hit for found in founds for hit in found.hits if hit.score >= LEAST_SCORE]
        return Findings(
            Found(
                tuple(sorted(hits, key=lambda hit: -hit.score)[:limit]),
                "hybrid" if any(found.engine == "hybrid" for found in founds) else "lexical",
                any(found.reranked for found in founds),
                next((found.problem for found in founds if found.problem), None),
            ),
            tuple(file.told for files in listed for file in files),
            frozenset(file.told.file for file in listed[0]),
        )

    async def found_for(self, query: str, budget_chars: int) -> KnowledgeUsed | None:
        """What the model is shown for a question, and the person told; None where there is nothing to search.

        First the files that came with it, the passages that fit best at their beginning; then the best of all others,
        or all of them where they have room.
        """
        if not query and not self.fresh:
            return None
        findings = await self.find(query, MOST_HITS)
        if not findings.files:
            return None
        searched = [file.file for file in findings.files if file.state == "searched"]
        fresh = [hit for hit in findings.found.hits if hit.file in self.fresh]
        fresh += await self._more([file for file in searched if file in self.fresh], fresh)
        others = [hit for hit in findings.found.hits if hit.file not in self.fresh]
        rest = await self._rest(findings, [file for file in searched if file not in self.fresh], others, budget_chars)
        first = numbered(findings.told(fresh), MOST_ATTACHED_CHARS)
        last = sum(hit.number is not None for hit in first)
        hits = numbered(findings.told((*others, *(rest or ()))), budget_chars, first=last + 1)
        is_whole = rest is not None and len(fresh) < MOST_WHOLE and _size(fresh) <= MOST_ATTACHED_CHARS
        return KnowledgeUsed(
            files=findings.files,
            query=query,
            hits=(*first, *hits),
            engine="whole" if is_whole else findings.found.engine,
            problem=findings.found.problem,
        )

    async def _more(self, files: Sequence[str], known: Sequence[Hit]) -> list[Hit]:
        """The passages of files that came with the question, in order, besides those that are known."""
        there = {(hit.file, hit.passage.number) for hit in known}
        return [
            Hit(file, passage, 0.0)
            for file in files
            for passage in await self.here.passages(file, MOST_WHOLE)
            if (file, passage.number) not in there
        ]

    async def _rest(
        self, findings: Findings, files: Sequence[str], known: Sequence[Hit], budget_chars: int
    ) -> list[Hit] | None:
        """All other passages of these files, where there is room for all of them; else None."""
        if len(files) > MOST_WHOLE:
            return None
        there = {(hit.file, hit.passage.number) for hit in known}
        rest: list[Hit] = []
        for file in files:
            place = self.here if file in findings.attached else self.known
            passages = await place.passages(file, MOST_WHOLE + 1)
            rest += [Hit(file, passage, 0.0) for passage in passages if (file, passage.number) not in there]
            if len(known) + len(rest) > MOST_WHOLE:
                return None
        return rest if _size((*known, *rest)) <= budget_chars else None


def _size(hits: Sequence[Hit]) -> int:
    return sum(len(hit.passage.text) for hit in hits)


def _is_wanted(file: Searched, meant: Collection[str] | None) -> bool:
    return file.told.state == "searched" and (meant is None or file.told.file in meant)


def _meant(files: Sequence[Searched], among: str) -> frozenset[str] | None:
    """The ids of the files that a model means by a tag, a name, or a part of one; None for all. Raises `ToolError`."""
    wanted = among.strip().casefold()
    if not wanted:
        return None
    for kind in (_is_tagged, _is_named, _is_called_like):
        if meant := frozenset(file.told.file for file in files if kind(file, wanted)):
            return meant
    names = ", ".join(file.told.name for file in files[:_LISTED])
    raise ToolError(f"No file or tag is named {among!r}. The files are: {names}. Search with one of these, or all.")


def _is_tagged(file: Searched, wanted: str) -> bool:
    return any(tag.casefold() == wanted for tag in file.tags)


def _is_named(file: Searched, wanted: str) -> bool:
    return file.told.name.casefold() == wanted


def _is_called_like(file: Searched, wanted: str) -> bool:
    return wanted in file.told.name.casefold()
