"""The changes that can be taken back, and which of them a person means by a few words."""

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher

from builder_core.draft import PastChange
from builder_core.recommend import Offer, phrases_of
from user_agent.chinese import fold

MAX_LISTED = 30
"""So many changes can be named in a turn."""

FIELD_WORDS: Mapping[str, str] = {
    "name": "name renamed rename called 名字 名称 改名",
    "description": "description summary 描述 简介 介绍",
    "instruction": "instruction instructions rule rules tone prompt task 指令 规则 语气 要求 提示词",
    "language": "language 语言",
    "prologue": "prologue greeting welcome opening hello 开场白 欢迎语 问候",
    "prompt_recommend": "question questions suggestion suggestions starters 推荐问题 问题 建议",
    "knowledge": "knowledge file files 知识 文件 资料",
    "tools": "tool tools 工具",
    "memory": "memory remember facts 记忆 记住",
    "model": "model 模型",
    "avatar": "avatar picture image 头像 图片",
    "generation": "temperature length 温度 长度",
    "retrieval": "search retrieval embedding reranker 查找 检索 向量 重排",
}
"""What people call a field."""

_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?|[\u3400-\u9fff]+")
_EMPTY_TEXT = """
a an the this that these those it its your my our of for about with to from in on at and or last latest previous recent
one ones thing things stuff bit bits part change changes changed edit edits update step made did do done you i we just
now again please back what how was were been before earlier old original setting add adding added
"""
_EMPTY_WORDS = frozenset(_EMPTY_TEXT.split())
_EMPTY_CHINESE = re.compile(
    r"(?:刚才|刚刚|上一?次|上一?步|[那这]?一步|最近|最后|之前|前面|原来|旧|老|那个|这个|那条|这条|那次|这次|"
    r"那些|这些|有关|关于|"
    r"相关|(?:做|弄|搞|干)(?:过)?(?=的|了|$)|^成(?=之前|原来|以前|刚才)|(?<=[前来才])那样|的?样子|加上?|添加|"
    r"修改|改动|更改|改变|变更|改(?=的|$)|操作|步骤|内容|部分|东西|事情?|设置|一下|你|我|把|的|了|掉|吧|请|都|给)+"
)


class Past:
    """What was changed and still holds, the newest first. Each change goes by a short name, such as `c1`."""

    def __init__(self, changes: Sequence[PastChange], *, listed: bool = False) -> None:
        """`listed`: the person was just shown the changes with numbers, and asked for one."""
        self._changes = changes
        self.by_name = {f"c{number}": change for number, change in enumerate(changes[:MAX_LISTED], start=1)}
        self.listed = listed

    def as_listed(self) -> "Past":
        return Past(self._changes, listed=True)

    def last_turn(self) -> list[str]:
        """What the builder's last turn changed that was not itself a way back."""
        return self._last(undo=False)

    def last_undo(self) -> list[str]:
        """What was taken back last."""
        return self._last(undo=True)

    @property
    def turns(self) -> list[list[str]]:
        """What the turns of the conversation changed, the oldest first; what was changed by hand is none of them."""
        return [names for by_hand, names in reversed(self._turns()) if not by_hand]

    @property
    def edits(self) -> list[list[str]]:
        """The turns but for the one that described the agent, where that is the first."""
        turns = self.turns
        began = [self.by_name[name] for name in turns[0]] if turns else []
        return turns[1:] if any(change.field == "instruction" and not change.before for change in began) else turns

    @property
    def last_was_undo(self) -> bool:
        return next((change.author == "undo" for change in self.by_name.values() if change.turn), False)

    def about(self, words: str, catalogue: Iterable[Offer]) -> list[str]:
        """The changes of the last turn that these words fit: of the tool or the field that goes by them, else of the
        fields that speak of them, else the whole turn. "The weather" is the tool that was switched on, not each text
        that mentions it."""
        wanted = content(words)
        offers = {offer.tool.name: offer for offer in catalogue}
        for _, turn in self._turns():
            for spoken in (_called, _told_by):
                if told := [name for name in turn if _fits(wanted, spoken(self.by_name[name], offers))]:
                    return told
            if _fits(wanted, fold(" ".join(self.by_name[name].said for name in turn[:1])).lower()):
                return turn
        return []

    def _turns(self) -> list[tuple[bool, list[str]]]:
        """The names by turn, the newest first, and whether it was by hand. What was comes last: in a conversation
        people speak of what was changed in it."""
        turns: dict[tuple[bool, str], list[str]] = {}
        for name, change in self.by_name.items():
            if change.author != "undo":
                turn = change.turn or f"revision {change.revision}"
                turns.setdefault((change.turn is None, turn), []).append(name)
        return sorted(((turn[0], names) for turn, names in turns.items()), key=lambda turn: turn[0])

    def _last(self, *, undo: bool) -> list[str]:
        meant = {name: change for name, change in self.by_name.items() if (change.author == "undo") is undo}
        turn = next((change.turn for change in meant.values() if change.turn), None)
        return [name for name, change in meant.items() if turn and change.turn == turn]


def content(words: str) -> list[str]:
    """The words that say something: "the weather thing" is "weather", "关于天气的修改" is "天气"."""
    folded = _EMPTY_CHINESE.sub(" ", fold(words).lower())
    return [word for word in _WORD.findall(folded) if word not in _EMPTY_WORDS]


def _called(change: PastChange, offers: Mapping[str, Offer]) -> str:
    """What people call what was changed: the field or the tool."""
    field, _, tool = change.field.partition(".")
    if field == "tools" and tool in offers:
        named = offers[tool].tool
        labels = (tool, *phrases_of(named), named.label.zh, named.label.en, FIELD_WORDS["tools"])
    else:
        labels = (change.field, FIELD_WORDS.get(field, ""))
    return fold(" ".join(labels)).lower()


def _told_by(change: PastChange, offers: Mapping[str, Offer]) -> str:
    """What speaks of a change: what its field is called, and what came and went in it; of a tool, its name alone."""
    texts = () if change.field.startswith("tools.") else _differing(change.before, change.after)
    return f"{_called(change, offers)} {fold(' '.join(texts)).lower()}"


def _differing(before: object, after: object) -> list[str]:
    """The sentences that a change brought or took away."""
    was, now = (_lines(value if isinstance(value, str) else str(value or "")) for value in (before, after))
    return [
        text
        for code, was_from, was_to, now_from, now_to in SequenceMatcher(None, was, now, autojunk=False).get_opcodes()
        if code != "equal"
        for text in (*was[was_from:was_to], *now[now_from:now_to])
    ]


def _lines(text: str) -> list[str]:
    return re.split(r"(?<=[。！？.!?\n])", text)


def _fits(wanted: Sequence[str], text: str) -> bool:
    """Whether a text has all of the words; English ones as words or their beginnings ("rain" in "rainy")."""
    return bool(wanted) and all(
        re.search(rf"\b{re.escape(_STEM_END.sub('', word))}", text) is not None
        if word.isascii()
        else _is_made_of(word, text)
        for word in wanted
    )


_STEM_END = re.compile(r"(?<=[a-z]{4})(?:ing|ity|ness)$|s$")
""""Renaming" is about what was renamed, "the formality" about "formal"."""


def _is_made_of(word: str, text: str) -> bool:
    """Whether Chinese characters stand in a text, together or in pairs and more: "天气工具" for the weather's tool."""
    if word in text:
        return True
    return any(word[:at] in text and _is_made_of(word[at:], text) for at in range(len(word) - 2, 1, -1))
