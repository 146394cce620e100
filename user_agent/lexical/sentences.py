"""Where sentences end, in Chinese and English."""

import re
from collections.abc import Iterator

# Each run of marks is looked at once, from its beginning: a million dots must not cost their square.
_END = re.compile(
    r"(?:[。！？｡…]++[”’」』）》】\"')\]]*+"  # Chinese ends a sentence wherever it stands
    r"|(?<![.!?])[.!?]++[\"'”’)\]]*+(?=\s++[^\sa-z])"  # English before a space, unless a small letter follows
    r"|(?<![.!?])[!?]++[”’」』）\"')\]]*+(?=[\u3400-\u9fff])"
    r"|\n)\s*+"
)
_ABBREVIATED = re.compile(
    r"(?:\b(?:[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|Gen|Col|Capt|Lt|Rev|Hon|No|Nos|Fig|Figs|Eq|vs|etc|cf|al|ed|eds|vol|"
    r"pp|approx|Inc|Ltd|Co|Corp|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)|\.[A-Za-z])$"
)
_LONGEST_ABBREVIATION = 8


def sentence_ends(text: str) -> Iterator[int]:
    """The places after each sentence, its closing marks and the space behind it; the last is the text's end."""
    end = 0
    for found in _END.finditer(text):
        mark = found.start()
        if found[0][0] == "." and _ABBREVIATED.search(text, max(0, mark - _LONGEST_ABBREVIATION), mark):
            continue
        end = found.end()
        yield end
    if end < len(text):
        yield len(text)


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text with the space behind each: joined, they are the text."""
    start = 0
    for end in sentence_ends(text):
        yield text[start:end]
        start = end
