"""The time zones of a place that a person names: an IANA zone, an offset, a city or a country, in Chinese or English.

Cities that the IANA database has (about 400) are found by its own names; the table adds Chinese names, countries, and
large cities that share another one's zone.
"""

import re
from functools import cache
from zoneinfo import available_timezones

from user_agent.chinese import fold
from user_agent.gazetteer import CITIES_OF_CHINA, DISTRICTS, PROVINCES

_OFFSET = re.compile(r"(?:utc|gmt)\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)
MAX_OFFSET_MINUTES = 14 * 60

_UNITED_STATES = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles")
_CANADA = ("America/Halifax", "America/Toronto", "America/Winnipeg", "America/Edmonton", "America/Vancouver")
_AUSTRALIA = ("Australia/Sydney", "Australia/Adelaide", "Australia/Perth")
_RUSSIA = ("Europe/Moscow", "Asia/Yekaterinburg", "Asia/Novosibirsk", "Asia/Vladivostok")
_BRAZIL = ("America/Sao_Paulo", "America/Manaus")

_PLACES: dict[tuple[str, ...], str] = {
    (
        "Asia/Shanghai",
    ): "china, beijing, guangzhou, shenzhen, hangzhou, nanjing, suzhou, chengdu, tianjin, wuhan, xi'an, xian, "
    "qingdao, xiamen",
    ("Asia/Urumqi",): "乌鲁木齐, 新疆",
    ("Asia/Hong_Kong",): "香港",
    ("Asia/Macau",): "澳门, macao",
    ("Asia/Taipei",): "台北, 台湾, 高雄, 台中, 台南, 新竹, taiwan, kaohsiung",
    ("Asia/Tokyo",): "东京, 日本, 大阪, 京都, japan, osaka, kyoto",
    ("Asia/Seoul",): "首尔, 韩国, korea, south korea",
    ("Asia/Singapore",): "新加坡",
    ("Asia/Kuala_Lumpur",): "吉隆坡, 马来西亚, malaysia",
    ("Asia/Bangkok",): "曼谷, 泰国, thailand",
    ("Asia/Ho_Chi_Minh",): "胡志明市, 河内, 越南, vietnam, hanoi",
    ("Asia/Jakarta",): "雅加达, 印度尼西亚, 印尼, indonesia",
    ("Asia/Manila",): "马尼拉, 菲律宾, philippines",
    ("Asia/Kolkata",): "印度, 新德里, 德里, 孟买, 班加罗尔, india, delhi, new delhi, mumbai, bangalore",
    ("Asia/Dubai",): "迪拜, 阿联酋, uae, abu dhabi",
    ("Asia/Riyadh",): "利雅得, 沙特, saudi arabia",
    ("Asia/Jerusalem",): "以色列, 耶路撒冷, israel, tel aviv",
    ("Europe/Istanbul",): "伊斯坦布尔, 土耳其, turkey",
    _RUSSIA: "俄罗斯, russia",
    ("Europe/Moscow",): "莫斯科",
    ("Europe/London",): "伦敦, 英国, 英格兰, 苏格兰, 爱丁堡, 曼彻斯特, uk, united kingdom, great britain, england, "
    "scotland, wales, britain, edinburgh, manchester, oxford, cambridge",
    ("Europe/Dublin",): "都柏林, 爱尔兰, ireland",
    ("Europe/Paris",): "巴黎, 法国, france, lyon",
    ("Europe/Berlin",): "柏林, 德国, 慕尼黑, 法兰克福, germany, munich, frankfurt, hamburg",
    ("Europe/Madrid",): "马德里, 西班牙, 巴塞罗那, spain, barcelona",
    ("Europe/Lisbon",): "里斯本, 葡萄牙, portugal",
    ("Europe/Rome",): "罗马, 意大利, 米兰, italy, milan",
    ("Europe/Zurich",): "苏黎世, 瑞士, 日内瓦, switzerland, geneva",
    ("Europe/Vienna",): "维也纳, 奥地利, austria",
    ("Europe/Amsterdam",): "阿姆斯特丹, 荷兰, netherlands, holland",
    ("Europe/Brussels",): "布鲁塞尔, 比利时, belgium",
    ("Europe/Stockholm",): "斯德哥尔摩, 瑞典, sweden",
    ("Europe/Oslo",): "奥斯陆, 挪威, norway",
    ("Europe/Copenhagen",): "哥本哈根, 丹麦, denmark",
    ("Europe/Helsinki",): "赫尔辛基, 芬兰, finland",
    ("Europe/Warsaw",): "华沙, 波兰, poland",
    ("Europe/Prague",): "布拉格, 捷克, czechia, czech republic",
    ("Europe/Athens",): "雅典, 希腊, greece",
    ("Africa/Cairo",): "开罗, 埃及, egypt",
    ("Africa/Johannesburg",): "约翰内斯堡, 南非, 开普敦, south africa, cape town",
    ("Africa/Nairobi",): "内罗毕, 肯尼亚, kenya",
    _UNITED_STATES: "美国, usa, us, united states, america",
    ("America/New_York",): "纽约, 华盛顿, 波士顿, 迈阿密, 费城, 亚特兰大, 纽约州, 美国东部, 美东, new york city, nyc, "
    "manhattan, brooklyn, washington, "
    "washington dc, washington d.c., dc, boston, miami, orlando, atlanta, philadelphia, "
    "pittsburgh, baltimore, florida, "
    "massachusetts, pennsylvania, new jersey, virginia, north carolina, ohio, us east coast, eastern time, et, est",
    ("America/Chicago",): "芝加哥, 休斯敦, 休斯顿, 达拉斯, 奥斯汀, houston, dallas, austin, san antonio, new orleans, "
    "nashville, minneapolis, "
    "st. louis, st louis, illinois, minnesota, wisconsin, texas, central time, ct",
    ("America/Denver",): "丹佛, salt lake city, colorado, utah, mountain time",
    ("America/Los_Angeles",): "洛杉矶, 旧金山, 西雅图, 硅谷, 拉斯维加斯, 加州, 加利福尼亚, 美国西部, 美西, la, sf, san "
    "francisco, seattle, san diego, "
    "san jose, portland, las vegas, silicon valley, california, washington state, nevada, us "
    "west coast, pacific time, pt, pst",
    ("Pacific/Honolulu",): "夏威夷, 火奴鲁鲁, 檀香山, hawaii",
    ("America/Anchorage",): "阿拉斯加, alaska",
    _CANADA: "加拿大, canada",
    ("America/Toronto",): "多伦多, 渥太华, 蒙特利尔, ottawa, montreal",
    ("America/Vancouver",): "温哥华",
    ("America/Mexico_City",): "墨西哥城, 墨西哥, mexico",
    _BRAZIL: "巴西, brazil",
    ("America/Sao_Paulo",): "圣保罗, 里约热内卢, rio de janeiro",
    ("America/Argentina/Buenos_Aires",): "布宜诺斯艾利斯, 阿根廷, argentina",
    _AUSTRALIA: "澳大利亚, 澳洲, australia",
    ("Australia/Sydney",): "悉尼, 堪培拉",
    ("Australia/Melbourne",): "墨尔本",
    ("Australia/Brisbane",): "布里斯班",
    ("Pacific/Auckland",): "奥克兰, 新西兰, 惠灵顿, new zealand, wellington",
}
"""Zones -> names, separated by commas."""


def find_zones(place: str) -> tuple[str, ...]:
    """The IANA zones of a place, several where a country has several; empty where none is known.

    An offset such as UTC+8 comes back as `UTC+08:00`.
    """
    wanted = _key(place)
    if offset := _OFFSET.fullmatch(place.strip()):
        return _offset(*offset.groups())
    names = _names()
    plain = wanted.removeprefix("the ").removesuffix("市").removesuffix("时间").removesuffix(" time")
    return names.get(wanted) or names.get(plain) or names.get(plain.split(",")[0].strip()) or ()


def _offset(sign: str, hours: str, minutes: str | None) -> tuple[str, ...]:
    total = int(hours) * 60 + int(minutes or 0)
    if total > MAX_OFFSET_MINUTES:
        return ()
    return (f"UTC{sign}{total // 60:02}:{total % 60:02}",)


@cache
def _names() -> dict[str, tuple[str, ...]]:
    """Every known name of a place. Reads the time zone database once, so it belongs in a thread."""
    names: dict[str, tuple[str, ...]] = {}
    for zone in sorted(available_timezones()):
        names[_key(zone)] = (zone,)
        if "/" in zone and not zone.startswith("Etc/"):
            names.setdefault(_key(zone.rsplit("/", 1)[1]), (zone,))
    names.update(dict.fromkeys(PROVINCES | CITIES_OF_CHINA | DISTRICTS, ("Asia/Shanghai",)))
    for zones, words in _PLACES.items():
        names.update(dict.fromkeys(words.split(", "), zones))
    return names


def _key(name: str) -> str:
    return " ".join(fold(name).replace("_", " ").casefold().split())
