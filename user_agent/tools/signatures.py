"""What a function takes, and what is said of it, as a model reads it."""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast, get_type_hints
from weakref import WeakKeyDictionary

from pydantic import BaseModel, ConfigDict, JsonValue, create_model

from user_agent.words import Words

_NOT_NAMED = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.VAR_POSITIONAL,
    inspect.Parameter.VAR_KEYWORD,
)
_CHINESE = re.compile("[\u4e00-\u9fff]")
_CHINESE_MARK = re.compile("[，。、：；！？（）]")


@dataclass(frozen=True, slots=True)
class Signature:
    """What a function takes."""

    arguments: type[BaseModel]
    parameters: dict[str, JsonValue]
    meanings: Mapping[str, Words]
    context_name: str


# Kept as long as the function: methods become tools anew in every turn, and pydantic takes a millisecond for each.
_KNOWN: WeakKeyDictionary[object, Signature] = WeakKeyDictionary()


def signature_of(function: Callable[..., object], name: str, *, hidden: type) -> Signature:
    """What the function takes, but for a parameter of the type `hidden`. Raises `TypeError`."""
    known = cast(object, getattr(function, "__func__", function))
    if known not in _KNOWN:
        _KNOWN[known] = _read_signature(function, name, hidden)
    return _KNOWN[known]


def _read_signature(function: Callable[..., object], name: str, hidden: type) -> Signature:
    hints = get_type_hints(function, include_extras=True)
    fields: dict[str, Any] = {}  # pydantic's create_model takes (type, default) pairs
    meanings: dict[str, Words] = {}
    context_name = ""
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name not in hints or parameter.kind in _NOT_NAMED:
            raise TypeError(f"{name!r} takes {parameter}: every parameter of a tool has a name and a type.")
        if hints[parameter.name] is hidden:
            context_name = parameter.name
            continue
        default = ... if parameter.default is inspect.Parameter.empty else parameter.default
        fields[parameter.name] = (hints[parameter.name], default)
        for said in getattr(hints[parameter.name], "__metadata__", ()):
            if isinstance(said, Words):
                meanings[parameter.name] = said
    arguments: type[BaseModel] = create_model(name, __config__=ConfigDict(extra="forbid"), **fields)
    named = {name: info.alias or name for name, info in arguments.model_fields.items()}
    schema = arguments.model_json_schema()
    schema.pop("title", None)
    schema.setdefault("properties", {})
    for value in schema["properties"].values():
        value.pop("title", None)
    return Signature(arguments, schema, {named[name]: words for name, words in meanings.items()}, context_name)


def said_in(text: str) -> Words:
    """A text whose paragraphs are in English or in Chinese, by language; one that is in one of them serves for both."""
    paragraphs = [paragraph for paragraph in text.strip().split("\n\n") if paragraph.strip()]
    zh = "\n\n".join(paragraph for paragraph in paragraphs if _is_chinese(paragraph))
    en = "\n\n".join(paragraph for paragraph in paragraphs if not _is_chinese(paragraph))
    return Words(zh or en, en or zh)


def _is_chinese(text: str) -> bool:
    """Whether it is punctuated as Chinese is, or has more Chinese characters than half its Latin letters: either
    language names things in the other."""
    return _CHINESE_MARK.search(text) is not None or 2 * len(_CHINESE.findall(text)) > sum(
        char.isascii() and char.isalpha() for char in text
    )
