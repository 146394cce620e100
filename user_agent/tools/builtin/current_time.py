"""What time it is, anywhere."""

import asyncio
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from user_agent.errors import ToolError
from user_agent.tools.base import Tool, ToolContext
from user_agent.tools.builtin.time_zones import find_zones
from user_agent.words import FREE, Words

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_UNKNOWN = Words(
    zh="不知道“{place}”在哪个时区。请换成附近的大城市或国家，或用 IANA 时区名，例如 Asia/Shanghai。",
    en="The time zone of {place!r} is not known. Try a large city or a country, or an IANA zone such as Asia/Shanghai.",
)


class LocalTime(BaseModel):
    zone: str
    utc_offset: str
    date: str
    time: str
    weekday: str


class TimeReport(BaseModel):
    """`place` as it was asked, empty for the machine's own; several times where a country has several zones."""

    place: str
    times: list[LocalTime]


async def current_time(
    context: ToolContext,
    place: Annotated[
        str,
        Words(
            zh="城市、国家、IANA 时区或与 UTC 的时差，例如 东京、London、Asia/Shanghai、UTC+8；"
            "留空表示运行智能体的这台机器的时间",
            en="City, country, IANA zone or offset, e.g. 东京, London, Asia/Shanghai, UTC+8. "
            "Leave empty for the time of the machine that runs the agent",
        ),
        Field(max_length=60),
    ] = "",
) -> TimeReport:
    """Date, time and weekday at a place now. A country with several time zones gives several times.

    查询某地现在的日期、时间和星期。有几个时区的国家会给出几个时间。
    """
    now = context.now()
    if not place.strip():
        return TimeReport(place="", times=[_reading(now, str(now.tzinfo or "local time"))])
    times = await asyncio.to_thread(_times, place, now)
    if not times:
        raise ToolError(_UNKNOWN[context.language].format(place=place))
    return TimeReport(place=place.strip(), times=times)


def _times(place: str, now: datetime) -> list[LocalTime]:
    return [_reading(now.astimezone(_zone(name)), name) for name in find_zones(place)]


def _zone(name: str) -> tzinfo:
    """The zone of an IANA name, or of an offset as `find_zones` writes it: `UTC+08:00`."""
    offset = name.removeprefix("UTC")
    if offset == name or not offset:
        return ZoneInfo(name)
    hours, minutes = offset[1:].split(":")
    sign = -1 if offset.startswith("-") else 1
    return timezone(sign * timedelta(hours=int(hours), minutes=int(minutes)))


def _reading(moment: datetime, zone: str) -> LocalTime:
    offset = moment.strftime("%z")
    return LocalTime(
        zone=zone,
        utc_offset=f"{offset[:3]}:{offset[3:5]}" if offset else "",
        date=moment.strftime("%Y-%m-%d"),
        time=moment.strftime("%H:%M:%S"),
        weekday=_WEEKDAYS[moment.weekday()],
    )


CURRENT_TIME = Tool.from_function(
    current_time,
    group="data",
    label=Words(zh="当前时间", en="Current time"),
    summary=Words(
        zh="查询任何城市、国家或时区现在的日期和时间。", en="The date and time now in any city, country or time zone."
    ),
    cost=FREE,
)
