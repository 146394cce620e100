"""Tools of MCP servers as tools of an agent: pinned as they were allowed, asked through a connection of one person."""

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from pydantic import JsonValue

from user_agent.errors import ToolError
from user_agent.mcp.asking import page_of
from user_agent.mcp.connection import Connection
from user_agent.mcp.failures import ServerUnavailable, in_our_words
from user_agent.mcp.results import output_of
from user_agent.mcp.stored import McpServer, McpTool
from user_agent.openapi.references import short
from user_agent.questions import Question, Reply
from user_agent.tools.base import Tool, ToolContext, ToolOutput, Touch
from user_agent.tools.calling import without_keys
from user_agent.words import NOTHING, Words

MAX_NAME_CHARS = 64
POLICY_KEY = "mcp-"
"""What the keys begin with under which policies of such tools are kept."""
MAX_PAGES = 3
"""To how many pages a person is asked to go before one call."""
BETWEEN = "__"
"""What stands between the name of a server and that of its tool."""
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Served:
    """A tool that was allowed of a server, and what a model calls it."""

    name: str
    server_name: str
    server: McpServer
    tool: McpTool

    @property
    def policy_key(self) -> str:
        """Where the configuration keeps, among its `tools`, whether it asks first.

        Elsewhere, or described otherwise, it is another one: a leave to write unasked is for what a person knew.
        """
        of = (self.server_name, self.server.kind, self.server.url, self.server.command, self.tool.digest)
        return f"{POLICY_KEY}{_mark(*of)[:32]}"


def served(servers: Mapping[str, McpServer], taken: Collection[str]) -> Iterator[Served]:
    """Everything that was allowed of an agent's servers. Names in `taken` stay others'."""
    names = set(taken)
    for server_name, server in servers.items():
        for tool in server.tools:
            name = name_of(server_name, tool.name, names)
            names.add(name)
            yield Served(name, server_name, server, tool)


def tools_of_servers(
    servers: Mapping[str, McpServer], connections: Mapping[str, Connection], taken: Collection[str]
) -> Iterator[Tool]:
    """A tool for each one that was allowed of the servers that can be asked."""
    for each in served(servers, taken):
        if connection := connections.get(each.server_name):
            yield _tool(each, connection)


def name_of(server: str, tool: str, taken: Collection[str] = ()) -> str:
    """What a model calls a tool: `server__tool`, in the letters that every vendor takes. It does not change as long as
    both names and what was before them stay."""
    exact = f"{_NOT_IN_NAMES.sub('_', server).strip('_')}{BETWEEN}{_NOT_IN_NAMES.sub('_', tool)}"
    is_plain = exact == f"{server}{BETWEEN}{tool}" and len(exact) <= MAX_NAME_CHARS
    if is_plain and exact not in taken:
        return exact
    # What was lost on the way tells it from others of which the same is left.
    mark = _mark(server, tool)[:6]
    wished = f"{exact[: MAX_NAME_CHARS - 7].strip('_') or 'tool'}_{mark}"
    name, number = wished, 1
    while name in taken:
        number += 1
        name = f"{wished[: MAX_NAME_CHARS - 4]}_{number}"
    return name


