"""How much of what a server says of its tools is read."""

MAX_LISTING_BYTES = 4_000_000
"""How much is read of all that a server says of its tools."""
MAX_KEPT_BYTES = 1_000_000
"""How much of one page goes on to the SDK."""
BIG_BYTES = 50_000
"""A page that is smaller goes on as it is: it is read in no time."""
MAX_TOOLS = 1_000
"""How many tools of a server are read."""


class Allowance:
    """What one listing may still take."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """A new listing."""
        self.left_bytes = MAX_LISTING_BYTES
        self.was_exceeded = False
        """Whether the server sent more than is read."""
        self.was_cut = False
        """Whether tools were left out of a page."""
