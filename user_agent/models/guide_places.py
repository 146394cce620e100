"""Which places a question names, read by rules: what remains of its clause when the words around it are taken away."""

import re

_CJK = re.compile(r"[\u3400-\u9fff]")
_AND = re.compile(r"\s*(?:、|和|与|跟|以及|还有|\band\b|&|\bvs\b\.?)\s*", re.IGNORECASE)

_DAY_ZH = (
    r"(?:未来|接下来|最近|近)?[一二两三四五六七八九十\d]{1,2}\s*天|(?:未来|接下来)[一二两三四五六七八九十\d]{0,2}|"
    r"今天|今日|今晚|今早|明天|明日|明早|明晚|大后天|后天|昨天|这几天|最近几天|最近|这两天|现在|当前|目前|此刻|实时|早上|晚上|上午|"
    r"下午|中午|[这本下]个?周末|周末|[这本下]个?(?:周|星期)[一二三四五六日天]?|一周|周[一二三四五六日天]|星期[一二三四五六日天]"
)
_LEADING_ZH = re.compile(
    rf"(?:{_DAY_ZH}|请问一下|请问|请|麻烦|你好|您好|嗨|帮忙|帮我|帮|给我|替我|你觉得|你知道|你能|你可以|能不能|能否|会不会|可以|能|"
    r"我想知道|想知道|想问问|想问|我想|我要|我们|我|想|要|打算|准备|查一下|查一查|查查|查下|查询|查|看一下|看下|看看|看|告诉|说说|说一下|讲讲|讲一下|聊聊|问一下|问下|预报|知道|一下|"
    r"关于|那么|那边|那|换成|再查|也查|在|去|到|飞|来|的|和家人|和朋友|用?高德|了|会|是|如果|需要|：|:|,|，|\s)"
)
_TRAILING_ZH = re.compile(
    rf"(?:{_DAY_ZH}|那边|那里|当地|外面|天气|气温|温度|时间|日期|预报|零下|几月|哪个|哪里|谁|什么|会不会|会|要不要|需不需要|需要|应该|要|能|可能|有没有|有|还|又|很|"
    r"是不是|是|的|呢|吗|了|吧|啊|玩|出差|旅游|旅行|看看|怎么样|如何|一般|大概|适合|情况|\s)$"
)
MAX_BARE_CHARS = 8
"""A clause without a topic that is longer than this is not the name of a place."""

_GOES_ZH = re.compile(
    r"(?:去|到|飞往|飞|前往|抵达)(?P<place>[\u3400-\u9fff]{2,7}?)"
    r"(?:玩|看|出差|旅游|旅行|度假|参加|爬山|走|逛|开会|过|了|$)"
)
_REMARK_ZH = re.compile(r"\s*(?:好|真|很|太|非常|挺|有点|这么|那么|不错|怎|如何)")
"""What follows the topic in "今天天气好热": a remark, not a place."""
_NOT_PLACES_ZH = re.compile(
    "[你我他她它]们?|我?这[里儿边]?|我?那[里儿边]?|本地|当地|外面|户外|家里|哪[里儿]|哪[座个]城市|什么|怎么|为什么|好的?|嗯|对|行|是|"
    "谢谢[你您]?|多谢|你好|您好|再见|不用了?|不是|没有|知道|可以|一个|天气|时间"
)

_STOP_EN = (
    r"today|tonight|tomorrow|now|right now|currently|at|this|next|on|over|during|for|please|and|or|like|later|the|in|"
    r"will|is|be|going|it|what|how|should|do|so|when|with|thanks"
)
_NAME_EN = rf"(?!(?:{_STOP_EN})\b)[^\W\d_][\w.'’\-]*(?:[ ,]+(?!(?:{_STOP_EN})\b)[^\W\d_][\w.'’\-]*){{0,3}}"
_PLACE_EN = rf"(?P<place>{_NAME_EN}(?:\s+(?:and|&)\s+{_NAME_EN})?)"
_PLACES_EN = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:in|at|near|around|visit|visiting)\s+(?:the city of\s+)?{_PLACE_EN}",
        rf"\b(?:(?:fly|go|head|mov|driv)(?:e|ing)?|travel(?:l?ing)?|trip)\s+to\s+{_PLACE_EN}",
        rf"\bto\s+(?-i:(?=[A-Z])){_PLACE_EN}",
        rf"\b(?:weather|forecast|temperature|time|date)\s+(?:for|of)\s+{_PLACE_EN}",
        rf"\bhow\s+(?:hot|cold|warm|windy|humid)\s+(?:is|will)\s+{_PLACE_EN}",
        rf"\b(?:weather|forecast|time)[:\s]\s*(?!forecast\b){_PLACE_EN}$",
        r"(?:^|\b(?:the|show me|check|is|what's|whats|get|tell me)\s+)(?!the\b|what|how|is\b|will\b|show\b|check\b)"
        r"(?P<place>[^\W\d_][\w.'’\-]*?(?:[ ,]+(?!weather\b)[^\W\d_][\w.'’\-]*?){0,2})(?:'s|’s)?\s+"
        r"(?:current\s+)?(?:weather|forecast|temperature|time)\b",
    )
)
_NOT_PLACES_EN = re.compile(
    r"(?:the|an?|it|me|you|i|we|there|here|local|current(?:ly)?|today|tomorrow|tonight|this|that|what|whats|time|weather|"
    r"thanks?|ok|okay|yes|no|nope|sure|hello|hi|hey|please|hot|cold|nice|good|morning|evening|afternoon|general|fact|"
    r"bye|cool|great|right|now|your|my|our|same|celsius|fahrenheit|amap|never|why|who|how|tell|give|show)\b.*|"
    r".*\b(?:me|my|you|is|what)\b.*",
    re.IGNORECASE,
)

