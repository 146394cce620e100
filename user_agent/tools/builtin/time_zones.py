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


_MORE_PLACES: dict[str, str] = {
    "Asia/Tokyo": "札幌, 福冈, 名古屋, 横滨, 神户, 奈良, 广岛, 冲绳, 北海道, sapporo, fukuoka, nagoya, "
    "yokohama, kobe, nara, hiroshima, okinawa, hokkaido",
    "Asia/Seoul": "釜山, 济州岛, 济州, 仁川, busan, jeju, incheon",
    "Asia/Kolkata": "加尔各答, 金奈, bengaluru, chennai, hyderabad, jaipur, goa",
    "Asia/Bangkok": "清迈, 普吉岛, 普吉, 芭提雅, phuket, chiang mai, pattaya",
    "Asia/Ho_Chi_Minh": "岘港, 芽庄, da nang, ho chi minh city",
    "Asia/Kuala_Lumpur": "槟城, 马六甲, 沙巴, penang",
    "Asia/Dubai": "阿布扎比",
    "Asia/Jerusalem": "特拉维夫",
    "Europe/London": "威尔士, 利物浦, 伯明翰, 格拉斯哥, 剑桥, 牛津, liverpool, birmingham, leeds, bristol, "
    "glasgow, cardiff, northern ireland, brighton, york",
    "Europe/Paris": "里昂, 马赛, 尼斯, 戛纳, 波尔多, marseille, bordeaux, toulouse, strasbourg, lille, nantes, cannes",
    "Europe/Berlin": "汉堡, 科隆, 斯图加特, cologne, stuttgart, dresden, leipzig, dusseldorf, düsseldorf, "
    "münchen, köln, nuremberg, bavaria",
    "Europe/Madrid": "塞维利亚, 瓦伦西亚, seville, valencia, malaga, bilbao, granada, ibiza",
    "Europe/Rome": "威尼斯, 佛罗伦萨, 那不勒斯, 都灵, venice, florence, naples, turin, bologna, verona, sicily",
    "Europe/Amsterdam": "鹿特丹, 海牙, rotterdam, the hague, hague, utrecht",
    "America/Chicago": "memphis, milwaukee, kansas city, oklahoma, louisiana, iowa, missouri, tennessee, alabama, "
    "kansas, nebraska",
    "America/New_York": "奥兰多, 佛罗里达, georgia state, michigan, maryland, connecticut, cleveland, columbus, "
    "charlotte, tampa, u.s. east coast",
    "America/Los_Angeles": "圣地亚哥, 波特兰, oregon, sacramento, oakland, vegas",
    "America/Phoenix": "凤凰城, arizona, tucson",
    "America/Detroit": "底特律",
    "America/Edmonton": "卡尔加里, calgary, alberta",
    "America/Toronto": "魁北克, quebec, ontario, quebec city",
    "Australia/Perth": "珀斯",
    "Australia/Adelaide": "阿德莱德",
    "Australia/Brisbane": "黄金海岸, 凯恩斯, gold coast, cairns, queensland",
    "Australia/Sydney": "new south wales",
    "Pacific/Auckland": "皇后镇, 基督城, christchurch, queenstown",
    "Asia/Kathmandu": "尼泊尔, 加德满都, nepal",
    "Asia/Karachi": "巴基斯坦, 卡拉奇, 伊斯兰堡, pakistan, lahore, islamabad",
    "Asia/Dhaka": "孟加拉国, 达卡, bangladesh",
    "Asia/Colombo": "斯里兰卡, 科伦坡, sri lanka",
    "Indian/Maldives": "马尔代夫, 马累",
    "Asia/Yangon": "缅甸, 仰光, myanmar",
    "Asia/Phnom_Penh": "柬埔寨, 金边, 暹粒, cambodia, siem reap",
    "Asia/Vientiane": "老挝, 万象, laos",
    "Asia/Makassar": "巴厘岛, bali",
    "Asia/Tehran": "伊朗, 德黑兰",
    "Asia/Baghdad": "伊拉克, 巴格达, iraq",
    "Asia/Qatar": "卡塔尔, 多哈, doha",
    "Asia/Kuwait": "科威特",
    "Asia/Ulaanbaatar": "蒙古, 乌兰巴托, mongolia",
    "Asia/Pyongyang": "朝鲜, 平壤, north korea",
    "Asia/Almaty": "哈萨克斯坦, kazakhstan",
    "Asia/Tashkent": "乌兹别克斯坦, uzbekistan",
    "Europe/Kyiv": "乌克兰, 基辅, ukraine",
    "Europe/Minsk": "白俄罗斯, 明斯克, belarus",
    "Europe/Budapest": "匈牙利, 布达佩斯, hungary",
    "Europe/Bucharest": "罗马尼亚, 布加勒斯特, romania",
    "Europe/Sofia": "保加利亚, 索菲亚, bulgaria",
    "Europe/Belgrade": "塞尔维亚, 贝尔格莱德, serbia",
    "Europe/Zagreb": "克罗地亚, 萨格勒布, croatia",
    "Atlantic/Reykjavik": "冰岛, 雷克雅未克",
    "Europe/Luxembourg": "卢森堡",
    "Asia/Tbilisi": "格鲁吉亚",
    "America/Havana": "古巴, 哈瓦那",
    "America/Panama": "巴拿马",
    "America/Lima": "秘鲁, 利马, peru",
    "America/Santiago": "智利, chile",
    "America/Bogota": "哥伦比亚, 波哥大, colombia",
    "America/Caracas": "委内瑞拉, venezuela",
    "America/Cancun": "坎昆",
    "Africa/Lagos": "尼日利亚, 拉各斯, nigeria, abuja",
    "Africa/Casablanca": "摩洛哥, 卡萨布兰卡, 马拉喀什, morocco, marrakech, marrakesh",
    "Africa/Addis_Ababa": "埃塞俄比亚, ethiopia",
    "Africa/Algiers": "阿尔及利亚, algeria",
    "Africa/Tunis": "突尼斯, tunisia",
    "Africa/Accra": "加纳, ghana",
    "Africa/Dar_es_Salaam": "坦桑尼亚, tanzania",
    "Indian/Mauritius": "毛里求斯",
    "Pacific/Fiji": "斐济",
}
"""A zone -> more names in it, separated by commas."""


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
    for zone, words in _MORE_PLACES.items():
        names.update(dict.fromkeys(words.split(", "), (zone,)))
    for zones, words in _PLACES.items():
        names.update(dict.fromkeys(words.split(", "), zones))
    return names


def _key(name: str) -> str:
    return " ".join(fold(name).replace("_", " ").casefold().split())
