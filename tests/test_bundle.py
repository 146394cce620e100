"""Bundles: one zip of an agent, without any secret, that serves it wherever Python is."""

import ast
import asyncio
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import packages_distributions
from pathlib import Path

import aiohttp
import pytest
import yaml
from playwright.async_api import Page, expect

from agentfabric.publish import requirements as needs
from agentfabric.publish.bundle import ROOT, Bundled, KnowledgeFile, bundle_of
from agentfabric.publish.exported import exported_model
from agentfabric.publish.manifest import MANIFEST, SIGNATURE, Checked, checked
from tests.clean import bare_variables, clean_environment, resolved
from tests.client import Client
from tests.conftest import Serve
from tests.fakes.embedding_server import KEY as EMBEDDING_KEY
from tests.fakes.embedding_server import FakeEmbeddings
from tests.fakes.openai_replies import Call, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.knowing import knowing, search, settled
from tests.terminal import free_port
from user_agent.config import AgentConfig
from user_agent.errors import BundleDamaged
from user_agent.models.entry import ModelEntry
from user_agent.tools.catalog import load_tools

CANARY = "canary9f3b"
CATALOG = load_tools(ROOT / "config" / "tool_config.json")
NOTES = {"doctor.md": "A physician looks at the throat every Monday.", "car.md": "The automobile stands in the yard."}
ALLOWED = ("config/", "user_agent/", "static/chat/", "static/vendor/")
SINGLE = {
    "app.py",
    "requirements.txt",
    "README.md",
    "Dockerfile",
    ".dockerignore",
    ".env.example",
    "LICENSE",
    MANIFEST,
    SIGNATURE,
}


def model_file(tmp_path: Path, model: FakeOpenAI, embeddings: FakeEmbeddings) -> str:
    common = {"type": "openai", "retry_for_s": 0}
    entries = {
        "house": {
            **common,
            "model": "m",
            "api_base": model.base_url,
            "api_key_env": "HOUSE_API_KEY",
            "note_to_self": CANARY,
            "extra_body": {
                "X-Api-Key": CANARY,
                "routes": [{"accessToken": CANARY, "tier": "fast"}],
                "data_sources": [{"authentication": {"type": "api_key", "key": f"{CANARY}-of-the-index"}}],
                "credentials": [f"{CANARY}-in-a-list"],
                "callback": f"https://u:{CANARY}@hook.example/?token={CANARY}",
            },
            "generate_cfg": {"top_k": 3, "password": CANARY, "eos_token": "<end>"},
        },
        "embed": {
            **common,
            "kind": "embedding",
            "model": "embed",
            "api_base": f"{embeddings.origin}/v1",
            "api_key_env": "EMBED_API_KEY",
            "api_key": f"{CANARY}-in-the-file",
        },
        "order": {
            **common,
            "kind": "rerank",
            "model": "order",
            "api_base": f"{embeddings.origin}/v1",
            "api_key_env": "ORDER_API_KEY",
        },
        "unused": {**common, "model": "other", "api_base": f"https://{CANARY}.example/v1"},
    }
    file = tmp_path / "models.json"
    file.write_text(json.dumps(entries))
    return str(file)


