"""Words for the weather: WMO code table 4677 as Open-Meteo uses it, and the eight winds."""

from user_agent.words import Words

_CONDITIONS: dict[int, Words] = {
    0: Words("晴", "clear sky"),
    1: Words("大部晴朗", "mainly clear"),
    2: Words("多云", "partly cloudy"),
    3: Words("阴", "overcast"),
    45: Words("雾", "fog"),
    48: Words("冻雾", "freezing fog"),
    51: Words("小毛毛雨", "light drizzle"),
    53: Words("毛毛雨", "drizzle"),
    55: Words("大毛毛雨", "dense drizzle"),
    56: Words("小冻毛毛雨", "light freezing drizzle"),
    57: Words("冻毛毛雨", "freezing drizzle"),
    61: Words("小雨", "light rain"),
    63: Words("中雨", "rain"),
    65: Words("大雨", "heavy rain"),
    66: Words("小冻雨", "light freezing rain"),
    67: Words("冻雨", "freezing rain"),
    71: Words("小雪", "light snow"),
    73: Words("中雪", "snow"),
    75: Words("大雪", "heavy snow"),
    77: Words("米雪", "snow grains"),
    80: Words("小阵雨", "light rain showers"),
    81: Words("阵雨", "rain showers"),
    82: Words("强阵雨", "violent rain showers"),
    85: Words("小阵雪", "light snow showers"),
    86: Words("大阵雪", "heavy snow showers"),
    95: Words("雷阵雨", "thunderstorm"),
    96: Words("雷阵雨伴小冰雹", "thunderstorm with light hail"),
    99: Words("雷阵雨伴冰雹", "thunderstorm with hail"),
}

_WINDS = (
    Words("北", "north"),
    Words("东北", "northeast"),
    Words("东", "east"),
    Words("东南", "southeast"),
    Words("南", "south"),
    Words("西南", "southwest"),
    Words("西", "west"),
    Words("西北", "northwest"),
)


def condition(code: int) -> Words:
    """The weather that a WMO code stands for; a code outside the table is shown as its number."""
    return _CONDITIONS.get(code, Words(f"天气代码 {code}", f"weather code {code}"))


def wind_from(degrees: float) -> Words:
    """Where a wind comes from, given its direction in degrees clockwise from north."""
    return _WINDS[round(degrees / 45) % len(_WINDS)]
