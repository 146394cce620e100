"""Calls that wait for a person, over the HTTP API: a turn ends in `input_needed`, a decision goes on with it."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.client import Client, Refused, ServerEvent, text_of
from tests.conftest import Serve
from tests.fakes.openai_replies import UNAUTHORIZED, Call, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.model_file import model_file
from user_agent.tools.calling import REFUSED
from user_agent.tools.own import tool
from user_agent.tools.registry import TOOLS

RENEW = Call("RenewInstance", '{"instance_id": "i-1", "period": 3}', "call_a")
RENEWED = "已完成ECS实例ID为i-1的续费，续费时长3月"
SENT: list[str] = []


@tool(effect="writes")
async def send_note(text: str) -> str:
    """Send a note."""
    SENT.append(text)
    return "sent"


SEND = Call("send_note", '{"text": "hi"}', "call_b")


@pytest.fixture(autouse=True)
def own_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    """`send_note` is one of this server's tools: one line in the table, as for any other."""
    monkeypatch.setitem(TOOLS, "send_note", f"{__name__}:send_note")
    SENT.clear()


@dataclass(frozen=True)
class Talk:
    """A conversation with an agent that renews and sends notes."""

    client: Client
    model: FakeOpenAI
    agent: str
    path: str

    async def say(self, text: str = "Do it", **more: Any) -> list[ServerEvent]:
        return await self.client.collect("POST", f"{self.path}/messages", json={"text": text, **more})

    async def waiting(self) -> str:
        turn = (await self.stored())["waiting"]
        assert isinstance(turn, str)
        return turn

    async def stored(self) -> dict[str, Any]:
        return dict(await self.client.get(self.path))

    async def decide(self, calls: Mapping[str, str], turn: str | None = None, **options: Any) -> list[ServerEvent]:
        body = {"turn": turn or await self.waiting(), "calls": calls}
        return await self.client.collect("POST", f"{self.path}/decisions", json=body, **options)

    async def refusal(self, calls: Mapping[str, str], turn: str | None = None, **options: Any) -> tuple[int, str]:
        with pytest.raises(Refused) as refused:
            await self.decide(calls, turn, **options)
        return refused.value.answer.status, refused.value.answer.body["code"]

    async def config(self) -> dict[str, Any]:
        return dict((await self.client.get(f"/api/agents/{self.agent}"))["config"])


def told_last(model: FakeOpenAI) -> list[str]:
    """The results that the model's last request carried."""
    return [message["content"] for message in model.requests[-1].body["messages"] if message["role"] == "tool"]


@asynccontextmanager
async def talking(serve: Serve, tmp_path: Path, **facts: Any) -> AsyncGenerator[Talk]:
    async with FakeOpenAI() as model, serve(MODEL_CONFIG_FILE=model_file(tmp_path, model.base_url, **facts)) as client:
        agent = (await client.post("/api/agents"))["id"]
        ticks = {"RenewInstance": True, "send_note": True, "calculator": True}
        await client.call("PATCH", f"/api/agents/{agent}/config", json={"tools": ticks})
        yield Talk(client, model, agent, await client.conversation(agent))


@pytest.fixture
async def talk(serve: Serve, tmp_path: Path) -> AsyncGenerator[Talk]:
    async with talking(serve, tmp_path) as talk:
        yield talk


def types(events: list[ServerEvent]) -> list[str]:
    return [event.type for event in events if event.type not in ("text_delta", "tool_drafting")]


