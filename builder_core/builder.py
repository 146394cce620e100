"""`Builder.turn`: a conversation becomes changes of a draft. An ordinary agent does it; its tools edit the draft."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import JsonValue

from builder_core.connecting import Connecting
from builder_core.draft import SERVICES, Draft, PastChange
from builder_core.drafting import Drafting
from builder_core.events import BuilderEvent, ConfigChanged
from builder_core.knowing import Care, Knowing, State, line_of
from builder_core.past import Past
from builder_core.pasted import Given, given_in
from builder_core.portrait import NAME, Portrait
from builder_core.recommend import Offer
from builder_core.rules.speech import heard
from builder_core.services import Services
from builder_core.starting import Starting, meant_in
from builder_core.templates import Template
from builder_core.tools import DraftTools, Write
from user_agent.agent import Agent, Limits
from user_agent.assembly import choose_dialect, tokens_of
from user_agent.config import AgentConfig
from user_agent.events import RunFinished, ToolDrafting, ToolFinished, ToolStarted
from user_agent.images.drawing import can_draw
from user_agent.messages import Message
from user_agent.models.base import ChatModel
from user_agent.net import Http
from user_agent.policies import ToolPolicy
from user_agent.prompts import load_prompts, render
from user_agent.tools.base import Tool, ToolContext
from user_agent.words import Language

if TYPE_CHECKING:
    from builder_core.guide import BuilderGuide

_PROMPTS = Path(__file__).parent / "prompts"
load_prompts(_PROMPTS)
MAX_PAST_CHARS = 120
"""How much of a value the list of changes shows to a model."""


def load_guide() -> "type[BuilderGuide]":
    """The builder's guide, imported when it is first needed: its rules take a while, and a model needs none of them."""
    from builder_core.guide import BuilderGuide

    return BuilderGuide


@dataclass(frozen=True, slots=True)
class Builder:
    """Builds an agent in conversation. Lives for one turn; `http` is lent to it.

    Without a model the builder's guide speaks in its place.
    """

    model: ChatModel | None
    http: Http
    catalogue: Sequence[Offer]
    language: Language = "zh"
    limits: Limits = field(default_factory=Limits)
    guide_pace_s: float = 0.012
    """Between two pieces of what the guide says, so that a page shows the draft filling in."""
    services: Services | None = None
    """How services outside are looked at and proposed. None: none can be."""
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    """The texts of the files that came with the person's messages, by id."""
    care: Care | None = None
    """How the agent's knowledge is looked at and mended. None: nothing is known of it."""
    templates: Sequence[Template] = ()
    """Agents to start from: the one that is clearly meant is offered, and never forced."""
    context: ToolContext | None = None
    """What drawing is lent: the keys for it, and where pictures of the agent are kept. None: nothing is drawn."""

    async def turn(self, draft: Draft, messages: Sequence[Message]) -> AsyncGenerator[BuilderEvent, None]:
        """Answer the last message and edit the draft on the way. Ends with exactly one `RunFinished`.

        A `ConfigChanged` follows each write that changed something or was refused. Where there was none, one without
        changes says so before the end, whatever the model claims. Raises `ModelError`.
        """
        config, past = await draft.current(), Past(await draft.past())
        messages, given = await asyncio.to_thread(given_in, messages, self.files)
        said = heard(_last_said(messages))
        editing = DraftTools(draft, self.catalogue, config=config, past=past, said=said)
        tools = {**editing.tools, NAME: Portrait(draft, editing).tool}
        tools |= self._connecting(editing, given, config, said.words)
        knowing = await Knowing.begin(self.care, draft, editing, said=said.words)
        tools |= knowing.tools
        template = await asyncio.to_thread(meant_in, self.templates, messages)
        tools |= self._starting(editing, template)
        agent = await self._agent(config, past, await draft.locks(), tools, knowing.state, template)
        drafting = Drafting()
        told = False
        async with aclosing(agent.run(messages)) as events:
            async for event in events:
                if isinstance(event, RunFinished):
                    late = await editing.look()
                    for write in editing.take_writes():
                        if late.changes or not told:
                            yield _changed(write)
                    await knowing.tell()
                yield event
                match event:
                    case ToolDrafting() | ToolStarted():
                        if (partial := drafting.add(event)) is not None:
                            yield partial
                    case ToolFinished():
                        for write in editing.take_writes():
                            if write.change.changes or write.change.refused:
                                told = True
                                yield _changed(write)
                    case _:
                        pass

    def _starting(self, editing: DraftTools, template: Template | None) -> dict[str, Tool]:
        """The tool that starts from the template that is meant, by its name, where one is."""
        tool = Starting(editing, template, self.language).tool if template else None
        return {tool.name: tool} if tool else {}

    def _connecting(self, editing: DraftTools, given: Given, config: AgentConfig, said: str) -> dict[str, Tool]:
        """The tool that proposes services, by its name, where they can be."""
        if self.services is None:
            return {}
        tool = Connecting(self.services, editing, given=given, config=config, said=said).tool
        return {tool.name: tool}

    async def _agent(
        self,
        config: AgentConfig,
        past: Past,
        locks: frozenset[str],
        tools: dict[str, Tool],
        known: State,
        template: Template | None,
    ) -> Agent:
        model = self.model
        if model is None:
            guide = await asyncio.to_thread(load_guide)
            model = guide(
                config,
                self.catalogue,
                past=past,
                language=self.language,
                pace_s=self.guide_pace_s,
                knowledge=known,
                template=template,
            )
        context = self.context or ToolContext(http=self.http, language=self.language)
        return Agent(
            model=model,
            dialect=choose_dialect(model, self.language),
            system=system_prompt(
                config,
                self.catalogue,
                self.language,
                past=past,
                locks=locks,
                drawing=can_draw(context.secrets),
                services=self.services is not None,
                known=known,
                template=template,
            ),
            context=context,
            tools=tools,
            # What they write is the draft, seen and undone beside the chat.
            policies=dict[str, ToolPolicy].fromkeys(tools, "allow"),
            limits=self.limits,
        )


