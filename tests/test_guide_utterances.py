"""The guide as an agent: wordings that people use, single messages, and where it must call nothing and say why."""

from collections.abc import AsyncIterator
from datetime import date

import pytest

from tests.fakes.weather_server import WeatherServer
from tests.guided import Case, amap, calls_of, renew, sum_of, talk, text_of, time, weather

NOT_FOR_ME_ZH = "这个问题我答不好"
NOT_FOR_ME_EN = "I can't answer that one well"


@pytest.fixture
async def vendors() -> AsyncIterator[WeatherServer]:
    async with WeatherServer(today=date(2026, 11, 20)) as server:
        yield server


PLACES = (
    Case("北京市今天的最高温度", [weather("北京市")]),
    Case("杭州今天最高气温是多少度？", [weather("杭州")]),
    Case("我家在合肥，明天温度多少", [weather("合肥", 2)]),
    Case("南京明后天天气", [weather("南京", 3)]),
    Case("昆明天气", [weather("昆明")]),
    Case("三明明天天气", [weather("三明", 2)]),
    Case("苏州无锡常州的天气", [weather("苏州"), weather("无锡"), weather("常州")]),
    Case("北京天气，上海天气", [weather("北京"), weather("上海")]),
    Case("北京的天气好还是上海的天气好？", [weather("北京"), weather("上海")]),
    Case("北京和乌有镇天气", [weather("北京"), weather("乌有镇")]),
    Case("出门要不要带伞，我在广州", [weather("广州")]),
    Case("爸妈在哈尔滨，那边冷吗", [weather("哈尔滨")]),
    Case("我想去大理玩，那边天气好吗", [weather("大理")]),
    Case("我在横店，明天会下雨吗", [weather("横店", 2)]),
    Case("今天会下雨吗（杭州）", [weather("杭州")]),
    Case("hi 杭州天气", [weather("杭州")]),
    Case("杭州weather", [weather("杭州")]),
    Case("天气如何，杭州", [weather("杭州")]),
    Case("北京朝阳区天气", [weather("北京朝阳区")]),
    Case("浙江杭州天气", [weather("杭州")]),
    Case("黄龙溪古镇明天天气", [weather("黄龙溪古镇", 2)]),
    Case("广州湿度多少", [weather("广州")]),
    Case("明天北京适合跑步吗", [weather("北京", 2)]),
    Case("北京 明天", [weather("北京", 2)]),
    Case("weather in Paris, London and Rome", [weather("Paris"), weather("London"), weather("Rome")]),
    Case("weather in paris france", [weather("paris, france")]),
    Case("weather in Springfield, Illinois", [weather("Springfield, Illinois")]),
    Case("weather in the UK", [weather("UK")]),
    Case("weather in Ulverston", [weather("Ulverston")]),
    Case("paris weather pls", [weather("paris")]),
    Case("Paris tomorrow weather", [weather("Paris", 2)]),
    Case("wether in Paris", [weather("Paris")]),
    Case("is London rainy today", [weather("London")]),
    Case("Is Berlin warmer than Munich today?", [weather("Berlin"), weather("Munich")]),
    Case("is it humid in Singapore?", [weather("Singapore")]),
    Case("how are the winds in Wellington", [weather("Wellington")]),
    Case("hot in Dubai today?", [weather("Dubai")]),
    Case("should I wear a coat in Boston today", [weather("Boston")]),
    Case("How is Tokyo today?", [weather("Tokyo")]),
    Case("tokyo's weather", [weather("tokyo")]),
)

