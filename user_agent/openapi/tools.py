"""Operations of imported APIs as tools of an agent."""

from collections.abc import Collection, Iterator, Mapping
from urllib.parse import urlsplit

from pydantic import JsonValue

from user_agent.errors import ToolError
from user_agent.openapi.checking import fitting
from user_agent.openapi.refusing import refusal
from user_agent.openapi.sending import TIMEOUT_S, answer_to, key_name
from user_agent.openapi.stored import Api, Operation
from user_agent.openapi.waiting import WAIT_TIMEOUT_S, awaited
from user_agent.policies import OperationPlace
from user_agent.tools.base import SecretNeed, Tool, ToolContext, Touch
from user_agent.words import NOTHING, Words

_WAITED_FOR = Words(
    "它开始一个任务；这次调用会一直等到任务结束，并给出结果。",
    "It begins a task; the call waits until that ended, and answers with its result.",
)


def tools_of(apis: Mapping[str, Api], taken: Collection[str]) -> Iterator[Tool]:
    """A tool for each operation. Names in `taken`, of built-in tools, stay theirs."""
    names = set(taken)
    for api_id, api in apis.items():
        for operation in api.usable:
            name, number = operation.name, 1
            while name in names:
                number += 1
                name = f"{operation.name[:60]}_{number}"
            names.add(name)
            yield operation_tool(api_id, api, operation, name)


def operation_tool(api_id: str, api: Api, operation: Operation, name: str) -> Tool:
    """One operation as a tool of that name."""
    secret = key_name(api_id, api)
    host = urlsplit(operation.server or api.server).netloc

    async def check(arguments: Mapping[str, JsonValue]) -> None:
        await fitting(name, operation, arguments)

    async def call(arguments: Mapping[str, JsonValue], context: ToolContext) -> str:
        given = await fitting(name, operation, arguments)
        return await _answer(api_id, api, operation, given, context)

    words = operation.title or operation.name
    about = f"{operation.title}\n{operation.description}".strip() or f"{operation.method} {operation.path}"
    is_waited_for = operation.name in api.waits
    return Tool.from_schema(
        call,
        name=name,
        description=Words(f"{about}\n{_WAITED_FOR.zh}", f"{about}\n{_WAITED_FOR.en}") if is_waited_for else about,
        parameters=operation.arguments,
        label=Words(words, words),
        summary=Words(api.title, api.title) if api.title else NOTHING,
        secrets=() if api.auth.kind == "none" else (SecretNeed(secret, Words(api.title, api.title), url=""),),
        effect="writes" if operation.writes else "reads",
        sends=Words(f"参数会发到 {host}", f"What it is asked goes to {host}"),
        touches=touches_of(api, operation),
        timeout_s=WAIT_TIMEOUT_S if is_waited_for else TIMEOUT_S,
        policy_key=OperationPlace(api_id, operation.name).key,
        check=check,
    )


def touches_of(api: Api, operation: Operation) -> frozenset[Touch]:
    """What an operation brings: others write what it answers, a key opens what is private, and what writes sends."""
    private: tuple[Touch, ...] = () if api.auth.kind == "none" else ("private",)
    outward: tuple[Touch, ...] = ("outward",) if operation.writes else ()
    return frozenset(("untrusted", *private, *outward))


async def _answer(
    api_id: str, api: Api, operation: Operation, arguments: Mapping[str, JsonValue], context: ToolContext
) -> str:
    answer = await answer_to(api_id, api, operation, arguments, context)
    if not 200 <= answer.status < 300:
        raise ToolError(refusal(operation, answer))
    if operation.name in api.waits:
        return await awaited(api_id, api, operation, arguments, answer, context)
    return answer.text or f"It answered {answer.status} and said nothing more."
