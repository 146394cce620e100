"""The weather tools against the wire formats of Open-Meteo and AMap, and against vendors that misbehave."""

import json
from collections.abc import AsyncIterator
from datetime import date

import pytest

from tests.fakes.weather_server import Misbehaviour, WeatherServer
from tests.tool_calls import KEY, call
from user_agent.words import Language


@pytest.fixture
async def vendors() -> AsyncIterator[WeatherServer]:
    async with WeatherServer(today=date(2026, 11, 20)) as server:
        yield server


# --- weather ---


async def test_weather_tells_now_and_the_days_ahead_in_the_agents_language(vendors: WeatherServer) -> None:
    finished = await call("weather", {"city": "杭州", "days": 2}, base_url=vendors.base_url)
    assert not finished.failed
    found = json.loads(finished.output)
    assert (found["place"], found["region"], found["country"]) == ("杭州", "浙江", "中国")
    assert found["current"]["condition"] == "多云"
    assert found["current"]["wind_from"] == "东北"
    assert [(day["date"], day["condition"], day["rain_chance_percent"]) for day in found["forecast"]] == [
        ("2026-11-20", "多云", 5),
        ("2026-11-21", "小雨", 80),
    ]


async def test_weather_speaks_english(vendors: WeatherServer) -> None:
    finished = await call("weather", {"city": "Hangzhou"}, base_url=vendors.base_url, language="en")
    found = json.loads(finished.output)
    assert found["place"] == "Hangzhou"
    assert found["current"]["condition"] == "partly cloudy"
    assert len(found["forecast"]) == 3


async def test_weather_asks_the_documented_variables(vendors: WeatherServer) -> None:
    await call("weather", {"city": "Tokyo", "days": 5}, base_url=vendors.base_url, language="en")
    asked = vendors.asked("/v1/forecast")[-1]
    assert asked["forecast_days"] == "5"
    assert asked["timezone"] == "auto"
    assert set(asked["current"].split(",")) >= {"temperature_2m", "weather_code", "wind_speed_10m"}
    assert set(asked["daily"].split(",")) >= {"temperature_2m_max", "temperature_2m_min", "weather_code"}


async def test_weather_of_beijing_is_that_of_the_capital_and_not_of_a_village(vendors: WeatherServer) -> None:
    found = json.loads((await call("weather", {"city": "北京"}, base_url=vendors.base_url)).output)
    assert found["region"] == "北京市"


async def test_weather_finds_the_place_that_the_words_after_a_comma_narrow_down(vendors: WeatherServer) -> None:
    finished = await call("weather", {"city": "Paris, Texas"}, base_url=vendors.base_url, language="en")
    assert json.loads(finished.output)["country"] == "United States"


@pytest.mark.parametrize(("language", "cure"), [("zh", "请换成城市名"), ("en", "Try a city's name")])
async def test_weather_of_an_unknown_place_says_what_to_try(
    vendors: WeatherServer, language: Language, cure: str
) -> None:
    finished = await call("weather", {"city": "Atlantis"}, base_url=vendors.base_url, language=language)
    assert finished.failed
    assert "Atlantis" in finished.output and cure in finished.output


@pytest.mark.parametrize("days", [0, 17, "many"])
async def test_weather_names_the_argument_that_does_not_fit(vendors: WeatherServer, days: object) -> None:
    finished = await call("weather", {"city": "杭州", "days": days}, base_url=vendors.base_url)
    assert finished.failed
    assert "days" in finished.output
    assert not vendors.requests


# --- a vendor that misbehaves ---


@pytest.mark.parametrize(
    ("misbehaviour", "zh", "en"),
    [
        ("redirect", "302", "redirected"),
        ("html", "不是 JSON", "not JSON"),
        ("invalid_json", "不是 JSON", "not JSON"),
        ("error_500", "500", "500"),
        ("refused", "Daily API request limit exceeded", "Daily API request limit exceeded"),
        ("huge", "2,000,000", "2,000,000"),
        ("odd_shape", "格式", "format"),
    ],
)
@pytest.mark.parametrize("tool_id", ["weather", "amap_weather"])
async def test_a_vendor_that_misbehaves_is_told_in_words(
    vendors: WeatherServer, tool_id: str, misbehaviour: Misbehaviour, zh: str, en: str
) -> None:
    vendors.misbehaviour = misbehaviour
    arguments = {"city": "杭州"} if tool_id == "weather" else {"location": "杭州市"}
    said: dict[Language, str] = {"zh": zh, "en": en}
    for language, words in said.items():
        finished = await call(tool_id, arguments, base_url=vendors.base_url, language=language)
        assert finished.failed
        assert words in finished.output
        assert KEY not in finished.output and vendors.base_url not in finished.output
    assert not any("stolen" in query for _, query in vendors.requests)


