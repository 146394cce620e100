"""The guide as an agent without a model: which call each utterance leads to."""

from collections.abc import AsyncIterator
from datetime import date

import pytest

from tests.fakes.weather_server import WeatherServer
from tests.guided import Case, amap, calls_of, renew, sum_of, talk, text_of, time, weather


@pytest.fixture
async def vendors() -> AsyncIterator[WeatherServer]:
    async with WeatherServer(today=date(2026, 11, 20)) as server:
        yield server


CASES = (
    # Weather, Chinese
    Case("杭州天气", [weather("杭州")]),
    Case("明天杭州会下雨吗？", [weather("杭州", 2)]),
    Case("请问一下北京今天的天气怎么样", [weather("北京")]),
    Case("帮我查一下上海市浦东新区这周末的天气", [weather("上海市浦东新区", 7)]),
    Case("我周末要和家人去成都看大熊猫，天气怎么样，要带伞吗", [weather("成都", 7)]),
    Case("我明天去西安出差需要带伞吗", [weather("西安", 2)]),
    Case("我在深圳，明天要带伞吗？", [weather("深圳", 2)]),
    Case("广州未来三天气温", [weather("广州", 3)]),
    Case("查天气：苏州", [weather("苏州")]),
    Case("北京和上海的天气", [weather("北京"), weather("上海")]),
    Case("和田天气", [weather("和田")]),
    Case("新会后天冷不冷", [weather("新会", 3)]),
    Case("那曲热不热", [weather("那曲")]),
    Case("大连这个周末适合出海吗，天气好不好", [weather("大连", 7)]),
    Case("周末去杭州玩，查一下天气再给建议", [weather("杭州", 7)]),
    Case("成都和重庆哪个更热", [weather("成都"), weather("重庆")]),
    Case("天气预报 青岛", [weather("青岛")]),
    Case("帮我规划周末去杭州的行程", []),
    Case("天气怎么样", []),
    Case("今天天气好热", []),
    # Weather, English and mixed
    Case("what's the weather like in Paris tomorrow?", [weather("Paris", 2)]),
    Case("weather in new york", [weather("new york")]),
    Case("London weather", [weather("London")]),
    Case("What's the weather in Paris, Texas?", [weather("Paris, Texas")]),
    Case("Will it rain in Seattle this weekend?", [weather("Seattle", 7)]),
    Case("forecast for Berlin for the next 5 days", [weather("Berlin", 5)]),
    Case("how hot is Dubai right now?", [weather("Dubai")]),
    Case("I'm flying to Tokyo next week, what's the weather like there?", [weather("Tokyo", 14)]),
    Case("Is it cold in London and Paris?", [weather("London"), weather("Paris")]),
    Case("Should I bring a jacket to Chicago this weekend? What's the weather?", [weather("Chicago", 7)]),
    Case("Show me the 7-day forecast for Tokyo", [weather("Tokyo", 7)]),
    Case("Paris weather forecast", [weather("Paris")]),
    Case("What will the weather be in Paris in 3 days?", [weather("Paris", 4)]),
    Case("帮我看看Tokyo的天气", [weather("Tokyo")]),
    Case("weather in 杭州", [weather("杭州")]),
    Case("What's the weather?", []),
    Case("The weather is nice today", []),
    Case("I caught a cold", []),
    # Which of two tools
    Case("用高德查一下杭州天气", [amap("杭州")]),
    Case("朝阳区天气", [amap("朝阳区")], tools=("amap_weather",)),
    Case("明天杭州会下雨吗？", [], tools=("calculator", "current_time")),
    # The time
    Case("几点了", [time()]),
    Case("东京现在几点？", [time("东京")]),
    Case("现在纽约时间", [time("纽约")]),
    Case("伦敦和纽约现在几点？", [time("伦敦"), time("纽约")]),
    Case("北京现在是什么时间", [time("北京")]),
    Case("今天星期几", [time()]),
    Case("Current time in UTC+8", [time("UTC+8")]),
    Case("Is it morning in Tokyo?", [time("Tokyo")]),
    Case("What time is it in Tokyo?", [time("Tokyo")]),
    Case("current time in New York", [time("New York")]),
    Case("What time is it?", [time()]),
    Case("会议三点开始，我没有时间", []),
    # Arithmetic
    Case("1+1等于几", [sum_of("1+1")]),
    Case("算一下 (3+4)×5", [sum_of("(3+4)×5")]),
    Case("80的15%是多少", [sum_of("80*15%")]),
    Case("16的平方根是多少", [sum_of("sqrt(16)")]),
    Case("3.5除以2减1等于多少", [sum_of("3.5/2-1")]),
    Case("二加三等于几", [sum_of("2+3")]),
    Case("1200元的85折是多少", [sum_of("1200*0.85")]),
    Case("圆周率乘以2", [sum_of("π*2")]),
    Case("what is 12 * 7?", [sum_of("12 * 7")]),
    Case("How much is 20% off 80?", [sum_of("80*(1-20%)")]),
    Case("12 * (3 + 4) - 5 please", [sum_of("12 * (3 + 4) - 5")]),
    Case("15% of 80 is how much?", [sum_of("15%*80")]),
    Case("What's the square root of 144?", [sum_of("sqrt(144)")]),
    Case("1,234 * 2 =", [sum_of("1234 * 2")]),
    Case("2^10", [sum_of("2^10")]),
    Case("I work 9-5 every day", []),
    Case("What is 24/7 support?", []),
    Case("我的电话是 010-12345678", []),
    Case("今天是2026-11-20", []),
    # The demonstration of the seeds
    Case(
        "请帮我续费一台ECS实例，实例id是：i-rj90a7e840y5cde，续费时长22个月",
        [renew("i-rj90a7e840y5cde", 22)],
    ),
    Case("Please renew ECS instance i-rj90a7e840y5cde for two years", [renew("i-rj90a7e840y5cde", 24)]),
    Case("帮我续费服务器", []),
    Case("帮我续费会员", []),
    # Several at once
    Case("北京天气怎么样，现在几点？", [weather("北京"), time("北京")]),
    # Going on from the message before
    Case("杭州", [weather("杭州")], before=("天气怎么样",)),
    Case("hangzhou", [weather("hangzhou")], before=("What's the weather?",)),
    Case("那上海呢？", [weather("上海", 2)], before=("杭州明天天气怎么样",)),
    Case("What about London?", [time("London")], before=("What time is it in Tokyo?",)),
    Case("i-rj90a7e840y5cde，3个月", [renew("i-rj90a7e840y5cde", 3)], before=("帮我续费服务器",)),
    Case("谢谢", [], before=("天气怎么样",)),
    Case("Sounds good", [], before=("Weather in Paris",)),
    # Nothing for rules
    Case("写一首关于春天的诗", []),
    Case("Tell me a joke", []),
    Case("你好", []),
    Case("", []),
    Case("杭州天气", [], tools=()),
)


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_an_utterance_leads_to_exactly_these_calls(case: Case, vendors: WeatherServer) -> None:
    events = await talk(*case.before, case.said, vendors=vendors, tools=case.tools)
    assert calls_of(events) == case.calls
    assert text_of(events).strip()


async def test_weather_with_gaps_is_told_as_far_as_it_goes(vendors: WeatherServer) -> None:
    vendors.gaps = True
    said = text_of(await talk("杭州天气", vendors=vendors))
    assert "**杭州**" in said
    assert "℃" in said
    assert "现在" not in said