def _mark(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _tool(each: Served, connection: Connection) -> Tool:
    name, server_name, server, tool = each.name, each.server_name, each.server, each.tool

    async def call(arguments: Mapping[str, JsonValue], context: ToolContext) -> ToolOutput:
        async def ask(question: Question) -> Reply:
            return await context.ask(question.model_copy(update={"asker": server_name, "host": where}))

        return await _answer(name, server_name, tool, arguments, connection, replace(context, ask=ask))

    title = tool.title or tool.name
    where = urlsplit(server.url).netloc or server_name
    about = tool.description or title
    note = _note(tool, connection)
    return Tool.from_schema(
        call,
        name=name,
        description=Words(f"{note.zh}{about}", f"{note.en}{about}") if note else Words(about, about),
        parameters=tool.arguments,
        label=Words(title, title),
        summary=Words(server_name, server_name) if server_name else NOTHING,
        effect="reads" if tool.read_only else "writes",
        sends=Words(f"参数会发到 {where}", f"What it is asked goes to {where}"),
        touches=touches_of(server, tool),
        timeout_s=connection.patience.connect_s + connection.patience.call_s,
        policy_key=each.policy_key,
    )


def _note(tool: McpTool, connection: Connection) -> Words | None:
    """What a model is told before a description, where the tool cannot be used now."""
    if connection.failure:
        # What a server says now has no place in what the person allowed to be told of it.
        failure = in_our_words(connection.failure)
        return Words(
            f"现在用不了：{failure.zh}。请告诉用户，并且不要用它。\n",
            f"Unavailable now: {failure.en}. Tell the person so, and do without it.\n",
        )
    if connection.listing is not None and connection.listing.tool(tool.name) != tool:
        return Words(
            "现在用不了：它的服务器改动了它，而用户还没有允许这个改动。\n",
            "Unavailable now: its server changed it, and the person has not allowed the change.\n",
        )
    return None


def touches_of(server: McpServer, tool: McpTool) -> frozenset[Touch]:
    """What a tool brings: others write what it answers, a key opens what is private, and what writes sends."""
    private: tuple[Touch, ...] = ("private",) if server.wants else ()
    outward: tuple[Touch, ...] = () if tool.read_only else ("outward",)
    return frozenset(("untrusted", *private, *outward))


async def _answer(
    name: str,
    server_name: str,
    tool: McpTool,
    arguments: Mapping[str, JsonValue],
    connection: Connection,
    context: ToolContext,
) -> ToolOutput:
    from mcp.shared.exceptions import MCPError
    from mcp_types import URL_ELICITATION_REQUIRED

    try:
        offered = (await connection.offered()).tool(tool.name)
        if offered != tool:
            raise ToolError(_changed(name, server_name, is_gone=offered is None))
        given = {key: value for key, value in arguments.items() if value is not None}
        result = await connection.call(tool.name, given, context.report, context.ask)
    except ServerUnavailable as error:
        why = error.words[context.language]
        raise ToolError(f"The server {server_name!r} cannot be asked: {why}. Do without it, and say so.") from error
    except MCPError as error:
        if error.code == URL_ELICITATION_REQUIRED:
            raise ToolError(await _after_pages(name, server_name, error.error.data, context)) from error
        said = short(without_keys(error.message, connection.endpoint.secrets), 1_000)
        raise ToolError(f"{name} was not answered: {said}. It may have been done or not.") from error
    except (ValueError, RuntimeError) as error:
        raise ToolError(f"{name} was answered in no form that MCP knows. It may have been done or not.") from error
    return await output_of(name, result, connection.endpoint, context)


async def _after_pages(name: str, server_name: str, data: object, context: ToolContext) -> str:
    """What a model is told of a call before which the person has to go to pages of the server: they are asked to."""
    from mcp_types import ElicitationRequiredErrorData

    not_done = f"{name} was not done: its server {server_name!r} first wants the person to go to a page of its own"
    try:
        wanted = ElicitationRequiredErrorData.model_validate(data).elicitations[:MAX_PAGES]
        pages = [page_of(each.message, each.url) for each in wanted]
    except ValueError:
        return f"{not_done}, and does not say to which. Do without it, and say so."
    for page in pages:
        if (await context.ask(page)).action != "accept":
            return f"{not_done}, and they did not. Do without it, and say so."
    return f"{not_done}. They went there: call it again when they say that they are done."


def _changed(name: str, server_name: str, *, is_gone: bool) -> str:
    if is_gone:
        return f"{name} is not there any more: the server {server_name!r} does not offer it. Do without it, and say so."
    return (
        f"{name} was not called: its server {server_name!r} describes it differently than when it was allowed. The "
        "person has to look at the change under Configure, MCP servers, and allow it again. Tell them, and do without."
    )
