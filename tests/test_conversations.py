"""A person's conversations over the HTTP API: lists, names, undo, asking again, asking differently."""

import asyncio
import re
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiohttp import FormData
from pytest import MonkeyPatch

from agentfabric.service import conversations
from tests.client import Client, Refused, ServerEvent, text_of
from tests.conftest import Serve
from tests.fakes.openai_replies import UNAUTHORIZED, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.model_file import model_file

Json = dict[str, Any]


async def asked(client: Client, path: str, *, instead_of: str, text: str | None = None) -> list[ServerEvent]:
    """Asks something in the place of a turn; without a text, the same again."""
    body = {"instead_of": instead_of} if text is None else {"text": text, "instead_of": instead_of}
    return await client.collect("POST", f"{path}/messages", json=body)


async def listed(client: Client, path: str, search: str = "") -> list[str]:
    """The titles of the conversations, as they are listed."""
    items = await client.get(path.rsplit("/", 1)[0], params={"search": search})
    return [item["title"] for item in items]


def turn_of(events: list[ServerEvent]) -> str:
    return events[0].data["turn"]


def shown(conversation: Json) -> list[tuple[str, str]]:
    """Who said what, as the page shows it."""
    return [
        (message["role"], part["text"])
        for message in conversation["messages"]
        for part in message["parts"]
        if part["type"] == "text"
    ]


# ---- the list


async def test_the_conversation_that_went_on_last_is_listed_first_with_its_title(client: Client) -> None:
    agent = await client.post("/api/agents")
    first, second = [await client.conversation(agent["id"]) for _ in range(2)]
    await client.say(first, "What is 1 + 1?")
    await client.say(second, "What is 2 + 2?")
    assert await listed(client, first) == ["What is 2 + 2?", "What is 1 + 1?"]
    await client.say(first, "And 3 + 3?")
    assert await listed(client, first) == ["What is 1 + 1?", "What is 2 + 2?"]
    renamed = await client.call("PATCH", second, json={"title": "  Sums \n of  two "})
    assert (renamed.status, renamed.body["title"]) == (200, "Sums of two")
    assert (await client.get(second))["title"] == "Sums of two"
    await client.say(second, "And 4 + 4?")
    assert await listed(client, first) == ["Sums of two", "What is 1 + 1?"]


@pytest.mark.parametrize("body", [{}, {"title": " \n"}, {"title": "\0"}, {"title": 3}, [], {"turn": 7}])
async def test_a_change_that_says_nothing_is_a_bad_request(client: Client, body: object) -> None:
    path = await client.conversation((await client.post("/api/agents"))["id"])
    answer = await client.call("PATCH", path, json=body)
    assert (answer.status, answer.body["code"]) == (400, "bad_request")


async def test_a_message_of_files_alone_names_the_conversation_after_them(client: Client) -> None:
    path = await client.conversation((await client.post("/api/agents"))["id"])
    form = FormData()
    form.add_field("files", b"Rain.", filename="forecast.md", content_type="text/markdown")
    await client.collect("POST", f"{path}/messages", data=form)
    assert await listed(client, path) == ["forecast.md"]


async def test_conversations_are_found_by_what_was_said_in_them(serve: Serve, tmp_path: Path) -> None:
    async with FakeOpenAI() as server, serve(MODEL_CONFIG_FILE=model_file(tmp_path, server.base_url)) as client:
        agent = await client.post("/api/agents")
        said = {"Trip": "Schnell ins GRÜNE,  bitte", "杭州": "西湖什么时候最美？", "100%": 'a "quoted" word'}
        answers = {"Trip": "Take the tram.", "杭州": "春天。", "100%": "text type role"}
        for title, words in said.items():
            path = await client.conversation(agent["id"])
            server.script(Says(answers[title]))
            await client.say(path, words)
            await client.call("PATCH", path, json={"title": title})
        path = await client.conversation(agent["id"])
        for search, titles in {
            "TRAM": ["Trip"],
            "grüne, bitte": ["Trip"],
            "西湖": ["杭州"],
            "春天": ["杭州"],
            "杭州": ["杭州"],
            '"quoted"': ["100%"],
            "100%": ["100%"],
            "role": ["100%"],
            "assistant": [],
            "_": [],
            "  ": ["", "100%", "杭州", "Trip"],
        }.items():
            assert await listed(client, path, search) == titles, search


