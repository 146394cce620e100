"""`start_from_template`: the draft becomes a template of the gallery, where the person agreed to that."""

import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, JsonValue

from builder_core.templates import Template, nearest
from builder_core.tools import DraftTools, told
from user_agent.errors import ToolError
from user_agent.messages import Message
from user_agent.tools.base import Tool, ToolContext
from user_agent.words import Language, Words

NAME = "start_from_template"

_LABEL = Words("从模板开始", "Start from a template")
_OFFER = Words(
    "有一个很接近的模板：**{name}**。要从它开始，就说“用模板”；它会替换我写的内容，也可以撤销。",
    "There is a template close to this: **{name}**. To start from it, say “use the template”; it takes the place of "
    "what I wrote, and can be undone.",
)
_WANTED = re.compile(
    r"\b(?:use|take|start (?:from|with)|begin with|go with) (?:the|that|this|your) template\b"
    r"|(?<!不)(?<!别)(?:就?用|采用|套用|从)(?:这个|那个|该)?模板(?:开始|吧|来做)?",
    re.IGNORECASE,
)
_REFUSED = re.compile(r"\b(?:not?|don't|do not|without|never)\b|不要|不用|别用|不想", re.IGNORECASE)


class Starting:
    """The tool, bound to the draft of a turn and to the one template that is meant in its conversation."""

    def __init__(self, editing: DraftTools, template: Template, language: Language) -> None:
        self._editing = editing
        self._template = template
        self._language: Language = language

    @property
    def tool(self) -> Tool:
        return Tool.from_function(self.start_from_template, label=_LABEL, summary=_LABEL, effect="writes")

    async def start_from_template(
        self,
        context: ToolContext,
        template: Annotated[str, Field(max_length=60, description="The template's id, as it was offered.")],
    ) -> dict[str, JsonValue]:
        """Put a template in the place of the draft's texts and tools, as a proposal.

        Only where the person agreed to start from it. The answer says what was stored.
        """
        if template != self._template.id:
            raise ToolError(f"The template that fits is {self._template.id!r}.")
        return told(await self._editing.store(self._template.patch(self._language)))


def meant_in(templates: Sequence[Template], messages: Sequence[Message]) -> Template | None:
    """The template that the person's words mean clearly, the latest that do."""
    said = (message.text for message in reversed(messages) if message.role == "user")
    return next((found for text in said if (found := nearest(templates, text)) is not None), None)


def offer_of(template: Template, language: Language) -> str:
    """How the guide offers it. It never forces it: whoever says something else goes on as before."""
    return _OFFER[language].format(name=template.configs[language].name)


def asks_for_template(text: str) -> bool:
    """Whether somebody wants the template that was offered, in so many words."""
    return _WANTED.search(text) is not None and _REFUSED.search(text) is None
