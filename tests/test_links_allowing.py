"""Tools that write, which a link lets its visitors allow: one call at a time, as it is shown, within its limits."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.client import ServerEvent, text_of
from tests.conftest import Serve
from tests.fakes.openai_replies import Call, Says
from tests.test_links import ANN, Shared, Visitor, sharing

RENEW = "RenewInstance"
RENEWS = Call(RENEW, '{"instance_id": "i-of-ann", "period": 2}')
POSTS = Call("http_request", '{"method": "POST", "url": "https://shop.example/orders"}')
DONE = "i-of-ann的续费"


@asynccontextmanager
async def renewing(serve: Serve, tmp_path: Path) -> AsyncGenerator[Shared, None]:
    """Of an agent that renews servers, which its owner lets it do unasked."""
    async with sharing(serve, tmp_path, function_calling=True) as shared:
        tools = {RENEW: True, "calculator": True, "http_request": True}
        change = {"tools": tools, "policies": {RENEW: "allow"}}
        assert (await shared.client.call("PATCH", f"{shared.agent}/config", json=change, headers=ANN)).status == 200
        await shared.client.post(f"{shared.agent}/releases", json={}, headers=ANN)
        yield shared


async def waiting(shared: Shared, visitor: Visitor, wished: Call = RENEWS) -> tuple[str, dict[str, Any]]:
    """A conversation in which a call waits, and the decision to allow it."""
    talk = await visitor.conversation()
    shared.model.script(Says(calls=(wished,)))
    events = await visitor.say(talk, "Renew it for two months")
    asked = next(event.data for event in events if event.type == "input_needed")
    (call,) = asked["calls"]
    assert (call["name"], call["arguments"]) == (wished.name, json.loads(wished.arguments))
    assert events[-1].data["stop"] == "input_needed"
    return talk, {"turn": events[0].data["turn"], "calls": {call["id"]: "allow"}}


async def decide(shared: Shared, visitor: Visitor, talk: str, decided: dict[str, Any]) -> list[ServerEvent]:
    path = f"{visitor.path}{talk}/decisions"
    return await shared.client.collect("POST", path, json=decided, headers=visitor.cookie)


async def test_visitors_allow_single_calls_of_what_a_link_names(serve: Serve, tmp_path: Path) -> None:
    async with renewing(serve, tmp_path) as shared:
        listed = await shared.client.get(f"{shared.agent}/links", headers=ANN)
        assert [tool["key"] for tool in listed["tools"]] == [RENEW, "http_request"]
        odd = await shared.client.call("POST", f"{shared.agent}/links", json={"tools": ["calculator"]}, headers=ANN)
        assert (odd.status, odd.body["params"]) == (400, {"fault": "tool"})
        link = await shared.link(tools=[RENEW])
        assert link["tools"] == [RENEW]
        visitor = Visitor(shared.client, link["path"])
        assert RENEW in (await visitor.call("GET", "profile")).body["tool_titles"]
        talk, decided = await waiting(shared, visitor)
        stranger = await Visitor(shared.client, link["path"]).call("POST", f"{talk}/decisions", json=decided)
        assert stranger.status == 404
        always = {**decided, "calls": dict.fromkeys(decided["calls"], "always")}
        assert (await visitor.call("POST", f"{talk}/decisions", json=always)).status == 403
        shared.model.script(Says("It is renewed."))
        events = await decide(shared, visitor, talk, decided)
        [made] = [event.data for event in events if event.type == "tool_finished"]
        assert DONE in made["output"] and not made["failed"]
        assert text_of(events) == "It is renewed."
        again = await visitor.call("POST", f"{talk}/decisions", json=decided)
        assert (again.status, again.body["code"]) == (409, "not_waiting")
        talk, decided = await waiting(shared, visitor)  # what was allowed once is asked anew
        shared.model.script(Says("Then not."))
        refused = {**decided, "calls": dict.fromkeys(decided["calls"], "refuse")}
        events = await decide(shared, visitor, talk, refused)
        assert DONE not in str(shared.model.last.body) and text_of(events) == "Then not."


async def test_a_call_that_waits_is_not_made_once_it_may_not_be_any_more(serve: Serve, tmp_path: Path) -> None:
    async with renewing(serve, tmp_path) as shared:
        link = await shared.link(tools=[RENEW, "http_request"])
        place = f"{shared.agent}/links/{link['id']}"
        visitor = Visitor(shared.client, link["path"])
        told = list[str]()
        for wished in (RENEWS, POSTS):
            await shared.client.call("PATCH", place, json={"tools": [RENEW, "http_request"]}, headers=ANN)
            talk, decided = await waiting(shared, visitor, wished)
            await shared.client.call("PATCH", place, json={"tools": []}, headers=ANN)
            shared.model.script(Says("I cannot."))
            events = await decide(shared, visitor, talk, decided)
            told += [event.data["output"] for event in events if event.type == "tool_finished"]
        assert "There is no tool" in told[0] and "did not allow" in told[1]
        await shared.client.call("PATCH", place, json={"tools": [RENEW]}, headers=ANN)
        talk, decided = await waiting(shared, visitor)
        limits = {"visitor": {"turns": (await shared.today())["turns"]}, "everybody": {}}
        await shared.client.call("PATCH", place, json={"limits": limits}, headers=ANN)
        limited = await visitor.call("POST", f"{talk}/decisions", json=decided)
        assert (limited.status, limited.body["code"]) == (429, "limit_reached")
        await shared.client.call("PATCH", place, json={"limits": {"visitor": {}, "everybody": {}}}, headers=ANN)
        await shared.client.call("DELETE", place, headers=ANN)
        assert (await visitor.call("POST", f"{talk}/decisions", json=decided)).status == 404
        shared.model.assert_complete()


async def test_other_links_and_programs_are_not_offered_what_one_link_lends(serve: Serve, tmp_path: Path) -> None:
    async with renewing(serve, tmp_path) as shared:
        await shared.link(tools=[RENEW])
        other = await shared.visitor()
        shared.model.script(Says("Hello."), Says("Hello."))
        await other.say(await other.conversation(), "Hi")
        offered = [tool["function"]["name"] for tool in shared.model.last.body["tools"]]
        key = (await shared.client.post(f"{shared.agent}/keys", json={}, headers=ANN))["key"]
        said = {"model": shared.agent.rpartition("/")[2], "messages": [{"role": "user", "content": "Hi"}]}
        bearer = {"Authorization": f"Bearer {key}"}
        assert (await shared.client.call("POST", "/v1/chat/completions", json=said, headers=bearer)).status == 200
        to_programs = [tool["function"]["name"] for tool in shared.model.last.body["tools"]]
    assert RENEW not in offered and "calculator" in offered
    assert RENEW not in to_programs and "calculator" in to_programs