async def test_a_search_tells_the_place_that_it_found(serve: Serve, tmp_path: Path) -> None:
    async with FakeOpenAI() as server, serve(MODEL_CONFIG_FILE=model_file(tmp_path, server.base_url)) as client:
        path = await client.conversation((await client.post("/api/agents"))["id"])

        async def found(search: str) -> Json | None:
            [item] = await client.get(path.rsplit("/", 1)[0], params={"search": search})
            return item["found"]

        server.script(Says("Over  the\nRiver. " * 20), Says("春天最美，" + "苏堤白堤" * 40), Says("İİ 𝄞 a GARDEN"))
        first = turn_of(await client.say(path, "Where does the path lead?"))
        second = turn_of(await client.say(path, "西湖？"))
        assert await found("path LEAD") == {
            "turn": first,
            "before": "Where does the ",
            "match": "path lead",
            "after": "?",
        }
        river = await found("the river")
        assert river == {"turn": first, "before": "Over ", "match": "the River", "after": river["after"]}
        assert re.fullmatch(r"\. Over .{60,84}(the|Over|River\.)…", river["after"])
        lake = await found("白堤苏堤白堤")
        assert lake == {**lake, "turn": second, "before": "春天最美，苏堤", "match": "白堤苏堤白堤"}
        assert re.fullmatch("(苏堤|白堤)+…", lake["after"])
        # What is shown comes before what another version said earlier; that is found where nothing else says it.
        changed = turn_of(await asked(client, path, instead_of=first, text="Where does the path end?"))
        assert (await found("the path"))["turn"] == changed
        assert (await found("path lead"))["turn"] == first
        garden = await found("garden")
        assert garden == {"turn": changed, "before": "İİ 𝄞 a ", "match": "GARDEN", "after": ""}
        await client.call("PATCH", path, json={"title": "Paths & walks"})
        assert await found("walks") is None
        assert "found" not in (await client.get(path.rsplit("/", 1)[0]))[0]


async def test_a_deleted_conversation_comes_back_within_a_day_and_is_erased_after(
    serve: Serve, home: Path, monkeypatch: MonkeyPatch
) -> None:
    async with serve() as client:
        path = await client.conversation((await client.post("/api/agents"))["id"])
        form = FormData()
        form.add_field("text", "What is 6 * 7?")
        form.add_field("files", b"a secret plan", filename="plan.txt", content_type="text/plain")
        await client.collect("POST", f"{path}/messages", data=form)
        before = await client.get(path)
        file = f"/api/files/{before['messages'][0]['parts'][1]['file']}"
        assert (await client.call("DELETE", path)).status == 204
        assert await listed(client, path) == []
        for method, url in (("GET", path), ("DELETE", path), ("POST", f"{path}/messages")):
            answer = await client.call(method, url, json={"text": "x"})
            assert (answer.status, answer.body["code"]) == (404, "not_found")
        assert (await client.call("POST", f"{path}/undelete")).status == 200
        assert (await client.call("POST", f"{path}/undelete")).status == 200
        assert await client.get(path) == before
        assert await client.get(file) == b"a secret plan"
        assert (await client.call("DELETE", path)).status == 204
        monkeypatch.setattr(conversations, "KEPT_AWAY", timedelta(0))
        other = await client.conversation(path.split("/")[3])
        assert (await client.call("DELETE", other)).status == 204
        assert (await client.call("POST", f"{path}/undelete")).status == 404
        assert (await client.call("GET", file)).status == 404
    assert not any(b"a secret plan" in blob.read_bytes() for blob in (home / "blobs").iterdir())


