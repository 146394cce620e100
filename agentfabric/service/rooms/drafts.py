"""Agents as their people make them, and what was changed in them."""

import asyncio
from collections.abc import Set
from dataclasses import dataclass

from agentfabric.service.agents import Agents
from agentfabric.service.drafts import Editor
from agentfabric.service.gallery import FOLDER, Gallery
from agentfabric.service.rooms.ground import Ground
from agentfabric.service.rooms.minds import Minds
from agentfabric.service.template import Template, load_template
from agentfabric.store.history import HistoryStore
from agentfabric.store.versions import VersionStore


@dataclass(frozen=True, slots=True)
class Drafts:
    template: Template
    editor: Editor
    agents: Agents
    gallery: Gallery
    past: HistoryStore
    versions: VersionStore


async def drafts_of(ground: Ground, minds: Minds) -> Drafts:
    async def models_of(user: str) -> Set[str]:
        return (await minds.models.entries(user)).keys()

    template = await asyncio.to_thread(load_template, ground.settings.builder_config_file, ground.tools)
    editor = Editor(ground.agents, ground.files, models_of, ground.tools.known)
    agents = Agents(ground.agents, ground.files, ground.secrets, minds.models, minds.keyring, editor, template.document)
    return Drafts(
        template=template,
        editor=editor,
        agents=agents,
        gallery=Gallery(FOLDER, ground.tools),
        past=HistoryStore(ground.database),
        versions=VersionStore(ground.database),
    )
