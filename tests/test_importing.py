"""Old configurations lose their keys and their paths, and nothing else."""

import json
from typing import Any

import pytest

from agentfabric.importing import adopt
from user_agent.config import AgentConfig, Document

# As the predecessor's form and its server write them.
OLD = {
    "name": "旅行助手",
    "avatar": "/tmp/agentfabric/config/local_user/custom_bot_avatar.png",
    "description": "规划周末的旅行",
    "instruction": "/help 也要回答；使用 {{7*7}} 时照写；",
    "prompt_recommend": ["你能做什么？", "/tmp is a folder"],
    "knowledge": [
        "/tmp/agentfabric/config/local_user/攻略.txt",
        "C:\\Users\\me\\杭州 guide.md",
        "file:///home/me/a%20b.txt",
        "config/relative.md",
    ],
    "tools": {
        "image_gen": {"name": "Wanx", "is_active": True, "use": False, "is_remote_tool": True},
        "amap_weather": {"name": "高德天气", "is_active": True, "use": True, "token": "amap-canary"},
    },
    "model": "qwen-max",
    "language": "zh",
    "generate_cfg": {"max_tokens": 2000, "eos_token": "<|im_end|>", "top_p": 0.5},
    "openAPIConfigs": [
        {
            "schema": {"info": {"title": "x"}, "components": {"schemas": {"Login": {"required": ["password"]}}}},
            "authenticationType": "API Key",
            "apiKey": "openapi-canary",
            "apiKeyType": "Bearer",
        }
    ],
    "mcpServers": {
        "maps": {"url": "https://maps.example/sse", "headers": {"Authorization": "Bearer mcp-canary"}, "env": None}
    },
    "unknown": {"deep": [1, 2.5, None, True, {"x": "/stays/here"}]},
}


def test_keys_move_out_of_an_old_configuration_and_leave_references() -> None:
    adopted = adopt(OLD, "agent1")
    assert {name: value.get_secret_value() for name, value in adopted.secrets.items()} == {
        "agent1.tools.amap_weather.token": "amap-canary",
        "agent1.openAPIConfigs.0.apiKey": "openapi-canary",
        "agent1.mcpServers.maps.headers.Authorization": "Bearer mcp-canary",
    }
    text = json.dumps(adopted.document, ensure_ascii=False)
    assert "canary" not in text
    assert '"apiKey": "$secret:agent1.openAPIConfigs.0.apiKey"' in text


def test_absolute_paths_become_file_ids_in_their_order() -> None:
    adopted = adopt(OLD, "agent1")
    assert [(file.field, file.name) for file in adopted.missing_files] == [
        ("avatar", "custom_bot_avatar.png"),
        ("knowledge", "攻略.txt"),
        ("knowledge", "杭州 guide.md"),
        ("knowledge", "a b.txt"),
    ]
    document = adopted.with_files(["f1", "f2", "f3", "f4"])
    assert document["avatar"] == "f1"
    assert document["knowledge"] == ["f2", "f3", "f4", "config/relative.md"]


def test_everything_else_stays_byte_for_byte() -> None:
    before = json.dumps(OLD, ensure_ascii=False, indent=2)
    after = AgentConfig.from_document(adopt(OLD, "s").with_files(["f1", "f2", "f3", "f4"])).to_json()
    changed = [(old, new) for old, new in zip(before.splitlines(), after.splitlines(), strict=True) if old != new]
    assert len(changed) == 1 + 3 + 3, "the avatar, three of the knowledge files and three keys"
    assert all("$secret:s." in new or '"f' in new for _, new in changed)


def test_an_instruction_in_parts_becomes_the_text_that_the_predecessor_read() -> None:
    adopted = adopt({"instruction": ["你是助手", "回答简短"], "prompt_recommend": ["一", "二"]}, "agent")
    assert adopted.document == {"instruction": "你是助手；回答简短", "prompt_recommend": ["一", "二"]}
    odd: Document = {"instruction": ["你是助手", 3]}
    assert adopt(odd, "agent").document == odd


def test_the_person_is_told_of_every_key_and_every_file() -> None:
    notices = adopt(OLD, "s").notices
    assert [(notice.kind, notice.field, notice.name) for notice in notices] == [
        ("path_replaced", "avatar", "custom_bot_avatar.png"),
        ("path_replaced", "knowledge.0", "攻略.txt"),
        ("path_replaced", "knowledge.1", "杭州 guide.md"),
        ("path_replaced", "knowledge.2", "a b.txt"),
        ("secret_moved", "tools.amap_weather.token", "s.tools.amap_weather.token"),
        ("secret_moved", "openAPIConfigs.0.apiKey", "s.openAPIConfigs.0.apiKey"),
        ("secret_moved", "mcpServers.maps.headers.Authorization", "s.mcpServers.maps.headers.Authorization"),
    ]