async def test_what_was_said_to_the_builder_is_cleared_and_comes_back(client: Client) -> None:
    agent = await client.post("/api/agents")
    path = f"/api/agents/{agent['id']}/builder"
    assert (await client.call("POST", f"{path}/undelete")).status == 404
    await client.tell_builder(agent["id"], "I want an agent that plans weekend trips")
    said, built = await client.get(path), await client.get(f"/api/agents/{agent['id']}")
    assert (await client.call("DELETE", path)).status == 204
    assert (await client.get(path))["messages"] == []
    assert await client.get(f"/api/agents/{agent['id']}") == built
    assert (await client.call("POST", f"{path}/undelete")).status == 200
    assert await client.get(path) == said
    assert (await client.call("DELETE", path)).status == 204
    await client.tell_builder(agent["id"], "Call it Sunny")
    refused = await client.call("POST", f"{path}/undelete")
    assert (refused.status, refused.body["code"]) == (409, "conflict")


# ---- asking again, asking differently


async def test_a_question_that_is_changed_begins_another_version(serve: Serve, tmp_path: Path) -> None:
    async with FakeOpenAI() as server, serve(MODEL_CONFIG_FILE=model_file(tmp_path, server.base_url)) as client:
        path = await client.conversation((await client.post("/api/agents"))["id"])
        server.script(Says("A1"), Says("A2"), Says("A3"))
        first, second, third = [turn_of(await client.say(path, text)) for text in ("Q1", "Q2", "Q3")]
        whole = shown(await client.get(path))
        server.script(Says("B2"))
        changed = turn_of(await asked(client, path, instead_of=second, text="Q2 changed"))
        now = await client.get(path)
        assert shown(now) == [("user", "Q1"), ("assistant", "A1"), ("user", "Q2 changed"), ("assistant", "B2")]
        assert now["versions"] == {changed: [second, changed]}
        assert (now["turn"], now["title"]) == (changed, "Q1")
        back = await client.call("PATCH", path, json={"turn": second})
        assert (back.status, back.body["turn"]) == (200, third)
        assert shown(await client.get(path)) == whole
        server.script(Says("A4"))
        await client.say(path, "Q4")
        sent = [message["content"] for message in server.last.body["messages"] if message["role"] != "system"]
        assert sent == ["Q1", "A1", "Q2", "A2", "Q3", "A3", "Q4"]
        await client.call("PATCH", path, json={"turn": changed})
        assert shown(await client.get(path)) == shown(now)
        assert first not in (await client.get(path))["versions"]


async def test_the_first_question_can_be_changed_too(serve: Serve, tmp_path: Path) -> None:
    async with FakeOpenAI() as server, serve(MODEL_CONFIG_FILE=model_file(tmp_path, server.base_url)) as client:
        path = await client.conversation((await client.post("/api/agents"))["id"])
        server.script(Says("A1"), Says("B1"))
        first = turn_of(await client.say(path, "Q1"))
        changed = turn_of(await asked(client, path, instead_of=first, text="Q1 changed"))
        now = await client.get(path)
        assert shown(now) == [("user", "Q1 changed"), ("assistant", "B1")]
        assert now["versions"] == {changed: [first, changed]}


