"""Agents that become studios of a ModelScope hub: what arrives, what stays, and what a person is told."""

import asyncio
import logging
import sys
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web

from agentfabric.publish.targets import modelscope, modelscope_commit
from agentfabric.publish.targets.base import Where
from agentfabric.publish.targets.modelscope import ModelScopeTarget
from tests.conftest import Serve
from tests.fakes.modelscope_hub import BUILDING, READ_TOKEN, RUNNING, TOKEN, ModelScope, Repository, Storage, error
from tests.sent_studios import AFTER, FILES, PICTURE, README, refused, send, sending
from tests.test_api_history import patched
from tests.test_publications import sent
from tests.test_releases import published
from user_agent.serve.starting import address_in
from user_agent.words import Words

FAILED = {**BUILDING, "status": "BuildFailed", "error_message": "Build image failed: exit code 1."}


@pytest.fixture
async def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncGenerator[ModelScope]:
    monkeypatch.setattr(modelscope, "LOOK_EVERY_S", 0.0)
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login operator password of-the-operator")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("MODELSCOPE_API_TOKEN", "ms-of-the-operator")
    monkeypatch.setenv("MODELSCOPE_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("HOME", str(tmp_path / "home of nobody"))
    async with Storage() as storage, ModelScope(storage) as server:
        yield server
    assert not (tmp_path / "home of nobody").exists(), "the SDK left something in the home"


async def test_a_studio_is_made_brought_up_to_date_and_deployed(hub: ModelScope) -> None:
    steps = list[str]()
    hub.runtimes = [BUILDING, BUILDING, {**BUILDING, "status": "Deploying"}, RUNNING]
    address = f"{hub.origin}/studios/ann/max"
    assert await send(hub, sending(), steps) == Where(address, changed=True, link=address)
    studio = hub.studios["ann/max"]
    assert (studio.visibility, studio.sdk, studio.title) == ("protected", "docker", "Max")
    assert studio.log == ["initial commit", "The first"], "one commit, which takes away what the hub had put there"
    assert studio.files == {**FILES, ".gitattributes": b"*.bin filter=lfs -text\n"} == studio.up
    assert [*hub.storage.stored.values()] == [PICTURE], "once, and without the token"
    assert [step.split(" ")[0] for step in steps] == ["Checking", "Preparing", "Sending", "Asking", "The", "The"]
    assert (await send(hub, sending(AFTER, studio="ann/max"))).changed
    assert studio.up.keys() == {*AFTER, ".gitattributes"}
    assert len(studio.log) == 3
    asked = len(hub.asked)
    assert not (await send(hub, sending(AFTER))).changed
    assert [method for method, _ in hub.asked[asked:]] == ["GET"] * 3, "it runs, just like this"
    await send(hub, sending(AFTER, sdk="gradio"))
    assert (studio.sdk, studio.visibility, len(studio.log)) == ("gradio", "protected", 3)
    assert all(agent.endswith("; agentfabric") for agent in hub.agents)


async def test_the_keys_that_are_entered_are_set_and_the_others_named(hub: ModelScope) -> None:
    hub.studios["team/max"] = Repository("public", "docker", {}, secrets={"A_KEY": "old"}, variables={"A_HOST": "x"})
    steps = list[str]()
    what = sending(studio="team/max", envs=("A_KEY", "A_HOST", "B_KEY", "C_KEY"), A_KEY="new-value", B_KEY="b-value")
    await send(hub, what, steps)
    assert hub.studios["team/max"].secrets == {"A_KEY": "new-value", "B_KEY": "b-value"}
    assert "Setting keys: A_KEY, B_KEY." in steps
    [told] = [step for step in steps if "lacks" in step]
    assert "C_KEY. Enter" in told and f"{hub.origin}/studios/team/max/settings" in told and "B_KEY" not in told
    assert "value" not in str(steps)
    deployed = [path for _, path in hub.asked if path.endswith("/deploy")]
    await send(hub, sending(studio="team/max", C_KEY="c-value"))
    assert len([path for _, path in hub.asked if path.endswith("/deploy")]) == len(deployed) + 1, "keys want a start"


async def test_a_deployment_is_followed_to_its_end(hub: ModelScope, monkeypatch: pytest.MonkeyPatch) -> None:
    await send(hub, sending())
    hub.logs = [f"Step {number}" for number in range(250)]
    hub.runtimes = [RUNNING, {**RUNNING, "status": "Stopping"}, {"status": "Stopped"}, BUILDING, FAILED]
    told = await refused(hub, sending(AFTER))
    assert "Build image failed: exit code 1. The end of its log: Step 245 / " in told.en and "Step 249." in told.en
    assert "exit code 1。" in told.zh
    hub.runtimes = [FAILED, FAILED, {**RUNNING, "created_at": "later"}]
    await send(hub, sending(AFTER))  # what failed is deployed again, and the failure before is not this one's
    steps = list[str]()
    hub.runtimes = [{"status": "Queueing"}, {"status": "Queueing"}, {"status": "Sleeping"}]
    await send(hub, sending(), steps)
    assert [step for step in steps if "Queueing" in step] == ["ModelScope calls its state 'Queueing'."]
    assert "does not run" in steps[-1]
    monkeypatch.setattr(modelscope, "DEPLOY_S", 0.05)
    for runtime in (BUILDING, {"status": "Queueing"}, {}):
        hub.runtimes = [runtime]
        await send(hub, sending(AFTER, B_KEY="b"), steps)
        assert "not deployed yet" in steps[-1]
    monkeypatch.setattr(modelscope, "DEPLOY_S", 600.0)
    monkeypatch.setattr(modelscope, "LOOK_EVERY_S", 600.0)
    hub.runtimes = [BUILDING]
    building = asyncio.Event()

    def stop_there(step: Words) -> None:
        if "being built" in step.en:
            building.set()

    work = asyncio.create_task(ModelScopeTarget(hub.origin).publish(sending(), stop_there))
    await building.wait()
    work.cancel()
    assert (await work).address, "the files are there, whoever looks"
    asked = len(hub.asked)

    def stop_at_once(step: Words) -> None:
        stopped.cancel()

    stopped = asyncio.create_task(ModelScopeTarget(hub.origin).publish(sending(AFTER), stop_at_once))
    with pytest.raises(asyncio.CancelledError):
        await stopped
    assert {method for method, _ in hub.asked[asked:]} <= {"GET"}


LARGE = {f"config/{number}.bin": bytes(5_000_000) + bytes([number]) for number in range(3)}


async def test_where_it_is_stopped_while_files_go_up_the_rest_stays_and_so_does_the_last_version(
    hub: ModelScope,
) -> None:
    await send(hub, sending())
    studio, stored = hub.studios["ann/max"], hub.storage.stored
    before, asked, came = (({**studio.files}, [*studio.log], studio.sdk), len(hub.asked), {*stored})
    hub.storage.stores.clear()
    hub.storage.go.clear()
    work = asyncio.create_task(send(hub, sending({**AFTER, **LARGE}, sdk="gradio", A_KEY="a-value")))
    await hub.storage.stores.wait()
    work.cancel()
    hub.storage.go.set()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert ((studio.files, studio.log, studio.sdk), studio.secrets) == (before, {})
    assert {path.rpartition("/")[2] for method, path in hub.asked[asked:] if method != "GET"} == {"batch"}
    assert len(stored.keys() - came) == 1, "the others were not even sent"
    assert (await send(hub, sending({**AFTER, **LARGE}))).changed


@dataclass(frozen=True)
class Refusal:
    """A hub that does not do it, and the words for that."""

    told: str
    at: str = ""
    answer: tuple[int, str, str] = (0, "", "No.")
    cuts: str = ""
    hangs: str = ""
    token: str = TOKEN
    studio: str = "max"
    storage: int = 200
    committed: bool = False


REFUSALS = {
    "a wrong token": Refusal("does not take this token", token="ms-wrong"),
    "a token that reads": Refusal("does not allow it: Operation not allowed: the token may only", token=READ_TOKEN),
    "another's name": Refusal("does not allow it: Operation not allowed: you don't own", studio="bob/max"),
    "a taken name": Refusal("not give this name: Duplicate entity", studio="hidden"),
    "too many studios": Refusal("used up: 3 of 3", "/v1/studios", (403, "QuotaLimitExceed", "3 of 3"), studio="new"),
    "too often": Refusal("too often", "/users/me", (429, "RateLimitExceed", "Slow down")),
    "a commit too often": Refusal("too often", "/commit/", (429, "RateLimitExceed", "Slow down")),
    "trouble": Refusal("has trouble", "/commit/", (500, "InternalServerError", "database")),
    "a commit that is odd": Refusal("not take it: Too big", "/commit/", (422, "", "Too big.")),
    "a commit before it": Refusal("in the meantime", "/commit/", (409, "10030000001", "branch conflict")),
    "storage refuses": Refusal("does not allow it", storage=403),
    "no signature": Refusal("has trouble", "/batch", (503, "ServiceUnavailable", "down")),
    "cut off in the commit": Refusal("the connection broke", cuts="/commit/"),
    "cut off at once": Refusal("the connection broke", cuts="/users/me"),
    "slow": Refusal("cannot be reached", hangs="/commit/"),
    "no hub": Refusal("does not answer as ModelScope", "/users/me", (200, "", "")),
    "no list": Refusal("does not answer as ModelScope", "/repo/files", (200, "", "")),
    "elsewhere": Refusal("sends requests on to another address", "/users/me", (302, "", "")),
    "elsewhere with files": Refusal("sends requests on to another address", "/batch", (307, "", "")),
    "no deployment": Refusal(
        "not take it: CPU not", "/deploy", (400, "InputParameterError", "CPU not available."), committed=True
    ),
    "an address": Refusal("no usable name", studio="https://modelscope.cn/studios/ann/max"),
    "a path": Refusal("no usable name", studio="../max"),
}


@pytest.mark.parametrize("case", REFUSALS.values(), ids=REFUSALS)
async def test_where_the_hub_refuses_the_version_before_stays_up(hub: ModelScope, case: Refusal) -> None:
    await send(hub, sending())
    studio = hub.studios["ann/max"]
    before, log = {**studio.up}, [*studio.log]
    status, code, sentence = case.answer
    if case.at:
        answer = error(status, code, sentence) if status >= 400 else web.Response(status=status, text="<html>")
        answer.headers["Location"] = f"{hub.storage.origin}/elsewhere"
        if code.isdecimal():
            answer = web.json_response({"Code": int(code), "Message": sentence, "Success": False}, status=status)
        hub.refuses[case.at] = answer
    hub.cuts, hub.hangs, hub.storage.status = case.cuts, case.hangs, case.storage
    what = sending(AFTER, studio=case.studio, token=case.token)
    assert case.told in (await refused(hub, what, timeout_s=0.3 if case.hangs else 60.0)).en
    assert studio.up == before
    assert (studio.log == log) != case.committed


async def test_a_failed_commit_that_is_told_with_a_fine_status_is_none(hub: ModelScope) -> None:
    answer = {"Code": 10010205001, "Data": None, "Message": "The branch is protected.", "Success": False}
    hub.refuses["/commit/"] = web.json_response(answer)
    assert "not take it: The branch is protected." in (await refused(hub, sending())).en
    assert not [path for _, path in hub.asked if path.endswith("/deploy")]


async def test_a_hub_that_repeats_secrets_has_nobody_told_of_them(hub: ModelScope) -> None:
    key = "sk-a-key-of-the-agent"
    hub.refuses["/commit/"] = error(400, "InputParameterError", f"Bad header Bearer {TOKEN}, bad {key}")
    told = await refused(hub, sending(B_KEY=key))
    assert "Bad header Bearer …, bad …" in told.en
    del hub.refuses["/commit/"]
    hub.runtimes = [{**FAILED, "error_message": f"{key} is wrong"}]
    hub.logs = [f"export B_KEY={key}"]
    told = await refused(hub, sending(B_KEY=key))
    assert "… is wrong" in told.en and "export B_KEY=…" in told.en and key not in told.zh


async def test_a_server_without_the_client_says_how_to_get_it(hub: ModelScope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "agentfabric.publish.targets.modelscope_studio", raising=False)
    monkeypatch.setitem(sys.modules, "modelscope_hub", None)
    assert "pip install -r requirements-publish.txt" in (await refused(hub, sending())).en
    assert not hub.asked


async def test_many_files_go_in_several_commits_before_anything_runs(
    hub: ModelScope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modelscope_commit, "COMMIT_ACTIONS", 4)
    await send(hub, sending())
    studio = hub.studios["ann/max"]
    assert len(studio.log) == 3 and studio.up.keys() >= FILES.keys()
    del hub.studios["ann/max"]
    hub.refuses["/commit/"] = error(500, "", "")
    await refused(hub, sending())
    assert "manifest.json" not in hub.studios["ann/max"].files


async def test_what_is_no_bundle_is_not_written_over(hub: ModelScope) -> None:
    hub.studios["ann/max"] = Repository("public", "gradio", {"README.md": README, "mine.py": b"mine"})
    assert "something else" in (await refused(hub, sending(A_KEY="a-value"))).en
    studio = hub.studios["ann/max"]
    assert (studio.files, studio.sdk, studio.secrets) == ({"README.md": README, "mine.py": b"mine"}, "gradio", {})
    hub.studios["ann/odd"] = Repository("public", "docker", {"README.md": b"---\n---\n"})
    told = await refused(hub, sending({**FILES, "README.md": b"no card"}, studio="odd"))
    assert "does not run: README.md has no YAML" in told.en


def test_a_bundle_in_a_studio_is_reached_and_shown_by_either_site_of_modelscope() -> None:
    address = address_in({"MODELSCOPE_ENVIRONMENT": "studio"})
    assert (address.host, address.port) == ("0.0.0.0", 7860)
    assert {"https://*.modelscope.cn", "https://*.modelscope.ai"} <= {*address.frame_ancestors}
    assert address_in({}).frame_ancestors == ()


async def test_an_agent_becomes_a_studio_over_the_api(
    serve: Serve, hub: ModelScope, home: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    key = "sk-the-key-that-was-entered"
    caplog.set_level(logging.DEBUG)
    config = {"name": "Max: #1", "model": "qwen-max"}
    async with serve(MODELSCOPE_BASE_URL=hub.origin, AGENTFABRIC_LOG_LEVEL="debug") as client:
        agent = (await client.post("/api/agents", json={"config": config}))["id"]
        [target] = [each for each in await client.get("/api/targets") if each["name"] == "modelscope"]
        assert [each["kind"] for each in target["fields"]] == ["text", "choice", "choice", "secret", "keys"]
        body = {"target": "modelscope", "options": {"studio": "max"}, "secrets": {"token": TOKEN}}
        path = f"/api/agents/{agent}/publications"
        events = await client.collect("POST", path, json={**body, "keys": {"DASHSCOPE_API_KEY": key}})
        first = {event.type: event.data for event in events}
        address = f"{hub.origin}/studios/ann/max"
        assert first["publish_done"] == {"address": address, "changed": True, "link": address, "expires": None}
        studio = hub.studios["ann/max"]
        assert (studio.visibility, studio.sdk, "Dockerfile" in studio.up) == ("private", "docker", True)
        assert studio.secrets == {"DASHSCOPE_API_KEY": key}
        await patched(client, agent, name="Zed", description='"Knows" | socks:\n--- # ' + "🧦" * 40)
        await published(client, agent, note="The second one")
        again = await sent(client, agent, "modelscope", {"studio": "max"})
        assert again["publish_done"]["changed"] and studio.log[-1] == "The second one", "the token was kept"
        odd = await client.collect("POST", path, json={**body, "keys": {"NEVER_HEARD_OF": key}})
        assert "no use for a key NEVER_HEARD_OF" in str([event.data for event in odd])
        assert studio.secrets == {"DASHSCOPE_API_KEY": key}
        refusals = [
            await client.call("POST", path, json={"target": "git", "options": {}, "keys": {"A_KEY": key}}),
            await client.call("POST", path, json={**body, "keys": {"A KEY": key}}),
        ]
        assert [refusal.status for refusal in refusals] == [400, 422]
        told = str([first, again, target, [event.data for event in (*events, *odd)], [each.body for each in refusals]])
        assert (await client.get("/api/secrets"))["names"] == [f"publish.modelscope:{hub.origin}"]
    output = "".join(capfd.readouterr()) + caplog.text
    assert "/openapi/v1/studios/ann/max/secrets" in output, "what was asked is in the log, down to the smallest"
    for secret in (TOKEN, key):
        assert secret not in told + output
        assert all(secret.encode() not in data for data in studio.files.values())
        assert all(secret.encode() not in file.read_bytes() for file in home.rglob("*") if file.is_file())
