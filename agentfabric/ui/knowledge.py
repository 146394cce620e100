"""*Knowledge*: the files that an agent answers from, and what is found in them."""

import gradio as gr

from agentfabric.ui.parts import heading, slot


def knowledge_tab() -> None:
    """Lay the tab out, inside an open `gr.Tab`."""
    with gr.Column(elem_classes="st-form"):
        with gr.Column(elem_classes="st-section"):
            heading("ui.cfg_knowledge", "ui.cfg_knowledge_hint")
            slot("knowledge", elem_id="cfg_knowledge")
        with gr.Column(elem_classes="st-section"):
            heading("ui.known_try", "ui.known_try_hint")
            slot("knowledge_search", elem_id="knowledge_search")
        with gr.Column(elem_classes="st-section"):
            heading("ui.known_checks", "ui.known_checks_hint")
            slot("knowledge_check", elem_id="knowledge_check")
        with gr.Column(elem_classes="st-section"):
            heading("ui.retrieval", "ui.retrieval_hint")
            slot("retrieval", elem_id="cfg_retrieval")
