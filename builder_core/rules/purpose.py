"""What an agent is for, as far as rules can read it from a description, and the texts that follow from it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from user_agent.words import Words

QUESTIONS = 4
"""How many suggested questions a new agent gets."""


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
    questions: tuple[str, ...]


SAMPLE_QUESTIONS: Mapping[str, Words] = {
    "weather": Words("杭州这个周末天气怎么样？", "What is the weather like in Hangzhou this weekend?"),
    "amap_weather": Words("北京市海淀区今天天气如何？", "What is the weather in Beijing today?"),
    "current_time": Words("现在伦敦几点了？", "What time is it in London now?"),
    "calculator": Words(
        "2480 元打八五折后再三个人平分，每人多少？", "How much is 2,480 less 15%, split between three?"
    ),
    "RenewInstance": Words(
        "帮我把 ECS 实例 i-rj90a7e840y5cde 续费 10 个月", "Renew my ECS instance i-rj90a7e840y5cde for 10 months"
    ),
}
"""A question that shows a tool, by tool id."""


TOOL_NAMES: Mapping[str, Words] = {
    "weather": Words("天气", "Weather"),
    "amap_weather": Words("天气", "Weather"),
    "current_time": Words("时间", "Time"),
    "calculator": Words("计算", "Calculation"),
    "RenewInstance": Words("续费", "Renewal"),
}
"""What an agent is named after that is known by its tool alone."""


def four(*groups: Sequence[str]) -> tuple[str, ...]:
    """The first different questions of these groups, as many as a new agent gets."""
    return tuple(dict.fromkeys(question for group in groups for question in group if question))[:QUESTIONS]
