"""The application: door, API, static files and page, over one studio."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from agentfabric.api import (
    agent_keys,
    agents,
    apis,
    attached,
    bin,
    bundles,
    catalogue,
    conversations,
    docs,
    documents,
    endpoints,
    errors,
    exports,
    history,
    imports,
    knowledge,
    knowledge_checks,
    links,
    mcp,
    mcp_offers,
    mcp_sign_in,
    memory,
    publications,
    releases,
    storage,
    talk,
    templates,
)
from agentfabric.door import Door
from agentfabric.embedding import FrameTokens
from agentfabric.gradio_paths import OnlyThePage
from agentfabric.identity import Doorkeeper
from agentfabric.link_door import LinkDoor
from agentfabric.link_pages import shared_routes
from agentfabric.programs import programs_of
from agentfabric.service.opening import open_studio
from agentfabric.settings import Settings
from agentfabric.store.keys import signing_key, visitors_key
from user_agent.serve.body_limit import BodyLimit
from user_agent.serve.limits import Streams
from user_agent.serve.page_files import PageFiles
from user_agent.serve.static_files import FreshFiles
from user_agent.serve.visitors import Visitors

ROOT = Path(__file__).parents[1]
# Folder by folder, because Gradio has files of its own under /static.
_FILES = PageFiles(ROOT / "static", "chat", "studio", "vendor")


def create_app(settings: Settings, *, with_page: bool = True) -> FastAPI:
    """The ASGI application for these settings; without its page it is the API alone. Nothing opens before it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None, None]:
        async with open_studio(settings) as studio:
            app.state.studio = studio
            yield
            await programs.close()

    app = FastAPI(
        title="AgentFabric", version="1.0.0", docs_url=None, redoc_url=None, redirect_slashes=False, lifespan=lifespan
    )
    errors.install(app)
    routers = (
        agents.router,
        imports.router,
        bin.router,
        templates.router,
        knowledge.router,
        knowledge_checks.router,
        attached.router,
        documents.router,
        history.router,
        releases.router,
        bundles.router,
        links.router,
        agent_keys.router,
        publications.router,
        exports.router,  # before the conversations, none of which is called `export`
        conversations.router,
        talk.router,
        catalogue.router,
        endpoints.router,
        apis.router,
        mcp.router,
        mcp_offers.router,
        mcp_sign_in.router,
        storage.router,
        memory.router,
    )
    for router in routers:
        app.include_router(router)

    @app.head("/healthz", include_in_schema=False)
    @app.get("/healthz", tags=["server"])
    async def healthz() -> dict[str, str]:  # pyright: ignore[reportUnusedFunction]  a route
        return {"status": "ok"}

    errors.install_last(app)
    app.include_router(docs.router)
    app.router.routes.extend(_FILES.routes)
    app.mount("/i18n", FreshFiles(directory=ROOT / "i18n"))
    key = visitors_key(settings)
    streams = Streams(settings.visitor_streams)
    app.router.routes.extend(shared_routes(LinkDoor(Visitors(key), FrameTokens(key)), streams))
    programs = programs_of(app)
    app.router.routes.extend(programs.routes)
    mounted = _with_page(app) if with_page else app
    # The last added is the first asked: nothing passes before the door has looked at it.
    mounted.add_middleware(OnlyThePage)
    mounted.add_middleware(BodyLimit)
    mounted.add_middleware(
        Door,
        keeper=Doorkeeper(
            settings.users,
            signing_key(settings),
            port=settings.port,
            allowed_hosts=frozenset(settings.allowed_hosts),
        ),
    )
    if settings.trusted_proxies:
        mounted.add_middleware(ProxyHeadersMiddleware, trusted_hosts=[*settings.trusted_proxies])
    return mounted


def _with_page(app: FastAPI) -> FastAPI:
    # Before Gradio is imported: it reads these once, and would look up other hosts without them.
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    # An empty variable counts as unset for us, and ends Gradio, which reads the port for a server that we do not use.
    if not os.environ.get("GRADIO_SERVER_PORT", "0").strip():
        del os.environ["GRADIO_SERVER_PORT"]
    import gradio.routes

    from agentfabric.ui.page import HEAD, build_page, page_options

    mount: Any = getattr(gradio.routes, "mount_gradio_app")  # noqa: B009  Gradio ships no complete types for it
    mounted: FastAPI = mount(app, build_page(), "/", **page_options(_FILES.versioned(HEAD)))
    return mounted
