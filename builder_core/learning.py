"""What a conversation tells of the agent that somebody would rather have: its questions, and what they put right."""

import asyncio
import re
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import structlog

from user_agent.config import AgentConfig, Language, cleaned
from user_agent.errors import ModelError
from user_agent.messages import Message, user_message
from user_agent.models.base import ChatModel, ModelRequest
from user_agent.prompts import load_prompts, render
from user_agent.words import Words

_PROMPTS = Path(__file__).parent / "prompts"
load_prompts(_PROMPTS)
MAX_SUGGESTIONS = 4
MAX_QUESTION_CHARS = 200
MAX_LINES, MAX_LINE_CHARS = 12, 400
MAX_READ_CHARS = 48_000
MAX_INSTRUCTION_CHARS = 20_000
MAX_ANSWER_TOKENS = 6_000
PATIENCE_S = 90.0

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

_QUESTION = re.compile(
    r"[?？]\s*$|^(?:how|what|who|when|where|why|which|can|could|please|help)\b|^(?:帮|请|怎么|如何|什么|为什么)"
)
_CORRECTION = re.compile(
    r"^(?:no[,.! ]|not |wrong|actually|please (?:always|never|don't|do not|only|stop)|always|never|don't|do not|stop |"
    r"from now on|i (?:want|need) you to|you should|shorter|longer|too (?:long|short|formal|many)|"
    r"不对|不是|错了|以后|今后|从现在起|不要|别|请(?:不要|别|用|只|始终|总是)|要求|你应该|你要|太(?:长|短|正式|啰嗦)|总是|始终|只用|必须)",
    re.IGNORECASE,
)
_HEADING = Words("## 用户在对话中的要求", "## What the person asked for in conversation")


@dataclass(frozen=True, slots=True)
class Learnt:
    """Fields for an agent as the conversation asks for it. `by` says who wrote the instruction."""

    instruction: str
    suggestions: tuple[str, ...]
    by: Literal["model", "rules"]


async def learn(model: ChatModel | None, config: AgentConfig, messages: Sequence[Message]) -> Learnt:
    """What the conversation adds to the agent. Where the model fails or there is none, rules say it."""
    said = [message.text.strip() for message in messages if message.role == "user" and message.text.strip()]
    questions = _questions(said) or config.prompt_recommend
    if model is not None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                text = await _distilled(model, config, messages)
        except (ModelError, TimeoutError) as error:
            log.warning("learning_failed", reason=type(error).__name__)
            text = ""
        if text:
            return Learnt(text[:MAX_INSTRUCTION_CHARS], tuple(questions), "model")
    return Learnt(_by_rules(config, said), tuple(questions), "rules")


def _by_rules(config: AgentConfig, said: Sequence[str]) -> str:
    """The instruction with what the person put right under it, in their own words."""
    asked = dict.fromkeys(" ".join(text.split())[:MAX_LINE_CHARS] for text in said if _CORRECTION.match(text))
    lines = [f"- {text}" for text in [*asked][-MAX_LINES:] if text not in config.instruction]
    if not lines:
        return config.instruction
    return "\n".join((config.instruction.rstrip(), "", _HEADING[config.language], *lines)).strip()


def _questions(said: Sequence[str]) -> list[str]:
    """The last few different things that were asked, the first of them first."""
    asked = [text for text in said if len(text) <= MAX_QUESTION_CHARS and "\n" not in text]
    found = [text for text in asked if _QUESTION.search(text.lower()) and not _CORRECTION.match(text)]
    return [*dict.fromkeys(found)][:MAX_SUGGESTIONS]


async def _distilled(model: ChatModel, config: AgentConfig, messages: Sequence[Message]) -> str:
    language: Language = config.language
    written = "\n\n".join(f"{message.role}: {message.text}" for message in messages if message.text.strip())
    request = ModelRequest(
        system=render("learning", language, {"instruction": config.instruction, "name": config.name}, folder=_PROMPTS),
        messages=(user_message(f"<conversation>\n{written[-MAX_READ_CHARS:].replace('</', '‹/')}\n</conversation>"),),
        max_tokens=MAX_ANSWER_TOKENS,
    )
    parts: list[str] = []
    async with aclosing(model.stream(request)) as chunks:
        async for chunk in chunks:
            parts.append(chunk.text)
    return cleaned("".join(parts)).strip()
