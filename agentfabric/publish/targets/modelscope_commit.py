"""A commit to a ModelScope repository, as its hub takes it: what is in it itself, and what is stored beside it."""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from modelscope_hub.constants import UPLOAD_INLINE_METADATA_PATHS

from agentfabric.publish.targets.stopping import parts

INLINE_BYTES = 64 * 1024
"""Files up to this size are in the commit; larger ones go to storage first, but for those that the hub reads itself."""
COMMIT_ACTIONS, COMMIT_BYTES = 2_000, 8_000_000
"""As much as the hub takes in one commit."""

BLOBS_AT_ONCE = 64

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Changes:
    """What the commits of a publication would change."""

    fresh: Mapping[str, bytes]
    """Files that are not there, or are others there. The manifest is the first: by that the repository is known as a
    bundle's, also where not all commits arrive."""
    gone: Sequence[str]

    def blobs(self) -> Iterator[list[bytes]]:
        """What is stored beside the commits, as it goes up."""
        large = {sha256(data): data for path, data in self.fresh.items() if is_large(path, data)}
        return parts(large.values(), len, at_most=BLOBS_AT_ONCE)

    def commits(self) -> Iterator[list[Json]]:
        """The actions of each commit; none where nothing is new."""
        actions = [*(creation(path, data) for path, data in self.fresh.items()), *map(deletion, self.gone)]
        return parts(actions, _size_bytes, at_most=COMMIT_ACTIONS, at_most_bytes=COMMIT_BYTES)


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


def _size_bytes(action: Json) -> int:
    return len(str(action["content"])) + len(str(action["path"])) + 200


def sha256(data: bytes) -> str:
    """In hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
