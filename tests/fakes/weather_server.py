"""Open-Meteo and AMap on real HTTP, with the fields and quirks of their documentation; misbehaving on demand.

In tests: `async with WeatherServer() as server`. By hand: `python -m tests.fakes.weather_server --port N`.
"""

import argparse
import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from aiohttp import web

from tests.fakes.http_fake import HttpFake

Misbehaviour = Literal["redirect", "html", "invalid_json", "error_500", "refused", "slow", "huge", "odd_shape"]


@dataclass(frozen=True)
class City:
    zh: str
    en: str
    country_zh: str
    country_en: str
    region_zh: str
    region_en: str
    latitude: float
    longitude: float
    population: int


CITIES = (
    # As the real service does, the villages named 北京 come before the capital, whose Chinese name is 北京市.
    City("北京", "Beijing (village)", "中国", "China", "重庆市", "Chongqing", 30.726, 108.675, 0),
    City("北京市", "Beijing", "中国", "China", "北京市", "Beijing", 39.907, 116.397, 18_960_744),
    City("上海", "Shanghai", "中国", "China", "上海市", "Shanghai", 31.222, 121.458, 24_874_500),
    City("杭州", "Hangzhou", "中国", "China", "浙江", "Zhejiang", 30.294, 120.162, 9_236_032),
    City("成都", "Chengdu", "中国", "China", "四川", "Sichuan", 30.667, 104.067, 13_568_357),
    City("东京", "Tokyo", "日本", "Japan", "东京都", "Tokyo", 35.69, 139.692, 9_733_276),
    City("伦敦", "London", "英国", "United Kingdom", "英格兰", "England", 51.509, -0.126, 8_961_989),
    City("巴黎", "Paris", "法国", "France", "法兰西岛", "Île-de-France", 48.853, 2.349, 2_138_551),
    City("巴黎", "Paris", "美国", "United States", "德克萨斯", "Texas", 33.661, -95.556, 24_782),
    City("纽约", "New York", "美国", "United States", "纽约州", "New York", 40.714, -74.006, 8_804_190),
)

DISTRICTS = (
    ("北京市", "110000"),
    ("朝阳区", "220104"),
    ("朝阳区", "110105"),
    ("杭州市", "330100"),
    ("西湖区", "330106"),
    ("吉林省", "220000"),
    ("南海诸岛", "469099"),
)
LIVES = {
    "110000": ("北京", "北京市", "晴", "12"),
    "110105": ("北京", "朝阳区", "晴", "11"),
    "220104": ("吉林", "朝阳区", "多云", "-3"),
    "330100": ("浙江", "杭州市", "小雨", "17"),
    "330106": ("浙江", "西湖区", "小雨", "16"),
}
AMAP_REFUSALS = {
    "invalid": ("INVALID_USER_KEY", "10001"),
    "over_quota": ("DAILY_QUERY_OVER_LIMIT", "10003"),
    "too_fast": ("ACCESS_TOO_FREQUENT", "10004"),
    "broken": ("ENGINE_RESPONSE_DATA_ERROR", "30001"),
}


