"""What the page is made of: slots that `static/studio/` fills, and Gradio components whose texts follow the language."""

from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from agentfabric.ui.text import english


def slot(part: str, *, elem_id: str | None = None, elem_classes: str = "") -> gr.HTML:
    """A place that the module of that name under `static/studio/` fills in the browser. The id is the place's own."""
    identity = f' id="{elem_id}"' if elem_id else ""
    classes = f' class="{elem_classes}"' if elem_classes else ""
    return gr.HTML(f'<div data-af="{part}"{identity}{classes}></div>', js_on_load=None, apply_default_css=False, padding=False)


def heading(key: str, hint: str = "") -> gr.HTML:
    """A heading of the form, with a line below it if there is one to say."""
    line = f'<p data-t="{hint}">{english(hint)}</p>' if hint else ""
    return gr.HTML(
        f'<h3 data-t="{key}">{english(key)}</h3>{line}',
        js_on_load=None,
        apply_default_css=False,
        padding=False,
        elem_classes="st-heading",
    )


@dataclass(slots=True)
class Form:
    """The Gradio components of the page that hold a value or say something, as they are collected."""

    fields: dict[str, Any] = field(default_factory=dict[str, Any])
    """Components by the name of their field (`FIELDS` in static/studio/form.js). Gradio's components are not typed."""
    labelled: list[tuple[Any, dict[str, str]]] = field(default_factory=list[tuple[Any, dict[str, str]]])
    """Components with the text keys of their properties (label, info, placeholder)."""

    def says(self, component: Any, **keys: str) -> Any:
        """The same component, remembered with the keys of its texts."""
        self.labelled.append((component, keys))
        return component

    def text(self, name: str, *, lines: int = 1, max_lines: int | None = None, **keys: str) -> Any:
        """A text field with the id `cfg_<name>`."""
        box = gr.Textbox(
            elem_id=f"cfg_{name}",
            lines=lines,
            max_lines=max_lines or lines,
            interactive=True,
            **{prop: english(key) for prop, key in keys.items()},
        )
        self.fields[name] = self.says(box, **keys)
        return box

    def number(self, name: str, *, minimum: float, maximum: float, step: float, **keys: str) -> Any:
        """A number field with the id `cfg_<name>` that may stay empty."""
        box = gr.Number(
            value=None,
            elem_id=f"cfg_{name}",
            minimum=minimum,
            maximum=maximum,
            step=step,
            interactive=True,
            **{prop: english(key) for prop, key in keys.items()},
        )
        self.fields[name] = self.says(box, **keys)
        return box
