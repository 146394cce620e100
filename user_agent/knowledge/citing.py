"""Which passages an answer cites: numbers in brackets, as the prompt asks for them and as models write them."""

import re

MARK = re.compile(r"(?:\[\^?|【)\s*[1-9]\d{0,2}(?:\s*[,，、;；]\s*[1-9]\d{0,2})*\s*(?:†[^】\n]{0,80})?[\]】](?!\()")
"""`[1]`, `[1, 2]`, `【1】`, `[^1]`; not the text of a link. `static/chat/citations.js` reads the same."""
_SPACED_MARK = re.compile(rf"[^\S\n]*{MARK.pattern}")
_NUMBER = re.compile(r"[1-9]\d*")
_CODE = re.compile(r"^(`{3,}|~{3,}).*?(?:^\1|\Z)|(`+)(?!`).+?(?<!`)\2(?!`)", re.MULTILINE | re.DOTALL)


def cited(answer: str) -> frozenset[int]:
    """The numbers that an answer names outside of code. Not each of them needs to be a passage's."""
    marks = MARK.findall(_CODE.sub("", answer))
    return frozenset(int(number) for mark in marks for number in _NUMBER.findall(mark))


def without_marks(answer: str, numbers: frozenset[int]) -> str:
    """The answer without its citations of these passages: what is said later numbers others."""
    pieces: list[str] = []
    at = 0
    for code in _CODE.finditer(answer):
        pieces += [_unmarked(answer[at : code.start()], numbers), code.group()]
        at = code.end()
    return "".join((*pieces, _unmarked(answer[at:], numbers)))


def without_numbers(passages: str) -> str:
    """The passages as a model was shown them, under no number."""
    return re.sub(r'<passage number="\d+"', "<passage", passages)


def _unmarked(text: str, numbers: frozenset[int]) -> str:
    def left(mark: re.Match[str]) -> str:
        named = {int(number) for number in _NUMBER.findall(mark.group())}
        return "" if named <= numbers else mark.group()

    return _SPACED_MARK.sub(left, text)
