"""Reads the command line, has the one thing done, and says how it went."""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from agentfabric.command_line.arguments import parser

if TYPE_CHECKING:
    from agentfabric.command_line.outcome import Outcome
    from agentfabric.settings import Settings


INTERRUPTED, UNREAD = 130, 141
"""The exit status where a person broke it off (Ctrl-C), and where whoever read the output left: as shells tell both."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say, and give the exit status. Wrong arguments raise `SystemExit` with status 2."""
    told = sys.argv[1:] if arguments is None else arguments
    given = parser().parse_args(told)
    from agentfabric.command_line.terminal import OutputClosed

    try:
        return _do(given, told)
    except KeyboardInterrupt:
        return INTERRUPTED
    except OutputClosed:
        return UNREAD


def _do(given: argparse.Namespace, told: Sequence[str]) -> int:
    # The studio takes a while to import: whoever asks for help does not wait for it.
    from agentfabric.command_line.outcome import USAGE, Outcome
    from agentfabric.settings import Settings
    from user_agent.errors import FabricError

    try:
        settings = Settings.load()
        if given.command == "serve":
            from agentfabric.serving import serve

            serve(settings.at(host=given.host, port=given.port))
            return 0
        outcome = _outcome(given, told, settings)
    except FabricError as error:
        outcome = Outcome.failed(error, USAGE)
    _tell(outcome, as_json=getattr(given, "json", False))
    return outcome.status


def _outcome(given: argparse.Namespace, told: Sequence[str], settings: "Settings") -> "Outcome":
    """Of the server that is running on the home, else of this process. Raises `ConfigError` for what cannot be used."""
    from agentfabric.command_line.asking import asked
    from agentfabric.command_line.terminal import Here
    from user_agent.errors import ConfigError

    def ask() -> "Outcome | None":
        return asyncio.run(asked(settings.home, told, Here()))

    if (outcome := ask()) is not None:
        return outcome
    from agentfabric.command_line.commands import done, user_of
    from agentfabric.service.opening import open_studio
    from agentfabric.serving import configure_logging, home_lock, prepare

    async def work() -> "Outcome":
        await prepare(settings)
        async with open_studio(settings) as studio:
            return await done(studio, settings, given, Here())

    configure_logging("warning")
    user_of(given, settings)  # before anything is opened
    with ExitStack() as stack:
        try:
            stack.enter_context(home_lock(settings.home))
        except ConfigError:
            if (outcome := ask()) is not None:  # a server that was just starting listens by now
                return outcome
            raise
        return asyncio.run(work())


def _tell(outcome: "Outcome", *, as_json: bool) -> None:
    from agentfabric.command_line.terminal import is_sayable, put_out, shown_on

    text = "\n".join(outcome.lines)
    if as_json:
        text = json.dumps(outcome.data, ensure_ascii=False, indent=2)
        text = text if is_sayable(text) else json.dumps(outcome.data, indent=2)
    if text:
        put_out(f"{text}\n")
    if outcome.problem:
        sys.stderr.write(f"{shown_on(sys.stderr, outcome.problem)}\n")