async def test_a_call_that_writes_waits_and_goes_on_when_it_is_allowed(talk: Talk) -> None:
    talk.model.script(Says("I will.", calls=(RENEW,)), Says("Renewed."))
    events = await talk.say()
    assert types(events) == ["turn_started", "tool_started", "input_needed", "run_finished"]
    arguments = {"instance_id": "i-1", "period": 3}
    assert events[-2].data == {
        "calls": [{"type": "tool_call", "id": "call_a", "name": "RenewInstance", "arguments": arguments}],
    }
    assert events[-1].data["stop"] == "input_needed"
    stored = await talk.stored()
    assert (stored["waiting"], stored["busy"]) == (events[0].data["turn"], None)
    assert stored["messages"][-1]["parts"][0]["data"] == {"calls": events[-2].data["calls"]}
    events = await talk.decide({"call_a": "allow"})
    assert types(events) == ["turn_started", "tool_finished", "run_finished"]
    assert RENEWED in events[1].data["output"]
    assert text_of(events) == "Renewed."
    assert [RENEWED in told for told in told_last(talk.model)] == [True]
    stored = await talk.stored()
    assert stored["waiting"] is None
    assert [message["role"] for message in stored["messages"]][-3:] == ["user", "tool", "assistant"]


async def test_a_refused_call_is_not_made_and_the_model_is_told(talk: Talk) -> None:
    talk.model.script(Says(calls=(SEND,)), Says("I did not."))
    await talk.say()
    events = await talk.decide({"call_b": "refuse"})
    assert (events[1].data["refused"], SENT) == (True, [])
    assert told_last(talk.model) == [REFUSED]


async def test_always_is_written_as_a_change_of_the_configuration_that_can_be_undone(talk: Talk) -> None:
    talk.model.script(Says(calls=(SEND,)), Says("Sent."), Says(calls=(SEND,)), Says("Sent again."))
    await talk.say()
    events = await talk.decide({"call_b": "always"})
    assert types(events) == ["turn_started", "config_changed", "tool_finished", "run_finished"]
    [change] = events[1].data["changes"]
    assert (change["field"], change["before"], change["after"], change["author"]) == (
        "tools.send_note.policy",
        None,
        "allow",
        "form",
    )
    assert (await talk.config())["tools"]["send_note"]["policy"] == "allow"
    assert types(await talk.say()) == ["turn_started", "tool_started", "tool_finished", "run_finished"]
    assert SENT == ["hi", "hi"]
    undone = await talk.client.call("POST", f"/api/agents/{talk.agent}/changes/undo", json={"changes": [change["id"]]})
    assert undone.status == 200
    assert "policy" not in (await talk.config())["tools"]["send_note"]
    talk.model.script(Says(calls=(SEND,)))
    assert types(await talk.say())[-2] == "input_needed"


async def test_it_waits_through_a_restart(serve: Serve, tmp_path: Path) -> None:
    async with talking(serve, tmp_path) as talk:
        talk.model.script(Says(calls=(SEND,)))
        await talk.say()
        turn = await talk.waiting()
    async with FakeOpenAI() as model, serve(MODEL_CONFIG_FILE=model_file(tmp_path, model.base_url)) as client:
        again = Talk(client, model, talk.agent, talk.path)
        assert await again.waiting() == turn
        last = (await client.collect("GET", f"/api/turns/{turn}/events"))[-1]
        assert last.data["stop"] == "input_needed"
        model.script(Says("Sent."))
        assert text_of(await again.decide({"call_b": "allow"})) == "Sent."
    assert SENT == ["hi"]


async def test_it_is_the_same_in_the_text_protocol(serve: Serve, tmp_path: Path) -> None:
    async with talking(serve, tmp_path, is_function_call=False) as talk:
        talk.model.script(Says('Action: send_note\nAction Input: {"text": "hi"}\n'), Says("Answer: Sent."))
        events = await talk.say()
        [call] = events[-2].data["calls"]
        assert (call["name"], call["arguments"], SENT) == ("send_note", {"text": "hi"}, [])
        assert text_of(await talk.decide({call["id"]: "allow"})) == "Sent."
        assert SENT == ["hi"]
        assert "Observation: <result>sent</result>" in json.dumps(talk.model.requests[-1].body["messages"])


# --- one decision, by the one who was asked, on what was shown ---


