"""Dify's DSL: a YAML file of an app. Chat and agent apps map well; of a flow, what its models are told."""

import re
from collections import Counter
from collections.abc import Sequence

from pydantic import JsonValue

from agentfabric.publish.importer.incoming import Incoming
from agentfabric.publish.importer.mapping import Mapped, first, mapping, objects
from user_agent.config import Document

_SETTINGS = {"temperature": "temperature", "max_tokens": "max_tokens"}
_REFERENCE = re.compile(r"\{\{#([^#{}]{1,200})#\}\}")
_PLAIN_NODES = ("start", "end", "answer", "llm", "agent", "tool", "knowledge-retrieval")
_SWITCHES = (
    ("speech_to_text", "语音输入", "speech input"),
    ("text_to_speech", "朗读", "reading aloud"),
    ("sensitive_word_avoidance", "敏感词过滤", "its filter of words"),
    ("annotation_reply", "标注回复", "annotated replies"),
    ("more_like_this", "更多类似的", "more like this"),
    ("suggested_questions_after_answer", "每次回答后的建议问题", "questions suggested after each answer"),
)


def is_dify(document: Document) -> bool:
    return document.get("kind") == "app" and isinstance(document.get("app"), dict)


def read_dify(document: Document) -> Incoming:
    """The app as an agent."""
    app, mapped = mapping(document.get("app")), Mapped("dify")
    mapped.text("name", app.get("name"))
    mapped.text("description", app.get("description"))
    if isinstance(document.get("workflow"), dict):
        _flow(mapping(document["workflow"]), mapped)
    else:
        _chat(mapping(document.get("model_config")), mapped)
    if app.get("icon"):
        mapped.note("lost", "avatar", "图标由名字的首字代替", "its icon: a monogram of the name takes its place")
    return mapped.done()


def _chat(config: Document, mapped: Mapped) -> None:
    asked = [entry for form in objects(config.get("user_input_form")) for entry in objects(list(form.values()))]
    prompts = objects(mapping(config.get("chat_prompt_config")).get("prompt"))
    system = first(config.get("pre_prompt"), *(prompt.get("text") for prompt in prompts))
    mapped.text("instruction", system)
    _asks_for(asked, mapped)
    _opening(config, mapped)
    model = mapping(config.get("model"))
    mapped.model(model.get("name"), model.get("completion_params"), _SETTINGS)
    agent = mapping(config.get("agent_mode"))
    tools = [tool for tool in objects(agent.get("tools")) if tool.get("enabled", True)]
    mapped.tools(str(first(tool.get("tool_name"), tool.get("provider_name"), "?")) for tool in tools)
    held = [name for tool in tools for name, value in mapping(tool.get("tool_parameters")).items() if value]
    mapped.lose("tools", "工具的固定参数", "fixed settings of tools", held)
    sets = mapping(mapping(config.get("dataset_configs")).get("datasets")).get("datasets")
    mapped.knowledge(str(mapping(entry.get("dataset")).get("id", "?")) for entry in objects(sets))
    mapped.lose("", "外部数据工具", "tools for data outside", _names(config.get("external_data_tools"), "variable"))


def _flow(workflow: Document, mapped: Mapped) -> None:
    nodes = [
        mapping(node.get("data")) | {"id": node.get("id")}
        for node in objects(mapping(workflow.get("graph")).get("nodes"))
    ]
    titles = {str(node["id"]): str(first(node.get("title"), node.get("type"), "?")) for node in nodes}
    speaking = [(title, prompt) for node in nodes if (prompt := _prompt(node)) and (title := titles[str(node["id"])])]
    system = (
        speaking[0][1] if len(speaking) == 1 else "\n\n".join(f"## {title}\n{prompt}" for title, prompt in speaking)
    )
    mapped.text("instruction", _without_references(system, titles))
    if len(nodes) > 1 and speaking:
        mapped.note(
            "changed",
            "instruction",
            f"{len(nodes)} 个节点的流程变成了一段指令：由模型自己决定先做什么",
            f"a flow of {len(nodes)} nodes became one instruction: the model decides what to do first",
        )
    _asks_for(
        [entry for node in nodes if node.get("type") == "start" for entry in objects(node.get("variables"))], mapped
    )
    _opening(mapping(workflow.get("features")), mapped)
    model = next((found for node in nodes if (found := _model(node))), Document())
    mapped.model(model.get("name"), model.get("completion_params"), _SETTINGS)
    mapped.tools(tool for node in nodes for tool in _tools(node))
    mapped.knowledge(titles[str(node["id"])] for node in nodes if node.get("type") == "knowledge-retrieval")
    left = Counter(str(node.get("type")) for node in nodes if node.get("type") not in _PLAIN_NODES)
    mapped.lose("", "流程的节点", "nodes of the flow", (f"{kind} × {count}" for kind, count in left.items()))
    # By their names alone: values of secret ones stand in some exports.
    mapped.lose("", "环境变量", "variables of its environment", _names(workflow.get("environment_variables"), "name"))
    mapped.lose("", "会话变量", "variables of a conversation", _names(workflow.get("conversation_variables"), "name"))


