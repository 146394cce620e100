"""Agents that become Spaces of a Hugging Face hub: what arrives, what stays, and what a person is told."""

import asyncio
import io
import zipfile
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web
from pydantic import SecretStr

from agentfabric.publish.targets import huggingface
from agentfabric.publish.targets.base import Sending, Where
from agentfabric.publish.targets.huggingface import HuggingFaceTarget
from tests.conftest import Serve
from tests.fakes.huggingface_hub import BUILDING, READ_TOKEN, RUNNING, TOKEN, Hub, Repository, error
from tests.test_api_history import patched
from tests.test_publications import sent
from tests.test_releases import published
from user_agent.errors import PublishFailed
from user_agent.words import Words

# The SDK sends large files to storage in a way that its HTTP client would like otherwise.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")

README = b"---\ntitle: Max\ncolorFrom: indigo\ncolorTo: purple\nsdk: docker\napp_port: 7860\npinned: false\n---\n"
FILES = {"manifest.json": b"{}", "README.md": README, "app.py": b"one", "config/avatar.png": b"\x89PNG\0" * 99}
STARTING = {**BUILDING, "stage": "APP_STARTING"}
FAILED = {**BUILDING, "stage": "BUILD_ERROR", "errorMessage": "Job failed with exit code: 1. Reason: no space left"}


@pytest.fixture
async def hub(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Hub]:
    monkeypatch.setattr(huggingface, "LOOK_EVERY_S", 0.0)
    async with Hub() as server:
        yield server