async def test_of_many_decisions_at_once_one_counts(talk: Talk) -> None:
    talk.model.script(Says(calls=(SEND,)), Says("Sent.", delay_s=0.01))
    await talk.say()
    turn = await talk.waiting()

    async def decide(choice: str) -> str:
        try:
            return (await talk.decide({"call_b": choice}, turn))[0].data["turn"]
        except Refused as refused:
            return str(refused.answer.body["code"])

    answers = await asyncio.gather(*(decide(choice) for choice in ("allow", "always", "refuse") * 4))
    lost = [answer for answer in answers if answer == "not_waiting"]
    assert len(lost) == 11
    assert len(SENT) <= 1
    decisions = [message for message in (await talk.stored())["messages"] if message["role"] == "user"]
    assert len(decisions) == 2  # the question, and one decision


async def test_a_decision_sent_again_under_its_key_is_the_same_one(talk: Talk) -> None:
    talk.model.script(Says(calls=(SEND,)), Says("Sent."))
    await talk.say()
    turn, headers = await talk.waiting(), {"Idempotency-Key": "decision-1"}
    answers = await asyncio.gather(*(talk.decide({"call_b": "allow"}, turn, headers=headers) for _ in range(5)))
    assert all(answer == answers[0] for answer in answers)
    assert SENT == ["hi"]
    assert await talk.refusal({"call_b": "refuse"}, turn, headers=headers) == (422, "idempotency_key_reused")


async def test_a_decision_on_what_waits_no_more_is_refused(talk: Talk) -> None:
    talk.model.script(Says(calls=(SEND,)), Says("All right."))
    await talk.say()
    turn = await talk.waiting()
    await talk.say("Never mind")
    assert await talk.refusal({"call_b": "allow"}, turn) == (409, "not_waiting")
    assert (SENT, (await talk.stored())["waiting"]) == ([], None)
    [told] = told_last(talk.model)
    assert "did not allow" in told


async def test_a_decision_on_a_version_that_is_not_shown_is_refused(talk: Talk) -> None:
    talk.model.script(Says(calls=(SEND,)), Says("Differently."), Says("Sent."))
    await talk.say()
    turn = await talk.waiting()
    await talk.say("Do another thing", instead_of=turn)
    assert await talk.refusal({"call_b": "allow"}, turn) == (409, "not_waiting")
    await talk.client.call("PATCH", talk.path, json={"turn": turn})
    assert text_of(await talk.decide({"call_b": "allow"}, turn)) == "Sent."


async def test_what_is_made_is_what_was_shown_and_nothing_that_a_client_says(talk: Talk) -> None:
    talk.model.script(Says(calls=(SEND,)), Says("Sent."))
    await talk.say()
    assert await talk.refusal({"call_z": "allow"}) == (400, "bad_request")
    assert await talk.refusal({}) == (400, "bad_request")
    assert await talk.refusal({"call_b": "perhaps"}) == (422, "bad_request")
    assert await talk.refusal({"call_b": "allow"}, "nonesuch") == (409, "not_waiting")
    assert await talk.refusal({"call_b": "allow"}, "\ud800") == (422, "bad_request")
    body = {"turn": await talk.waiting(), "calls": {"call_b": "allow"}, "arguments": {"text": "other"}}
    assert (await talk.client.call("POST", f"{talk.path}/decisions", json=body)).status == 422
    assert SENT == []
    await talk.decide({"call_b": "allow"})
    assert SENT == ["hi"]


