"""The marks of the text protocol: how they are written, and whether what has come so far may still become one.

A stream may be cut anywhere, so each mark comes as two patterns: one that finds it, and one that what is there of it
matches whole, for as long as nothing else has followed.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Literal

Mark = Literal["action", "input", "observation", "answer", "final", "thought"]

STOP = "\nObservation:"
"""Where a model is to stop: what would follow is a tool's result, and that is not its to write."""

RESULT, RESULT_END = "<result>", "</result>"

_WORDS: dict[Mark, tuple[str, ...]] = {
    "input": (*"Action", "[ \t]{1,2}", "[Ii]", *"nput"),
    "action": tuple("Action"),
    "observation": tuple("Observation"),
    "final": (*"Final", "[ \t]{1,2}", "[Aa]", *"nswer"),
    "answer": tuple("Answer"),
    "thought": tuple("Thought"),
}
# Models set marks in bold, make headings and list items of them, number them, and use the colon of their language.
_BEFORE = r"[ \t]{0,40}[*#_-]{0,4}[ \t]{0,4}"
_COLON = ("[*_]{0,3}", r"(?:[ \t]{0,2}\d{1,2})?", "[*_ \t]{0,4}", "[:：]")
_AFTER = r"[*_]{0,3}[ \t]{0,40}"


def _partly(atoms: Sequence[str]) -> str:
    """A pattern of everything that the sequence of `atoms` begins with, from nothing to all of it."""
    pattern = ""
    for atom in reversed(atoms):
        pattern = f"(?:{atom}{pattern})?"
    return pattern


def _any_of(patterns: Iterable[str]) -> str:
    return "(?:" + "|".join(patterns) + ")"


MARK = re.compile(
    _BEFORE + _any_of(f"(?P<{mark}>{''.join((*word, *_COLON))})" for mark, word in _WORDS.items()) + _AFTER
)
"""A mark at the beginning of a line. The name of the group that matched is the mark."""

_PARTS = {mark: _BEFORE + _partly((*word, *_COLON)) for mark, word in _WORDS.items()}
MARK_BEGUN = re.compile(_any_of(_PARTS.values()))
"""What a line that may become a mark looks like so far."""
OBSERVATION_BEGUN = re.compile(_PARTS["observation"])
INPUT_BEGUN = re.compile(_PARTS["input"])

_HEADS = (r"`{3}[\w-]{0,20}", r"(?:[*#_]{0,4}[ \t]?)(?:工具调用|Tool Invocation)[*_]{0,3}[:：]?")
HEAD = re.compile(r"[ \t]{0,8}" + _any_of(_HEADS) + r"[ \t]{0,8}\r?\n")
"""A line that says nothing where a call follows it: the opening of a code block, or the prompt's own words."""
HEAD_BEGUN = re.compile(
    r"[ \t]{0,8}"
    + _any_of(
        (
            _partly(("`", "`", "`", r"[\w-]{0,20}", r"[ \t]{0,8}", "\r")),
            *(
                _partly(("[*#_]{0,4}[ \t]?", *word, "[*_]{0,3}", "[:：]?", r"[ \t]{0,8}", "\r"))
                for word in ("工具调用", "Tool Invocation")
            ),
        )
    )
)

FENCE_BEGUN = re.compile("`{1,2}")

INSIDE = re.compile(
    r"(?P<action>Action[*_ \t]{0,3}[:：][*_ \t\"`]{0,4})|(?P<observation>Observation[ \t]?[:：]\s{0,2}<result>)"
)
"""A mark within a line: an action counts where a tool's name follows it, an observation where a result does."""
INSIDE_BEGUN = re.compile(
    _any_of(
        (
            _partly((*"Action", "[*_ \t]{0,3}", "[:：]", '[*_ \t"`]{0,4}')),
            _partly((*"Observation", "[ \t]?", "[:：]", r"\s{0,2}", *RESULT)),
        )
    )
)

IN_THOUGHT = re.compile(_any_of(f"(?P<{mark}>{''.join((*word, *_COLON))})" for mark, word in _WORDS.items()))
"""A mark within a line of thinking. Nobody is shown that line, so any mark ends it."""
IN_THOUGHT_BEGUN = re.compile(_any_of(_partly((*word, *_COLON)) for word in _WORDS.values()))

NOTHING = frozenset({"none", "null", "n/a", "na", "no", "nothing", "无", "没有", "不需要", "无需"})
"""What models write where the format leaves a place and they have nothing to put there."""


def mark_of(found: re.Match[str]) -> Mark:
    """Which mark was found."""
    return next(mark for mark in _WORDS if mark in found.re.groupindex and found[mark] is not None)
