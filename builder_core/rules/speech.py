"""What a person says in their own words, told apart from what they quote or paste."""

import re
from dataclasses import dataclass, replace

from builder_core.rules.english_words import unswapped
from user_agent.chinese import fold
from user_agent.words import Language

MAX_OWN_CHARS = 2_000
"""Beyond this a message is a document, not a request."""

_FIRST_MARK = 0xE000
_MARK = re.compile("[\ue000-\uefff]")
_PASTED = re.compile(
    r"```.*?(?:```|\Z)"  # code fences
    r"|^[ \t]*>[^\n]*"  # quoted lines
    # a forged turn: from a role marker to the end of its paragraph
    r"|^[ \t]*(?:system|assistant|user|human|developer|action|action input|observation|系统|用户|助手)[ \t]*[:：]"
    r".*?(?=\n[ \t]*\n|\Z)",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_ANNOUNCED = re.compile(
    r"^(?P<line>[^\n]*(?:document|article|text|e-?mail|notes?|file|page|文档|文章|原文|资料|邮件|手册|内容|材料)"
    r"[^\n]{0,20}[:：])[ \t]*\n(?P<body>.+)\Z",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_QUOTED = re.compile(r"“[^”]+”|「[^」]+」|『[^』]+』|\"[^\"]+\"|(?<![\w’'])'[^'\n]+'(?!\w)|‘[^’\n]+’(?!\w)")
_REPORTED = re.compile(
    r"(?:said|says|wrote|writes|told \w+|asked|说道?|写道|写着|写|问道?|讲)\s*[:：,，]?\s*(?P<mark>[\ue000-\uefff])",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(?<![^\s:：,，。;；])(?P<number>\d)[.)、）]\s*(?=[^\s\d])")
_DASHED = re.compile(r"[:：]?\s+[-–•*]\s+(?=[^\s\d])")
_CJK = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Speech:
    """A message. In `own` each quoted or pasted stretch is one private-use character, so no rule can match in it."""

    own: str
    quotes: tuple[str, ...] = ()
    material: frozenset[str] = frozenset()
    """The marks of what was pasted, or reported of somebody else: never what the person themselves asks for."""

    def value(self, piece: str) -> str:
        """A stretch of `own` that a person gave as a value, with what is quoted in it; quotes around all of it go."""
        alone = _MARK.fullmatch(piece.strip())
        said = self._restored(piece).strip()
        return said[1:-1].strip() if alone and _QUOTED.fullmatch(said) else said

    def holds_material(self, piece: str) -> bool:
        return not self.material.isdisjoint(piece)

    def only(self, piece: str) -> "Speech":
        """The same message with nothing left of it but this piece of `own`."""
        return replace(self, own=piece)

    @property
    def pasted(self) -> str:
        """What was pasted, or reported of somebody else."""
        return "\n".join(self._restored(mark) for mark in sorted(self.material))

    @property
    def given(self) -> str:
        """What the person wrote themselves, with what they put into quotation marks, without what was pasted."""
        return self._restored("".join(" " if char in self.material else char for char in self.own))

    @property
    def folded(self) -> str:
        """`own` for matching, each letter in its place: in simplified characters, and "renmae" as "rename"."""
        return unswapped(fold(self.own))

    @property
    def words(self) -> str:
        """The person's own words, without anything quoted."""
        return _MARK.sub(" ", self.own).strip()

    @property
    def language(self) -> Language:
        """The language somebody speaks: Chinese where it has as many characters as there are Latin words, or more."""
        return "zh" if len(_CJK.findall(self.own)) >= max(1, len(_LATIN.findall(self.own))) else "en"

    def _restored(self, piece: str) -> str:
        return _MARK.sub(lambda mark: self._restored(self.quotes[ord(mark.group()) - _FIRST_MARK]), piece)


def heard(text: str) -> Speech:
    """The message as the rules read it."""
    quotes: list[str] = []

    def hide(stretch: str) -> str:
        quotes.append(stretch)
        return chr(_FIRST_MARK + len(quotes) - 1)

    own = _MARK.sub("", text.replace("\r\n", "\n"))
    own, rest = own[:MAX_OWN_CHARS], own[MAX_OWN_CHARS:]
    own = _PASTED.sub(lambda found: hide(found.group()), own)
    own = _ANNOUNCED.sub(lambda found: found["line"] + hide(found["body"]), own)
    own = _listed(own.strip()) + (hide(rest) if rest else "")
    pasted = frozenset(_MARK.findall(own))
    own = _QUOTED.sub(lambda found: hide(found.group()), own)
    reported = frozenset(_REPORTED.findall(own))
    return Speech(own=own, quotes=tuple(quotes), material=pasted | reported)


def _listed(text: str) -> str:
    """The text with a list that is numbered in running words, "1. … 2. …", as lines with bullets."""
    if len(_DASHED.findall(text)) > 1 and "\n" not in text:
        return _DASHED.sub("\n- ", text)
    numbers = [int(found["number"]) for found in _NUMBERED.finditer(text)]
    if len(numbers) < 2 or numbers != list(range(1, len(numbers) + 1)):
        return text
    return _NUMBERED.sub("\n- ", text).strip()