async def test_nobody_decides_for_another(serve: Serve, tmp_path: Path) -> None:
    tokens = {"AGENTFABRIC_TOKENS": "ann:the-token-of-ann,bob:the-token-of-bob"}
    async with FakeOpenAI() as model, serve(MODEL_CONFIG_FILE=model_file(tmp_path, model.base_url), **tokens) as door:
        people = {name: {"Authorization": f"Bearer the-token-of-{name}"} for name in ("ann", "bob")}
        async with Client(door.base_url, people["ann"]) as ann, Client(door.base_url, people["bob"]) as bob:
            agent = (await ann.post("/api/agents"))["id"]
            await ann.call("PATCH", f"/api/agents/{agent}/config", json={"tools": {"send_note": True}})
            talk = Talk(ann, model, agent, await ann.conversation(agent))
            model.script(Says(calls=(SEND,)), Says("Sent."))
            await talk.say()
            turn = await talk.waiting()
            hers = Talk(bob, model, agent, talk.path)
            assert await hers.refusal({"call_b": "allow"}, turn) == (404, "not_found")
            his = (await bob.post("/api/agents"))["id"]
            own = Talk(bob, model, his, await bob.conversation(his))
            assert await own.refusal({"call_b": "allow"}, turn) == (409, "not_waiting")
            assert SENT == []
            await talk.decide({"call_b": "allow"})
            assert SENT == ["hi"]


# --- several calls ---


async def test_calls_are_decided_one_by_one_while_the_rest_waits_on(talk: Talk) -> None:
    both = Says(calls=(RENEW, SEND, Call("calculator", '{"expression": "2+3"}', "call_c")))
    talk.model.script(both, Says("Half of it."))
    events = await talk.say()
    assert [call["id"] for call in events[-2].data["calls"]] == ["call_a", "call_b"]
    events = await talk.decide({"call_a": "allow"})
    assert types(events) == ["turn_started", "tool_finished", "input_needed", "run_finished"]
    assert [call["id"] for call in events[2].data["calls"]] == ["call_b"]
    assert await talk.refusal({"call_a": "allow"}) == (400, "bad_request")
    events = await talk.decide({"call_b": "refuse"})
    assert (text_of(events), SENT) == ("Half of it.", [])
    assert [told[:10] for told in told_last(talk.model)][1] == REFUSED[:10]
    assert len(told_last(talk.model)) == 3


# --- around it ---


async def test_asking_again_after_a_decision_asks_the_question_again(talk: Talk) -> None:
    talk.model.script(Says(calls=(SEND,)), Says("Sent."), Says("Not this time."))
    first = await talk.say("Send it")
    decided = (await talk.decide({"call_b": "allow"}))[0].data["turn"]
    events = await talk.client.collect("POST", f"{talk.path}/messages", json={"instead_of": decided})
    assert text_of(events) == "Not this time."
    stored = await talk.stored()
    assert [message["parts"][0].get("text") for message in stored["messages"]] == ["Send it", "Not this time."]
    assert stored["versions"] == {events[0].data["turn"]: [first[0].data["turn"], events[0].data["turn"]]}


async def test_what_an_allowed_call_did_is_known_although_the_model_failed_after_it(talk: Talk) -> None:
    talk.model.script(Says(calls=(SEND,)), UNAUTHORIZED, Says("I know."))
    await talk.say()
    assert (await talk.decide({"call_b": "allow"}))[-1].type == "run_failed"
    await talk.say("And now?")
    assert (SENT, told_last(talk.model)) == (["hi"], ["sent"])


async def test_a_lock_on_the_tools_keeps_them_asking(talk: Talk) -> None:
    talk.model.script(Says(calls=(SEND,)), Says("Sent."))
    await talk.say()
    await talk.client.call("PUT", f"/api/agents/{talk.agent}/locks/tools")
    assert await talk.refusal({"call_b": "always"}) == (409, "locked")
    assert SENT == []
    await talk.decide({"call_b": "allow"})
    assert SENT == ["hi"]


