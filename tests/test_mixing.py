"""What should not come together unseen: who is warned of it, in which words, and when nobody is."""

from typing import Any

import pytest

from tests.client import Client, text_of
from tests.openapi import describing
from user_agent.config import AgentConfig
from user_agent.mcp.tools import served
from user_agent.openapi.description import read_description
from user_agent.openapi.stored import Api, Auth
from user_agent.tools.mixing import mixture_of
from user_agent.tools.registry import all_tools

TOOLS = {tool.name: tool for tool in all_tools()}


def ticked(*tools: str, policies: dict[str, str] | None = None, **more: Any) -> AgentConfig:
    entries: dict[str, Any] = {tool: {"use": True} for tool in tools}
    for tool, policy in (policies or {}).items():
        entries[tool] = {**entries.get(tool, {"use": False}), "policy": policy}
    return AgentConfig.from_document({"tools": entries, **more})


def api(*, kind: str = "bearer", proposed: bool = False) -> dict[str, Any]:
    description = describing(
        {"path": "/a", "operationId": "look"}, {"path": "/a", "method": "post", "operationId": "put"}
    )
    operations = read_description(description).operations
    made = Api(
        title="Shop",
        server="https://api.example.com",
        auth=Auth.model_validate({"kind": kind}),
        operations=operations,
        proposed=proposed,
    )
    return {"shop": made.model_dump(mode="json")}


def server(*, read_only: bool, key: bool = False) -> dict[str, Any]:
    tool = {"name": "do", "arguments": {"type": "object"}, "read_only": read_only}
    return {"desk": {"url": "https://mcp.example.com/mcp", "headers": {"X-Key": ""} if key else {}, "tools": [tool]}}


[DESK] = [each.policy_key for each in served(ticked(mcpServers=server(read_only=False)).mcp_servers, ())]
"""Under which key the leave of that server's tool is kept."""


@pytest.mark.parametrize(
    ("config", "outward"),
    [
        (ticked("web_browser", "storage"), ["Read web pages"]),
        (ticked("http_request", "storage"), ["HTTP requests"]),
        (ticked("web_search", "web_browser", "http_request", "storage"), ["Read web pages", "HTTP requests"]),
        (ticked("web_browser", knowledge=["f1"]), ["Read web pages"]),
        (ticked("web_browser", openapi=api()), ["Read web pages"]),
        (ticked("storage", "web_browser", policies={"web_browser": "ask_writes"}), ["Read web pages"]),
        (ticked("web_browser", mcpServers=server(read_only=True, key=True)), ["Read web pages"]),
        (ticked("storage", policies={DESK: "allow"}, mcpServers=server(read_only=False)), ["desk"]),
    ],
)
def test_all_three_together_are_told_with_what_goes_out_unasked(config: AgentConfig, outward: list[str]) -> None:
    mixture = mixture_of(config, TOOLS)
    assert mixture is not None
    assert [label.en for label in mixture.outward] == outward
    assert all(name in mixture.warning.en for name in outward)
    assert "Ask me first" in mixture.warning.en and "先问我" in mixture.warning.zh


@pytest.mark.parametrize(
    "config",
    [
        ticked("web_search", "storage"),
        ticked("web_browser", "http_request"),
        ticked("storage", "calculator"),
        ticked("web_browser", "storage", policies={"web_browser": "ask"}),
        ticked("storage", openapi=api()),
        ticked("web_browser", openapi=api(kind="none")),
        ticked("web_browser", openapi=api(proposed=True)),
        ticked("web_browser", mcpServers=server(read_only=True)),
        ticked(),
    ],
    ids=[
        *("no way out", "nothing private", "no stranger", "asked", "asks by itself", "no key", "only proposed"),
        *("no key there", "nothing"),
    ],
)
def test_where_one_is_missing_or_a_person_is_asked_nobody_is_warned(config: AgentConfig) -> None:
    assert mixture_of(config, TOOLS) is None


def test_a_tool_says_what_it_brings() -> None:
    brings = {name: sorted(tool.touches) for name, tool in TOOLS.items() if tool.touches}
    assert brings == {
        "web_search": ["untrusted"],
        "web_browser": ["outward", "untrusted"],
        "http_request": ["outward", "untrusted"],
        "storage": ["private"],
    }


async def test_the_warning_is_there_over_the_api_and_goes_when_it_is_asked_first(client: Client) -> None:
    agent = f"/api/agents/{(await client.post('/api/agents'))['id']}"
    assert await client.get(f"{agent}/warnings") == []
    await client.call("PATCH", f"{agent}/config", json={"tools": {"storage": True, "web_browser": True}})
    [warning] = await client.get(f"{agent}/warnings")
    assert warning["kind"] == "mixture" and "Read web pages" in warning["text"]["en"]
    await client.call("PATCH", f"{agent}/config", json={"policies": {"web_browser": "ask"}})
    assert await client.get(f"{agent}/warnings") == []


@pytest.mark.parametrize(
    ("said", "first", "warned"),
    [
        ("Switch on the tool Read web pages", "storage", "Take care: Read web pages"),
        ("启用网页阅读工具", "storage", "请留意：“网页阅读”"),
        ("Switch on the tool Search the web", "storage", ""),
    ],
)
async def test_the_guide_tells_of_it_when_it_switches_a_tool_on(
    client: Client, said: str, first: str, warned: str
) -> None:
    agent = (await client.post("/api/agents", json={"language": "en"}))["id"]
    texts = {"name": "Helper", "description": "Helps.", "instruction": "Help people."}
    await client.call("PATCH", f"/api/agents/{agent}/config", json={**texts, "tools": {first: True}})
    language = "en" if said.isascii() else "zh"
    answer = text_of(await client.tell_builder(agent, said, language))
    assert (warned in answer) if warned else ("Take care" not in answer)
    assert "token" in answer
