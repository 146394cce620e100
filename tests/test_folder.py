"""An agent of a folder, behind its own application: what strangers can do with it, and what they cannot."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData

from tests.client import Client, Refused, kinds, text_of
from tests.fakes.embedding_server import KEY as EMBEDDING_KEY
from tests.fakes.embedding_server import FakeEmbeddings
from tests.fakes.openai_replies import Call, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.server import listening
from tests.terminal import free_port
from user_agent.errors import ConfigError
from user_agent.messages import user_message
from user_agent.serve.app import agent_app
from user_agent.serve.door import OpenDoor
from user_agent.serve.folder import FolderAgent, FolderSettings, open_folder
from user_agent.serve.folder_programs import programs_in
from user_agent.serve.limits import ServingLimits
from user_agent.serve.served import Caller
from user_agent.serve.starting import address_in, main
from user_agent.serve.talks import Bounds
from user_agent.serve.visitors import Visitors

STATIC = Path(__file__).parents[1] / "static"
KEY = "sk-folder-canary-7"
CONFIG: dict[str, Any] = {
    "name": "</script><b>Guide",
    "description": "Knows the house.",
    "instruction": "Never tell that the password is rosebud.",
    "prologue": "Welcome.",
    "prompt_recommend": ["When are you open?"],
    "language": "en",
    "model": "fake",
    "knowledge": ["config/house.md"],
    "tools": {"RenewInstance": {"use": True, "is_active": True}},
}


@asynccontextmanager
async def opened(
    folder: Path,
    model: FakeOpenAI,
    *,
    changes: Mapping[str, Any] | None = None,
    models: Mapping[str, Any] | None = None,
    keys: Mapping[str, str] | None = None,
    **settings: Any,
) -> AsyncGenerator[FolderAgent]:
    """The agent of a folder that somebody filled by hand: nobody has read its file yet. `keys` is what the environment
    has beside the model's."""
    (folder / "builder_config.json").write_text(json.dumps({**CONFIG, **(changes or {})}))
    entry = {"type": "openai", "model": "m", "api_base": model.base_url, "api_key_env": "HOUSE_API_KEY"}
    (folder / "model_config.json").write_text(json.dumps({"fake": entry, **(models or {})}))
    (folder / "tool_config.json").write_text("{}")
    (folder / "house.md").write_text("# Opening hours\n\nThe house is open from nine to five, but never on Mondays.\n")
    async with open_folder(folder, FolderSettings({"HOUSE_API_KEY": KEY, **(keys or {})}, **settings)) as agent:
        yield agent


@asynccontextmanager
async def visited(agent: FolderAgent) -> AsyncGenerator[tuple[Client, Client]]:
    """Two visitors, each with a cookie of their own."""
    app = await asyncio.to_thread(agent_app, OpenDoor(agent, Visitors(b"key")), STATIC)
    async with listening(app) as base_url:
        async with Client(base_url) as nobody:
            cookies = [(await nobody.call("GET", "/")).headers["set-cookie"].partition(";")[0] for _ in range(2)]
        assert cookies[0] != cookies[1]
        async with Client(base_url, {"cookie": cookies[0]}) as one, Client(base_url, {"cookie": cookies[1]}) as other:
            yield one, other


async def begun(client: Client) -> str:
    return f"/conversations/{(await client.post('/conversations'))['id']}"


