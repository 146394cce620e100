"""A small API description that the tests of OpenAPI share, and an agent's tools made of one."""

import json
from collections.abc import Mapping
from typing import Any

from user_agent.addresses import AddressPolicy
from user_agent.events import ToolFinished
from user_agent.messages import ToolCallPart
from user_agent.net import Http
from user_agent.openapi.description import read_description
from user_agent.openapi.sending import key_name
from user_agent.openapi.stored import Api, Auth
from user_agent.openapi.tools import operation_tool
from user_agent.tools.base import ToolContext
from user_agent.tools.calling import call_tool

OWN_NETWORK = AddressPolicy(own_network=True)


def describing(*operations: Mapping[str, Any], server: str = "https://api.example.com", **more: Any) -> str:
    """A description with these operations, each a dict with `path`, `method` and what OpenAPI has for it."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        about = {key: value for key, value in operation.items() if key not in ("path", "method")}
        paths.setdefault(operation["path"], {})[operation.get("method", "get")] = about
    document = {"openapi": "3.1.0", "info": {"title": "Shop", "version": "1"}, "servers": [{"url": server}]}
    return json.dumps({**document, "paths": paths, **more})


def parameter(name: str, place: str = "query", schema: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": place, "schema": dict(schema or {"type": "string"}), **more}


def body(media_type: str, properties: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"content": {media_type: {"schema": {"type": "object", "properties": properties}, **more}}}


async def asked(
    operation: Mapping[str, Any], arguments: Mapping[str, Any], server: str, *, auth: Auth | None = None, key: str = ""
) -> ToolFinished:
    """What comes of calling an operation that is described alone, at a server of this machine."""
    api = Api(server=server, auth=auth or Auth(), operations=read_description(describing(operation)).operations)
    tool = operation_tool("shop", api, api.operations[0], api.operations[0].name)
    async with Http(policy=OWN_NETWORK) as http:
        context = ToolContext(http=http, language="en", secrets={key_name("shop", api): key})
        call = ToolCallPart(id="1", name=tool.name, arguments=dict(arguments))
        return await call_tool(call, {tool.name: tool}, context, timeout_s=10)