def _last_said(messages: Sequence[Message]) -> str:
    return next((message.text for message in reversed(messages) if message.role == "user"), "")


def system_prompt(
    config: AgentConfig,
    catalogue: Sequence[Offer],
    language: Language,
    *,
    past: Past,
    locks: frozenset[str] = frozenset(),
    drawing: bool = False,
    services: bool = False,
    known: State | None = None,
    template: Template | None = None,
) -> str:
    """What the builder knows in a turn: its rules, the draft as it is now with every edit by hand, and the catalogue.

    The draft goes in as JSON, so that no text in it can pass for a rule or break out of its place.
    """
    draft: dict[str, JsonValue] = {
        "name": config.name,
        "description": config.description,
        "instruction": config.instruction,
        "language": config.language,
        "prologue": config.prologue,
        "prompt_recommend": list[JsonValue](config.prompt_recommend),
        "memory": config.memory,
        "tools": list[JsonValue](config.enabled_tools),
        "services": _services(config),
        "files": len(config.knowledge),
    }
    fresh = known.fresh if known else ()
    return render(
        "builder",
        language,
        {
            "draft": json.dumps(draft, ensure_ascii=False, indent=2),
            "offers": [_line(offer, language) for offer in catalogue],
            "locks": sorted(locks),
            "can_draw": drawing,
            "services": services,
            "knows_files": bool(known and known.files),
            "knowledge": [json.dumps(line_of(each, language == "zh"), ensure_ascii=False) for each in fresh],
            "template": _template(template, language) if template else "",
            "past": [json.dumps(_past_line(name, change), ensure_ascii=False) for name, change in past.by_name.items()],
        },
        folder=_PROMPTS,
    )


def _template(template: Template, language: Language) -> str:
    config = template.configs[language]
    return f"{template.id}: {config.name}. {config.description}"


def _services(config: AgentConfig) -> JsonValue:
    """Which services the agent has, by names that hold no sentence: what they say of themselves is others' text."""
    apis: list[JsonValue] = [
        {
            "api": urlsplit(api.server).netloc,
            "allowed": not api.proposed,
            "operations": [op.name for op in api.operations],
        }
        for api in config.openapi.values()
    ]
    servers: list[JsonValue] = [
        {"mcp": urlsplit(server.url).netloc, "allowed": not server.proposed, "tools": len(server.tools)}
        for server in config.mcp_servers.values()
    ]
    return [*apis, *servers]


def _past_line(name: str, change: PastChange) -> dict[str, JsonValue]:
    field = change.field.partition(".")[0]
    foreign = field in SERVICES
    return {
        "change": name,
        "field": field if foreign else change.field,
        "before": change.before is not None if foreign else _short(change.before),
        "after": change.after is not None if foreign else _short(change.after),
        "by": change.author,
        "asked": _short(change.said),
    }


def _short(value: JsonValue) -> JsonValue:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return value if len(text) <= MAX_PAST_CHARS else f"{text[:MAX_PAST_CHARS]}…"


def _line(offer: Offer, language: Language) -> dict[str, str]:
    return {
        "id": offer.tool.name,
        "summary": offer.tool.summary[language],
        "tokens": str(tokens_of(offer.tool, language)),
        "waits_for": ", ".join(f"{need.name} {need.url}".strip() for need in offer.waits_for),
        "unavailable": offer.unavailable[language] if offer.unavailable else "",
    }


def _changed(write: Write) -> ConfigChanged:
    return ConfigChanged(
        config=write.config.document,
        revision=write.change.revision,
        changes=write.change.changes,
        refused=write.change.refused,
    )
