"""Weather anywhere, from Open-Meteo (open-meteo.com/en/docs): no key, and data under CC BY 4.0, so it is named."""

import asyncio
from typing import Annotated, NamedTuple

from pydantic import BaseModel, Field

from user_agent.errors import ToolError
from user_agent.tools.base import Tool, ToolContext
from user_agent.tools.builtin.wmo import condition, wind_from
from user_agent.words import Language, Words

_GEOCODING = "https://geocoding-api.open-meteo.com"
_FORECAST = "https://api.open-meteo.com"
_VENDOR = "Open-Meteo"
_CANDIDATES = 10

_UNKNOWN = Words(
    zh="没有找到叫“{city}”的地方。请换成城市名，例如“杭州”或“Paris”；也可以在逗号后面加上国家或省份。",
    en="No place named {city!r} was found. Try a city's name such as 'Hangzhou' or 'Paris', "
    "or add its country or state after a comma.",
)


class CurrentWeather(BaseModel):
    condition: str
    weather_code: int
    """Of the WMO table, for readers of another language."""
    temperature_c: float
    feels_like_c: float
    humidity_percent: float
    wind_km_h: float
    wind_from: str
    wind_from_degrees: float


class DayWeather(BaseModel):
    date: str
    condition: str
    weather_code: int
    low_c: float
    high_c: float
    rain_chance_percent: float | None


class WeatherReport(BaseModel):
    """What the tool answers. `local_time` and dates are those of the place; words are in the agent's language."""

    place: str
    region: str
    country: str
    local_time: str
    current: CurrentWeather | None = None
    """Absent where the service has no whole measurement."""
    forecast: list[DayWeather]
    source: str = "Open-Meteo.com"


class _Place(BaseModel):
    name: str
    latitude: float
    longitude: float
    country: str = ""
    admin1: str = ""
    """State or province."""
    population: int = 0


class _Places(BaseModel):
    results: list[_Place] = []
    """Absent where nothing was found."""


class _Current(BaseModel):
    """Any value may be null: the service's models have gaps (open-meteo/open-meteo#1307, #1428)."""

    time: str
    temperature_2m: float | None
    apparent_temperature: float | None
    relative_humidity_2m: float | None
    weather_code: int | None
    wind_speed_10m: float | None
    wind_direction_10m: float | None


class _DailyRow(NamedTuple):
    date: str
    code: int
    low: float
    high: float
    rain: float | None


class _Daily(BaseModel):
    """One list per variable, a day per position; null where there is no value."""

    time: list[str]
    weather_code: list[int | None]
    temperature_2m_max: list[float | None]
    temperature_2m_min: list[float | None]
    precipitation_probability_max: list[float | None]

    def rows(self) -> list[_DailyRow]:
        """The days in order. Days that lack a value are left out; a chance of rain may be absent."""
        days = zip(
            self.time,
            self.weather_code,
            self.temperature_2m_min,
            self.temperature_2m_max,
            self.precipitation_probability_max,
            strict=False,
        )
        return [
            _DailyRow(date, code, low, high, rain)
            for date, code, low, high, rain in days
            if code is not None and low is not None and high is not None
        ]


class _Forecast(BaseModel):
    current: _Current
    daily: _Daily


async def weather(
    city: Annotated[
        str,
        Words(
            zh="城市名，中英文都可以，例如 杭州 或 Hangzhou；"
            "同名的地方不止一个时，在逗号后面加上国家或省份，例如 Paris, Texas",
            en="City, in Chinese or English, e.g. 杭州 or Hangzhou; add the country or state after a comma "
            "where the name alone is ambiguous, e.g. Paris, Texas",
        ),
        Field(min_length=1, max_length=100),
    ],
    context: ToolContext,
    days: Annotated[int, Words(zh="预报几天，含今天", en="Days of forecast, today included"), Field(ge=1, le=16)] = 3,
) -> WeatherReport:
    """Current weather and daily forecast for a city anywhere in the world.

    Temperatures are in °C, wind in km/h, chance of rain in percent.

    查询世界各地城市的当前天气和逐日预报。

    气温单位是 °C，风速是 km/h，降雨概率是百分比。
    """
    place = await _find(city.strip(), context)
    forecast = await _forecast(place, days, context)
    language = context.language
    return WeatherReport(
        place=place.name,
        region=place.admin1,
        country=place.country,
        local_time=forecast.current.time,
        current=_measured(forecast.current, language),
        forecast=[_day(row, language) for row in forecast.daily.rows()],
    )


