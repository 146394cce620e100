"""The docs lead where they say, and leave no route of the API out."""

import re
from pathlib import Path

import pytest

from tests.conftest import Serve
from tests.terminal import ROOT

PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*.md")]
FENCED, CODE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE), re.compile(r"`[^`\n]*`")
LINK = re.compile(r'\]\(([^)\s]+)\)|src="([^"]+)"')
PARAMETER = re.compile(r"\{[^}]*\}")


def anchors(page: Path) -> set[str]:
    """What the headings of a page are called in an address."""
    headings = re.findall(r"^#+ (.*)$", FENCED.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_within_the_repository_leads_somewhere(page: Path) -> None:
    text = CODE.sub("", FENCED.sub("", page.read_text("utf-8")))
    for link in (target or picture for target, picture in LINK.findall(text)):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


async def test_every_route_of_the_api_is_named_in_the_docs(serve: Serve) -> None:
    async with serve() as client:
        paths = {PARAMETER.sub("{}", path) for path in (await client.get("/openapi.json"))["paths"]}
    told = " ".join(page.read_text("utf-8") for page in ROOT.glob("docs/*.md"))
    named = {PARAMETER.sub("{}", path).removesuffix("/{}") for path in re.findall(r"(?<!\w)/[\w/{}-]+", told)}
    # A table names the beginning once, and then `…/{file}/tags`, `/duplicate`, or what one of them is called.
    named = {name for name in named if re.search("[a-z]", name)}
    assert {path for path in paths if not any(path.removesuffix("/{}").endswith(name) for name in named)} == set()
