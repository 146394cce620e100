"""A bundle: one zip that serves one agent wherever it is unpacked. The same agent gives the same bytes."""

import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from agentfabric.publish import requirements as needs
from agentfabric.publish.exported import (
    PICTURE,
    exported_document,
    exported_model,
    exported_variables,
    programs_of,
    travels,
)
from agentfabric.publish.manifest import MANIFEST, MAX_BYTES, SIGNATURE, Signer, manifest_of
from user_agent.config import AgentConfig
from user_agent.errors import TooLarge
from user_agent.knowledge.finding.carried import written
from user_agent.knowledge.index import Carried
from user_agent.models.entry import ModelEntry
from user_agent.sandbox.environment import REQUIREMENTS
from user_agent.serve.folder_code import CODE_INTERPRETER, ENVIRONMENT
from user_agent.serve.folder_knowledge import FILES, KNOWN, PASSAGES, CarriedFile
from user_agent.serve.variables import Variable
from user_agent.tools.catalog import ToolCatalog
from user_agent.words import Words

ROOT = Path(__file__).parents[2]
VENDORED = ("dompurify", "highlightjs", "katex", "marked")
"""The libraries of `static/vendor` that the chat loads."""
_CODE = frozenset({".py", ".j2", ".json", ".txt"})
_STATIC = frozenset({".css", ".html", ".js", ".json", ".mjs", ".svg", ".woff2", ""})
_TIME = (1980, 1, 1, 0, 0, 0)
_FOREIGN = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)
"""What Windows takes for a device, whatever its ending."""
_NO_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\ufffe\uffff]")
_MAX_NAME_CHARS, _MAX_NAME_BYTES = 120, 200
"""File systems take 255 bytes; a Chinese character is three."""


@dataclass(frozen=True, slots=True)
class KnowledgeFile:
    """A file that the agent knows."""

    id: str
    name: str
    tags: tuple[str, ...]
    reason: Words | None
    """Why nothing of it is found, where that is so."""
    data: bytes | None
    """None where its bytes are not here."""
    carried: Sequence[Carried]


@dataclass(frozen=True, slots=True)
class Bundled:
    """What is packed: one agent, as it was frozen, with all that it uses."""

    config: AgentConfig
    picture: bytes
    model: str
    """The key of the model that answers; empty for the guide."""
    models: Mapping[str, ModelEntry]
    """That one, and those that help it to find."""
    tools: ToolCatalog
    knowledge: Sequence[KnowledgeFile]


def bundle_of(agent: Bundled, signer: Signer | None = None) -> bytes:
    """The zip. Blocking; call it in a thread. Raises `TooLarge`."""
    files = dict(_files(agent, signed=signer is not None))
    if sum(map(len, files.values())) > MAX_BYTES:
        limit = f"{MAX_BYTES // 1_000_000} MB"
        raise TooLarge(f"The agent's files come to more than {limit}. Take some knowledge away.", limit=limit)
    files[MANIFEST] = manifest = manifest_of(agent.config.name[:200], files)
    if signer is not None:
        files[SIGNATURE] = signer.signature(manifest)
    return _zipped(files)


def _files(agent: Bundled, *, signed: bool) -> Iterator[tuple[str, bytes]]:
    names = _names(agent.knowledge)
    document = exported_document(agent.config, [*names.values()], agent.model)
    yield "config/builder_config.json", _json(document)
    yield "config/model_config.json", _json({key: exported_model(entry) for key, entry in agent.models.items()})
    yield "config/tool_config.json", _json(_tools(agent))
    yield f"config/{PICTURE}", agent.picture
    yield from _knowledge(agent, names)
    yield from _folder("user_agent", _CODE)
    yield from _folder("static/chat", _STATIC)
    for folder in sorted((ROOT / "static" / "vendor").iterdir()):
        if folder.name.startswith(VENDORED):
            yield from _folder(f"static/vendor/{folder.name}", _STATIC)
    yield "LICENSE", (ROOT / "LICENSE").read_bytes()
    yield from _papers(agent, signed=signed)


def _papers(agent: Bundled, *, signed: bool) -> Iterator[tuple[str, bytes]]:
    """What whoever runs it reads, and what starts it."""
    config = AgentConfig.from_document(exported_document(agent.config, [], agent.model))
    values: dict[str, object] = {
        "name": config.name or "Agent",
        "description": config.description,
        "short": _short(config.description),
        "model": agent.model,
        "variables": required_variables(agent),
        "left": _left(agent),
        "remembers": config.memory,
        "runs_code": runs_code(config),
        "programs": programs_of(config),
        "signed": signed,
    }
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701  no markup that a browser reads
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    templates.filters |= {"line": _line, "json": _quoted}
    for path, template in (("app.py", "app.py.j2"), ("Dockerfile", "Dockerfile.j2"), (".env.example", "env.j2")):
        yield path, templates.get_template(template).render(values).encode()
    yield "README.md", templates.get_template("README.md.j2").render(values).encode()
    yield ".dockerignore", f".env\n{ENVIRONMENT}\n**/__pycache__\n".encode()
    if runs_code(config):
        yield REQUIREMENTS, (ROOT / REQUIREMENTS).read_bytes()
    yield "requirements.txt", needs.requirements(ROOT / "requirements.txt", _distributions(agent, config)).encode()


