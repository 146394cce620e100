"""What a person may say: words, and files with them."""

from collections.abc import Sequence

from agentfabric.service.uploads import Upload
from agentfabric.store.files import FileStore
from user_agent.config import cleaned
from user_agent.errors import EmptyMessage, TooLarge
from user_agent.messages import FilePart

MAX_MESSAGE_CHARS = 100_000
MAX_ATTACHMENT_BYTES = 20_000_000
MAX_ATTACHMENTS = 10


def sayable(text: str, *, files: bool) -> str:
    """The text as it is kept. Raises `EmptyMessage` where there is none, and no `files` with it, and `TooLarge`."""
    said = cleaned(text)
    if not said.strip() and not files:
        raise EmptyMessage("There is nothing to answer. Write a message.")
    if len(said) > MAX_MESSAGE_CHARS:
        raise TooLarge(
            f"The message is longer than {MAX_MESSAGE_CHARS:,} characters. Send it in parts, or as a file.",
            limit=f"{MAX_MESSAGE_CHARS:,}",
        )
    return said


async def attached(
    files: FileStore, uploads: Sequence[Upload], *, user: str, agent_id: str, conversation_id: str
) -> list[FilePart]:
    """The files in the store, as parts of a message. Raises `TooLarge`, and keeps none, where they are too many or one
    is too large."""
    if len(uploads) > MAX_ATTACHMENTS:
        raise TooLarge(
            f"A message takes {MAX_ATTACHMENTS} files. Send the rest with the next one.", limit=MAX_ATTACHMENTS
        )
    for upload in uploads:
        upload.require_at_most(MAX_ATTACHMENT_BYTES)
    stored = [await upload.kept(files, user, "attachment", agent_id, conversation_id) for upload in uploads]
    return [
        FilePart(file=file.id, name=file.name, media_type=file.media_type, size_bytes=file.size_bytes)
        for file in stored
    ]
