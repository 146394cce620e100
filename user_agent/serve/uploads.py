"""A file that a person sent, and what is taken of them with a message."""

from collections.abc import Sequence
from dataclasses import dataclass

from user_agent.errors import EmptyMessage, TooLarge, TooManyFiles
from user_agent.storable import cleaned

MAX_MESSAGE_CHARS = 100_000
MAX_ATTACHMENT_BYTES = 20_000_000
MAX_ATTACHMENTS = 10


@dataclass(frozen=True, slots=True)
class Upload:
    """Bytes, and what the sender says of them. `name` is what their machine called it, and nothing more."""

    name: str
    media_type: str
    data: bytes

    def require_at_most(self, size_bytes: int) -> None:
        """Raises `TooLarge` naming file and limit."""
        if len(self.data) > size_bytes:
            limit = f"{size_bytes // 1_000_000} MB"
            raise TooLarge(f"{self.name!r} is larger than {limit}. Split it.", name=self.name, limit=limit)


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


def require_attachable(uploads: Sequence[Upload]) -> None:
    """Raises `TooManyFiles` where they are too many for one message, and `TooLarge` where one is."""
    if len(uploads) > MAX_ATTACHMENTS:
        raise TooManyFiles(
            f"A message takes {MAX_ATTACHMENTS} files. Send the rest with the next one, or all of them in one zip.",
            limit=MAX_ATTACHMENTS,
        )
    for upload in uploads:
        upload.require_at_most(MAX_ATTACHMENT_BYTES)
