"""What the page is made of: slots that `static/studio/` fills, and form fields whose texts follow the language."""

from dataclasses import dataclass, field
from typing import Any, TypeVar

import gradio as gr
from gradio.blocks import Block

from agentfabric.ui.text import english

AnyBlock = TypeVar("AnyBlock", bound=Block)


def slot(part: str, *, elem_id: str | None = None, elem_classes: str = "") -> gr.HTML:
    """A place that `static/studio/` fills in the browser with the part of that name. The id is the place's own."""
    identity = f' id="{elem_id}"' if elem_id else ""
    classes = f' class="{elem_classes}"' if elem_classes else ""
    return _html(f'<div data-af="{part}"{identity}{classes}></div>')


def heading(key: str, hint: str = "") -> gr.HTML:
    """A heading of the form, with a line below it if there is one to say."""
    line = f'<p data-t="{hint}">{english(hint)}</p>' if hint else ""
    return _html(f'<header class="st-heading"><h2 data-t="{key}">{english(key)}</h2>{line}</header>')


@dataclass(slots=True)
class Form:
    """The Gradio components of the page that hold a value or say something, as they are collected."""

    fields: dict[str, Any] = field(default_factory=dict[str, Any])
    """Components by the name of their field (`FIELDS` in static/studio/form.js). `Any`: Gradio makes their events at
    run time."""
    labelled: list[tuple[Block, dict[str, str]]] = field(default_factory=list[tuple[Block, dict[str, str]]])
    """Components with the text keys of their properties (label, info, placeholder)."""

    def says(self, component: AnyBlock, **keys: str) -> AnyBlock:
        """The same component, remembered with the keys of its texts."""
        self.labelled.append((component, keys))
        return component

    def text(
        self, name: str, *, label: str, placeholder: str, info: str | None = None, lines: int = 1, max_lines: int = 2
    ) -> None:
        """A text field with the id `cfg_<name>`, which grows up to `max_lines`. The texts are given by their keys."""
        keys = {"label": label, "placeholder": placeholder} | ({"info": info} if info else {})
        self.fields[name] = self.says(
            gr.Textbox(elem_id=f"cfg_{name}", lines=lines, max_lines=max_lines, interactive=True, label=english(label)),
            **keys,
        )

    def number(
        self, name: str, *, label: str, placeholder: str, info: str, minimum: float, maximum: float, step: float
    ) -> None:
        """A number field with the id `cfg_<name>` that may stay empty. The texts are given by their keys."""
        self.fields[name] = self.says(
            gr.Number(
                value=None,
                elem_id=f"cfg_{name}",
                minimum=minimum,
                maximum=maximum,
                step=step,
                interactive=True,
                label=english(label),
            ),
            label=label,
            placeholder=placeholder,
            info=info,
        )


def _html(markup: str) -> gr.HTML:
    # Without Gradio's own click handler, and without its styles for what is inside.
    return gr.HTML(markup, js_on_load=None, apply_default_css=False, padding=False)
