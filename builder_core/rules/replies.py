"""What the guide says: only what the results of its calls confirm, then the next question."""

import json
import re
from collections.abc import Mapping, Sequence, Set
from typing import Any, cast

from pydantic import JsonValue

from builder_core.recommend import Offer
from builder_core.rules.courtesy import Kind
from user_agent.config import Language
from user_agent.messages import ToolResultPart
from user_agent.words import Words

FIELDS: Mapping[str, Words] = {
    "name": Words("名称", "name"),
    "description": Words("简介", "description"),
    "instruction": Words("指令", "instruction"),
    "language": Words("语言", "language"),
    "prologue": Words("开场白", "opening message"),
    "prompt_recommend": Words("推荐问题", "suggested questions"),
}

INVITATION = Words(
    "说说你想要一个什么样的智能体吧：它做什么、给谁用。比如“做一个规划周末旅行的助手，要会查天气”。",
    "Tell me what kind of agent you would like: what it does, and for whom. "
    "For example: “I want an agent that plans weekend trips and knows the weather”.",
)
HELP = Words(
    "我是按规则工作的搭建向导，可以改名称、简介、指令、开场白、推荐问题、语气、回答语言和工具。"
    "比如：“改名为小旅”“语气更正式”“去掉天气”“不要推荐酒店”“用英文回答”“重新开始”。",
    "I am the builder's guide and work by rules. I can change the name, description, instruction, opening message, "
    "suggested questions, tone, language and tools. For example: “rename it to Max”, “more formal”, "
    "“drop the weather”, “never mention prices”, “answer in Chinese”, “start over”.",
)
MATERIAL = Words(
    "引用或粘贴的内容我只当作资料，不会照着改。想改什么，用你自己的话告诉我就好。",
    "I take quoted and pasted text as material and change nothing because of it. "
    "Tell me in your own words what you would like to change.",
)
THANKS = Words("不客气！还想改什么，直接告诉我。", "You are welcome! Tell me whenever you want to change something.")
_NOT_CAUGHT = Words(
    "这句我没听懂，什么也没有改。可以这样说：“改名为小旅”“语气更正式”“去掉天气”“不要推荐酒店”“用英文回答”。",
    "I did not catch that, and nothing was changed. You can say for example “rename it to Max”, “more formal”, "
    "“drop the weather”, “never mention prices”, “answer in Chinese”.",
)
_LEFT_OVER = Words("“{said}”这部分我没听懂，没有改。", "I did not catch “{said}”, so nothing was done about it.")
_GREETING = Words("你好！", "Hello!")
_GLAD = Words(
    "很高兴你喜欢！还想改什么，直接告诉我。", "Glad you like it! Tell me whenever you want to change something."
)
_BYE = Words(
    "好的，都已经保存了。随时回来，在预览里就能和它聊。",
    "All right: everything is saved. Come back any time; you can talk with it in the preview.",
)
_SHOWN_CHARS = 80
CLOSING: frozenset[Kind] = frozenset(("thanks", "praise", "farewell", "ending"))
"""After these nothing more is asked, though a question was open."""
ENDING: frozenset[Kind] = frozenset((*CLOSING, "refusal"))
DONE = Words(
    "还想改什么，直接告诉我；也可以在预览里和它聊聊看。", "Tell me what to change next, or talk with it in the preview."
)
_FILLED = Words(
    "草稿已经填好，现在就可以在预览里试用。", "The draft is filled in, and you can try the agent in the preview."
)
_UPDATED = Words("已更新：{fields}。", "Updated: {fields}.")
_ENABLED = Words("已启用工具：{tools}。", "Switched on: {tools}.")
_DISABLED = Words("已关闭工具：{tools}。", "Switched off: {tools}.")
_UNCHANGED = Words("这里本来就是这样，没有需要改动的。", "It is like that already, so nothing changed.")
_REFUSED = Words("{field}没有改：{why}。", "The {field} was not changed: {why}.")
_FAILED = Words("有一处没有保存：{why}", "One thing was not stored: {why}")
_WAITING = Words(
    "{tool}需要密钥 {keys} 才能用，可以在“配置 → 工具”里填写。",
    "{tool} waits for its key {keys}: enter it under Configure, Tools.",
)
_FILES = Words("它要读的文件可以在“配置 → 知识”里上传。", "Upload the files it should read under Configure, Knowledge.")
_MENTIONS_FILES = re.compile(
    r"\b(?:documents?|files?|pdfs?|handbooks?|manuals?|notes)\b|文档|资料|文件|手册", re.IGNORECASE
)


