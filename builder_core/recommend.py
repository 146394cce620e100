"""Which tools fit what somebody said: a search over the catalogue by words and by pairs of Chinese characters."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from user_agent.chinese import fold
from user_agent.lexical.terms import words
from user_agent.tools.base import SecretNeed, Tool
from user_agent.words import Words

_ANALYSE = (
    "analyse",
    "analyze",
    "analyses",
    "analyzes",
    "analysing",
    "analyzing",
    "crunch",
    "crunches",
    "visualise",
    "visualize",
)
_DRAW = ("draw", "draws", "drawing", "plot", "plots", "plotting")
KEYWORDS: Mapping[str, tuple[str, ...]] = {
    "weather": (
        *("weather", "forecast", "temperature", "rain", "rainy", "umbrella", "climate"),
        *("天气", "气温", "气象", "下雨", "降雨", "温度", "冷不冷", "带伞"),
    ),
    "amap_weather": ("amap", "gaode", "高德", "weather", "天气", "气温", "气象"),
    "current_time": (
        *("time is it", "current time", "the time", "local time", "time zone", "timezone", "clock"),
        *("today's date", "what day", "world clock", "tell the time", "knows the time"),
        *(
            "几点",
            "报时",
            "现在时间",
            "当前时间",
            "看时间",
            "查时间",
            "时区",
            "日期",
            "时钟",
            "各地时间",
            "当地时间",
            "世界时间",
            "报时间",
        ),
    ),
    "code_interpreter": (
        *("code interpreter", "run code", "runs code", "run python", "runs python", "execute code", "executes code"),
        *("data analysis", "data analyst", "data scientist", "sales figures"),
        *("csv", "csvs", "csv files", "excel file", "excel files", "spreadsheet", "spreadsheets", "python code"),
        *("running python", "running code", "run my code", "run our code"),
        *(f"{verb} … {what}" for verb in _ANALYSE for what in ("data", "csv", "numbers", "survey results")),
        *(f"{verb} … {what}" for verb in _DRAW for what in ("chart", "charts", "graph", "graphs", "histogram")),
        *("bar chart", "bar charts", "line chart", "line charts", "pie chart", "pie charts", "with charts", "jupyter"),
        *(
            "代码解释器",
            "运行代码",
            "执行代码",
            "跑代码",
            "数据分析",
            "表格分析",
            "画图表",
            "统计图",
            "图表",
            "折线图",
            "柱状图",
            "饼图",
            "数据可视化",
            "分析…数据",
            "统计…数据",
            "处理…数据",
            "分析…表格",
            "运行…python",
            "执行…python",
            "跑…python",
            "python代码",
            "python 代码",
            "excel表",
            "excel 表",
        ),
    ),
    "calculator": (
        *("calculator", "calculate", "calculation", "arithmetic", "math", "maths", "percentage", "budget"),
        *(
            "currency",
            "currencies",
            "exchange rate",
            "exchange rates",
            "calculates",
            "calculations",
            "percentages",
            "budgets",
            "unit conversion",
            "split the bill",
        ),
        *(
            "计算",
            "算账",
            "算术",
            "数学",
            "换算",
            "预算",
            "汇率",
            "百分比",
            "算小费",
            "算数",
            "算钱",
            "加减乘除",
            "算一算",
            "分摊",
        ),
    ),
    "image_gen": (
        *("draw pictures", "draws pictures", "drawing pictures", "draw a picture", "draws a picture", "draw images"),
        *("draw drawings", "paint pictures", "paints pictures", "make pictures", "makes pictures", "create pictures"),
        *("generate images", "generates images", "generate pictures", "create images", "creates images"),
        *("image generation", "text to image", "illustrate", "illustrates", "illustrations", "illustrator"),
        *("画画", "画图", "绘画", "作画", "画一张", "画一幅", "画张", "画幅", "画出来", "画插画", "画插图"),
        *("生成图片", "生成图像", "生成插图", "生成插画", "制作图片", "文生图", "配图", "配插图", "配插画"),
    ),
    "image_edit": (
        *("edit pictures", "edits pictures", "edit photos", "edits photos", "edit images", "edits images"),
        *("retouch", "retouches", "image editing", "photo editing"),
        *("改图", "修图", "编辑图片", "修改图片", "图片编辑", "换背景"),
    ),
    "style_repaint": (
        *("portrait style", "cartoon portrait", "cartoon portraits", "repaint portraits"),
        *("人像重绘", "人像风格", "照片变漫画", "照片转漫画"),
    ),
    "image_enhancement": (
        *("upscale", "upscales", "super resolution", "sharpen pictures", "sharpen photos", "sharpens photos"),
        *("变清晰", "超分", "图片放大", "放大图片"),
    ),
    "wordart_texture_generation": (*("word art", "wordart"), *("艺术字", "文字海报")),
    "qwen_vl": (
        *("describe pictures", "describes pictures", "describe photos", "describes photos", "look at pictures"),
        *("looks at pictures", "looks at photos", "read text in pictures", "reads text in pictures", "ocr"),
        *("看图", "识图", "图片识别", "识别图片", "图片问答", "读出图里的字"),
    ),
    "sambert_tts": (
        *("text to speech", "read aloud", "reads aloud", "read texts aloud", "reads texts aloud"),
        *("语音合成", "文字转语音", "合成语音"),
    ),
    "paraformer_asr": (
        *("speech to text", "speech recognition", "transcribe recordings", "transcribes recordings"),
        *("transcribe speech", "transcribes speech", "transcribe audio", "transcribes audio"),
        *("语音识别", "录音转文字", "转写录音", "音频转文字"),
    ),
    "video-generation": (
        *("generate videos", "generates videos", "make videos", "makes videos", "text to video"),
        *("生成视频", "文生视频", "制作视频"),
    ),
    "text-address": (*("parse addresses", "parses addresses"), *("拆解地址", "解析地址", "地址解析")),
    "text-ner": (*("medical terms",), *("医学名词", "医学实体")),
    "web_search": (
        *("search the web", "searches the web", "web search", "search the internet", "searches the internet"),
        *("search online", "searches online", "look things up online", "looks things up online", "google it"),
        *("searching the web", "searching the internet", "look up online", "looks up online", "find things online"),
        *("finds things online", "latest news", "current news", "today's news", "recent news", "search engine"),
        *("网页搜索", "搜索网页", "上网搜", "上网查", "联网搜索", "联网查", "网上搜", "网上查", "搜索互联网", "搜新闻"),
        *("最新新闻", "最新消息", "今日新闻", "今天的新闻", "搜索引擎", "百度一下"),
    ),
    "web_browser": (
        *("web page", "web pages", "webpage", "webpages", "read a website", "reads websites", "read websites"),
        *("read links", "reads links", "open links", "opens links", "read urls", "reads urls", "web browser"),
        *("read articles online", "reads online articles", "summarize articles", "summarizes articles"),
        *("summarise articles", "summarises articles", "summarise a link", "summarises a link", "summarize a link"),
        *("summarizes a link", "summarise links", "summarises links", "summarize links", "summarizes links"),
        *("read a link", "reads a link", "open a link", "opens a link", "links i send", "links i paste", "link i send"),
        *("link i paste", "links that i send", "links that i paste", "browse the web", "browses the web"),
        *("网页", "网址", "打开链接", "链接内容", "看链接", "网站内容", "浏览网站", "在线文章", "发的链接", "贴的链接"),
        *("读…链接", "总结…链接", "概括…链接", "链接里的", "链接的内容"),
    ),
    "http_request": (
        *("http request", "http requests", "call apis", "calls apis", "rest api"),
        *("rest apis", "rest endpoint", "rest endpoints", "http endpoint", "http endpoints", "api endpoint"),
        *("web api", "web apis", "webhook", "webhooks", "web hook", "web hooks", "json api", "fetch json"),
        *("api endpoints", "fetches json", "call … endpoint", "calls … endpoint", "call … api", "calls … api"),
        *("http请求", "http 请求", "rest接口", "rest 接口", "网络接口", "发送请求"),
        *("调用…接口", "调用…api", "调…接口", "请求…接口", "http接口", "http 接口", "钩子地址", "回调地址", "回调接口"),
    ),
    "storage": (
        *("remember things between conversations", "remembers between conversations", "long-term memory"),
        *("long-term storage", "keeps notes for me", "keep notes for me", "remembers my preferences"),
        *("长期记忆", "长期保存", "记住我的", "记住用户", "长期记住", "跨对话记住", "下次还记得"),
    ),
    "RenewInstance": (
        *("ecs", "renew", "renewal", "renews", "cloud instance", "cloud server"),
        *("续费", "云服务器", "实例续期"),
    ),
}
"""What people say when they mean a tool, by tool id; `…` stands for a few words. A tool without a row is found by its
name and its label."""

_CJK = re.compile(r"[\u3400-\u9fff]")
_SAID_OF_ALL = frozenset({"agent", "assist", "tool", "find"})
"""Words that say nothing of a tool, as `words` gives them, beside those that nearly every text has."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A tool of the catalogue, and the secrets it waits for: none where it is ready."""

    tool: Tool
    waits_for: tuple[SecretNeed, ...] = ()
    unavailable: Words | None = None
    """Why it cannot work on this server; None where it can."""