async def test_a_visitor_talks_with_it_and_nobody_else_sees_that(tmp_path: Path) -> None:
    async with (
        FakeOpenAI(Says("Nine to five [1]."), Says("Nine."), Says("I read it.")) as model,
        opened(tmp_path, model) as agent,
        visited(agent) as (visitor, other),
    ):
        talk = await begun(visitor)
        events = await visitor.say(talk, "When is the house open?")
        assert kinds(events)[:2] == ["turn_started", "knowledge_used"]
        assert text_of(events) == "Nine to five [1]."
        assert events[1].data["hits"][0]["name"] == "house.md"
        first, sent = events[0].data["turn"], model.requests[0]
        assert sent.headers["Authorization"] == f"Bearer {KEY}"
        # What writes is no visitor's to use.
        assert "RenewInstance" not in json.dumps(sent.body.get("tools", []))

        again = {"text": "When does it open?", "instead_of": first}
        second = (await visitor.collect("POST", f"{talk}/messages", json=again))[0].data["turn"]
        shown = await visitor.get(talk)
        assert shown["title"] == "When is the house open?"
        assert shown["versions"] == {second: [first, second]}
        assert (await visitor.call("PATCH", talk, json={"turn": first})).body["turn"] == first

        form = FormData({"text": "Read this."})
        form.add_field("files", b"Bring a torch.", filename="note.txt", content_type="text/plain")
        with_file = await visitor.collect("POST", f"{talk}/messages", data=form)
        assert with_file[1].data["hits"][0]["attached"]
        [file] = [
            part for item in (await visitor.get(talk))["messages"] for part in item["parts"] if part["type"] == "file"
        ]
        assert await visitor.get(f"/files/{file['file']}") == b"Bring a torch."
        replay = await visitor.collect("GET", f"/turns/{first}/events", headers={"last-event-id": "1"})
        assert replay[-1].type == "run_finished"

        assert [item["id"] for item in await visitor.get("/conversations")] == [talk.rpartition("/")[2]]
        assert await other.get("/conversations") == []
        theirs: tuple[tuple[str, str, dict[str, Any]], ...] = (
            ("GET", talk, {}),
            ("POST", f"{talk}/messages", {"json": {"text": "Mine?"}}),
            ("PATCH", talk, {"json": {"turn": first}}),
            ("DELETE", talk, {}),
            ("GET", f"/turns/{first}/events", {}),
            ("POST", f"/turns/{first}/stop", {}),
            ("GET", f"/files/{file['file']}", {}),
        )
        for method, path, options in theirs:
            assert (await other.call(method, path, **options)).status == 404, path
        assert (await visitor.call("DELETE", talk)).status == 204
        assert await visitor.get("/conversations") == []


async def test_what_the_page_tells_is_no_more_than_a_stranger_may_know(tmp_path: Path) -> None:
    async with FakeOpenAI() as model, opened(tmp_path, model) as agent, visited(agent) as (visitor, _):
        page = await visitor.call("GET", "/", headers={"accept-language": "zh-CN,zh;q=0.9"})
        profile, manifest = await visitor.get("/profile"), json.loads(await visitor.get("/manifest.webmanifest"))
        told = page.body.decode() + json.dumps(profile) + json.dumps(manifest)
        assert (profile["kept_days"], profile["asks_model"]) == (1.0, True)
        for secret in ("rosebud", KEY, "HOUSE_API_KEY", "house.md", str(tmp_path), "127.0.0.1"):
            assert secret not in told
        assert '<html lang="zh">' in page.body.decode()
        assert page.body.count(b"</script>") == 2  # those of the page alone
        policy = page.headers["content-security-policy"]
        assert "script-src 'self';" in policy and "frame-ancestors 'none'" in policy and "unsafe-eval" not in policy
        assert page.headers["x-frame-options"] == "DENY"
        assert (manifest["start_url"], manifest["display"]) == ("./", "standalone")
        assert (await visitor.call("GET", "/healthz")).body == {"status": "ok"}
        assert (await visitor.call("GET", "/static/chat/page.js")).status == 200
        for path in ("/static/chat/../../pyproject.toml", "/static/chat/%2e%2e/%2e%2e/pyproject.toml", "/api/agents"):
            assert (await visitor.call("GET", path)).status == 404


async def test_another_page_and_a_forged_cookie_get_nothing(tmp_path: Path) -> None:
    async with FakeOpenAI() as model, opened(tmp_path, model) as agent, visited(agent) as (visitor, _):
        foreign = {"origin": "https://evil.example", "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors"}
        for headers in (foreign, {"origin": "https://evil.example"}, {"sec-fetch-site": "same-site"}):
            assert (await visitor.call("POST", "/conversations", headers=headers)).status == 403
        talk = await begun(visitor)
        forged = await visitor.call("GET", talk, headers={"cookie": f"af_visitor={'0' * 32}.{'0' * 64}"})
        assert forged.status == 404
        assert (
            "af_visitor=" in forged.headers["set-cookie"] and "HttpOnly; SameSite=Lax" in forged.headers["set-cookie"]
        )
        framed = await visitor.call("GET", "/", headers={"cookie": "", "x-forwarded-proto": "https"})
        assert "SameSite=None; Secure; Partitioned" in framed.headers["set-cookie"]


