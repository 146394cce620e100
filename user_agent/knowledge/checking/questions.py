"""Questions that a passage should answer, made of its own words by rules: a test whether it can be found at all."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from user_agent.lexical.sentences import sentences
from user_agent.lexical.terms import COMMON, is_chinese, words

MOST_CHARS = 24
"""Of a question in Chinese."""
MOST_WORDS = 6
"""Of a question in English."""

_CLAUSE = re.compile(r"[，、；：,;:（）()|\n]+")
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_WORD = re.compile(r"[^\W\d_]{2,}")


def rarity_of(texts: Sequence[str]) -> Mapping[str, int]:
    """In how many of the passages each word stands."""
    return Counter(word for text in texts for word in set(words(text)))


def question_of(text: str, rarity: Mapping[str, int]) -> str:
    """What a person might ask who half remembers the passage; "" where it says too little to be asked for.

    It holds no numbers: those are what a person wants to know.
    """
    best, most = "", 0.0
    for sentence in sentences(text):
        for clause in _CLAUSE.split(sentence):
            asked = _asked(clause, rarity)
            said = set(words(asked))
            weight = sum(1 / (1 + rarity.get(word, 0)) for word in said)
            if len(said) > 1 and weight > most:
                best, most = asked, weight
    return best


def _asked(clause: str, rarity: Mapping[str, int]) -> str:
    chinese = "".join(_CHINESE.findall(clause))
    if chinese:
        return chinese[:MOST_CHARS]
    said = [word for word in _WORD.findall(clause) if word.lower() not in COMMON and not is_chinese(word)]
    kept = sorted(range(len(said)), key=lambda at: rarity.get(_common_form(said[at]), 0))[:MOST_WORDS]
    return " ".join(said[at] for at in sorted(kept))


def _common_form(word: str) -> str:
    return next(iter(words(word)), word)
