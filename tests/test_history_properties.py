"""Whatever is written, undone, locked and restored, in any order: nothing is lost, and the history tells the truth."""

import asyncio
import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from agentfabric.service.editing import apply_patch
from agentfabric.store.agents import AgentStore, Edited
from agentfabric.store.database import Database
from agentfabric.store.history import HistoryStore
from agentfabric.store.releases import ReleaseStore
from agentfabric.store.versions import VersionStore
from agentfabric.store.writing import Source
from builder_core.draft import ConfigPatch, differences
from user_agent.config import AgentConfig, Document
from user_agent.errors import NothingToPublish
from user_agent.tools.registry import all_tools

TEXTS = st.sampled_from(["", "Plan trips.\n", "Plan trips.\n- Ask first.\n", "先问。再答。", "先问。查天气。再答。"])
FIELDS: dict[str, st.SearchStrategy[JsonValue]] = {
    "name": st.sampled_from(["Trip", "Max", "小旅", ""]),
    "instruction": TEXTS,
    "prologue": TEXTS,
    "prompt_recommend": st.lists(st.sampled_from(["Where?", "When?", "去哪？"]), max_size=3),
    "tools": st.dictionaries(st.sampled_from(["weather", "calculator"]), st.booleans(), min_size=1),
}
PATCHES = st.lists(st.sampled_from(list(FIELDS)), min_size=1, max_size=3, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: FIELDS[name] for name in names})
)
TOOLS = {tool.name: tool for tool in all_tools()}
UNKNOWN: Document = {"odd": [1, 2.5, {"深": None}], "__proto__": {"x": True}}


@dataclass
class Step:
    kind: str
    patch: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    at: int = 0


STEPS = st.lists(
    st.one_of(
        PATCHES.map(lambda patch: Step("write", patch)),
        st.integers(0, 9).map(lambda at: Step("undo", at=at)),
        st.integers(0, 9).map(lambda at: Step("restore", at=at)),
        st.integers(0, 99).map(lambda at: Step("restore_field", at=at)),
        st.integers(0, 9).map(lambda at: Step("lock", at=at)),
        st.integers(0, 9).map(lambda at: Step("publish", at=at)),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_the_history_tells_the_truth_and_loses_nothing(steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_walk(steps, Path(folder)))


async def _walk(steps: list[Step], folder: Path) -> None:
    database = Database(f"sqlite:///{folder / 'walk.db'}")
    await database.open()
    try:
        agents, past, versions = AgentStore(database), HistoryStore(database), VersionStore(database)
        start = AgentConfig.from_document({"name": "Trip", **UNKNOWN})
        agent = (await agents.create("ann", start, "import")).id
        releases = ReleaseStore(database)
        documents = {1: start.to_json()}
        published: dict[int, str] = {}
        for step in steps:
            if step.kind == "publish":
                await _publish(step, releases, versions, agent, published)
                continue
            before = await agents.get("ann", agent)
            edited = await _take(step, agents, past, versions, agent)
            if edited is None:
                continue
            after = await agents.get("ann", agent)
            told = {change.field: (change.before, change.after) for change in edited.change.changes}
            found = differences(before.config, after.config, lambda _: "form")
            assert told == {change.field: (change.before, change.after) for change in found}
            assert (after.revision > before.revision) == (after != before)
            for name in before.locks:
                assert after.config.document.get(name) == before.config.document.get(name)
            assert {key: after.config.document.get(key) for key in UNKNOWN} == UNKNOWN
            documents[after.revision] = after.config.to_json()
        for version in await versions.list("ann", agent):
            whole = await versions.get("ann", agent, version.number)
            assert whole.config.to_json() == documents[version.revision]
        for number, document in published.items():
            release = await releases.get("ann", agent, number)
            assert release.config.to_json() == document
            assert (await versions.get("ann", agent, release.release.version)).config.to_json() == document
    finally:
        await database.close()


async def _publish(
    step: Step, releases: ReleaseStore, versions: VersionStore, agent: str, published: dict[int, str]
) -> None:
    known = await versions.list("ann", agent)
    wanted = known[step.at % len(known)].number
    live = await releases.live("ann", agent)
    document = (await versions.get("ann", agent, wanted)).config.to_json()
    if live is not None and live.config.to_json() == document:
        with pytest.raises(NothingToPublish):
            await releases.publish("ann", agent, version=wanted, note="")
        return
    release = await releases.publish("ann", agent, version=wanted, note="")
    assert [each.number for each in await releases.list("ann", agent) if each.live] == [release.release.number]
    published[release.release.number] = document


async def _take(
    step: Step, agents: AgentStore, past: HistoryStore, versions: VersionStore, agent: str
) -> Edited | None:
    match step.kind:
        case "write":
            patch = ConfigPatch.model_validate(step.patch)
            return await agents.edit(
                "ann",
                agent,
                lambda config: apply_patch(config, patch, files=frozenset(), models=frozenset(), tools=TOOLS).config,
                author_of=lambda _: "form",
            )
        case "undo":
            changes = await past.changes("ann", agent)
            if step.at >= len(changes):
                return None
            return await past.undo("ann", agent, [changes[step.at].id], source=Source())
        case "restore":
            known = await versions.list("ann", agent)
            return await versions.restore("ann", agent, known[step.at % len(known)].number)
        case "restore_field":
            known = await versions.list("ann", agent)
            name = list(FIELDS)[step.at % len(FIELDS)]
            version = known[step.at // 10 % len(known)].number
            then = (await versions.get("ann", agent, version)).config.document.get(name)
            before = await agents.get("ann", agent)
            if name not in before.config.document and then is None:
                return None
            edited = await versions.restore("ann", agent, version, [name])
            after = edited.agent.config.document
            assert after.get(name) == (before.config.document.get(name) if name in before.locks else then)
            assert {**after, name: None} == {**before.config.document, name: None}
            return edited
        case _:
            name = list(FIELDS)[step.at % len(FIELDS)]
            locked = name in (await agents.get("ann", agent)).locks
            return await past.lock("ann", agent, name, locked=not locked)


@given(PATCHES, PATCHES)
def test_a_patch_sets_the_fields_it_names_and_no_other_byte(
    first: dict[str, JsonValue], second: dict[str, JsonValue]
) -> None:
    config = AgentConfig.from_document({"name": "Trip", **UNKNOWN})
    for fields in (first, second):
        patched = apply_patch(
            config, ConfigPatch.model_validate(fields), files=frozenset(), models=frozenset(), tools=TOOLS
        ).config
        for name, value in fields.items():
            if name == "tools":
                assert isinstance(value, dict)
                assert {tool: tool in patched.enabled_tools for tool in value} == value
            else:
                assert patched.document.get(name) == value
        for name in set(config.document) - set(fields):
            assert json.dumps(patched.document[name]) == json.dumps(config.document[name])
        config = AgentConfig.from_json(patched.to_json())
        assert config.document == patched.document
