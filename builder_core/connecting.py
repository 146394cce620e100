"""`connect_service`: an outside service is proposed to the agent, and used once the person has allowed it.

What a service says of itself is for people to read. The model is told names and numbers alone, so that no text in a
description can ask it for anything.
"""

import asyncio
from typing import Annotated

from pydantic import Field, JsonValue

from builder_core.pasted import Given
from builder_core.services import MOST_PROPOSED, Kind, Operation, Service, Services, Where, fitting
from builder_core.tools import DraftTools
from user_agent.config import AgentConfig
from user_agent.errors import ToolError
from user_agent.tools.base import Tool, ToolContext
from user_agent.words import Language, Words

NAME = "connect_service"
TIMEOUT_S = 60.0
MAX_NAMED = 10
MAX_LISTED = 80
MAX_PURPOSE_CHARS = 1_500

_LABEL = Words("接入外部服务", "Propose a service")
_ORDERS = Words(
    "请先看清再允许：{names} 的说明在给模型下命令，原文见“配置”。",
    "Look before you allow it: what is said of {names} gives the model orders. They are shown under Configure.",
)
_NEXT = (
    "Nothing of it is used yet. Say in one or two sentences what you propose and what it is for; the person allows or "
    "discards it below your message. Never say that it is connected."
)


class Connecting:
    """The tool, bound to one turn: `given` is what the person handed over, `said` their own words."""

    def __init__(
        self, services: Services, editing: DraftTools, *, given: Given, config: AgentConfig, said: str
    ) -> None:
        self._services = services
        self._editing = editing
        self._given = given
        self._purpose = f"{said} {config.description} {config.instruction}"[:MAX_PURPOSE_CHARS]

    @property
    def tool(self) -> Tool:
        return Tool.from_function(
            self.connect_service, label=_LABEL, summary=_LABEL, effect="writes", timeout_s=TIMEOUT_S
        )

    async def connect_service(
        self,
        context: ToolContext,
        kind: Annotated[
            Kind, Field(description="openapi: an API by its OpenAPI or Swagger description; mcp: an MCP server.")
        ] = "openapi",
        url: Annotated[
            str | None,
            Field(max_length=2_000, description="The address that the person gave. Leave it out for a text or a file."),
        ] = None,
        purpose: Annotated[
            str | None,
            Field(max_length=500, description="In English, what the agent needs it for: looking up tickets by number."),
        ] = None,
        operations: Annotated[
            list[Annotated[str, Field(max_length=64)]] | None,
            Field(max_length=MAX_NAMED, description="Which of its operations, where an earlier answer listed them."),
        ] = None,
    ) -> dict[str, JsonValue]:
        """Propose an outside service to the agent: an API whose description the person pasted, attached or gave the
        address of, or an MCP server. The few operations that fit the purpose are proposed.

        The person decides with a click; until then nothing of it is used.
        """
        service = await self._services.look(self._where(kind, url))
        if not service.operations:
            raise ToolError(f"{service.host} offers nothing that an agent can call. Tell the person so.")
        chosen = await self._chosen(service, operations, purpose)
        if not chosen:
            return _listed(service)
        change = await self._editing.written(lambda: self._services.propose(service, [each.name for each in chosen]))
        if change.refused:
            return {"refused": {item.field.partition(".")[0]: item.why for item in change.refused}}
        mixed = (await self._editing.warning(context.language)).get("warning")
        warning = " ".join(filter(None, (_orders(chosen, context.language), str(mixed or ""))))
        return {"proposed": _told(service, chosen), **({"warning": warning} if warning else {}), "next": _NEXT}

    def _where(self, kind: Kind, url: str | None) -> Where:
        """Where the service is. Only the person says so: an address out of a text or a model's head is not asked."""
        if url is None:
            if self._given.descriptions:
                last = self._given.descriptions[-1]
                return Where(last.kind, text=last.text)
            raise ToolError("No description was given. Ask the person for its address, or to paste or attach it.")
        if url.strip() not in self._given.addresses:
            raise ToolError("Only an address that the person wrote themselves can be asked. Ask them for it.")
        return Where(kind, url=url.strip())

    async def _chosen(self, service: Service, names: list[str] | None, purpose: str | None) -> list[Operation]:
        if not names:
            return await asyncio.to_thread(fitting, service.operations, f"{purpose or ''} {self._purpose}")
        known = {each.name: each for each in service.operations}
        unknown = [name for name in names if name not in known]
        if unknown:
            raise ToolError(f"It has no operation {unknown[0]!r}. It has: {_names(service)}.")
        return [known[name] for name in dict.fromkeys(names)]


def _orders(chosen: list[Operation], language: Language) -> str:
    """What a person is told before they allow operations whose descriptions give orders; what these are stays there."""
    names = ", ".join(each.name for each in chosen if each.gives_orders)
    return _ORDERS[language].format(names=names) if names else ""


def _told(service: Service, chosen: list[Operation]) -> JsonValue:
    return {
        "service": service.host,
        "operations": [
            {"name": each.name, "does": "changes something" if each.writes else "reads", "tokens": each.tokens}
            for each in chosen
        ],
        "tokens_per_turn": sum(each.tokens for each in chosen),
        "of": len(service.operations),
        "needs_key": service.needs_key,
        "place": "Configure, APIs" if service.where.kind == "openapi" else "Configure, MCP servers",
    }


def _listed(service: Service) -> dict[str, JsonValue]:
    """Where it cannot be told which operations fit: what there is, to choose from."""
    return {
        "unclear": {"service": service.host, "of": len(service.operations), "operations": _names(service)},
        "next": f"Call again with the names of at most {MOST_PROPOSED} that the purpose needs, or ask which.",
    }


def _names(service: Service) -> str:
    more = len(service.operations) - MAX_LISTED
    return ", ".join(each.name for each in service.operations[:MAX_LISTED]) + (f" and {more} more" if more > 0 else "")
