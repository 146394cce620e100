"""What the predecessor's people have: zips as its own code laid them out, and bare configurations of all versions."""

import json
from typing import Any

import pytest

from tests.client import Client
from tests.conftest import Serve
from tests.documents import archive
from tests.fakes.hostile_server import HostileServer, page
from tests.foreign_exports import CANARY, PLUGIN, predecessor_config
from tests.knowing import settled
from tests.pictures import png
from tests.test_incoming import look, take, told

MODULES = (
    *("appBot", "builder_core", "config_utils", "custom_prompt", "gradio_utils", "help_tools", "i18n", "import_util"),
    *("publish_util", "server", "server_logging", "server_utils", "user_core", "version"),
)


def published(folder: str) -> bytes:
    """A zip as `prepare_agent_zip` packs it; in the layout before, the user's own files had a folder of their own."""
    config = predecessor_config(knowledge=["config/门派.txt"], prologue="客官请坐", avatar="mine.png")
    plugin = {**PLUGIN, "auth": {"type": "API Key"}}
    app = {"name": "", "tools": {"image_gen": {"name": "Wanx", "is_active": True, "use": True}}, "model": "qwen-max"}
    files: dict[str, str | bytes] = {
        "config/builder_config.json": json.dumps(app),
        "config/model_config.json": json.dumps({"qwen-max": {"type": "dashscope", "model": "qwen-max"}}),
        "config/tool_config.json": "{}",
        "config/custom_bot_avatar.png": png(8, 8),
        "assets/app.css": "",
        "assets/appBot.css": "",
        "assets/bot.jpg": b"\xff\xd8",
        "assets/user.jpg": b"\xff\xd8",
        "requirements.txt": "gradio==4.36.1\n",
        "app.py": "raise SystemExit('it was run')\n",
        **{f"{name}.py": "raise SystemExit('it was run')\n" for name in MODULES},
        f"{folder}/builder_config.json": json.dumps(config, indent=2, ensure_ascii=False),
        f"{folder}/openapi_plugin_config.json": json.dumps(plugin),
        f"{folder}/mine.png": png(64, 64),
        f"{folder}/门派.txt": "少林、武当、峨眉。".encode(),
        f"{folder}/笔记.txt": "配置里没有它。".encode(),
    }
    return archive(files)


@pytest.mark.parametrize("folder", ["config", "config/local_user"])
async def test_a_published_zip_comes_in_with_all_that_is_its_own(client: Client, folder: str) -> None:
    data = published(folder)
    looked = (await look(client, data)).body
    lost = told(looked, "lost")
    assert any(line.startswith(": files that it does not name:") and "笔记.txt" in line for line in lost), lost
    around = next(line for line in lost if line.startswith(": the application packed around it:"))
    assert all(name in around for name in ("app.py", "appBot.py", "assets", "requirements.txt", "version.py"))
    agent = await take(client, data)
    config = agent["config"]
    assert (config["name"], config["prologue"], config["model"]) == ("武侠说书人", "客官请坐", "qwen-max")
    assert {tool for tool, entry in config["tools"].items() if entry["use"]} == {"image_gen", "damo/old-tool"}
    assert [file["name"] for file in await settled(client, agent["id"])] == ["门派.txt"]
    picture = (await client.call("GET", f"/api/agents/{agent['id']}/avatar")).body
    assert picture[:4] == b"\x89PNG"
    (api,) = config["openapi"].values()
    assert api["title"] == "Shop"


