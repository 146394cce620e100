"""Who answers: agents, for whoever speaks with them, and the builder beside."""

from dataclasses import dataclass

from agentfabric.service.chat import Chat
from agentfabric.service.knowledge import Knowledge
from agentfabric.service.rooms.abilities import Abilities
from agentfabric.service.rooms.drafts import Drafts
from agentfabric.service.rooms.ground import Ground
from agentfabric.service.rooms.minds import Minds
from agentfabric.service.rooms.talks import Talks
from agentfabric.service.running import Running
from agentfabric.service.turn_finding import TurnFinders
from agentfabric.store.summaries import SummaryStore
from user_agent.agent import Limits


@dataclass(frozen=True, slots=True)
class Answering:
    running: Running
    chat: Chat
    """With an agent's own person, and with the builder."""


def answering_of(
    ground: Ground, minds: Minds, drafts: Drafts, talks: Talks, abilities: Abilities, knowledge: Knowledge
) -> Answering:
    settings = ground.settings
    running = Running(
        summaries=SummaryStore(ground.database),
        facts=abilities.facts,
        models=minds.models,
        keyring=minds.keyring,
        tools=ground.tools,
        editor=drafts.editor,
        lender=abilities.lender,
        storage=abilities.storage,
        mcp=abilities.mcp,
        answers=talks.answers,
        finders=TurnFinders(knowledge),
        limits=Limits(tools=settings.tools_per_turn, tool_tokens=settings.tool_tokens_per_turn),
    )
    chat = Chat(
        gallery=drafts.gallery,
        agents=ground.agents,
        conversations=talks.conversations,
        files=ground.files,
        preferences=ground.preferences,
        models=minds.models,
        keyring=minds.keyring,
        tools=ground.tools,
        editor=drafts.editor,
        past=drafts.past,
        lender=abilities.lender,
        apis=abilities.apis,
        mcp=abilities.mcp,
        knowledge=knowledge,
        beginning=talks.beginning,
        running=running,
        turns=talks.turns,
        builder_model=settings.builder_model if settings.builder_model in minds.catalog.entries else "",
    )
    return Answering(running, chat)