def runs_code(config: AgentConfig) -> bool:
    """Whether it needs a sandbox where it runs."""
    return CODE_INTERPRETER in config.enabled_tools


def required_variables(agent: Bundled) -> tuple[Variable, ...]:
    """The keys that whoever runs the bundle has to bring: of what goes out."""
    return exported_variables(agent.config, agent.model, agent.models, agent.tools.known)


def _distributions(agent: Bundled, config: AgentConfig) -> tuple[str, ...]:
    vectors = any(each.vectors for file in agent.knowledge for each in file.carried)
    features = (
        (needs.VECTORS, vectors),
        (needs.APIS, bool(config.openapi)),
        (needs.SERVERS, bool(config.mcp_servers)),
        (needs.CODE, runs_code(config)),
        (needs.DASHSCOPE, any(entry.is_native for entry in agent.models.values())),
    )
    return (*needs.BASE, *needs.READERS, *(name for names, used in features if used for name in names))


def _left(agent: Bundled) -> list[Words]:
    """What of the agent does not work in a bundle."""
    left: list[Words] = []
    for name, server in agent.config.mcp_servers.items():
        if not travels(server):
            zh, en = (
                f"MCP 服务器“{name}”：它是原来那台机器上的程序。",
                f"The MCP server {name!r}: a program of its maker's machine.",
            )
            left.append(Words(zh, en))
    return left


def _tools(agent: Bundled) -> dict[str, object]:
    """Of the tools that it has, how people know them, and what they are set to."""
    chosen = {name: agent.tools.known[name] for name in agent.config.enabled_tools if name in agent.tools.known}
    offered = agent.tools.tools
    return {
        name: {
            "name": offered.get(name, tool).label.zh,
            "name_en": offered.get(name, tool).label.en,
            "is_active": True,
            "use": True,
            **({"options": {**options}} if (options := agent.tools.options.get(name)) else {}),
        }
        for name, tool in chosen.items()
    }


def _knowledge(agent: Bundled, names: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    if not agent.knowledge:
        return
    told = tuple(
        CarriedFile(file=names[each.id], name=each.name, tags=each.tags, reason=each.reason) for each in agent.knowledge
    )
    yield f"config/{KNOWN}", FILES.dump_json(told, indent=2) + b"\n"
    yield f"config/{PASSAGES}", b"".join(written(names[each.id], each.carried) for each in agent.knowledge)
    for each in agent.knowledge:
        if each.data is not None:
            yield f"config/{names[each.id]}", each.data


def _names(files: Sequence[KnowledgeFile]) -> dict[str, str]:
    """A name in the folder for each file, by id: its own, as far as every file system takes it, and none twice."""
    taken = {"builder_config.json", "model_config.json", "tool_config.json", PICTURE, KNOWN, PASSAGES}
    names: dict[str, str] = {}
    for file in files:
        path = PurePosixPath(_plain_name(file.name))
        name, number = path.name, 1
        while _alike(name) in taken:
            number += 1
            name = f"{path.stem}-{number}{path.suffix}"
        taken.add(_alike(name))
        names[file.id] = name
    return names


def _plain_name(name: str) -> str:
    plain = _FOREIGN.sub("_", name).strip(" .")[-_MAX_NAME_CHARS:]
    short = plain.encode("utf-8", "replace")[-_MAX_NAME_BYTES:].decode("utf-8", "ignore").lstrip(" .")
    return f"_{short}" if _DEVICE.match(short) else short or "file"


def _alike(name: str) -> str:
    """The same for names that some file system, or an import, takes for one."""
    return unicodedata.normalize("NFKC", name).casefold()


def _folder(folder: str, kinds: frozenset[str]) -> Iterator[tuple[str, bytes]]:
    """The program's own files below a folder: of these kinds, and nothing that ran or lay there."""
    for path in sorted((ROOT / folder).rglob("*")):
        relative = path.relative_to(ROOT)
        hidden = any(part.startswith(".") or part == "__pycache__" for part in relative.parts)
        if path.is_file() and not path.is_symlink() and not hidden and path.suffix in kinds:
            yield relative.as_posix(), path.read_bytes()


def _zipped(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(files):
            member = zipfile.ZipInfo(path, _TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3
            member.external_attr = 0o100644 << 16
            archive.writestr(member, files[path])
    return packed.getvalue()


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode("utf-8", "replace") + b"\n"


def _short(text: str) -> str:
    """As much of it as Hugging Face takes for the short description of a Space: 60 units of UTF-16."""
    return " ".join(text.split()).encode("utf-16-le", "replace")[:120].decode("utf-16-le", "ignore").strip()


def _line(text: str) -> str:
    """The text in one line that no table, comment or heading ends in the middle of."""
    return " ".join(text.split()).replace("|", "\\|")


def _quoted(text: str) -> str:
    """The text as YAML reads it, in one line and without what it takes for no text."""
    return json.dumps(" ".join(_NO_TEXT.sub(" ", text).split()), ensure_ascii=False)
