"""Where the JSON that a model writes ends, found as it comes."""

_OPENING, _CLOSING = "{[", "}]"
_BEFORE_A_STRING = "{[,:"


class Brackets:
    """Follows a value from its opening bracket on, one character at a time.

    Strings hide brackets, in single quotes too: those begin a string only where one can stand, because apostrophes are
    everywhere. Comments hide them likewise.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._quote = ""
        self._escaped = False
        self._comment = ""
        """How the present comment began: `//` or `/*`."""
        self._previous = ""
        self._significant = ""
        """The last character that is not white."""

    @property
    def in_string(self) -> bool:
        return bool(self._quote)

    def ends_with(self, character: str) -> bool:
        """Whether the value is whole with this character. Feed them in order, and none after the last."""
        if self._escaped:
            self._escaped = False
        elif self._quote:
            self._in_string(character)
        elif self._comment:
            self._in_comment(character)
        else:
            self._between(character)
        self._previous = character
        if not character.isspace() and not self._comment:
            self._significant = character
        return self._depth == 0

    def _in_string(self, character: str) -> None:
        if character == "\\":
            self._escaped = True
        elif character == self._quote:
            self._quote = ""

    def _in_comment(self, character: str) -> None:
        if (self._comment == "//" and character == "\n") or (
            self._comment == "/*" and self._previous + character == "*/"
        ):
            self._comment = ""

    def _between(self, character: str) -> None:
        if character == '"' or (character == "'" and self._significant in _BEFORE_A_STRING):
            self._quote = character
        elif character in _OPENING:
            self._depth += 1
        elif character in _CLOSING:
            self._depth -= 1
        elif self._previous == "/" and character in "/*":
            self._comment = "/" + character
