"""What a builder turn emits besides an agent's events."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from builder_core.draft import FieldChange, Refusal
from user_agent.events import Event, EventBase


class ConfigDrafting(EventBase):
    """The part of a patch that is there while its arguments still stream: field name -> value so far."""

    type: Literal["config_drafting"] = "config_drafting"
    partial: dict[str, JsonValue]


class ConfigChanged(EventBase):
    """What the store changed, and the whole configuration after it. `changes` is empty where nothing was stored."""

    type: Literal["config_changed"] = "config_changed"
    config: dict[str, JsonValue]
    revision: int
    changes: tuple[FieldChange, ...]
    refused: tuple[Refusal, ...] = ()


class AvatarDrawn(EventBase):
    """The agent has a new picture; `avatar` is the address it is at."""

    type: Literal["avatar_drawn"] = "avatar_drawn"
    avatar: str


BuilderEvent = Annotated[Event | ConfigDrafting | ConfigChanged | AvatarDrawn, Field(union_mode="left_to_right")]
