"""Agents that are there to start from, and which of them somebody means."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from builder_core.draft import ConfigPatch
from user_agent.chinese import fold
from user_agent.config import AgentConfig
from user_agent.words import Language

_CJK = re.compile(r"[\u3400-\u9fff]")
_REFUSED = re.compile(
    r"(?:不要|不用|不需要|不想要|不是|无需|别(?!的))[^，。！？；,.!?;\n]{0,3}$"
    r"|\b(?:not?|never|without|don't|doesn't|isn't|shouldn't)\s+(?:[^\s,.!?;]+\s+){0,3}$"
)
"""What stands before a thing that somebody does not want."""
_BEFORE_CHARS = 60


@dataclass(frozen=True, slots=True)
class Template:
    """An agent to start from, written in both languages. `said` is what people say when they mean it, and `unless`
    what they say when they mean something else by the same words."""

    id: str
    configs: Mapping[Language, AgentConfig]
    said: Mapping[Language, Sequence[str]]
    unless: Sequence[str] = ()

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
    if any(_pattern(phrase.lower()).search(said) for phrase in template.unless):
        return False
    phrases = (phrase for phrases in template.said.values() for phrase in phrases)
    found = (match for phrase in phrases for match in _pattern(phrase.lower()).finditer(said))
    return any(_REFUSED.search(said[max(0, match.start() - _BEFORE_CHARS) : match.start()]) is None for match in found)


@cache
def _pattern(phrase: str) -> re.Pattern[str]:
    """Of "analyse * data", the parts in their order with a few words, or Chinese characters, between them."""
    parts = [re.escape(part.strip()) for part in phrase.split("*")]
    if _CJK.search(phrase):
        return re.compile(r"[^，。！？；,.!?;\n]{0,8}?".join(parts))
    # A Latin phrase has to be whole words: "rpg" is not in "warpgate".
    between = r"\s+(?:[^\s,.!?;]+\s+){0,4}?"
    return re.compile(rf"(?<![a-z0-9]){between.join(parts)}(?![a-z0-9])")