OLD: dict[str, dict[str, Any]] = {
    "as it was shipped": {
        **{"name": "", "avatar": "custom_bot_avatar.png", "description": "", "instruction": "", "knowledge": []},
        **{"prompt_recommend": ["你能做什么？", "怎么用？"], "model": "qwen-max"},
        "tools": {"image_gen": {"name": "Wanx Image Generation", "is_active": True, "use": True}},
    },
    "of a novelist": {
        **{"name": "说书的", "avatar": "custom_bot_avatar.png", "description": "讲故事并配图", "knowledge": []},
        **{"instruction": "<场景描述>：按玩家的选择往下讲。\n\n<选择>：A、B、C，以及 D 由玩家输入。"},
        **{"prompt_recommend": ["扮演小师妹"], "model": "qwen-max-1201"},
        "tools": {
            "image_gen": {"name": "Wanx Image Generation", "is_active": True, "use": True},
            "code_interpreter": {"name": "Code Interpreter", "is_active": True, "use": False},
        },
    },
    "of an analyst, its instruction in parts": {
        **{"name": "分析师", "avatar": "image.png", "description": "", "knowledge": [], "language": "zh"},
        **{
            "instruction": ["你会数据分析", "代码出错要改进"],
            "prompt_recommend": ["画一张饼图"],
            "model": "qwen-72b-api",
        },
        "tools": {
            "code_interpreter": {"name": "Code Interpreter", "is_active": True, "use": True},
            "amap_weather": {"name": "高德天气", "is_active": True, "use": False},
        },
    },
    "of its server, with a plugin inside": {
        **{"name": "订单员", "avatar": "/tmp/agentfabric/config/u1/a.png", "description": "", "instruction": "查订单"},
        **{
            "prompt_recommend": [],
            "model": "qwen-plus",
            "language": "en",
            "knowledge": ["/tmp/agentfabric/config/u1/退货.pdf"],
        },
        "tools": {"web_search": {"name": "Web Search", "is_active": True, "use": True, "searcher": "bing"}},
        "openAPIConfigs": [
            {"schema": PLUGIN["schema"], "authenticationType": "API Key", "apiKey": CANARY, "apiKeyType": "Bearer"}
        ],
    },
}


async def test_a_bare_configuration_of_every_version_comes_in_by_file_and_by_address(serve: Serve) -> None:
    async with HostileServer() as server, serve(AGENTFABRIC_TRUSTED_ORIGINS=server.base_url) as client:
        for name, document in OLD.items():
            data = json.dumps(document, ensure_ascii=False, indent=2).encode()
            by_file = await take(client, data)
            server.answers["/builder_config.json"] = page(data, media_type="application/json")
            body = {"json": {"url": f"{server.base_url}/builder_config.json"}}
            looked = (await client.call("POST", "/api/imports/look", **body)).body
            by_address = (await client.call("POST", f"/api/imports?digest={looked['digest']}", **body)).body
            assert looked["origin"] == "config", name
            told_of = {note["field"].partition(".")[0] for note in looked["report"]}
            told_of |= {notice["field"].partition(".")[0] for notice in looked["notices"]}
            silent = {field for field in document if document[field] and field not in told_of}
            assert silent <= {"openAPIConfigs", "avatar"}, name
            for agent in (by_file, by_address):
                config = agent["config"]
                parts: str | list[str] = document["instruction"]
                assert config["instruction"] == (parts if isinstance(parts, str) else "；".join(parts))
                assert config["prompt_recommend"] == document["prompt_recommend"]
                assert config["tools"] == document["tools"], "what was in a tool's entry stays"
                assert CANARY not in json.dumps(agent)
                assert bool(config.get("openapi")) == ("openAPIConfigs" in document)


async def test_a_bundle_of_ours_changes_an_agent_as_it_was_shown_first(client: Client) -> None:
    made = await take(client, published("config"))
    await settled(client, made["id"])
    bundle = (await client.call("GET", f"/api/agents/{made['id']}/bundle")).body
    await client.call("PATCH", f"/api/agents/{made['id']}/config", json={"name": "改过的", "prologue": "新开场"})
    changed = await client.get(f"/api/agents/{made['id']}")
    looked = (await look(client, bundle, agent=made["id"])).body
    shown = {change["field"]: (change["before"], change["after"]) for change in looked["differences"]}
    assert looked["origin"] == "bundle"
    assert shown["name"] == ("改过的", "武侠说书人")
    assert shown["prologue"] == ("新开场", "客官请坐")
    assert (await client.get(f"/api/agents/{made['id']}"))["revision"] == changed["revision"], "nothing is stored yet"
    back = await take(client, bundle, agent=made["id"], revision=changed["revision"])
    assert back["id"] == made["id"]
    assert (back["config"]["name"], back["config"]["prologue"]) == ("武侠说书人", "客官请坐")
    assert [file["name"] for file in await settled(client, made["id"])] == ["门派.txt"]
    assert len(await client.get("/api/agents")) == 1
