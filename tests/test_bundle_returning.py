"""What this product packs it takes back, or says beforehand that it does not; other archives gain nothing by that."""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from agentfabric.publish.bundle import ROOT, Bundled, KnowledgeFile, bundle_of
from agentfabric.publish.importer.archive import Archive
from agentfabric.publish.importer.incoming import Unreadable
from agentfabric.publish.importer.reading import read_incoming
from agentfabric.publish.manifest import MANIFEST, manifest_of
from builder_core.avatar import monogram
from tests.client import Client
from tests.conftest import Serve
from tests.knowing import knowing, settled
from tests.test_command_line import Command, command
from tests.test_incoming import look, take
from tests.test_publications import sent
from user_agent.config import AgentConfig
from user_agent.errors import BundleDamaged
from user_agent.knowledge.index import Carried
from user_agent.knowledge.passages import Passage, Place
from user_agent.tools.catalog import load_tools

__all__ = ["command"]
CATALOG = load_tools(ROOT / "config" / "tool_config.json")
PICTURE = monogram("Max", "max")
LINE = b"2026-11-28 nothing happened\n"


def passages(count: int, vector_bytes: int) -> list[Carried]:
    vector = {"embed": bytes(vector_bytes)}
    return [Carried(Passage(number, "Nothing.", "text", Place(0, 8)), vector) for number in range(count)]


def packed(*known: KnowledgeFile) -> bytes:
    return bundle_of(Bundled(AgentConfig.from_document({"name": "Max"}), PICTURE, "", {}, CATALOG, known))


def test_a_bundle_of_very_many_passages_comes_back_and_a_changed_one_does_not() -> None:
    data = packed(KnowledgeFile("f", "log.txt", (), None, LINE * 100_000, passages(16, 3_000_000)))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert len(files["config/knowledge.jsonl"]) > 60_000_000, "more than any other file may have"
    incoming = read_incoming(data)
    assert (incoming.origin, incoming.document["name"]) == ("bundle", "Max")
    assert [(file.name, file.data) for file in incoming.files if file.purpose == "knowledge"] == [
        ("log.txt", LINE * 100_000)
    ]
    changed = files["config/knowledge.jsonl"].replace(b"Nothing.", b"Nothing!", 1)
    with pytest.raises(BundleDamaged, match="changed after"):
        read_incoming(zipped({**files, "config/knowledge.jsonl": changed}))


def zipped(files: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def vouched(files: Mapping[str, bytes]) -> bytes:
    return zipped({**files, MANIFEST: manifest_of("Max", files)})


CONFIG = {"config/builder_config.json": json.dumps({"name": "Max", "knowledge": ["knowledge.jsonl"]}).encode()}
MUCH = bytes(51_000_000)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(zipped({**CONFIG, "config/knowledge.jsonl": MUCH}), id="without a manifest"),
        pytest.param(vouched({**CONFIG, "config/a.txt": MUCH}), id="another file that is too large"),
        pytest.param(vouched({**CONFIG, "config/knowledge.jsonl": MUCH}), id="passages that are to be a file"),
        pytest.param(
            vouched({**CONFIG, **{f"config/{number}": bytes(45_000_000) for number in range(5)}}), id="many large files"
        ),
    ],
)
def test_a_manifest_takes_no_limit_from_what_is_held_in_memory(data: bytes) -> None:
    with pytest.raises(Unreadable, match="too large"):
        read_incoming(data)


def test_a_manifest_that_does_not_name_a_file_is_refused_before_anything_is_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = {"config/knowledge.jsonl": bytes(60_000_000)}
    data = zipped({**CONFIG, **other, MANIFEST: manifest_of("Max", CONFIG)})

    def unpacked(archive: Archive, name: str) -> str:
        pytest.fail(f"{name} was unpacked")

    monkeypatch.setattr(Archive, "digest", unpacked)
    with pytest.raises(BundleDamaged, match="does not name it"):
        read_incoming(data)


async def test_a_file_that_packs_very_well_comes_back_over_the_api(serve: Serve) -> None:
    text = "a " * 600_000
    async with serve() as client:
        agent = await knowing(client, {"a.txt": text})
        data = await client.get(f"/api/agents/{agent}/bundle")
        looked = await look(client, data)
        assert (looked.status, looked.body.get("origin")) == (200, "bundle"), looked.body
        brought = (await take(client, data))["id"]
        [file] = await settled(client, brought)
        assert (file["name"], file["size_bytes"], file["state"]) == ("a.txt", len(text), "ready")


async def findings(client: Client, agent: str) -> list[tuple[str, str]]:
    ready = await client.get(f"/api/agents/{agent}/readiness")
    return [(each["kind"], each["text"]["en"]) for each in ready["findings"] if each["kind"] == "bulk"]


async def test_what_will_not_come_back_is_said_before_and_as_it_is_sent(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serve(AGENTFABRIC_PUBLISH_FOLDER=str(tmp_path / "published")) as client:
        agent = await knowing(client, {"a.txt": "a " * 600_000})
        assert await findings(client, agent) == []
        assert len((await sent(client, agent, "folder"))["steps"]) == 3
        monkeypatch.setattr("agentfabric.service.readiness.MAX_PACKED_BYTES", 1_000_000)
        monkeypatch.setattr("agentfabric.publish.importer.archive.MAX_PACKED_BYTES", 500_000)
        [(_, told)] = await findings(client, agent)
        assert "about 1 MB" in told and "command line" in told
        steps = (await sent(client, agent, "folder"))["steps"]
        assert [step for step in steps if "an import on the page takes" in step]


def test_a_command_takes_as_much_as_a_bundle_can_have_and_says_what_a_page_would_not(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, file = tmp_path / "agent.zip", tmp_path / "bundle.zip"
    source.write_bytes(packed())
    monkeypatch.setattr("agentfabric.publish.importer.archive.MAX_PACKED_BYTES", 200_000)
    monkeypatch.setattr("agentfabric.service.imports.MAX_PACKED_BYTES", 200_000)
    status, brought, _ = command("import", str(source))
    assert status == 0
    status, exported, _ = command("export", brought["agent"], "--bundle", "-o", str(file))
    assert (status, exported["file"]) == (0, str(file))
    assert "`python -m agentfabric import`" in exported["warning"]
    assert command("import", str(file))[0] == 0
