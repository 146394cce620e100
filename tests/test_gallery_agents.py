"""Each template as an agent: ready where its keys are, its tools used by what it says, what the seeds could do kept."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.conftest import Serve
from tests.fakes.openai_replies import Says
from tests.fakes.openai_server import FakeOpenAI
from tests.model_file import model_file
from tests.test_gallery import LANGUAGES, TEMPLATES, config_of
from user_agent.words import Language

KEYS = {"DASHSCOPE_API_KEY": "sk-d", "MODELSCOPE_API_TOKEN": "ms-t", "TAVILY_API_KEY": "tvly", "AMAP_TOKEN": "amap"}

WORDS: Mapping[str, Mapping[Language, Sequence[str]]] = {
    "weather": {"zh": ["天气"], "en": ["weather"]},
    "web_search": {"zh": ["搜索", "新闻", "要查"], "en": ["search", "news", "looked up"]},
    "web_browser": {"zh": ["网页"], "en": ["page", "link"]},
    "current_time": {"zh": ["日期", "时间", "今天"], "en": ["date", "time", "today"]},
    "calculator": {"zh": ["计算器", "算", "换算"], "en": ["calculat", "add costs", "work out", "sums"]},
    "code_interpreter": {"zh": ["代码", "表格", "头、"], "en": ["code", "table", "chart", "heads"]},
    "image_gen": {"zh": ["画", "漫画风"], "en": ["draw", "picture", "paint", "comic avatar"]},
    "image_edit": {"zh": ["改图", "背景"], "en": ["edit", "beach"]},
    "image_enhancement": {"zh": ["清晰"], "en": ["sharpen"]},
    "style_repaint": {"zh": ["人像重绘", "风格"], "en": ["repaint", "style"]},
    "qwen_vl": {
        "zh": ["看图", "图片内容", "看一眼", "这张图"],
        "en": ["look at it", "pictures are looked at", "in this picture"],
    },
    "sambert_tts": {"zh": ["朗读"], "en": ["read it aloud", "read the phrase aloud", "read aloud"]},
    "paraformer_asr": {"zh": ["录音", "转成文字"], "en": ["recording"]},
    "video-generation": {"zh": ["短片"], "en": ["film"]},
    "RenewInstance": {"zh": ["续费", "续到"], "en": ["renew", "run until"]},
}
"""How texts speak of each tool: in an instruction that uses it, and in a suggestion that needs it."""
NEEDS = {
    **{
        "zh": {
            "录音": "paraformer_asr",
            "天气": "weather",
            "网页": "web_browser",
            "新闻": "web_search",
            "续": "RenewInstance",
        }
    },
    **{
        "en": {
            "recording": "paraformer_asr",
            "weather": "weather",
            "this page": "web_browser",
            "news": "web_search",
            "Renew": "RenewInstance",
        }
    },
}

SEEDS: Mapping[str, Mapping[Language, Sequence[str]]] = {
    # The novelist of the predecessor: a scene, a picture of it, three choices and one's own; a known novel's world.
    "rpg": {
        "zh": ["三个编号选择", "自己说", "武侠小说、扮演其中一人", "收回主线", "每一幕都配图", "横幅", "场面不重复"],
        "en": [
            "three numbered choices",
            "something else",
            "a novel they know",
            "main plot",
            "every scene painted",
            "wide",
        ],
    },
    # The Story Agent: outline, scenes (four for a short one), the style by example, a picture for each paragraph.
    "storybook": {
        "zh": ["故事大纲", "四幕", "选画风", "小样", "逐页完成", "前后一致"],
        "en": [
            "Outline",
            "four scenes",
            "Choose the style",
            "draw the hero once in each",
            "Page by page",
            "look the same",
        ],
    },
    # FaceChain: one to three photos, the style that comes closest, likeness.
    "portrait": {"zh": ["一到三张", "十种风格", "保留本人的样子"], "en": ["one to three", "ten styles", "Likeness"]},
    # The Python analyst: look at a file first, say why before a tool, mend code that failed, sums in words.
    "analyst": {
        "zh": ["先用代码看", "为什么", "改代码再跑", "应用题", "列出几步"],
        "en": ["look first, in code", "why", "mend it and run it again", "Word problems", "list the steps"],
    },
    # RenewInstance: an id and months, one call each, what the tool said.
    "cloudops": {
        "zh": ["实例 ID", "几个月", "工具返回"],
        "en": ["instance's ID", "how many months", "what the tool answered"],
    },
    # ModelScopeGPT: search, see, draw, film, listen and speak, over several turns.
    "multitool": {"zh": ["短片", "改图", "前一步的结果"], "en": ["short film", "edited", "one by one"]},
    # The comforter of the reading notes, which promised books and jobs that it could not look up.
    "listener": {"zh": ["不编造资源", "优先于以上一切"], "en": ["Invent no resources", "before everything above"]},
}


async def test_each_is_ready_where_its_keys_are_and_answers(serve: Serve, tmp_path: Path) -> None:
    """The keys that it waits for are those of its tools, each is named, and nothing else is missing."""
    async with FakeOpenAI() as model, serve(MODEL_CONFIG_FILE=model_file(tmp_path, model.base_url), **KEYS) as client:
        for language in LANGUAGES:
            for template in await client.get(f"/api/templates?language={language}"):
                new = {"template": template["id"], "language": language}
                agent = (await client.post("/api/agents", json=new))["id"]
                findings = (await client.get(f"/api/agents/{agent}/readiness"))["findings"]
                assert [each for each in findings if each["level"] == "missing" and not _lacks_a_sandbox(each)] == []
                waits = {each["field"] for each in findings if each["kind"] == "asks"}
                assert waits <= {"tools.RenewInstance"}, "visitors are answered without anybody's leave"
                model.script(Says("Gladly."))
                await client.say(await client.conversation(agent), template["prompt_recommend"][0])
                body = model.requests[-1].body
                assert template["instruction"].splitlines()[1] in json.dumps(body, ensure_ascii=False)
                offered = {tool["function"]["name"] for tool in body.get("tools", [])}
                assert offered <= {*template["tools"]}, "a few of many, where there are many"
                assert bool(offered) == bool(template["tools"])


def _lacks_a_sandbox(finding: Mapping[str, str]) -> bool:
    """Whether only the machine that runs the tests cannot run code."""
    return (finding["kind"], finding["field"]) == ("tool_unavailable", "tools.code_interpreter")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_its_tools_and_what_it_says_belong_together(template: str, language: Language) -> None:
    config = config_of(template, language)
    unused = [tool for tool in config.enabled_tools if not _speaks_of(config.instruction, WORDS[tool][language])]
    assert unused == [], "a tool that the instruction never uses"
    asked = {tool for said in config.prompt_recommend for word, tool in NEEDS[language].items() if word in said}
    assert asked <= {*config.enabled_tools}, "a suggestion that it cannot do"


def _speaks_of(text: str, words: Sequence[str]) -> bool:
    return any(word in text.lower() for word in words)


@pytest.mark.parametrize("template", TEMPLATES)
def test_both_languages_say_the_same_in_the_same_order(template: str) -> None:
    shapes = [
        re.findall(r"^(#|-|\d+\.)", config_of(template, language).instruction, re.MULTILINE) for language in LANGUAGES
    ]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", SEEDS)
def test_what_the_predecessors_agents_could_is_kept(template: str, language: Language) -> None:
    instruction = config_of(template, language).instruction
    assert [part for part in SEEDS[template][language] if part not in instruction] == []
