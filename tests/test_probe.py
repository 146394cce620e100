"""*Try it*: what a model can do is found out by at most six requests, whatever the endpoint does."""

import asyncio
import itertools
import json
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import pytest

from tests.asking import entry_for
from tests.fakes.openai_replies import (
    NO_QUOTA,
    RATE_LIMITED,
    SERVER_ERROR,
    UNAUTHORIZED,
    WEB_PAGE,
    Json,
    Raw,
    Reply,
    Says,
)
from tests.fakes.openai_server import FakeOpenAI, refused_base_url
from tests.fakes.openai_talents import CUT, ENDLESS, NOT_AN_ANSWER, SILENT, Talents, failing_at
from user_agent.errors import AuthFailed, ModelTimeout, NoQuota, Unavailable
from user_agent.models.entry import ModelEntry
from user_agent.models.openai_compatible import OpenAICompatible
from user_agent.models.probe import Asking, Found, Limits, Probe, Probed
from user_agent.runtime import ModelClients

QUICK = Limits(answer_s=5, total_s=10)


@dataclass(frozen=True)
class Trial:
    """What a probe told, and how many requests came in."""

    found: dict[str, Found]
    end: Probed
    requests: int


async def tried(model: Callable[[Json], Reply], limits: Limits = QUICK, **fields: Any) -> Trial:
    async with FakeOpenAI(fallback=model) as server, ModelClients() as clients:
        probe = Probe(entry_for(server, **fields), lambda entry: OpenAICompatible(clients, entry), limits)
        events = [event async for event in probe.run()]
        asked = [event.ability for event in events if isinstance(event, Asking)]
        found = {event.ability: event for event in events if isinstance(event, Found)}
        assert asked == list(found) == ["stream", "function_calling", "json", "vision"]
        end = events[-1]
        assert isinstance(end, Probed)
        assert end.requests == len(server.requests) <= 6
        return Trial(found, end, len(server.requests))


@pytest.mark.parametrize(
    ("streams", "calls", "keeps_json", "sees"),
    [*itertools.product(("yes", "one_piece"), ("yes", "words"), ("yes", "prose"), ("yes", "guesses"))],
)
async def test_every_combination_of_abilities_is_found(streams: Any, calls: Any, keeps_json: Any, sees: Any) -> None:
    trial = await tried(Talents(streams, calls, keeps_json, sees))
    wanted = {
        "support_stream": streams == "yes",
        "is_function_call": calls == "yes",
        "keeps_json": keeps_json == "yes",
        "vision": sees == "yes",
    }
    assert trial.end.facts == wanted
    missing = {"support_stream": "in_one_piece", "is_function_call": "text_protocol"}
    missing |= {"keeps_json": "choose_another_builder", "vision": "no_pictures"}
    assert list(trial.end.fallbacks) == [missing[fact] for fact, works in wanted.items() if not works]


