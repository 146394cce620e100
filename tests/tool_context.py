"""The surroundings of a tool's call in tests: files that are kept and found again, and a vendor of our own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from user_agent.errors import NotFound
from user_agent.events import ToolFinished
from user_agent.messages import FilePart, ToolCallPart
from user_agent.net import Http
from user_agent.tools.base import ToolContext
from user_agent.tools.calling import call_tool
from user_agent.tools.registry import find_tool
from user_agent.vendors.pace import Pace
from user_agent.words import Language

QUICK = Pace(first_s=0.01, longest_s=0.02, deadline_s=5.0)
KEY = "sk-canary-1234567890"


@dataclass
class Conversation:
    """The files of one conversation, in memory."""

    files: dict[str, tuple[FilePart, bytes]] = field(default_factory=dict[str, tuple[FilePart, bytes]])

    def add(self, data: bytes, name: str, media_type: str) -> FilePart:
        part = FilePart(file=f"f{len(self.files) + 1}", name=name, media_type=media_type, size_bytes=len(data))
        self.files[part.file] = (part, data)
        return part

    async def keep(self, data: bytes, *, name: str, media_type: str) -> FilePart:
        return self.add(data, name, media_type)

    async def list(self) -> Sequence[FilePart]:
        return [part for part, _ in self.files.values()]

    async def read(self, file: str) -> bytes:
        if file not in self.files:
            raise NotFound("There is no such file.")
        return self.files[file][1]

    @property
    def last(self) -> tuple[FilePart, bytes]:
        return list(self.files.values())[-1]


async def called(
    name: str,
    arguments: Mapping[str, object],
    *,
    base_urls: Mapping[str, str],
    conversation: Conversation | None = None,
    language: Language = "en",
    secrets: Mapping[str, str] | None = None,
    pace: Pace = QUICK,
    **options: str,
) -> ToolFinished:
    """One call as the loop makes it, with the vendor at `base_urls`, which alone is trusted."""
    tool, kept = find_tool(name), conversation or Conversation()
    assert tool is not None
    async with Http(trusted_origins=list(base_urls.values()), total_timeout_s=5.0) as http:
        context = ToolContext(
            http=http,
            language=language,
            secrets={need.name: KEY for need in tool.secrets} if secrets is None else secrets,
            base_urls=base_urls,
            options={name: options},
            keep=kept.keep,
            files=kept,
            pace=pace,
        )
        call = ToolCallPart.model_validate({"id": "c1", "name": name, "arguments": arguments})
        finished = await call_tool(call, {name: tool}, context, timeout_s=30)
    assert KEY not in finished.model_dump_json()
    return finished
