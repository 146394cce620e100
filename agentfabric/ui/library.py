"""The bar at the top: the product, what is saved and was, one's agents, models, the keyboard, language and light."""

import gradio as gr

from agentfabric.ui.parts import slot


def top_bar() -> None:
    """Lay the bar out. `library` holds both the button and the list that it opens."""
    with gr.Row(elem_id="topbar"):
        slot("brand")
        slot("saved", elem_classes="st-saved")
        slot("history")
        slot("library", elem_id="library")
        slot("models", elem_id="models")
        slot("shortcuts", elem_id="shortcuts")
        slot("language", elem_id="ui_language")
        slot("theme")
