"""The page's own files: small on the way, and always the newest."""

import asyncio
import gzip
import hashlib
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
_A_YEAR_S = 31_536_000


class FreshFiles(StaticFiles):
    """Static files that a browser asks about each time (304 where nothing changed): their addresses carry no versions.
    Texts go out compressed."""

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


class VersionedFiles(FreshFiles):
    """Static files at addresses that name their version, as the path parameter `version`: a browser keeps what is of
    this one and never asks about it again. A page that was opened before an upgrade gets the newest. A file that was
    changed since the version got its name is none of it. Blocking to make."""

    def __init__(self, *, directory: Path, version: str) -> None:
        super().__init__(directory=directory)
        self._version = version
        self._states = {str(file.resolve()): _state(file.stat()) for file in directory.rglob("*") if file.is_file()}

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        is_of_it = self._states.get(os.fspath(full_path)) == _state(stat_result)
        if is_of_it and scope["path_params"]["version"] == self._version:
            response.headers["cache-control"] = f"max-age={_A_YEAR_S}, immutable"
        return response


def version_of(*folders: Path) -> str:
    """A name for what the files of these folders are now; it changes with any of them."""
    digest = hashlib.sha256()
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                content = file.read_bytes()
                digest.update(f"{folder.name}/{file.relative_to(folder).as_posix()} {len(content)}\n".encode())
                digest.update(content)
    return digest.hexdigest()[:16]


def _state(stat: os.stat_result) -> tuple[int, int]:
    return stat.st_mtime_ns, stat.st_size


def _compressed(path: str, changed_ns: int) -> bytes:
    """The bytes of a file as it was changed last."""
    with open(path, "rb") as file:
        return gzip.compress(file.read(), mtime=0)
