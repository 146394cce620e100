"""Writes `docs/tools/`, one page for each tool and a table of all, from what the tools say of themselves.

    python -m docs.tool_pages

A test compares the pages with the tools.
"""

from collections.abc import Mapping
from pathlib import Path

from pydantic import JsonValue

from user_agent.tools.base import SecretNeed, Tool, Touch
from user_agent.tools.registry import all_tools
from user_agent.words import Words

FOLDER = Path(__file__).parent / "tools"
_EFFECTS = {
    "reads": "only reads, or makes something new",
    "writes": "changes something",
    "depends": "reads, or changes something: by its arguments, and only then it asks first",
}
_TOUCHES: dict[Touch, str] = {
    "untrusted": "texts that strangers wrote",
    "private": "data of the person's own",
    "outward": "a way out to addresses that the model chooses",
}
NOTE = "<!-- Written by `python -m docs.tool_pages`. Change the tool, not this page. -->"


def pages() -> dict[str, str]:
    """The pages by file name."""
    tools = list(all_tools())
    return {"README.md": _table(tools), **{f"{tool.name}.md": _page(tool) for tool in tools}}


def write() -> None:
    """Make the folder what it should be."""
    FOLDER.mkdir(exist_ok=True)
    wanted = pages()
    for old in FOLDER.glob("*.md"):
        if old.name not in wanted:
            old.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")


def _table(tools: list[Tool]) -> str:
    rows = [
        f"| [`{tool.name}`]({tool.name}.md) | {_cell(tool.label.en)} | {_cell(tool.summary.en)} "
        f"| {_names(tool) or 'nothing'} |"
        for tool in tools
    ]
    head = [NOTE, "", "# The tools", "", "| id | name | what it does | needs |", "|---|---|---|---|"]
    return "\n".join([*head, *rows, ""])


def _page(tool: Tool) -> str:
    lines = [
        NOTE,
        "",
        f"# {tool.label.en} (`{tool.name}`)",
        "",
        tool.summary.en,
        "",
        f"{tool.label.zh}：{tool.summary.zh}",
        "",
        "| | |",
        "|---|---|",
        *(f"| {name} | {_cell(value)} |" for name, value in _facts(tool).items()),
        "",
        "## What the model reads",
        "",
        *(f"> {line}".rstrip() for line in "\n\n".join(_both(tool.description)).splitlines()),
        "",
        *_arguments(tool),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _facts(tool: Tool) -> dict[str, str]:
    one = ". One of them is enough." if tool.one_is_enough else ""
    if tool.works_without_secrets:
        one = ". None of them has to be there; with one it is more reliable."
    facts = {
        "needs": "; ".join(map(_need, tool.secrets)) + one if tool.secrets else "nothing",
        "effect": _EFFECTS[tool.effect_told],
        "leaves this machine": tool.sends.en or "nothing",
        "brings into an agent": _brings(tool),
        "time-out": f"{tool.timeout_s:g} s",
        **({"cost": tool.cost.en} if tool.cost.en else {}),
    }
    if tool.default_model:
        facts["model"] = f"`{tool.default_model}`, or what `options.model` of `{tool.name}` says in `tool_config.json`"
    return facts


def _brings(tool: Tool) -> str:
    return "; ".join(text for touch, text in _TOUCHES.items() if touch in tool.touches) or "nothing to mind"


def _need(need: SecretNeed) -> str:
    where = f", sent to {need.sent_to}" if need.sent_to else ""
    instead = f" or the address in `{need.base_url}`" if need.base_url else ""
    label = f"[{need.label.en}]({need.url})" if need.url else need.label.en
    return f"`{need.name}` ({label}{where}{instead})"


def _arguments(tool: Tool) -> list[str]:
    properties = tool.schema.parameters.get("properties")
    if not isinstance(properties, dict) or not properties:
        return ["It takes no arguments."]
    required = tool.parameters.get("required")
    needed = required if isinstance(required, list) else []
    head = ["| argument | type | | what it is |", "|---|---|---|---|"]
    rows = {
        name: (_kind(schema), "required" if name in needed else "optional", _told(schema, tool.meanings.get(name)))
        for name, schema in properties.items()
        if isinstance(schema, dict)
    }
    return head + [f"| `{name}` | {_cell(kind)} | {need} | {told} |" for name, (kind, need, told) in rows.items()]


def _kind(schema: Mapping[str, JsonValue]) -> str:
    choices = schema.get("enum")
    if isinstance(choices, list):
        return " or ".join(f"`{choice}`" for choice in choices)
    either = schema.get("anyOf")
    if isinstance(either, list):
        return " or ".join(_kind(part) for part in either if isinstance(part, dict))
    return str(schema.get("type", "any"))


def _told(schema: Mapping[str, JsonValue], meaning: Words | None) -> str:
    return _cell(" ".join(_both(meaning)) if meaning else str(schema.get("description", "")))


def _both(words: Words) -> tuple[str, ...]:
    """In English and in Chinese, where those are two."""
    return tuple(dict.fromkeys((words.en, words.zh)))


def _names(tool: Tool) -> str:
    if tool.works_without_secrets:
        return ""
    joined = " or " if tool.one_is_enough else ", "
    return joined.join(f"`{need.name}`" for need in tool.secrets)


def _cell(text: str) -> str:
    """The text as one cell of a table."""
    return " ".join(text.replace("|", "\\|").split())


if __name__ == "__main__":
    write()
