"""What the builder says that it changed is what the store holds, whatever the model says and the store does."""

import json
import random
from collections.abc import Sequence
from typing import Literal

import pytest
from pydantic import JsonValue

from builder_core.builder import Builder
from builder_core.draft import Change, ConfigPatch, FieldChange
from builder_core.events import ConfigChanged
from builder_core.recommend import offers
from tests.fakes.draft import MemoryDraft
from user_agent.config import AgentConfig, Document
from user_agent.errors import FabricError, StorageFailed
from user_agent.events import ToolFinished
from user_agent.messages import user_message
from user_agent.models.base import Chunk
from user_agent.models.scripted import Reply, ScriptedModel, calls
from user_agent.net import Http
from user_agent.tools.registry import all_tools

Fault = Literal["none", "lost", "delayed", "half", "fails before", "fails after", "claims more", "by hand"]
FAULTS: Sequence[Fault] = (
    *("none", "lost", "delayed", "half", "fails before", "fails after"),
    *("claims more", "by hand"),
)
START: Document = {
    "name": "Trip",
    "description": "Plans trips.",
    "instruction": "Plan trips.\n- Ask first.\n",
    "prologue": "Hi!",
    "prompt_recommend": ["Where to?"],
    "language": "en",
    "tools": {},
    "odd": [1, 2.5, None],
}
LIES = (
    "Done! I renamed it to Zed and added ten tools.",
    "已经改好了：名称、头像和模型都换了。",
    "",
    "Nothing changed.",
)
TURNS = 500


