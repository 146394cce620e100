"""Agents that are there to start from, and which of them somebody means."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from builder_core.draft import ConfigPatch
from user_agent.chinese import fold
from user_agent.config import AgentConfig, Language

_CJK = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Template:
    """An agent to start from, written in both languages. `said` is what people say when they mean it."""

    id: str
    configs: Mapping[Language, AgentConfig]
    said: Mapping[Language, Sequence[str]]

    def patch(self, language: Language) -> ConfigPatch:
        """Its fields, to be set in a draft, each proposed and not said by the person."""
        config = self.configs[language]
        fields = ("name", "description", "instruction", "language", "prologue", "prompt_recommend", "tools")
        return ConfigPatch(
            name=config.name,
            description=config.description,
            instruction=config.instruction,
            language=config.language,
            prologue=config.prologue,
            prompt_recommend=[*config.prompt_recommend],
            tools=dict.fromkeys(config.enabled_tools, True) or None,
            proposed=fields,
        )


def nearest(templates: Sequence[Template], text: str) -> Template | None:
    """The template that is meant in so many words; None where none is, or more than one."""
    said = fold(text).lower()
    meant = [template for template in templates if _is_said(template, said)]
    return meant[0] if len(meant) == 1 else None


def _is_said(template: Template, said: str) -> bool:
    return any(_pattern(phrase.lower()).search(said) for phrases in template.said.values() for phrase in phrases)


@cache
def _pattern(phrase: str) -> re.Pattern[str]:
    # A Latin phrase has to be whole words: "rpg" is not in "warpgate".
    return re.compile(re.escape(phrase) if _CJK.search(phrase) else rf"(?<![a-z0-9]){re.escape(phrase)}(?![a-z0-9])")
