"""Files that an agent knows, read to the end: what a command left under way would stop with its process."""

import asyncio

from agentfabric.command_line.terminal import Terminal
from agentfabric.service.studio import Studio
from agentfabric.store.readings import AT_WORK

LOOK_AGAIN_S = 0.1


async def all_read(studio: Studio, user: str, agent_id: str, terminal: Terminal) -> None:
    """Returns once no file of the agent is being read any more; says which ones it waits for. Raises `NotFound`."""
    told = set[str]()
    while waiting := [file for file in await studio.knowledge.all(user, agent_id) if file.state in AT_WORK]:
        for file in waiting:
            if file.id not in told:
                told.add(file.id)
                await terminal.complain(f"Reading {file.name} …")
        await asyncio.sleep(LOOK_AGAIN_S)
