"""*Configure*: the same draft as a full form."""

import gradio as gr

from agentfabric.ui.parts import Form, heading, slot
from agentfabric.ui.text import english


def configure_tab(form: Form) -> None:
    """Lay the tab out, inside an open `gr.Tab`; its components join `form`."""
    with gr.Column(elem_classes="st-form"):
        _identity(form)
        _behaviour(form)
        _opening(form)
        with gr.Column(elem_classes="st-section"):
            slot("warnings", elem_id="cfg_warnings")
            heading("ui.cfg_tools", "ui.cfg_tools_hint")
            slot("tools", elem_id="cfg_tools")
        with gr.Column(elem_classes="st-section"):
            heading("ui.cfg_memory", "ui.cfg_memory_hint")
            slot("memory", elem_id="cfg_memory")
        with gr.Column(elem_classes="st-section"):
            heading("ui.cfg_apis", "ui.cfg_apis_hint")
            slot("apis", elem_id="cfg_openapi")
        with gr.Column(elem_classes="st-section"):
            heading("ui.cfg_mcp", "ui.cfg_mcp_hint")
            slot("mcp", elem_id="cfg_mcpServers")


def _identity(form: Form) -> None:
    with gr.Column(elem_classes="st-section"):
        heading("ui.section_identity")
        slot("avatar", elem_id="cfg_avatar")
        form.text("name", label="ui.cfg_name", placeholder="ui.cfg_name_example")
        form.text(
            "description", lines=2, max_lines=6, label="ui.cfg_description", placeholder="ui.cfg_description_example"
        )


def _behaviour(form: Form) -> None:
    with gr.Column(elem_classes="st-section"):
        heading("ui.section_behaviour")
        form.text(
            "instruction", lines=8, max_lines=24, label="ui.cfg_instruction", placeholder="ui.cfg_instruction_example"
        )
        with gr.Row():
            slot("model", elem_id="cfg_model")
            form.fields["language"] = form.says(
                gr.Radio(
                    choices=[("中文", "zh"), ("English", "en")],
                    label=english("ui.cfg_language"),
                    elem_id="cfg_language",
                    interactive=True,
                ),
                label="ui.cfg_language",
            )
        with gr.Row():
            form.number(
                "temperature",
                minimum=0,
                maximum=2,
                step=0.1,
                label="ui.cfg_temperature",
                info="ui.cfg_temperature_info",
                placeholder="ui.cfg_default",
            )
            form.number(
                "max_tokens",
                minimum=1,
                maximum=200_000,
                step=1,
                label="ui.cfg_max_tokens",
                info="ui.cfg_max_tokens_info",
                placeholder="ui.cfg_default",
            )


def _opening(form: Form) -> None:
    with gr.Column(elem_classes="st-section"):
        heading("ui.section_opening")
        form.text("prologue", lines=2, max_lines=10, label="ui.cfg_prologue", placeholder="ui.cfg_prologue_example")
        form.text(
            "suggestions",
            lines=3,
            max_lines=12,
            label="ui.cfg_suggestions",
            info="ui.cfg_suggestions_info",
            placeholder="ui.cfg_suggestions_example",
        )
