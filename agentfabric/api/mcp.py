"""MCP servers that an agent uses."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field, SecretStr

from agentfabric.api.agents import edited_view
from agentfabric.api.bodies import TheStudio, TheUser, an_object, described
from agentfabric.service.mcp_states import Looked, ServerState
from user_agent.mcp.listing import Listing, differences
from user_agent.mcp.stored import McpTool
from user_agent.mcp.tools import Served, name_of
from user_agent.orders import orders_of
from user_agent.serve.bodies import Given, read_body
from user_agent.words import Words

router = APIRouter(prefix="/api", tags=["mcp"])

Json = dict[str, Any]

_Digest = Annotated[str, Field(max_length=64)]
_Name = Annotated[str, Field(max_length=200)]


class Where(Given):
    """Servers as other programs write them down, `{"mcpServers": {name: {"url", "headers"}}}`, or a web address."""

    text: Annotated[str, Field(max_length=200_000)]


class ChosenServers(Where):
    """Which tools of which of them: each by its name, with the `digest` of the description that was seen."""

    servers: dict[_Name, dict[_Name, _Digest]]


class ChosenTools(Given):
    tools: dict[_Name, _Digest]


class Entered(Given):
    """What a server wants to know, under the names in its `missing`."""

    values: dict[_Name, Annotated[SecretStr, Field(max_length=10_000)]]


_TEXT = {"type": "string"}
_DIGESTS = {"type": "object", "additionalProperties": _TEXT}


@router.post("/mcp", openapi_extra=described(json=an_object(text=_TEXT)))
async def read_mcp(request: Request, studio: TheStudio, user: TheUser) -> Json:
    """What the servers in a text offer now. Nothing is stored. `problem` says why one does not answer.

    One with `sign_in` can be added without tools, `{name: {}}`, to sign in to it then.
    """
    where = await read_body(request, Where, 'The body is JSON with a "text".')
    return {"servers": [_looked(each) for each in await studio.mcp.look_at(user, where.text)]}


@router.get("/agents/{agent_id}/mcp")
async def list_mcp(agent_id: str, studio: TheStudio, user: TheUser) -> list[Json]:
    """The agent's servers, as they are known to be now. None is asked: `POST …/look` does that.

    `state` is `ready`, `connecting`, `failed`, `unknown`, `sign_in` (`POST …/sign-in` begins one), or `missing`: what
    is named there has to be entered first.
    `tool` is what a model calls a tool, and `policy_key` what `policies` in a change of the configuration names it by.
    `changed` is there where its server describes it differently than when it was allowed: it is not called.
    """
    return [state_view(each) for each in await studio.mcp.all(user, agent_id)]


@router.post(
    "/agents/{agent_id}/mcp",
    status_code=201,
    openapi_extra=described(json=an_object(text=_TEXT, servers={"type": "object", "additionalProperties": _DIGESTS})),
)
async def add_mcp(agent_id: str, request: Request, studio: TheStudio, user: TheUser) -> Json:
    """Give the agent tools of servers. What their headers hold is stored encrypted, for each server's origin alone."""
    chosen = await read_body(request, ChosenServers, 'The body is JSON with a "text" and "servers".')
    return edited_view(await studio.mcp.add(user, agent_id, chosen.text, chosen.servers))


@router.post("/agents/{agent_id}/mcp/{server_id}/look")
async def look_mcp(agent_id: str, server_id: str, studio: TheStudio, user: TheUser) -> Json:
    """Ask a server anew what it offers: `offered` has it all."""
    state = await studio.mcp.look(user, agent_id, server_id)
    return {**state_view(state), "offered": _listing(state.listing)}


@router.put("/agents/{agent_id}/mcp/{server_id}/tools")
async def put_mcp_tools(agent_id: str, server_id: str, chosen: ChosenTools, studio: TheStudio, user: TheUser) -> Json:
    """Allow these tools of a server and no others, as they were described when they were seen."""
    return edited_view(await studio.mcp.choose(user, agent_id, server_id, chosen.tools))


@router.put("/agents/{agent_id}/mcp/{server_id}/secrets")
async def put_mcp_secrets(agent_id: str, server_id: str, entered: Entered, studio: TheStudio, user: TheUser) -> Json:
    """Store what a server wants to know, encrypted, for its origin alone."""
    return state_view(await studio.mcp.set_secrets(user, agent_id, server_id, entered.values))


@router.delete("/agents/{agent_id}/mcp/{server_id}")
async def remove_mcp(agent_id: str, server_id: str, studio: TheStudio, user: TheUser) -> Json:
    """Take a server from the agent, and forget what it was told."""
    return edited_view(await studio.mcp.remove(user, agent_id, server_id))


def _looked(looked: Looked) -> Json:
    return {
        "name": looked.pasted.name,
        "url": looked.pasted.server.url,
        "kind": looked.pasted.server.kind,
        "command": looked.pasted.server.command,
        "problem": words_view(looked.problem),
        "sign_in": looked.wants_sign_in,
        **_listing(looked.listing),
    }


def _listing(listing: Listing | None) -> Json:
    listing = listing or Listing()
    return {
        "title": listing.title,
        "version": listing.version,
        "tools": [_tool(tool) for tool in listing.tools],
        "left_out": [{"name": each.name, "why": words_view(each.why)} for each in listing.left_out],
        "cut": listing.cut,
    }


def state_view(state: ServerState) -> Json:
    """A server of an agent, as it is told to programs."""
    server = state.server
    return {
        "id": server.known_as(state.name),
        "name": state.name,
        "url": server.url,
        "kind": server.kind,
        "command": server.command,
        "state": state.state,
        "proposed": server.proposed,
        "signed_in": state.signed_in,
        "has_prompts": bool(state.listing and state.listing.has_prompts),
        "has_resources": bool(state.listing and state.listing.has_resources),
        "missing": list(state.missing),
        "problem": words_view(state.problem),
        "tools": [
            {
                **_tool(tool),
                "tool": name_of(state.name, tool.name),
                "policy_key": Served("", state.name, server, tool).policy_key,
                "changed": _changed(tool, state.listing),
            }
            for tool in server.tools
        ],
    }


def _changed(tool: McpTool, listing: Listing | None) -> Json | None:
    """How the server describes a tool by now; None where it is as it was allowed, or was not asked yet."""
    if listing is None:
        return None
    now = listing.tool(tool.name)
    if now == tool:
        return None
    orders = list(orders_of(now)) if now else []
    return {
        "gone": now is None,
        "digest": now.digest if now else "",
        "parts": differences(tool, now),
        "orders": orders,
    }


def _tool(tool: McpTool) -> Json:
    return {
        "name": tool.name,
        "title": tool.title,
        "description": tool.description,
        "effect": "reads" if tool.read_only else "writes",
        "tokens": tool.tokens,
        "digest": tool.digest,
        "orders": list(orders_of(tool)),
    }


def words_view(words: Words | None) -> Json | None:
    """Words in both languages, for the page to choose from."""
    return {"zh": words.zh, "en": words.en} if words else None
