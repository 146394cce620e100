"""What a conversation tells of the agent that somebody would rather have: its questions, and what they put right."""

import asyncio
import re
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import structlog

from user_agent.config import AgentConfig
from user_agent.errors import ModelError
from user_agent.messages import Message, user_message
from user_agent.models.base import ChatModel, ModelRequest
from user_agent.prompts import load_prompts, render
from user_agent.storable import cleaned
from user_agent.words import Language, Words

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
    r"[?？]\s*$|^(?:how|what|who|when|where|why|which|can|could|please|help|write|tell|show|explain|translate|draw|plan|"
    r"find|list|compare|calculate|summari[sz]e|recommend|suggest|give me|make me)\b"
    r"|^(?:帮|请|怎么|如何|什么|为什么|写|画|讲|解释|翻译|总结|列出|比较|算|查|推荐|介绍|分析|给我|做一)"
)
_MANNER = (
    r"brief|concise|short|shorter|long|longer|formal|informal|friendly|polite|precise|simple|simpler|detailed|careful"
)
_CORRECTION = re.compile(
    # How it should be from now on, wherever that is said.
    r"\b(?:from now on|next time|in future(?:,| please| answers))|以后|今后|下次|从现在起|每次都|每次先|每次要"
    # What somebody puts right.
    r"|^(?:no[,.! ]|not |wrong|actually|please (?:always|never|don't|do not|only|stop)|always|never|don't|do not|stop |"
    r"i (?:want|need) you to|i(?:'d| would)? (?:prefer|rather)|i(?:'d| would) like you to|"
    r"i (?:don't|do not) (?:like|want)|"
    r"you (?:should|must|forgot|need to|don't need to)|remember to|avoid |no need |shorter|longer|"
    r"(?:that's |that is |this is |it's |it is |your answers are )?(?:much |far |a bit )?"
    r"too (?:long|short|formal|many|much)|"
    # How an answer should look or sound.
    rf"(?:be|sound) (?:more |less |a bit |very )*(?:{_MANNER})|(?:more|less|fewer) \w+(?: \w+)?(?:,? please)?[.!]*$|"
    r"(?:make|keep) (?:it|them|this|that|your|the answers?)\b|"
    r"use (?:bullets?|bullet points|tables?|a table|lists?|a list|british|american|metric|simple|plain|short)\b|"
    r"(?:answer|reply|respond|speak|write) (?:to me )?(?:in|with|without|more|less|briefly)\b|"
    r"(?:add|give|cite|name|mention|include) (?:me )?(?:your |the |a )?(?:sources?|units?|links?|references?)\b|"
    r"(?:first )?ask me (?:\w+ ){0,6}first|in (?:british|american|plain|simple) english)"
    r"|^(?:不对|不是|错了|不要|别(?!的)|不用|不需要|请(?:不要|别|用|只|始终|总是)|要求|你应该|你要|你忘了|"
    r"太(?:长|短|正式|啰嗦|复杂|简单)|总是|始终|只用|必须|一律|务必|一定要|记得|别忘|尽量|"
    r"再?(?:短|长|详细|简短|简洁|简单|正式|口语|具体|温柔|礼貌|活泼|通俗)(?:一)?[点些]|"
    r"用(?:表格|列表|要点|中文|英文|英语|繁体|简体|口语|大白话|一句话|公制)|"
    r"(?:回答|回复|语气|答案|格式|说话).{0,8}?(?:短|长|正式|简洁|温和|[点些]|不要|要|用)|"
    r"我(?:更|比较)?(?:喜欢|希望|不喜欢|讨厌|想让你)|少(?:用|说|写)|多(?:用|给|举)|先(?:问|给|说|列)|"
    r"(?:字数|长度|篇幅)?控制在)",
    re.IGNORECASE,
)
"""How people say what they would rather have. What it is wrongly found in, they see as a proposal, and discard."""
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
    asked = dict.fromkeys(" ".join(text.split())[:MAX_LINE_CHARS] for text in said if _CORRECTION.search(text))
    lines = [f"- {text}" for text in [*asked][-MAX_LINES:] if text not in config.instruction]
    if not lines:
        return config.instruction
    return "\n".join((config.instruction.rstrip(), "", _HEADING[config.language], *lines)).strip()


def _questions(said: Sequence[str]) -> list[str]:
    """The last few different things that were asked, the first of them first."""
    asked = [text for text in said if len(text) <= MAX_QUESTION_CHARS and "\n" not in text]
    found = [text for text in asked if _QUESTION.search(text.lower()) and not _CORRECTION.search(text)]
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
