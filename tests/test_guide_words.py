"""What the guide says: about results, about itself, and where it calls nothing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date

import pytest

from tests.fakes.weather_server import WeatherServer
from tests.guided import ALL, calls_of, talk, text_of
from user_agent.events import TextDelta, ToolDrafting, ToolFinished
from user_agent.tools.base import Tool
from user_agent.tools.registry import find_tool
from user_agent.words import Language, Words


@pytest.fixture
async def vendors() -> AsyncIterator[WeatherServer]:
    async with WeatherServer(today=date(2026, 11, 20)) as server:
        yield server


# --- what it says about results ---


async def test_the_weather_is_told_in_chinese_with_the_day_asked_for_first(vendors: WeatherServer) -> None:
    assert text_of(await talk("明天杭州会下雨吗？", vendors=vendors)) == (
        "明天 11月21日 周六：小雨，16.8～24.8℃，降水概率 80%。记得带伞。\n\n"
        "**杭州**（浙江，中国）现在多云，21.8℃，体感 20.3℃，湿度 60%，东北风 9.4 km/h。\n\n"
        "- 今天 11月20日 周五：多云，15.8～23.8℃，降水概率 5%\n\n"
        "数据来自 Open-Meteo.com。"
    )


async def test_the_weather_is_told_in_the_language_of_the_question_whatever_the_agents(vendors: WeatherServer) -> None:
    text = text_of(await talk("What's the weather in Tokyo?", vendors=vendors, language="zh"))
    assert text.startswith("**东京** (东京都, 日本) now: partly cloudy, 18.6 °C (feels like 17.1 °C), humidity 60%, ")
    assert "- Tomorrow Saturday 21 Nov: light rain, 13.6 to 21.6 °C, 80% chance of rain" in text


async def test_several_places_are_told_in_the_order_of_the_question(vendors: WeatherServer) -> None:
    text = text_of(await talk("上海和北京的天气", vendors=vendors))
    assert text.index("**上海**") < text.index("**北京市**")


async def test_amap_is_told_as_it_came(vendors: WeatherServer) -> None:
    text = text_of(await talk("杭州天气", vendors=vendors, tools=("amap_weather",)))
    assert text.startswith("浙江杭州市的天气是小雨")
    english = text_of(await talk("AMap weather in 杭州", vendors=vendors, tools=("amap_weather",), language="en"))
    assert "浙江杭州市的天气是小雨" in english


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("东京现在几点？", "东京现在是 **15:05**，2026-11-20，星期五（Asia/Tokyo, UTC+09:00）。"),
        ("What time is it in Tokyo?", "It is **15:05** on Friday, 2026-11-20 in Tokyo (Asia/Tokyo, UTC+09:00)."),
        ("几点了", "现在是 **06:05**，2026-11-20，星期五（UTC, UTC+00:00）。"),
        ("1+1等于几", "`1+1` = **2**"),
        ("What is 3*4*5?", "`3*4*5` = **60**"),
    ],
)
async def test_times_and_sums_are_told_in_a_line(said: str, text: str) -> None:
    assert text_of(await talk(said)) == text


async def test_a_country_with_several_zones_is_told_as_a_list() -> None:
    text = text_of(await talk("美国现在几点？"))
    assert text.startswith("美国有几个时区")
    assert text.count("\n- ") == 4


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            "续费ECS实例 i-rj90a7e840y5cde 22个月",
            ("已完成ECS实例ID为i-rj90a7e840y5cde的续费，续费时长22月", "没有真的续费"),
        ),
        ("Renew ECS instance i-rj90a7e840y5cde for 22 months", ("22 months", "nothing was really renewed")),
    ],
)
async def test_the_demonstration_is_told_with_what_it_is(said: str, words: tuple[str, ...]) -> None:
    text = text_of(await talk(said))
    assert all(word in text for word in words)


async def test_a_failed_call_is_told_and_not_tried_again(vendors: WeatherServer) -> None:
    vendors.misbehaviour = "error_500"
    events = await talk("杭州天气", vendors=vendors)
    assert len(calls_of(events)) == 1
    text = text_of(events)
    assert text.startswith("抱歉") and "500" in text and "Open-Meteo" in text


async def test_an_unknown_place_is_told_with_what_to_try(vendors: WeatherServer) -> None:
    text = text_of(await talk("Weather in Atlantis", vendors=vendors, language="en"))
    assert text.startswith("Sorry") and "Atlantis" in text and "Try a city's name" in text


async def test_a_tool_of_the_same_name_with_another_output_is_told_as_it_came() -> None:
    async def weather_of_ours(city: str) -> str:
        """Weather of another kind."""
        return f"It is always sunny in {city}."

    words = Words(zh="天气", en="Weather")
    ours = Tool.from_function(weather_of_ours, name="weather", label=words, summary=words)
    events = await talk("Will it rain in Paris tomorrow?", tools=[ours])
    assert calls_of(events) == [("weather", {"city": "Paris"})]
    assert "It is always sunny in Paris." in text_of(events)


async def test_a_tool_of_the_same_name_that_needs_more_is_not_called() -> None:
    async def weather_of_ours(city: str, permit: str) -> str:
        """Weather for those with a permit."""
        return f"{city} {permit}"

    words = Words(zh="天气", en="Weather")
    ours = Tool.from_function(weather_of_ours, name="weather", label=words, summary=words)
    assert calls_of(await talk("Will it rain in Paris?", tools=[ours])) == []


# --- what it says where it calls nothing ---


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("写一首关于春天的诗", ("内置的向导，不是语言模型", "**天气**", "杭州明天会下雨吗", "密钥")),
        ("Tell me a joke", ("built-in guide, not a language model", "**Weather**", "Hangzhou", "key")),
    ],
)
async def test_it_says_what_it_is_what_it_can_do_and_what_the_question_needs(said: str, words: Sequence[str]) -> None:
    text = text_of(await talk(said))
    assert all(word in text for word in words)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("你好", "你好！我是内置的向导"),
        ("你能做什么？", "我是内置的向导"),
        ("Hello!", "Hello! I am the built-in guide"),
        ("What can you do?", "I am the built-in guide"),
    ],
)
async def test_a_greeting_is_returned(said: str, words: str) -> None:
    text = text_of(await talk(said))
    assert text.startswith(words)
    assert "密钥" not in text and "key" not in text


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("天气怎么样", "想查哪座城市"),
        ("What's the weather?", "Which city"),
        ("帮我续费服务器", "实例的 ID"),
        ("续费 i-rj90a7e840y5cde", "几个月"),
    ],
)
async def test_it_asks_for_what_is_missing(said: str, question: str) -> None:
    assert question in text_of(await talk(said))


@pytest.mark.parametrize(
    ("said", "tool", "language"),
    [
        ("东京现在几点？", "current_time", "zh"),
        ("What time is it in Tokyo?", "current_time", "en"),
        ("(12.5+3)×4 等于多少？", "calculator", "zh"),
        ("What is 15% of 80?", "calculator", "en"),
        ("帮我续费 i-rj90a7e840y5cde 三个月", "RenewInstance", "zh"),
    ],
)
async def test_a_tool_that_is_not_enabled_is_named_as_configure_names_it(
    said: str, tool: str, language: Language
) -> None:
    text = text_of(await talk(said, tools=tuple(set(ALL) - {tool})))
    found = find_tool(tool)
    assert found is not None and f"“{found.label[language]}”" in text


async def test_without_tools_it_says_which_ones_to_enable() -> None:
    text = text_of(await talk("Hi", tools=()))
    assert "Tick the weather" in text


async def test_tools_that_rules_cannot_use_are_named_as_waiting_for_a_model() -> None:
    async def search(query: str) -> str:
        """Search."""
        return query

    words = Words(zh="搜索", en="Search")
    tool = Tool.from_function(search, label=words, summary=words)
    assert "search can be used too" in text_of(await talk("What can you do?", tools=["weather", tool]))


async def test_where_the_question_shows_no_language_it_is_that_of_the_agent() -> None:
    assert "built-in guide" in text_of(await talk("???", language="en"))
    assert "内置的向导" in text_of(await talk("???", language="zh"))


async def test_a_message_of_any_length_is_answered_at_once() -> None:
    for pasted in ("现在" * 100_000, "1+" * 100_000, "the a " * 100_000, " " * 100_000, "i-" * 100_000 + "续费"):
        async with asyncio.timeout(2):
            assert text_of(await talk(pasted, tools=("calculator", "RenewInstance")))


# --- how it streams ---


async def test_text_and_arguments_stream_in_small_pieces(vendors: WeatherServer) -> None:
    events = await talk("明天杭州会下雨吗？", vendors=vendors)
    pieces = [event.text for event in events if isinstance(event, TextDelta)]
    assert len(pieces) > 15 and max(map(len, pieces)) < 60
    drafted = [event for event in events if isinstance(event, ToolDrafting)]
    assert "".join(draft.arguments_text for draft in drafted) == '{"city": "杭州", "days": 2}'
    assert len(drafted) > 1


async def test_results_of_an_earlier_turn_do_not_end_the_next(vendors: WeatherServer) -> None:
    first = await talk("杭州天气", vendors=vendors)
    assert [event.failed for event in first if isinstance(event, ToolFinished)] == [False]
    second = await talk("杭州天气", "东京现在几点？", vendors=vendors)
    assert calls_of(second) == [("current_time", {"place": "东京"})]
