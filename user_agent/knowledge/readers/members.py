"""A file that lies in another one is read as any file, and where that fails the others are read all the same."""

from collections.abc import Iterator

from user_agent.knowledge.readers.kinds import kind_of, read
from user_agent.knowledge.readers.source import Note, Read, Source, Title, Unreadable

_HOLDING = ("archive", "mail")
_MAX_DEPTH = 1
"""How many of them may lie in each other, beside the first one."""
_OF_THE_WHOLE = ("members", "unpacks")
"""What holds for all members together: who goes beyond it gets no further."""


def read_member(source: Source, name: str, data: bytes) -> Iterator[Read]:
    """The member's pieces, or a note why it has none."""
    member = source.member_of_it(name, data)
    try:
        if member.depth > _MAX_DEPTH and kind_of(name, data) in _HOLDING:
            raise Unreadable("nested")
        for found in read(member):
            if not isinstance(found, Title):
                yield found
    except Unreadable as error:
        if error.why in _OF_THE_WHOLE:
            raise
        yield Note("member", {"name": member.shown, "why": error.why, **error.params})
    except MemoryError:
        raise
    except Exception:  # each parser has errors of its own for what is damaged
        yield Note("member", {"name": member.shown, "why": "broken"})