@dataclass(frozen=True, slots=True)
class Found:
    """A tool that fits. `score` only orders; `phrases` and `words` are what the text and the tool have in common."""

    offer: Offer
    score: int
    phrases: tuple[str, ...]
    words: tuple[str, ...]


def offers(
    tools: Iterable[Tool], secrets: Mapping[str, str], unavailable: Mapping[str, Words] | None = None
) -> tuple[Offer, ...]:
    """The catalogue as it stands for somebody who has these secrets; `unavailable` says what cannot work, and why."""
    return tuple(Offer(tool, tool.missing(secrets), (unavailable or {}).get(tool.name)) for tool in tools)


def search(catalogue: Sequence[Offer], text: str) -> list[Found]:
    """Every tool that shares something with the text, best first; of equals the ready one."""
    said = fold(text).lower()
    asked = _terms(text)
    found = [_match(offer, said, asked) for offer in catalogue]
    fitting = [item for item in found if item.score > 0]
    return sorted(fitting, key=lambda item: (-item.score, bool(item.offer.waits_for or item.offer.unavailable)))


def recommend(catalogue: Sequence[Offer], text: str) -> list[Found]:
    """The tools meant in so many words, best first; of two that serve one purpose only the better one.

    Who says "画图表" has not said "画图": a phrase counts for nothing where it is a part of a better tool's.
    """
    meant = [item for item in search(catalogue, text) if item.phrases]
    chosen: list[Found] = []
    covered: set[str] = set()
    for item in meant:
        if not all(any(phrase in longer for longer in covered) for phrase in item.phrases):
            chosen.append(item)
            covered.update(item.phrases)
    return chosen


