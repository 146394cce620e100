"""Small language models of ModelScope, each for one job: a table of them, one tool for every row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, Field, JsonValue

from user_agent.tools.base import Tool, ToolContext
from user_agent.vendors.modelscope import HOST, NEED, infer
from user_agent.words import Words

MAX_TEXT_CHARS = 4_000
_SENDS = Words(zh="这段文字会发送给魔搭。", en="The text is sent to ModelScope.")


class _Span(BaseModel):
    """Words of the text, and what they are."""

    type: str
    span: str


class _Spans(BaseModel):
    output: list[_Span]


class _Extracted(BaseModel):
    output: list[list[_Span]]


class _Translated(BaseModel):
    translation: str


Told = str | dict[str, str] | dict[str, list[str]]


def _parts(data: _Spans) -> Told:
    """Each part of an address under its kind."""
    return {item.type: item.span for item in data.output}


def _named(data: _Spans) -> Told:
    return _gathered(data.output)


def _gathered(spans: Sequence[_Span]) -> dict[str, list[str]]:
    """All that was found, by kind, in the order of the text."""
    found: dict[str, list[str]] = {}
    for item in spans:
        found.setdefault(item.type, []).append(item.span)
    return found


@dataclass(frozen=True, slots=True)
class _Job:
    """One model that takes a text. `description` is for the model that calls it."""

    name: str
    model: str
    label: Words
    summary: Words
    description: str
    read: Callable[[_Spans], Told] | None
    """How its findings are told; None for a translation."""


_JOBS = (
    _Job(
        "text-address",
        "damo/mgeo_geographic_elements_tagging_chinese_base",
        Words(zh="拆解地址", en="Parse Chinese addresses"),
        Words(
            zh="把一个中文地址拆成省、市、区、街道、门牌等部分。",
            en="Takes a Chinese address apart: province, city, district, road, house number.",
        ),
        "Take a Chinese address apart into its elements, such as province (prov), city, district, road and house "
        "number.\n\n把中文地址拆成各个要素，例如省（prov）、市、区、街道、门牌号。",
        _parts,
    ),
    _Job(
        "text-ner",
        "damo/nlp_raner_named-entity-recognition_chinese-base-cmeee",
        Words(zh="识别医学名词", en="Find medical terms (Chinese)"),
        Words(
            zh="从中文文本里找出疾病、症状、药物、身体部位等医学名词。",
            en="Finds diseases, symptoms, drugs and parts of the body in a Chinese text.",
        ),
        "Find the medical terms in a Chinese text, by kind: diseases, symptoms, drugs, procedures, parts of the body."
        "\n\n找出中文文本里的医学名词，按类别列出：疾病、症状、药物、医疗操作、身体部位。",
        _named,
    ),
    _Job(
        "text-translation-en2zh",
        "damo/nlp_csanmt_translation_en2zh",
        Words(zh="英译中", en="Translate English to Chinese"),
        Words(
            zh="用专门的翻译模型把英文译成中文。",
            en="Translates English into Chinese with a model made for it.",
        ),
        "Translate an English text into Chinese.\n\n把英文译成中文。",
        None,
    ),
    _Job(
        "text-translation-zh2en",
        "damo/nlp_csanmt_translation_zh2en",
        Words(zh="中译英", en="Translate Chinese to English"),
        Words(
            zh="用专门的翻译模型把中文译成英文。",
            en="Translates Chinese into English with a model made for it.",
        ),
        "Translate a Chinese text into English.\n\n把中文译成英文。",
        None,
    ),
)


def _tool_of(job: _Job) -> Tool:
    async def run(
        input: Annotated[str, Words(zh="要处理的文本", en="The text"), Field(min_length=1, max_length=MAX_TEXT_CHARS)],
        context: ToolContext,
    ) -> Told:
        body: JsonValue = {"input": input.strip()}
        if job.read is None:
            return (await infer(job.name, job.model, body, context, shape=_Translated)).translation
        return job.read(await infer(job.name, job.model, body, context, shape=_Spans))

    run.__doc__ = job.description
    return Tool.from_function(
        run,
        name=job.name,
        group="language",
        label=job.label,
        summary=job.summary,
        secrets=(NEED,),
        sends=_SENDS,
        vendors=(HOST,),
        timeout_s=35.0,
        default_model=job.model,
    )


_EXTRACTING = "text-ie"
_EXTRACTOR = "damo/nlp_structbert_siamese-uie_chinese-base"


async def text_ie(
    input: Annotated[str, Words(zh="要处理的文本", en="The text"), Field(min_length=1, max_length=MAX_TEXT_CHARS)],
    wanted: Annotated[
        dict[str, JsonValue],
        Words(
            zh='要抽取的类别，写成对象的键，值为 null：{"人物": null, "地理位置": null}',
            en='What to look for, as the keys of an object: {"人物": null, "地理位置": null}',
        ),
        Field(alias="schema", min_length=1),
    ],
    context: ToolContext,
) -> dict[str, list[str]]:
    """Pull what is asked for out of a Chinese text: people, places, events, whatever the schema names.

    按给出的 schema 从中文文本里抽取信息：人物、地点、事件，schema 写什么就找什么。
    """
    body: JsonValue = {"input": input.strip(), "parameters": {"schema": wanted}}
    data = await infer(_EXTRACTING, _EXTRACTOR, body, context, shape=_Extracted)
    return _gathered([span for group in data.output for span in group])


TEXT_IE = Tool.from_function(
    text_ie,
    name=_EXTRACTING,
    group="language",
    label=Words(zh="抽取信息", en="Extract information (Chinese)"),
    summary=Words(
        zh="从中文文本里抽取指定的信息，比如人物、地点、事件。",
        en="Pulls what is named, such as people, places or events, out of a Chinese text.",
    ),
    secrets=(NEED,),
    sends=_SENDS,
    vendors=(HOST,),
    timeout_s=35.0,
    default_model=_EXTRACTOR,
)

TOOLS: Mapping[str, Tool] = {**{job.name: _tool_of(job) for job in _JOBS}, _EXTRACTING: TEXT_IE}
TEXT_ADDRESS = TOOLS["text-address"]
TEXT_NER = TOOLS["text-ner"]
TEXT_TRANSLATION_EN2ZH = TOOLS["text-translation-en2zh"]
TEXT_TRANSLATION_ZH2EN = TOOLS["text-translation-zh2en"]
