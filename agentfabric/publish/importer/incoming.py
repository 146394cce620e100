"""What a reader makes of a file from outside: a configuration, files, and a report of what became of everything."""

from dataclasses import dataclass
from typing import Literal

from user_agent.config import Document
from user_agent.words import Words

Origin = Literal["config", "archive", "bundle", "dify", "openwebui", "gpt", "librechat", "lobechat"]
Kind = Literal["kept", "changed", "lost"]


class Unreadable(Exception):
    """A file that cannot be imported. `words` say why, as the end of a sentence."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.words = Words(zh, en)


@dataclass(frozen=True, slots=True)
class Note:
    """What became of one thing. `field` is the configuration's field that it is about; empty where there is none."""

    kind: Kind
    field: str
    words: Words
    places: tuple[str, ...] = ()
    """What `words` speak of, where that are fields of the file, by where they stand in it."""

    @property
    def told(self) -> Words:
        """The whole of it in one sentence."""
        if not self.places:
            return self.words
        return Words(f"{self.words.zh}：{'、'.join(self.places)}", f"{self.words.en}: {', '.join(self.places)}")


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file that came along, or of which only the name came: `data` is None then."""

    purpose: Literal["knowledge", "avatar"]
    name: str
    data: bytes | None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed a bundle, by the fingerprint of their key. It says that nobody changed it since, not whom to trust."""

    fingerprint: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file from outside, read whole. Nothing in it was run, and no path or address in it was followed."""

    origin: Origin
    document: Document
    """The configuration as far as it maps. What a file of another product does not say is not in it."""
    files: tuple[IncomingFile, ...] = ()
    descriptions: tuple[str, ...] = ()
    """Descriptions of APIs that came along, as texts: OpenAPI, or a plugin file of the predecessor."""
    notes: tuple[Note, ...] = ()
    signature: Signature | None = None
    choices: tuple[str, ...] = ()
    """The names of all agents in the file where there are several, of which this is one."""

    @property
    def whole(self) -> bool:
        """Whether it is a configuration of this product, which replaces another one whole."""
        return self.origin in ("config", "archive", "bundle")