def bundle(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()


async def send(
    hub: Hub,
    files: dict[str, bytes],
    steps: list[Words] | None = None,
    *,
    repo: str = "max",
    token: str = TOKEN,
    envs: tuple[str, ...] = (),
) -> Where:
    options = {"repo": repo, "visibility": "private"}
    sending = Sending("a", "Max", "The first\nand more", bundle(files), options, {"token": SecretStr(token)}, envs)
    told = [] if steps is None else steps
    return await HuggingFaceTarget(hub.origin).publish(sending, told.append)


async def refused(hub: Hub, files: dict[str, bytes] = FILES, *, repo: str = "max", token: str = TOKEN) -> str:
    with pytest.raises(PublishFailed) as raised:
        await send(hub, files, repo=repo, token=token)
    return raised.value.told.en


async def test_a_space_is_made_and_brought_up_to_date_in_one_commit_each(hub: Hub) -> None:
    steps = list[Words]()
    hub.stages = [BUILDING, BUILDING, STARTING, RUNNING]
    address = f"{hub.origin}/spaces/ann/max"
    assert await send(hub, FILES, steps) == Where(address, changed=True, link=address)
    space = hub.spaces["ann/max"]
    assert {path: space.files[path] for path in FILES} == FILES
    assert (space.visibility, space.log) == ("private", ["initial commit", "The first"])
    assert [*space.large] == ["config/avatar.png"], "kept as a large file, sent to storage without the token"
    assert [step.en.split(" ")[0] for step in steps] == ["Checking", "Preparing", "Sending", "The", "The"]
    assert ".gitattributes" in space.files
    changed = {"manifest.json": b"{1}", "README.md": README, "Dockerfile": b"FROM x"}
    assert (await send(hub, changed, repo="ann/max")).changed
    assert space.files.keys() == {*changed, ".gitattributes"}
    assert len(space.log) == 3
    assert not (await send(hub, changed)).changed
    assert len(space.log) == 3


async def test_the_keys_that_a_space_lacks_are_named_and_never_sent(hub: Hub) -> None:
    hub.spaces["team/max"] = Repository("public", {}, secrets=["A_KEY"], variables=["A_HOST"])
    steps = list[Words]()
    await send(hub, FILES, steps, repo="team/max", envs=("A_KEY", "A_HOST", "B_KEY"))
    [told] = [step for step in steps if "secrets" in step.en]
    assert told.en == f"Enter these among the secrets at {hub.origin}/spaces/team/max/settings: B_KEY."
    assert told.zh.endswith("B_KEY。")
    assert hub.spaces["team/max"].visibility == "public", "one that exists stays as visible as it is"
    assert not [path for method, path in hub.asked if method != "GET" and path.endswith(("/secrets", "/variables"))]


async def test_a_build_is_followed_to_its_end(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.stages = [RUNNING, RUNNING, BUILDING, FAILED]
    told = await refused(hub)
    assert "Job failed with exit code: 1. Reason: no space left" in told and "?logs=build" in told
    assert "no space left" in await refused(hub), "nothing is new, and it still does not run"
    hub.stages = [FAILED, RUNNING]
    await send(hub, {**FILES, "app.py": b"two"})
    steps = list[Words]()
    hub.stages = [{**RUNNING, "stage": "PAUSED"}]
    await send(hub, {**FILES, "app.py": b"three"}, steps)
    assert "paused" in steps[-1].en
    hub.stages = [BUILDING]
    monkeypatch.setattr(huggingface, "BUILD_S", 0.05)
    await send(hub, {**FILES, "app.py": b"four"}, steps)
    assert "still being built" in steps[-1].en
    monkeypatch.setattr(huggingface, "BUILD_S", 600.0)
    monkeypatch.setattr(huggingface, "LOOK_EVERY_S", 600.0)
    building = asyncio.Event()

    def stop_there(step: Words) -> None:
        if "being built" in step.en:
            building.set()

    sending = Sending(
        "a", "Max", "", bundle(FILES), {"repo": "max", "visibility": "private"}, {"token": SecretStr(TOKEN)}
    )
    work = asyncio.create_task(HuggingFaceTarget(hub.origin).publish(sending, stop_there))
    await building.wait()
    work.cancel()
    assert (await work).changed, "the files are there, whoever looks"
    hub.spaces.clear()

    def stop_at_once(step: Words) -> None:
        stopped.cancel()

    stopped = asyncio.create_task(HuggingFaceTarget(hub.origin).publish(sending, stop_at_once))
    with pytest.raises(asyncio.CancelledError):
        await stopped
    assert not hub.spaces


@dataclass(frozen=True)
class Refusal:
    """A hub that does not do it, and the words for that."""

    told: str
    at: str = ""
    status: int = 0
    sentence: str = ""
    cuts: str = ""
    token: str = TOKEN
    repo: str = "max"


REFUSALS = {
    "a wrong token": Refusal("does not take this token", token="hf_wrong"),
    "a token that reads": Refusal("may only read", token=READ_TOKEN),
    "another's name": Refusal("may not write", repo="bob/max"),
    "too often": Refusal("too often", at="/whoami-v2", status=429),
    "no subscription": Refusal("wants a subscription", at="/repos/create", status=402, repo="new"),
    "a commit too often": Refusal("too often", at="/commit/", status=429),
    "a commit refused": Refusal("may not write", at="/commit/", status=403),
    "a commit that is odd": Refusal("not take the files: Too big", at="/commit/", status=413, sentence="Too big."),
    "trouble": Refusal("has trouble", at="/commit/", status=500),
    "storage refuses": Refusal("may not write", at="/storage/", status=403),
    "cut off": Refusal("the connection broke", cuts="/commit/"),
    "cut off at once": Refusal("the connection broke", cuts="/whoami-v2"),
    "no hub": Refusal("does not answer as Hugging Face", at="/whoami-v2", status=200),
    "an address": Refusal("no usable name", repo="https://huggingface.co/spaces/ann/max"),
    "a path": Refusal("no usable name", repo="../max"),
}


@pytest.mark.parametrize("case", REFUSALS.values(), ids=REFUSALS)
async def test_where_the_hub_refuses_the_version_before_stays(hub: Hub, case: Refusal) -> None:
    await send(hub, FILES)
    space = hub.spaces["ann/max"]
    before, log = {**space.files}, [*space.log]
    if case.at:
        sentence = case.sentence or "No."
        hub.refuses[case.at] = error(case.status, sentence) if case.status != 200 else web.Response(text="<html>")
    hub.cuts = case.cuts
    told = await refused(hub, {**FILES, "app.py": b"two", "big.bin": b"\0" * 9}, repo=case.repo, token=case.token)
    assert case.told in told
    assert (space.files, space.log) == (before, log)


LARGE = {f"config/{number}.bin": bytes(5_000_000) + bytes([number]) for number in range(3)}


async def test_where_it_is_stopped_while_files_go_up_the_rest_stays_and_so_does_the_last_version(hub: Hub) -> None:
    await send(hub, FILES)
    space, before = hub.spaces["ann/max"], {**hub.stored}
    files, log = {**space.files}, [*space.log]
    hub.stores.clear()
    hub.go.clear()
    work = asyncio.create_task(send(hub, {**FILES, "app.py": b"two", **LARGE}))
    await hub.stores.wait()
    work.cancel()
    hub.go.set()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert (space.files, space.log) == (files, log)
    assert len(hub.stored.keys() - before.keys()) == 1, "the others were not even sent"
    assert (await send(hub, {**FILES, "app.py": b"two", **LARGE})).changed
    assert space.files["app.py"] == b"two" and space.files.keys() >= LARGE.keys()


async def test_what_others_write_meanwhile_is_not_written_over(hub: Hub) -> None:
    await send(hub, FILES)
    hub.others_write = True
    assert "in the meantime" in await refused(hub, {**FILES, "app.py": b"two"})
    assert hub.spaces["ann/max"].log[-1] == "another's"
    assert hub.spaces["ann/max"].files["app.py"] == b"one"


async def test_what_is_no_bundle_is_not_written_over(hub: Hub) -> None:
    hub.spaces["ann/max"] = Repository("public", {"README.md": README, "mine.py": b"mine"})
    assert "something else" in await refused(hub)
    assert hub.spaces["ann/max"].files == {"README.md": README, "mine.py": b"mine"}
    odd = README.replace(b"docker", b"cobol")
    assert '"sdk" must be one of' in await refused(hub, {**FILES, "README.md": odd}, repo="odd")
    assert hub.spaces["ann/odd"].log == ["initial commit"]


async def test_an_agent_becomes_a_space_over_the_api(serve: Serve, hub: Hub, home: Path) -> None:
    async with serve(HUGGINGFACE_BASE_URL=hub.origin, AGENTFABRIC_LOG_LEVEL="debug") as client:
        agent = (await client.post("/api/agents", json={"config": {"name": "Max: #1"}}))["id"]
        [target] = [each for each in await client.get("/api/targets") if each["name"] == "huggingface"]
        assert [each["name"] for each in target["fields"]] == ["repo", "visibility", "token"]
        first = await sent(client, agent, "huggingface", {"repo": "max"}, token=TOKEN)
        address = f"{hub.origin}/spaces/ann/max"
        assert first["publish_done"] == {"address": address, "changed": True, "link": address, "expires": None}
        space = hub.spaces["ann/max"]
        assert (space.visibility, "app.py" in space.files, "Dockerfile" in space.files) == ("private", True, True)
        await patched(client, agent, name="Zed", description='"Knows" | socks:\n--- # ' + "🧦" * 40)
        await published(client, agent, note="The second one")
        again = await sent(client, agent, "huggingface", {"repo": "max"})
        assert again["publish_done"]["changed"] and space.log[-1] == "The second one", "the token was kept"
        assert "short_description: " in space.files["README.md"].decode()
        assert TOKEN not in str([first, again, target]) and hub.tokens == {TOKEN}
        assert (await client.get("/api/secrets"))["names"] == [f"publish.huggingface:{hub.origin}"]
    assert TOKEN.encode() not in (home / "agentfabric.db").read_bytes()
