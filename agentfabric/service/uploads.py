"""A file that a person sent."""

from dataclasses import dataclass

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
