"""What the calls of a turn have done, said by their results alone."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic import JsonValue

from builder_core.draft import CLASHES, LOCKED, NOT_STORED, OVERTAKEN, QUOTED
from builder_core.recommend import Offer
from user_agent.messages import ToolResultPart
from user_agent.words import FREE, Language, Words

FIELDS: Mapping[str, Words] = {
    "name": Words("名称", "name"),
    "description": Words("简介", "description"),
    "instruction": Words("指令", "instruction"),
    "language": Words("语言", "language"),
    "prologue": Words("开场白", "opening message"),
    "prompt_recommend": Words("推荐问题", "suggested questions"),
    "knowledge": Words("知识", "knowledge"),
    "memory": Words("对用户的记忆", "memory of people"),
    "model": Words("模型", "model"),
    "avatar": Words("头像", "picture"),
    "generation": Words("生成设置", "generation settings"),
    "retrieval": Words("查找方式", "how it searches"),
    "tools": Words("工具", "tools"),
    "openapi": Words("API", "APIs"),
    "mcpServers": Words("MCP 服务器", "MCP servers"),
}

_FILLED = Words(
    "草稿已经填好，现在就可以在预览里试用。", "The draft is filled in, and you can try the agent in the preview."
)
_UPDATED = Words("已更新：{fields}。", "Updated: {fields}.")
_TAKEN_BACK = Words("已撤销：{fields}。", "Taken back: {fields}.")
_ENABLED = Words("已启用工具：{tools}。", "Switched on: {tools}.")
_DISABLED = Words("已关闭工具：{tools}。", "Switched off: {tools}.")
_UNCHANGED = Words("这里本来就是这样，没有需要改动的。", "It is like that already, so nothing changed.")
_REFUSED = Words("{field}没有改：{why}。", "The {field} was not changed: {why}.")
_CLASHES = Words(
    "{field}后来又改过，所以没有撤销。原来是“{wanted}”，现在是“{now}”：要用哪一个，直接告诉我。",
    "The {field} was changed again later, so it stays. It was “{wanted}” and is “{now}” now: tell me which it should "
    "be.",
)
_FAILED = Words("有一处没有保存：{why}", "One thing was not stored: {why}")
_DRAWN = Words("头像画好了，就在草稿里。", "The picture is drawn, and in the draft.")
_NOT_DRAWN = Words("头像没有画成，还是原来的样子：{why}", "The picture was not drawn and stays as it is: {why}")
_PROPOSED = Words(
    "{service} 可以接入：我建议用其中的 {names}（共 {of} 个接口，每轮约 {tokens} 个 token）。"
    "在下面点“允许”之前，什么都不会被使用。",
    "{service} can be used: of its {of} operations I suggest {names} (about {tokens} tokens in every turn). Nothing of "
    "it is used until you press Allow below.",
)
_WRITING = Words("{names} 会做出改动。", "{names} would change something there.")
_NEEDS_KEY = Words("它需要密钥：允许之后在“配置 → API”里填写。", "It needs a key: enter it under Configure, APIs.")
_UNCLEAR = Words(
    "{service} 有 {of} 个接口，我看不出要用哪几个。请先说说智能体要用它做什么，或者在“配置”里自己选。",
    "{service} has {of} operations, and I cannot tell which are needed. Say what the agent should do with it, or "
    "choose them yourself under Configure.",
)
_WAITING = Words(
    "{tool}需要密钥 {keys} 才能用，可以在“配置 → 工具”里填写。",
    "{tool} waits for its key {keys}: enter it under Configure, Tools.",
)
_KEY_AT = Words("密钥在 {url} 申请。", "Get a key at {url}.")
_TOKENS = Words("每轮约增加 {tokens} 个 token。", "That adds about {tokens} tokens to every turn.")
_TOKENS_OF_EACH = Words(
    "每轮约增加 {tokens} 个 token（{each}）。", "That adds about {tokens} tokens to every turn ({each})."
)
_CALLS = Words("{tool}的调用费用：{cost}。", "What a call of {tool} costs: {cost}.")
_DEAD = Words("{tool}现在还不能用：{why}", "{tool} does not work here yet: {why}")
_FILES = Words("它要读的文件可以在“知识”页上传。", "Upload the files it should read in the Knowledge tab.")
_MENTIONS_FILES = re.compile(
    r"\b(?:documents?|files?|pdfs?|handbooks?|manuals?|notes)\b|文档|资料|文件|手册", re.IGNORECASE
)
_REASONS: Mapping[str, Words] = {
    LOCKED: Words("它锁定了，可以在草稿里解锁", "it is locked, and you can unlock it in the draft"),
    OVERTAKEN: Words("它刚被手工改过", OVERTAKEN),
    QUOTED: Words("只有引用的文字这样要求", QUOTED),
    NOT_STORED: Words("没有存下来", "it was not stored"),
    CLASHES: Words("后来又改过", CLASHES),
}
_SHOWN_CHARS = 60


@dataclass(frozen=True, slots=True)
class _Told:
    """What all results say together, by field."""

    changed: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    undone: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    refused: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    clashes: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    waiting: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    places: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    """Where a key is to be had, by its name."""
    tokens: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    """How many tokens a tool adds to every turn."""
    paid: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    dead: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    """Tools that cannot work on this server."""
    warnings: list[str] = field(default_factory=list[str])

    def add(self, answer: Mapping[str, JsonValue]) -> None:
        for name, into in (
            ("changed", self.undone if answer.get("undone") else self.changed),
            ("refused", self.refused),
            ("clashes", self.clashes),
            ("waiting_for_key", self.waiting),
            ("keys_are_got_at", self.places),
            ("tokens_per_turn", self.tokens),
            ("a_call_costs", self.paid),
            ("does_not_work", self.dead),
        ):
            part = answer.get(name)
            into.update(part if isinstance(part, dict) else {})
        if isinstance(warning := answer.get("warning"), str):
            self.warnings.append(warning)


def report(results: Sequence[ToolResultPart], catalogue: Sequence[Offer], language: Language, said: str) -> str:
    """What the calls of a turn have done, by their results alone; `said` are the person's words."""
    told = _Told()
    failed: list[str] = []
    for result in results:
        answer = outcome(result)
        told.add(answer)
        if result.failed:
            failed.append(_FAILED[language].format(why=result.output))
        if answer.get("picture") == "kept" and "why" in answer:
            failed.append(_NOT_DRAWN[language].format(why=answer["why"]))
    tools = {offer.tool.name: offer.tool.label[language] or offer.tool.name for offer in catalogue}
    services = [sentence for result in results for sentence in _services(outcome(result), language)]
    sentences = [*_changes(told, tools, language), *services, *failed, *_refusals(told, tools, language)]
    for tool, keys in told.waiting.items():
        names = ", ".join(str(key) for key in keys) if isinstance(keys, list) else str(keys)
        sentences.append(_WAITING[language].format(tool=tools.get(tool, tool), keys=names))
    sentences += _terms_of_use(told, catalogue, language)
    sentences += [_KEY_AT[language].format(url=url) for url in dict.fromkeys(told.places.values())]
    sentences += dict.fromkeys(told.warnings)
    if "instruction" in told.changed and _MENTIONS_FILES.search(said):
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


