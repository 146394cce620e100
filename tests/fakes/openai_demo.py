"""What the fake endpoint says when nobody wrote a script: enough of a model to show the whole product, in zh and en.

It looks at the tools it is offered. With a builder's, it fills in the draft; with the weather, it looks it up; else it
answers politely. It is rules, not a model, and no part of the product.
"""

import json
import re

from tests.fakes.openai_replies import Call, Json, Says

_CJK = re.compile(r"[\u4e00-\u9fff]")
_WEATHER = re.compile(r"天气|气温|下雨|weather|temperature|rain", re.I)
_PLACE = (
    re.compile(r"(?:in|for|at)\s+([A-Z][\w'-]*(?:\s[A-Z][\w'-]*)*)"),
    re.compile(r"([\u4e00-\u9fff]{2,6}?)(?:市|区)?(?:今天|明天|现在|的|会|怎么样)*(?:天气|气温|下雨)"),
)
_RENAME = re.compile(
    r"(?:改名(?:为|叫|成)?|名字(?:改)?(?:为|叫|成)|(?:rename|call) (?:it|her|him)(?: to)?)\s*[“\"']?([^”\"'。.!！]+)",
    re.I,
)
_GREETING = re.compile(r"^\s*(?:hi|hello|hey|你好|您好|在吗)\W*$", re.I)
_FITTING_TOOLS = (
    ("weather", _WEATHER),
    ("current_time", re.compile(r"时间|几点|日期|time|date|schedule|trip|旅行|周末|weekend", re.I)),
    ("calculator", re.compile(r"计算|预算|算|calculat|budget|math", re.I)),
)
_TOPICS = (
    (re.compile(r"旅行|旅游|周末|出行|trip|travel|weekend", re.I), "周末旅行家", "Weekend Trip Planner"),
    (_WEATHER, "天气小管家", "Weather Companion"),
    (re.compile(r"文档|资料|读|document|read", re.I), "文档阅读助手", "Document Reader"),
)


def demo_reply(body: Json, *, delay_s: float = 0.0) -> Says:
    """The reply to a request, by what was said last and which tools are offered."""
    messages: list[Json] = body.get("messages", [])
    offered: dict[str, Json] = {
        tool["function"]["name"]: tool["function"].get("parameters", {}) for tool in body.get("tools", [])
    }
    asked = next((_words(message) for message in reversed(messages) if message["role"] == "user"), "")
    chinese = bool(_CJK.search(asked))
    if messages and messages[-1]["role"] == "tool":
        return _paced(Says(_report(messages, "update_agent" in offered, chinese)), delay_s)
    if "update_agent" in offered:
        return _paced(_build(asked, offered, chinese), delay_s)
    if "weather" in offered and _WEATHER.search(asked):
        return _paced(_look_up(asked, offered["weather"], chinese), delay_s)
    return _paced(Says(_polite(asked, chinese)), delay_s)


def _paced(reply: Says, delay_s: float) -> Says:
    """A few characters at a time, as models write."""
    longest = max(len(reply.text), *(len(call.arguments) for call in reply.calls), 1)
    return Says(text=reply.text, calls=reply.calls, pieces=max(1, longest // 3), delay_s=delay_s)


def _words(message: Json) -> str:
    content = message.get("content") or ""
    return content if isinstance(content, str) else " ".join(part.get("text", "") for part in content)


def _polite(asked: str, chinese: bool) -> str:
    if chinese:
        return f"你好，我收到了你的话：“{asked}”。我是演示用的模型，只会把它礼貌地重复一遍。"
    return f"Hello! You said: {asked!r}. I am a demonstration model, so I politely repeat it."


def _report(messages: list[Json], building: bool, chinese: bool) -> str:
    if building:
        if chinese:
            return "草稿已经更新，可以在预览里直接和它聊聊。还想调整什么？"
        return "The draft is up to date; you can talk to your agent in the preview. What shall we change?"
    results: list[str] = []
    for message in reversed(messages):
        if message["role"] != "tool":
            break
        results.insert(0, _words(message)[:300])
    found = "\n".join(results)
    return f"我查到了：{found}" if chinese else f"This is what I found: {found}"


def _look_up(asked: str, parameters: Json, chinese: bool) -> Says:
    place = next((found[1] for pattern in _PLACE if (found := pattern.search(asked))), "")
    place = place or ("北京" if chinese else "Beijing")
    properties: Json = parameters.get("properties", {})
    name = next(iter(parameters.get("required") or properties), "city")
    text = f"我来看看{place}的天气。" if chinese else f"Let me look at the weather in {place}."
    return Says(text, calls=(Call("weather", json.dumps({name: place}, ensure_ascii=False)),))


def _build(asked: str, offered: dict[str, Json], chinese: bool) -> Says:
    if _GREETING.match(asked) or not asked.strip():
        return Says(
            "你好！说说你想要什么样的智能体，它要帮谁、做什么？"
            if chinese
            else "Hello! Tell me about the agent you want: whom should it help, and with what?"
        )
    renamed = _RENAME.search(asked)
    fields = {"name": renamed[1].strip()} if renamed else _draft(asked, chinese)
    known: Json = offered["update_agent"].get("properties", {})
    calls = [Call("update_agent", _json({key: value for key, value in fields.items() if key in known}))]
    if "choose_tools" in offered and not renamed:
        fitting = [tool for tool, pattern in _FITTING_TOOLS if pattern.search(asked)]
        calls.append(Call("choose_tools", _json({"enable": fitting} if fitting else {"query": asked[:1_000]})))
    text = "好主意，我来填写草稿。" if chinese else "A good idea. I will fill in the draft."
    return Says(text, calls=tuple(calls))


def _draft(asked: str, chinese: bool) -> Json:
    zh, en = next(
        ((zh, en) for pattern, zh, en in _TOPICS if pattern.search(asked)), ("贴心小助手", "Helpful Companion")
    )
    if chinese:
        return {
            "name": zh,
            "description": asked[:200],
            "instruction": f"你是{zh}。用户的要求是：{asked}\n先问清楚需要，再给出可行的建议。需要事实时使用工具。",
            "language": "zh",
            "prologue": f"你好，我是{zh}，今天想做点什么？",
            "prompt_recommend": ["你能做什么？", "这个周末去哪里玩？", "杭州天气怎么样？", "帮我列一个清单"],
            "proposed": ["name", "prologue", "prompt_recommend"],
        }
    return {
        "name": en,
        "description": asked[:200],
        "instruction": f"You are {en}. The person asked for this: {asked}\nFind out what is needed, then give "
        "practical advice. Use your tools wherever facts are needed.",
        "language": "en",
        "prologue": f"Hello, I am {en}. What shall we do today?",
        "prompt_recommend": [
            "What can you do?",
            "Where could I go this weekend?",
            "How is the weather in Paris?",
            "Make me a packing list",
        ],
        "proposed": ["name", "prologue", "prompt_recommend"],
    }


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)
