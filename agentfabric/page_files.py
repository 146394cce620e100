"""The files of the page, where a browser finds them."""

from functools import cache
from pathlib import Path

from starlette.routing import Mount

from user_agent.serve.static_files import FreshFiles, VersionedFiles, version_of

STATIC = Path(__file__).parents[1] / "static"
# One by one, because Gradio has files of its own under /static.
_FOLDERS = ("chat", "studio", "vendor")
_VERSIONED = "/static/v-{version}"


def page_files() -> list[Mount]:
    """The files at plain addresses, where a browser asks about them each time, and at those that carry a version."""
    files = [Mount(f"/static/{folder}", FreshFiles(directory=STATIC / folder)) for folder in _FOLDERS]
    versioned = [
        Mount(f"{_VERSIONED}/{folder}", VersionedFiles(directory=STATIC / folder, version=_version()))
        for folder in _FOLDERS
    ]
    return [*files, *versioned]


def versioned(head: str) -> str:
    """Part of a page that names its files by the version they have now. What modules import from each other follows,
    because they say where it is from where they are."""
    return head.replace("/static/", f"{_VERSIONED.format(version=_version())}/")


@cache
def _version() -> str:
    return version_of(*(STATIC / folder for folder in _FOLDERS))
