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
        ("analyses our sales data and draws a chart of it", ["code_interpreter"]),
        ("takes the CSV that I attach and sums it up", ["code_interpreter"]),
        ("it should run Python", ["code_interpreter"]),
        ("能分析销售数据、画折线图的助手", ["code_interpreter"]),
        ("会运行 Python 代码", ["code_interpreter"]),
        ("把结果画成图表", ["code_interpreter"]),
        ("画图表", ["code_interpreter"]),
        ("a lawyer who protects personal data", []),
        ("writes about the music charts", []),
        ("charts a course for my career", []),
        ("a zoo guide who knows pandas and pythons", []),
        ("保护数据隐私的法律顾问", []),
        ("call our web hook when somebody orders", ["http_request"]),
        ("calls our REST endpoint with the number", ["http_request"]),
        ("calls the company's internal API", ["http_request"]),
        ("调用我们的下单接口", ["http_request"]),
        ("call me before the rest of the day is over", []),
        ("writes about the endpoint of a long journey", []),
        ("接口设计课的老师", []),
        ("summarises a link that I paste", ["web_browser"]),
        ("reads the links I send", ["web_browser"]),
        ("总结我发的链接", ["web_browser"]),
        ("explains the link between sleep and health", []),
        ("链接上下游的供应链专家", []),
        ("a coach that looks up online what is new", ["web_search"]),
        ("search engine marketing", ["web_search"]),
        ("web design tips", []),
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


@pytest.mark.parametrize(
    ("asked", "tool"),
    [("calculating with powers", "calculator"), ("Forecasts for CITIES", "weather"), ("氣溫", "weather")],
)
def test_a_search_reads_words_as_every_other_search_does(asked: str, tool: str) -> None:
    """Other endings, letters and characters than a tool's texts have."""
    assert search(CATALOGUE, asked)[0].offer.tool.name == tool


def test_a_search_finds_by_words_of_the_description_too_and_says_which() -> None:
    found = {item.offer.tool.name: item for item in search(CATALOGUE, "乘方")}
    assert found["calculator"].words == ("乘方",)
    assert found["calculator"].phrases == ()
    assert recommend(CATALOGUE, "乘方") == []


def test_nothing_in_common_is_nothing_found() -> None:
    assert search(CATALOGUE, "zebra") == []
