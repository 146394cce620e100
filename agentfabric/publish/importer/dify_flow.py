"""A flow of Dify: boxes that are joined. What its models are told becomes one instruction, in the flow's order."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from agentfabric.publish.importer.dify_form import Field, asks_for, field_of
from agentfabric.publish.importer.given import Given, says_something
from agentfabric.publish.importer.mapping import Mapped, first, mapping, objects
from user_agent.config import Document

_REFERENCE = re.compile(r"\{\{#([^#{}]{1,200})#\}\}")
_PASSED_ON = re.compile(r"[\s\W_]*")
"""What is left of a message that only passes on what somebody else said."""
_PLAIN_NODES = ("start", "end", "answer", "llm", "agent", "tool", "knowledge-retrieval")
_TOLD_NODES = ("question-classifier", "parameter-extractor")
_DRAWN = (
    *("id", "type", "position", "positionAbsolute", "width", "height", "zIndex", "selected", "sourcePosition"),
    *("targetPosition", "parentId", "extent", "draggable", "selectable", "dragging", "resizing", "style"),
)
_OF_A_NODE = (
    *("title", "selected", "isInIteration", "isInLoop", "iteration_id", "loop_id", "isIterationStart"),
    *("variables", "context", "memory", "vision", "query_variable_selector", "outputs", "output_schema", "meta"),
    *("provider_id", "provider_name", "provider_type", "provider_icon", "tool_label", "tool_description"),
    *("tool_node_version", "paramSchemas", "params", "is_team_authorization", "plugin_id", "plugin_unique_identifier"),
    *("agent_strategy_name", "agent_strategy_label", "agent_strategy_provider_name", "retrieval_mode", "credential_id"),
)


def read_flow(workflow: Given, mapped: Mapped) -> Given:
    """Takes over what maps of a flow; gives its features, which chats have, too."""
    graph = workflow.at("graph")
    nodes = _in_order(_nodes(graph), objects(graph.fields.get("edges")))
    graph.leave("edges", "viewport")
    titles = {node.id: node.title for node in nodes}
    speaking = [(node.title, text) for node in nodes if (text := _told(node.data))]
    told = speaking[0][1] if len(speaking) == 1 else "\n\n".join(f"## {title}\n{text}" for title, text in speaking)
    tell_instruction(told, titles, mapped)
    if len(nodes) > 1 and speaking:
        mapped.note(
            "changed",
            "instruction",
            f"{len(nodes)} 个节点的流程变成了一段指令：由模型自己决定先做什么",
            f"a flow of {len(nodes)} nodes became one instruction: the model decides what to do first",
        )
    asks_for([field for node in nodes if node.kind == "start" for field in _asked_by(node.data)], mapped)
    _models(nodes, mapped)
    _tools(nodes, mapped)
    mapped.knowledge(_knows(node.data) for node in nodes if node.kind.startswith("knowledge-retrieval"))
    left = Counter(node.kind for node in nodes if node.kind not in (*_PLAIN_NODES, *_TOLD_NODES))
    mapped.lose("", "流程的节点", "nodes of the flow", (f"{kind} × {count}" for kind, count in left.items()))
    # By their names alone: values of secret ones stand in some exports.
    for place, zh, en in (
        ("environment_variables", "环境变量", "variables of its environment"),
        ("conversation_variables", "会话变量", "variables of a conversation"),
    ):
        entries = workflow.each(place)
        for entry in entries:
            entry.leave("id", "value", "value_type", "selector", "description")
        mapped.lose("", zh, en, [str(first(entry.take("name"), "?")) for entry in entries])
    return workflow.at("features")


class _Node:
    """One box of a flow. Its fields are named by its kind, since every kind has its own."""

    def __init__(self, box: Given) -> None:
        box.leave(*_DRAWN)
        kind = mapping(box.fields.get("data")).get("type")
        self.id = str(box.fields.get("id"))
        self.kind = str(kind or box.fields.get("type") or "?")
        self.data = box.at("data", place=self.kind)
        self.title = str(first(self.data.fields.get("title"), self.kind))
        self.data.take("type")
        self.data.leave(*(name for name in _OF_A_NODE if (self.kind, name) != ("start", "variables")))


def _nodes(graph: Given) -> list[_Node]:
    return [_Node(box) for box in graph.each("nodes", place="node")]


def _in_order(nodes: Sequence[_Node], edges: Sequence[Document]) -> list[_Node]:
    """The boxes as a run comes to them, those that nothing leads to last."""
    following: dict[str, list[str]] = {}
    for edge in edges:
        following.setdefault(str(edge.get("source")), []).append(str(edge.get("target")))
    reached = dict.fromkeys(node.id for node in nodes if node.kind == "start" or node.kind.startswith("trigger-"))
    waiting = [*reached]
    while waiting:
        for target in following.get(waiting.pop(0), []):
            if target not in reached:
                reached[target] = None
                waiting.append(target)
    places = {node_id: at for at, node_id in enumerate(reached)}
    return sorted(nodes, key=lambda node: places.get(node.id, len(places)))


def _told(data: Given) -> str:
    """What a box tells a model to be or to do, or a text that it answers with."""
    match data.fields.get("type"):
        case "llm":
            return _prompt(data)
        case "agent":
            told = data.at("agent_parameters").at("instruction")
            told.leave("type")
            return told.text("value")
        case "question-classifier":
            for entry in data.each("classes"):
                entry.leave("id", "label")
            return _listed(data, [entry.take("name") for entry in data.each("classes")])
        case "parameter-extractor":
            wanted = [(entry.take("name"), entry.take("description")) for entry in data.each("parameters")]
            return _listed(data, [f"{name}: {about}" if about else name for name, about in wanted])
        case "answer":
            return _unless_passed_on(data, "answer")
        case _:
            return ""


def _prompt(data: Given) -> str:
    """The messages of a model's prompt. One that only passes on what the person said, says nothing."""
    said: list[str] = []
    for part in data.each("prompt_template") or [data.at("prompt_template")]:
        part.leave("id", "role", "edition_type", "jinja2_text", "text")
        is_template = part.fields.get("edition_type") == "jinja2"
        name = "jinja2_text" if is_template and says_something(part.fields.get("jinja2_text")) else "text"
        is_system = part.fields.get("role") in ("system", None)
        text = part.text(name) if is_system else _unless_passed_on(part, name)
        said += [text] if text else []
    return "\n\n".join(said)