def _measured(now: _Current, language: Language) -> CurrentWeather | None:
    match now:
        case _Current(
            temperature_2m=float(temperature),
            apparent_temperature=float(feels),
            relative_humidity_2m=float(humidity),
            weather_code=int(code),
            wind_speed_10m=float(wind),
            wind_direction_10m=float(direction),
        ):
            return CurrentWeather(
                condition=condition(code)[language],
                weather_code=code,
                temperature_c=temperature,
                feels_like_c=feels,
                humidity_percent=humidity,
                wind_km_h=wind,
                wind_from=wind_from(direction)[language],
                wind_from_degrees=direction,
            )
        case _:
            return None


def _day(row: _DailyRow, language: Language) -> DayWeather:
    return DayWeather(
        date=row.date,
        condition=condition(row.code)[language],
        weather_code=row.code,
        low_c=row.low,
        high_c=row.high,
        rain_chance_percent=row.rain,
    )


async def _find(city: str, context: ToolContext) -> _Place:
    """The best known place of that name.

    Open-Meteo ranks villages named 北京 above the capital, which its data call 北京市 (open-meteo/geocoding-api#20): so
    Chinese names are also asked for with and without 市, and the largest population wins.
    """
    names = [city]
    if any("\u4e00" <= char <= "\u9fff" for char in city) and "," not in city:
        names.append(city.removesuffix("市") if city.endswith("市") and len(city) > 2 else f"{city}市")
    answers = await asyncio.gather(*(_search(name, context) for name in names))
    found = [place for answer in answers for place in answer]
    if not found:
        raise ToolError(_UNKNOWN[context.language].format(city=city))
    return max(found, key=lambda place: (place.name.casefold() in {n.casefold() for n in names}, place.population))


async def _search(name: str, context: ToolContext) -> list[_Place]:
    answer = await context.http.get_model(
        _Places,
        f"{_base(context, _GEOCODING)}/v1/search",
        {"name": name, "count": _CANDIDATES, "language": context.language, "format": "json"},
        vendor=_VENDOR,
        language=context.language,
    )
    return answer.results


async def _forecast(place: _Place, days: int, context: ToolContext) -> _Forecast:
    return await context.http.get_model(
        _Forecast,
        f"{_base(context, _FORECAST)}/v1/forecast",
        {
            "latitude": place.latitude,
            "longitude": place.longitude,
            "current": ",".join(field for field in _Current.model_fields if field != "time"),
            "daily": ",".join(field for field in _Daily.model_fields if field != "time"),
            "timezone": "auto",
            "forecast_days": days,
        },
        vendor=_VENDOR,
        language=context.language,
    )


def _base(context: ToolContext, vendors_own: str) -> str:
    return (context.base_urls.get("OPEN_METEO_BASE_URL") or vendors_own).rstrip("/")


WEATHER = Tool.from_function(
    weather,
    group="data",
    label=Words(zh="天气", en="Weather"),
    summary=Words(
        zh="查询全球城市的实时天气和未来 16 天以内的预报，不需要密钥。",
        en="The weather now, and up to 16 days ahead, in any city of the world. No key needed.",
    ),
    sends=Words(zh="城市名会发送给 Open-Meteo。", en="The city's name is sent to Open-Meteo."),
    # https://open-meteo.com/en/pricing
    cost=Words(
        zh="免费：仅限非商业用途，每天 10,000 次以内", en="Free for non-commercial use, up to 10,000 requests a day"
    ),
    vendors=(_GEOCODING, _FORECAST),
)
