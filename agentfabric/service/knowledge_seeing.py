"""The agent's model looks at the pictures among its files, where it sees and can be asked."""

from contextlib import aclosing

from agentfabric.service.agents import Agents
from agentfabric.service.models import Models
from user_agent.errors import ModelError
from user_agent.knowledge.looking import Describe
from user_agent.messages import FilePart, user_message
from user_agent.models.base import ChatModel, FileContent, ModelRequest
from user_agent.prompts import phrase, render
from user_agent.storable import cleaned
from user_agent.words import Language

MAX_TOKENS = 2_000
_FILE = "picture"


class Seers:
    """Who looks at pictures, for each agent."""

    def __init__(self, agents: Agents, models: Models) -> None:
        self._agents = agents
        self._models = models

    async def of(self, user: str, agent_id: str) -> Describe | None:
        """What the agent's model says of a picture; None where it does not see, or has no key. Raises `NotFound`."""
        config = (await self._agents.get(user, agent_id)).config
        try:
            chosen = await self._models.choose(user, config.model)
        except ModelError:
            return None  # a file must not wait for a key: it is read without
        if chosen is None or not chosen.model.facts.vision:
            return None
        model = chosen.model

        async def describe(picture: bytes, media_type: str) -> str:
            return await _asked(model, config.language, picture, media_type)

        return describe


async def _asked(model: ChatModel, language: Language, picture: bytes, media_type: str) -> str:
    part = FilePart(file=_FILE, name=_FILE, media_type=media_type, size_bytes=len(picture))
    request = ModelRequest(
        system=render("picture", language, {}),
        messages=(user_message(phrase(language, "describe_picture"), part),),
        files={_FILE: FileContent(_FILE, media_type, picture)},
        max_tokens=MAX_TOKENS,
    )
    said: list[str] = []
    async with aclosing(model.stream(request)) as chunks:
        async for chunk in chunks:
            said.append(chunk.text)
    return cleaned("".join(said)).strip()
