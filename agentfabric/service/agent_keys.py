"""Keys by which programs ask an agent, and what each of them opens."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from agentfabric.service.prices import Prices
from agentfabric.service.published import Publishing
from agentfabric.store.agent_keys import NO_LIMIT, AgentKey, AgentKeyStore
from agentfabric.store.brief_notes import BriefNoteStore
from agentfabric.store.guesses import Guesses
from agentfabric.store.share_limits import Share
from agentfabric.store.shares import GONE
from user_agent.errors import NotAllowed, NotFound, NotSignedIn
from user_agent.net import Http
from user_agent.serve.keyed import KeyScope, Opened
from user_agent.serve.served import Caller
from user_agent.storable import cleaned

MAX_LABEL_CHARS = 100
MAX_DAYS = 3_650
NO_KEY = "Send a key of the agent as `Authorization: Bearer …`. The Share tab of the studio makes one."


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a new key is for."""

    label: str
    scopes: tuple[KeyScope, ...]
    days: int | None = None
    limits: Share = NO_LIMIT
    """Of each day."""


@dataclass(frozen=True, slots=True)
class AgentKeys:
    """The use cases of keys. The first argument is the user, where there is one; foreign ids are `NotFound`."""

    store: AgentKeyStore
    notes: BriefNoteStore
    guesses: Guesses
    publishing: Publishing
    prices: Prices
    http: Http
    """Fetches what programs name by address."""

    async def all(self, user: str, agent_id: str) -> list[AgentKey]:
        return await self.store.list(user, agent_id)

    async def make(self, user: str, agent_id: str, wanted: Wanted) -> tuple[AgentKey, str]:
        """A new key, and its text, which is shown this once. Raises `BadRequest` where a limit of money cannot hold."""
        limits = wanted.limits
        currency = None if limits.money is None else await self.prices.currency(user, agent_id)
        return await self.store.create(
            user,
            agent_id,
            label=cleaned(wanted.label).strip(),
            scopes=tuple(dict.fromkeys(wanted.scopes)),
            expires=datetime.now(UTC) + timedelta(days=wanted.days) if wanted.days else None,
            limits=limits,
            currency=currency,
        )

    async def revoke(self, user: str, agent_id: str, key_id: str) -> None:
        await self.store.revoke(user, agent_id, key_id)

    async def opened(self, key: str | None, scope: KeyScope, client: str, name: str | None = None) -> Opened:
        """As `Keys` of the protocols has it. Wrong keys of a client are counted with its wrong tokens."""
        if key is None:
            raise NotSignedIn(NO_KEY)
        found = await self.store.find(key)
        await self.guesses.judge(client, right=found is not None)
        if found is None:
            raise NotSignedIn(f"This key opens nothing. {NO_KEY}")
        if scope not in found.scopes:
            raise NotAllowed(f"This key is not for {scope!r}, but for {', '.join(found.scopes)}. Make one that is.")
        names = (found.agent_id, *found.slugs)
        if name is not None and name not in names:
            raise NotFound("This key opens no agent of that name. `GET /v1/models` lists what it opens.")
        await self.store.used(found)

        async def still() -> None:
            if not await self.store.opens(found.id):
                raise NotSignedIn("This key was revoked. Ask its owner for another.")
            if not await self.publishing.releases.is_live(found.owner, found.agent_id):
                raise NotFound(GONE)

        served = self.publishing.of_key(found)
        return Opened(served, Caller(f"key-{found.id}", scope), names, self.notes.of(found.id), still)
