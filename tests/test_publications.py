"""Sending an agent elsewhere over HTTP: what arrives is the bundle, and where that fails what was there stays."""

import asyncio
import base64
import io
import json
import os
import tempfile
import threading
import zipfile
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from agentfabric.publish.targets.base import Sending, Where
from agentfabric.publish.targets.folder import FolderTarget
from agentfabric.publish.targets.git import GitTarget
from agentfabric.publish.targets.stopping import in_thread, to_the_end
from agentfabric.service.bundles import Bundle, Bundles
from tests.client import Client, ServerEvent, kinds
from tests.conftest import Serve
from tests.fakes.git_server import TOKEN, GitServer
from tests.knowing import knowing
from tests.test_api_history import patched
from tests.test_releases import published
from user_agent.addresses import AddressPolicy
from user_agent.errors import PublishFailed
from user_agent.words import Words


@pytest.fixture
async def git(tmp_path: Path) -> AsyncGenerator[GitServer, None]:
    folder = tmp_path / "repositories"
    folder.mkdir()
    async with GitServer(folder) as server:
        yield server


async def sent(
    client: Client, agent: str, target: str, options: dict[str, str] | None = None, **secrets: str
) -> dict[str, Any]:
    """What a publication told, by the types of its events; of the steps the English words."""
    body = {"target": target, "options": options or {}, "secrets": secrets}
    events = await client.collect("POST", f"/api/agents/{agent}/publications", json=body)
    told: dict[str, Any] = {event.type: event.data for event in events}
    told["steps"] = [event.data["text"]["en"] for event in events if event.type == "publish_step"]
    return told


async def test_a_folder_holds_what_is_live_and_is_swapped_as_a_whole(serve: Serve, tmp_path: Path) -> None:
    folder = tmp_path / "published"
    async with serve(AGENTFABRIC_PUBLISH_FOLDER=str(folder)) as client:
        assert "folder" in [target["name"] for target in await client.get("/api/targets")]
        agent = await knowing(client, {"socks.md": "Socks come back within 30 days."})
        await patched(client, agent, name="Max")
        await published(client, agent)
        await patched(client, agent, name="Zed")
        told = await sent(client, agent, "folder")
        place = folder / agent
        assert told["publish_done"] == {"address": str(place), "changed": True, "link": None, "expires": None}
        assert len(told["steps"]) == 3
        assert json.loads((place / "config/builder_config.json").read_text())["name"] == "Max"
        assert (place / "config/socks.md").exists()
        assert (place / "app.py").exists()
        await published(client, agent)
        assert (await sent(client, agent, "folder"))["publish_done"]["changed"]
        assert not (await sent(client, agent, "folder"))["publish_done"]["changed"], "just this is there"
        assert json.loads((place / "config/builder_config.json").read_text())["name"] == "Zed"
        assert [path.name for path in folder.iterdir()] == [agent]


async def test_a_folder_keeps_the_last_version_where_unpacking_fails(tmp_path: Path) -> None:
    target, steps = FolderTarget(tmp_path), list[Words]()
    good = Sending("a", "Max", "", _zip({"app.py": b"one"}), {})
    await target.publish(good, steps.append)
    for bad in (b"no zip", _zip({"app.py": b"two", "x" * 300: b""}), _zip({"app.py": b"two", "../out": b""})):
        with pytest.raises(PublishFailed, match="version before"):
            await target.publish(Sending("a", "Max", "", bad, {}), steps.append)
        assert (tmp_path / "a" / "app.py").read_bytes() == b"one"
        assert [path.name for path in tmp_path.iterdir()] == ["a"]


