"""A task that a call began, waited for: the API is asked how far it is until it ended, and the model gets the end."""

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import JsonValue

from user_agent.errors import ToolError
from user_agent.openapi.answers import value_at
from user_agent.openapi.checking import fitting
from user_agent.openapi.refusing import refusal
from user_agent.openapi.sending import Answered, answer_to
from user_agent.openapi.stored import Api, Operation, Wait
from user_agent.retry_after import asked_to_wait
from user_agent.tools.base import ToolContext
from user_agent.words import Words

WAIT_TIMEOUT_S = 240.0
"""How long a call may take whose task is waited for: beside the pace's own deadline, its first and its last request."""
MAX_LOST = 3
"""So many looks in a row that tell nothing end the waiting."""
MAX_SAID_CHARS = 1_500
_RUNNING = Words("进行中", "running")


async def awaited(
    api_id: str,
    api: Api,
    operation: Operation,
    arguments: Mapping[str, JsonValue],
    begun: Answered,
    context: ToolContext,
) -> str:
    """The answer that ends the task which the answer `begun` to a call of `operation` tells of. Raises `ToolError`.

    Cancelling it ends the waiting; the task itself goes on where it is.
    """
    wait = api.waits[operation.name]
    task = _id_of(value_at(wait.id_at, begun), api, wait)
    if not task:
        if _is_one_of(value_at(wait.state_at, begun), wait.done):
            return begun.text
        raise ToolError(
            f"{operation.name} was accepted, but its answer has no id at {wait.id_at!r}, so nobody can ask how far it "
            f"is. Do not call it again. Tell the person that the way to wait for it does not fit, under Configure, "
            f"APIs.{_said(begun)}"
        )
    watch = _Watch(api_id, api, operation, wait, await _look_arguments(wait, arguments, task), task, context)
    return await watch.end(asked_to_wait(begun.headers))


@dataclass(slots=True)
class _Watch:
    """The looks at one task."""

    api_id: str
    api: Api
    operation: Operation
    wait: Wait
    arguments: Mapping[str, JsonValue]
    task: str
    context: ToolContext
    state: str = ""
    lost: int = 0

    async def end(self, asked_s: int | None) -> str:
        pace, began = self.context.pace, time.monotonic()
        wait_s = pace.first_s
        while True:
            pause_s = wait_s if asked_s is None else max(asked_s, pace.first_s)
            passed_s = time.monotonic() - began
            if passed_s + pause_s > pace.deadline_s:
                raise ToolError(self._late(pace.deadline_s))
            self.context.report(None, f"{self.state or _RUNNING[self.context.language]} · {passed_s:.0f} s")
            await asyncio.sleep(pause_s)
            wait_s = min(wait_s * pace.growth, pace.longest_s)
            try:
                answer = await answer_to(self.api_id, self.api, self.wait.look, self.arguments, self.context)
            except ToolError as error:
                self._lose(error.message)
                asked_s = None
                continue
            asked_s = asked_to_wait(answer.headers)
            if self._has_ended(answer):
                return answer.text or f"The task {self.task!r} ended, and its last answer says nothing more."

    def _has_ended(self, answer: Answered) -> bool:
        """Whether it has its result. Raises `ToolError` where it ended without, or nothing is to be learnt of it."""
        if not 200 <= answer.status < 300:
            self._refused(answer)
            return False
        state = value_at(self.wait.state_at, answer) if self.wait.state_at else str(answer.status)
        if not state and answer.status != 202:
            self._lose(f"Its answers have no state at {self.wait.state_at!r}.{_said(answer)}")
            return False
        self.lost, self.state = 0, state if self.wait.state_at else ""
        if not self.wait.state_at:
            return answer.status != 202
        if _is_one_of(state, self.wait.failed):
            raise ToolError(f"The task that {self.operation.name} began ended as {state[:100]!r}.{_said(answer)}")
        return _is_one_of(state, self.wait.done)

    def _refused(self, answer: Answered) -> None:
        """Too many questions are none that were lost; what may pass is asked again; the rest ends it."""
        if answer.status == 429 or (answer.status == 503 and asked_to_wait(answer.headers) is not None):
            return
        if answer.status in (404, 410):
            self._lose("The API does not know the task, or no more.")
        elif answer.status >= 500 or answer.status == 408:
            self._lose(refusal(self.wait.look, answer))
        else:
            raise ToolError(f"{self._begun()} {refusal(self.wait.look, answer)}")

    def _lose(self, why: str) -> None:
        self.lost += 1
        if self.lost == MAX_LOST:
            raise ToolError(f"{self._begun()} {why}")

    def _begun(self) -> str:
        return f"{self.operation.name} began the task {self.task!r}, but its result is not to be had."

    def _late(self, deadline_s: float) -> str:
        state = f" (its state is {self.state[:100]!r})" if self.state else ""
        look = self.wait.look.name
        later = f"It can be asked for later with {look}." if self.api.operation(look) else "Tell the person its id."
        return (
            f"The task {self.task!r} that {self.operation.name} began did not end within {deadline_s:g} seconds{state} "
            f"and is not waited for any more. It goes on there: do not begin another. {later}"
        )


def _said(answer: Answered) -> str:
    return f" It said: {answer.text[:MAX_SAID_CHARS]}" if answer.text else ""


def _is_one_of(state: str, states: tuple[str, ...]) -> bool:
    return state.strip().lower() in {each.strip().lower() for each in states}


def _id_of(value: str, api: Api, wait: Wait) -> str:
    """The id in a value: itself, or the part of an address that the operation which is asked has for it."""
    parameter = next((each for each in wait.look.parameters if each.argument == wait.argument), None)
    if parameter is None or not ("://" in value or value.startswith("/")):
        return value
    address = urlsplit(value)
    if parameter.place == "query":
        return dict(parse_qsl(address.query)).get(parameter.name, "")
    template = re.escape(urlsplit(f"{wait.look.server or api.server}").path.rstrip("/") + wait.look.path)
    wanted, others = re.escape(re.escape(f"{{{parameter.name}}}")), re.compile(r"\\\{[^/{}]*\\\}")
    pattern = others.sub("[^/]+", re.sub(wanted, "(?P<id>[^/]+)", template))
    found = re.search(f"{pattern}/?$", address.path)
    return unquote(found["id"]) if found else ""


async def _look_arguments(wait: Wait, arguments: Mapping[str, JsonValue], task: str) -> Mapping[str, JsonValue]:
    """What is given with each look: the id, and what the first call was given under the same names."""
    properties = wait.look.arguments.get("properties")
    described = properties if isinstance(properties, dict) else {}
    body = wait.look.body.argument if wait.look.body else None
    shared = {name: value for name, value in arguments.items() if name in described and name != body}
    about = described.get(wait.argument)
    is_number = isinstance(about, dict) and about.get("type") in ("integer", "number") and task.isdigit()
    return await fitting(wait.look.name, wait.look, {**shared, wait.argument: int(task) if is_number else task})
