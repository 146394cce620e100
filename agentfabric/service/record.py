"""A turn of an agent or of the builder as the messages that are kept."""

from collections.abc import Sequence

from builder_core.events import ConfigChanged
from user_agent.events import EventBase
from user_agent.messages import DataPart, Message
from user_agent.serve import record
from user_agent.serve.turns import Ending


def as_messages(events: Sequence[EventBase], ending: Ending) -> tuple[Message, ...]:
    """What a turn added to its conversation, with what became of the configuration at its end."""
    return record.as_messages(events, ending, _note_of)


def _note_of(event: EventBase) -> DataPart | None:
    if not isinstance(event, ConfigChanged):
        return None
    return DataPart(kind="changes", data=event.model_dump(mode="json", include={"revision", "changes", "refused"}))