async def house(client: Client) -> str:
    """An agent that knows two notes by their meaning, with a canary wherever a secret may be."""
    agent = await knowing(client, NOTES)
    before = await client.get(f"/api/agents/{agent}")
    mcp = {
        "url": f"https://maps.example/mcp?token={CANARY}&region=eu-{CANARY}",
        "headers": {"Authorization": f"Bearer {CANARY}"},
        "tools": [{"name": "look", "description": "Looks."}],
    }
    look = {"name": "look", "method": "GET", "path": "/look", "answer": {"token": CANARY}}
    api = {
        "title": "Orders",
        "server": f"https://u:{CANARY}@orders.example/v1?key={CANARY}",
        "source": f"https://orders.example/openapi.json?key={CANARY}",
        "auth": {"kind": "api_key", "name": "X-Key", "apikey": CANARY},
        "operations": [look],
    }
    changed = {
        "name": "House | guide",
        "description": "Knows the house.",
        "language": "en",
        "model": "house",
        "prompt_recommend": ["Which doctor is there?"],
        "tools": {"weather": {"use": True, "is_active": True, "apikey": CANARY, "secret_field": CANARY}},
        "mcpServers": {"maps": mcp},
        "openapi": {"orders": api},
        "plugin": {"auth": {"apikey": CANARY}},
        "unknown": {"deep": [CANARY]},
        "generation": {"temperature": 0.2, "own": CANARY},
        "retrieval": {"reranker": "order"},
        "memory": True,
    }
    path, seen = f"/api/agents/{agent}/config", {"if-match": f'"{before["revision"]}"'}
    written = await client.call("PUT", path, json={**before["config"], **changed}, headers=seen)
    assert written.status == 200, written.body
    assert (await client.call("PUT", "/api/secrets/HOUSE_API_KEY", json={"value": f"{CANARY}-stored"})).status == 204
    await settled(client, agent)
    return agent


async def bundle(client: Client, agent: str) -> bytes:
    return await client.get(f"/api/agents/{agent}/bundle")


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def vouched(files: Mapping[str, bytes]) -> Checked | None:
    return checked(files, files.__getitem__, lambda path: hashlib.sha256(files[path]).hexdigest())


