"""What holds for the guide whatever anybody writes."""

import asyncio
import json
import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from user_agent.messages import user_message
from user_agent.models.base import Chunk, ModelRequest
from user_agent.models.guide import Guide
from user_agent.models.rules.conversation import read
from user_agent.tools.base import Tool
from user_agent.tools.registry import all_tools
from user_agent.words import Language

TOOLS = {tool.name: tool for tool in all_tools()}
_ZH = (
    "杭州 上海 东京 天气 明天 后天 下周三 周末 昨天 几点 时差 和 呢 那 再 乘以 加 打折 三百 半 "
    "续费 i-abc123xyz456 个月 不要 高德"
)
_EN = (
    "weather in Paris London tomorrow Friday time is it what 15% of 1,200 plus times split "
    "between renew months and the ? ， ( ) ! $ 2024 / -"
)
WORDS = tuple(f"{_ZH} {_EN}".split())

said = st.one_of(
    st.text(max_size=120),
    st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join),
    st.lists(st.sampled_from(WORDS), max_size=14).map("".join),
)


async def _reply(messages: Sequence[str], tools: Sequence[Tool], language: Language) -> list[Chunk]:
    request = ModelRequest(
        system="", messages=[user_message(text) for text in messages], tools=[tool.schema for tool in tools]
    )
    return [chunk async for chunk in Guide(language).stream(request)]


@settings(max_examples=300, deadline=None)
@given(
    messages=st.lists(said, min_size=1, max_size=4),
    offered=st.sets(st.sampled_from(sorted(TOOLS))),
    language=st.sampled_from(("zh", "en")),
)
def test_any_text_is_answered_or_becomes_calls_that_fit_the_offered_tools(
    messages: list[str], offered: set[str], language: Language
) -> None:
    chunks = asyncio.run(_reply(messages, [TOOLS[name] for name in sorted(offered)], language))
    calls: dict[int, list[str]] = {}
    names: dict[int, str] = {}
    for chunk in chunks:
        for delta in chunk.calls:
            names[delta.index] = delta.name or names[delta.index]
            calls.setdefault(delta.index, []).append(delta.arguments)
    for index, name in names.items():
        assert name in offered
        TOOLS[name].arguments.model_validate(json.loads("".join(calls[index])))
    assert chunks[-1].finish == ("tool_calls" if names else "stop")
    assert names or "".join(chunk.text for chunk in chunks).strip()


@pytest.mark.parametrize(
    "piece",
    [
        "现在",
        "1+",
        "1 and ",
        "the a ",
        " ",
        "i-",
        "0",
        "三",
        "(1+",
        "5%的",
        "打9折",
        "Ab ",
        "!",
        "下周",
        "how does ",
        "\n",
        "，",
    ],
)
def test_reading_takes_no_time_whatever_repeats(piece: str) -> None:
    for chars in (300, 100_000):
        text = (piece * chars)[:chars]
        started = time.process_time()
        read([text] * 12, "en")
        assert time.process_time() - started < 3
