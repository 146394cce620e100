"""*Share*: what of an agent is published, and how others come to it. Each way has a section with a slot of its own,
that `static/studio/studio.js` fills."""

import gradio as gr

from agentfabric.ui.parts import heading, slot


def share_tab() -> None:
    """Lay the tab out, inside an open `gr.Tab`."""
    with gr.Column(elem_classes="st-form"):
        with gr.Column(elem_classes="st-section"):
            heading("ui.release", "ui.release_hint")
            slot("release", elem_id="share_release")
        with gr.Column(elem_classes="st-section"):
            heading("ui.links", "ui.links_hint")
            slot("links", elem_id="share_links")
        with gr.Column(elem_classes="st-section"):
            heading("ui.access", "ui.access_hint")
            slot("agent_keys", elem_id="share_keys")
        with gr.Column(elem_classes="st-section"):
            heading("ui.targets", "ui.targets_hint")
            slot("targets", elem_id="share_targets")
        with gr.Column(elem_classes="st-section"):
            heading("ui.releases", "ui.releases_hint")
            slot("releases", elem_id="share_releases")
