"""The gallery: agents to start from, which are files that people may edit and add to."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import structlog
from pydantic import JsonValue

from builder_core.templates import Template
from user_agent.config import AgentConfig, Document
from user_agent.config_files import read_agent_file, read_config_file
from user_agent.errors import ConfigError, NotFound
from user_agent.tools.catalog import ToolCatalog
from user_agent.words import Language

FOLDER = Path(__file__).parents[2] / "config" / "templates"
LIST = "gallery.json"

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Gallery:
    """The templates of a folder, read when they are first asked for."""

    def __init__(self, folder: Path, tools: ToolCatalog) -> None:
        self._folder = folder
        self._tools = tools
        self._templates: Sequence[Template] | None = None

    async def all(self) -> Sequence[Template]:
        """In the order of `gallery.json`. One that cannot be used is left out, and the log says why."""
        if self._templates is None:
            self._templates = await asyncio.to_thread(self._read)
        return self._templates

    async def get(self, template_id: str) -> Template:
        """Raises `NotFound`."""
        for template in await self.all():
            if template.id == template_id:
                return template
        known = ", ".join(template.id for template in await self.all())
        raise NotFound(f"There is no template {template_id[:60]!r}, but {known}.")

    async def document(self, template_id: str, language: Language) -> Document:
        """The fields of a new agent that begins with it. Raises `NotFound`."""
        return (await self.get(template_id)).configs[language].document

    def _read(self) -> Sequence[Template]:
        listed = read_config_file(self._folder / LIST, "config/templates")
        found: list[Template] = []
        for member in listed.members:
            try:
                found.append(self._template(member.key, member.value))
            except ConfigError as error:
                log.warning("template_left_out", template=member.key, problem=error.message)
        for problem in listed.problems:
            log.warning("config_problem", file=problem.file, line=problem.line, problem=problem.message.en)
        return tuple(found)

    def _template(self, name: str, said: JsonValue) -> Template:
        languages: tuple[Language, ...] = get_args(Language)
        phrases = said if isinstance(said, dict) else {}
        return Template(
            id=name,
            configs={language: self._config(name, language) for language in languages},
            said={language: _texts(phrases.get(language)) for language in languages},
            unless=_texts(phrases.get("not")),
        )

    def _config(self, name: str, language: Language) -> AgentConfig:
        """One of its two configurations, its tools called as they are here. Raises `ConfigError`."""
        config = read_agent_file(self._folder / name / f"{language}.json")
        ticked: Document = {
            tool: {"name": self._tools.tools[tool].label[language], "is_active": True, "use": True}
            for tool in config.enabled_tools
            if tool in self._tools.tools
        }
        return config.replaced({"tools": ticked})


def _texts(value: JsonValue) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
