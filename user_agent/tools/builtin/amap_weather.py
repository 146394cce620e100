"""Live weather of Chinese cities and districts, from AMap (lbs.amap.com: district and weather services)."""

import asyncio
import re
from typing import Annotated, TypeVar

from pydantic import BaseModel, Field, JsonValue

from user_agent.errors import ToolError
from user_agent.tools.base import SecretNeed, Tool, ToolContext
from user_agent.words import Words

_AMAP = "https://restapi.amap.com"
_VENDOR = Words(zh="高德", en="AMap")
_KEY = "AMAP_TOKEN"
_BASE_URL = "AMAP_BASE_URL"

_OUTER_AND_INNER = re.compile(r"(?P<outer>.{1,12}?(?:省|自治区|自治州|市))(?P<inner>.+)")

_UNKNOWN = Words(
    zh="高德没有找到“{location}”。请用中国的省、市或区县的中文名，例如“朝阳区”或“杭州市”。",
    en="AMap has no place named {location!r}. Use the Chinese name of a province, city or district, such as 朝阳区.",
)
_NO_WEATHER = Words(
    zh="高德目前没有“{location}”的天气。请换成它所在的市或区县。",
    en="AMap has no weather for {location!r} just now. Try the city or district it belongs to.",
)
_BAD_KEY = Words(
    zh="高德没有接受密钥 AMAP_TOKEN（{info}，{infocode}）。请核对密钥，它的类型须是“Web 服务”。",
    en="AMap refused the key AMAP_TOKEN ({info}, {infocode}). Check it; its type has to be 'Web service'.",
)
_OVER_QUOTA = Words(
    zh="这个高德密钥的调用次数已用完（{info}，{infocode}）。请明天再试，或换一个密钥。",
    en="The quota of this AMap key is used up ({info}, {infocode}). Try tomorrow, or use another key.",
)
_TOO_FAST = Words(
    zh="高德说请求太频繁（{info}，{infocode}）。请稍等片刻再试。",
    en="AMap says the requests come too fast ({info}, {infocode}). Wait a moment and try again.",
)
_OTHER = Words(zh="高德没有回答：{info}（{infocode}）。", en="AMap did not answer: {info} ({infocode}).")
# Error codes of lbs.amap.com/api/webservice/guide/tools/info.
_REFUSALS: dict[str, Words] = {
    **dict.fromkeys(("10001", "10002", "10005", "10007", "10008", "10009", "10012", "10013", "10026"), _BAD_KEY),
    **dict.fromkeys(("10003", "10010", "10044", "40000", "40002", "40003"), _OVER_QUOTA),
    **dict.fromkeys(("10004", "10014", "10015", "10016", "10019", "10020", "10021", "10022", "10029"), _TOO_FAST),
}


class _Answer(BaseModel):
    """What every service of AMap says first. `status` is "1" where it worked."""

    status: str
    info: str = ""
    infocode: str = ""


Shape = TypeVar("Shape", bound=_Answer)


class _District(BaseModel):
    adcode: str
    name: str


class _Districts(_Answer):
    districts: list[_District] = []


class _Live(BaseModel):
    """The weather now. AMap writes an empty list where it has no text, so the optional ones are not trusted."""

    province: str
    city: str
    weather: str
    temperature: str
    winddirection: JsonValue = None
    windpower: JsonValue = None
    humidity: JsonValue = None
    reporttime: JsonValue = None


class _Lives(_Answer):
    lives: list[_Live] = []


async def amap_weather(
    location: Annotated[
        str,
        Words(
            zh="中国的城市或区县，用中文写，例如 北京市朝阳区 或 杭州",
            en="City or district in China, in Chinese, e.g. 北京市朝阳区 or 杭州",
        ),
        Field(min_length=1, max_length=60),
    ],
    context: ToolContext,
) -> str:
    """Live weather of a Chinese city or district, as one Chinese sentence: weather, temperature, wind, humidity.

    查询中国城市或区县的实时天气，用一句话回答：天气、气温、风和湿度。
    """
    location = location.strip()
    answer = await _ask(_Lives, "/v3/weather/weatherInfo", {"city": await _adcode(location, context)}, context)
    if not answer.lives:
        raise ToolError(_NO_WEATHER[context.language].format(location=location))
    return _sentence(answer.lives[0])


def _sentence(live: _Live) -> str:
    place = live.city if live.city.startswith(live.province) else f"{live.province}{live.city}"
    parts = [f"{place}的天气是{live.weather}", f"温度是{live.temperature}度"]
    if _said(live.winddirection) and _said(live.windpower):
        parts.append(f"{live.winddirection}风{live.windpower}级")
    if _said(live.humidity):
        parts.append(f"湿度{live.humidity}%")
    published = f"（高德，{live.reporttime}发布）" if _said(live.reporttime) else "（高德）"
    return "，".join(parts) + published + "。"


def _said(value: JsonValue) -> bool:
    return isinstance(value, str) and bool(value)


async def _adcode(location: str, context: ToolContext) -> str:
    """The administrative code of a place. AMap searches one name at a time, so 北京市朝阳区 takes two steps."""
    if found := await _districts(location, context):
        return found[0].adcode
    if parts := _OUTER_AND_INNER.fullmatch(location):
        outer, inner = await asyncio.gather(
            _districts(parts["outer"], context), _districts(parts["inner"].strip(), context)
        )
        for district in inner:
            if any(district.adcode.startswith(_prefix(around.adcode)) for around in outer):
                return district.adcode
    raise ToolError(_UNKNOWN[context.language].format(location=location))


def _prefix(adcode: str) -> str:
    """The digits that everything inside a province (two) or city (four) shares."""
    if adcode.endswith("0000"):
        return adcode[:2]
    return adcode[:4] if adcode.endswith("00") else adcode


async def _districts(name: str, context: ToolContext) -> list[_District]:
    answer = await _ask(_Districts, "/v3/config/district", {"keywords": name, "subdistrict": 0}, context)
    return answer.districts


async def _ask(shape: type[Shape], path: str, params: dict[str, str | int], context: ToolContext) -> Shape:
    """AMap's answer. Raises `ToolError` with its reason in words, and without the query: that is where the key goes."""
    key = context.secrets[_KEY]
    base = (context.base_urls.get(_BASE_URL) or _AMAP).rstrip("/")
    answer = await context.http.get_model(
        shape, f"{base}{path}", {**params, "key": key}, vendor=_VENDOR[context.language], language=context.language
    )
    if answer.status != "1":
        sentence = _REFUSALS.get(answer.infocode, _OTHER)[context.language]
        info = answer.info.replace(key, "[key]")[:100]
        raise ToolError(sentence.format(info=info, infocode=answer.infocode[:10]))
    return answer


AMAP_WEATHER = Tool.from_function(
    amap_weather,
    group="data",
    label=Words(zh="高德天气", en="AMap weather"),
    summary=Words(
        zh="用高德开放平台查询中国城市和区县的实时天气。",
        en="The live weather of Chinese cities and districts from AMap.",
    ),
    secrets=(
        SecretNeed(
            name=_KEY,
            label=Words(zh="高德“Web 服务”密钥", en="AMap “Web service” key"),
            url="https://console.amap.com/dev/key/app",
            sent_to=_AMAP,
            base_url=_BASE_URL,
        ),
    ),
    sends=Words(zh="地名会发送给高德。", en="The place's name is sent to AMap."),
    vendors=(_AMAP,),
)
