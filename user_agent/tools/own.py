"""One's own function as a tool: `@tool`."""

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, overload

from user_agent.tools.base import Effect, SecretNeed, Tool
from user_agent.words import Words

AnyFunction = Callable[..., object]


@overload
def tool(function: AnyFunction, /) -> Tool: ...
@overload
def tool(
    *, name: str = "", secrets: Sequence[str] = (), effect: Effect = "reads", timeout_s: float = 20.0
) -> Callable[[AnyFunction], Tool]: ...


def tool(
    function: AnyFunction | None = None,
    /,
    *,
    name: str = "",
    secrets: Sequence[str] = (),
    effect: Effect = "reads",
    timeout_s: float = 20.0,
) -> Tool | Callable[[AnyFunction], Tool]:
    """The function as a tool: `@tool`, or `@tool(secrets=["MY_API_KEY"])`.

    Its docstring tells the model what it does, its type hints what it takes; `Annotated[str, Field(description="…")]`
    describes a parameter. A parameter of type `ToolContext` is filled in by the agent: it holds the secrets that are
    named here. A function that is not `async` runs in a thread. Raises `TypeError` where hint or docstring is missing.
    """
    if function is None:
        return functools.partial(_tool_of, name=name, secrets=secrets, effect=effect, timeout_s=timeout_s)
    return _tool_of(function, name=name, secrets=secrets, effect=effect, timeout_s=timeout_s)


def _tool_of(function: AnyFunction, *, name: str, secrets: Sequence[str], effect: Effect, timeout_s: float) -> Tool:
    called = name or getattr(function, "__name__", "tool")
    doc = inspect.getdoc(function)
    if not doc:
        raise TypeError(f"{called!r} needs a docstring that says what it does: the model reads it.")
    return Tool.from_function(
        _asynchronous(function),
        name=called,
        label=Words(called, called),
        summary=Words(*[doc.partition("\n")[0]] * 2),
        secrets=tuple(SecretNeed(secret, Words(secret, secret), url="") for secret in secrets),
        effect=effect,
        timeout_s=timeout_s,
    )


def _asynchronous(function: AnyFunction) -> Callable[..., Awaitable[object]]:
    if inspect.iscoroutinefunction(function):
        return function

    @functools.wraps(function)
    async def in_thread(**arguments: Any) -> object:
        return await asyncio.to_thread(function, **arguments)

    return in_thread
