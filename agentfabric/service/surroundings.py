"""What a turn is lent: tools' secrets and addresses, the HTTP client, knowledge that was read."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from agentfabric.store.files import FileStore, StoredFile
from agentfabric.store.records import FilePurpose
from user_agent.config import Language
from user_agent.errors import TooLarge
from user_agent.knowledge.decoding import decode_text
from user_agent.knowledge.whole import KnowledgeText, bytes_for, is_readable
from user_agent.memory.window import MAX_ATTACHED_TEXT_CHARS
from user_agent.messages import FilePart, Message, TextPart
from user_agent.models.base import FileContent
from user_agent.net import Http
from user_agent.openapi.tokens import Tokens
from user_agent.pages.rendering import Renderer
from user_agent.sandbox.bench import Bench
from user_agent.sandbox.workshop import Workshop
from user_agent.tools.context import ConversationFiles, Keep, Storage, ToolContext
from user_agent.tools.selection import ToolIndexes
from user_agent.words import Words

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

    def bench(self, conversation_id: str) -> Bench:
        """Where the code of a conversation is run."""
        return self._workshop.bench(conversation_id)

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

    async def knowledge(
        self, user: str, agent_id: str, wanted: Sequence[str], budget_chars: int
    ) -> list[KnowledgeText]:
        """The agent's knowledge files in the configuration's order, read where they can be.

        What lies beyond `budget_chars` in all is read just far enough to see that there is more.
        """
        if not wanted:
            return []
        stored = {file.id: file for file in await self._files.list(user, agent_id, "knowledge")}
        texts: list[KnowledgeText] = []
        for file in (stored[file_id] for file_id in wanted if file_id in stored):
            text = None
            if file.blob is not None and is_readable(file.name):
                text = await self._text(user, file.id, budget_chars)
                budget_chars = max(0, budget_chars - len(text))
            texts.append(KnowledgeText(file.id, file.name, text))
        return texts

    async def _text(self, user: str, file_id: str, chars: int) -> str:
        """The file's text, or a beginning that is longer than `chars`."""
        data = await self._files.read(user, file_id, bytes_for(chars))
        return await asyncio.to_thread(decode_text, data)

    async def attachments(
        self, user: str, messages: Sequence[Message], *, pictures: bool
    ) -> tuple[tuple[Message, ...], dict[str, FileContent]]:
        """The messages with attached text written into them, and the contents of the pictures if they are wanted."""
        contents: dict[str, FileContent] = {}
        written: list[Message] = []
        for message in messages:
            texts: list[TextPart] = []
            for part in message.parts:
                if not isinstance(part, FilePart):
                    continue
                if part.media_type.startswith("image/"):
                    if pictures:
                        data = await self._files.read(user, part.file)
                        contents[part.file] = FileContent(part.name, part.media_type, data)
                elif is_readable(part.name):
                    text = (await self._text(user, part.file, MAX_ATTACHED_TEXT_CHARS))[:MAX_ATTACHED_TEXT_CHARS]
                    texts.append(TextPart(text=f'\n\n<file name="{part.name}">\n{text}\n</file>'))
            written.append(message.model_copy(update={"parts": (*message.parts, *texts)}) if texts else message)
        return tuple(written), contents


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