class UnreliableDraft(MemoryDraft):
    """A store that loses, delays, halves and fails writes, and lies about them; and a person who writes meanwhile."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__(START)
        self._chance = chance
        self._late: list[ConfigPatch] = []
        self._looks_left = 0

        self.log: list[tuple[str, JsonValue, JsonValue]] = []
        """What really became of the store: field, before, after; by hand too."""

    async def current(self) -> AgentConfig:
        if self._late and self._looks_left <= 0:
            await self._really(self._late.pop())
        self._looks_left -= 1
        return self.config

    async def _really(self, patch: ConfigPatch) -> Change:
        change = await super().apply(patch)
        self.log += [(item.field, item.before, item.after) for item in change.changes]
        return change

    async def apply(self, patch: ConfigPatch) -> Change:
        fault = self._chance.choice(FAULTS) if patch.fields else "none"
        before = self.config
        match fault:
            case "none":
                return await self._really(patch)
            case "lost":
                change = await super().apply(patch)
                self.config = before
                return change
            case "delayed":
                change = await super().apply(patch)
                self.config = before
                self._late.append(patch)
                self._looks_left = self._chance.randint(1, 3)
                return change
            case "half":
                change = await super().apply(patch)
                kept = dict(list(patch.fields.items())[: len(patch.fields) // 2])
                self.config = before
                await self._really(ConfigPatch.model_validate(kept))
                return change
            case "fails before":
                raise StorageFailed("The database does not work just now.")
            case "fails after":
                await self._really(patch)
                raise StorageFailed("The database does not work just now.")
            case "claims more":
                change = await self._really(patch)
                more = FieldChange(field="model", before="", after="attacker/gpt", author="user", id="x")
                return change.model_copy(update={"changes": (*change.changes, more)})
            case "by hand":
                change = await self._really(patch)
                written = f"by hand {self._chance.random()}"
                self.log.append(("prologue", self.config.prologue, written))
                self.config = self.config.replaced({"prologue": written})
                return change


def script(chance: random.Random) -> list[Reply]:
    replies: list[Reply] = []
    for _ in range(chance.randint(0, 3)):
        wanted: list[tuple[str, str]] = []
        for _ in range(chance.randint(1, 2)):
            if chance.random() < 0.3:
                tool = chance.choice(["weather", "calculator", "current_time", "no_such_tool"])
                wanted.append(("choose_tools", json.dumps({chance.choice(["enable", "disable"]): [tool]})))
            else:
                wanted.append(("update_agent", json.dumps(_fields(chance))))
        replies.append(calls(*wanted, text=chance.choice(LIES)))
    return [*replies, chance.choice(LIES) or Chunk(text="", finish="stop")]


def _fields(chance: random.Random) -> dict[str, JsonValue]:
    values: dict[str, JsonValue] = {
        "name": chance.choice(["Max", "Zed", "Trip", "小旅"]),
        "description": chance.choice(["Plans trips.", "Plans weekends."]),
        "instruction": chance.choice(["Be brief.", "Plan trips.\n- Ask first.\n- Check the weather.\n"]),
        "prologue": chance.choice(["Hi!", "Ahoy!"]),
        "prompt_recommend": chance.choice([["Where to?"], ["Why?", "When?"]]),
    }
    return {field: values[field] for field in chance.sample(list(values), chance.randint(1, 3))}


def held(config: AgentConfig, field: str) -> JsonValue:
    return field.removeprefix("tools.") in config.enabled_tools if "." in field else config.document.get(field)


@pytest.mark.parametrize("part", range(10))
async def test_no_claim_is_false_in_500_turns(part: int) -> None:
    claimed = 0
    for seed in range(part * TURNS // 10, (part + 1) * TURNS // 10):
        chance = random.Random(seed)
        draft = UnreliableDraft(chance)
        claims: list[tuple[str, JsonValue, JsonValue]] = []
        async with Http() as http:
            builder = Builder(ScriptedModel(script(chance)), http, offers(all_tools(), {}), language="en")
            told_at_all = False
            async for event in builder.turn(draft, [user_message("Change something about it, and add tools.")]):
                if isinstance(event, ConfigChanged):
                    told_at_all = True
                    for change in event.changes:
                        claims.append((change.field, change.before, change.after))
                        assert held(AgentConfig.from_document(event.config), change.field) == change.after, seed
            assert told_at_all, seed
            _check(claims, draft, seed)
            claimed += len(claims)
    assert claimed > 20, "the script must change something at all"


def _check(claims: Sequence[tuple[str, JsonValue, JsonValue]], draft: UnreliableDraft, seed: int) -> None:
    """Each claim is a stretch of what really happened to its field; and what stands in the end was claimed."""
    for field, before, after in claims:
        values = [START.get(field, False), *(now for name, _, now in draft.log if name == field)]
        assert before in values, (seed, field)
        assert after in values[1:], (seed, field)
        assert values.index(before) < len(values) - 1 - values[::-1].index(after), (seed, field)
    for field in {name for name, _, _ in draft.log}:
        stands = held(draft.config, field)
        if stands != START.get(field, False) and not str(stands).startswith("by hand"):
            assert stands in [after for name, _, after in claims if name == field], (seed, field)


async def test_a_lost_write_is_told_as_not_stored() -> None:
    class Losing(MemoryDraft):
        async def apply(self, patch: ConfigPatch) -> Change:
            before = self.config
            change = await super().apply(patch)
            self.config = before
            return change

    draft = Losing(START)
    model = ScriptedModel([calls(("update_agent", '{"name": "Max"}')), "I renamed it to Max."])
    async with Http() as http:
        builder = Builder(model, http, offers(all_tools(), {}), language="en")
        events = [event async for event in builder.turn(draft, [user_message("call it Max")])]
    [told] = [event for event in events if isinstance(event, ConfigChanged)]
    assert told.changes == ()
    assert [(item.field, item.why) for item in told.refused] == [("name", "the store does not hold it")]
    [answer] = [event.output for event in events if isinstance(event, ToolFinished)]
    assert json.loads(answer)["changed"] == {}


async def test_a_write_that_comes_late_is_told_when_it_is_there() -> None:
    class Late(MemoryDraft):
        late: ConfigPatch | None = None

        async def apply(self, patch: ConfigPatch) -> Change:
            if not patch.fields and self.late is not None:
                late, self.late = self.late, None
                return await super().apply(late)
            before = self.config
            change = await super().apply(patch)
            if patch.fields:
                self.config, self.late = before, patch
            return change

    model = ScriptedModel([calls(("update_agent", '{"name": "Max"}')), "Renamed."])
    async with Http() as http:
        builder = Builder(model, http, offers(all_tools(), {}), language="en")
        events = [event async for event in builder.turn(Late(START), [user_message("call it Max")])]
    told = [event for event in events if isinstance(event, ConfigChanged)]
    assert [[item.field for item in event.changes] for event in told] == [[], ["name"]]


@pytest.mark.parametrize("error", [StorageFailed("The database does not work just now.")])
async def test_a_write_that_failed_after_it_was_stored_is_told_in_the_end(error: FabricError) -> None:
    class Failing(MemoryDraft):
        async def apply(self, patch: ConfigPatch) -> Change:
            change = await super().apply(patch)
            if patch.fields:
                raise error
            return change

    model = ScriptedModel([calls(("update_agent", '{"name": "Max"}')), "It did not work."])
    async with Http() as http:
        builder = Builder(model, http, offers(all_tools(), {}), language="en")
        events = [event async for event in builder.turn(Failing(START), [user_message("call it Max")])]
    [told] = [event for event in events if isinstance(event, ConfigChanged)]
    assert [(item.field, item.after) for item in told.changes] == [("name", "Max")]