def _unless_passed_on(part: Given, name: str) -> str:
    """A text that says something of its own, and does not only hand on what another box or the person said."""
    text = part.fields.get(name)
    if not isinstance(text, str) or _PASSED_ON.fullmatch(_REFERENCE.sub("", text)):
        part.leave(name)
        return ""
    part.take(name)
    return text


def _listed(data: Given, lines: Sequence[JsonValue]) -> str:
    instruction = data.text("instruction") or data.text("instructions")
    said = [instruction] if instruction.strip() else []
    return "\n".join([*said, *(f"- {line}" for line in lines if line)])


def _asked_by(start: Given) -> list[Field]:
    return [field for entry in start.each("variables") if (field := field_of(entry)) is not None]


def _models(nodes: Sequence[_Node], mapped: Mapped) -> None:
    """The model of the first box that has one. What other boxes use is told, where it is another."""
    used: Document = {}
    others: list[str] = []
    for node in nodes:
        model = node.data.at("model")
        if node.kind == "agent":
            node.data.at("agent_parameters").leave("query")
            node.data.at("agent_parameters").at("model").leave("type")
            model = node.data.at("agent_parameters").at("model").at("value")
        if not model.fields:
            continue
        model.leave("provider", "mode", "model_type", "type")
        name = model.either("name", "model")
        this: Document = {"name": name, "how": model.fields.get("completion_params")}
        if not used:
            used = this
            mapped.model(name, model.at("completion_params"))
            continue
        if this == used:
            model.take("completion_params")
        else:
            others.append(f"{node.title} ({name})")
    mapped.lose("model", "其他步骤的模型或参数", "models or settings of other steps", others)


def _tools(nodes: Sequence[_Node], mapped: Mapped) -> None:
    """What boxes use, and what those that decide for themselves may use."""
    named: list[str] = []
    off: list[str] = []
    for node in nodes:
        if node.kind == "tool":
            named.append(str(first(node.data.either("tool_name", "provider_name"), "?")))
        held = node.data.at("agent_parameters").at("tools")
        held.leave("type")
        for tool in held.each("value"):
            tool.leave(
                "provider_name", "provider_show_name", "tool_label", "tool_description", "schemas", "type", "extra"
            )
            is_off = tool.take("enabled") is False
            (off if is_off else named).append(str(first(tool.either("tool_name", "provider_name"), "?")))
    mapped.tools(named)
    mapped.lose("tools", "在那里关闭的工具", "tools that were switched off", off)


def _knows(data: Given) -> str:
    """What a box that searches is called; ids of what it searches lead nowhere here."""
    data.leave("dataset_ids")
    return str(first(data.fields.get("title"), "?"))


def tell_instruction(text: str, titles: Mapping[str, str], mapped: Mapped) -> None:
    """Set the instruction, with what it takes from other boxes named by their titles, as a person reads them."""

    def named(found: re.Match[str]) -> str:
        node, _, variable = found[1].partition(".")
        return f"[{titles[node]}]" if titles.get(node) else f"[{variable or node}]"

    plain = _REFERENCE.sub(named, text)
    mapped.text("instruction", plain)
    if plain != text:
        mapped.note(
            "changed",
            "instruction",
            "从别处取来的内容，只在方括号里写着它的名字",
            "what it took from elsewhere is named in brackets",
        )
