"""The `git` program as a publication finds it, and what is told where that, or the way to the repository, fails."""

from pathlib import Path
from shutil import which

import pytest

from agentfabric.publish.targets import base
from tests.conftest import Serve
from tests.fakes.git_server import TOKEN, GitServer
from tests.test_publications import git, sent

__all__ = ["git"]


def a_git(folder: Path, version: str = "") -> Path:
    """A program `git` in a folder that no system has, which writes down what it is asked; the file of that."""
    folder.mkdir()
    told, real = folder / "told", which("git")
    says = f'case "$*" in *" version") echo "git version {version}"; exit 0;; esac\n' if version else ""
    program = folder / "git"
    program.write_text(f'#!/bin/sh\necho "$*" >> "{told}"\n{says}exec {real} "$@"\n')
    program.chmod(0o755)
    told.write_text("")
    return told


async def test_the_git_that_is_found_is_the_git_that_runs(
    serve: Serve, git: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = a_git(tmp_path / "own")
    monkeypatch.setenv("PATH", str(tmp_path / "own"), prepend=":")
    url = await git.repository("max.git")
    async with serve(AGENTFABRIC_TRUSTED_ORIGINS=git.base_url) as client:
        agent = (await client.post("/api/agents", json={"config": {"name": "Max"}}))["id"]
        assert (await sent(client, agent, "git", {"url": url}, token=TOKEN))["publish_done"]["changed"]
    assert [line for line in told.read_text().splitlines() if " push " in line]


@pytest.mark.parametrize("version", ["2.36.6", "1.8.3.1", "two"])
async def test_a_git_that_would_not_keep_to_the_checked_address_asks_nobody(
    serve: Serve, git: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    url = await git.repository("max.git")
    told = a_git(tmp_path / "own", version)
    monkeypatch.setenv("PATH", str(tmp_path / "own"), prepend=":")
    async with serve(AGENTFABRIC_TRUSTED_ORIGINS=git.base_url) as client:
        agent = (await client.post("/api/agents", json={"config": {"name": "Max"}}))["id"]
        answer = await sent(client, agent, "git", {"url": url}, token=TOKEN)
    assert "update git" in answer["publish_refused"]["text"]["en"]
    assert (git.asked, len(told.read_text().splitlines())) == ([], 1)


async def test_no_token_goes_to_an_address_that_is_not_encrypted(serve: Serve) -> None:
    async with serve(AGENTFABRIC_TRUSTED_ORIGINS="http://git.own.invalid:3000") as client:
        agent = (await client.post("/api/agents", json={"config": {"name": "Max"}}))["id"]

        async def refused(url: str) -> str:
            answer = await sent(client, agent, "git", {"url": url}, token=TOKEN)
            return answer["publish_refused"]["text"]["en"]

        for url in (
            "http://git.example.invalid/a.git",
            "HTTP://git.own.invalid/a.git",
            "http://127.0.0.1.nip.invalid/a",
        ):
            assert "is not encrypted" in await refused(url), url
        assert (await client.get("/api/secrets"))["names"] == [], "it is not even kept"
        for url in ("http://127.0.0.1:1/a.git", "http://[::1]:1/a.git"):
            assert "cannot be reached" in await refused(url), url


@pytest.mark.parametrize(
    ("status", "words"), [(502, "out of order (502)"), (429, "out of order (429)"), (404, "no such repository")]
)
async def test_a_repository_that_answers_with_a_failure_is_told_apart_from_a_wrong_token(
    serve: Serve, git: GitServer, status: int, words: str
) -> None:
    await git.repository("certificate-ssl.git")
    git.status = status
    async with serve(AGENTFABRIC_TRUSTED_ORIGINS=git.base_url) as client:
        agent = (await client.post("/api/agents", json={"config": {"name": "Max"}}))["id"]
        answer = await sent(client, agent, "git", {"url": f"{git.base_url}/certificate-ssl.git"}, token=TOKEN)
    assert words in answer["publish_refused"]["text"]["en"]


async def test_a_connection_that_breaks_while_it_is_pushed_leaves_the_last_version_and_says_so(
    serve: Serve, git: GitServer
) -> None:
    url = await git.repository("max.git")
    async with serve(AGENTFABRIC_TRUSTED_ORIGINS=git.base_url) as client:
        agent = (await client.post("/api/agents", json={"config": {"name": "Max"}}))["id"]
        git.breaks = True
        answer = await sent(client, agent, "git", {"url": url}, token=TOKEN)
        assert "connection" in answer["publish_refused"]["text"]["en"]
        git.breaks = False
        assert (await sent(client, agent, "git", {"url": url}))["publish_done"]["changed"]


async def test_much_may_take_longer_to_be_pushed(serve: Serve, git: GitServer, monkeypatch: pytest.MonkeyPatch) -> None:
    url = await git.repository("max.git")
    monkeypatch.setattr(base, "GRACE_S", 0.0)
    async with serve(AGENTFABRIC_TRUSTED_ORIGINS=git.base_url) as client:
        agent = (await client.post("/api/agents", json={"config": {"name": "Max"}}))["id"]
        monkeypatch.setattr(base, "SLOWEST_BYTES_PER_S", 1e12)
        answer = await sent(client, agent, "git", {"url": url}, token=TOKEN)
        assert "took too long" in answer["publish_refused"]["text"]["en"]
        monkeypatch.setattr(base, "SLOWEST_BYTES_PER_S", 1_000.0)
        assert (await sent(client, agent, "git", {"url": url}))["publish_done"]["changed"]