def _zip(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()


def stopping_at(words: str, steps: list[str]) -> Callable[[Words], None]:
    """Stops the publication that tells its steps here, at the step with these words."""
    work = asyncio.current_task()
    assert work

    def progress(step: Words) -> None:
        steps.append(step.en)
        if words in step.en:
            work.cancel()

    return progress


async def test_a_folder_that_is_stopped_holds_one_version_whole_and_nothing_beside_it(tmp_path: Path) -> None:
    target, steps = FolderTarget(tmp_path), list[str]()
    one, two = (Sending("a", "Max", "", _zip({"app.py": text}), {}) for text in (b"one", b"two"))
    await target.publish(one, lambda step: None)
    for words, kept in (("Unpacking", b"one"), ("in the place of", b"two")):
        work = asyncio.create_task(_stopped(target, two, words, steps))
        if kept == b"one":
            with pytest.raises(asyncio.CancelledError):
                await work
        else:
            assert (await work).changed, "what was begun there came to its end"
        assert (tmp_path / "a" / "app.py").read_bytes() == kept
        assert [path.name for path in tmp_path.iterdir()] == ["a"]


async def test_a_folder_is_put_right_after_a_kill_and_keeps_the_keys_of_whoever_runs_it(tmp_path: Path) -> None:
    target, place = FolderTarget(tmp_path), tmp_path / "a"
    one, two = (Sending("a", "Max", "", _zip({"app.py": text}), {}) for text in (b"one", b"two"))
    await target.publish(one, lambda step: None)
    (place / ".env").write_text("KEY=k")
    (place / "sandbox").mkdir()
    (place / "sandbox" / "environment.json").write_text("{}")
    place.rename(tmp_path / ".a.old-1")  # killed between the two renames of a swap
    for name in (".a.new-1", ".a.new-2", ".ab.new-1"):
        (tmp_path / name).mkdir()
    for name in (".a.new-1", ".ab.new-1"):
        os.utime(tmp_path / name, (0, 0))
    with pytest.raises(PublishFailed):
        await target.publish(Sending("a", "Max", "", b"no zip", {}), lambda step: None)
    assert (place / "app.py").read_bytes() == b"one", "the version before is there again"
    await target.publish(two, lambda step: None)
    assert ((place / "app.py").read_bytes(), (place / ".env").read_text()) == (b"two", "KEY=k")
    assert (place / "sandbox" / "environment.json").read_text() == "{}"
    others = {".a.new-2", ".ab.new-1"}
    assert {path.name for path in tmp_path.iterdir()} == {"a", *others}, "what others are at work on stays"


async def test_what_is_begun_comes_to_its_end_though_it_is_stopped_twice() -> None:
    begun, go, ends = threading.Event(), threading.Event(), list[str]()

    def work(name: str) -> str:
        begun.set()
        go.wait(5)
        ends.append(name)
        return name

    for name, kind in (
        ("thread", in_thread(lambda: work("thread"))),
        ("end", to_the_end(asyncio.to_thread(work, "end"))),
    ):
        begun.clear()
        go.clear()
        running = asyncio.create_task(kind)
        await asyncio.to_thread(begun.wait)
        for _ in range(2):
            running.cancel()
            await asyncio.wait([running], timeout=0.02)
        assert not running.done(), "nothing clears up beside what is at work"
        go.set()
        told = await asyncio.gather(running, return_exceptions=True)
        assert ends[-1] == name and (told == ["end"] or isinstance(told[0], asyncio.CancelledError))


async def _stopped(target: FolderTarget, sending: Sending, words: str, steps: list[str]) -> Where:
    return await target.publish(sending, stopping_at(words, steps))


async def test_a_publication_is_stopped_or_told_that_it_is_too_late_and_followed_over_a_second_connection(
    serve: Serve, git: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    url = await git.repository("max.git")
    async with serve(AGENTFABRIC_TRUSTED_ORIGINS=git.base_url) as client:
        agent = (await client.post("/api/agents", json={"config": {"name": "Max"}}))["id"]
        path = f"/api/agents/{agent}/publications"
        assert await client.get(path) == {"publication": None}
        await sent(client, agent, "git", {"url": url}, token=TOKEN)

        async def stopped_at(held: str) -> list[ServerEvent]:
            """What a second connection is told of a publication that is stopped where the repository holds it."""
            git.held, git.waits, git.go = held, asyncio.Event(), asyncio.Event()
            body = {"target": "git", "options": {"url": url}}
            first = asyncio.create_task(client.collect("POST", path, json=body))
            await git.waits.wait()
            last = (await client.get(path))["publication"]
            assert (last["target"], last["running"]) == ("git", True)
            place = f"{path}/{last['id']}"
            again = asyncio.create_task(client.collect("GET", f"{place}/events", headers={"Last-Event-ID": "1"}))
            stopping = asyncio.create_task(client.call("POST", f"{place}/stop"))
            if "receive-pack" in held:
                git.go.set()
            assert (await stopping).status == 204
            git.go.set()
            told = await again
            assert [event.type for event in (await first)[1:]] == [event.type for event in told]
            assert not (await client.get(path))["publication"]["running"]
            assert not [*temporary.glob("agentfabric-git-*")]
            return told

        await patched(client, agent, name="Zed")
        ended = await stopped_at("git-upload-pack")
        assert "publish_done" not in kinds(ended) and ended[-1].data["stop"] == "stopped"
        assert await _names(git) == ["Max"]
        ended = await stopped_at("git-receive-pack")
        assert kinds(ended)[-2:] == ["publish_done", "run_finished"] and ended[-1].data["stop"] == "answered"
        assert await _names(git) == ["Zed", "Max"]
        unknown = await client.call("POST", f"{path}/{'0' * 24}/stop")
        assert unknown.status == 404


async def _names(git: GitServer) -> list[str]:
    """What the agent was called in each commit, the newest first."""
    commits = (await git.git("-C", "max.git", "log", "--format=%H", "main")).split()
    shown = [await git.git("-C", "max.git", "show", f"{commit}:config/builder_config.json") for commit in commits]
    return [json.loads(config)["name"] for config in shown]


async def test_a_branch_gets_a_commit_for_each_release_and_the_token_is_seen_nowhere(
    serve: Serve, git: GitServer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = await git.repository("max.git")
    async with serve(AGENTFABRIC_TRUSTED_ORIGINS=git.base_url, AGENTFABRIC_LOG_LEVEL="debug") as client:
        agent = (await client.post("/api/agents", json={"config": {"name": "Max"}}))["id"]
        await published(client, agent, note="The first one")
        refused = await sent(client, agent, "git", {"url": url}, token="wrong-token")
        assert "does not take this token" in refused["publish_refused"]["text"]["en"]
        assert refused["run_failed"]["code"] == "publish_failed"
        asked = len(git.asked)
        for odd in (f"令牌：{TOKEN}", f"{TOKEN} {TOKEN}", f"{TOKEN}\nX-Own: 1", "\x00"):
            answer = await sent(client, agent, "git", {"url": url}, token=odd)
            assert "Copy it again" in answer["publish_refused"]["text"]["en"], "it is no fault of the repository"
        assert len(git.asked) == asked
        told = await sent(client, agent, "git", {"url": url}, token=f" {TOKEN}\n")
        assert told["publish_done"] == {"address": url, "changed": True, "link": None, "expires": None}
        same = await sent(client, agent, "git", {"url": url})
        assert not same["publish_done"]["changed"], "the token was kept, and nothing is new"
        await patched(client, agent, name="Zed")
        await published(client, agent, note="The second one")
        git.refuses_writes = True
        failed = await sent(client, agent, "git", {"url": url})
        assert "publish_done" not in failed
        assert (await git.git("-C", "max.git", "log", "--format=%s", "main")).split("\n")[:-1] == ["The first one"]
        git.refuses_writes = False
        await sent(client, agent, "git", {"url": url})
        log = await git.git("-C", "max.git", "log", "--format=%s", "main")
        assert log.split("\n")[:-1] == ["The second one", "The first one"]
        config = json.loads(await git.git("-C", "max.git", "show", "main:config/builder_config.json"))
        assert config["name"] == "Zed"
        packs = Bundles.of

        async def published_meanwhile(self: Bundles, user: str, agent_id: str) -> Bundle:
            await patched(client, agent, name="Kit")
            await published(client, agent, note="The third one")
            return await packs(self, user, agent_id)

        monkeypatch.setattr(Bundles, "of", published_meanwhile)
        await sent(client, agent, "git", {"url": url})
        assert (await git.git("-C", "max.git", "log", "-1", "--format=%s", "main")).strip() == "The third one"
        assert TOKEN not in str([refused, told, same, failed, git.paths])
        assert any(TOKEN.encode() in _basic(given) for given in git.asked)
        assert (await client.get("/api/secrets"))["names"] == [f"publish.git:{git.base_url}"]
    stored = (home / "agentfabric.db").read_bytes()
    assert TOKEN.encode() not in stored


def _basic(given: str) -> bytes:
    return base64.b64decode(given.removeprefix("Basic "))


async def test_what_is_no_bundle_is_not_written_over_and_no_other_place_is_asked(
    serve: Serve, git: GitServer, tmp_path: Path
) -> None:
    url = await git.repository("own.git")
    work = tmp_path / "work"
    await git.git("clone", "--quiet", str(git.folder / "own.git"), str(work))
    (work / "README.md").write_text("Mine")
    identity = ("-c", "user.name=a", "-c", "user.email=a@b")
    await git.git("-C", str(work), "add", ".")
    await git.git("-C", str(work), *identity, "commit", "--quiet", "-m", "mine")
    await git.git("-C", str(work), "push", "--quiet", "origin", "HEAD:main")
    nobody = "http://127.0.0.1:1"
    trusted = {"AGENTFABRIC_TRUSTED_ORIGINS": f"{git.base_url},{nobody}"}
    async with serve(**trusted, AGENTFABRIC_TOKENS="ann:the-token-of-ann") as client:
        ann = {"Authorization": "Bearer the-token-of-ann"}
        agent = (await client.post("/api/agents", json={"config": {"name": "Max"}}, headers=ann))["id"]

        async def refused(address: str, **more: str) -> str:
            body = {"target": "git", "options": {"url": address, **more}, "secrets": {"token": TOKEN}}
            path = f"/api/agents/{agent}/publications"
            events = await client.collect("POST", path, json=body, headers=ann)
            [told] = [event.data["text"]["en"] for event in events if event.type == "publish_refused"]
            return told

        assert "something else" in await refused(url)
        assert "usable name" in await refused(url, branch="--upload-pack=x")
        assert "cannot be reached" in await refused(f"{nobody}/x.git")
        asked = len(git.paths)
        port = git.base_url.rpartition(":")[2]
        for address in (f"http://localhost:{port}/own.git", "https://169.254.169.254/x.git"):
            assert "may not be asked" in await refused(address)
        for address in ("file:///etc", "ext::sh -c x", str(git.folder), f"http://a:b@127.0.0.1:{port}/own.git"):
            assert await refused(address)
        assert len(git.paths) == asked
        assert "'Address'" in await refused(" ")
        path = f"/api/agents/{agent}/publications"
        assert (await client.call("POST", path, json={"target": "folder"}, headers=ann)).status == 404
        for odd in ({"options": {"token": "t"}}, {"secrets": {"url": "u"}}, {"options": {"__proto__": "x"}}):
            answer = await client.call("POST", path, json={"target": "git", **odd}, headers=ann)
            assert (answer.status, answer.body["code"]) == (400, "bad_request")


async def test_a_repository_without_end_is_given_up_and_one_in_another_script_is_asked_where_it_was_looked_for(
    git: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await git.repository("max.git")
    address = f"http://xn--bcher-kva.invalid:{git.base_url.rpartition(':')[2]}"
    looked: list[str] = []

    async def found(host: str, port: int) -> list[str]:
        looked.append(host)
        return ["127.0.0.1"]

    monkeypatch.setattr("agentfabric.publish.targets.git._addresses", found)
    target, steps = GitTarget(AddressPolicy(), [f"{address}"]), list[Words]()
    options = {"url": f"{address}/max.git", "branch": "main"}
    sending = Sending("a", "Max", "", _zip({"manifest.json": b"{}"}), options, {"token": SecretStr(TOKEN)})
    assert (await target.publish(sending, steps.append)).changed
    assert looked == ["xn--bcher-kva.invalid"], "git would look for any other spelling itself"
    git.never_ends = True
    monkeypatch.setattr("agentfabric.publish.targets.git.MAX_FETCHED_BYTES", 20_000_000)
    monkeypatch.setattr("agentfabric.publish.targets.git.LOOK_S", 0.05)
    with pytest.raises(PublishFailed, match="far more than an agent"):
        await target.publish(sending, steps.append)
