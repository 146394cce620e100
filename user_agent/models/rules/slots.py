"""What a conversation has said so far, and what a topic makes of the next message."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import JsonValue

from user_agent.models.rules.days import When
from user_agent.models.rules.tokens import Utterance
from user_agent.words import Words

TopicName = Literal["renewal", "arithmetic", "weather", "time"]
Facts = dict[str, JsonValue]
"""What a call needs, under names of the topic's own; a rule maps them to a tool's parameters."""


@dataclass(frozen=True, slots=True)
class Slots:
    """The state of a conversation: what it is about, and what is known of it. Each message is folded into it."""

    topics: tuple[TopicName, ...] = ()
    places: tuple[str, ...] = ()
    when: When | None = None
    instances: tuple[str, ...] = ()
    months: tuple[int, ...] = ()
    expression: str = ""
    asked: TopicName | None = None
    """The topic whose question back is open: the next message fills its slot."""

    def about(self, topic: TopicName) -> bool:
        return topic in self.topics


@dataclass(frozen=True, slots=True)
class Reading:
    """What a topic found in a message: calls to make, or a question back, or why it cannot be answered.

    `notes` are told with the results: what of the question they do not answer.
    """

    slots: Slots
    calls: tuple[Facts, ...] = ()
    ask: Words | None = None
    says: Words | None = None
    notes: tuple[Words, ...] = ()


Reader = Callable[[Utterance, Slots], Reading | None]
"""What one topic reads in a message; None where it is none of its."""


@dataclass(frozen=True, slots=True)
class Topic:
    """Something people ask for.

    `reads` takes a message that names it; `continues` one that only fills or changes a slot of it, after it was spoken
    of; `named` are the words by which people ask whether it can be done at all.
    """

    name: TopicName
    label: Words
    example: Words
    named: str
    reads: Reader
    continues: Reader


def filled(words: Words, **values: str) -> Words:
    """The words with the same values in both languages."""
    return Words(zh=words.zh.format(**values), en=words.en.format(**values))


def asking(topic: TopicName, slots: Slots, question: Words) -> Reading:
    """A question back, whose answer the next message is."""
    return Reading(replace(slots, topics=(topic,), asked=topic), ask=question)


def refusing(slots: Slots, reason: Words) -> Reading:
    return Reading(replace(slots, asked=None), says=reason)
