"""Words for people, in both languages that the product speaks."""

from dataclasses import dataclass
from typing import Literal, NoReturn

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Words:
    """The same words for people of both languages: `words[language]`."""

    zh: str
    en: str

    def __getitem__(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en

    def __iter__(self) -> NoReturn:
        # Without this, Python asks for [0], [1], … where somebody writes `x in words`, and gets an answer for ever.
        raise TypeError("Words are no sequence: say which language is meant.")


NOTHING = Words("", "")
FREE = Words("免费", "Free")
"""What a tool costs that asks nobody who charges."""
