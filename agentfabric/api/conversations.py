"""Conversations with the builder and with an agent: lists, names, what is shown, what is put away."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from agentfabric.api.agents import agent_view
from agentfabric.api.bodies import TheStudio, TheUser, described
from agentfabric.api.mcp import words_view
from agentfabric.service.studio import Studio
from agentfabric.store.heads import Conversation
from user_agent.errors import BadRequest
from user_agent.serve.bodies import ConversationChange, conversation_change_of
from user_agent.serve.conversations import head_view, thread_view

router = APIRouter(prefix="/api/agents/{agent_id}", tags=["conversations"])

Json = dict[str, Any]

MAX_SEARCH_CHARS = 200


@router.get("/builder")
async def builder_history(agent_id: str, studio: TheStudio, user: TheUser) -> Json:
    return await _shown(studio, user, await studio.conversations.builder(user, agent_id))


@router.delete("/builder", status_code=204)
async def forget_builder(agent_id: str, studio: TheStudio, user: TheUser) -> None:
    """Put away what was said to the builder. The agent stays as it is. For a day, `undelete` brings it back."""
    await studio.conversations.delete(user, await studio.conversations.builder(user, agent_id))


@router.post("/builder/undelete")
async def undelete_builder(agent_id: str, studio: TheStudio, user: TheUser) -> Json:
    """Bring back what was last said to the builder. 409 where something new was said to it since."""
    return head_view(await studio.conversations.undelete_builder(user, agent_id))


@router.post("/conversations", status_code=201)
async def create_conversation(agent_id: str, studio: TheStudio, user: TheUser) -> Json:
    """A new, empty conversation. Its first message becomes its title."""
    return head_view(await studio.conversations.create(user, agent_id))


@router.get("/conversations")
async def list_conversations(
    agent_id: str,
    studio: TheStudio,
    user: TheUser,
    search: Annotated[
        str, Query(max_length=MAX_SEARCH_CHARS, description="only those whose title or messages say this")
    ] = "",
) -> list[Json]:
    """The conversations with the agent, the one that went on last first.

    With `search` each has the place that was `found`: its `turn`, and the words (`match`) with what stands `before` and
    `after` them; null where the title alone says them.
    """
    if not search:
        return [head_view(item) for item in await studio.conversations.list(user, agent_id)]
    found = await studio.conversations.search(user, agent_id, search)
    return [{**head_view(item.conversation), "found": item.place and asdict(item.place)} for item in found]


@router.get("/conversations/{conversation_id}")
async def get_conversation(agent_id: str, conversation_id: str, studio: TheStudio, user: TheUser) -> Json:
    """A conversation with its messages; `versions` names, for each turn asked more than once, the turns beside it."""
    return await _shown(studio, user, await studio.conversations.get(user, agent_id, conversation_id))


@router.patch("/conversations/{conversation_id}", openapi_extra=described(json=ConversationChange.model_json_schema()))
async def change_conversation(
    agent_id: str, conversation_id: str, request: Request, studio: TheStudio, user: TheUser
) -> Json:
    """Give it another `title`, or show another version by its `turn`. 409 while it is answering."""
    change = await conversation_change_of(request)
    if change.title is None and change.turn is None:
        raise BadRequest('Send a "title" or a "turn".')
    if change.title is not None:
        await studio.conversations.rename(user, agent_id, conversation_id, change.title)
    if change.turn is not None:
        await studio.conversations.show(user, agent_id, conversation_id, change.turn)
    return head_view(await studio.conversations.get(user, agent_id, conversation_id))


@router.delete("/conversations/{conversation_id}", status_code=204)
async def delete_conversation(agent_id: str, conversation_id: str, studio: TheStudio, user: TheUser) -> None:
    """Put a conversation away. For a day, `undelete` brings it back; then it is erased with its files."""
    conversation = await studio.conversations.get(user, agent_id, conversation_id)
    await studio.conversations.delete(user, conversation)


@router.post("/conversations/{conversation_id}/undelete")
async def undelete_conversation(agent_id: str, conversation_id: str, studio: TheStudio, user: TheUser) -> Json:
    return head_view(await studio.conversations.undelete(user, agent_id, conversation_id))


async def _shown(studio: Studio, user: str, conversation: Conversation) -> Json:
    return thread_view(await studio.conversations.shown(user, conversation))


@router.post("/conversations/{conversation_id}/agent", status_code=201)
async def save_as_agent(agent_id: str, conversation_id: str, studio: TheStudio, user: TheUser) -> Json:
    """A new agent from a conversation: a copy of the one that was talked with, whose instruction and suggestions are
    proposed anew from what the person asked for and put right.

    `attached` has the documents that came with its messages, which are copied to what the agent knows and read from now
    on (`known`, their names), and what is `left`, with the reason."""
    saved = await studio.saved_chats.save(user, agent_id, conversation_id)
    left = [{"name": file.name, "why": words_view(file.why)} for file in saved.left]
    return {**agent_view(saved.agent), "attached": {"known": list(saved.known), "left": left}}