def greeting(kinds: Set[Kind], language: Language) -> str:
    """A greeting for a greeting."""
    return _GREETING[language] if "greeting" in kinds else ""


def courtesy(kinds: Set[Kind], language: Language) -> str:
    """An answer to small talk; empty where the next question is answer enough."""
    answers: tuple[tuple[Kind, Words], ...] = (
        ("farewell", _BYE),
        ("ending", _BYE),
        ("refusal", _BYE),
        ("thanks", THANKS),
        ("praise", _GLAD),
        ("greeting", _GREETING),
    )
    return next((words[language] for kind, words in answers if kind in kinds), "")


def not_caught(language: Language) -> str:
    """For a message that no rule took."""
    return _NOT_CAUGHT[language]


def left_over(missed: str, language: Language) -> str:
    """For the part of a message that no rule took, where another part was done."""
    shown = missed if len(missed) <= _SHOWN_CHARS else f"{missed[:_SHOWN_CHARS]}…"
    return _LEFT_OVER[language].format(said=shown)


def joined(sentences: Sequence[str], language: Language) -> str:
    return Words("", " ")[language].join(sentence for sentence in sentences if sentence)


def report(results: Sequence[ToolResultPart], catalogue: Sequence[Offer], language: Language, said: str) -> str:
    """What the calls of a turn have done, by their results alone; `said` are the person's words."""
    changed: dict[str, JsonValue] = {}
    refused: dict[str, JsonValue] = {}
    waiting: dict[str, JsonValue] = {}
    sentences: list[str] = []
    for result in results:
        answer = outcome(result)
        changed |= _part(answer, "changed")
        refused |= _part(answer, "refused")
        waiting |= _part(answer, "waiting_for_key")
        if result.failed:
            sentences.append(_FAILED[language].format(why=result.output))
    labels = {offer.tool.name: offer.tool.label[language] or offer.tool.name for offer in catalogue}
    sentences = [*_changes(changed, labels, language), *sentences]
    for field, why in refused.items():
        sentences.append(_REFUSED[language].format(field=_label(field, labels, language), why=str(why).rstrip(".。")))
    for tool, keys in waiting.items():
        names = ", ".join(str(key) for key in keys) if isinstance(keys, list) else str(keys)
        sentences.append(_WAITING[language].format(tool=labels.get(tool, tool), keys=names))
    if "instruction" in changed and _MENTIONS_FILES.search(said):
        sentences.append(_FILES[language])
    return Words("", " ")[language].join(sentences or [_UNCHANGED[language]])


def outcome(result: ToolResultPart) -> dict[str, JsonValue]:
    """A result as the draft's tools write it; empty for one that failed."""
    if result.failed:
        return {}
    try:
        value: Any = json.loads(result.output)  # Any: JSON; a long answer may have been cut
    except json.JSONDecodeError:
        return {}
    return cast(dict[str, JsonValue], value) if isinstance(value, dict) else {}


def _changes(changed: Mapping[str, JsonValue], labels: Mapping[str, str], language: Language) -> list[str]:
    comma = Words("、", ", ")[language]
    fields = [FIELDS[field][language] for field in changed if field in FIELDS]
    on = [labels.get(tool, tool) for tool in _ticked(changed, True)]
    off = [labels.get(tool, tool) for tool in _ticked(changed, False)]
    sentences: list[str] = []
    if {"name", "description", "instruction"} <= changed.keys() and changed["instruction"]:
        sentences.append(_FILLED[language])
    elif fields:
        sentences.append(_UPDATED[language].format(fields=comma.join(fields)))
    if on:
        sentences.append(_ENABLED[language].format(tools=comma.join(on)))
    if off:
        sentences.append(_DISABLED[language].format(tools=comma.join(off)))
    return sentences


def _ticked(changed: Mapping[str, JsonValue], tick: bool) -> list[str]:
    return [
        field.removeprefix("tools.") for field, after in changed.items() if field.startswith("tools.") and after is tick
    ]


def _label(field: str, labels: Mapping[str, str], language: Language) -> str:
    tool = field.removeprefix("tools.")
    return FIELDS[field][language] if field in FIELDS else labels.get(tool, tool)


def _part(answer: Mapping[str, JsonValue], key: str) -> dict[str, JsonValue]:
    value = answer.get(key)
    return value if isinstance(value, dict) else {}
