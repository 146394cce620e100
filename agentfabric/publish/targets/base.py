"""What every place is that a bundle can be sent to. Where sending fails half way, what was there before stays."""

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from pydantic import SecretStr

from user_agent.words import Words

TargetName = Literal["folder", "git"]
Progress = Callable[[Words], None]
"""Is told each step as it begins."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What is sent. `place` is the same for every release of an agent."""

    place: str
    title: str
    note: str
    data: bytes
    """The bundle, as a zip."""
    options: Mapping[str, str]
    """What the person chose for this target."""
    secret: SecretStr | None = None


@dataclass(frozen=True, slots=True)
class Where:
    """Where it is by now."""

    address: str
    """A path or a web address, without any secret."""
    changed: bool = True
    """Whether something else was there before."""


class Target(Protocol):
    """A place that bundles are sent to."""

    @property
    def name(self) -> TargetName: ...

    @property
    def options(self) -> tuple[str, ...]:
        """The names of what a person has to say for it."""
        ...

    async def publish(self, sending: Sending, progress: Progress) -> Where:
        """Send it. Raises `PublishFailed`; then what was there before is there still."""
        ...


def unpack(data: bytes, folder: Path) -> None:
    """The bundle's files in a folder. Blocking. Raises `OSError`, and `zipfile.BadZipFile`."""
    root = folder.resolve()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            path = (root / member.filename).resolve()
            if not path.is_relative_to(root):
                raise zipfile.BadZipFile(f"{member.filename!r} leads out of the bundle")
            if not member.is_dir():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(archive.read(member))
