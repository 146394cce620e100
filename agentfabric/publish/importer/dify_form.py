"""The form that an app of Dify shows before the chat: it becomes something that the agent asks for."""

from collections.abc import Sequence
from dataclasses import dataclass

from agentfabric.publish.importer.given import Given
from agentfabric.publish.importer.mapping import MAX_INSTRUCTION, Mapped, first

_OF_A_FIELD = ("required", "max_length", "type", "hide", "allowed_file_types", "allowed_file_extensions")
_OF_ITS_FILES = ("allowed_file_upload_methods",)


@dataclass(frozen=True, slots=True)
class Field:
    """What is asked for: the name that the prompt uses, what the person reads, and among what they choose."""

    name: str
    label: str
    options: Sequence[str]


def fields_in(form: Sequence[Given]) -> list[Field]:
    """The fields of a chat's form, each in an object that is named for its kind."""
    return [field for entry in form for kind in entry.fields if (field := field_of(entry.at(kind))) is not None]


def field_of(entry: Given) -> Field | None:
    """One field; None where there is none."""
    if not entry.fields:
        return None
    entry.leave(*_OF_A_FIELD, *_OF_ITS_FILES)
    name = entry.text("variable")
    label = str(first(entry.take("label"), name, "?"))
    return Field(name, label, entry.texts("options"))


def asks_for(fields: Sequence[Field], mapped: Mapped) -> None:
    """Have the agent ask for what the form asked for."""
    if not fields:
        return
    said = str(mapped.document.get("instruction", ""))
    zh = mapped.language == "zh"
    labels = [_asked(field, is_chinese=zh) for field in fields]
    asks = (
        f"开始之前，先向用户问清：{'、'.join(labels)}。上文的 {{{{…}}}} 指用户的回答。"
        if zh
        else f"Before you begin, ask the person for: {', '.join(labels)}. {{{{…}}}} above stands for their answer."
    )
    mapped.document["instruction"] = f"{said}\n\n{asks}".strip()[:MAX_INSTRUCTION]
    names_zh, names_en = "、".join(field.label for field in fields), ", ".join(field.label for field in fields)
    mapped.note(
        "changed",
        "instruction",
        f"对话前的表单（{names_zh}）改为由智能体来问",
        f"the form before the chat ({names_en}) became something that the agent asks for",
    )


def _asked(field: Field, *, is_chinese: bool) -> str:
    named = f"{{{{{field.name}}}}}"
    if is_chinese:
        options = f"：{'、'.join(field.options)}" if field.options else ""
        return f"{field.label}（{named}{options}）"
    options = f": {' / '.join(field.options)}" if field.options else ""
    return f"{field.label} ({named}{options})"