def _changes(told: _Told, tools: Mapping[str, str], language: Language) -> list[str]:
    comma = Words("、", ", ")[language]
    changed = told.changed
    fields = [FIELDS[field][language] for field in changed if field in FIELDS and field != "avatar"]
    sentences: list[str] = []
    if told.undone:
        names = [_label(field, tools, language) for field in told.undone]
        sentences.append(_TAKEN_BACK[language].format(fields=comma.join(names)))
    if {"name", "description", "instruction"} <= changed.keys() and changed["instruction"]:
        sentences.append(_FILLED[language])
    elif fields:
        sentences.append(_UPDATED[language].format(fields=comma.join(fields)))
    if changed.get("avatar"):
        sentences.append(_DRAWN[language])
    for words, tick in ((_ENABLED, True), (_DISABLED, False)):
        if ticked := [_label(name, tools, language) for name in _ticked(changed, tick)]:
            sentences.append(words[language].format(tools=comma.join(ticked)))
    return [*sentences, *_tokens(told, tools, language)]


def _tokens(told: _Told, tools: Mapping[str, str], language: Language) -> list[str]:
    """How many tokens the tools that were switched on add, and each of several."""
    each = {tools.get(tool, tool): tokens for tool, tokens in told.tokens.items() if isinstance(tokens, int)}
    if not (tokens := sum(each.values())):
        return []
    listed = Words("、", ", ")[language].join(f"{tool} {count}" for tool, count in each.items())
    return [(_TOKENS_OF_EACH if len(each) > 1 else _TOKENS)[language].format(tokens=tokens, each=listed)]


