"""A file that a person sent."""

from dataclasses import dataclass

from agentfabric.store.files import FileStore, StoredFile
from agentfabric.store.records import FilePurpose
from user_agent.errors import TooLarge


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

    async def kept(
        self, files: FileStore, user: str, purpose: FilePurpose, agent_id: str, conversation_id: str | None = None
    ) -> StoredFile:
        """The file in the store, as one of this agent's or of this conversation's."""
        return await files.add(
            user,
            purpose=purpose,
            name=self.name,
            media_type=self.media_type,
            data=self.data,
            agent_id=agent_id,
            conversation_id=conversation_id,
        )
