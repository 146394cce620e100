"""Pages that change, go and come back while they are read: what was read of the old never stands for the new."""

import asyncio

import pytest

from tests.conftest import Serve
from tests.fakes.hostile_server import HostileServer
from tests.knowing import add, search, settled
from tests.test_knowledge_sources import html

OLD, NEW = (f"Parcels take {days} days to Hangzhou. Ask the porter for help with them." for days in ("two", "nine"))


@pytest.mark.parametrize("cancelled", [False, True], ids=["while it is read", "once that was cancelled"])
async def test_a_page_that_is_fetched_anew_is_known_as_it_is_now(serve: Serve, cancelled: bool) -> None:
    asked, release, over = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def late(writer: asyncio.StreamWriter) -> None:
        asked.set()
        await release.wait()
        writer.write(html(OLD))
        over.set()

    async with HostileServer() as site, serve(AGENTFABRIC_TRUSTED_ORIGINS=site.base_url) as client:
        site.answers["/help"] = html("Parcels are not taken.")
        agent = (await client.post("/api/agents"))["id"]
        path = f"/api/agents/{agent}/knowledge"
        [page] = await client.post(f"{path}/addresses", json={"url": f"{site.base_url}/help"})
        await settled(client, agent)
        site.answers["/help"] = late
        assert (await client.call("POST", f"{path}/{page['id']}/refresh")).status == 200
        async with asyncio.timeout(10):
            await asked.wait()
        site.answers["/help"] = html(NEW)
        if cancelled:
            assert (await client.call("POST", f"{path}/{page['id']}/cancel")).body["state"] == "failed"
        assert (await client.call("POST", f"{path}/{page['id']}/refresh")).status == 200
        if cancelled:
            await settled(client, agent)
        release.set()
        async with asyncio.timeout(10):
            await over.wait()
        await add(client, agent, {"other.md": "Otters sleep on their backs."})
        assert [known["state"] for known in await settled(client, agent)] == ["ready", "ready"]
        hits = (await search(client, agent, "How long do parcels take?"))["hits"]
        assert ["nine days" in str(hits), "two days" in str(hits)] == [True, False]
