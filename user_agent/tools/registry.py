"""Which tools there are: a literal table, imported when somebody asks."""

import importlib
from collections.abc import Iterator
from functools import cache

from user_agent.tools.base import Tool
from user_agent.tools.forms import tool_of

TOOLS: dict[str, str] = {
    "weather": "user_agent.tools.builtin.weather:WEATHER",
    "amap_weather": "user_agent.tools.builtin.amap_weather:AMAP_WEATHER",
    "current_time": "user_agent.tools.builtin.current_time:CURRENT_TIME",
    "calculator": "user_agent.tools.builtin.calculator:CALCULATOR",
    "code_interpreter": "user_agent.tools.builtin.code_interpreter:CODE_INTERPRETER",
    "image_gen": "user_agent.tools.builtin.image_gen:IMAGE_GEN",
    "image_edit": "user_agent.tools.builtin.image_edit:IMAGE_EDIT",
    "style_repaint": "user_agent.tools.builtin.style_repaint:STYLE_REPAINT",
    "image_enhancement": "user_agent.tools.builtin.image_enhancement:IMAGE_ENHANCEMENT",
    "wordart_texture_generation": "user_agent.tools.builtin.wordart_texture_generation:WORDART_TEXTURE_GENERATION",
    "qwen_vl": "user_agent.tools.builtin.qwen_vl:QWEN_VL",
    "sambert_tts": "user_agent.tools.builtin.sambert_tts:SAMBERT_TTS",
    "paraformer_asr": "user_agent.tools.builtin.paraformer_asr:PARAFORMER_ASR",
    "speech-generation": "user_agent.tools.builtin.modelscope_media:SPEECH_GENERATION",
    "video-generation": "user_agent.tools.builtin.modelscope_media:VIDEO_GENERATION",
    "text-address": "user_agent.tools.builtin.modelscope_texts:TEXT_ADDRESS",
    "text-ner": "user_agent.tools.builtin.modelscope_texts:TEXT_NER",
    "text-ie": "user_agent.tools.builtin.modelscope_texts:TEXT_IE",
    "text-translation-en2zh": "user_agent.tools.builtin.modelscope_texts:TEXT_TRANSLATION_EN2ZH",
    "text-translation-zh2en": "user_agent.tools.builtin.modelscope_texts:TEXT_TRANSLATION_ZH2EN",
    "web_search": "user_agent.tools.builtin.web_search:WEB_SEARCH",
    "web_browser": "user_agent.tools.builtin.web_browser:WEB_BROWSER",
    "http_request": "user_agent.tools.builtin.http_request:HTTP_REQUEST",
    "storage": "user_agent.tools.builtin.storage:STORAGE",
    "RenewInstance": "user_agent.tools.builtin.renew_instance:RENEW_INSTANCE",
}
"""Tool id -> module:attribute. One line here, and a tool is in the catalogue, the form, the builder and the API."""


@cache
def find_tool(tool_id: str) -> Tool | None:
    """The tool of that id, or None where this version has none."""
    place = TOOLS.get(tool_id)
    if place is None:
        return None
    module, attribute = place.split(":")
    return tool_of(getattr(importlib.import_module(module), attribute), tool_id)


def all_tools() -> Iterator[Tool]:
    """Every tool of this version, in the order of the table."""
    for tool_id in TOOLS:
        tool = find_tool(tool_id)
        if tool is not None:
            yield tool
