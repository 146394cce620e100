"""Reads the command line, opens the studio on the home, does the one thing, and says how it went."""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack
from typing import TYPE_CHECKING

from agentfabric.command_line.arguments import parser
from agentfabric.command_line.outcome import FOUND_SOMETHING, USAGE, Outcome

if TYPE_CHECKING:
    from agentfabric.settings import Settings
    from user_agent.errors import FabricError


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say, and give the exit status. Wrong arguments raise `SystemExit` with status 2."""
    given = parser().parse_args(arguments)
    # The studio takes a while to import: whoever asks for help does not wait for it.
    from agentfabric.serving import configure_logging, serve
    from agentfabric.settings import Settings
    from user_agent.errors import FabricError

    try:
        settings = Settings.load()
        if given.command == "serve":
            serve(settings.at(host=given.host, port=given.port))
            return 0
        configure_logging("warning")
        user = _user_of(given, settings)
    except FabricError as error:
        return _failed(error, given, USAGE)
    try:
        outcome = _run(given, settings, user)
    except _Unopened as unopened:
        return _failed(unopened.error, given, USAGE)
    except FabricError as error:
        return _failed(error, given, FOUND_SOMETHING)
    text = json.dumps(outcome.data, ensure_ascii=False, indent=2) if given.json else "\n".join(outcome.lines)
    if text:
        sys.stdout.write(f"{text}\n")
    return outcome.status


class _Unopened(Exception):
    """The home or a setting cannot be used."""

    def __init__(self, error: "FabricError") -> None:
        super().__init__(error.message)
        self.error = error


def _run(given: argparse.Namespace, settings: "Settings", user: str) -> Outcome:
    from agentfabric.command_line.commands import COMMANDS
    from agentfabric.service.opening import open_studio
    from agentfabric.serving import home_lock, prepare
    from user_agent.errors import ConfigError

    async def work() -> Outcome:
        async with AsyncExitStack() as stack:
            try:
                await prepare(settings)
                studio = await stack.enter_async_context(open_studio(settings))
            except ConfigError as error:
                raise _Unopened(error) from error
            return await COMMANDS[given.command](studio, user, given)

    with ExitStack() as stack:
        try:
            stack.enter_context(home_lock(settings.home))
        except ConfigError as error:
            raise _Unopened(error) from error
        return asyncio.run(work())


def _user_of(given: argparse.Namespace, settings: "Settings") -> str:
    """Whose agents are meant. Raises `ConfigError` where that has to be said, or nobody is called that."""
    from agentfabric.settings import LOCAL_USER
    from user_agent.errors import ConfigError

    known = [*settings.users] or [LOCAL_USER]
    user = given.user or (known[0] if len(known) == 1 else "")
    if user not in known:
        reason = f"nobody is called {user!r}" if user else "several people use this home"
        raise ConfigError(f"Say whose agents with `--user`: {reason}.", field="--user", reason=reason)
    return user


def _failed(error: "FabricError", given: argparse.Namespace, status: int) -> int:
    if getattr(given, "json", False):
        problem = {"code": error.code, "message": error.message}
        sys.stdout.write(f"{json.dumps(problem, ensure_ascii=False, indent=2)}\n")
    sys.stderr.write(f"{error.message}\n")
    return status