async def test_limits_hold_and_say_when_there_is_more(tmp_path: Path) -> None:
    limits, bounds = ServingLimits(turns_per_minute=2, turns_per_day=3), Bounds(per_visitor=2)
    async with (
        FakeOpenAI(fallback=lambda _: Says("Yes.")) as model,
        opened(tmp_path, model, limits=limits, bounds=bounds) as agent,
        visited(agent) as (visitor, other),
    ):
        talk = await begun(visitor)
        for _ in range(2):
            await visitor.say(talk, "Hello?")
        with pytest.raises(Refused) as third:
            await visitor.say(talk, "Hello again?")
        answer = third.value.answer
        assert (answer.status, answer.body["code"]) == (429, "limit_reached")
        assert 0 < int(answer.headers["retry-after"]) == answer.body["params"]["seconds"] <= 60
        theirs = await begun(other)
        await other.say(theirs, "And me?")
        with pytest.raises(Refused) as fourth:
            await other.say(theirs, "Once more?")
        assert int(fourth.value.answer.headers["retry-after"]) > 3600
        for _ in range(2):
            await begun(visitor)
        assert (await visitor.call("GET", talk)).status == 404  # the third conversation made room


async def test_a_model_without_its_key_says_which(tmp_path: Path) -> None:
    async with FakeOpenAI() as model, opened(tmp_path, model) as _:
        pass
    async with open_folder(tmp_path, FolderSettings()) as agent, visited(agent) as (visitor, _):
        failed = (await visitor.say(await begun(visitor), "Hello"))[-1]
        assert (failed.type, failed.data["code"], failed.data["params"]["env"]) == (
            "run_failed",
            "model_no_key",
            "HOUSE_API_KEY",
        )


@pytest.mark.parametrize(
    ("written", "environment", "told"),
    [
        (None, {}, "builder_config.json' cannot be read: No such file"),
        ("{bad", {}, "builder_config.json' cannot be used. Line 1, column 2"),
        ("{}", {"MCP_COMMANDS": "time"}, "`MCP_COMMANDS` cannot be used"),
        ("{bad", {"AGENT_HOST": "::1"}, "Line 1, column 2"),
    ],
    ids=["no file", "no JSON", "a setting", "version 6"],
)
def test_what_cannot_start_says_so_in_a_sentence(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    written: str | None,
    environment: dict[str, str],
    told: str,
) -> None:
    (tmp_path / "static").symlink_to(STATIC)
    (tmp_path / "config").mkdir()
    if written is not None:
        (tmp_path / "config" / "builder_config.json").write_text(written)
    if environment.get("AGENT_HOST") == "::1" and not _has_v6():
        pytest.skip("This machine has no IPv6.")
    assert main(tmp_path, {"PORT": str(free_port()), **environment}) == 2
    out, err = capsys.readouterr()
    assert told in err and "Traceback" not in err + out
    assert "The agent is at" not in out


def _has_v6() -> bool:
    with suppress(OSError), socket.create_server(("::1", 0), family=socket.AF_INET6):
        return True
    return False


def test_an_address_is_shown_as_a_browser_takes_it() -> None:
    hosts = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "fd00::7": "[fd00::7]", "max.local": "max.local"}
    assert {host: address_in({"AGENT_HOST": host}).shown for host in hosts} == {
        host: f"http://{shown}:7860/" for host, shown in hosts.items()
    }