_AROUND_EN = re.compile(r"^(?:(?:what about|how about|and|in|for|at)\s+)+|\s+(?:please|then|now|today)$", re.IGNORECASE)

_GOES_ON = re.compile(r"^(?:那|换成|再查|也)|呢[?？]?$|^(?:what about|how about|and)\b", re.IGNORECASE)


def places(text: str, topic: re.Pattern[str]) -> tuple[str, ...]:
    """The places that a question about `topic` names, in order; several where 和, 、 or "and" joins them."""
    found = _part_zh(text, topic) if _CJK.search(text) else ""
    return _names(found or _part_en(text))


def bare_place(text: str) -> str:
    """The place that a short text consists of, as in an answer to "Which city?" or in "那上海呢？"; else empty."""
    name = text.strip(" \t\n?？!！.。,，~～：:")
    name = _AROUND_EN.sub("", name)
    if _CJK.search(name):
        name = _stripped(name)
        if _CJK.search(name):
            fits = re.fullmatch(r"[\u3400-\u9fff·]{2,12}", name) and not _NOT_PLACES_ZH.fullmatch(name)
            return name if fits else ""
    fits = re.fullmatch(r"[^\W\d_][\w ,.'’\-]{1,38}", name) and not _NOT_PLACES_EN.fullmatch(name)
    return name.strip(" ,") if fits and len(name.split()) <= 4 else ""


def next_place(text: str) -> str:
    """The place of a message that goes on from an answered question, as in "那上海呢？" and "What about London?"."""
    return bare_place(text) if _GOES_ON.search(text.strip()) else ""


def _names(part: str) -> tuple[str, ...]:
    """The places in a part of a sentence. The whole comes first: 和田 is a city, and so is 呼和浩特."""
    whole = bare_place(part)
    pieces = [bare_place(piece) for piece in _AND.split(_stripped(part))]
    if whole and (len(pieces) < 2 or not all(pieces)):
        return (whole,)
    return tuple(dict.fromkeys(filter(None, pieces)))


def _stripped(text: str) -> str:
    """The text without the words around a place, one by one from both ends.

    Some of them also begin or end a name (和田, 新会): a strip that would leave a single character is taken back.
    """
    while True:
        leading, trailing = _LEADING_ZH.match(text), _TRAILING_ZH.search(text)
        if leading:
            rest = text[leading.end() :]
        elif trailing:
            rest = text[: trailing.start()]
        else:
            return text
        if len(rest.strip()) == 1:
            around = _LEADING_ZH.fullmatch(rest) or _TRAILING_ZH.fullmatch(rest)
            return "" if around else text
        text = rest


def _part_zh(text: str, topic: re.Pattern[str]) -> str:
    """The part of the clause about the topic that names a place, or that of another clause; empty where none does."""
    clauses = [clause.strip() for clause in re.split(r"[，,。！!？?；;：:\n]", text) if clause.strip()]
    others: list[str] = []
    for clause in clauses:
        match = topic.search(clause)
        if match is None:
            others.append(clause)
            continue
        before, after = clause[: match.start()], clause[match.end() :]
        if goes := _GOES_ZH.search(clause):
            return goes["place"]
        if _names(before):
            return before
        if re.match(r"(?:预报)?\s", after) and not _REMARK_ZH.match(after) and _names(after):
            return after
    for clause in others:
        if goes := _GOES_ZH.search(clause):
            return goes["place"]
        # "大连这个周末适合出海吗，天气好不好": what stands before the day.
        before_day = re.split(_DAY_ZH, clause, maxsplit=1)[0]
        if len(before_day) <= MAX_BARE_CHARS and bare_place(before_day):
            return before_day
    return ""


def _part_en(text: str) -> str:
    sentence = text.strip().rstrip("?!. ")
    found = (match["place"] for pattern in _PLACES_EN for match in pattern.finditer(sentence))
    return next((place for place in found if bare_place(place) or _names(place)), "")
