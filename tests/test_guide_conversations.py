"""The guide as an agent over several messages: each is read with what was said before."""

from collections.abc import AsyncIterator
from datetime import date

import pytest

from tests.fakes.weather_server import WeatherServer
from tests.guided import Calls, Case, calls_of, renew, sum_of, talk, text_of, time, weather

ID = "i-abc123xyz456"


@pytest.fixture
async def vendors() -> AsyncIterator[WeatherServer]:
    async with WeatherServer(today=date(2026, 11, 20)) as server:
        yield server


def turns(*said: str, calls: Calls, says: str = "") -> Case:
    return Case(said[-1], calls, says, before=said[:-1])


CASES = (
    # Another day, another place, the same place again
    turns("杭州天气", "明天呢？", calls=[weather("杭州", 2)], says="明天 11月21日"),
    turns("杭州天气", "后天呢", calls=[weather("杭州", 3)]),
    turns("杭州天气", "上海", calls=[weather("上海")]),
    turns("杭州天气", "要带伞吗", calls=[weather("杭州")]),
    turns("杭州明天天气", "会下雨吗", calls=[weather("杭州", 2)]),
    turns("杭州天气", "那上海呢", "那北京呢", calls=[weather("北京")]),
    turns("杭州天气", "那上海呢", "明天呢", calls=[weather("上海", 2)]),
    turns("杭州天气", "谢谢", "那上海呢", calls=[weather("上海")]),
    turns("杭州天气", "周末呢", "那成都呢", calls=[weather("成都", 7)]),
    turns("北京和上海天气", "明天呢", calls=[weather("北京", 2), weather("上海", 2)]),
    turns("weather in Paris", "and tomorrow?", calls=[weather("Paris", 2)]),
    turns("weather in Paris", "London?", calls=[weather("London")]),
    turns("weather in Paris", "will it rain?", calls=[weather("Paris")]),
    turns("weather in Paris", "what about this weekend?", calls=[weather("Paris", 7)]),
    turns("weather in Paris", "what about London?", "and Tokyo?", calls=[weather("Tokyo")]),
    turns("weather in Paris", "tell me a joke", "and London?", calls=[weather("London")]),
    turns("昨天杭州天气", "今天呢", calls=[weather("杭州")]),
    # Another topic about the same place
    turns("杭州天气", "那里现在几点", calls=[time("杭州")]),
    turns("weather in Paris", "and the time there?", calls=[time("Paris")]),
    turns("东京几点", "首尔呢", "天气怎么样", calls=[weather("首尔")]),
    turns("what time is it in Tokyo", "New York?", calls=[time("New York")]),
    turns("北京天气怎么样，现在几点？", "上海呢", calls=[weather("上海"), time("上海")]),
    turns("杭州天气", "现在几点", calls=[time()]),
    turns("今天星期几", "明天呢", calls=[time()], says="明天是 **2026-11-21**"),
    turns("杭州", "天气", calls=[weather("杭州")]),
    # The guide's own question
    turns("What's the weather?", "I'm in Paris", calls=[weather("Paris")]),
    turns("What's the weather?", "Paris, tomorrow", calls=[weather("Paris", 2)]),
    turns("What's the weather?", "Boston, MA", calls=[weather("Boston, MA")]),
    turns("What's the weather?", "Ulverston", calls=[weather("Ulverston")]),
    turns("天气怎么样", "杭州，谢谢", calls=[weather("杭州")]),
    turns("天气怎么样", "明天的", "杭州", calls=[weather("杭州", 2)]),
    turns("天气怎么样", "算了", calls=[], says="那就先不查"),
    turns("天气怎么样", "随便", calls=[], says="那就先不查"),
    turns("What's the weather?", "the capital of France", calls=[], says="can't answer that one"),
    # Renewals, and what must not be renewed twice
    turns("帮我续费服务器", ID, calls=[], says="要续费几个月呢"),
    turns("帮我续费服务器", ID, "3个月", calls=[renew(ID, 3)]),
    turns("renew my server", ID, "six months", calls=[renew(ID, 6)]),
    turns(f"renew {ID}", "12", calls=[renew(ID, 12)]),
    turns(f"续费 {ID}", "三个月吧", calls=[renew(ID, 3)]),
    turns("帮我给服务器续费三个月", ID, calls=[renew(ID, 3)]),
    turns(f"续费 {ID} 3个月", "6个月", calls=[]),
    turns(f"续费 {ID}", "不要续费了", calls=[]),
    # Sums go on from the result
    turns("1+1", "再加3", calls=[sum_of("(1+1)+3")], says="5"),
    turns("what is 5*5", "times 2", calls=[sum_of("(5*5)*2")]),
    turns("1+1", "再乘以10", "减5", calls=[sum_of("((1+1)*10)-5")]),
    # The language is that of the conversation where the message has none
    turns("renew my server", ID, calls=[], says="For how many months"),
    turns("What's the weather?", "😀", calls=[], says="There are no words"),
)


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_a_message_is_read_with_what_was_said_before(case: Case, vendors: WeatherServer) -> None:
    events = await talk(*case.before, case.said, vendors=vendors)
    assert calls_of(events) == case.calls
    assert case.says in text_of(events)