async def test_a_reranker_orders_what_is_found_and_is_missed_without_its_key(tmp_path: Path) -> None:
    async with FakeOpenAI(fallback=lambda _: Says("I see.")) as model, FakeEmbeddings() as ranks:
        address = {"api_base": f"{ranks.origin}/v1", "api_key_env": "RANKS_API_KEY"}
        order = {"order": {"kind": "rerank", "type": "openai", "model": "ranks", **address}}
        changes = {"retrieval": {"reranker": "order"}}
        found: list[dict[str, Any]] = []
        for keys in ({}, {"RANKS_API_KEY": EMBEDDING_KEY}):
            async with (
                opened(tmp_path, model, changes=changes, models=order, keys=keys) as agent,
                visited(agent) as (visitor, _),
            ):
                events = await visitor.say(await begun(visitor), "When is the house open?")
            found += [event.data for event in events if event.type == "knowledge_used"]
    without, ordered = found
    assert without["hits"][0]["name"] == ordered["hits"][0]["name"] == "house.md"
    assert without["problem"]["en"].startswith("The reranker order was not at work: its key has not been entered")
    assert ordered["problem"] is None
    assert [request.body["query"] for request in ranks.requests] == ["When is the house open?"]


async def test_what_it_notes_of_a_visitor_is_theirs_to_see_and_to_erase(tmp_path: Path) -> None:
    noted = Says(calls=(Call("remember", '{"fact": "The person is allergic to nuts"}'),))
    async with (
        FakeOpenAI(noted, fallback=lambda _: Says("I see.")) as model,
        opened(tmp_path, model, changes={"memory": True, "knowledge": []}) as agent,
        visited(agent) as (visitor, other),
    ):
        assert (await visitor.get("/profile"))["remembers"] is True
        assert (await visitor.call("POST", "/memory", json={"text": "too early"})).status == 404
        talk, theirs = await begun(visitor), await begun(other)
        [told] = [event.data for event in await visitor.say(talk, "No nuts for me") if event.type == "memory_changed"]
        [fact] = await visitor.get("/memory")
        assert (fact["id"], fact["text"]) == (told["id"], "The person is allergic to nuts")
        await visitor.say(await begun(visitor), "What may I eat?")
        assert "allergic to nuts" in json.dumps(model.last.body["messages"])
        # Nobody else is told of it, and a program, which may speak for many, has nothing noted.
        await other.say(theirs, "What may I eat?")
        assert "allergic" not in json.dumps(model.last.body["messages"]) and await other.get("/memory") == []
        assert (await other.call("DELETE", f"/memory/{fact['id']}")).status == 404
        assert [event async for event in agent.run(Caller("programs", "openai"), [user_message("Note it")])]
        assert "remember" not in json.dumps(model.last.body.get("tools"))
        assert (await visitor.call("POST", "/memory", json={"text": "x" * 301})).status == 413
        assert (await visitor.post("/memory", json={"text": "Likes tea"}))["text"] == "Likes tea"
        assert (await visitor.call("DELETE", f"/memory/{fact['id']}")).status == 204
        assert [each["text"] for each in await visitor.get("/memory")] == ["Likes tea"]
        for conversation in await visitor.get("/conversations"):
            await visitor.call("DELETE", f"/conversations/{conversation['id']}")
        assert await visitor.get("/memory") == []
    async with opened(tmp_path, model) as agent, visited(agent) as (visitor, _):
        assert (await visitor.call("GET", "/memory")).status == 404


async def test_programs_ask_it_only_where_its_settings_open_that(tmp_path: Path) -> None:
    async with FakeOpenAI(Says("Nine to five [1]."), Says("Open to all.")) as model, opened(tmp_path, model) as agent:
        assert programs_in({}, lambda: agent) is None
        with pytest.raises(ConfigError, match="AGENT_KEY"):
            programs_in({"AGENT_KEY": "short"}, lambda: agent)
        said = {"model": "agent", "messages": [{"role": "user", "content": "When is it open?"}]}
        right = {"authorization": "Bearer a-key-that-is-long"}
        async with _asked_by_programs(agent, {"AGENT_KEY": "a-key-that-is-long"}) as client:
            answer = await client.call("POST", "/v1/chat/completions", json=said, headers=right)
            wrong = await client.call("POST", "/v1/chat/completions", json=said, headers={"authorization": "Bearer a"})
            card = await client.call("GET", "/a2a/.well-known/agent-card.json", headers=right)
            assert (await client.call("GET", "/")).status == 200
        async with _asked_by_programs(agent, {"ENDPOINTS_OPEN": "yes"}) as client:
            free = await client.call("POST", "/v1/chat/completions", json=said)
    assert answer.body["choices"][0]["message"]["content"] == "Nine to five [1]."
    assert [cited["name"] for cited in answer.body["agentfabric"]["citations"]] == ["house.md"]
    assert (wrong.status, card.status, free.status) == (401, 200, 200)
    assert "rosebud" not in str((answer.body, card.body))


