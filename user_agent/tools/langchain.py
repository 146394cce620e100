"""A LangChain tool as a tool. `langchain-core` is needed by those alone who bring one."""

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeGuard, cast

from pydantic import BaseModel, JsonValue, ValidationError

from user_agent.errors import ToolError
from user_agent.tools.base import Effect, Tool, ToolContext
from user_agent.tools.signatures import said_in
from user_agent.words import Words

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

TIMEOUT_S = 60.0


def is_langchain_tool(value: object) -> TypeGuard["BaseTool"]:
    """Whether it is one. Where the library is not loaded, nothing is: it is never imported for the question."""
    tools = sys.modules.get("langchain_core.tools.base")
    return tools is not None and isinstance(value, tools.BaseTool)


def tool_of_langchain(value: "BaseTool", name: str = "") -> Tool:
    """The tool, under that name where one is given.

    LangChain's tools do not say whether they change something, so each call is asked about first, unless
    `metadata={"effect": "reads"}` says that it need not be.
    """
    called = name or value.name
    about = said_in(value.description or called)
    first = Words(about.zh.partition("\n")[0], about.en.partition("\n")[0])

    async def call(arguments: Mapping[str, JsonValue], context: ToolContext) -> object:
        return _content(await _answer(value, arguments))

    return Tool.from_schema(
        call,
        name=called,
        description=about,
        parameters=_schema(value),
        label=Words(called, called),
        summary=first,
        effect=_effect(value),
        timeout_s=TIMEOUT_S,
    )


async def _answer(value: "BaseTool", arguments: Mapping[str, JsonValue]) -> object:
    from langchain_core.tools import ToolException

    try:
        return cast(object, await value.ainvoke(dict(arguments)))
    except ValidationError as error:
        told = [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors(include_url=False)]
        raise ToolError(f"The arguments of {value.name!r} do not fit. {'; '.join(told)}. Call again.") from error
    except ToolException as error:
        raise ToolError(str(error) or f"{value.name} could not do it.") from error


def _schema(value: "BaseTool") -> dict[str, JsonValue]:
    """What the model may give: without what LangChain itself fills in."""
    kind: object = value.tool_call_schema
    schema: dict[str, Any]  # as both libraries type a JSON schema
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        schema = kind.model_json_schema()
    else:
        schema = dict(cast(Mapping[str, Any], kind))
    for key in ("title", "description"):
        schema.pop(key, None)
    return {"type": "object", "properties": {}, **schema}


def _effect(value: "BaseTool") -> Effect:
    return "reads" if (value.metadata or {}).get("effect") == "reads" else "writes"


def _content(answer: object) -> object:
    """The words of an answer in LangChain's blocks; anything else as it is."""
    if not isinstance(answer, list):
        return answer
    blocks = [cast(Mapping[str, Any], block) for block in cast(Sequence[object], answer) if isinstance(block, Mapping)]
    texts = [str(block["text"]) for block in blocks if block.get("type") == "text" and "text" in block]
    return "\n".join(texts) if texts and len(texts) == len(cast(Sequence[object], answer)) else cast(object, answer)
