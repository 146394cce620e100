"""The preview: the agent itself, running what is on screen."""

from agentfabric.ui.parts import slot


def preview_pane() -> None:
    """Lay the pane out, inside an open column."""
    slot("preview", elem_classes="st-pane-chat")
