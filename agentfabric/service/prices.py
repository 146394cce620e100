"""What answers of an agent cost, as far as that is known: without it no limit of money can hold."""

from dataclasses import dataclass

from agentfabric.service.agents import Agents
from agentfabric.service.models import Models
from agentfabric.service.releases import Releases
from user_agent.config import AgentConfig
from user_agent.errors import BadRequest
from user_agent.models.entry import Price


@dataclass(frozen=True, slots=True)
class Prices:
    """The use cases. The first argument of each is the user; foreign ids are `NotFound`."""

    agents: Agents
    releases: Releases
    models: Models

    async def of(self, user: str, agent_id: str) -> Price | None:
        """What the model costs that answers for what is live, else for the draft, as its entry says."""
        config = await self.config(user, agent_id)
        entries = await self.models.entries(user)
        entry = entries.get(config.model or await self.models.default(user))
        return entry.price if entry else None

    async def config(self, user: str, agent_id: str) -> AgentConfig:
        """Of what is live, else of the draft."""
        release = await self.releases.live(user, agent_id)
        return release.config if release else (await self.agents.get(user, agent_id)).config

    async def currency(self, user: str, agent_id: str) -> str:
        """That in which a limit of money is told. Raises `BadRequest` where no price is known."""
        price = await self.of(user, agent_id)
        if price is None:
            raise BadRequest(
                "Nobody here knows what the agent's model costs, so a limit of money cannot hold. Limit its tokens, or "
                "give the model a `price` in the model list.",
                fault="no_price",
            )
        return price.currency


def holds(money: float | None, currency: str | None, price: Price | None) -> bool:
    """Whether anybody is answered by that limit of money: not where the agent's model came to be one of an unknown
    price, or of one in another currency."""
    return money is None or (price is not None and price.currency == currency)