DAYS = (
    Case("北京周六天气", [weather("北京", 7)], "明天 11月21日 周六"),
    Case("杭州下周天气如何", [weather("杭州", 14)], "11月23日 周一"),
    Case("上海下周三天气", [weather("上海", 14)], "11月25日 周三"),
    Case("杭州周末天气", [weather("杭州", 7)], "后天 11月22日 周日"),
    Case("今天杭州天气怎么样？明天呢？", [weather("杭州", 2)], "明天 11月21日"),
    Case("三天后杭州下雨吗", [weather("杭州", 4)], "11月23日"),
    Case("杭州11月25日天气", [weather("杭州", 16)], "11月25日 周三"),
    Case("What will the weather be in London on Friday?", [weather("London", 7)], "Today Friday 20 Nov"),
    Case("Weather next Monday in Paris?", [weather("Paris", 14)], "Monday 23 Nov"),
    Case("Tokyo on Saturday?", [weather("Tokyo", 7)], "Tomorrow Saturday 21 Nov"),
    Case("weather in hangzhou today and tomorrow", [weather("hangzhou", 2)], "Tomorrow Saturday 21 Nov"),
)

OPEN = (
    Case("昨天杭州下雨了吗", [], "过去的天气（昨天）我查不到"),
    Case("去年冬天北京冷吗", [], "过去的天气"),
    Case("what was the weather in Paris yesterday", [], "I can't look back (yesterday)"),
    Case("北京12月25日天气", [weather("北京", 16)], "12月25日 周五 还查不到"),
    Case("春节杭州天气怎么样", [weather("杭州")], "“春节”是哪几天我不会推算"),
    Case("杭州下午3点的天气", [weather("杭州")], "没有“下午3点”这一刻的"),
    Case("does it rain a lot in London?", [weather("London")], "in general I can't look up"),
    Case("北京明天天气", [amap("北京")], "没有预报", tools=("amap_weather",)),
    Case("用高德查北京天气", [weather("北京")], "“高德天气”没有开启", tools=("weather",)),
    Case("乌鲁木齐空气质量怎么样", [], "“空气质量”我查不到"),
    Case("sunset time in Rome", [], "can't find “sunset”"),
    Case("climate in Iceland", [], "can't find “climate”"),
    Case("我喜欢下雨天", [], "需要一个语言模型"),
    Case("为什么会下雨", [], "需要一个语言模型"),
    Case("天气和心情有关系吗", [], "需要一个语言模型"),
    Case("what causes rain?", [], "takes a language model"),
    Case("I love rainy days", [], "takes a language model"),
    Case("weather at home", [], "Which city"),
    Case("冰箱的温度应该调到多少", [], NOT_FOR_ME_ZH),
    Case("水的沸点是多少度", [], NOT_FOR_ME_ZH),
    Case("给我写个天气预报的程序", [], NOT_FOR_ME_ZH),
    Case("Rain Man is a great movie", [], "takes a language model"),
    Case("下下周去上海，天气咋样", [weather("上海")], "不会推算"),
    Case("weather for zip 94105", [], "Which city"),
    Case("What's the weather like in your city?", [], "Which city"),
    Case("Paris", [], "想知道Paris的什么呢"),
    Case("杭州", [], "想知道杭州的什么呢"),
)

TIMES = (
    Case("几点啦？", [time()]),
    Case("现在北京时间几点？", [time("北京")]),
    Case("美国东部时间现在是几点", [time("美国东部")], "America/New_York"),
    Case("what's the time in NYC?", [time("NYC")], "America/New_York"),
    Case("What time is it in the UK?", [time("UK")], "Europe/London"),
    Case("What's the current time in London, UK?", [time("London, UK")], "Europe/London"),
    Case("what time is it in California", [time("California")], "America/Los_Angeles"),
    Case("东京几点了，天气怎么样", [weather("东京"), time("东京")]),
    Case("what day is today", [time()], "Friday"),
    Case("明天星期几", [time()], "明天是 **2026-11-21**，星期六"),
    Case("昨天是几号", [time()], "昨天是 **2026-11-19**，星期四"),
    Case("What day is tomorrow?", [time()], "Tomorrow is **Saturday**, 2026-11-21"),
    Case("下周一是几号", [time()], "2026-11-23"),
    Case("现在是哪一年", [time()], "2026"),
    Case("time please", [time()]),
    Case("东京和北京的时差是多少", [time("东京"), time("北京")], "东京比北京早 **1** 小时"),
    Case("time difference between Tokyo and London", [time("Tokyo"), time("London")], "**9** hours ahead"),
    Case("how many hours is Sydney ahead of London", [time("Sydney"), time("London")], "**11** hours"),
    Case("距离元旦还有几天", [time()], "还有 **42** 天"),
    Case("how many days until Christmas", [time()], "**35** days until 2026-12-25"),
    Case("What time does the museum open?", [], "not when that happens"),
    Case("我几点开会？", [], "不知道这件事在什么时候"),
    Case("火车几点", [], "不知道这件事"),
    Case("how much time do I need for Paris?", [], NOT_FOR_ME_EN),
    Case("上海到北京的高铁几点", [], "不知道这件事"),
    Case("今天农历几号", [], NOT_FOR_ME_ZH),
    Case('translate "what time is it" to French', [], NOT_FOR_ME_EN),
    Case("what time will it be in Tokyo in 3 hours", [time("Tokyo")], "hours ahead"),
)

