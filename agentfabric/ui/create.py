"""*Create*: the conversation with the builder, and beside it the draft that fills in."""

import gradio as gr

from agentfabric.ui.parts import slot


def create_tab() -> None:
    """Lay the tab out, inside an open `gr.Tab`."""
    with gr.Row(elem_classes="st-create", equal_height=True):
        slot("create", elem_classes="st-pane-chat")
        slot("draft", elem_id="draft")
