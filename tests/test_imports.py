"""Imports run one way: agentfabric -> builder_core -> user_agent."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "user_agent": {"user_agent"},
    "builder_core": {"builder_core", "user_agent"},
    "agentfabric": {"agentfabric", "builder_core", "user_agent"},
}
OWN = set(MAY_IMPORT) | {"app", "tests", "bench"}


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the direction"
            yield (node.module or "").split(".")[0]


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_run_one_way(package: str) -> None:
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in (ROOT / package).rglob("*.py")
        for name in _imported(path)
        if name in OWN - MAY_IMPORT[package]
    }
    assert not wrong


def test_doors_call_the_service_and_nothing_deeper() -> None:
    allowed = ("agentfabric.service", "agentfabric.api", "agentfabric.ui")
    values = (
        "agentfabric.publish.targets.base",
        "agentfabric.store.agent_keys",
        "agentfabric.store.agents",
        "agentfabric.store.conversations",
        "agentfabric.store.endpoints",
        "agentfabric.store.facts",
        "agentfabric.store.files",
        "agentfabric.store.heads",
        "agentfabric.store.readings",
        "agentfabric.store.records",
        "agentfabric.store.releases",
        "agentfabric.store.share_limits",
        "agentfabric.store.shares",
        "agentfabric.store.versions",
    )
    wrong: set[str] = set()
    for folder in ("api", "ui"):
        for path in (ROOT / "agentfabric" / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("agentfabric."):
                    stores = {alias.name for alias in node.names if alias.name.endswith("Store")}
                    if stores or not (node.module or "").startswith((*allowed, *values)):
                        wrong.add(f"{path.relative_to(ROOT)}: {node.module} {stores or ''}")
    assert not wrong


def test_only_settings_reads_the_environment() -> None:
    reading = {
        str(path.relative_to(ROOT))
        for package in MAY_IMPORT
        for path in (ROOT / package).rglob("*.py")
        if any(word in path.read_text(encoding="utf-8") for word in ("os.environ", "getenv"))
    }
    # app.py of the package sets two variables that Gradio reads at its import; a command looks up those that it names.
    assert reading <= {"agentfabric/settings.py", "agentfabric/app.py", "agentfabric/command_line/terminal.py"}


@pytest.mark.parametrize(
    ("imported", "heavy"),
    [
        (
            "user_agent.agent, user_agent.assembly, builder_core.builder",
            "gradio fastapi sqlalchemy pandas PIL json5 json_repair openai dashscope mcp mcp_types httpx2",
        ),
        ("agentfabric.serving", "openai dashscope gradio pandas mcp mcp_types"),
    ],
    ids=["the runtime, without the page", "the server, without the page and the models' SDKs"],
)
def test_imports_without_what_it_does_not_need_yet(imported: str, heavy: str) -> None:
    code = (
        f"import sys, {imported};"
        f"heavy = set('{heavy}'.split()) & set(sys.modules);"
        "sys.exit(f'imported too: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