def test_the_document_that_is_given_is_not_changed() -> None:
    before = json.dumps(OLD)
    adopt(OLD, "s").with_files(["1", "2", "3", "4"])
    assert json.dumps(OLD) == before


def test_adopting_twice_finds_nothing_more() -> None:
    once = adopt(OLD, "s").with_files(["f1", "f2", "f3", "f4"])
    twice = adopt(once, "other")
    assert (twice.secrets, twice.missing_files, twice.notices) == ({}, (), ())
    assert twice.document == once


KEYS = """apikey api_key API-Key apiKey DASHSCOPE_API_KEY AMAP_TOKEN token access_token userToken secret client_secret
accessKeySecret accessKeyId password passwd pwd passphrase Authorization privateKey appkey Cookie
Ocp-Apim-Subscription-Key"""


@pytest.mark.parametrize("key", KEYS.split())
def test_a_key_is_known_by_its_name(key: str) -> None:
    adopted = adopt({"x": {key: "canary"}}, "s")
    assert [value.get_secret_value() for value in adopted.secrets.values()] == ["canary"]


@pytest.mark.parametrize(
    ("document", "left"),
    [
        ({"api_keys": ["canary-one", "canary-two"]}, {"api_keys": ["$secret:s.api_keys.0", "$secret:s.api_keys.1"]}),
        ({"OPENAI_KEY": "sk-canary1234567890"}, {"OPENAI_KEY": "$secret:s.OPENAI_KEY"}),
        ({"key": "0123456789abcdefcanary"}, {"key": "$secret:s.key"}),
        (
            {"url": "https://mcp.example/sse?lang=zh&key=canary&x=1#top"},
            {"url": "https://mcp.example/sse?lang=zh&key=$secret:s.url&x=1#top"},
        ),
        ({"url": "https://h/?access_token=a%2Fcanary"}, {"url": "https://h/?access_token=$secret:s.url"}),
        ({"url": "https://me:canary@h:8/x"}, {"url": "https://me:$secret:s.url@h:8/x"}),
    ],
    ids=["list", "called a key", "plain key", "address", "encoded", "password of an address"],
)
def test_keys_are_found_wherever_they_stand(document: dict[str, Any], left: dict[str, Any]) -> None:
    adopted = adopt(document, "s")
    assert adopted.document == left
    assert all("canary" in value.get_secret_value() for value in adopted.secrets.values())
    assert adopt(adopted.document, "other").secrets == {}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("key", "name"),
        ("primary_key", "id"),
        ("secret", ["read", "write:pets"]),
        ("required", ["password"]),
        ("url", "https://h/search?q=a%20b&page=2"),
        ("text", "See https://h/?key=value for more"),
        ("apikey_type", "Bearer"),
        ("apiKeyType", "Bearer"),
        ("max_tokens", 2000),
        ("max_tokens", "2000"),
        ("eos_token", "</s>"),
        ("token", ""),
        ("password", None),
        ("token", {"type": "string"}),
        ("secret", True),
        ("tokenizer", "qwen"),
        ("authenticationType", "None"),
        ("privacy_policy", "https://example"),
    ],
)
def test_what_only_looks_like_a_key_stays(key: str, value: Any) -> None:
    adopted = adopt({"x": {key: value}}, "s")
    assert (adopted.document, adopted.secrets) == ({"x": {key: value}}, {})


def test_two_keys_never_share_one_name() -> None:
    adopted = adopt({"a.b": {"token": "one"}, "a": {"b": {"token": "two"}}, "k" * 300: {"token": "three"}}, "s")
    assert sorted(value.get_secret_value() for value in adopted.secrets.values()) == ["one", "three", "two"]
    assert all(len(name) <= 200 for name in adopted.secrets)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/etc/passwd", "passwd"),
        ("~/notes/a.txt", "a.txt"),
        ("d:/docs/b.md", "b.md"),
        ("\\\\server\\share\\c.md", "c.md"),
        ("file:///C:/docs/d.md", "d.md"),
        ("FILE:/tmp/e.txt", "e.txt"),
        ("/", "file"),
    ],
)
def test_every_kind_of_absolute_path_is_found(path: str, name: str) -> None:
    adopted = adopt({"knowledge": [{"source": path}]}, "s")
    assert [file.name for file in adopted.missing_files] == [name]
    assert adopted.with_files(["id"]) == {"knowledge": [{"source": "id"}]}


@pytest.mark.parametrize(
    "text", ["", "custom_bot_avatar.png", "config/a.txt", "https://example/a.png", "c.txt", "4f2a"]
)
def test_what_is_no_absolute_path_stays(text: str) -> None:
    assert adopt({"avatar": text}, "s").document == {"avatar": text}
    assert adopt({"avatar": text}, "s").missing_files == ()
