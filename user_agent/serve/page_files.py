"""The files of a page, where a browser finds them."""

import re
from functools import cache, cached_property
from pathlib import Path

from starlette.routing import Mount

from user_agent.serve.static_files import FreshFiles, VersionedFiles, version_of


class PageFiles:
    """The folders of `static` that pages load from, below `static/` of wherever they are mounted."""

    def __init__(self, static: Path, *folders: str) -> None:
        self._static = static
        self._folders = folders

    @property
    def routes(self) -> list[Mount]:
        """The files at plain addresses, where a browser asks about them each time, and at those with a version."""
        plain = [Mount(f"/static/{each}", FreshFiles(directory=self._static / each)) for each in self._folders]
        versioned = [
            Mount(f"/static/v-{{version}}/{each}", VersionedFiles(directory=self._static / each, version=self._version))
            for each in self._folders
        ]
        return [*plain, *versioned]

    def versioned(self, html: str) -> str:
        """The page, naming its files by the version that they have now. What modules import from each other follows,
        because they say where it is from where they are."""
        return re.sub(rf"\bstatic/(?=(?:{'|'.join(self._folders)})/)", f"static/v-{self._version}/", html)

    def page(self, name: str) -> str:
        """The page of that file of `chat`, versioned."""
        return self.versioned((self._static / "chat" / name).read_text(encoding="utf-8"))

    @cached_property
    def _version(self) -> str:
        return version_of(*(self._static / folder for folder in self._folders))


@cache
def chat_files(static: Path) -> PageFiles:
    """Those of the chat's own pages."""
    return PageFiles(static, "chat", "vendor")