class WeatherServer(HttpFake):
    """Both vendors on one port of 127.0.0.1. `requests` holds path and query of everything asked."""

    def __init__(self, *, port: int = 0, today: date | None = None) -> None:
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.misbehaviour: Misbehaviour | None = None
        self.gaps = False
        """Whether Open-Meteo has no value for the weather now and for the last day, as it happens."""
        self.bad_keys: dict[str, str] = {}
        """AMap keys that are refused: key -> one of `AMAP_REFUSALS`, or `echo` for a refusal that repeats the key."""
        self.port = port
        self._today = today or date.today()
        self._closing = asyncio.Event()

    @property
    def base_url(self) -> str:
        return self.origin

    def application(self) -> web.Application:
        app = web.Application(middlewares=[self._misbehave])
        app.router.add_get("/v1/search", self._search)
        app.router.add_get("/v1/forecast", self._forecast)
        app.router.add_get("/v3/config/district", self._district)
        app.router.add_get("/v3/weather/weatherInfo", self._live)
        return app

    async def stop(self) -> None:
        self._closing.set()
        await super().stop()

    def asked(self, path: str) -> list[dict[str, str]]:
        """The queries that one path was asked with, in order."""
        return [query for asked, query in self.requests if asked == path]

    @web.middleware
    async def _misbehave(self, request: web.Request, handler: object) -> web.StreamResponse:
        self.requests.append((request.path, dict(request.query)))
        match self.misbehaviour:
            case "redirect":
                return web.Response(status=302, headers={"Location": f"{self.base_url}/v1/forecast?stolen=1"})
            case "html":
                return web.Response(text="<html>It works!</html>", content_type="text/html")
            case "invalid_json":
                return web.Response(text='{"results": [', content_type="application/json")
            case "error_500":
                return web.json_response({"error": True}, status=500)
            case "refused":
                return web.json_response({"error": True, "reason": "Daily API request limit exceeded."}, status=429)
            case "slow":
                await self._closing.wait()
                return web.Response()
            case "huge":
                return web.Response(body=b'{"results": "' + b"x" * 3_000_000 + b'"}', content_type="application/json")
            case "odd_shape":
                return web.json_response({"status": {"odd": []}, "results": "none", "current": 7})
            case None:
                return await handler(request)  # type: ignore[operator]  aiohttp's handler type is not exported

    async def _search(self, request: web.Request) -> web.Response:
        name, _, around = request.query["name"].partition(",")
        zh = request.query.get("language") == "zh"
        found = [
            city
            for city in CITIES
            if name.strip().casefold() in (city.zh, city.en.casefold())
            and (not around or around.strip().casefold() in (city.region_en.casefold(), city.country_en.casefold()))
        ]
        if not found:
            return web.json_response({"generationtime_ms": 0.2})
        return web.json_response({"results": [_place(city, zh=zh) for city in found], "generationtime_ms": 0.5})

    async def _forecast(self, request: web.Request) -> web.Response:
        latitude, days = float(request.query["latitude"]), int(request.query["forecast_days"])
        warm = round(40 - abs(latitude) * 0.6, 1)
        gap: dict[str, None] = dict.fromkeys(("temperature_2m", "weather_code")) if self.gaps else {}
        codes = [(2, 61, 0, 95, 71)[(number + int(latitude)) % 5] for number in range(days)]
        return web.json_response(
            {
                "latitude": latitude,
                "longitude": float(request.query["longitude"]),
                "timezone": "Asia/Shanghai",
                "current": {
                    "time": f"{self._today}T15:00",
                    "interval": 900,
                    "temperature_2m": warm,
                    "apparent_temperature": warm - 1.5,
                    "relative_humidity_2m": 60,
                    "weather_code": codes[0],
                    "wind_speed_10m": 9.4,
                    "wind_direction_10m": 50,
                    **gap,
                },
                "daily": {
                    "time": [str(self._today + timedelta(days=number)) for number in range(days)],
                    "weather_code": [*codes[:-1], None] if self.gaps else codes,
                    "temperature_2m_max": [warm + 2 + number % 3 for number in range(days)],
                    "temperature_2m_min": [warm - 6 + number % 3 for number in range(days)],
                    "precipitation_probability_max": [{61: 80, 95: 90, 71: 70}.get(code, 5) for code in codes],
                },
            }
        )

    async def _district(self, request: web.Request) -> web.Response:
        if refusal := self._refusal(request):
            return refusal
        wanted = request.query["keywords"]
        found = [
            {
                "citycode": [],
                "adcode": adcode,
                "name": name,
                "center": "116.4,39.9",
                "level": "district",
                "districts": [],
            }
            for name, adcode in DISTRICTS
            if wanted in (name, name.rstrip("市区省"))
        ]
        return _amap(count=str(len(found)), districts=found)

    async def _live(self, request: web.Request) -> web.Response:
        if refusal := self._refusal(request):
            return refusal
        adcode = request.query["city"]
        if adcode not in LIVES:
            return _amap(count="0", lives=[])
        province, city, weather, temperature = LIVES[adcode]
        live = {
            "province": province,
            "city": city,
            "adcode": adcode,
            "weather": weather,
            "temperature": temperature,
            "winddirection": "西北",
            "windpower": "≤3",
            "humidity": "30",
            "reporttime": f"{self._today} 15:00:05",
        }
        if adcode == "220104":
            live |= {"winddirection": [], "windpower": [], "humidity": [], "reporttime": []}
        return _amap(count="1", lives=[live])

    def _refusal(self, request: web.Request) -> web.Response | None:
        key = request.query.get("key", "")
        how = self.bad_keys.get(key)
        if how is None:
            return None
        info, infocode = (f"KEY {key} IS UNKNOWN", "10001") if how == "echo" else AMAP_REFUSALS[how]
        return web.json_response({"status": "0", "info": info, "infocode": infocode})


def _place(city: City, *, zh: bool) -> dict[str, object]:
    place: dict[str, object] = {
        "id": CITIES.index(city),
        "name": city.zh if zh else city.en,
        "latitude": city.latitude,
        "longitude": city.longitude,
        "country": city.country_zh if zh else city.country_en,
        "admin1": city.region_zh if zh else city.region_en,
    }
    # The real service leaves the population out where it knows none.
    return place | ({"population": city.population} if city.population else {})


def _amap(**fields: object) -> web.Response:
    return web.json_response(
        {"status": "1", "info": "OK", "infocode": "10000", **fields},
        dumps=lambda value: json.dumps(value, ensure_ascii=False),
    )


async def _serve(port: int) -> None:
    async with WeatherServer(port=port) as server:
        print(f"Open-Meteo and AMap: {server.base_url} (OPEN_METEO_BASE_URL, AMAP_BASE_URL)", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8765)
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(parser.parse_args().port))