SUMS = (
    Case("80元打9折再减5元是多少", [sum_of("(80*0.9)-5")], "67"),
    Case("50加50再乘2", [sum_of("(50+50)*2")]),
    Case("2480 元打八五折后再三个人平分，每人多少？", [sum_of("(2480*0.85)/3")]),
    Case("How much is 2,480 less 15%, split between three?", [sum_of("(2480*(1-15%))/3")]),
    Case("100 plus 20, split between 4", [sum_of("(100+20)/4")]),
    Case("calculate 12.5% of $1,200", [sum_of("12.5%*1200")], "150"),
    Case("15% tip on $84.50", [sum_of("15%*84.50")]),
    Case("$45 + $55", [sum_of("45 + 55")]),
    Case("six times seven", [sum_of("6*7")]),
    Case("What is two plus two?", [sum_of("2+2")]),
    Case("three hundred and five minus five", [sum_of("305-5")]),
    Case("add 45 and 67", [sum_of("45+67")]),
    Case("divide 144 by 12", [sum_of("144/12")]),
    Case("split 120 between 4 people", [sum_of("120/4")]),
    Case("half of 250", [sum_of("250/2")]),
    Case("average of 3, 5 and 10", [sum_of("(3+5+10)/3")]),
    Case("increase 200 by 15%", [sum_of("200*(1+15%)")]),
    Case("50 + 20%", [sum_of("50*(1+20%)")]),
    Case("1.5 million times 3", [sum_of("1500000*3")]),
    Case("What is 5+5!", [sum_of("5+5")]),
    Case("2(3+4)", [sum_of("2*(3+4)")]),
    Case("五百加三百", [sum_of("500+300")]),
    Case("三百六十五除以七", [sum_of("365/7")]),
    Case("一亿两千万除以2", [sum_of("120000000/2")]),
    Case("1万乘以3等于多少", [sum_of("10000*3")]),
    Case("2万3千加1", [sum_of("23000+1")]),
    Case("计算1万5加2", [], NOT_FOR_ME_ZH),
    Case("calculate two point five times 2", [], NOT_FOR_ME_EN),
    Case("can you add 12, 13 and 14", [sum_of("(12+13+14)")]),
    Case("what is 3/4 of 200", [sum_of("3/4*200")]),
    Case("两万五千的百分之三十是多少", [sum_of("25000*30%")]),
    Case("打七折的500块要付多少", [sum_of("500*0.7")]),
    Case("3个人平分285元，每人多少", [sum_of("285/3")]),
    Case("128元分给4个人每人多少", [sum_of("128/4")]),
    Case("一件35元，买4件多少钱", [sum_of("35*4")]),
    Case("10除以3保留两位小数", [sum_of("round(10/3, 2)")], "3.33"),
    Case("what's 7 times 8, and what time is it in Tokyo?", [sum_of("7*8"), time("Tokyo")]),
    Case("sin(30)", [sum_of("sin(30)")], "弧度"),
    Case("1000元存三年年利率3%利息多少", [], NOT_FOR_ME_ZH),
    Case("2024-2025年的利润是多少", [], NOT_FOR_ME_ZH),
    Case("what is 9/11?", [], "a date or a division"),
    Case("how much is 5-10 dollars", [], NOT_FOR_ME_EN),
    Case("10 + 200 - 10%", []),
    Case("What is COVID-19?", [], NOT_FOR_ME_EN),
    Case("What is the 3-2-1 backup rule", [], NOT_FOR_ME_EN),
    Case("房贷100万30年月供多少", [], NOT_FOR_ME_ZH),
    Case("version 2.0 + 3", [], NOT_FOR_ME_EN),
    Case("192.168.1.1", []),
    Case("30 minutes x 4", [], NOT_FOR_ME_EN),
)

