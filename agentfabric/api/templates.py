"""The gallery: agents to start from."""

from typing import Any

from fastapi import APIRouter

from agentfabric.api.bodies import TheStudio, TheUser
from builder_core.templates import Template
from user_agent.words import Language

router = APIRouter(prefix="/api/templates", tags=["templates"])

Json = dict[str, Any]


@router.get("")
async def list_templates(studio: TheStudio, user: TheUser, language: Language = "en") -> list[Json]:
    """The templates as they are in that language, with the ids of the tools that each uses: `/api/tools` tells which
    keys these want. `POST /api/agents {"template": id, "language": "en"}` starts from one."""
    return [_template_view(template, language) for template in await studio.gallery.all()]


def _template_view(template: Template, language: Language) -> Json:
    config = template.configs[language]
    return {
        "id": template.id,
        "name": config.name,
        "description": config.description,
        "instruction": config.instruction,
        "prologue": config.prologue,
        "prompt_recommend": list(config.prompt_recommend),
        "tools": list(config.enabled_tools),
        "said": [*template.said[language]],
    }
