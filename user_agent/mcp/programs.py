"""MCP servers that are programs on this machine: only what whoever runs it named is ever started."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue, TypeAdapter, ValidationError

from user_agent.mcp.stored import McpServer


@dataclass(frozen=True, slots=True)
class Program:
    """What is started, and what its environment has beside the few variables that every program needs, as `PATH`."""

    command: str
    args: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = field(default=(), repr=False)


def read_programs(text: str) -> dict[str, Program]:
    """`{"time": ["mcp-server-time", "--verbose"]}`, or `{"command", "args", "env"}` in the place of a list.

    Raises `ValueError` that says what does not fit.
    """
    try:
        entries = TypeAdapter(dict[str, JsonValue]).validate_json(text)
        return {name: _program(entry) for name, entry in entries.items()}
    except ValidationError:
        # Without its text, which may show a key.
        raise ValueError("this is no JSON object of names and commands") from None


def _program(entry: JsonValue) -> Program:
    match entry:
        case [str(command), *args] if command:
            return Program(command, TypeAdapter(tuple[str, ...]).validate_python(args))
        case {"command": str(command)} if command and entry.keys() <= {"command", "args", "env"}:
            args = TypeAdapter(tuple[str, ...]).validate_python(entry.get("args") or [])
            env = TypeAdapter(dict[str, str]).validate_python(entry.get("env") or {})
            return Program(command, args, tuple(env.items()))
        case _:
            raise ValueError("a command is a list of texts, or an object with command, args and env")


def program_of(server: McpServer, programs: Mapping[str, Program]) -> Program | None:
    """The program that a server names; None for one that is not allowed, and where it is said how to run it."""
    is_plain = not server.args and not server.env
    return programs.get(server.command) if is_plain else None
