"""The guide's answer from files: the sentences nearest to the question, quoted with their numbers, or that none is.

Nearness is how well the passage fits (`KnowledgeHit.score`), and the share of the question's words that stand in one
sentence of it, and around that; `fitting.py` says how likely that is an answer. `bench.answers` measures it, with the
right passage in the files and with it taken out.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from user_agent.knowledge.finding.reading import question
from user_agent.knowledge.hits import KnowledgeHit
from user_agent.knowledge.passages import signs
from user_agent.lexical.sentences import sentences
from user_agent.models.rules.fitting import fit, has_what_is_expected
from user_agent.words import Language, Words

SURE = 2.1
LIKELY = {"zh": 1.2, "en": 1.0}
"""What `fit` says of a quote that is given as the answer, and of one that is given with a reservation. English files
share more words with what they do not answer than Chinese ones do, and less with what they do."""
LEAST = 0.4
"""So near is what somebody is pointed to, at least."""
ROOM = 120
"""How much is quoted of one passage, in characters of Chinese: the answer often stands in the sentence after."""
ALSO = 0.8
"""A second passage is quoted where it is so near, as a share of the first."""
MOST_QUOTED = 2
"""So many passages are quoted; copies of them do not count."""
_IN_SENTENCE = 0.6
_AROUND = 0.3
_LOOKED_AT = 5

_SAID = Words(zh="文件里是这样写的：", en="This is what the files say:")
_NEAREST = Words(
    zh="文件里最接近的是下面这段，不一定就是答案，请打开来源核对：",
    en="This is the nearest that the files have. It may not be the answer: open the source and see.",
)
_LEAD = Words(
    zh="文件里没有找到这个问题的答案。换几个文件里可能用的词再问，也许能找到。最接近的一段：{mark}",
    en="I find no answer to that in the files. Other words, as the files may use them, may find one. This comes "
    "nearest: {mark}",
)
_BY_WORDS = Words(
    zh="我是内置的向导，不是语言模型：我按词语查找，原样引用，不作归纳。",
    en="I am the built-in guide, not a language model: I look for the words and quote what has them, and draw no "
    "conclusions.",
)
_NOT_THERE = Words(
    zh="文件里没有找到和这个问题有关的内容。换几个文件里可能用的词再问，也许能找到。",
    en="The files say nothing about that, as far as I can find by its words. Other words, as the files may use them, "
    "may find it.",
)
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~$])")
_RULE = re.compile(r"\|(?:\s*:?-+:?\s*\|)+\s*")


@dataclass(frozen=True, slots=True)
class Quote:
    """What files have for a question, and whether that answers it. What hardly does is pointed to, and not quoted."""

    text: str
    answers: Literal["surely", "likely", "hardly"]


@dataclass(frozen=True, slots=True)
class _Near:
    nearness: float
    hit: KnowledgeHit
    sentences: tuple[str, ...]
    place: int

    @property
    def around(self) -> str:
        """The sentence with the ones beside it."""
        return "".join(self.sentences[max(0, self.place - 1) : self.place + 2])


def quoted(asked: str, hits: Sequence[KnowledgeHit], language: Language) -> Quote | None:
    """What the passages have for a question; None where nothing in them is near."""
    near = sorted(_near(asked, hits), key=lambda one: -one.nearness)
    if not near or near[0].nearness < LEAST:
        return None
    best = near[0]
    fits = fit(asked, best.nearness, best.around, best.hit, hits)
    if fits < LIKELY[language]:
        return Quote(_LEAD[language].format(mark=f"[{best.hit.number}]"), "hardly")
    quotes = _quotes([one for one in near if one.nearness >= ALSO * best.nearness])
    # Of files that say little, one sentence stands out whatever it says: "How old is Ann?" is not answered by her name.
    is_sure = fits >= SURE and has_what_is_expected(asked, best.around)
    opening, answers = (_SAID, "surely") if is_sure else (_NEAREST, "likely")
    return Quote("\n\n".join((opening[language], *quotes, _BY_WORDS[language])), answers)


def not_there(language: Language) -> str:
    """What is said where the files were searched and have nothing."""
    return _NOT_THERE[language]


def _near(asked: str, hits: Sequence[KnowledgeHit]) -> Iterator[_Near]:
    wanted = question(asked)
    weights = wanted.weights
    whole = sum(weights.values())
    for hit in [hit for hit in hits if hit.number is not None][:_LOOKED_AT]:
        header = _header(_body(hit))
        said = tuple(sentences(_body(hit).removeprefix(header)))
        above = wanted.said_in(header)
        found = [above | wanted.said_in(sentence) for sentence in said]
        for place, there in enumerate(found):
            around = frozenset[str]().union(*found[max(0, place - 1) : place + 2])
            if there:
                share = sum(_IN_SENTENCE * weights[term] for term in there)
                share += sum(_AROUND * weights[term] for term in around)
                yield _Near(hit.score + share / whole, hit, said, place)


def _body(hit: KnowledgeHit) -> str:
    """The passage without the heading that it begins with, unless that is all."""
    heading = hit.headings[-1] if hit.headings else ""
    return hit.text.removeprefix(f"{heading}\n").lstrip("\n") or hit.text


def _header(text: str) -> str:
    """The first row of a table and the rule under it; empty where it is none."""
    lines = text.splitlines(keepends=True)
    return "".join(lines[:2]) if len(lines) > 2 and _RULE.fullmatch(lines[1]) else ""


def _quotes(near: Sequence[_Near]) -> Iterator[str]:
    """The best of these, and the best of another passage; one that says the same is another mark behind it."""
    marks: dict[str, list[int | None]] = {}
    told_of: set[int | None] = set()
    for one in near:
        told, number = _quote(one), one.hit.number
        if number not in told_of and (told in marks or len(marks) < MOST_QUOTED):
            marks.setdefault(told, []).append(number)
            told_of.add(number)
    for told, numbers in marks.items():
        yield told + "".join(f"[{number}]" for number in numbers)


def _quote(near: _Near) -> str:
    """The sentence with what follows it and stands before it, as far as there is room; of a table one row."""
    if header := _header(_body(near.hit)):
        return f"{header}{near.sentences[near.place].strip()}\n\n"
    first, end = _window(near.sentences, near.place)
    told = _SPECIAL.sub(r"\\\1", " ".join("".join(near.sentences[first:end]).split()))
    return f"> {told} "


def _window(said: Sequence[str], place: int) -> tuple[int, int]:
    first, end, size = place, place + 1, signs(said[place])
    while True:
        if end < len(said) and size + signs(said[end]) <= ROOM:
            size += signs(said[end])
            end += 1
        elif first and size + signs(said[first - 1]) <= ROOM:
            first -= 1
            size += signs(said[first])
        else:
            return first, end
