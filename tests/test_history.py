"""The past of an agent in the store: who set what, taking changes back, locks, versions."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from agentfabric.store.agents import AgentStore, Edited, StoredAgent
from agentfabric.store.database import Database
from agentfabric.store.history import HistoryStore
from agentfabric.store.versions import VersionStore
from agentfabric.store.writing import Source
from builder_core.draft import CLASHES, LOCKED, Author, FieldChange
from user_agent.config import AgentConfig, Document
from user_agent.errors import NotFound

RULES = "You plan trips.\n- Ask first.\n"


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2026, 11, 27, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def pass_(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@dataclass
class Kept:
    """One agent with everything that is kept of it."""

    agents: AgentStore
    past: HistoryStore
    versions: VersionStore
    clock: Clock
    id: str

    async def write(
        self, author: Author = "form", *, turn: str | None = None, said: str = "", **fields: object
    ) -> Edited:
        changes: Document = fields  # pyright: ignore[reportAssignmentType]
        source = Source(turn=turn, said=said)
        return await self.agents.edit(
            "ann", self.id, lambda old: old.replaced(changes), author_of=lambda _: author, source=source
        )

    async def now(self) -> StoredAgent:
        return await self.agents.get("ann", self.id)

    async def undo(self, *changes: FieldChange) -> Edited:
        return await self.past.undo("ann", self.id, [change.id for change in changes], source=Source())


@pytest.fixture
async def kept(database_url: str) -> AsyncIterator[Kept]:
    database, clock = Database(database_url), Clock()
    await database.open()
    agents = AgentStore(database, clock=clock)
    config = AgentConfig.from_document({"name": "Trip", "instruction": RULES, "odd": [1, 2.50]})
    agent = await agents.create("ann", config, "import")
    yield Kept(agents, HistoryStore(database, clock=clock), VersionStore(database, clock=clock), clock, agent.id)
    await database.close()


async def test_every_field_knows_who_set_it_and_for_which_message(kept: Kept) -> None:
    await kept.write("builder", turn="t1", said="call it something nice", name="Wayfinder")
    await kept.write("user", turn="t2", said="say hello", prologue="Hello!")
    marks = (await kept.now()).marks
    told = {field: (mark.author, mark.turn, mark.said) for field, mark in marks.items()}
    assert told == {
        "instruction": ("import", None, ""),
        "odd": ("import", None, ""),
        "name": ("builder", "t1", "call it something nice"),
        "prologue": ("user", "t2", "say hello"),
    }


async def test_a_proposal_is_accepted_until_the_field_is_set_again(kept: Kept) -> None:
    [change] = (await kept.write("builder", turn="t1", name="Wayfinder")).change.changes
    accepted = await kept.past.accept("ann", kept.id, [change.id])
    assert accepted.agent.marks["name"].accepted
    assert [item.accepted for item in await kept.past.changes("ann", kept.id)] == [True]
    await kept.write("builder", turn="t2", name="Voyager")
    assert not (await kept.now()).marks["name"].accepted


async def test_undo_takes_one_change_back_and_keeps_what_came_later(kept: Kept) -> None:
    added = (await kept.write("builder", turn="t1", instruction=f"{RULES}- Check the weather.\n")).change.changes
    await kept.write("user", turn="t2", name="Max", instruction=f"{RULES}- Check the weather.\n- Be formal.\n")
    undone = await kept.undo(*added)
    assert undone.agent.config.instruction == f"{RULES}- Be formal.\n"
    assert undone.agent.config.name == "Max"
    assert undone.agent.marks["instruction"].author == "undo"
    assert [(item.field, item.author) for item in undone.change.changes] == [("instruction", "undo")]


async def test_undo_brings_back_who_had_set_the_field(kept: Kept) -> None:
    named = (await kept.write("builder", turn="t1", name="Wayfinder")).change.changes
    undone = await kept.undo(*named)
    assert undone.agent.config.name == "Trip"
    assert undone.agent.marks["name"].author == "import"
    assert [item.undone for item in await kept.past.changes("ann", kept.id) if item.id == named[0].id] == [True]


async def test_undo_of_an_undo_makes_the_change_hold_again(kept: Kept) -> None:
    named = (await kept.write("builder", turn="t1", name="Wayfinder")).change.changes
    again = await kept.undo(*(await kept.undo(*named)).change.changes)
    assert again.agent.config.name == "Wayfinder"
    assert again.agent.marks["name"].author == "builder"
    assert [item.undone for item in await kept.past.changes("ann", kept.id) if item.id == named[0].id] == [False]


async def test_a_whole_turn_is_undone_with_what_clashes_told(kept: Kept) -> None:
    await kept.write("builder", turn="t1", name="Wayfinder", description="Plans trips.")
    await kept.write("builder", turn="t1", tools={"weather": {"use": True, "is_active": True, "note": "kept"}})
    await kept.write("form", name="By hand")
    undone = await kept.past.undo("ann", kept.id, turn="t1", source=Source())
    assert undone.agent.config.description == ""
    assert undone.agent.config.enabled_tools == ()
    assert undone.agent.config.name == "By hand"
    [refusal] = undone.change.refused
    assert (refusal.field, refusal.why) == ("name", CLASHES)
    assert refusal.clash is not None
    assert (refusal.clash.wanted, refusal.clash.current) == ("Trip", "By hand")
    left = {item.field: item.undone for item in await kept.past.changes("ann", kept.id) if item.turn == "t1"}
    assert left == {"name": False, "description": True, "tools.weather": True}


async def test_undo_twice_changes_nothing_more(kept: Kept) -> None:
    named = (await kept.write("builder", turn="t1", name="Wayfinder")).change.changes
    first, second = await kept.undo(*named), await kept.undo(*named)
    assert (second.agent.revision, second.change.changes) == (first.agent.revision, ())


@pytest.mark.parametrize("ids", [["0" * 24], ["x"], [""]])
async def test_a_change_of_nobody_or_of_another_agent_is_not_found(kept: Kept, ids: list[str]) -> None:
    other = await kept.agents.create("ann", AgentConfig.from_document({"name": "x"}), "form")
    with pytest.raises(NotFound):
        await kept.past.undo("ann", kept.id, ids, source=Source())
    [change] = (await kept.write(name="Max")).change.changes
    with pytest.raises(NotFound):
        await kept.past.undo("ann", other.id, [change.id], source=Source())
    with pytest.raises(NotFound):
        await kept.past.undo("bob", kept.id, [change.id], source=Source())
    with pytest.raises(NotFound):
        await kept.past.undo("ann", kept.id, turn="never", source=Source())


async def test_a_locked_field_never_changes_whoever_writes(kept: Kept) -> None:
    [named] = (await kept.write("builder", turn="t1", name="Wayfinder")).change.changes
    locked = await kept.past.lock("ann", kept.id, "name", locked=True)
    assert locked.agent.locks == ("name",)
    for author in ("builder", "user", "form", "api", "import"):
        edited = await kept.write(author, name="Other", prologue=f"by {author}")
        assert [(item.field, item.why) for item in edited.change.refused] == [("name", LOCKED)]
        assert (edited.agent.config.name, edited.agent.config.prologue) == ("Wayfinder", f"by {author}")
    undone = await kept.undo(named)
    assert (undone.agent.config.name, [item.why for item in undone.change.refused]) == ("Wayfinder", [LOCKED])
    restored = await kept.versions.restore("ann", kept.id, 1)
    assert (restored.agent.config.name, restored.agent.config.prologue) == ("Wayfinder", "")
    await kept.past.lock("ann", kept.id, "name", locked=False)
    assert (await kept.undo(named)).agent.config.name == "Trip"


async def test_a_lock_keeps_a_field_that_a_write_would_take_away_or_bring(kept: Kept) -> None:
    for field in ("odd", "prologue"):
        await kept.past.lock("ann", kept.id, field, locked=True)
    before = (await kept.now()).config.to_json()
    without = AgentConfig.from_document({"name": "Trip", "instruction": RULES, "prologue": "new"})
    edited = await kept.agents.edit("ann", kept.id, lambda _: without, author_of=lambda _: "api")
    assert {item.field for item in edited.change.refused} == {"odd", "prologue"}
    assert (await kept.now()).config.to_json() == before


async def test_a_version_grows_while_one_author_goes_on_with_one_field(kept: Kept) -> None:
    for text in ("M", "Ma", "Max"):
        await kept.write(name=text)
        kept.clock.pass_(29)
    versions = await kept.versions.list("ann", kept.id)
    assert [(item.number, item.author, item.fields) for item in versions] == [(2, "form", ("name",)), (1, "import", ())]
    assert (await kept.versions.get("ann", kept.id, 2)).config.name == "Max"
    assert [item.revision for item in versions] == [4, 1]


async def test_a_version_closes_when_idle_at_another_author_and_at_another_field(kept: Kept) -> None:
    await kept.write(name="a")
    assert not (await kept.versions.list("ann", kept.id))[0].closed
    kept.clock.pass_(30)
    assert (await kept.versions.list("ann", kept.id))[0].closed
    await kept.write(name="b")
    await kept.write("api", name="c")
    await kept.write("api", prologue="d")
    await kept.write("builder", turn="t1", said="hi", prologue="e")
    await kept.write("builder", turn="t2", said="ho", prologue="f")
    told = [(item.author, item.turn, item.fields) for item in await kept.versions.list("ann", kept.id)]
    assert told == [
        ("builder", "t2", ("prologue",)),
        ("builder", "t1", ("prologue",)),
        ("api", None, ("prologue",)),
        ("api", None, ("name",)),
        ("form", None, ("name",)),
        ("form", None, ("name",)),
        ("import", None, ()),
    ]


@pytest.mark.parametrize(
    "states",
    [
        pytest.param([{"knowledge": ["a"]}, {"knowledge": []}], id="added and taken away"),
        pytest.param([{"knowledge": ["a"]}, {"knowledge": ["b"]}], id="exchanged"),
        pytest.param([{"avatar": "a"}, {"avatar": "b"}, {"avatar": ""}], id="pictures"),
    ],
)
async def test_a_file_that_goes_again_at_once_can_be_come_back_to(kept: Kept, states: list[dict[str, object]]) -> None:
    for state in states:
        await kept.write(**state)
        kept.clock.pass_(1)
    listed = await kept.versions.list("ann", kept.id)
    numbers = [item.number for item in listed]
    assert numbers == [*range(len(states) + 1, 0, -1)]
    for state, number in zip(states, numbers[-2::-1], strict=True):
        restored = (await kept.versions.restore("ann", kept.id, number)).agent.config.document
        assert {field: restored[field] for field in state} == state


async def test_files_that_come_one_after_the_other_are_one_version(kept: Kept) -> None:
    for files in (["a"], ["a", "b"], ["a", "b", "c"]):
        await kept.write(knowledge=files)
        kept.clock.pass_(1)
    assert [item.number for item in await kept.versions.list("ann", kept.id)] == [2, 1]


async def test_a_version_tells_what_it_changed_and_what_has_changed_since(kept: Kept) -> None:
    await kept.write(name="a")
    kept.clock.pass_(40)
    await kept.write(name="b", prologue="Hi")
    whole = await kept.versions.get("ann", kept.id, 2)
    assert [(item.field, item.before, item.after) for item in whole.changes] == [("name", "Trip", "a")]
    assert [(item.field, item.before, item.after) for item in whole.since] == [
        ("name", "a", "b"),
        ("prologue", None, "Hi"),
    ]
    for number in (0, 4, -1, 2**40):
        with pytest.raises(NotFound):
            await kept.versions.get("ann", kept.id, number)


async def test_restoring_loses_nothing_and_knows_who_had_set_each_field(kept: Kept) -> None:
    first = (await kept.now()).config.to_json()
    kept.clock.pass_(40)
    await kept.write("builder", turn="t1", name="Wayfinder", prologue="Hi", odd=None)
    later = (await kept.now()).config.to_json()
    kept.clock.pass_(40)
    restored = await kept.versions.restore("ann", kept.id, 1)
    assert restored.agent.config.to_json() == first
    assert restored.agent.marks["name"].author == "import"
    assert "prologue" not in restored.agent.marks
    assert {item.author for item in restored.change.changes} == {"restore"}
    kept.clock.pass_(40)
    assert (await kept.versions.restore("ann", kept.id, 2)).agent.config.to_json() == later
    assert [item.author for item in await kept.versions.list("ann", kept.id)] == [
        "restore",
        "restore",
        "builder",
        "import",
    ]


async def test_the_revision_rises_at_every_write(kept: Kept) -> None:
    revisions = [(await kept.now()).revision]
    [change] = (await kept.write("builder", turn="t", name="a")).change.changes
    revisions.append((await kept.now()).revision)
    for edited in (
        await kept.past.accept("ann", kept.id, [change.id]),
        await kept.past.lock("ann", kept.id, "name", locked=True),
        await kept.past.lock("ann", kept.id, "name", locked=False),
        await kept.undo(change),
        await kept.versions.restore("ann", kept.id, 2),
    ):
        revisions.append(edited.agent.revision)
    assert revisions == [1, 2, 3, 4, 5, 6, 7]