async def test_a_vendor_that_is_silent_is_given_up(vendors: WeatherServer) -> None:
    vendors.misbehaviour = "slow"
    finished = await call("weather", {"city": "杭州"}, base_url=vendors.base_url, total_timeout_s=0.2)
    assert finished.failed
    assert "没有及时回应" in finished.output


async def test_a_vendor_that_is_not_there_is_told_in_words() -> None:
    async with WeatherServer() as server:
        gone = server.base_url
    finished = await call("amap_weather", {"location": "杭州市"}, base_url=gone, language="en")
    assert finished.failed
    assert "AMap could not be reached" in finished.output
    assert KEY not in finished.output


async def test_values_that_the_vendor_lacks_cost_only_themselves(vendors: WeatherServer) -> None:
    vendors.gaps = True
    finished = await call("weather", {"city": "杭州", "days": 3}, base_url=vendors.base_url)
    assert not finished.failed
    found = json.loads(finished.output)
    assert "current" not in found
    assert [day["date"] for day in found["forecast"]] == ["2026-11-20", "2026-11-21"]


# --- AMap ---


async def test_amap_weather_is_one_sentence_with_wind_humidity_and_time(vendors: WeatherServer) -> None:
    finished = await call("amap_weather", {"location": "杭州"}, base_url=vendors.base_url)
    assert finished.output == (
        "浙江杭州市的天气是小雨，温度是17度，西北风≤3级，湿度30%（高德，2026-11-20 15:00:05发布）。"
    )


async def test_amap_weather_leaves_out_what_amap_does_not_say(vendors: WeatherServer) -> None:
    finished = await call("amap_weather", {"location": "吉林省朝阳区"}, base_url=vendors.base_url)
    assert finished.output == "吉林朝阳区的天气是多云，温度是-3度（高德）。"


async def test_amap_weather_tells_districts_of_the_same_name_apart(vendors: WeatherServer) -> None:
    finished = await call("amap_weather", {"location": "北京市朝阳区"}, base_url=vendors.base_url)
    assert "北京朝阳区" in finished.output
    assert vendors.asked("/v3/weather/weatherInfo")[-1]["city"] == "110105"


@pytest.mark.parametrize("location", ["亚特兰蒂斯", "北京市亚特兰蒂斯区", "北京市西湖区"])
async def test_amap_weather_of_an_unknown_place_says_what_to_use(vendors: WeatherServer, location: str) -> None:
    finished = await call("amap_weather", {"location": location}, base_url=vendors.base_url)
    assert finished.failed
    assert location in finished.output and "区县" in finished.output


async def test_amap_weather_of_a_place_without_weather_says_so(vendors: WeatherServer) -> None:
    finished = await call("amap_weather", {"location": "南海诸岛"}, base_url=vendors.base_url, language="en")
    assert finished.failed
    assert "no weather" in finished.output


@pytest.mark.parametrize(
    ("how", "zh", "en"),
    [
        ("invalid", "核对密钥", "refused the key"),
        ("over_quota", "已用完", "used up"),
        ("too_fast", "太频繁", "too fast"),
        ("broken", "ENGINE_RESPONSE_DATA_ERROR", "ENGINE_RESPONSE_DATA_ERROR"),
        ("echo", "核对密钥", "refused the key"),
    ],
)
async def test_amap_refusals_are_told_in_words_and_never_with_the_key(
    vendors: WeatherServer, how: str, zh: str, en: str
) -> None:
    vendors.bad_keys[KEY] = how
    said: dict[Language, str] = {"zh": zh, "en": en}
    for language, words in said.items():
        finished = await call("amap_weather", {"location": "杭州市"}, base_url=vendors.base_url, language=language)
        assert finished.failed
        assert words in finished.output
        assert KEY not in finished.output
