"""What a turn is lent: tools' secrets and addresses, the HTTP client, the files of messages."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from agentfabric.store.files import FileStore, StoredFile
from agentfabric.store.records import FilePurpose
from user_agent.errors import TooLarge
from user_agent.messages import FilePart, Message
from user_agent.models.base import FileContent
from user_agent.net import Http
from user_agent.openapi.tokens import Tokens
from user_agent.pages.rendering import Renderer
from user_agent.sandbox.bench import Bench
from user_agent.sandbox.workshop import Workshop
from user_agent.tools.context import ConversationFiles, Keep, Storage, ToolContext
from user_agent.tools.selection import ToolIndexes
from user_agent.words import Language, Words

CODE_INTERPRETER = "code_interpreter"

MAX_ARTEFACT_BYTES = 100_000_000
"""How large a file that a tool makes may be."""


class Lender:
    """Collects what the runtime must be handed, because it reads no environment and knows no users."""

    def __init__(
        self,
        base_urls: Mapping[str, str],
        options: Mapping[str, Mapping[str, str]],
        files: FileStore,
        http: Http,
        workshop: Workshop,
        renderer: Renderer | None = None,
    ) -> None:
        self._base_urls = base_urls
        self._options = options
        self._files = files
        self._renderer = renderer
        self.http = http
        self._workshop = workshop
        self.tool_indexes = ToolIndexes()
        self._tokens: dict[str, Tokens] = {}

    def context(
        self,
        secrets: Mapping[str, str],
        language: Language,
        keep: Keep,
        files: ConversationFiles | None = None,
        storage: Storage | None = None,
        unavailable: Mapping[str, Words] | None = None,
        bench: Bench | None = None,
    ) -> ToolContext:
        context = ToolContext(
            http=self.http,
            language=language,
            secrets=secrets,
            base_urls=self._base_urls,
            options=self._options,
            keep=keep,
            storage=storage,
            renderer=self._renderer,
            unavailable=unavailable or {},
            bench=bench,
            now=lambda: datetime.now().astimezone(),
        )
        return replace(context, files=files) if files else context

    async def unavailable(self, tools: Collection[str]) -> dict[str, Words]:
        """Those of the tools that cannot work on this server, and why."""
        why = await self._workshop.problem() if CODE_INTERPRETER in tools else None
        return {CODE_INTERPRETER: why} if why else {}

    def bench(self, tools: Collection[str], conversation_id: str, holder: str | None) -> Bench | None:
        """Where the code of a conversation is run; for a `holder`, of all their conversations, in one at a time. None
        where none of the tools runs any: a bench is looked after as long as its conversation is kept."""
        return self._workshop.bench(conversation_id, holder) if CODE_INTERPRETER in tools else None

    def tokens_of(self, user: str) -> Tokens:
        """The access tokens that this person's keys were changed for: nobody else's calls get them."""
        return self._tokens.setdefault(user, Tokens())

    def files_of(self, user: str, conversation_id: str) -> ConversationFiles:
        """The files of a conversation, for tools that are asked about one."""
        return _FilesOf(self._files, user, conversation_id)

    def keep(self, user: str, purpose: FilePurpose, agent_id: str, conversation_id: str | None = None) -> Keep:
        """Keeps what a tool makes as one of this agent's files, or of this conversation's."""

        async def kept(data: bytes, *, name: str, media_type: str) -> FilePart:
            if len(data) > MAX_ARTEFACT_BYTES:
                limit = f"{MAX_ARTEFACT_BYTES // 1_000_000} MB"
                raise TooLarge(f"{name[:100]!r} is larger than {limit}. Make less of it.", limit=limit)
            file = await self._files.add(
                user,
                purpose=purpose,
                name=name,
                media_type=media_type,
                data=data,
                agent_id=agent_id,
                conversation_id=conversation_id,
            )
            return _part(file)

        return kept

    async def pictures(self, user: str, messages: Sequence[Message]) -> dict[str, FileContent]:
        """The contents of the pictures that came with messages, by id."""
        parts = [part for message in messages for part in message.parts if isinstance(part, FilePart)]
        return {
            part.file: FileContent(part.name, part.media_type, await self._files.read(user, part.file))
            for part in parts
            if part.media_type.startswith("image/")
        }


@dataclass(frozen=True, slots=True)
class _FilesOf:
    """One conversation's files, and nobody else's: what a model names is looked for among them only."""

    store: FileStore
    user: str
    conversation: str

    async def list(self) -> Sequence[FilePart]:
        return [_part(file) for file in await self.store.of_conversation(self.user, self.conversation) if file.blob]

    async def read(self, file: str) -> bytes:
        return await self.store.read(self.user, file)


def _part(file: StoredFile) -> FilePart:
    return FilePart(file=file.id, name=file.name, media_type=file.media_type, size_bytes=file.size_bytes)
