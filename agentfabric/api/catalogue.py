"""What there is to choose from: models and tools, the keys they wait for, and a user's settings."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from pydantic import Field, SecretStr

from agentfabric.api.bodies import TheStudio, TheUser
from agentfabric.service.models import ModelState
from agentfabric.service.own_entries import KEY_PREFIX, OwnEntry
from user_agent.assembly import tokens_of
from user_agent.mcp.stored import KEY_PREFIX as MCP_KEY_PREFIX
from user_agent.mcp.stored import SIGN_IN_PREFIX
from user_agent.openapi.stored import KEY_PREFIX as API_KEY_PREFIX
from user_agent.serve.bodies import Given
from user_agent.tools.base import Tool
from user_agent.tools.groups import GROUPS
from user_agent.words import Words

router = APIRouter(prefix="/api", tags=["catalogue"])

Json = dict[str, Any]


class Secret(Given):
    value: SecretStr = Field(min_length=1, max_length=10_000)


class SessionSettings(Given):
    builder_model: str = Field(max_length=300)


@router.get("/session")
async def get_session(studio: TheStudio, user: TheUser) -> Json:
    """Who is asking, what they have set, and how many tools a model is offered at a time."""
    return {
        "user": user,
        "local": studio.local,
        "builder_model": await studio.builder_model(user),
        "tools_per_turn": studio.chat.running.limits.tools,
    }


@router.put("/session")
async def put_session(settings: SessionSettings, studio: TheStudio, user: TheUser) -> Json:
    """Set the builder's own model; empty for the agent's model."""
    await studio.set_builder_model(user, settings.builder_model)
    return await get_session(studio, user)


@router.get("/models")
async def list_models(studio: TheStudio, user: TheUser) -> Json:
    """The model list: which are ready for this user, and what the others need. `default` is empty where none is.

    `own` is there for models at endpoints that the user added.
    A problem names its file without the folder: where that is concerns only whoever runs the server.
    """
    states = await studio.models.states(user)
    return {
        "models": [_model_view(state) for state in states],
        "default": await studio.models.default_of(user, states),
        "problems": [
            {"file": Path(problem.file).name, "line": problem.line, "message": _words(problem.message)}
            for problem in studio.problems
        ],
    }


@router.get("/tools")
async def list_tools(studio: TheStudio, user: TheUser) -> list[Json]:
    """The tools an agent can be given, by group. One that waits for a key can be ticked, and works with it.

    One that is `unavailable` cannot work on this server; `reason` says why, and what helps.
    """
    present = studio.keyring.for_tools(await studio.keyring.of(user))
    unavailable = await studio.lender.unavailable(studio.tools.tools)
    groups = [*GROUPS]
    tools = sorted(studio.tools.tools.values(), key=lambda tool: groups.index(tool.group))
    return [_tool_view(tool, present, unavailable.get(tool.name)) for tool in tools]


@router.get("/secrets")
async def list_secrets(studio: TheStudio, user: TheUser) -> Json:
    """The names of the keys this user has stored. Their values are never given out.

    Those of endpoints that the user added, and of agents' APIs and MCP servers, are told, and changed, with these.
    """
    names = await studio.secrets.names(user)
    elsewhere = (KEY_PREFIX, API_KEY_PREFIX, MCP_KEY_PREFIX, SIGN_IN_PREFIX)
    return {"names": sorted(name for name in names if not name.startswith(elsewhere))}


@router.put("/secrets/{name:path}", status_code=204)
async def put_secret(name: str, secret: Secret, studio: TheStudio, user: TheUser) -> None:
    """Store a key that a model or a tool asks for."""
    await studio.set_secret(user, name, secret.value)


@router.delete("/secrets/{name:path}", status_code=204)
async def delete_secret(name: str, studio: TheStudio, user: TheUser) -> None:
    await studio.secrets.delete(user, name)


def _model_view(state: ModelState) -> Json:
    entry = state.entry
    own = entry if isinstance(entry, OwnEntry) else None
    return {
        "key": entry.display_key,
        "name": own.title if own else entry.display_key,
        "origin": entry.origin,
        "model": entry.model,
        "own": {"endpoint": own.endpoint, "endpoint_name": own.endpoint_name, "model": own.id} if own else None,
        "provider": entry.type,
        "provider_name": _words(entry.provider_name),
        "state": "ready" if state.ready else "needs_key",
        "secret": entry.secret_name if entry.needs_key and not own else None,
        "needs": None if state.ready else {"name": "" if own else entry.secret_name, "url": entry.key_url},
        "local": not entry.needs_key,
        "facts": {
            "context_length": entry.facts.context_length,
            "function_calling": entry.facts.function_calling,
            "vision": entry.facts.vision,
            "reasoning": entry.facts.reasoning,
            "stream": entry.support_stream,
            "keeps_json": own.keeps_json if own else None,
        },
        "note": _words(entry.note),
        "price": entry.price.model_dump(mode="json") if entry.price else None,
        "checked": own.checked if own else "",
        "warnings": [_words(warning) for warning in entry.warnings],
    }


def _tool_view(tool: Tool, present: Mapping[str, str], unavailable: Words | None) -> Json:
    state = "unavailable" if unavailable else "waiting" if tool.missing(present) else "ready"
    return {
        "id": tool.name,
        "label": _words(tool.label),
        "summary": _words(tool.summary),
        "group": {"id": tool.group, "label": _words(GROUPS[tool.group])},
        "effect": tool.effect_told,
        "sends": _words(tool.sends),
        "state": state,
        "reason": _words(unavailable) if unavailable else None,
        "one_is_enough": tool.one_is_enough,
        "works_without_secrets": tool.works_without_secrets,
        "secrets": [
            {"name": need.name, "label": _words(need.label), "url": need.url, "present": need.name in present}
            for need in tool.secrets
        ],
        "timeout_s": tool.timeout_s,
        "cost": _words(tool.cost),
        "tokens": {"zh": tokens_of(tool, "zh"), "en": tokens_of(tool, "en")},
    }


def _words(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}
