"""The chat page of one agent, and what it asks: the same paths and shapes below its address as the studio's API."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import cache
from html import escape
from typing import cast

from pydantic import JsonValue
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from user_agent.errors import BadRequest, NotFound
from user_agent.memory.facts import Fact
from user_agent.serve.bodies import Answered, FactText, bare, conversation_change_of, message_of, read_body
from user_agent.serve.conversations import head_view, thread_view
from user_agent.serve.decisions import Decided
from user_agent.serve.door import Entered
from user_agent.serve.file_responses import file_response
from user_agent.serve.limits import Streams
from user_agent.serve.page_files import PageFiles
from user_agent.serve.reading import client_of
from user_agent.serve.served import Profile
from user_agent.serve.sse import seen_of, stream
from user_agent.serve.turns import Envelope
from user_agent.words import Language

_PNG_SIZE = slice(16, 24)
"""Where a PNG says how wide and how high it is."""

Batches = AsyncGenerator[list[Envelope], None]
Handler = Callable[[Request, Entered], Awaitable[Response]]


def page_routes(files: PageFiles) -> list[BaseRoute]:
    """The routes of the page, which loads these files. Whoever asks has been let in."""
    template = cache(lambda: files.page("page.html"))

    async def page(request: Request, entered: Entered) -> Response:
        profile = await entered.served.profile()
        document = filled(await asyncio.to_thread(template), profile, language_of(request, profile))
        return HTMLResponse(document, headers={"cache-control": "no-store"})

    return [
        _route("/", page),
        _route("/profile", _profile),
        _route("/avatar", _avatar),
        _route("/manifest.webmanifest", _manifest),
        _route("/conversations", _conversations),
        _route("/conversations", _begin, "POST"),
        _route("/conversations/{conversation}", _conversation),
        _route("/conversations/{conversation}", _show, "PATCH"),
        _route("/conversations/{conversation}", _delete, "DELETE"),
        _route("/conversations/{conversation}/messages", _say, "POST"),
        _route("/conversations/{conversation}/decisions", _decide, "POST"),
        _route("/memory", _facts),
        _route("/memory", _note, "POST"),
        _route("/memory", _forget_all, "DELETE"),
        _route("/memory/{fact}", _forget, "DELETE"),
        _route("/turns/{turn}/events", _events),
        _route("/turns/{turn}/stop", _stop, "POST"),
        _route("/turns/{turn}/answers", _answer, "POST"),
        _route("/files/{file}", _file),
    ]


def _route(path: str, handler: Handler, method: str = "GET") -> Route:
    async def handle(request: Request) -> Response:
        return await handler(request, cast(Entered, request.state.entered))

    return Route(path, handle, methods=[method])


def language_of(request: Request, profile: Profile) -> Language:
    """The language of the page: the browser's where it is one of ours, else the agent's."""
    wanted = request.headers.get("accept-language", "").lower()
    known = re.findall(r"\b(zh|en)\b", wanted)
    return cast(Language, known[0]) if known else profile.language


def filled(template: str, profile: Profile, language: Language) -> str:
    """The page's document with what it says of the agent. Whatever that holds is text in it."""
    # A data block: `<` would be able to end it.
    told = json.dumps(profile_view(profile), ensure_ascii=False).replace("<", "\\u003c")
    texts = {
        "language": language,
        "name": escape(profile.name or "Agent"),
        "description": escape(profile.description),
        "icon": escape(profile.avatar or "static/chat/icon.svg"),
        "profile": told,
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: texts[found[1]], template)


def profile_view(profile: Profile) -> dict[str, JsonValue]:
    return {
        "name": profile.name,
        "description": profile.description,
        "language": profile.language,
        "prologue": profile.prologue,
        "suggestions": list(profile.suggestions),
        "avatar": profile.avatar,
        "version": profile.version,
        "sees_pictures": profile.sees_pictures,
        "hears_sounds": profile.hears_sounds,
        "tool_titles": {tool: {**titles} for tool, titles in profile.tool_titles.items()},
        "remembers": profile.remembers,
        "asks_model": profile.asks_model,
        "kept_days": profile.kept_days,
        "cannot": [{"zh": words.zh, "en": words.en} for words in profile.cannot],
    }


async def _profile(request: Request, entered: Entered) -> Response:
    return JSONResponse(profile_view(await entered.served.profile()), headers={"cache-control": "no-cache"})


async def _avatar(request: Request, entered: Entered) -> Response:
    avatar = await entered.served.avatar()
    if avatar is None:
        raise NotFound("The agent has no picture.")
    return Response(avatar.data, media_type=avatar.media_type, headers={"cache-control": "private, max-age=300"})


