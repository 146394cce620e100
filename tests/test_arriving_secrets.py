"""Keys that come with a configuration from outside, where storing it fails half way: nothing of them stays."""

from pathlib import Path
from typing import Any

import pytest

from agentfabric.service.arriving import arrived_of
from agentfabric.service.opening import open_studio
from agentfabric.service.studio import Studio
from agentfabric.settings import Settings
from agentfabric.store.agents import AgentStore
from user_agent.errors import StorageFailed


async def _kept(studio: Studio) -> dict[str, str]:
    """What is stored of ann's."""
    return {name: value.get_secret_value() for name, value in (await studio.secrets.values("ann")).items()}


def _document(key: str, *more: str) -> dict[str, Any]:
    """An agent whose servers are told this key."""
    servers = {
        name: {"url": f"https://{name}.example/mcp", "headers": {"Authorization": key}} for name in ("shop", *more)
    }
    return {"name": "Max", "mcpServers": servers}


async def test_what_came_with_an_import_that_fails_is_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_studio(Settings.load({"AGENTFABRIC_HOME": str(tmp_path)})) as studio:
        agent = (await studio.agents.bring("ann", "a", arrived_of(_document("Bearer old"), "a"))).agent
        before = await _kept(studio)
        assert len(before) == 1 and "Bearer old" in str(before)

        async def full(*_: object, **__: object) -> None:
            raise StorageFailed("The disk is full.")

        with monkeypatch.context() as broken:
            broken.setattr(AgentStore, "edit", full)
            broken.setattr(AgentStore, "create", full)
            with pytest.raises(StorageFailed):
                await studio.agents.replace("ann", "a", _document("Bearer new", "bank"), agent.revision)
            assert await _kept(studio) == before
            with pytest.raises(StorageFailed):
                await studio.agents.bring("ann", "b", arrived_of(_document("Bearer other", "bank"), "b"))
            assert await _kept(studio) == before
        await studio.agents.replace("ann", "a", _document("Bearer new", "bank"), agent.revision)
        after = await _kept(studio)
        assert len(after) == 3 and before.items() < after.items(), "the version before has its own yet"
