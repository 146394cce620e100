"""The gallery: agents that are good as they stand, in both languages, and one request away."""

import json
import re
from pathlib import Path
from typing import Any, cast

import pytest

from agentfabric.service.gallery import FOLDER, Gallery
from tests.client import Client, text_of
from tests.conftest import Serve
from tests.fakes.openai_replies import Call, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.model_file import model_file
from user_agent.config import AgentConfig
from user_agent.tools.catalog import load_tools
from user_agent.words import Language

ROOT = Path(__file__).parents[1]
TEMPLATES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
LANGUAGES: tuple[Language, ...] = ("zh", "en")
TOOLS = load_tools(ROOT / "config" / "tool_config.json", ())
CRISIS = {"zh": ("12356", "400-161-9995", "120"), "en": ("988", "116 123", "112")}


RULES = {
    "zh": ("不作诊断", "用药", "绝不提供任何自伤"),
    "en": ("Never a diagnosis", "medicine", "Never give or compare methods"),
}


def config_of(template: str, language: Language) -> AgentConfig:
    return AgentConfig.from_json((FOLDER / template / f"{language}.json").read_text(encoding="utf-8"))


def test_a_dozen_are_listed_and_all_are_read() -> None:
    listed = json.loads((FOLDER / "gallery.json").read_text(encoding="utf-8"))
    assert sorted(listed) == TEMPLATES
    assert len(TEMPLATES) == 12


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_each_is_whole_in_its_language(template: str, language: Language) -> None:
    config = config_of(template, language)
    other = config_of(template, "en" if language == "zh" else "zh")
    assert config.language == language
    assert config.name and config.description and config.prologue
    assert len(set(config.prompt_recommend)) == 4
    assert config.model == ""
    assert set(config.enabled_tools) <= set(TOOLS.tools)
    assert config.enabled_tools == other.enabled_tools
    words = len(config.instruction.split()) if language == "en" else len(config.instruction)
    assert 150 <= words <= (400 if language == "en" else 700), words
    assert len(re.findall(r"^# ", config.instruction, re.MULTILINE)) >= 4, "who, beginning, work, format or limits"
    is_chinese = re.compile("[\u3400-\u9fff]")
    if language == "en":
        assert not is_chinese.search(json.dumps(config.document, ensure_ascii=False))
    else:
        assert all(is_chinese.search(text) for text in (config.name, config.description, *config.prompt_recommend))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_listener_has_its_safety_rules(language: Language) -> None:
    config = config_of("listener", language)
    for number in CRISIS[language]:
        assert number in config.instruction
    assert CRISIS[language][0] in config.prologue
    assert all(rule in config.instruction for rule in RULES[language])
    assert config.enabled_tools == ()


async def test_one_request_starts_from_each_and_it_opens_with_its_greeting(client: Client) -> None:
    for language in LANGUAGES:
        listed = await client.get(f"/api/templates?language={language}")
        assert [template["id"] for template in listed] == [*json.loads((FOLDER / "gallery.json").read_text("utf-8"))]
        for template in listed:
            agent = await client.post("/api/agents", json={"template": template["id"], "language": language})
            config = cast(dict[str, Any], agent["config"])
            for field in ("name", "description", "instruction", "prologue", "prompt_recommend"):
                assert config[field] == template[field]
            assert config["language"] == language
            assert {tool for tool, entry in config["tools"].items() if entry["use"]} == set(template["tools"])
            assert agent["notices"] == []
            assert agent["marks"]["name"]["author"] == "default"
    unknown = await client.call("POST", "/api/agents", json={"template": "nobody", "language": "en"})
    assert unknown.status == 404
    both = await client.call("POST", "/api/agents", json={"template": "travel", "config": {}})
    assert both.status == 400


async def test_a_broken_template_costs_only_itself(tmp_path: Path) -> None:
    (tmp_path / "good").mkdir()
    for language in LANGUAGES:
        (tmp_path / "good" / f"{language}.json").write_text('{"name": "G", "tools": {"gone": {"use": true}}}')
    (tmp_path / "gallery.json").write_text('{"bad": {}, "good": {"en": ["good one"]}}')
    (found,) = await Gallery(tmp_path, TOOLS).all()
    assert (found.id, found.configs["en"].enabled_tools) == ("good", ())


@pytest.mark.parametrize(
    ("language", "wish", "agree", "offered", "name"),
    [
        ("en", "I want an agent that plans trips", "Yes, use the template", "template close to", "Travel Planner"),
        ("zh", "我想要一个写会议纪要的助手", "就用模板吧", "有一个很接近的模板", "会议纪要员"),
    ],
)
async def test_the_guide_offers_the_nearest_once_and_starts_from_it_when_told_to(
    client: Client, language: str, wish: str, agree: str, offered: str, name: str
) -> None:
    agent = (await client.post("/api/agents", json={"language": language}))["id"]
    first = text_of(await client.tell_builder(agent, wish, language))
    assert offered in first and f"**{name}**" in first
    before = (await client.get(f"/api/agents/{agent}"))["config"]
    assert before["name"] != name, "it is never forced"
    assert offered not in text_of(await client.tell_builder(agent, "Call it Nova", language))
    await client.tell_builder(agent, agree, language)
    after = await client.get(f"/api/agents/{agent}")
    assert after["config"]["name"] == name
    assert after["marks"]["instruction"]["author"] == "builder"
    events = await client.tell_builder(agent, "Undo that" if language == "en" else "撤销刚才的修改", language)
    assert (await client.get(f"/api/agents/{agent}"))["config"]["name"] == "Nova", text_of(events)


async def test_a_model_is_told_of_the_nearest_and_starts_from_it(serve: Serve, tmp_path: Path) -> None:
    async with FakeOpenAI() as model, serve(MODEL_CONFIG_FILE=model_file(tmp_path, model.base_url)) as client:
        agent = (await client.post("/api/agents", json={"language": "en"}))["id"]
        model.script(Says("There is a template close to this: Translator. Start from it?"))
        await client.tell_builder(agent, "Something that translates for my team")
        assert "translator: Translator. Translates between" in json.dumps(model.requests[-1].body)
        model.script(Says(calls=(Call("start_from_template", '{"template": "translator"}'),)), Says("Done."))
        await client.tell_builder(agent, "Yes please")
        assert (await client.get(f"/api/agents/{agent}"))["config"]["name"] == "Translator"
        model.script(Says("Hello!"))
        other = (await client.post("/api/agents", json={"language": "en"}))["id"]
        await client.tell_builder(other, "Something for my kitchen")
        assert "start_from_template" not in json.dumps(model.requests[-1].body)
