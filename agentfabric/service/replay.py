"""The events of a turn that ended long ago: those that are kept."""

from collections.abc import AsyncGenerator
from typing import Annotated

from pydantic import Field, TypeAdapter

from agentfabric.store.conversations import StoredTurn
from user_agent.events import RunFailed, RunFinished
from user_agent.serve.turns import INTERRUPTED, Envelope, TurnStarted

_OUTCOME: TypeAdapter[RunFinished | RunFailed] = TypeAdapter(
    Annotated[RunFinished | RunFailed, Field(discriminator="type")]
)


async def events_of_ended(stored: StoredTurn, after: int) -> AsyncGenerator[list[Envelope], None]:
    """Its first event and its last, after number `after`."""
    last: RunFinished | RunFailed = _OUTCOME.validate_json(stored.outcome) if stored.outcome else INTERRUPTED
    if after < 1:
        yield [Envelope(1, TurnStarted(turn=stored.id))]
    # How many events an interrupted turn had, nobody knows: whoever asks has not seen its last one.
    seq = stored.last_seq or max(after, 1) + 1
    if after < seq:
        yield [Envelope(seq, last)]