async def test_asking_again_repeats_the_words_and_the_files(serve: Serve, tmp_path: Path) -> None:
    async with FakeOpenAI() as server, serve(MODEL_CONFIG_FILE=model_file(tmp_path, server.base_url)) as client:
        path = await client.conversation((await client.post("/api/agents"))["id"])
        form = FormData()
        form.add_field("text", "Sum it up")
        form.add_field("files", b"It rains.", filename="w.txt", content_type="text/plain")
        server.script(Says("Wet."), Says("Rain."))
        first = turn_of(await client.collect("POST", f"{path}/messages", data=form))
        question, sent = (await client.get(path))["messages"][0]["parts"], server.last.body["messages"]
        assert text_of(await asked(client, path, instead_of=first)) == "Rain."
        assert server.last.body["messages"] == sent
        now = await client.get(path)
        assert now["messages"][0]["parts"] == question
        assert [len(turns) for turns in now["versions"].values()] == [2]
        form = FormData()
        for name, value in (("text", "And this?"), ("instead_of", now["turn"])):
            form.add_field(name, value)
        form.add_field("files", b"It snows.", filename="s.txt", content_type="text/plain")
        server.script(Says("White."))
        await client.collect("POST", f"{path}/messages", data=form)
        names = [part["name"] for part in (await client.get(path))["messages"][0]["parts"] if part["type"] == "file"]
        assert names == ["w.txt", "s.txt"]
        assert [message["role"] for message in server.last.body["messages"]][-1] == "user"
        assert "It rains." in str(server.last.body["messages"][0])


async def test_an_attempt_that_failed_is_no_version(serve: Serve, tmp_path: Path) -> None:
    async with FakeOpenAI() as server, serve(MODEL_CONFIG_FILE=model_file(tmp_path, server.base_url)) as client:
        path = await client.conversation((await client.post("/api/agents"))["id"])
        server.script(UNAUTHORIZED, UNAUTHORIZED, Says("A1"))
        failed = turn_of(await client.say(path, "Q1"))
        again = turn_of(await asked(client, path, instead_of=failed))
        assert (await client.get(path))["versions"] == {}
        await asked(client, path, instead_of=again)
        now = await client.get(path)
        assert shown(now) == [("user", "Q1"), ("assistant", "A1")]
        assert now["versions"] == {}


async def test_while_it_answers_nothing_is_changed_under_it(serve: Serve, tmp_path: Path) -> None:
    async with FakeOpenAI() as server, serve(MODEL_CONFIG_FILE=model_file(tmp_path, server.base_url)) as client:
        path = await client.conversation((await client.post("/api/agents"))["id"])
        server.script(Says("A1"), Says("on and on", ending="silent"))
        first = turn_of(await client.say(path, "Q1"))
        async with aclosing(client.events("POST", f"{path}/messages", json={"text": "Q2"})) as events:
            turn = (await anext(events)).data["turn"]
            for body in ({"instead_of": first, "text": "Q1 changed"}, {"instead_of": turn}):
                with pytest.raises(Refused) as refused:
                    await client.collect("POST", f"{path}/messages", json=body)
                assert (refused.value.answer.status, refused.value.answer.body["code"]) == (409, "busy")
            for method, body in (("PATCH", {"turn": first}), ("DELETE", None)):
                answer = await client.call(method, path, json=body)
                assert (answer.status, answer.body["code"]) == (409, "busy")
                assert answer.body["message"].endswith(".")
            assert (await client.call("PATCH", path, json={"title": "Named meanwhile"})).status == 200
            await client.call("POST", f"/api/turns/{turn}/stop")
        now = await client.get(path)
        assert [text for _, text in shown(now)][:3] == ["Q1", "A1", "Q2"]
        assert now["versions"] == {}


async def test_of_many_who_ask_differently_at_once_one_is_answered(serve: Serve, tmp_path: Path) -> None:
    async with FakeOpenAI() as server, serve(MODEL_CONFIG_FILE=model_file(tmp_path, server.base_url)) as client:
        path = await client.conversation((await client.post("/api/agents"))["id"])
        server.script(Says("A1"), Says("B1", first_delay_s=1.0))
        first = turn_of(await client.say(path, "Q1"))
        tries = [asked(client, path, instead_of=first, text=f"Q1 by {number}") for number in range(6)]
        results = await asyncio.gather(*tries, return_exceptions=True)
        answered = [result for result in results if not isinstance(result, BaseException)]
        refused = [result.answer.status for result in results if isinstance(result, Refused)]
        assert (len(answered), refused) == (1, [409] * 5)
        assert (await client.get(path))["versions"] == {turn_of(answered[0]): [first, turn_of(answered[0])]}


