"""The studio page. Gradio carries layout and form fields; behaviour is `static/studio/`, over the HTTP API.

No handler runs in Python: a tab holds no Gradio connection, session or queue place, so any number of tabs stay quick.
"""

import json
from pathlib import Path
from typing import Any, TypedDict

import gradio as gr
from gradio.themes import Base, ThemeClass

from agentfabric.ui.configure import configure_tab
from agentfabric.ui.create import create_tab
from agentfabric.ui.knowledge import knowledge_tab
from agentfabric.ui.library import top_bar
from agentfabric.ui.parts import Form, slot
from agentfabric.ui.preview import preview_pane
from agentfabric.ui.share import share_tab
from agentfabric.ui.text import english

# Gradio's own web font has no Chinese and would mix weights; the rest of the page says `--af-font`.
FONTS = ["system-ui", "-apple-system", "Segoe UI", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "sans-serif"]

QUEUE_REST_S = 3_600.0

STATIC = Path(__file__).parents[2] / "static"

HEAD = """\
<link rel="stylesheet" href="/static/chat/chat.css">
<link rel="stylesheet" href="/static/studio/controls.css">
<link rel="stylesheet" href="/static/studio/studio.css">
<link rel="stylesheet" href="/static/studio/panels.css">
<link rel="stylesheet" href="/static/studio/conversations.css">
<link rel="stylesheet" href="/static/studio/draft.css">
<link rel="stylesheet" href="/static/studio/dialogs.css">
<link rel="stylesheet" href="/static/studio/incoming.css">
<link rel="stylesheet" href="/static/studio/gallery.css">
<link rel="stylesheet" href="/static/studio/document.css">
<link rel="stylesheet" href="/static/studio/keys.css">
<link rel="stylesheet" href="/static/studio/endpoints.css">
<link rel="stylesheet" href="/static/studio/fields.css">
<link rel="stylesheet" href="/static/studio/form.css">
<link rel="stylesheet" href="/static/studio/choice.css">
<link rel="stylesheet" href="/static/studio/cards.css">
<link rel="stylesheet" href="/static/studio/apis.css">
<link rel="stylesheet" href="/static/studio/mcp.css">
<link rel="stylesheet" href="/static/studio/tools.css">
<link rel="stylesheet" href="/static/studio/knowledge.css">
<link rel="stylesheet" href="/static/studio/knowledge_search.css">
<link rel="stylesheet" href="/static/studio/knowledge_check.css">
<link rel="stylesheet" href="/static/studio/memory.css">
<link rel="stylesheet" href="/static/studio/past.css">
<link rel="stylesheet" href="/static/studio/share.css">
<link rel="stylesheet" href="/static/studio/share_targets.css">
<link rel="stylesheet" href="/static/studio/differences.css">
<link rel="stylesheet" href="/static/studio/share_links.css">
<link rel="stylesheet" href="/static/studio/share_keys.css">
<link rel="stylesheet" href="/static/studio/low.css">
<link rel="stylesheet" href="/static/studio/forced.css">
<script type="module" src="/static/studio/studio.js"></script>
"""

# Gradio puts `head` into the page after its own scripts ran. Until the studio is there nothing half-drawn is shown;
# should it never come, the page shows itself.
CURTAIN = """\
html:not([data-af-ready]) .gradio-container { opacity: 0; animation: st-lift 0s linear 8s forwards; }
@keyframes st-lift { to { opacity: 1; } }
"""


class PageOptions(TypedDict):
    """What `gradio.mount_gradio_app` needs to know about this page."""

    theme: ThemeClass
    css: str
    head: str
    favicon_path: str
    footer_links: list[str]
    ssr_mode: bool
    run_history: bool
    pwa: bool
    show_error: bool
    max_file_size: str


def build_page() -> gr.Blocks:
    """The page as Gradio blocks, to be mounted with `page_options`."""
    form = Form()
    with gr.Blocks(title="AgentFabric", fill_width=True, analytics_enabled=False) as page:
        with gr.Column(elem_id="studio", elem_classes="af"):
            top_bar()
            with gr.Row(elem_id="panes"):
                with gr.Column(elem_id="build_pane"):
                    slot("clashes", elem_classes="st-clashes")
                    with gr.Tabs(elem_id="build_tabs"):
                        with gr.Tab(english("ui.create"), id="create") as create:
                            create_tab()
                        with gr.Tab(english("ui.configure"), id="configure") as configure:
                            configure_tab(form)
                        with gr.Tab(english("ui.cfg_knowledge"), id="knowledge") as knowledge:
                            knowledge_tab()
                        with gr.Tab(english("ui.share"), id="share") as share:
                            share_tab()
                    slot("document", elem_id="document")
                with gr.Column(elem_id="preview_pane"):
                    preview_pane()
            slot("panes", elem_id="pane_switch")
        form.says(create, label="ui.create")
        form.says(configure, label="ui.configure")
        form.says(knowledge, label="ui.cfg_knowledge")
        form.says(share, label="ui.share")
        _connect(form)
    _rest(page)
    return page


def page_options(head: str) -> PageOptions:
    """How to mount the page: its look, and nothing of Gradio's that this product does not offer. `head` is `HEAD` with
    the addresses that its files have."""
    return PageOptions(
        theme=Base(font=FONTS, font_mono=["ui-monospace", "Consolas", "monospace"]),
        css=CURTAIN,
        head=head,
        favicon_path=str(STATIC / "studio" / "mark.svg"),
        footer_links=[],
        ssr_mode=False,
        run_history=False,
        pwa=False,
        show_error=False,
        # Files go to the API; nothing of this page uses Gradio's own upload.
        max_file_size="1kb",
    )


def _rest(page: gr.Blocks) -> None:
    """Let Gradio's queue sleep: nothing of this page ever enters it, and it would look for work a thousand times a
    second."""
    queue: Any = vars(page)["_queue"]  # Any: not part of Gradio's public types
    queue.sleep_when_free = queue.progress_update_sleep_when_free = QUEUE_REST_S


def _connect(form: Form) -> None:
    """Join the form to `window.AF` (static/studio/form.js), in the browser alone.

    Text and number fields are heard there by their DOM events. Values and labels come by two hidden buttons, which the
    studio presses: Gradio takes the answers of their functions, also for fields that were never shown.
    """
    language = form.fields["language"]
    edit = "(value) => { window.AF?.edit('language', value) }"
    language.input(fn=None, inputs=[language], js=edit, api_visibility="private")
    fill = gr.Button(elem_id="af_fill", visible="hidden")
    fill.click(
        fn=None,
        outputs=list(form.fields.values()),
        js=f"() => AF.fill({json.dumps(list(form.fields))})",
        api_visibility="private",
    )
    specs = json.dumps([keys for _, keys in form.labelled])
    relabel = gr.Button(elem_id="af_relabel", visible="hidden")
    relabel.click(
        fn=None,
        outputs=[component for component, _ in form.labelled],
        js=f"() => AF.relabel({specs})",
        api_visibility="private",
    )
