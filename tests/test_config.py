"""`AgentConfig`: the predecessor's files survive it byte for byte, and broken ones are refused with the place."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from user_agent.config import AgentConfig, parse_document
from user_agent.errors import ConfigError
from user_agent.storable import MAX_DEPTH, cleaned, is_clean

PREDECESSOR: dict[str, Any] = {
    "name": "旅行助手",
    "avatar": "custom_bot_avatar.png",
    "description": "规划周末旅行",
    "instruction": "你会规划旅行；回答简短；不推荐酒店",
    "prompt_recommend": ["你能做什么？", "周末去哪儿？"],
    "knowledge": [],
    "tools": {
        "image_gen": {"name": "Wanx Image Generation", "is_active": True, "use": False},
        "amap_weather": {
            "name": "高德天气",
            "is_active": True,
            "use": True,
            "is_remote_tool": True,
            "url": "https://x",
        },
        "gone": {"name": "Gone", "is_active": False, "use": True},
    },
    "model": "qwen-max",
    "language": "zh",
    "openAPIConfigs": [{"schema": {"openapi": "3.0.1"}}],
}


def written(document: object) -> str:
    """As the predecessor wrote its files."""
    return json.dumps(document, ensure_ascii=False, indent=2)


# --- round trip ---


def test_a_predecessors_file_comes_back_byte_for_byte() -> None:
    assert AgentConfig.from_json(written(PREDECESSOR)).to_json() == written(PREDECESSOR)


def test_its_fields_are_read() -> None:
    config = AgentConfig.from_json(written(PREDECESSOR))
    assert config.name == "旅行助手"
    assert config.prompt_recommend == ("你能做什么？", "周末去哪儿？")
    assert config.model == "qwen-max"
    assert config.enabled_tools == ("amap_weather",)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"name": None, "description": None},
        {"tools": {"x": {}}},
        {"z": 1, "name": "", "a": [1, 2.5, None, True, "文"]},
        {"generation": {"temperature": 0.7, "top_k": 3}, "mcpServers": {"x": {"command": "npx"}}},
    ],
    ids=["empty", "nulls", "empty entry", "order", "new fields"],
)
def test_any_valid_document_comes_back_byte_for_byte(document: dict[str, Any]) -> None:
    assert AgentConfig.from_json(written(document)).to_json() == written(document)


def test_a_change_replaces_that_field_and_nothing_else() -> None:
    changed = AgentConfig.from_json(written(PREDECESSOR)).replaced({"name": "新名字"})
    assert changed.to_json() == written({**PREDECESSOR, "name": "新名字"})
    assert changed.name == "新名字"


def test_a_change_leaves_the_original_as_it_was() -> None:
    config = AgentConfig.from_json(written(PREDECESSOR))
    config.replaced({"name": "新名字", "extra": 1})
    assert config.to_json() == written(PREDECESSOR)


def test_a_change_that_does_not_fit_is_refused_with_its_field() -> None:
    config = AgentConfig.from_json(written(PREDECESSOR))
    with pytest.raises(ConfigError) as refused:
        config.replaced({"language": "fr"})
    assert refused.value.field == "language"


def test_null_is_what_is_not_set() -> None:
    text = written(dict.fromkeys(AgentConfig.model_fields))
    config = AgentConfig.from_json(text)
    assert (config.name, config.language, config.prompt_recommend, config.enabled_tools) == ("", "zh", (), ())
    assert config.generation.temperature is None
    assert config.to_json() == text


def test_missing_fields_are_empty() -> None:
    config = AgentConfig.from_document({})
    assert (config.name, config.instruction, config.prompt_recommend, config.language) == ("", "", (), "zh")
    assert config.enabled_tools == ()


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc文", max_size=5), inner, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_unknown_fields_are_kept_whatever_they_hold(value: object) -> None:
    text = written({"name": "x", "unknown": value})
    assert AgentConfig.from_json(text).to_json() == text


# --- attacks on a configuration (A22, A23) ---


@pytest.mark.parametrize(
    "field",
    ["__class__", "__proto__", "constructor", "__init__", "_document", "model_config", "model_fields", "from_json"],
)
def test_odd_keys_are_inert_data(field: str) -> None:
    text = written({"name": "x", field: {"polluted": True}})
    config = AgentConfig.from_json(text)
    assert config.to_json() == text
    assert config.replaced({"name": "y"}).name == "y"
    assert type(config) is AgentConfig
    assert not hasattr(config, "polluted")


def test_a_serialised_secret_is_inert_data() -> None:
    text = written({"name": "x", "lc_value": {"lc": 1, "type": "secret", "id": ["OPENAI_API_KEY"]}})
    assert AgentConfig.from_json(text).to_json() == text


@pytest.mark.parametrize(
    "text", ["{{7*7}}", "{% for x in ().__class__ %}", "${7*7}", "{0.__globals__}", "<img onerror>"]
)
def test_templates_in_a_field_stay_text(text: str) -> None:
    config = AgentConfig.from_json(written({"instruction": text, "prompt_recommend": [text]}))
    assert config.instruction == text
    assert config.prompt_recommend == (text,)


@pytest.mark.parametrize(
    ("text", "field", "reason"),
    [
        ('{"name": "a", "name": "b"}', "name", "duplicate"),
        ('{"tools": {"x": {}, "x": {"use": true}}}', "x", "duplicate"),
        ('{"temperature": NaN}', "config", "NaN"),
        ('{"temperature": -Infinity}', "config", "Infinity"),
        ('{"temperature": 1e400}', "config", "1e400"),
        ('{"name": "\\ud800"}', "name", "broken"),
        ('{"name": "a\\u0000b"}', "name", "broken"),
        ('{"unknown": ["fine", {"deep": "\\udfff"}]}', "unknown.1.deep", "broken"),
        ('{"\\ud800": 1}', "config", "broken"),
        ('{"x": ' + "[" * 10_000 + "]" * 10_000 + "}", None, "deep"),
        ('{"x": ' + "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1) + "}", None, "deep"),
        ('{"x": ' + "1" * 5_000 + "}", "config", "number too large"),
        ('{"x": {"y": 18446744073709551616}}', "x.y", "number too large"),
        ("[]", "config", "object"),
        ('"text"', "config", "object"),
        ("null", "config", "object"),
        ("", "config", "line 1, column 1"),
        ('{\n  "name": "a"\n,}', "config", "line 3"),
        ("{'name': 'a'}", "config", "line 1, column 2"),
        ('{"name": "a"} trailing', "config", "line 1, column 15"),
        ('{"x": "' + "x" * 2_000_000 + '"}', "config", "too large"),
    ],
    ids=[
        "duplicate key",
        "duplicate key inside",
        "NaN",
        "infinity",
        "overflow",
        "surrogate",
        "NUL",
        "deep surrogate",
        "surrogate in a key",
        "depth 10,000",
        "depth over the limit",
        "5,000 digits",
        "more than 64 bits",
        "list",
        "string",
        "null",
        "empty",
        "trailing comma",
        "single quotes",
        "trailing text",
        "too large",
    ],
)
def test_broken_documents_are_refused_with_the_place(text: str, field: str | None, reason: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse_document(text)
    assert reason in refused.value.reason
    assert refused.value.status == 422
    if field is not None:
        assert refused.value.field == field


def test_the_deepest_document_that_is_allowed_is_read() -> None:
    parse_document('{"x": ' + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1) + "}")


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"name": "x" * 121}, "name"),
        ({"name": ["x"]}, "name"),
        ({"language": "fr"}, "language"),
        ({"prompt_recommend": "one"}, "prompt_recommend"),
        ({"prompt_recommend": ["a", 2]}, "prompt_recommend.1"),
        ({"prompt_recommend": ["x"] * 51}, "prompt_recommend"),
        ({"tools": []}, "tools"),
        ({"tools": {"x": {"use": "perhaps"}}}, "tools.x.use"),
        ({"generation": {"temperature": 3}}, "generation.temperature"),
        ({"generation": {"max_tokens": 0}}, "generation.max_tokens"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_value_that_does_not_fit_is_refused_with_its_field(document: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigError) as refused:
        AgentConfig.from_json(written(document))
    assert refused.value.field == field
    assert refused.value.reason


def test_a_refusal_does_not_repeat_the_value() -> None:
    with pytest.raises(ConfigError) as refused:
        AgentConfig.from_json(written({"generation": {"temperature": "sk-secret"}}))
    assert "sk-secret" not in refused.value.message


# --- text that can be stored ---


@pytest.mark.parametrize(
    ("text", "kept"),
    [("plain 文字 😀", "plain 文字 😀"), ("a\0b", "ab"), ("a\ud800b", "a\ufffdb"), ("\ud83d", "\ufffd")],
    ids=["clean", "NUL", "lone surrogate", "only a surrogate"],
)
def test_cleaned_text_can_be_stored(text: str, kept: str) -> None:
    assert cleaned(text) == kept
    assert is_clean(cleaned(text))
    assert is_clean(text) == (text == kept)


@pytest.mark.parametrize(
    "kept",
    [
        [{"schema": {"openapi": "3.0.1"}}],
        "openapi_plugin_config.json",
        {"schema": {"openapi": "3.0.1"}, "auth": {"type": "None"}},
        {"an id with spaces": {"server": "https://api.example.com"}},
        {"one": {"server": 5}, "two": {"title": "no server"}},
    ],
    ids=["list", "name", "plugin file", "another id", "other entries"],
)
def test_what_stands_under_openapi_in_another_shape_is_kept_and_not_used(kept: Any) -> None:
    text = json.dumps({"name": "Old", "openapi": kept}, indent=2)
    config = AgentConfig.from_json(text)
    assert (config.openapi, config.to_json()) == ({}, text)


def test_an_api_beside_what_is_none_is_used() -> None:
    config = AgentConfig.from_document({"openapi": {"shop": {"server": "https://api.example.com"}, "other": [1]}})
    assert list(config.openapi) == ["shop"]
    assert config.replaced({"name": "n"}).document["openapi"] == config.document["openapi"]
