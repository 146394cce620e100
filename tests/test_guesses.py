"""Wrong tokens: who brings many waits, whoever brings the right one from elsewhere does not."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from agentfabric.store import guesses
from agentfabric.store.database import Database
from tests.client import Client
from tests.conftest import Serve
from user_agent.errors import TooManyGuesses

RIGHT = "the-right-token"
LOCKED = {"AGENTFABRIC_TOKEN": RIGHT}
BEHIND_A_PROXY = {**LOCKED, "AGENTFABRIC_TRUSTED_PROXIES": "127.0.0.1"}


def bearer(token: str, client: str = "") -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} | ({"X-Forwarded-For": client} if client else {})


async def status(client: Client, **headers: str) -> int:
    return (await client.call("GET", "/api/session", headers=headers)).status


async def test_after_ten_wrong_tokens_even_the_right_one_has_to_wait(serve: Serve) -> None:
    async with serve(**LOCKED) as client:
        page = await client.call("GET", f"/?token={RIGHT}")
        session = page.headers["set-cookie"].split(";")[0]
        answers = [await client.call("GET", "/api/session", headers=bearer(f"guess {n}")) for n in range(12)]
        assert [answer.status for answer in answers] == [401] * 10 + [429] * 2
        assert len({str(answer.body) for answer in answers[:10]}) == 1
        late = await client.call("GET", "/api/session", headers=bearer(RIGHT))
        assert (late.status, late.body["code"]) == (429, "too_many_guesses")
        assert 0 < int(late.headers["retry-after"]) <= 900
        for path in (f"/?token={RIGHT}", "/?token=guess"):
            shown = await client.call("GET", path, headers={"Accept": "text/html"})
            assert (shown.status, "set-cookie" in shown.headers) == (429, False)
            assert "Too many wrong tokens" in shown.body.decode()
        # Who is inside stays inside, and what asks for no token is as it was.
        assert await status(client, Cookie=session) == 200
        assert await status(client) == 401
        assert (await client.call("GET", "/healthz")).status == 200


async def test_guesses_that_come_at_the_same_moment_are_counted_one_by_one(serve: Serve) -> None:
    async with serve(**LOCKED) as client:
        seen = await asyncio.gather(*(status(client, **bearer(f"guess {number}")) for number in range(40)))
    assert (seen.count(401), seen.count(429)) == (10, 30)


async def test_a_right_token_is_read_no_sooner_than_the_guesses_before_it(home: Path) -> None:
    async with AsyncExitStack() as stack:
        database = Database(f"sqlite:///{home}/agentfabric.db")
        stack.push_async_callback(database.close)
        await database.open()
        judging = guesses.Guesses(database)
        each = [judging.judge("203.0.113.1", right=number == 20) for number in range(30)]
        each.append(judging.judge("203.0.113.2", right=True))
        came_of = await asyncio.gather(*each, return_exceptions=True)
    assert came_of[:10] == [None] * 10
    assert [type(outcome) for outcome in came_of[10:30]] == [TooManyGuesses] * 20
    assert came_of[30] is None


async def test_right_tokens_at_the_same_moment_all_pass(serve: Serve) -> None:
    async with serve(**LOCKED) as client:
        assert await asyncio.gather(*(status(client, **bearer(RIGHT)) for _ in range(40))) == [200] * 40


async def test_the_right_token_of_another_client_still_works(serve: Serve) -> None:
    async with serve(**BEHIND_A_PROXY) as client:
        for number in range(11):
            await client.call("GET", "/api/session", headers=bearer(f"guess {number}", "203.0.113.1"))
        assert await status(client, **bearer(RIGHT, "203.0.113.1")) == 429
        assert await status(client, **bearer(RIGHT, "203.0.113.2")) == 200


@pytest.mark.parametrize(
    ("clients", "together"),
    [
        ("2001:db8:1:1::{n}", True),
        ("2001:db8:1:{n}::1", False),
        ("203.0.113.{n}", False),
        ("198.51.100.{n}, 203.0.113.9", True),
    ],
    ids=["one IPv6 network", "several IPv6 networks", "IPv4 addresses", "what a client itself writes first"],
)
async def test_what_counts_as_one_client(serve: Serve, clients: str, together: bool) -> None:
    async with serve(**BEHIND_A_PROXY) as client:
        seen = [await status(client, **bearer("guess", clients.format(n=number))) for number in range(1, 13)]
    assert (429 in seen) is together


async def test_nobody_is_believed_about_their_address_unless_a_setting_says_so(serve: Serve) -> None:
    async with serve(**LOCKED) as client:
        seen = [await status(client, **bearer("guess", f"203.0.113.{number}")) for number in range(12)]
    assert seen[-1] == 429
    async with serve(**LOCKED, AGENTFABRIC_TRUSTED_PROXIES="10.0.0.0/8") as client:
        assert await status(client, **bearer(RIGHT, "203.0.113.77")) == 429


async def test_many_clients_that_guess_together_have_one_try_each(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guesses, "TOTAL_LIMIT", 20)
    async with serve(**BEHIND_A_PROXY) as client:
        for number in range(20):
            await status(client, **bearer("guess", f"203.0.113.{number}"))
        tries = [await status(client, **bearer("guess", "198.51.100.1")) for _ in range(2)]
        assert tries == [401, 429]
        assert await status(client, **bearer(RIGHT, "198.51.100.2")) == 200


async def test_a_restart_forgets_no_guess_and_a_quarter_of_an_hour_does(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serve(**LOCKED) as client:
        for _ in range(10):
            await status(client, **bearer("guess"))
    async with serve(**LOCKED) as client:
        assert await status(client, **bearer(RIGHT)) == 429
        monkeypatch.setattr(guesses, "WINDOW", timedelta(0))
        assert await status(client, **bearer(RIGHT)) == 200
        assert await status(client, **bearer("guess")) == 401


async def test_where_nobody_needs_a_token_nothing_is_counted(serve: Serve) -> None:
    async with serve() as client:
        assert [await status(client, **bearer("guess")) for _ in range(12)] == [200] * 12
