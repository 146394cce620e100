"""What every place is that a bundle can be sent to. Where sending fails half way, what was there before stays."""

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from pydantic import SecretStr

from user_agent.words import Words

FieldKind = Literal["text", "url", "secret", "choice", "keys"]
"""`keys` are values of the agent's own keys, by their names, for the place that it goes to."""
MANIFEST = "manifest.json"
"""What every bundle has, and tells it from others."""
GRACE_S, SLOWEST_BYTES_PER_S = 300.0, 100_000.0
Progress = Callable[[Words], None]
"""Is told each step as it begins."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few answers: what is stored and sent, and how a person reads it."""

    value: str
    label: Words


@dataclass(frozen=True, slots=True)
class Field:
    """What a person has to say for a target: the page draws it, and the API names it."""

    name: str
    label: Words
    kind: FieldKind = "text"
    hint: Words | None = None
    default: str = ""
    required: bool = True
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Sending:
    """What is sent. `place` is the same for every release of an agent."""

    place: str
    title: str
    note: str
    data: bytes
    """The bundle, as a zip."""
    options: Mapping[str, str]
    """What the person chose, by the field's name; of the target's fields each one is there but for the secrets."""
    secrets: Mapping[str, SecretStr] = field(default_factory=dict[str, SecretStr])
    """By the field's name: what was given now, else what was kept."""
    envs: tuple[str, ...] = ()
    """The names of the keys that the agent needs where it goes."""
    keys: Mapping[str, SecretStr] = field(default_factory=dict[str, SecretStr])
    """Values for such keys, as they were given for this once: they are kept nowhere here."""

    def files(self) -> Iterator[tuple[str, bytes]]:
        """What is in the bundle, by path. Blocking. Raises `zipfile.BadZipFile`."""
        with zipfile.ZipFile(io.BytesIO(self.data)) as archive:
            for member in archive.infolist():
                if not member.is_dir():
                    yield member.filename, archive.read(member)


@dataclass(frozen=True, slots=True)
class Where:
    """Where it is by now."""

    address: str
    """A path or a web address, without any secret."""
    changed: bool = True
    """False where just this was there already."""
    link: str | None = None
    """Something to open: no secret is in it but the signature of one that was asked for."""
    expires: datetime | None = None
    """When the link ends."""


class Target(Protocol):
    """A place that bundles are sent to."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> Words: ...

    @property
    def hint(self) -> Words: ...

    @property
    def fields(self) -> tuple[Field, ...]: ...

    def origin(self, options: Mapping[str, str]) -> str:
        """Where its secrets are sent, and nowhere else: an origin. Raises `PublishFailed` where the options name none.
        Only asked of a target that has secrets."""
        ...

    async def publish(self, sending: Sending, progress: Progress) -> Where:
        """Send it. Raises `PublishFailed`; then what was there before is there still.

        So it is where the publication is stopped, which cancels this, unless it comes to its end all the same:
        `stopping.py` has what for. Either way nothing of it is left on this machine.
        """
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


def patience_s(data: bytes) -> float:
    """How long that much may be on its way, over the slowest of lines that one publishes by."""
    return GRACE_S + len(data) / SLOWEST_BYTES_PER_S


def in_one_line(said: str) -> str:
    """What a place says of itself, for a sentence of ours: not too long, and without its full stop."""
    return " ".join(said.split())[:300].rstrip(".。 ")