def _opening(features: Document, mapped: Mapped) -> None:
    mapped.text("prologue", features.get("opening_statement"))
    mapped.suggestions(features.get("suggested_questions"))
    on = [switch for switch in _SWITCHES if mapping(features.get(switch[0])).get("enabled") is True]
    if on:
        zh, en = "、".join(switch[1] for switch in on), ", ".join(switch[2] for switch in on)
        mapped.note("lost", "", f"这里没有的功能：{zh}", f"what there is not here: {en}")


def _asks_for(fields: Sequence[Document], mapped: Mapped) -> None:
    """A form before the chat becomes something that the agent asks for."""
    named = [
        (str(entry.get("variable", "")), str(first(entry.get("label"), entry.get("variable"), "?"))) for entry in fields
    ]
    if not named:
        return
    said = str(mapped.document.get("instruction", ""))
    labels = [
        f"{label}（{{{{{name}}}}}）" if mapped.language == "zh" else f"{label} ({{{{{name}}}}})"
        for name, label in named
    ]
    asks = (
        f"开始之前，先向用户问清：{'、'.join(labels)}。上文的 {{{{…}}}} 指用户的回答。"
        if mapped.language == "zh"
        else f"Before you begin, ask the person for: {', '.join(labels)}. {{{{…}}}} above stands for their answer."
    )
    mapped.document["instruction"] = f"{said}\n\n{asks}".strip()[:100_000]
    names_zh, names_en = "、".join(label for _, label in named), ", ".join(label for _, label in named)
    mapped.note(
        "changed",
        "instruction",
        f"对话前的表单（{names_zh}）改为由智能体来问",
        f"the form before the chat ({names_en}) became something that the agent asks for",
    )


def _prompt(node: Document) -> str:
    """What a node's model is told to be."""
    if node.get("type") == "llm":
        template = node.get("prompt_template")
        parts = objects(template) or [mapping(template)]
        system = [part for part in parts if part.get("role", "system") == "system"] or parts
        return "\n\n".join(str(part["text"]) for part in system if isinstance(part.get("text"), str) and part["text"])
    if node.get("type") == "agent":
        said = mapping(mapping(node.get("agent_parameters")).get("instruction")).get("value")
        return said if isinstance(said, str) else ""
    return ""


def _model(node: Document) -> Document:
    if node.get("type") == "agent":
        value = mapping(mapping(mapping(node.get("agent_parameters")).get("model")).get("value"))
        return {"name": value.get("model"), "completion_params": value.get("completion_params")} if value else {}
    return mapping(node.get("model")) if node.get("type") == "llm" else {}


def _tools(node: Document) -> list[str]:
    if node.get("type") == "tool":
        return [str(first(node.get("tool_name"), node.get("provider_name"), "?"))]
    value = mapping(mapping(node.get("agent_parameters")).get("tools")).get("value")
    return [str(first(tool.get("tool_name"), tool.get("provider_name"), "?")) for tool in objects(value)]


def _without_references(text: str, titles: dict[str, str]) -> str:
    """The text with what it takes from other nodes named by their titles, as a person reads them."""

    def named(found: re.Match[str]) -> str:
        node, _, variable = found[1].partition(".")
        return f"[{titles.get(node, '')}]" if titles.get(node) else f"[{variable or node}]"

    return _REFERENCE.sub(named, text)


def _names(value: JsonValue, key: str) -> list[str]:
    return [str(entry.get(key, "?")) for entry in objects(value)]
