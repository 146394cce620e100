"""What a person may say: words, and files with them."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress

from agentfabric.service.uploads import kept
from agentfabric.store.files import FileStore
from agentfabric.store.repeats import Repeated
from builder_core.pasted import described_in
from builder_core.services import Kind
from user_agent.errors import FabricError, NothingToConnect
from user_agent.knowledge.decoding import decode_text
from user_agent.messages import FilePart, Message
from user_agent.openapi.loading import MAX_BYTES
from user_agent.serve.uploads import Upload, require_attachable


async def require_descriptions(uploads: Sequence[Upload]) -> None:
    """Raises `NothingToConnect` for a file that describes no service, and `TooLarge`: a builder reads nothing else."""
    for upload in uploads:
        upload.require_at_most(MAX_BYTES)
        if await asyncio.to_thread(_kind_of, upload.data) is None:
            raise NothingToConnect(
                f"{upload.name!r} describes no service. The builder takes an API's description (OpenAPI, Swagger) and "
                "the JSON of MCP servers; what the agent should know goes into the Knowledge tab.",
                name=upload.name,
            )


def _kind_of(data: bytes) -> Kind | None:
    return described_in(decode_text(data))


async def attached(
    files: FileStore, uploads: Sequence[Upload], *, user: str, agent_id: str, conversation_id: str
) -> list[FilePart]:
    """The files in the store, as parts of a message. Raises `TooLarge`, and keeps none, where they are too many or one
    is too large."""
    require_attachable(uploads)
    stored = [await kept(upload, files, user, "attachment", agent_id, conversation_id) for upload in uploads]
    return [
        FilePart(file=file.id, name=file.name, media_type=file.media_type, size_bytes=file.size_bytes)
        for file in stored
    ]


@asynccontextmanager
async def dropped_unless_begun(files: FileStore, user: str, parts: Sequence[FilePart]) -> AsyncGenerator[None]:
    """Deletes the files of a message again where no turn begins with it."""
    try:
        yield
    except (FabricError, Repeated):
        for part in parts:
            await files.delete(user, part.file)
        raise


async def texts_of(files: FileStore, user: str, messages: Sequence[Message]) -> dict[str, str]:
    """The texts of the files that came with a person's messages, by id; none of those that are gone."""
    found: dict[str, str] = {}
    for part in (part for message in messages for part in message.parts if isinstance(part, FilePart)):
        with suppress(FabricError):
            found[part.file] = await asyncio.to_thread(decode_text, await files.read(user, part.file))
    return found
