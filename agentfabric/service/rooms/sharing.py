"""What goes out of the studio: releases, links and keys to them, and bundles."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from agentfabric.publish.manifest import Signer
from agentfabric.publish.targets.all import targets_of
from agentfabric.service.agent_keys import AgentKeys
from agentfabric.service.bundles import Bundles
from agentfabric.service.carried_models import CarriedModels
from agentfabric.service.comparing import Comparing
from agentfabric.service.knowledge import Knowledge
from agentfabric.service.link_watch import LinkWatch
from agentfabric.service.links import Links
from agentfabric.service.prices import Prices
from agentfabric.service.publications import Publications
from agentfabric.service.published import Publishing
from agentfabric.service.readiness import Readiness
from agentfabric.service.releases import Releases
from agentfabric.service.rooms.abilities import Abilities
from agentfabric.service.rooms.answering import Answering
from agentfabric.service.rooms.drafts import Drafts
from agentfabric.service.rooms.ground import Ground
from agentfabric.service.rooms.keeping import Keeping
from agentfabric.service.rooms.minds import Minds
from agentfabric.service.rooms.talks import Talks
from agentfabric.store.agent_keys import AgentKeyStore
from agentfabric.store.guesses import Guesses
from agentfabric.store.keys import bundle_key
from agentfabric.store.releases import ReleaseStore
from agentfabric.store.shares import ShareStore


@dataclass(frozen=True, slots=True)
class Sharing:
    releases: Releases
    comparing: Comparing
    readiness: Readiness
    bundles: Bundles
    publications: Publications
    links: Links
    agent_keys: AgentKeys
    guesses: Guesses


@asynccontextmanager
async def open_sharing(
    ground: Ground,
    minds: Minds,
    drafts: Drafts,
    talks: Talks,
    abilities: Abilities,
    knowledge: Knowledge,
    answering: Answering,
    keeping: Keeping,
) -> AsyncGenerator[Sharing]:
    database, models, turns = ground.database, minds.models, talks.turns
    store, keys = ReleaseStore(database), AgentKeyStore(database)
    shares = ShareStore(database, at_once=ground.settings.visitor_streams)
    releases, guesses = Releases(store, ground.files, knowledge), Guesses(database)
    prices = Prices(drafts.agents, releases, models)
    carried = CarriedModels(models, knowledge.models)
    signer = Signer(await asyncio.to_thread(bundle_key, ground.settings))
    bundles = Bundles(drafts.agents, releases, knowledge, carried, ground.tools, signer)
    targets = targets_of(ground.settings, minds.reach.policy)
    watch = LinkWatch(shares, turns)
    publishing = Publishing(
        releases,
        answering.running,
        talks.beginning,
        keeping.conversations,
        abilities.facts,
        talks.answers,
        models,
        shares,
        keys,
        keeping.usage,
        watch,
    )
    try:
        yield Sharing(
            releases=releases,
            comparing=Comparing(ground.agents, drafts.versions, store, ground.files),
            readiness=Readiness(
                ground.agents,
                releases,
                models,
                carried,
                minds.keyring,
                abilities.lender,
                knowledge,
                abilities.server_secrets,
                ground.tools.known,
            ),
            bundles=bundles,
            publications=Publications(bundles, releases, ground.secrets, turns, targets),
            links=Links(shares, publishing, prices),
            agent_keys=AgentKeys(keys, keeping.notes, guesses, publishing, prices, ground.http),
            guesses=guesses,
        )
    finally:
        await watch.close()
