"""Making a configuration of another product's fields, and telling what became of each."""

import base64
import binascii
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeGuard

from pydantic import JsonValue

from agentfabric.publish.importer.given import Given, says_something
from agentfabric.publish.importer.incoming import Incoming, IncomingFile, Kind, Note, Origin
from builder_core.avatar import reencode
from user_agent.config import Document
from user_agent.errors import FabricError
from user_agent.storable import cleaned
from user_agent.words import Language, Words

MAX_INSTRUCTION = 100_000
LIMITS: Mapping[str, int] = {
    **{"name": 120, "description": 2_000},
    **{"instruction": MAX_INSTRUCTION, "prologue": 10_000},
}
MAX_SUGGESTIONS, MAX_SUGGESTION_CHARS = 50, 1_000
_MAX_TOLD = 100

_SAME: Mapping[str, Sequence[str]] = {
    "web_search": (
        *("web_search", "websearch", "browser", "browsing", "web_browsing", "lobe_web_browsing", "google_search"),
        *("google", "duckduckgo", "ddgo_search", "duckduckgo_search", "tavily", "tavily_search", "bing_web_search"),
        *("tavily_search_results_json", "serper", "searxng", "searxng_search", "search", "searchgpt", "brave_search"),
        *("bing_search", "duckduckgo_ai", "search_engine", "web_search_preview", "traversaal_search"),
    ),
    "web_browser": ("webscraper", "web_scraper", "website_crawler", "jina_reader", "web_reader", "web_browser"),
    "image_gen": (
        *("dalle", "dall_e", "dalle2", "dalle3", "image_generation", "image_gen", "image_gen_oai", "stable_diffusion"),
        *("lobe_image_designer", "flux", "text_to_image", "text2image", "generate_image", "gpt_image"),
    ),
    "image_edit": ("image_edit", "image_edit_oai", "edit_image"),
    "code_interpreter": ("python", "code_interpreter", "execute_code", "simple_code", "lobe_code_interpreter"),
    "current_time": ("current_time", "time", "localtime_to_timestamp", "timezone_conversion"),
    "calculator": ("calculator", "eval_expression", "maths", "math"),
    "weather": ("weather", "open_weather", "openweather", "realtime_weather", "get_weather", "forecast"),
    "amap_weather": ("gaode_weather", "amap_weather"),
    "sambert_tts": ("tts", "text_to_speech"),
    "paraformer_asr": ("asr", "speech_to_text"),
    "qwen_vl": ("vision", "qwen_vl"),
}
"""Tools of other products, by ours that does the same."""
_OURS = {theirs: ours for ours, names in _SAME.items() for theirs in names}

_CJK = re.compile(r"[\u3400-\u9fff]")
_LETTER = re.compile(r"[A-Za-z]")
_PICTURE = re.compile(r"data:image/(png|jpe?g|webp|gif);base64,", re.IGNORECASE)