async def _manifest(request: Request, entered: Entered) -> Response:
    """What a phone needs to put the agent on its screen."""
    profile, avatar = await entered.served.profile(), await entered.served.avatar()
    icons = [{"src": "static/chat/icon.svg", "sizes": "any", "type": "image/svg+xml"}]
    if avatar is not None and avatar.media_type == "image/png":
        width, height = (int.from_bytes(avatar.data[_PNG_SIZE][at : at + 4]) for at in (0, 4))
        icons.insert(0, {"src": "avatar", "sizes": f"{width}x{height}", "type": "image/png"})
    manifest = {
        "name": profile.name or "Agent",
        "short_name": (profile.name or "Agent")[:12],
        "description": profile.description,
        "lang": profile.language,
        "id": "./",
        "start_url": "./",
        "scope": "./",
        "display": "standalone",
        "background_color": "#fafafc",
        "theme_color": "#fafafc",
        "icons": icons,
    }
    return JSONResponse(manifest, media_type="application/manifest+json", headers={"cache-control": "no-cache"})


async def _conversations(request: Request, entered: Entered) -> Response:
    return JSONResponse([head_view(head) for head in await entered.served.conversations(entered.caller)])


async def _begin(request: Request, entered: Entered) -> Response:
    return JSONResponse(head_view(await entered.served.begin(entered.caller)), status_code=201)


async def _conversation(request: Request, entered: Entered) -> Response:
    thread = await entered.served.conversation(entered.caller, request.path_params["conversation"])
    return JSONResponse(thread_view(thread))


async def _show(request: Request, entered: Entered) -> Response:
    change = await conversation_change_of(request)
    if change.turn is None:
        raise BadRequest('Send a "turn".')
    shown = await entered.served.show(entered.caller, request.path_params["conversation"], change.turn)
    return JSONResponse(head_view(shown))


async def _delete(request: Request, entered: Entered) -> Response:
    await entered.served.delete(entered.caller, request.path_params["conversation"])
    return Response(status_code=204)


async def _facts(request: Request, entered: Entered) -> Response:
    remembered = await entered.served.remembered(entered.caller)
    return JSONResponse([_fact_view(fact) for fact in await remembered.list()])


async def _note(request: Request, entered: Entered) -> Response:
    given = await read_body(request, FactText, 'The body is JSON with a "text".')
    remembered = await entered.served.remembered(entered.caller)
    return JSONResponse(_fact_view(await remembered.add(given.text)), status_code=201)


async def _forget(request: Request, entered: Entered) -> Response:
    await (await entered.served.remembered(entered.caller)).delete(request.path_params["fact"])
    return Response(status_code=204)


async def _forget_all(request: Request, entered: Entered) -> Response:
    await (await entered.served.remembered(entered.caller)).clear()
    return Response(status_code=204)


def _fact_view(fact: Fact) -> dict[str, JsonValue]:
    return {"id": fact.id, "text": fact.text}


async def _say(request: Request, entered: Entered) -> Response:
    asked, uploads = await message_of(request)
    return await _streamed(
        request,
        entered,
        lambda: entered.served.say(
            entered.caller,
            request.path_params["conversation"],
            asked.text,
            uploads,
            instead_of=asked.instead_of,
            key=_key(request),
        ),
    )


async def _decide(request: Request, entered: Entered) -> Response:
    decided = await read_body(request, Decided, 'The body is JSON with a "turn" and its "calls".')
    conversation = request.path_params["conversation"]
    return await _streamed(
        request, entered, lambda: entered.served.decide(entered.caller, conversation, decided, key=_key(request))
    )


def _key(request: Request) -> str | None:
    return bare(request.headers.get("idempotency-key", "")[:200])


async def _events(request: Request, entered: Entered) -> Response:
    turn, after = request.path_params["turn"], seen_of(request.headers.get("last-event-id", ""))
    return await _streamed(request, entered, lambda: entered.served.events(entered.caller, turn, after))


async def _streamed(request: Request, entered: Entered, events: Callable[[], Awaitable[Batches]]) -> Response:
    """The events, which are asked for only where one more stream may be open. Raises `LimitReached`."""
    over = cast(Streams, request.state.streams).admit(entered.caller.visitor, client_of(request))
    try:
        return stream(await events(), over)
    except BaseException:
        over()
        raise


async def _stop(request: Request, entered: Entered) -> Response:
    await entered.served.stop(entered.caller, request.path_params["turn"])
    return Response(status_code=204)


async def _answer(request: Request, entered: Entered) -> Response:
    given = await read_body(request, Answered, 'The body is JSON with a "question", an "action" and its "content".')
    turn = request.path_params["turn"]
    await entered.served.answer(entered.caller, turn, given.question, given.action, given.content)
    return Response(status_code=204)


async def _file(request: Request, entered: Entered) -> Response:
    file = await entered.served.file(entered.caller, request.path_params["file"])
    asked = request.headers.get("range", "")
    return file_response(file.data, name=file.name, media_type=file.media_type, asked_range=asked)
