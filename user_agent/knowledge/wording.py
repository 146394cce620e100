"""What to search for a message: nothing for small talk, and for "and in 2023?" the question that it goes on with."""

import re
from collections.abc import Sequence

from user_agent.chinese import fold
from user_agent.lexical.terms import COMMON
from user_agent.models.rules.small_talk import courtesy, without_courtesies

MAX_QUERY_CHARS = 1_000
"""As much of a message is searched: what is asked stands at its beginning or at its end."""
MAX_BACK = 3
"""How many messages in a row may each go on with the one before."""

_ZH = re.compile(r"[\u3400-\u9fff]")
_ZH_LINK = re.compile(
    r"^(?:那么|那(?=[，,\d])|还有|另外|以及|换成|再|接着|然后|所以)[，,、]?|^那(?=.*呢\W*$)|呢[？?！!。\s]*$"
)
_ZH_POINTING = re.compile(
    r"^\W*(?:请问|那么?)?(?:该|此|其(?![他它中实余])|[这那][个些里儿种样])|(?<![和与及跟其])[它他她]|上面|上述|前面|刚才"
)
_EN_LINK = re.compile(
    r"^(?:and|but|or|so|then|also|what about|how about|what of|same for|in|for|since|on|at|by|with)\b", re.IGNORECASE
)
_EN_POINTING = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|that|those|this|these|there|one|ones|same|former|"
    r"latter|above)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*\s*年?")
_LONGEST_LINKED = 20
"""Characters of Chinese, in a message that goes on with another."""
_SHORT = 4
_FEW_WORDS = 7


def query_of(messages: Sequence[str]) -> str:
    """What to search for the last of a person's messages; empty where it asks for nothing."""
    said = messages[-1].strip() if messages else ""
    if not any(map(str.isalnum, said)) or courtesy(fold(said)):
        return ""
    return _bounded(_completed(messages, MAX_BACK))


def _completed(messages: Sequence[str], back: int) -> str:
    said = without_courtesies(messages[-1].strip())
    earlier = [text for text in messages[:-1] if not courtesy(fold(text.strip()))]
    if not (back and earlier and goes_on(said)):
        return said
    before = _completed(earlier, back - 1)
    if _NUMBER.search(said):
        # "And in 2023?" asks for another year, not for both.
        before = " ".join(_NUMBER.sub(" ", before).split())
    return f"{before} {_unlinked(said)}"


def goes_on(said: str) -> bool:
    """Whether a message says too little by itself, or points back."""
    if _ZH.search(said):
        signs = len(re.sub(r"\W", "", said))
        return signs <= _SHORT or (
            signs <= _LONGEST_LINKED and bool(_ZH_LINK.search(said) or _ZH_POINTING.search(said))
        )
    words = re.findall(r"[\w'’-]+", said.lower())
    telling = [word for word in words if word not in COMMON]
    if len(words) <= 2:
        return True
    linked = _EN_LINK.search(said) is not None and len(words) <= _FEW_WORDS
    return linked or (len(telling) <= 2 and _EN_POINTING.search(said) is not None)


def _unlinked(said: str) -> str:
    return _ZH_LINK.sub("", said) if _ZH.search(said) else _EN_LINK.sub("", said).strip()


def _bounded(text: str) -> str:
    half = MAX_QUERY_CHARS // 2
    return text if len(text) <= MAX_QUERY_CHARS else f"{text[:half]}\n{text[-half:]}"
