"""What a new agent starts from: `builder_config.json`, with the tools ticked that `tool_config.json` ticks."""

from dataclasses import dataclass
from pathlib import Path

from agentfabric.importing import Notice, adopt
from user_agent.config import AgentConfig, Document
from user_agent.config_files import ConfigFile, Problem, read_config_file
from user_agent.errors import ConfigError
from user_agent.tools.catalog import ToolCatalog
from user_agent.words import Words

EMPTY: Document = {
    "name": "",
    "avatar": "",
    "description": "",
    "instruction": "",
    "language": "zh",
    "prologue": "",
    "prompt_recommend": [],
    "knowledge": [],
    "tools": {},
    "model": "",
}


@dataclass(frozen=True, slots=True)
class Template:
    document: Document
    problems: tuple[Problem, ...] = ()


def load_template(path: Path, tools: ToolCatalog) -> Template:
    """The document of a new agent. Never raises for what the file holds: a broken one is told, an empty one used."""
    file = read_config_file(path, "BUILDER_CONFIG_FILE")
    document: Document = {**EMPTY, **{member.key: member.value for member in file.members}}
    problems = file.problems
    # What belongs to one machine, one account or one person must not reach every new agent.
    adopted = adopt(document, "template")
    document = dict(adopted.document)
    for notice in adopted.notices:
        field = notice.field.split(".")[0]
        if notice.kind != "asks_again":  # that one is out already, and all else of the field is fine
            document.pop(field, None)
        problems = (*problems, Problem(file.path, _line(file, field), _left_out(notice), entry=field))
    document = {**EMPTY, **document}
    try:
        config = AgentConfig.from_document(document)
    except ConfigError as error:
        message = Words(
            zh=f"新智能体的起始配置无法使用（{error.field}：{error.reason}）。请改正；在此之前新智能体从空白开始。",
            en=f"What new agents start from cannot be used ({error.field}: {error.reason}). Correct it; until then new "
            "agents start empty.",
        )
        problems = (*problems, Problem(file.path, _line(file, error.field), message, entry=error.field))
        config = AgentConfig.from_document(EMPTY)
    stored = config.document.get("tools")
    named: Document = dict(stored) if isinstance(stored, dict) else {}
    ticked: Document = {
        tool_id: {"name": tools.tools[tool_id].label[config.language], "is_active": True, "use": True}
        for tool_id in tools.ticked
    }
    return Template({**config.document, "tools": {**ticked, **named}}, problems)


def _line(file: ConfigFile, field: str) -> int:
    """The line on which a field of the file begins."""
    return file.line(next((member.at for member in file.members if member.key == field.split(".")[0]), 0))


def _left_out(notice: Notice) -> Words:
    if notice.kind == "secret_moved":
        return Words(
            zh=f"{notice.field} 里有密钥，新智能体不会带上它。请从文件里删掉。",
            en=f"{notice.field} holds a key, which new agents are not given. Take it out of the file.",
        )
    if notice.kind == "asks_again":
        return Words(
            zh=f"{notice.field} 允许不经询问就写入，新智能体不会带上它：由每个人自己允许。请从文件里删掉。",
            en=f"{notice.field} lets a tool write unasked, which new agents are not given: each person allows it for "
            "their own. Take it out of the file.",
        )
    return Words(
        zh=f"{notice.field} 是这台机器上的路径，新智能体不会带上它。请从文件里删掉。",
        en=f"{notice.field} is a path of this machine, which new agents are not given. Take it out of the file.",
    )
