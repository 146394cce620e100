"""An object of an export that remembers what was read of it, so that nothing in it goes missing unsaid."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import JsonValue

from user_agent.config import Document


@dataclass(slots=True)
class Given:
    """Fields of a file from outside. What is taken is taken once; `left` names what nobody took."""

    fields: Document
    place: str = ""
    """Where it is in the file, as a person finds it: `app`, `meta.knowledge[]`."""
    _taken: set[str] = field(default_factory=set[str])
    _theirs: set[str] = field(default_factory=set[str])
    _opened: dict[str, "list[Given]"] = field(default_factory=dict[str, "list[Given]"])

    def take(self, name: str) -> JsonValue:
        """The value of a field, which is told of by whoever takes it."""
        self._taken.add(name)
        return self.fields.get(name)

    def either(self, *names: str) -> JsonValue:
        """The first of these fields that says something. The others stay, unless they say the same."""
        name = next((name for name in names if says_something(self.fields.get(name))), names[0])
        value = self.take(name)
        self._taken |= {other for other in names if self.fields.get(other) == value}
        return value

    def at(self, name: str, place: str | None = None) -> "Given":
        """The object in a field; one without fields where there is none, and the field is then left."""
        value = self.fields.get(name)
        if not isinstance(value, dict):
            return Given({})
        if name not in self._opened:
            self._opened[name] = [Given(value, self._named(name) if place is None else place)]
        return self._opened[name][0]

    def each(self, name: str, place: str | None = None) -> "list[Given]":
        """The objects in a list. What else is in it is left."""
        value = self.fields.get(name)
        if not isinstance(value, list):
            return []
        if name not in self._opened:
            inner = f"{self._named(name)}[]" if place is None else place
            self._opened[name] = [Given(item, inner) for item in value if isinstance(item, dict)]
        return self._opened[name]

    def text(self, name: str) -> str:
        """The text in a field. Anything else is left."""
        value = self.fields.get(name)
        if not isinstance(value, str):
            return ""
        self._taken.add(name)
        return value

    def texts(self, name: str) -> list[str]:
        """The texts in a list. One that has anything else in it is left, for all that is used of it."""
        value = self.fields.get(name)
        items = value if isinstance(value, list) else []
        found = [item for item in items if isinstance(item, str) and item.strip()]
        if len(found) == len(items) and items:
            self._taken.add(name)
        return found

    def take_all(self) -> Document:
        """Every field at once."""
        self._taken |= self.fields.keys()
        return self.fields

    def leave(self, *names: str) -> None:
        """Say of fields that they mean something only where the file is from: ids, dates, where a box was drawn."""
        self._theirs |= set(names)

    def left(self, *, theirs: bool) -> Iterator[str]:
        """The places of what was not taken and says something: of what is of use only there, or of all the rest."""
        for name, value in self.fields.items():
            if name in self._taken or not says_something(value):
                continue
            if name in self._opened:
                for part in self._opened[name]:
                    yield from part.left(theirs=theirs)
                if isinstance(value, list) and any(not isinstance(item, dict) for item in value) and not theirs:
                    yield f"{self._named(name)}[]"
            elif (name in self._theirs) == theirs:
                yield self._named(name)

    def _named(self, name: str) -> str:
        return f"{self.place}.{name}" if self.place else name


@dataclass(frozen=True, slots=True)
class Exported:
    """A file from outside with the agents that are in it. Of the file, too, everything is taken or left."""

    root: Given
    agents: list[Given]

    def chosen(self, number: int) -> Given:
        """One of the agents. The others are offered by themselves, and so nothing of them is left."""
        for at, agent in enumerate(self.agents, 1):
            if at != number:
                agent.take_all()
        return self.agents[number - 1]


def entries_of(value: JsonValue, *wrappers: str) -> Exported:
    """The objects of a list, or in one of these fields of an object; else the object itself."""
    if isinstance(value, list):
        root = Given({"": value})
        return Exported(root, root.each("", place=""))
    root = Given(value if isinstance(value, dict) else {})
    for wrapper in wrappers:
        if entries := root.each(wrapper, place=""):
            return Exported(root, entries)
    return Exported(root, [root])


def says_something(value: JsonValue) -> bool:
    """Whether a value is more than an empty place."""
    return value is not None and value not in ("", [], {})
