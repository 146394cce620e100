"""One's own function as a tool: `@tool`."""

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, overload

from user_agent.tools.base import Effect, EffectOf, SecretNeed, Tool
from user_agent.tools.groups import GroupId
from user_agent.tools.signatures import said_in
from user_agent.words import NOTHING, Words

AnyFunction = Callable[..., object]


@overload
def tool(function: AnyFunction, /) -> Tool: ...
@overload
def tool(
    *,
    name: str = "",
    label: Words | None = None,
    summary: Words | None = None,
    secrets: Sequence[str | SecretNeed] = (),
    effect: Effect | EffectOf = "reads",
    sends: Words = NOTHING,
    cost: Words = NOTHING,
    group: GroupId = "other",
    timeout_s: float = 20.0,
) -> Callable[[AnyFunction], Tool]: ...


def tool(
    function: AnyFunction | None = None,
    /,
    *,
    name: str = "",
    label: Words | None = None,
    summary: Words | None = None,
    secrets: Sequence[str | SecretNeed] = (),
    effect: Effect | EffectOf = "reads",
    sends: Words = NOTHING,
    cost: Words = NOTHING,
    group: GroupId = "other",
    timeout_s: float = 20.0,
) -> Tool | Callable[[AnyFunction], Tool]:
    """The function as a tool: `@tool`, or `@tool(secrets=["MY_API_KEY"])`.

    Its docstring tells the model what it does, its type hints what it takes; `Annotated[str, Field(description="…")]`
    describes a parameter, and `Annotated[str, Words(zh="…", en="…")]` does so in both languages, as paragraphs of the
    docstring may. A parameter of type `ToolContext` is filled in by the agent: it holds the secrets that are named
    here. A function that is not `async` runs in a thread. `label`, `summary`, `sends` and `cost` are for people. Raises
    `TypeError` where hint or docstring is missing.
    """
    about = _About(name, label, summary, tuple(secrets), effect, sends, cost, group, timeout_s)
    return about.tool_of if function is None else about.tool_of(function)


@dataclass(frozen=True, slots=True)
class _About:
    """What is said of a function beside itself."""

    name: str
    label: Words | None
    summary: Words | None
    secrets: tuple[str | SecretNeed, ...]
    effect: Effect | EffectOf
    sends: Words
    cost: Words
    group: GroupId
    timeout_s: float

    def tool_of(self, function: AnyFunction) -> Tool:
        called = self.name or getattr(function, "__name__", "tool")
        doc = inspect.getdoc(function)
        if not doc:
            raise TypeError(f"{called!r} needs a docstring that says what it does: the model reads it.")
        said = said_in(doc)
        return Tool.from_function(
            _asynchronous(function),
            name=called,
            label=self.label or Words(called, called),
            summary=self.summary or Words(said.zh.partition("\n")[0], said.en.partition("\n")[0]),
            secrets=tuple(
                secret if isinstance(secret, SecretNeed) else SecretNeed(secret, Words(secret, secret), url="")
                for secret in self.secrets
            ),
            effect=self.effect,
            sends=self.sends,
            cost=self.cost,
            group=self.group,
            timeout_s=self.timeout_s,
        )


def _asynchronous(function: AnyFunction) -> Callable[..., Awaitable[object]]:
    if inspect.iscoroutinefunction(function):
        return function

    @functools.wraps(function)
    async def in_thread(**arguments: Any) -> object:
        return await asyncio.to_thread(function, **arguments)

    return in_thread
