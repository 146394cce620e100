"""A conversation saved as an agent: a copy of the one that was talked with, and what was asked for as a proposal."""

from dataclasses import dataclass

from agentfabric.service.agents import Agents
from agentfabric.service.conversations import Conversations
from agentfabric.service.knowledge import Knowledge
from agentfabric.service.models import Models
from agentfabric.store.agents import StoredAgent
from agentfabric.store.writing import Source
from builder_core.draft import ConfigPatch
from builder_core.learning import learn
from user_agent.errors import BadRequest, ModelError
from user_agent.serve.record import shown_to_model


@dataclass(frozen=True, slots=True)
class SavedChats:
    """The use case. The first argument is the user; foreign ids are `NotFound`."""

    agents: Agents
    conversations: Conversations
    models: Models
    knowledge: Knowledge

    async def save(self, user: str, agent_id: str, conversation_id: str) -> StoredAgent:
        """A new agent from a conversation. What it has otherwise than the one that was talked with is proposed: the
        person keeps or discards it. Raises `BadRequest` where nothing was said yet."""
        conversation = await self.conversations.get(user, agent_id, conversation_id)
        stored = await self.conversations.store.messages(user, conversation.id)
        messages = [message for message in shown_to_model(stored) if message.text.strip()]
        if not any(message.role == "user" for message in messages):
            raise BadRequest("Nothing was said in this conversation yet. Say something first.")
        config = (await self.agents.get(user, agent_id)).config
        try:
            chosen = await self.models.choose(user, config.model)
        except ModelError:  # it answered once, and has no key by now
            chosen = None
        learnt = await learn(chosen.model if chosen else None, config, messages)
        copy = await self.agents.duplicate(user, agent_id)
        await self.knowledge.settle(user, copy.id)
        patch = ConfigPatch(
            instruction=learnt.instruction,
            prompt_recommend=[*learnt.suggestions],
            proposed=("instruction", "prompt_recommend"),
        )
        source = Source(said=conversation.title)
        return (await self.agents.editor.rewrite(user, copy.id, lambda _: patch, author="builder", source=source)).agent