async def test_strangers_from_one_address_learn_nothing_of_each_other(tmp_path: Path) -> None:
    """As behind a proxy: what is asked without a key is not listed, nor gone on with under a name that is guessed."""

    def asking(text: str, context: str) -> dict[str, Any]:
        message = {"messageId": text, "role": "ROLE_USER", "contextId": context, "parts": [{"text": text}]}
        return {"jsonrpc": "2.0", "id": 1, "method": "SendMessage", "params": {"message": message}}

    async with FakeOpenAI(fallback=lambda _: Says("Noted.")) as model, opened(tmp_path, model) as agent:
        for settings, told in (({"ENDPOINTS_OPEN": "yes"}, False), ({"AGENT_KEY": "a-key-that-is-long"}, True)):
            key = settings.get("AGENT_KEY", "")
            headers = {"A2A-Version": "1.0", "authorization": f"Bearer {key}"}
            async with _asked_by_programs(agent, settings) as client:
                for text, context in (("My code is 7431", "1"), ("What is my code?", "1")):
                    answer = await client.call("POST", "/a2a", json=asking(text, context), headers=headers)
                    assert answer.body["result"]["task"]["status"]["state"] == "TASK_STATE_COMPLETED", answer.body
                assert ("7431" in str(model.last.body["messages"])) is told
                every = {"jsonrpc": "2.0", "id": 2, "method": "ListTasks", "params": {"includeArtifacts": True}}
                listed = (await client.call("POST", "/a2a", json=every, headers=headers)).body["result"]["tasks"]
                assert len(listed) == (2 if told else 0)
                task = {
                    "jsonrpc": "2.0",
                    "id": 3,
                    "method": "GetTask",
                    "params": {"id": answer.body["result"]["task"]["id"]},
                }
                assert "result" in (await client.call("POST", "/a2a", json=task, headers=headers)).body


async def test_whoever_begins_conversations_without_a_word_takes_nobodys_away(tmp_path: Path) -> None:
    async with (
        FakeOpenAI(Says("Good day.")) as model,
        opened(tmp_path, model, bounds=Bounds(conversations=3)) as agent,
        visited(agent) as (one, _),
        Client(one.base_url) as nobody,
    ):
        talk = await begun(one)
        await one.say(talk, "Hello")
        for _ in range(5):
            await begun(nobody)
        assert [message["role"] for message in (await one.get(talk))["messages"]] == ["user", "assistant"]


async def test_whoever_fills_the_room_for_files_makes_way_for_whoever_brings_less(tmp_path: Path) -> None:
    bounds = Bounds(file_bytes=1_000, all_file_bytes=1_500)
    async with (
        FakeOpenAI(fallback=lambda _: Says("Seen.")) as model,
        opened(tmp_path, model, bounds=bounds) as agent,
        visited(agent) as (one, other),
    ):

        async def send(client: Client, talk: str, size: int) -> int:
            form = FormData()
            form.add_field("text", "Look")
            form.add_field("files", bytes(size), filename="x.bin")
            return (await client.call("POST", f"{talk}/messages", data=form)).status

        small, large, late = await begun(one), await begun(other), await begun(other)
        assert [await send(one, small, 300), await send(other, large, 1_000)] == [200, 200]
        assert await send(other, late, 1_000) == 413, "it takes nothing from those that have less, or as much"
        assert await send(one, small, 400) == 200
        assert (await other.call("GET", large)).status == 404
        assert [message["role"] for message in (await one.get(small))["messages"]].count("user") == 2


@asynccontextmanager
async def _asked_by_programs(agent: FolderAgent, environment: Mapping[str, str]) -> AsyncGenerator[Client]:
    programs = programs_in(environment, lambda: agent)
    assert programs is not None
    app = await asyncio.to_thread(agent_app, OpenDoor(agent, Visitors(b"key")), STATIC, programs=programs.routes)
    async with listening(app) as base_url, Client(base_url) as client:
        yield client
    await programs.close()