@dataclass(slots=True)
class Mapped:
    """A configuration as it is made, with notes on what came over, what is different here, and what stayed behind."""

    origin: Origin
    given: Given
    """The whole export: of what nobody takes out of it, the report says that it stays behind."""
    document: Document = field(default_factory=dict[str, JsonValue])
    files: list[IncomingFile] = field(default_factory=list[IncomingFile])
    descriptions: list[str] = field(default_factory=list[str])
    notes: list[Note] = field(default_factory=list[Note])

    def note(self, kind: Kind, name: str, zh: str, en: str) -> None:
        """Tell of one thing. What is different here was not kept as it was."""
        if kind == "changed" and name:
            self.notes = [note for note in self.notes if (note.kind, note.field) != ("kept", name)]
        self.notes.append(Note(kind, name, Words(zh, en)))

    def text(self, name: str, value: JsonValue) -> None:
        """A field that is text, cut to what fits. Nothing, where there is none."""
        text = cleaned(value).strip() if isinstance(value, str) else ""
        if not text:
            self._no_text(name, value)
            return
        limit = LIMITS[name]
        self.document[name] = text[:limit]
        if len(text) > limit:
            self.note("changed", name, f"只保留了前 {limit:,} 个字符", f"only its first {limit:,} characters fit")
        else:
            self.note("kept", name, "原样保留", "as it was")

    def suggestions(self, values: JsonValue) -> None:
        given = [cleaned(value).strip() for value in texts(values)]
        found = [value[:MAX_SUGGESTION_CHARS] for value in given if value][:MAX_SUGGESTIONS]
        if found:
            self.document["prompt_recommend"] = list[JsonValue](found)
            self.note("kept", "prompt_recommend", f"{len(found)} 条", f"{len(found)} of them")
        if (total := len(values) if isinstance(values, list) else int(says_something(values))) > len(found):
            more = total - len(found)
            self.note("lost", "prompt_recommend", f"{more} 条用不了", f"{more} that cannot be used")
        if any(len(value) > MAX_SUGGESTION_CHARS for value in given):
            self.note(
                "changed",
                "prompt_recommend",
                f"每条只保留前 {MAX_SUGGESTION_CHARS:,} 个字符",
                f"of each, its first {MAX_SUGGESTION_CHARS:,} characters",
            )

    def model(self, name: JsonValue, settings: Given, *limits: str) -> None:
        """Which model it was, for the studio to look for here, and how it answered.

        `limits` are the fields of `settings` that may say how long an answer can be: "max_tokens" where none are given.
        """
        if isinstance(name, str) and name.strip():
            self.document["model"] = cleaned(name).strip()[:300]
        elif says_something(name):
            self._no_text("model", name)
        generation: Document = {}
        temperature, limit = settings.take("temperature"), settings.either(*(limits or ("max_tokens",)))
        if _is_number(temperature) and 0 <= temperature <= 2:
            generation["temperature"] = temperature
        elif temperature is not None:
            self.lose("generation", "这里用不了的温度", "a temperature that cannot be used here", [str(temperature)])
        if _is_number(limit) and 1 <= limit <= 200_000:
            generation["max_tokens"] = int(limit)
        elif says_something(limit):
            self.lose("generation", "这里用不了的长度", "a length that cannot be used here", [str(limit)])
        if generation:
            self.document["generation"] = generation
            freely = ("温度", "how freely it answers") if "temperature" in generation else ("", "")
            length = ("长度", "how long its answers may be") if "max_tokens" in generation else ("", "")
            zh, en = "和".join(filter(None, (freely[0], length[0]))), " and ".join(filter(None, (freely[1], length[1])))
            self.note("kept", "generation", zh, en)
        others = list(settings.left(theirs=False))
        settings.take_all()
        self.lose("generation", "模型的其他参数", "other settings of the model", (_last(name) for name in others))

    def tools(self, names: Iterable[str]) -> None:
        """Switch on what does the same here, and say what there is not."""
        ticked: Document = {}
        missing: list[str] = []
        for name in dict.fromkeys(names):
            ours = _OURS.get(re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_"))
            if ours is None:
                missing.append(name)
            elif ours not in ticked:
                ticked[ours] = {"name": ours, "is_active": True, "use": True}
                if name == ours:
                    self.note("kept", f"tools.{ours}", "原样保留", "as it was")
                else:
                    self.note("changed", f"tools.{ours}", f"原来的“{name}”", f"it was {name!r}")
        if ticked:
            self.document["tools"] = ticked
        self.lose("tools", "这里没有的工具", "tools that there are not here", missing)

    def lose(self, name: str, zh: str, en: str, things: Iterable[str] = ()) -> None:
        """Say that something stayed behind. With `things`, only where there are some."""
        listed = [cleaned(thing)[:80] for thing in things]
        if not listed:
            return
        more = len(listed) - _MAX_TOLD
        shown = listed[:_MAX_TOLD]
        told_zh = "、".join(shown) + (f" 等 {len(listed)} 项" if more > 0 else "")
        told_en = ", ".join(shown) + (f" and {more} more" if more > 0 else "")
        self.note("lost", name, f"{zh}：{told_zh}", f"{en}: {told_en}")

    def knowledge(self, names: Iterable[str]) -> None:
        """Files that it knew, of which only the names came along."""
        self.lose("knowledge", "文件没有随导出带来，请在“知识”里添加", "files that did not come along: add them", names)

    def picture(self, value: JsonValue) -> None:
        """An avatar in a `data:` address. One elsewhere is not fetched, and a sign is drawn anew."""
        if not says_something(value):
            return
        text = value if isinstance(value, str) else ""
        found = _PICTURE.match(text)
        if found is None:
            self._no_picture(text)
            return
        try:
            data = reencode(base64.b64decode(text[found.end() :], validate=True))
        except (binascii.Error, ValueError, FabricError):
            self.note("lost", "avatar", "图片无法读取，请另外上传", "the picture cannot be read: upload another")
            return
        self.files.append(IncomingFile("avatar", "avatar", data))
        self.note("kept", "avatar", "随导出带来的图片", "the picture that came along")

    def _no_picture(self, text: str) -> None:
        if text.lower().startswith("data:"):
            self.note(
                "lost", "avatar", "这种图片用不了，请另外上传", "pictures of this kind cannot be used: upload another"
            )
        elif text.lower().startswith(("http:", "https:", "/", "file")):
            self.note("lost", "avatar", "图片不会从网上获取，请上传", "it is not fetched from elsewhere: upload it")
        else:
            self.note("lost", "avatar", "图标由名字的首字代替", "its icon: a monogram of the name takes its place")

    def _no_text(self, name: str, value: JsonValue) -> None:
        if says_something(value) and not isinstance(value, str):
            self.note("lost", name, "它不是文字，用不了", "it is no text, and cannot be used")

    def _left(self) -> None:
        """Name whatever nobody read, and what is of use only where the file is from."""
        for theirs, zh, en in (
            (False, "这里没有对应位置的字段", "fields that have no place here"),
            (True, "只在原来的地方有意义", "what means something only where it is from"),
        ):
            counted = Counter(cleaned(name)[:80] for name in self.given.left(theirs=theirs))
            places = tuple(f"{name} × {count}" if count > 1 else name for name, count in counted.items())
            if places:
                self.notes.append(Note("lost", "", Words(zh, en), places))

    @property
    def language(self) -> Language:
        text = " ".join(str(self.document.get(name, "")) for name in ("instruction", "prologue", "name"))
        return "zh" if 2 * len(_CJK.findall(text)) > len(_LETTER.findall(text)) else "en"

    def done(self, choices: Sequence[str] = ()) -> Incoming:
        """What was made, in the language that it is written in."""
        self._left()
        self.document["language"] = self.language
        names = tuple(cleaned(name)[:120] for name in choices) if len(choices) > 1 else ()
        return Incoming(
            self.origin,
            self.document,
            tuple(self.files),
            tuple(self.descriptions),
            tuple(self.notes),
            choices=names,
        )


def mapping(value: JsonValue) -> Document:
    """The object, or an empty one where the value is none."""
    return value if isinstance(value, dict) else {}


def objects(value: JsonValue) -> list[Document]:
    """The objects in a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts(value: JsonValue) -> list[str]:
    """The texts in a list that are not empty."""
    return [item for item in value if isinstance(item, str) and item.strip()] if isinstance(value, list) else []


def first(*values: JsonValue) -> JsonValue:
    """The first value that says something."""
    return next((value for value in values if value not in (None, "", [], {})), None)


def _last(place: str) -> str:
    return place.rpartition(".")[2]


def _is_number(value: JsonValue) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
