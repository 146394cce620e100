"""What is kept for a time, and let go of when that is over: at the start and once a day."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from agentfabric.service.bin import Bin
from agentfabric.service.conversations import Conversations
from agentfabric.service.knowledge import Knowledge
from agentfabric.service.rooms.abilities import Abilities
from agentfabric.service.rooms.ground import Ground
from agentfabric.service.rooms.talks import Talks
from agentfabric.service.tidying import every_day, meanwhile
from agentfabric.store.bin import BinStore
from agentfabric.store.brief_notes import BriefNoteStore
from agentfabric.store.shelf import Shelf
from agentfabric.store.usage import UsageStore


@dataclass(frozen=True, slots=True)
class Keeping:
    conversations: Conversations
    bin: Bin
    notes: BriefNoteStore
    usage: UsageStore


@asynccontextmanager
async def open_keeping(
    ground: Ground, talks: Talks, abilities: Abilities, knowledge: Knowledge
) -> AsyncGenerator[Keeping]:
    database, workshop = ground.database, abilities.workshop
    visits_kept = timedelta(days=ground.settings.visits_kept_days)
    shelf, notes, usage = Shelf(database), BriefNoteStore(database), UsageStore(database)
    conversations = Conversations(talks.conversations, shelf, ground.files, workshop, knowledge.attached, visits_kept)
    put_away = Bin(BinStore(database), ground.blobs, ground.secrets, abilities.sign_ins, knowledge, workshop)
    tidying = (
        conversations.erase_old,
        conversations.erase_silent,
        put_away.erase_old,
        notes.forget_old,
        usage.forget_old,
    )
    for work in tidying:
        await work()
    async with meanwhile(every_day(*tidying)):
        yield Keeping(conversations, put_away, notes, usage)