async def test_a_policy_is_set_beside_the_ticks(talk: Talk) -> None:
    path = f"/api/agents/{talk.agent}/config"
    answer = await talk.client.call("PATCH", path, json={"policies": {"send_note": "allow", "calculator": "ask"}})
    assert {change["field"] for change in answer.body["changes"]} == {
        "tools.send_note.policy",
        "tools.calculator.policy",
    }
    talk.model.script(Says(calls=(SEND, Call("calculator", '{"expression": "2+3"}', "call_c"))))
    events = await talk.say()
    assert [call["name"] for call in events[-2].data["calls"]] == ["calculator"]
    assert SENT == ["hi"]
    body = {"policies": {"send_note": "ask"}, "base": {"policies": {"send_note": None}}}
    clash = await talk.client.call("PATCH", path, json=body)
    assert (clash.status, list(clash.body["clashes"])) == (409, ["tools.send_note.policy"])
    assert (await talk.client.call("PATCH", path, json={"policies": {"send_note": "never"}})).status == 422
    refused = (await talk.client.call("PATCH", path, json={"policies": {"nonesuch": "allow"}})).body["refused"]
    assert [refusal["field"] for refusal in refused] == ["tools.nonesuch.policy"]


async def test_a_tool_that_reads_or_writes_asks_only_before_it_writes(talk: Talk) -> None:
    path = f"/api/agents/{talk.agent}/config"
    await talk.client.call("PATCH", path, json={"tools": {"storage": True}})
    put = Call("storage", '{"operate": "set", "key": "city", "value": "Hangzhou"}', "call_put")
    got = Call("storage", '{"operate": "list"}', "call_list")
    talk.model.script(Says(calls=(put, got)), Says("Kept."))
    events = await talk.say()
    assert [event.data["id"] for event in events if event.type == "tool_finished"] == ["call_list"]
    assert [call["id"] for call in events[-2].data["calls"]] == ["call_put"]
    await talk.decide({"call_put": "allow"})
    # Chosen for good, and taken back to what it does by itself.
    for policy, waits in (("ask", True), ("ask_writes", False)):
        await talk.client.call("PATCH", path, json={"policies": {"storage": policy}})
        talk.model.script(Says(calls=(got,)), Says("Listed."))
        asked = [call["id"] for event in await talk.say() for call in event.data.get("calls", ())]
        assert bool(asked) is waits
        if asked:
            await talk.decide(dict.fromkeys(asked, "refuse"))
    tools = {tool["id"]: tool["effect"] for tool in await talk.client.get("/api/tools")}
    assert (tools["storage"], tools["http_request"], tools["RenewInstance"]) == ("depends", "depends", "writes")
    assert tools["weather"] == "reads"


async def test_a_leave_to_write_unasked_does_not_come_with_a_document(talk: Talk) -> None:
    entry = {"name": "x", "is_active": True, "use": True, "policy": "allow"}
    brought = await talk.client.post("/api/agents", json={"config": {"tools": {"send_note": entry}}})
    assert brought["notices"] == [{"kind": "asks_again", "field": "tools.send_note.policy", "name": "send_note"}]
    assert "policy" not in brought["config"]["tools"]["send_note"]
    # One that a person gave here stays where the same document is written again.
    path = f"/api/agents/{brought['id']}/config"
    patched = await talk.client.call("PATCH", path, json={"policies": {"send_note": "allow"}})
    tools = {"send_note": entry, "RenewInstance": entry}
    put = await talk.client.call(
        "PUT", path, json={"tools": tools}, headers={"If-Match": f'"{patched.body["revision"]}"'}
    )
    assert [notice["name"] for notice in put.body["notices"]] == ["RenewInstance"]
    assert [tool.get("policy") for tool in put.body["config"]["tools"].values()] == ["allow", None]


async def test_the_builder_neither_sees_nor_takes_back_what_a_tool_may_do_unasked(talk: Talk) -> None:
    path = f"/api/agents/{talk.agent}/config"
    for policy in ("allow", "ask"):
        await talk.client.call("PATCH", path, json={"policies": {"send_note": policy}})
    talk.model.script(Says("Nothing to undo."))
    await talk.client.tell_builder(talk.agent, "Undo the last change")
    assert "policy" not in json.dumps(talk.model.requests[-1].body)
    assert (await talk.config())["tools"]["send_note"]["policy"] == "ask"