async def test_turns_of_another_conversation_are_not_there(serve: Serve, tmp_path: Path) -> None:
    async with FakeOpenAI() as server, serve(MODEL_CONFIG_FILE=model_file(tmp_path, server.base_url)) as client:
        agent, stranger = await client.post("/api/agents"), await client.post("/api/agents")
        path, other = await client.conversation(agent["id"]), await client.conversation(agent["id"])
        server.script(Says("A1"), Says("A2"))
        foreign = turn_of(await client.say(other, "elsewhere"))
        await client.say(path, "here")
        [built] = {event.data["turn"] for event in await client.tell_builder(agent["id"], "hi") if event.seq == 1}
        for turn in (foreign, built, "0" * 24, "", "\ud800"):
            assert (await client.call("PATCH", path, json={"turn": turn})).status == 404
            if turn:
                refused = await client.call("POST", f"{path}/messages", json={"instead_of": turn, "text": "x"})
                assert (refused.status, refused.body["code"]) == (404, "not_found")
        cid = path.rsplit("/", 1)[1]
        builder = (await client.get(f"/api/agents/{agent['id']}/builder"))["id"]
        for foreign_path in (
            f"/api/agents/{stranger['id']}/conversations/{cid}",
            f"/api/agents/{agent['id']}/conversations/{builder}",
        ):
            for method, url in (("PATCH", ""), ("DELETE", ""), ("POST", "/undelete"), ("POST", "/messages")):
                answer = await client.call(method, foreign_path + url, json={"title": "x", "text": "x"})
                assert answer.status == 404, (method, url)
        assert (await client.get(path))["title"] == "here"


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_is_asked_again_the_model_is_sent_what_the_page_shows(
    serve: Serve, tmp_path: Path, seed: int
) -> None:
    """After every step: what is shown leads to the answer that is shown, and older versions come back as they were."""
    dice = Random(seed)
    async with FakeOpenAI() as server, serve(MODEL_CONFIG_FILE=model_file(tmp_path, server.base_url)) as client:
        path = await client.conversation((await client.post("/api/agents"))["id"])
        seen: dict[str, list[tuple[str, str]]] = {}
        for step in range(30):
            now = await client.get(path)
            turns = list(dict.fromkeys(message["turn"] for message in now["messages"]))
            act = dice.choice(("say", "edit", "retry", "version", "failed", "away"))
            if act == "away":
                await client.call("DELETE", path)
                await client.call("POST", f"{path}/undelete")
            elif act == "version" and seen:
                turn = dice.choice(list(seen))
                await client.call("PATCH", path, json={"turn": turn})
                assert (await client.get(path))["turn"] == turn or turn not in turns[-1:]
            else:
                body = {"text": f"Q{step}"} | ({"instead_of": dice.choice(turns)} if turns and act != "say" else {})
                if act == "retry" and turns:
                    del body["text"]
                server.script(UNAUTHORIZED if act == "failed" else Says(f"A{step}"))
                events = await client.collect("POST", f"{path}/messages", json=body)
                now = await client.get(path)
                assert now["turn"] == turn_of(events)
                if act != "failed":
                    sent = [
                        (message["role"], message["content"])
                        for message in server.last.body["messages"]
                        if message["role"] != "system"
                    ]
                    # Questions that got no answer are shown, but not sent again.
                    assert [*sent, ("assistant", f"A{step}")] == answered(now)
                    seen[turn_of(events)] = shown(now)
            now = await client.get(path)
            if now["turn"] in seen:
                assert shown(now) == seen[now["turn"]]


def answered(conversation: Json) -> list[tuple[str, str]]:
    """What is shown of the turns that have an answer."""
    replied = {message["turn"] for message in conversation["messages"] if message["role"] == ("assistant")}
    failed = {
        message["turn"]
        for message in conversation["messages"]
        for part in message["parts"]
        if part["type"] == "data" and part["kind"] == "failed"
    }
    kept = [message for message in conversation["messages"] if message["turn"] in replied - failed]
    return shown({"messages": kept})
