"""Every door has a key of its own: what opens one of them is brought to the others, and opens none."""

from pathlib import Path
from typing import Any

from tests.client import Client
from tests.conftest import Serve
from tests.test_links import ANN, Visitor, frame_of, sharing

PROGRAMS = (
    "GET /v1/models",
    "POST /v1/chat/completions",
    "POST /agents/{agent}/mcp",
    "POST /agents/{agent}/a2a",
    "GET /agents/{agent}/a2a/.well-known/agent-card.json",
)
STUDIO = ("GET /api/agents", "GET /api/agents/{agent}", "PATCH /api/agents/{agent}/config", "GET /")
PRIVATE = ("GET {private}", "GET {private}profile", "POST {private}conversations")


async def test_what_opens_one_door_opens_no_other(serve: Serve, tmp_path: Path) -> None:
    async with sharing(serve, tmp_path, settings={"AGENTFABRIC_TRUSTED_PROXIES": "127.0.0.1"}) as shared:
        agent = shared.agent.rpartition("/")[2]
        key = (await shared.client.post(f"{shared.agent}/keys", json={}, headers=ANN))["key"]
        private = (await shared.link(visibility="private"))["path"]
        link = await shared.link(origins=["https://shop.example"])
        visitor, signed_in = Visitor(shared.client, link["path"]), Visitor(shared.client, "/")
        await visitor.call("GET", "conversations")
        await signed_in.call("GET", "?token=the-token-of-ann")
        frame = await frame_of(visitor)
        elsewhere = (*PROGRAMS, *STUDIO, *PRIVATE)
        brought = {
            "a link's address": (link["slug"], elsewhere),
            "a private link's address": (private.split("/")[2], elsewhere),
            "a frame's token": (frame["token"], elsewhere),
            "a frame's token for files": (frame["files"], elsewhere),
            "a visitor's cookie": (visitor.cookie["Cookie"].partition("=")[2], elsewhere),
            "a user's cookie": (signed_in.cookie["Cookie"].partition("=")[2], elsewhere),
            "an agent's key": (key, (*STUDIO, *PRIVATE)),
            "the studio's token": ("the-token-of-ann", PROGRAMS),
        }
        # Each opens its own door: none of them is refused for being nothing at all.
        assert await statuses(shared.client, {"Authorization": f"Bearer {key}"}, PROGRAMS[:1], {}) == {PROGRAMS[0]: 200}
        assert await statuses(shared.client, ANN, STUDIO[:1], {}) == {STUDIO[0]: 200}
        assert (await signed_in.call("GET", "api/agents")).status == 200
        assert (await Visitor(shared.client, private, signed_in.cookie).call("GET", "profile")).status == 200

        for number, (what, (value, doors)) in enumerate(brought.items()):
            # Each from another place, or it would be one that guesses.
            headers = {"Authorization": f"Bearer {value}", "X-Forwarded-For": f"2001:db8:{number:x}::1"}
            ids = {"agent": agent, "private": private}
            assert await statuses(shared.client, headers, doors, ids) == dict.fromkeys(doors, 401), what
        assert not shared.model.requests
        assert (await shared.client.get(shared.agent, headers=ANN))["config"]["name"] == "Socks"


async def statuses(
    client: Client, headers: dict[str, str], doors: tuple[str, ...], ids: dict[str, str]
) -> dict[str, int]:
    """What each door says."""
    found: dict[str, int] = {}
    for door in doors:
        method, _, path = door.format(**ids).partition(" ")
        body: dict[str, Any] = {} if method == "GET" else {"json": {"name": "Evil", "messages": []}}
        found[door] = (await client.call(method, path, headers=headers, **body)).status
    return found
