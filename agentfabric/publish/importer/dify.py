"""Dify's DSL: a YAML file of an app. Chat, agent and text apps map well; of a flow, what its models are told."""

import re
from collections.abc import Iterable

from agentfabric.publish.importer.dify_flow import read_flow, tell_instruction
from agentfabric.publish.importer.dify_form import asks_for, fields_in
from agentfabric.publish.importer.given import Given, says_something
from agentfabric.publish.importer.incoming import Incoming
from agentfabric.publish.importer.mapping import Mapped, first, mapping
from user_agent.config import Document

_PLUGIN = re.compile(r"[^:@]+")
_SWITCHES = (
    ("speech_to_text", "语音输入", "speech input"),
    ("text_to_speech", "朗读", "reading aloud"),
    ("sensitive_word_avoidance", "敏感词过滤", "its filter of words"),
    ("annotation_reply", "标注回复", "annotated replies"),
    ("more_like_this", "更多类似的", "more like this"),
    ("suggested_questions_after_answer", "每次回答后的建议问题", "questions suggested after each answer"),
)
_OF_A_TOOL = (
    "isDeleted",
    "notAuthor",
    "provider_id",
    "provider_type",
    "tool_label",
    "tool_description",
    "credential_id",
)


def is_dify(document: Document) -> bool:
    """Whether it is an app: before their version 0.1.0 exports did not say so."""
    app = document.get("app")
    if not isinstance(app, dict):
        return False
    return document.get("kind") == "app" or ("mode" in app and bool({"model_config", "workflow"} & document.keys()))


def read_dify(document: Document) -> Incoming:
    """The app as an agent."""
    given = Given(document)
    app, mapped = given.at("app"), Mapped("dify", given)
    given.leave("kind", "version")
    app.leave("mode", "icon_type", "icon_background", "use_icon_as_answer_icon")
    mapped.text("name", app.take("name"))
    mapped.text("description", app.take("description"))
    if isinstance(document.get("workflow"), dict):
        features = read_flow(given.at("workflow"), mapped)
        _opening(features, mapped)
    else:
        _chat(given.at("model_config"), mapped)
    if app.fields.get("mode") == "completion":
        mapped.note("changed", "", "一次性的文本生成变成了对话", "what wrote one text became a conversation")
    mapped.picture(app.take("icon"))
    mapped.lose("", "它依赖的插件", "plugins that it needs", _plugins(given.each("dependencies")))
    return mapped.done()


def _chat(config: Given, mapped: Mapped) -> None:
    config.leave("prompt_type", "retriever_resource", "file_upload", "created_at", "updated_at")
    tell_instruction(_said(config, mapped), {}, mapped)
    asks_for(fields_in(config.each("user_input_form")), mapped)
    _opening(config, mapped)
    model = config.at("model")
    model.leave("provider", "mode")
    mapped.model(model.take("name"), model.at("completion_params"))
    _tools(config.at("agent_mode"), mapped)
    sets = config.at("dataset_configs").at("datasets").each("datasets")
    mapped.knowledge(str(first(entry.at("dataset").take("id"), "?")) for entry in sets)
    for entry in sets:
        entry.at("dataset").leave("enabled")
    outside = config.each("external_data_tools")
    names = [str(first(tool.either("variable", "label"), "?")) for tool in outside]
    mapped.lose("", "外部数据工具", "tools for data outside", names)


def _said(config: Given, mapped: Mapped) -> str:
    """What the model is told: one text, or, for those who wrote the whole prompt themselves, its system messages."""
    plain = config.fields.get("pre_prompt")
    whole = config.at("completion_prompt_config").at("prompt")
    messages = config.at("chat_prompt_config").each("prompt")
    is_advanced = config.fields.get("prompt_type") == "advanced"
    if messages and (is_advanced or not says_something(plain)):
        system = [message for message in messages if message.fields.get("role", "system") == "system"] or messages
        for message in system:
            message.leave("role")
        others = [str(message.take("role")) for message in messages if message not in system]
        mapped.lose("instruction", "提示词里的示例消息", "messages of its prompt that are no instruction", others)
        return "\n\n".join(str(message.take("text") or "") for message in system)
    if says_something(whole.fields.get("text")) and (is_advanced or not says_something(plain)):
        return str(whole.take("text"))
    return plain if isinstance(plain, str) and config.take("pre_prompt") else ""


def _opening(features: Given, mapped: Mapped) -> None:
    features.leave("retriever_resource", "file_upload")
    mapped.text("prologue", features.take("opening_statement"))
    mapped.suggestions(features.take("suggested_questions"))
    on = [switch for switch in _SWITCHES if _is_on(features.at(switch[0]))]
    if on:
        zh, en = "、".join(switch[1] for switch in on), ", ".join(switch[2] for switch in on)
        mapped.note("lost", "", f"这里没有的功能：{zh}", f"what there is not here: {en}")


def _is_on(switch: Given) -> bool:
    switch.leave(*switch.fields)
    return switch.take("enabled") is True


def _tools(agent: Given, mapped: Mapped) -> None:
    agent.leave("strategy", "enabled")
    named: list[str] = []
    off: list[str] = []
    held: list[str] = []
    known: list[str] = []
    is_on = agent.fields.get("enabled") is not False
    for tool in agent.each("tools"):
        tool.leave(*_OF_A_TOOL)
        if "tool_name" in tool.fields or "provider_name" in tool.fields:
            name = str(first(tool.either("tool_name", "provider_name"), "?"))
            tool.leave("provider_name")
            switched = tool.take("enabled")
            held += [key for key, value in mapping(tool.take("tool_parameters")).items() if says_something(value)]
        else:
            # The first agents had tools by their names alone, and what they knew among them.
            name, inner = next(((key, mapping(value)) for key, value in tool.take_all().items()), ("?", Document()))
            switched = inner.get("enabled")
            if name == "dataset":
                known.append(str(first(inner.get("id"), "?")))
                continue
        (named if is_on and switched is not False else off).append(name)
    mapped.tools(named)
    mapped.knowledge(known)
    mapped.lose("tools", "在那里关闭的工具", "tools that were switched off", off)
    mapped.lose("tools", "工具的固定参数", "fixed settings of tools", held)


def _plugins(dependencies: Iterable[Given]) -> Iterable[str]:
    for entry in dependencies:
        entry.leave("type", "current_identifier")
        told = entry.at("value")
        told.leave(*told.fields)
        name = next((str(told.take(key)) for key in told.fields if key.endswith("identifier")), "?")
        found = _PLUGIN.match(name)
        yield found[0] if found else "?"