@pytest.mark.parametrize(
    ("talents", "ability", "why"),
    [
        (Talents(streams="refuses"), "stream", "refused"),
        (Talents(calls="refuses"), "function_calling", "refused"),
        (Talents(calls="crashes"), "function_calling", "refused"),
        (Talents(calls="another_tool"), "function_calling", "wrong_call"),
        (Talents(calls="broken_arguments"), "function_calling", "wrong_call"),
        (Talents(calls="ignores_result"), "function_calling", "result_unread"),
        (Talents(keeps_json="other_keys"), "json", "not_json"),
        (Talents(sees="lists_all"), "vision", "not_seen"),
        (Talents(sees="refuses"), "vision", "refused"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_model_that_only_claims_an_ability_does_not_get_it(talents: Talents, ability: str, why: str) -> None:
    trial = await tried(talents)
    assert (trial.found[ability].works, trial.found[ability].why) == (False, why)
    assert all(found.works for name, found in trial.found.items() if name != ability)


async def test_what_the_endpoint_says_about_it_is_told() -> None:
    trial = await tried(Talents(calls="refuses"))
    assert trial.found["function_calling"].detail == "This model does not support tools."


async def test_the_worst_case_takes_six_requests() -> None:
    trial = await tried(Talents(streams="refuses"))
    assert trial.requests == 6


async def test_a_fence_around_json_does_no_harm() -> None:
    assert (await tried(Talents(keeps_json="fenced"))).end.facts["keeps_json"]


async def test_an_endpoint_that_only_refuses_to_count_tokens_streams_all_the_same() -> None:
    facts = (await tried(Talents(streams="refuses_to_count"))).end.facts
    assert facts["support_stream"] and facts["stream_usage"] is False


async def test_a_model_that_thinks_is_known_as_one() -> None:
    assert (await tried(Talents(thinks=True))).end.facts["reasoning"]
    assert "reasoning" not in (await tried(Talents())).end.facts


async def test_what_the_entry_says_already_is_tried_all_the_same() -> None:
    trial = await tried(Talents(), is_function_call=False, support_stream=False, vision=False)
    assert trial.end.facts == dict.fromkeys(("support_stream", "is_function_call", "keeps_json", "vision"), True)


@pytest.mark.parametrize(
    ("reply", "why"),
    [(RATE_LIMITED, "busy"), (CUT, "broken"), (SILENT, "too_slow")],
    ids=["rate limited", "cut", "silent"],
)
async def test_what_could_not_be_found_out_stays_unknown(reply: Reply, why: str) -> None:
    trial = await tried(failing_at(2, reply), Limits(answer_s=0.4, total_s=10))
    assert (trial.found["function_calling"].works, trial.found["function_calling"].why) == (None, why)
    assert trial.end.facts == {"support_stream": True}
    assert trial.end.fallbacks == ()


async def test_an_answer_that_never_ends_is_not_read_for_long() -> None:
    trial = await tried(failing_at(2, ENDLESS))
    assert (trial.found["function_calling"].works, trial.found["function_calling"].why) == (False, "no_call")


async def test_a_server_that_is_gone_in_the_middle_takes_no_ability_away() -> None:
    async with ModelClients() as clients:
        server = FakeOpenAI(fallback=Talents())
        await server.__aenter__()
        probe = Probe(entry_for(server), lambda entry: OpenAICompatible(clients, entry), QUICK)
        events: list[object] = []
        async with aclosing(probe.run()) as run:
            async for event in run:
                events.append(event)
                if isinstance(event, Found) and event.ability == "stream":
                    await server.__aexit__(None, None, None)
        end = events[-1]
        assert isinstance(end, Probed)
        assert end.facts == {"support_stream": True}


async def test_a_web_page_instead_of_an_answer_to_tools_is_a_missing_ability() -> None:
    trial = await tried(failing_at(2, WEB_PAGE))
    assert (trial.found["function_calling"].works, trial.found["function_calling"].why) == (False, "broken")


@pytest.mark.parametrize(
    ("reply", "kind"),
    [(UNAUTHORIZED, AuthFailed), (NO_QUOTA, NoQuota), (SERVER_ERROR, Unavailable), (SILENT, ModelTimeout)],
    ids=["key", "quota", "server", "silence"],
)
async def test_a_model_that_cannot_be_asked_is_told_as_such(reply: Reply, kind: type[Exception]) -> None:
    async with FakeOpenAI(fallback=lambda _: reply) as server, ModelClients() as clients:
        limits = Limits(answer_s=0.3, total_s=1)
        probe = Probe(entry_for(server), lambda entry: OpenAICompatible(clients, entry), limits)
        with pytest.raises(kind):
            _ = [event async for event in probe.run()]
        assert len(server.requests) <= 2


async def test_an_address_where_nothing_listens_is_asked_once() -> None:
    entry = ModelEntry.model_validate({"type": "openai", "model": "m", "api_base": refused_base_url()})
    async with ModelClients() as clients:
        with pytest.raises(Unavailable):
            _ = [event async for event in Probe(entry, lambda entry: OpenAICompatible(clients, entry)).run()]


async def test_a_model_whose_stream_is_no_stream_is_asked_for_its_answer_in_one_piece() -> None:
    def model(body: Json) -> Reply:
        return NOT_AN_ANSWER if body.get("stream") else Talents()(body)

    trial = await tried(model)
    assert (trial.found["stream"].works, trial.found["stream"].why) == (False, "broken")
    assert trial.end.facts["is_function_call"]


async def test_a_stream_that_arrives_in_one_packet_is_a_stream() -> None:
    events = [{"choices": [{"delta": {"content": word}}]} for word in ("one, ", "two, ", "three")]
    events.append({"choices": [{"delta": {}, "finish_reason": "stop"}]})
    packet = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"
    trial = await tried(lambda body: Raw(packet))
    assert trial.found["stream"].works


async def test_the_whole_takes_no_longer_than_it_may() -> None:
    slow = failing_at(2, Says("one, two", first_delay_s=30))
    trial = await tried(slow, Limits(answer_s=0.4, total_s=0.7))
    assert trial.end.seconds < 3
    assert trial.requests <= 3
    assert trial.found["vision"].why == "too_slow"


async def test_stopping_ends_the_request_that_is_open() -> None:
    asked = asyncio.Event()

    def model(_: Json) -> Reply:
        asked.set()
        return Says("on ", ending="endless", delay_s=0.05)

    async with FakeOpenAI(fallback=model) as server, ModelClients() as clients:
        run = Probe(entry_for(server), lambda entry: OpenAICompatible(clients, entry), QUICK).run()
        assert isinstance(await anext(run), Asking)
        waiting = asyncio.ensure_future(anext(run))
        await asked.wait()
        waiting.cancel()
        await server.last.gone.wait()
        await run.aclose()
