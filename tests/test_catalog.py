"""The model catalogue, through `load_catalog`: what older files and pasted entries become, and what a mistake costs."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from user_agent.models.catalog import Catalog, load_catalog
from user_agent.models.entry import ModelEntry

SHIPPED = Path(__file__).parents[1] / "config" / "model_config.json"
KEY = "sk-canary-4f1b77c0aa"


def _load(folder: Path, document: object) -> Catalog:
    file = folder / "model_config.json"
    file.write_text(document if isinstance(document, str) else json.dumps(document, indent=2), encoding="utf-8")
    return load_catalog(file)


def _entry(folder: Path, **fields: Any) -> ModelEntry:
    catalog = _load(folder, {"mine": fields})
    assert catalog.problems == ()
    return catalog.entries["mine"]


def _reason(folder: Path, **fields: Any) -> str:
    catalog = _load(folder, {"mine": fields})
    assert catalog.entries == {}
    return catalog.problems[0].message.en


def test_shipped_file_has_every_provider_and_no_problem() -> None:
    catalog = load_catalog(SHIPPED)
    assert catalog.problems == ()
    providers = {entry.type for entry in catalog.entries.values()}
    wanted = {"dashscope", "openai", "zhipu", "modelscope", "deepseek", "vllm", "llamacpp", "ollama", "lmstudio"}
    assert wanted <= providers


def test_shipped_file_keeps_the_names_that_older_agents_use() -> None:
    assert {"qwen-max", "qwen-plus", "qwen-turbo"} <= set(load_catalog(SHIPPED).entries)


def test_shipped_local_models_need_no_key_and_are_never_chosen_by_themselves() -> None:
    catalog = load_catalog(SHIPPED)
    local = {key for key, entry in catalog.entries.items() if entry.is_local}
    assert {catalog.entries[key].type for key in local} == {"vllm", "llamacpp", "ollama", "lmstudio"}
    assert not any(catalog.entries[key].needs_key for key in local)
    assert catalog.default_model(local) is None


def test_older_entry_loads_as_it_is(tmp_path: Path) -> None:
    entry = _entry(
        tmp_path,
        type="dashscope",
        model="qwen-max",
        length_constraint={"knowledge": 4000, "input": 6000},
        generate_cfg={"use_raw_prompt": True, "top_p": 0.8, "debug": False},
    )
    assert entry.api_base == "https://dashscope.aliyuncs.com/compatible-mode/v1"
    assert entry.api_key_env == "DASHSCOPE_API_KEY"
    assert entry.key_url
    assert entry.generate_cfg.top_p == 0.8
    assert (entry.room.knowledge, entry.room.input) == (4000, 6000)
    assert entry.facts.function_calling
    assert entry.needs_key


def test_entry_of_seed_004_works_pasted(tmp_path: Path) -> None:
    catalog = _load(
        tmp_path,
        """{"my-qwen-7b-chat": {
        "type": "openai",
        "model": "/dir/to/your/model-merged",
        "api_base": "http://localhost:8000/v1",
        "is_chat": true,
        "is_function_call": false,
        "support_stream": false
    }}""",
    )
    entry = catalog.entries["my-qwen-7b-chat"]
    assert entry.display_key == "my-qwen-7b-chat"
    assert not entry.facts.function_calling
    assert not entry.support_stream
    assert entry.is_ready({})
    assert entry.key_in({"OPENAI_API_KEY": KEY}) is None, "OpenAI's key is not for this address"


def test_room_without_a_constraint_follows_from_the_context(tmp_path: Path) -> None:
    small = _entry(tmp_path, type="vllm", model="m", context_length=8_000).room
    assert small.knowledge < small.input < 8_000
    assert _entry(tmp_path, type="vllm", model="m", context_length=1_000_000).room.input > small.input


def test_server_of_older_programs_is_the_type(tmp_path: Path) -> None:
    entry = _entry(tmp_path, model_server="zhipu", model="glm-4")
    assert entry.type == "zhipu"
    assert entry.api_key_env == "ZHIPU_API_KEY"


def test_address_of_the_whole_route_is_accepted(tmp_path: Path) -> None:
    entry = _entry(tmp_path, type="openai", model="m", api_base="http://127.0.0.1:8000/v1/chat/completions/")
    assert entry.api_base == "http://127.0.0.1:8000/v1"


@pytest.mark.parametrize(
    ("fields", "calls"),
    [
        pytest.param({"type": "dashscope"}, True, id="dashscope"),
        pytest.param({"type": "openai", "api_base": "http://localhost:1/v1"}, True, id="local openai"),
        pytest.param({"type": "vllm"}, False, id="vllm, which must be started for it"),
        pytest.param({"type": "vllm", "is_function_call": True}, True, id="vllm that was"),
        pytest.param({"type": "openai", "is_function_call": False}, False, id="said not to"),
    ],
)
def test_function_calling_is_what_the_entry_says_else_the_provider(
    tmp_path: Path, fields: dict[str, Any], calls: bool
) -> None:
    assert _entry(tmp_path, model="m", **fields).facts.function_calling is calls


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"type": "dashscope"}, "Alibaba Cloud (DashScope)"),
        ({"type": "openai"}, "OpenAI"),
        ({"type": "openai", "api_base": "https://models.example.com/v1"}, "models.example.com"),
        ({"type": "ollama", "api_base": "http://ollama.example.com/v1"}, "Ollama"),
    ],
    ids=["own address", "default", "compatible", "program"],
)
def test_a_model_is_named_after_whoever_serves_it(tmp_path: Path, fields: dict[str, str], name: str) -> None:
    assert _entry(tmp_path, model="m", **fields).provider_name.en == name


@pytest.mark.parametrize(
    ("api_base", "needed"),
    [
        ("http://localhost:8000/v1", False),
        ("http://127.0.0.1:8000/v1", False),
        ("http://[::1]:8000/v1", False),
        ("http://192.168.1.20/v1", False),
        ("http://ollama:11434/v1", False),
        ("https://models.example.com/v1", True),
        ("https://8.8.8.8/v1", True),
    ],
)
def test_key_is_needed_only_outside_of_the_own_network(tmp_path: Path, api_base: str, needed: bool) -> None:
    assert _entry(tmp_path, type="openai", model="m", api_base=api_base).needs_key is needed


def test_local_entry_that_names_a_key_needs_it(tmp_path: Path) -> None:
    entry = _entry(tmp_path, type="vllm", model="m", api_key_env="VLLM_API_KEY")
    assert not entry.is_ready({})
    assert entry.key_in({"VLLM_API_KEY": f" {KEY}\n"}) == SecretStr(KEY)


@pytest.mark.parametrize(
    "variable",
    ["PATH", "AWS_SECRET_ACCESS_KEY", "MY_MODEL_KEY", "_API_KEY_OF_MINE", "A B_API_KEY", "AGENTFABRIC_TOKEN"],
)
def test_variable_that_is_no_key_costs_its_entry_alone_and_is_told_with_its_cure(tmp_path: Path, variable: str) -> None:
    catalog = _load(
        tmp_path,
        {
            "mine": {"type": "vllm", "model": "m", "api_key_env": variable},
            "other": {"type": "vllm", "model": "m", "api_key_env": "HF_TOKEN"},
        },
    )
    assert list(catalog.entries) == ["other"]
    (problem,) = catalog.problems
    assert (problem.entry, problem.line) == ("mine", 5)
    assert "_API_KEY or _TOKEN" in problem.message.en
    assert "必须以 _API_KEY 或 _TOKEN 结尾" in problem.message.zh
    assert "must end" not in problem.message.zh


def test_entry_of_a_person_is_asked_with_that_persons_key_alone() -> None:
    entry = ModelEntry.of_user(
        {"display_key": "mine", "type": "openai", "model": "m", "api_key_env": "OPENAI_API_KEY", "api_key": "sk-pasted"}
    )
    assert entry.api_key_env is None
    assert entry.secret_name == "model:mine"
    assert entry.key_in({"OPENAI_API_KEY": KEY}) is None
    assert entry.key_in({"model:mine": KEY}) == SecretStr(KEY)


def test_vendors_key_is_not_used_for_another_address(tmp_path: Path) -> None:
    entry = _entry(tmp_path, type="openai", model="m", api_base="https://models.example.com/v1")
    assert entry.api_key_env is None
    assert entry.key_in({"OPENAI_API_KEY": KEY}) is None
    assert entry.key_in({entry.secret_name: KEY}) == SecretStr(KEY)


def test_vendors_other_regions_use_the_same_key(tmp_path: Path) -> None:
    base = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"
    assert _entry(tmp_path, type="dashscope", model="m", api_base=base).api_key_env == "DASHSCOPE_API_KEY"


@pytest.mark.parametrize(
    ("kind", "host"),
    [
        ("openai", "evilopenai.com"),
        ("azure_openai", "evil.eastus.cloudapp.azure.com"),
        ("dashscope", "123.cn-hangzhou.fc.aliyuncs.com"),
        ("dashscope", "dashscope.aliyuncs.com.evil.com"),
    ],
)
def test_customers_and_lookalikes_of_a_vendor_do_not_get_its_key(tmp_path: Path, kind: str, host: str) -> None:
    assert _entry(tmp_path, type=kind, model="m", api_base=f"https://{host}/v1").api_key_env is None


AZURE = "https://us.openai.azure.com"


@pytest.mark.parametrize(
    ("fields", "base", "version"),
    [
        pytest.param({"api_base": AZURE}, "/openai/v1", None, id="resource"),
        pytest.param({"azure_endpoint": f"{AZURE}/"}, "/openai/v1", None, id="older name of the field"),
        pytest.param({"api_base": f"{AZURE}/openai/v1/"}, "/openai/v1", None, id="v1"),
        pytest.param({"api_base": AZURE, "api_version": "preview"}, "/openai/v1", "preview", id="v1 in preview"),
        pytest.param(
            {"azure_endpoint": AZURE, "api_version": "2024-06-01"},
            "/openai/deployments/gpt%2F5",
            "2024-06-01",
            id="older entry",
        ),
        pytest.param(
            {"api_base": f"{AZURE}/openai/deployments/d/chat/completions?api-version=2025-01-01-preview"},
            "/openai/deployments/d",
            "2025-01-01-preview",
            id="what the portal shows",
        ),
        pytest.param(
            {"api_base": f"{AZURE}/openai/deployments/d"}, "/openai/deployments/d", "2024-10-21", id="no version"
        ),
    ],
)
def test_azure_resource_is_understood_as_people_have_it(
    tmp_path: Path, fields: dict[str, str], base: str, version: str | None
) -> None:
    for kind in ("azure_openai", "azure"):
        entry = _entry(tmp_path, type=kind, model="gpt/5", **fields)
        assert (entry.api_base, entry.api_version) == (AZURE + base, version)
        assert (entry.api_key_env, entry.provider.key_header) == ("AZURE_OPENAI_API_KEY", "api-key")


def test_key_in_the_file_is_accepted_with_a_warning_and_never_shown(tmp_path: Path) -> None:
    catalog = _load(tmp_path, {"mine": {"type": "dashscope", "model": "m", "api_key": KEY}})
    entry = catalog.entries["mine"]
    assert entry.key_in({}) == SecretStr(KEY)
    assert entry.key_in({"DASHSCOPE_API_KEY": "sk-other"}) == SecretStr("sk-other")
    assert "DASHSCOPE_API_KEY" in entry.warnings[0].en
    assert "DASHSCOPE_API_KEY" in entry.warnings[0].zh
    shown = f"{entry!r} {entry} {entry.model_dump()} {entry.model_dump_json()} {catalog!r} {entry.warnings}"
    assert KEY not in shown


def test_key_in_the_file_of_an_entry_without_a_variable_is_told_to_get_one(tmp_path: Path) -> None:
    (warning,) = _entry(tmp_path, type="vllm", model="m", api_key=KEY).warnings
    assert "name a variable in this entry's api_key_env" in warning.en
    assert "用 api_key_env 写上一个环境变量的名字" in warning.zh


def test_entry_without_a_key_of_its_own_has_no_warning(tmp_path: Path) -> None:
    assert _entry(tmp_path, type="dashscope", model="m").warnings == ()
    assert _entry(tmp_path, type="vllm", model="m", api_key="EMPTY").warnings == ()


def test_null_is_what_is_not_set(tmp_path: Path) -> None:
    entry = _entry(tmp_path, type="vllm", model="m", generate_cfg=None, length_constraint=None, api_key=None)
    assert entry.generate_cfg.top_p is None


@pytest.mark.parametrize("key", ["", "  "])
def test_an_empty_key_is_no_key(tmp_path: Path, key: str) -> None:
    entry = _entry(tmp_path, type="openai", model="m", api_base="https://models.example/v1", api_key=key)
    assert not entry.is_ready({})
    assert entry.warnings == ()


def test_unknown_fields_are_kept(tmp_path: Path) -> None:
    assert _entry(tmp_path, type="vllm", model="m", colour="mine").model_dump()["colour"] == "mine"


def test_price_names_its_source_and_date(tmp_path: Path) -> None:
    price = {"input": 1, "output": 5, "currency": "USD", "source": "https://example.com/prices", "date": "2026-11-01"}
    assert _entry(tmp_path, type="openai", model="m", price=price).price is not None


@pytest.mark.parametrize("missing", ["source", "date", "currency"])
def test_price_without_its_source_or_date_is_refused(tmp_path: Path, missing: str) -> None:
    price = {"input": 1, "output": 5, "currency": "USD", "source": "https://example.com/prices", "date": "2026-11-01"}
    del price[missing]
    assert f"price.{missing}" in _reason(tmp_path, type="openai", model="m", price=price)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        pytest.param({"type": "openai"}, "model", id="no model"),
        pytest.param({"type": "nonesuch", "model": "m"}, "dashscope, openai", id="unknown type"),
        pytest.param({"type": ["openai"], "model": "m"}, "must be one of", id="type of the wrong kind"),
        pytest.param({"type": "azure_openai", "model": "m"}, "api_base is needed", id="no address"),
        pytest.param({"type": "openai", "model": "m", "api_base": "ftp://x/v1"}, "http://", id="odd address"),
        pytest.param({"type": "openai", "model": "m", "api_base": "http://[::1/v1"}, "http://", id="broken address"),
        pytest.param({"type": "openai", "model": "m", "api_base": "https://a:b@x.com"}, "no key", id="key in address"),
        pytest.param({"type": "openai", "model": "m", "is_chat": False}, "is_chat", id="no chat model"),
        pytest.param({"type": "openai", "model": "m", "silence_timeout_s": 0}, "silence_timeout_s", id="no patience"),
    ],
)
def test_entry_that_cannot_work_is_left_out_with_its_reason(tmp_path: Path, fields: dict[str, Any], said: str) -> None:
    assert said in _reason(tmp_path, **fields)


def test_bad_entry_costs_only_itself_and_has_its_line(tmp_path: Path) -> None:
    catalog = _load(
        tmp_path,
        """{
  "first": {"type": "dashscope", "model": "a"},
  "second": {
    "type": "dashscope",
    "model": "b",
    "support_stream": "perhaps"
  },
  "third": 7,
  "fourth": {"type": "dashscope", "model": "d"}
}""",
    )
    assert list(catalog.entries) == ["first", "fourth"]
    assert [(problem.entry, problem.line) for problem in catalog.problems] == [("second", 6), ("third", 8)]
    assert "support_stream" in catalog.problems[0].message.en
    assert "support_stream" in catalog.problems[0].message.zh
    assert catalog.problems[0].file.endswith("model_config.json")


def test_entry_that_stands_twice_is_told_and_the_later_counts(tmp_path: Path) -> None:
    catalog = _load(tmp_path, '{"a": {"type": "vllm", "model": "x"},\n "a": {"type": "vllm", "model": "y"}}')
    assert catalog.entries["a"].model == "y"
    assert [problem.line for problem in catalog.problems] == [2]


def test_file_that_is_not_json_has_a_problem_with_line_and_column(tmp_path: Path) -> None:
    catalog = _load(tmp_path, '{\n  "a": {"type": "vllm" "model": "x"}\n}')
    assert catalog.entries == {}
    (problem,) = catalog.problems
    assert (problem.line, problem.column) == (2, 24)
    assert "Line 2, column 24" in problem.message.en
    assert "第 2 行第 24 列" in problem.message.zh


GOOD = '"good": {"type": "vllm", "model": "x"}'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{\n" + GOOD + "\n,}", 3),
        ("{\n" + GOOD + '\n"next": {}}', 3),
        ("{\n" + GOOD + ',\n"next": {"type": "vllm", "model": "x", "context_length": ' + "9" * 5_000 + "}}", 0),
        ("{\n" + GOOD + ',\n"n\\ud800": {"type": "vllm", "model": "x"}}', 3),
        ("{\n" + GOOD + ',\n"next": {"type": "vllm", "model": "x\\u0000"}}', 3),
        ("{\n" + GOOD, 2),
    ],
    ids=["comma at the end", "no comma", "endless number", "broken key", "broken value", "no end"],
)
def test_a_slip_costs_only_what_comes_after_it(tmp_path: Path, text: str, line: int) -> None:
    catalog = _load(tmp_path, text)
    assert list(catalog.entries) == ["good"]
    [problem] = catalog.problems
    assert problem.line == line
    assert problem.message.zh and "work" in problem.message.en


@pytest.mark.parametrize(
    ("content", "line"),
    [
        pytest.param(b"[]", 1, id="a list"),
        pytest.param(b"", 1, id="empty"),
        pytest.param(b'{\n"a": "\xff"}', 2, id="not utf-8"),
        pytest.param(b'{"a":' * 200_000, 0, id="bottomless"),
    ],
)
def test_unusable_file_gives_a_problem_and_no_entries(tmp_path: Path, content: bytes, line: int) -> None:
    file = tmp_path / "broken.json"
    file.write_bytes(content)
    catalog = load_catalog(file)
    assert catalog.entries == {}
    assert [problem.line for problem in catalog.problems] == [line]


def test_missing_file_and_folder_are_problems_with_a_cure(tmp_path: Path) -> None:
    assert "MODEL_CONFIG_FILE" in load_catalog(tmp_path / "none.json").problems[0].message.en
    assert "cannot be read" in load_catalog(tmp_path).problems[0].message.en


def test_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    catalog = _load(tmp_path, '\ufeff{"a": {"type": "vllm", "model": "x"}}')
    assert list(catalog.entries) == ["a"]
    assert catalog.problems == ()


def test_default_is_the_first_ready_entry_that_may_be_chosen(tmp_path: Path) -> None:
    catalog = _load(
        tmp_path,
        {
            "local": {"type": "vllm", "model": "m", "default": False},
            "first": {"type": "dashscope", "model": "m"},
            "second": {"type": "deepseek", "model": "m"},
        },
    )
    secrets = {"DEEPSEEK_API_KEY": KEY}
    ready = {key for key, entry in catalog.entries.items() if entry.is_ready(secrets)}
    assert ready == {"local", "second"}
    chosen = catalog.default_model(ready)
    assert chosen is not None
    assert chosen.display_key == "second"
    assert catalog.default_model({"local"}) is None