def _terms_of_use(told: _Told, catalogue: Sequence[Offer], language: Language) -> list[str]:
    """What a call costs where it is not free, and why a tool does not work: in the words that the catalogue has."""
    sentences: list[str] = []
    for offer in catalogue:
        label = offer.tool.label[language] or offer.tool.name
        if offer.tool.name in told.paid and offer.tool.cost != FREE:
            cost = offer.tool.cost[language].rstrip(".。")
            sentences.append(_CALLS[language].format(tool=label, cost=cost))
        if offer.tool.name in told.dead and offer.unavailable:
            sentences.append(_DEAD[language].format(tool=label, why=offer.unavailable[language]))
    return sentences


def _services(answer: Mapping[str, JsonValue], language: Language) -> list[str]:
    """What became of a wish for a service."""
    comma = Words("、", ", ")[language]
    if isinstance(unclear := answer.get("unclear"), dict):
        return [_UNCLEAR[language].format(**unclear)]
    if not isinstance(proposed := answer.get("proposed"), dict):
        return []
    listed = proposed.get("operations")
    found = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    names = comma.join(str(each["name"]) for each in found)
    writing = comma.join(str(each["name"]) for each in found if each["does"] != "reads")
    sentences = [
        _PROPOSED[language].format(
            service=proposed["service"], names=names, of=proposed["of"], tokens=proposed["tokens_per_turn"]
        )
    ]
    sentences += [_WRITING[language].format(names=writing)] if writing else []
    return [*sentences, *([_NEEDS_KEY[language]] if proposed["needs_key"] else [])]


def _refusals(told: _Told, tools: Mapping[str, str], language: Language) -> list[str]:
    sentences: list[str] = []
    for name, why in told.refused.items():
        label, clash = _label(name, tools, language), told.clashes.get(name)
        if isinstance(clash, dict):
            was, now = (_shown(clash.get(key), language) for key in ("wanted", "now"))
            sentences.append(_CLASHES[language].format(field=label, wanted=was, now=now))
        else:
            reason = _REASONS[str(why)][language] if str(why) in _REASONS else str(why).rstrip(".。")
            sentences.append(_REFUSED[language].format(field=label, why=reason))
    return sentences


def _shown(value: JsonValue, language: Language) -> str:
    if isinstance(value, bool) or value is None:
        return Words("开" if value else "关", "on" if value else "off")[language]
    text = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"


def _ticked(changed: Mapping[str, JsonValue], tick: bool) -> list[str]:
    return [name for name, after in changed.items() if name.startswith("tools.") and after is tick]


def _label(name: str, tools: Mapping[str, str], language: Language) -> str:
    tool = name.removeprefix("tools.")
    return FIELDS[name][language] if name in FIELDS else tools.get(tool, tool)
