"""Signing in to MCP servers: begun from the page or a program, ended by the browser that comes back."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, StrictUndefined
from pydantic import Field, SecretStr

from agentfabric.api.bodies import TheStudio, TheUser
from agentfabric.api.mcp import state_view, words_view
from agentfabric.service.mcp_sign_ins import Returned
from user_agent.serve.bodies import Given
from user_agent.words import Words

router = APIRouter(prefix="/api", tags=["mcp"])

CALLBACK = "/api/mcp/callback"
Json = dict[str, Any]

_DONE = Words("已登录，可以关闭这个标签页了。", "You are signed in. You can close this tab.")
_NOT_DONE = Words("没有登录成功：{why}。", "You are not signed in: {why}.")
_STATIC = Path(__file__).parents[2] / "static"
# Read once, at import: the door answers inside the event loop.
_MARK = (_STATIC / "studio" / "mark.svg").read_text(encoding="utf-8").strip()
_TOKENS = (_STATIC / "chat" / "tokens.css").read_text(encoding="utf-8")
_PAGE = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True).from_string(
    Path(__file__).with_name("returned.html.j2").read_text(encoding="utf-8")
)


class KnownAs(Given):
    """What a person got for this studio from an authorization server that registers no programs by itself."""

    client_id: Annotated[str, Field(max_length=2_000)] = ""
    client_secret: Annotated[SecretStr, Field(max_length=2_000)] = SecretStr("")


@router.post("/agents/{agent_id}/mcp/{server_id}/sign-in")
async def sign_in(
    agent_id: str, server_id: str, known: KnownAs, request: Request, studio: TheStudio, user: TheUser
) -> Json:
    """Begin to sign in to a server: `url` is what the person opens in the browser that is signed in here.

    `problem` says why that cannot be. With `needs_client`, this studio has to be registered there by hand, to come back
    to `redirect_uri`; what they give is the `client_id`, and sometimes a `client_secret`.
    """
    begun = await studio.mcp.sign_in(
        user, agent_id, server_id, _callback(request), known.client_id, known.client_secret.get_secret_value()
    )
    return {
        "url": begun.url,
        "problem": words_view(begun.problem),
        "needs_client": begun.needs_client,
        "redirect_uri": begun.redirect_uri,
    }


@router.delete("/agents/{agent_id}/mcp/{server_id}/sign-in")
async def sign_out(agent_id: str, server_id: str, studio: TheStudio, user: TheUser) -> Json:
    """Forget the sign-in to a server, and tell its authorization server where it can be told."""
    return state_view(await studio.mcp.sign_out(user, agent_id, server_id))


@router.get("/mcp/callback", include_in_schema=False)
async def come_back(request: Request, studio: TheStudio, user: TheUser) -> HTMLResponse:
    """Where an authorization server sends a person back to, with a code for their sign-in."""
    returned = await studio.mcp.sign_ins.finish(user, dict(request.query_params))
    page = HTMLResponse(_page(request, returned), status_code=400 if returned.problem else 200)
    page.headers["cache-control"] = "no-store"
    return page


def _page(request: Request, returned: Returned) -> str:
    why = returned.problem
    said = Words(_NOT_DONE.zh.format(why=why.zh), _NOT_DONE.en.format(why=why.en)) if why else _DONE
    return _PAGE.render(
        said=said, server=returned.server, done=why is None, language=request.state.language, mark=_MARK, tokens=_TOKENS
    )


def _callback(request: Request) -> str:
    """The address of `come_back` as the person's browser has it.

    A browser says in `Origin` where its page is, which the door has compared with this server: so it is right behind a
    proxy, too, that speaks TLS and tells nobody.
    """
    origin = request.headers.get("origin")
    root = f"{origin}{request.scope.get('root_path', '')}" if origin else str(request.base_url)
    return root.rstrip("/") + CALLBACK
