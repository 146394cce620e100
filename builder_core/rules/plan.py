"""The changes that a message asks for, gathered on top of the configuration as it is."""

from collections.abc import Sequence
from typing import Literal

from pydantic import JsonValue

from builder_core.past import Past
from builder_core.recommend import Offer, phrases_of, recommend
from user_agent.config import AgentConfig
from user_agent.words import Language, Words

TextField = Literal["name", "description", "instruction", "prologue"]
TEXT_FIELDS: tuple[TextField, ...] = ("description", "instruction", "prologue")
"""The texts that say what an agent can do."""


class Plan:
    """Edits of one turn. Only fields that a rule sets are named in `fields`; all others stay byte for byte."""

    def __init__(self, config: AgentConfig, catalogue: Sequence[Offer], past: Past) -> None:
        self._config = config
        self.past = past
        self.undo: list[str] = []
        """Earlier changes to take back, by their names in `past`."""
        self.catalogue = catalogue
        self.fields: dict[str, JsonValue] = {}
        self.proposed: list[str] = []
        self.ticks: dict[str, bool] = {}
        self.portrait: str | None = None
        """What a picture of the agent is to show, empty where nobody said; None where none is wanted."""
        self.service: dict[str, JsonValue] | None = None
        """The service outside that is to be proposed, as `connect_service` takes it; None where none is wanted."""
        self.looks_at_knowledge = False
        self.mends: list[str] = []
        """The problems of what the agent knows that are to be mended, by their ids."""
        self.language: Language = config.language
        """The language of the agent's texts, which an edit keeps to."""
        self.notes: list[Words] = []
        """What to say about wishes that no field or tool takes: where on the page it is done, what is missing."""
        self.asks = False
        """Whether one of the notes is a question, beside which no other is asked."""
        self.tones: list[str] = []
        """The tones of this turn, which go together: "friendly, but brief"."""

    def __bool__(self) -> bool:
        changes = self.fields or self.ticks or self.undo or self.service or self.mends
        return bool(changes) or self.looks_at_knowledge or self.portrait is not None

    def tell(self, note: Words) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def ask(self, question: Words) -> None:
        self.tell(question)
        self.asks = True

    @property
    def current(self) -> AgentConfig:
        """The configuration as the turn began."""
        return self._config

    @property
    def described(self) -> bool:
        """Whether there is an agent already that a wish can change."""
        return bool(self._config.instruction or self._config.description)

    def text(self, field: TextField) -> str:
        """The field as the edits so far leave it."""
        value = self.fields.get(field)
        return value if isinstance(value, str) else str(getattr(self._config, field))

    @property
    def set_by_hand(self) -> set[str]:
        """The texts that somebody filled in before the agent was described: a first description leaves them alone."""
        if self._config.instruction:
            return set()
        texts = {
            "name": self._config.name,
            "description": self._config.description,
            "prologue": self._config.prologue,
            "prompt_recommend": self._config.prompt_recommend,
        }
        return {field for field, value in texts.items() if value}

    @property
    def questions(self) -> list[str]:
        value = self.fields.get("prompt_recommend")
        return [str(item) for item in value] if isinstance(value, list) else list(self._config.prompt_recommend)

    @questions.setter
    def questions(self, value: Sequence[str]) -> None:
        self.fields["prompt_recommend"] = list[JsonValue](value)

    @property
    def enabled(self) -> set[str]:
        on = set(self._config.enabled_tools) | {tool for tool, tick in self.ticks.items() if tick}
        return on - {tool for tool, tick in self.ticks.items() if not tick}

    def tools_to_add(self, text: str) -> list[str]:
        """The tools that `text` means in so many words."""
        return [found.offer.tool.name for found in recommend(self.catalogue, text)]

    def tools_to_drop(self, text: str) -> list[str]:
        """The enabled tools that `text` means; where none of those is enabled, the one that it would mean."""
        meant = [
            offer.tool.name for offer in self.catalogue if offer.tool.name in self.enabled and recommend((offer,), text)
        ]
        unlisted = [tool for tool in self.enabled if tool.lower() == text.strip().lower()]
        return meant or unlisted or self.tools_to_add(text)[:1]

    def tool_words(self, tool_id: str) -> tuple[str, ...]:
        """What people say when they mean the tool."""
        return next((phrases_of(o.tool) for o in self.catalogue if o.tool.name == tool_id), (tool_id.lower(),))

    def start_over(self) -> None:
        """Empty every text and switch every tool off."""
        self.fields = {"name": "", "description": "", "instruction": "", "prologue": "", "prompt_recommend": []}
        self.ticks = dict.fromkeys(self._config.enabled_tools, False)