async def test_a_bundle_has_what_the_agent_needs_and_no_secret(serve: Serve, tmp_path: Path) -> None:
    async with (
        FakeOpenAI() as model,
        FakeEmbeddings() as embeddings,
        serve(MODEL_CONFIG_FILE=model_file(tmp_path, model, embeddings), EMBED_API_KEY=EMBEDDING_KEY) as client,
    ):
        agent = await house(client)
        assert (await search(client, agent, "Which doctor is there?"))["engine"] == "hybrid"
        data = await bundle(client, agent)
        assert await bundle(client, agent) == data
        files = unzipped(data)
        assert [name for name in files if name not in SINGLE and not name.startswith(ALLOWED)] == []
        told = [
            name for name, content in files.items() if CANARY.encode() in content or EMBEDDING_KEY.encode() in content
        ]
        assert told == []
        own = [str(tmp_path), agent, "AGENTFABRIC_HOME"]
        assert [name for name, content in files.items() for word in own if word.encode() in content] == []

        config = json.loads(files["config/builder_config.json"])
        assert config["knowledge"] == ["config/doctor.md", "config/car.md"]
        assert files["config/doctor.md"].decode() == NOTES["doctor.md"]
        assert config["mcpServers"]["maps"]["headers"] == {"Authorization": "$secret:mcp"}
        models = json.loads(files["config/model_config.json"])
        assert sorted(models) == ["embed", "house", "order"]
        assert (models["house"]["extra_body"], models["house"]["generate_cfg"]) == (
            {
                "routes": [{"tier": "fast"}],
                "data_sources": [{"authentication": {"type": "api_key"}}],
                "credentials": [],
                "callback": "https://u:@hook.example/?token=",
            },
            {"top_k": 3, "eos_token": "<end>"},
        )
        assert config["memory"] is True
        assert config["retrieval"] == {"reranker": "order"}
        needed = {line.partition("=")[0] for line in files[".env.example"].decode().splitlines() if "=" in line}
        assert {
            "HOUSE_API_KEY",
            "EMBED_API_KEY",
            "ORDER_API_KEY",
            "ORDERS_API_KEY",
            "MCP_MAPS_AUTHORIZATION",
            "MCP_MAPS_TOKEN",
        } <= needed
        wanted = files["requirements.txt"].decode()
        assert "faiss-cpu==" in wanted and "mcp==" in wanted
        assert "gradio" not in wanted and "dashscope" not in wanted and "sqlalchemy" not in wanted
        assert files["README.md"].startswith(b"---\n") and b"a guide answers" not in files["README.md"]

        ours = vouched(files)
        assert ours is not None and ours.signer is not None
        for path in ("config/builder_config.json", "app.py", MANIFEST, SIGNATURE):
            changed = bytearray(files[path])
            changed[len(changed) // 2] ^= 1
            with pytest.raises(BundleDamaged):
                vouched({**files, path: bytes(changed)})
        for damaged in (
            {**files, "user_agent/evil.py": b""},
            {name: files[name] for name in files if name != "app.py"},
        ):
            with pytest.raises(BundleDamaged):
                vouched(damaged)

        await client.call("POST", f"/api/agents/{agent}/releases", json={"note": "one"})
        released = await bundle(client, agent)
        await client.call("PATCH", f"/api/agents/{agent}/config", json={"name": "Something else"})
        assert await bundle(client, agent) == released


def test_what_an_agent_that_runs_code_needs_for_it_goes_along() -> None:
    ticked = {"tools": {"code_interpreter": {"use": True, "is_active": True}}}
    coder, other = (
        unzipped(bundle_of(Bundled(AgentConfig.from_document(document), b"", "", {}, CATALOG, [])))
        for document in (ticked, {})
    )
    assert {*coder} - {*other} == {"requirements-sandbox.txt"}
    told = {"Dockerfile": "bubblewrap", ".env.example": "CODE_SECONDS", "README.md": "python app.py install-sandbox"}
    for path, words in {**told, "requirements.txt": "jupyter-client=="}.items():
        assert words in coder[path].decode() and words not in other[path].decode(), path
    assert b"a guide answers" in other["README.md"]
    pinned = {line for name in ("", "-a2a") for line in (ROOT / f"requirements{name}.txt").read_text("utf-8").split()}
    told_to_install = {word for word in other[".env.example"].decode().split() if "==" in word}
    assert told_to_install and told_to_install <= pinned


def test_names_that_some_machine_would_not_take_become_such_that_every_one_does() -> None:
    names = ("说明" * 60 + ".md", "说明" * 59 + "书.md", "Con.txt", "a:b?.md", "A:B?.md", "..")
    known = [KnowledgeFile(str(at), name, (), None, b"", ()) for at, name in enumerate(names)]
    config = AgentConfig.from_document({"name": "Max\x7f \x85\ufffe🧦", "description": "\x9b: \n#"})
    files = unzipped(bundle_of(Bundled(config, b"", "", {}, CATALOG, known)))
    shown = [each["file"] for each in json.loads(files["config/knowledge.json"])]
    assert shown[2:] == ["_Con.txt", "a_b_.md", "A_B_-2.md", "file"]
    assert all(name.endswith(".md") and 150 < len(name.encode()) <= 255 for name in shown[:2])
    assert {f"config/{name}" for name in shown} <= files.keys() and len({*shown}) == len(names)
    front = yaml.safe_load(files["README.md"].decode().split("---")[1])
    assert (front["title"], front["short_description"]) == ("Max 🧦", ": #")


def test_keys_of_models_at_addresses_of_ones_own_are_told_apart() -> None:
    entry = {"type": "openai", "model": "m", "api_base": "https://own.example/v1"}
    kinds = ("chat", "embedding", "rerank")
    names = {str(exported_model(ModelEntry.model_validate({**entry, "kind": kind}))["api_key_env"]) for kind in kinds}
    assert names == {"MODEL_API_KEY", "EMBEDDING_API_KEY", "RERANKER_API_KEY"}


@asynccontextmanager
async def started(folder: Path, python: Path, environment: Mapping[str, str]) -> AsyncGenerator[str]:
    """`python app.py` in a folder, once it answers."""
    port = free_port()
    output = folder.with_suffix(".output")
    names = {**bare_variables(), "PORT": str(port), **environment}
    with output.open("wb") as file:
        process = await asyncio.to_thread(
            subprocess.Popen, [python, "app.py"], cwd=folder, env=names, stdout=file, stderr=file
        )
    url = f"http://127.0.0.1:{port}"
    try:
        async with aiohttp.ClientSession() as session, asyncio.timeout(30):
            while True:
                assert process.poll() is None, output.read_text()
                try:
                    async with session.get(f"{url}/healthz") as answer:
                        assert answer.status == 200
                        break
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(0.05)
        yield url
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 15)


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="session")
async def test_it_serves_the_agent_from_a_clean_environment(serve: Serve, tmp_path: Path, page: Page) -> None:
    unpacked = tmp_path / "unpacked"
    async with FakeOpenAI(Says("On Mondays [1].")) as model, FakeEmbeddings() as embeddings:
        async with serve(
            MODEL_CONFIG_FILE=model_file(tmp_path, model, embeddings), EMBED_API_KEY=EMBEDDING_KEY
        ) as client:
            data = await bundle(client, await house(client))
        await asyncio.to_thread(zipfile.ZipFile(io.BytesIO(data)).extractall, unpacked)
        wanted = (unpacked / "requirements.txt").read_text()
        python = await asyncio.to_thread(clean_environment, tmp_path / "environment", wanted)
        asked = len(embeddings.requests)
        keys = {"HOUSE_API_KEY": "sk-house", "EMBED_API_KEY": EMBEDDING_KEY, "ORDER_API_KEY": EMBEDDING_KEY}
        async with started(unpacked, python, keys) as url:
            await page.goto(url)
            await expect(page.get_by_role("heading", name="House | guide")).to_be_visible()
            await page.get_by_role("button", name="Which doctor is there?").click()
            await expect(page.locator(".af-answer").last).to_contain_text("On Mondays")
            await page.locator(".af-cite:visible").first.click()
            await expect(page.get_by_role("dialog").locator(".af-source-text")).to_have_text(NOTES["doctor.md"])
            await page.keyboard.press("Escape")
            await expect(page.get_by_role("navigation").get_by_text("Which doctor is there?")).to_be_visible()
            await page.reload()
            await expect(page.locator(".af-answer").last).to_contain_text("On Mondays")
            model.script(Says(calls=(Call("remember", '{"fact": "Is called Ann"}'),)), Says("Hello Ann."))
            await page.locator("#agent_input").fill("Call me Ann")
            await page.keyboard.press("Enter")
            await expect(page.locator(".af-memory")).to_contain_text("Remembered: Is called Ann")
            await page.get_by_text("What it knows of you (1)").click()
            await page.get_by_role("button", name="Forget everything").click()
            await page.get_by_role("button", name="Forget everything for good?").click()
            await expect(page.get_by_text("What it knows of you (0)")).to_be_focused()
            await page.reload()
            await expect(page.locator(".af-memory .af-change-fate")).to_have_text("Taken back")
        # Questions were embedded, and nothing else: the passages came with their vectors.
        sent = embeddings.requests[asked:]
        questions = [request.body["input"] for request in sent if "embed" in request.path]
        assert questions == [["Which doctor is there?"], ["Call me Ann"]]
        assert [request.path for request in sent][:2] == ["/v1/embeddings", "/v1/rerank"]
        assert model.requests[0].headers["Authorization"] == "Bearer sk-house"


STAY_BEHIND = {"langchain_core", "playwright", "a2a", "google"}
"""Browsers and tools of one's own are the operator's of a studio, and A2A is spoken there."""


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").split(".")[0]


def test_everything_that_the_runtime_imports_is_among_the_requirements() -> None:
    every = (*needs.BASE, *needs.READERS, *needs.VECTORS, *needs.APIS, *needs.SERVERS, *needs.DASHSCOPE, *needs.CODE)
    there = {found.metadata["Name"].lower() for found in resolved(needs.requirements(ROOT / "requirements.txt", every))}
    owners: Mapping[str, Sequence[str]] = packages_distributions()
    names = {name for path in (ROOT / "user_agent").rglob("*.py") for name in imported(path)}
    foreign = names - sys.stdlib_module_names - {"user_agent"} - STAY_BEHIND
    assert len(foreign) > 20
    assert {name for name in foreign if not there & {owner.lower() for owner in owners.get(name, ())}} == set()