def phrases_of(tool: Tool) -> tuple[str, ...]:
    """What people say when they mean this tool, in lower case."""
    own = (tool.name, tool.label.zh, tool.label.en)
    return tuple(dict.fromkeys(phrase.lower() for phrase in (*own, *KEYWORDS.get(tool.name, ())) if phrase))


def _match(offer: Offer, text: str, asked: frozenset[str]) -> Found:
    tool = offer.tool
    phrases = tuple(phrase for phrase in phrases_of(tool) if _says(text, phrase))
    about = _terms(f"{tool.summary.zh} {tool.summary.en} {tool.description.en} {tool.description.zh}")
    shared = tuple(sorted(asked & about))
    return Found(offer, 5 * len(phrases) + len(shared), phrases, shared)


def _says(text: str, phrase: str) -> bool:
    return _pattern(phrase).search(text) is not None


@cache
def _pattern(phrase: str) -> re.Pattern[str]:
    parts = [re.escape(part.strip()) for part in phrase.split("…")]
    if _CJK.search(phrase):
        return re.compile(r"[^，。；！？,.;!?\n]{0,8}?".join(parts))
    # A Latin phrase has to be whole words: "time" is not in "sometimes".
    said = r"(?: [a-z0-9'’-]+){0,3}? ".join(parts)
    return re.compile(rf"(?<![a-z0-9]){said}(?![a-z0-9])")


@lru_cache(maxsize=256)
def _terms(text: str) -> frozenset[str]:
    """The words of a text that say something. Kept, as a catalogue is searched several times for each message."""
    return frozenset(word for word in words(text) if len(word) > 1) - _SAID_OF_ALL