RENEWALS = (
    Case("把i-abc123xyz456和i-def456uvw789都续费2个月", [renew("i-abc123xyz456", 2), renew("i-def456uvw789", 2)]),
    Case("续费 i-abc123xyz456 十八个月", [renew("i-abc123xyz456", 18)]),
    Case("please renew ECS i-abc123xyz456 for half a year", [renew("i-abc123xyz456", 6)]),
    Case("extend i-abc123xyz456 for 6 years", [], "between 1 and 60"),
    Case("don't renew i-abc123xyz456 for 3 months", [], "nothing was renewed"),
    Case("不要续费 i-abc123xyz456 3个月", [], "没有续费任何实例"),
    Case("我已经续费了 i-abc123xyz456 3个月", [], "没有续费任何实例"),
    Case("ECS 实例怎么续费", [], "实例的 ID"),
)

TRADITIONAL = (
    Case("台北天氣如何", [weather("台北")]),
    Case("明天東京會下雨嗎", [weather("東京", 2)]),
    Case("紐約現在幾點", [time("紐約")], "America/New_York"),
    Case("三百六十五除以七等於多少", [sum_of("365/7")]),
    Case("續費 i-abc123xyz456 三個月", [renew("i-abc123xyz456", 3)]),
    Case("謝謝", [], "不客气"),
    Case("你會什麼", [], "内置的向导"),
)

SMALL_TALK = (
    Case("你会什么", [], "**天气**"),
    Case("介绍一下你自己", [], "内置的向导"),
    Case("what tools do you have?", [], "**Weather**"),
    Case("are you human?", [], "No human here"),
    Case("do you speak Chinese?", [], "English and Chinese"),
    Case("bye", [], "Goodbye"),
    Case("再见", [], "再见"),
    Case("晚安", [], "晚安"),
    Case("哈哈", [], "直接告诉我"),
    Case("嗯嗯", [], "好的"),
    Case("你真笨", [], "抱歉"),
    Case("thanks, that's all", [], "All right"),
    Case("你能查天气吗", [], "可以。"),
    Case("can you do math?", [], "Yes. Just ask"),
    Case("Can you check the weather?", [], "This takes the “Weather” tool", tools=("calculator",)),
)

CASES = (*PLACES, *DAYS, *OPEN, *TIMES, *SUMS, *RENEWALS, *TRADITIONAL, *SMALL_TALK)


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_a_wording_leads_to_these_calls_and_words(case: Case, vendors: WeatherServer) -> None:
    events = await talk(case.said, vendors=vendors, tools=case.tools)
    assert calls_of(events) == case.calls
    assert case.says in text_of(events)


async def test_it_speaks_for_the_agent_under_its_own_name() -> None:
    text = text_of(await talk("Who are you?", language="en", name="Luna", description="Plans weekend trips"))
    assert text.startswith("I am Luna. Plans weekend trips. For now the built-in guide answers for me")
    text = text_of(await talk("你叫什么名字", name="小旅", description="规划周末旅行。"))
    assert text.startswith("我是“小旅”。规划周末旅行。现在代答的是内置的向导")


async def test_a_text_that_is_longer_than_a_question_is_not_guessed_at() -> None:
    events = await talk("The weather in Paris was grey. " * 30, language="en")
    assert calls_of(events) == []
    assert "longer than I can read" in text_of(events)
