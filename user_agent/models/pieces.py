"""How a reply came: in how many pieces its words were sent."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from user_agent.models.base import ChatModel, Chunk, ModelFacts, ModelRequest


class CountsPieces:
    """A model whose words are counted as its endpoint sent them, however many were read at once."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model
        self.pieces = 0

    @property
    def facts(self) -> ModelFacts:
        return self._model.facts

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        async with aclosing(self._model.stream(request)) as chunks:
            async for chunk in chunks:
                if chunk.text:
                    self.pieces += chunk.pieces
                yield chunk
