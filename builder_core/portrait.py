"""`draw_avatar`: a picture of the agent, drawn by an image model where there is a key for one; else it stays."""

import asyncio
from typing import Annotated

from pydantic import Field, JsonValue

from builder_core.draft import Change, ConfigPatch, Draft
from builder_core.tools import DraftTools, told
from user_agent.config import AgentConfig
from user_agent.errors import FabricError, ToolError
from user_agent.images.drawing import can_draw, draw
from user_agent.images.wish import Wish
from user_agent.tools.base import Tool, ToolContext
from user_agent.words import Words

NAME = "draw_avatar"
TIMEOUT_S = 240.0

_LABEL = Words("画头像", "Draw the avatar")
_NO_KEY = Words(
    "没有画图的密钥。在“配置 → 工具 → 画图”里填好密钥就能画。",
    "there is no key for an image model; it can be drawn once one is entered under Configure, Tools, Draw pictures.",
)


class Portrait:
    """The tool, bound to the draft of a turn. It writes through the turn's `DraftTools`, as every other tool does."""

    def __init__(self, draft: Draft, editing: DraftTools) -> None:
        self._draft = draft
        self._editing = editing

    @property
    def tool(self) -> Tool:
        return Tool.from_function(self.draw_avatar, label=_LABEL, summary=_LABEL, effect="writes", timeout_s=TIMEOUT_S)

    async def draw_avatar(
        self,
        context: ToolContext,
        what: Annotated[
            str,
            Field(
                max_length=1_000,
                description="What the picture shows, and its style. Empty: something that fits the agent's purpose.",
            ),
        ] = "",
        proposed: Annotated[bool, Field(description="True where the person did not ask for a picture.")] = False,
    ) -> dict[str, JsonValue]:
        """Draw a new picture for the agent with an image model; it takes up to two minutes.

        The answer says whether it was drawn. Where it was not, the agent keeps the picture it has: tell the person so,
        and why.
        """
        config = await self._draft.current()
        if "avatar" in await self._draft.locks():
            raise ToolError("The picture is locked, so nothing was drawn. The person can unlock it in the draft.")
        if not can_draw(context.secrets):
            return _kept(config, _NO_KEY[context.language])
        try:
            picture = await draw(Wish(_wish(config, what)), context)
            png = await asyncio.to_thread(_squared, picture.data)
            file = await context.keep(png, name="avatar.png", media_type="image/png")
        except FabricError as error:
            return _kept(config, error.message)
        patch = ConfigPatch(avatar=file.file, proposed=("avatar",) if proposed else ())
        return _drawn(await self._editing.store(patch))


def _squared(data: bytes) -> bytes:
    from builder_core.avatar import squared

    return squared(data)


def _wish(config: AgentConfig, what: str) -> str:
    """The picture in words. Letters in it would be unreadable at its size."""
    about = what.strip() or f"{config.name}. {config.description}"[:1_000]
    return (
        f"An app icon for an AI agent: {about}\nOne clear subject, centred, filling the square; simple shapes, soft "
        "light, a plain background; no letters and no words."
    )


def _drawn(change: Change) -> dict[str, JsonValue]:
    shown = any(item.field == "avatar" for item in change.changes)
    return {"picture": "drawn" if shown else "kept", **told(change)}


def _kept(config: AgentConfig, why: str) -> dict[str, JsonValue]:
    """Nothing was drawn. A picture that is there is not given up for a monogram."""
    return {"picture": "kept", "shown": "its present picture" if config.avatar else "a drawn monogram", "why": why}
