"""What an agent is for, as far as rules can read it from a description, and the texts that follow from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from user_agent.words import Words


@dataclass(frozen=True, slots=True)
class Purpose:
    """A description taken apart, each part in the person's words. Empty where it was not said."""

    name: str = ""
    """A name that was given in so many words."""
    role: str = ""
    """What the agent is: "English tutor", "旅行助手"."""
    tasks: tuple[str, ...] = ()
    """What it does, each as a verb phrase: "plan weekend trips", "查天气"."""
    topic: str = ""
    persona: str = ""
    """Somebody in particular whose part it plays: "Yoda", "鲁迅"."""
    audience: str = ""
    wish: str = ""
    """The person's own words, where they ask for an agent and nothing else could be read."""
    details: str = ""
    """The rest of what was said."""

    def __bool__(self) -> bool:
        return bool(self.role or self.tasks or self.topic or self.persona or self.audience or self.wish)

    def each(self, change: Callable[[str], str]) -> "Purpose":
        """The same with every part changed in the same way."""
        return Purpose(
            name=change(self.name),
            role=change(self.role),
            tasks=tuple(change(task) for task in self.tasks),
            topic=change(self.topic),
            persona=change(self.persona),
            audience=change(self.audience),
            wish=change(self.wish),
            details="\n".join(change(line) for line in self.details.split("\n")),
        )


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of a new agent."""

    name: str
    description: str
    instruction: str
    prologue: str


TOOL_NAMES: Mapping[str, Words] = {
    "weather": Words("天气", "Weather"),
    "amap_weather": Words("天气", "Weather"),
    "current_time": Words("时间", "Time"),
    "calculator": Words("计算", "Calculation"),
    "RenewInstance": Words("续费", "Renewal"),
}
"""What an agent is named after that is known by its tool alone."""
