"""How a file is handed to a browser: shown in place where that is safe, else as a download; in parts if asked for."""

from typing import Any

from fastapi.responses import StreamingResponse

from agentfabric.service.originals import Original, Originals
from user_agent.serve.file_responses import as_download, part_of

Json = dict[str, Any]


def handed_out(originals: Originals, user: str, original: Original, byte_range: str = "") -> StreamingResponse:
    """The file. `headers.py` adds that nothing in it runs, loads or is sent, and that it is what it is called."""
    part = part_of(byte_range, original.file.size_bytes)
    return StreamingResponse(
        originals.parts(user, original, part.start, part.stop),
        status_code=part.status,
        media_type=original.media_type or "application/octet-stream",
        headers={
            "content-disposition": as_download(original.file.name, "inline" if original.media_type else "attachment"),
            "content-length": str(max(0, part.stop - part.start)),
            "cache-control": "private, max-age=3600",
            **part.headers,
        },
    )


def original_view(original: Original, url: str) -> Json:
    """`url` is the file, shown in place where it has a `media_type`; `address` is where it is on the web."""
    return {
        "url": url,
        "name": original.file.name,
        "media_type": original.media_type,
        "address": original.address,
    }
