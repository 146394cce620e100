"""What of a text is compared with other texts: its words, brought to a common form.

English words lose their endings and accents, names fall apart where their writer joined them (`getStockPrice`,
`stock_price`), and Chinese, which has no spaces, is read in pairs of neighbouring characters, traditional ones as
simplified. Letters and digits count as what they look like, whatever their width.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Protocol, cast

from user_agent.chinese import fold

_COMMON_WORDS = (
    "a about all also am an and any are as at be been being but by can could did do does for from get give given had "
    "has have help her here him his how i if in into is it its just let like me my need no not of on or our out over "
    "please s she so some t tell than that the their them then there these they this those to up us use using want was "
    "we were what when where which who whom whose why will with would you your"
)
COMMON = frozenset(_COMMON_WORDS.split())
"""English words that nearly every text has."""

_JOINED = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W\d_\u3400-\u9fff]+|\d+|[\u3400-\u9fff]+")
_GRAM_CHARS = 4


class _Stemmer(Protocol):
    """What is used of the library, which says nothing of its types."""

    def stemWord(self, word: str) -> str: ...


def words(text: str) -> list[str]:
    """The words of a text in their order, without those of `COMMON`."""
    found: list[str] = []
    for run in runs(text):
        if is_chinese(run):
            found += pairs(run)
        else:
            found.append(run)
    return found


def runs(text: str) -> Iterator[str]:
    """The words of a text as `words` gives them, but each stretch of Chinese as one."""
    if not text.isascii():
        text = fold(unicodedata.normalize("NFKC", text))
    for word in _WORD.findall(_JOINED.sub(" ", text).lower()):
        if is_chinese(word):
            yield word
        elif word not in COMMON:
            yield _stem(word)


def pairs(run: str) -> list[str]:
    """The neighbouring characters of a run of Chinese, two by two; a single one is its own pair."""
    return [run[at : at + 2] for at in range(max(1, len(run) - 1))]


def is_chinese(word: str) -> bool:
    return "\u3400" <= word[0] <= "\u9fff"


def grams(text: str) -> list[str]:
    """Pieces of the words, each of four characters, marked where a word begins and ends: they find what is spelled, or
    inflected, differently. Chinese has none, its pairs do the same."""
    return [piece for word in _plain(text) for piece in _pieces(f"^{word}$")]


def neighbours(found: Sequence[str]) -> list[str]:
    """Each word with the one that follows it."""
    return [f"{first} {second}" for first, second in pairwise(found)]


def _plain(text: str) -> Iterator[str]:
    for word in _WORD.findall(_JOINED.sub(" ", text).lower()):
        if word not in COMMON and not word.isdecimal() and not is_chinese(word):
            yield word


def _pieces(word: str) -> Iterator[str]:
    return (word[at : at + _GRAM_CHARS] for at in range(max(1, len(word) - _GRAM_CHARS + 1)))


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    if not word.isascii():
        parts = unicodedata.normalize("NFD", word)
        word = unicodedata.normalize("NFC", "".join(part for part in parts if not unicodedata.combining(part)))
    # Imported when there is something to search: it takes ten milliseconds. One for each word, as none is thread-safe.
    from snowballstemmer import english_stemmer  # pyright: ignore[reportMissingTypeStubs]

    stemmer = cast(_Stemmer, english_stemmer.EnglishStemmer())
    return stemmer.stemWord(word)
