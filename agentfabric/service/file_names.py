"""What a file is called that a person takes along."""

import re

_LONGEST_NAME_CHARS = 60
_NOT_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f\s.\u200e\u200f\u202a-\u202e\u2066-\u2069]+')
"""What no system takes, what ends a name, and what would have it read in another order."""


def file_name(name: str, kind: str) -> str:
    """A name that every system takes: what the file is about, as far as it may be called so, before its kind."""
    allowed = _NOT_IN_FILE_NAMES.sub(" ", name)[:_LONGEST_NAME_CHARS].strip()
    return f"{allowed}.{kind}" if allowed else kind
