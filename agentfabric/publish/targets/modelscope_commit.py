"""A commit to a ModelScope repository, as its hub takes it: what is in it itself, and what is stored beside it."""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from modelscope_hub.constants import UPLOAD_INLINE_METADATA_PATHS

INLINE_BYTES = 64 * 1024
"""Files up to this size are in the commit; larger ones go to storage first, but for those that the hub reads itself."""
COMMIT_ACTIONS, COMMIT_BYTES = 2_000, 8_000_000
"""As much as the hub takes in one commit."""

Json = Mapping[str, object]


def is_large(path: str, data: bytes) -> bool:
    """Whether it is stored beside the commit."""
    return len(data) > INLINE_BYTES and PurePosixPath(path).name.upper() not in UPLOAD_INLINE_METADATA_PATHS


def creation(path: str, data: bytes) -> Json:
    """The file is this, whether or not it was there."""
    if is_large(path, data):
        return _action("create", path, type="lfs", size=len(data), sha256=sha256(data))
    return _action("create", path, size=len(data), content=base64.b64encode(data).decode(), encoding="base64")


def deletion(path: str) -> Json:
    """The file is gone."""
    return _action("delete", path)


def _action(action: str, path: str, **more: object) -> Json:
    """With every field that there is, as the SDK sends it."""
    rest = {"type": "normal", "size": 0, "sha256": "", "content": "", "encoding": ""}
    return {"action": action, "path": path, **rest, **more}


def batches(actions: Iterable[Json]) -> Iterator[list[Json]]:
    """As many of them at a time as go into one commit."""
    batch, size = list[Json](), 0
    for action in actions:
        length = len(str(action["content"])) + len(str(action["path"])) + 200
        if batch and (len(batch) >= COMMIT_ACTIONS or size + length > COMMIT_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(action)
        size += length
    if batch:
        yield batch


def sha256(data: bytes) -> str:
    """In hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
