"""What the files for operators say is what the settings know."""

import re
from pathlib import Path

import yaml
from dotenv import dotenv_values

from agentfabric.settings import Settings
from agentfabric.settings_files import OSS_NAMES
from agentfabric.variables import BASE_URL_NAMES
from user_agent.models.catalog import load_catalog
from user_agent.tools.catalog import load_tools
from user_agent.tools.registry import all_tools

ROOT = Path(__file__).parents[1]


def _known() -> set[str]:
    settings = {field.alias for field in Settings.model_fields.values() if field.alias}
    keys = {need.name for tool in all_tools() for need in tool.secrets}
    models = load_catalog(ROOT / "config" / "model_config.json").entries.values()
    keys |= {entry.api_key_env for entry in models if entry.api_key_env}
    return settings | keys | set(BASE_URL_NAMES) | set(OSS_NAMES) | {"AGENTFABRIC_TOKEN"}


def test_the_example_file_names_every_variable_and_no_other() -> None:
    named = set(re.findall(r"^([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert named == _known()


def test_a_container_keeps_its_home_and_address_whatever_the_env_file_says() -> None:
    service = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]["agentfabric"]
    # As Compose does it: a copy of the example file, and above it what the service itself sets.
    given = {**dotenv_values(ROOT / ".env.example"), **service["environment"]}
    settings = Settings.load({name: str(value) for name, value in given.items()})
    assert (settings.home.as_posix(), settings.host, settings.port) == ("/data", "0.0.0.0", 7860)
    assert settings.home.as_posix() in {volume.partition(":")[2] for volume in service["volumes"]}


def test_the_shipped_model_list_has_no_problem() -> None:
    catalog = load_catalog(ROOT / "config" / "model_config.json")
    assert catalog.problems == ()
    assert catalog.entries


def test_the_shipped_tool_list_names_every_tool_as_the_tool_names_itself() -> None:
    catalog = load_tools(ROOT / "config" / "tool_config.json")
    assert catalog.problems == ()
    assert {tool.name: tool.label for tool in catalog.tools.values()} == {tool.name: tool.label for tool in all_tools()}
