"""The page's own files: small on the way, and always the newest."""

import asyncio
import gzip
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_TEXTS = (".css", ".js", ".json", ".mjs", ".svg")
_SMALLEST_BYTES = 1_000
"""Less is not worth the work: it fits into one packet."""
MAX_COMPRESSED = 500
"""How many files of a folder are kept compressed at the most."""


class FreshFiles(StaticFiles):
    """Static files that a browser asks about each time (304 where nothing changed): modules carry no versions. Texts go
    out compressed."""

    def __init__(self, *, directory: Path) -> None:
        super().__init__(directory=directory)
        self._compressed = lru_cache(MAX_COMPRESSED)(_compressed)
        """Each file's compressed bytes, while it is unchanged."""

    def file_response(self, *args: Any, **options: Any) -> Response:  # Any: passed on as they are
        response = super().file_response(*args, **options)
        response.headers["cache-control"] = "no-cache"
        response.headers["vary"] = "accept-encoding"
        return response

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        accepted = Headers(scope=scope).get("accept-encoding", "")
        if not isinstance(response, FileResponse) or not path.endswith(_TEXTS) or "gzip" not in accepted:
            return response
        stat = await asyncio.to_thread(os.stat, response.path)
        if stat.st_size < _SMALLEST_BYTES:
            return response
        content = await asyncio.to_thread(self._compressed, str(response.path), stat.st_mtime_ns)
        headers = {name: response.headers[name] for name in ("cache-control", "content-type", "last-modified", "vary")}
        # Weak: the same text, other bytes.
        headers |= {"content-encoding": "gzip", "etag": f"W/{response.headers['etag']}"}
        return Response(content, response.status_code, headers)


def _compressed(path: str, changed_ns: int) -> bytes:
    """The bytes of a file as it was changed last."""
    with open(path, "rb") as file:
        return gzip.compress(file.read(), mtime=0)
