"""`/docs` with Swagger UI's files from this server: the page asks no other host."""

from fastapi import APIRouter
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

VENDORED = "/static/vendor/swagger-ui-5.35.0"


@router.get("/docs")
async def docs() -> HTMLResponse:
    return get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="AgentFabric API",
        swagger_js_url=f"{VENDORED}/swagger-ui-bundle.js",
        swagger_css_url=f"{VENDORED}/swagger-ui.css",
        swagger_favicon_url="/static/studio/mark.svg",
    )
