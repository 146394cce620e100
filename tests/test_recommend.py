"""The search over the catalogue of tools."""

import pytest

from builder_core.recommend import offers, recommend, search
from user_agent.tools.registry import all_tools

CATALOGUE = offers(all_tools(), {})


@pytest.mark.parametrize(
    ("said", "tools"),
    [
        ("plans weekend trips and knows the weather", ["weather"]),
        ("帮我做一个能查天气、算汇率的旅行助手", ["weather", "calculator"]),
        ("ECS 实例续费助手", ["RenewInstance"]),
        ("it tells me what time is it in Tokyo", ["current_time"]),
        ("报时，还能算数学", ["current_time", "calculator"]),
        ("use the RenewInstance tool", ["RenewInstance"]),
        ("sometimes it writes poems", []),
        ("做一个小红书文案助手", []),
        ("an aftermath of training", []),
        ("一个会画画的故事机", ["image_gen"]),
        ("an illustrator that draws pictures for bedtime stories", ["image_gen"]),
        ("它要能根据描述生成图片", ["image_gen"]),
        ("draw up a plan for my week", []),
        ("an assistant that searches the web for recipes", ["web_search"]),
        ("帮我上网搜资料，再读网页内容", ["web_search", "web_browser"]),
        ("it reads web pages that I paste and sums them up", ["web_browser"]),
        ("a tutor that remembers between conversations what I know", ["storage"]),
        ("要能长期记住我的饮食习惯", ["storage"]),
        ("searches my memory for old songs", []),
        ("记住单词的小技巧", []),
        ("讲讲画家的生平", []),
        ("帮我策划动画片的剧情", []),
        ("keep the overall picture in mind", []),
    ],
)
def test_recommended_is_what_was_meant_in_so_many_words(said: str, tools: list[str]) -> None:
    assert sorted(found.offer.tool.name for found in recommend(CATALOGUE, said)) == sorted(tools)


def test_of_two_tools_for_one_purpose_the_one_without_a_missing_key_is_recommended() -> None:
    assert [found.offer.tool.name for found in recommend(CATALOGUE, "天气")] == ["weather"]


def test_a_tool_that_is_named_is_recommended_though_it_waits_for_its_key() -> None:
    best = recommend(CATALOGUE, "用高德查天气")[0]
    assert best.offer.tool.name == "amap_weather"
    assert [need.name for need in best.offer.waits_for] == ["AMAP_TOKEN"]


def test_with_its_key_a_tool_waits_for_nothing() -> None:
    catalogue = offers(all_tools(), dict.fromkeys(("AMAP_TOKEN", "DASHSCOPE_API_KEY", "MODELSCOPE_API_TOKEN"), "x"))
    assert not any(offer.waits_for for offer in catalogue)


def test_a_search_finds_by_words_of_the_description_too_and_says_which() -> None:
    found = {item.offer.tool.name: item for item in search(CATALOGUE, "乘方")}
    assert found["calculator"].words == ("乘方",)
    assert found["calculator"].phrases == ()
    assert recommend(CATALOGUE, "乘方") == []


def test_nothing_in_common_is_nothing_found() -> None:
    assert search(CATALOGUE, "zebra") == []
