"""A folder on this server that its operator allowed. Each agent has a folder in it, which is swapped as a whole."""

import asyncio
import filecmp
import secrets
import shutil
import time
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from agentfabric.publish.targets.base import MANIFEST, Field, Progress, Sending, Where, unpack
from agentfabric.publish.targets.stopping import in_thread, to_the_end
from user_agent.errors import PublishFailed
from user_agent.serve.folder_code import ENVIRONMENT
from user_agent.words import Words

_KEYS = ".env"
"""No bundle has it: whoever runs the agent from its folder put it there, as they did the sandbox's libraries."""
_AT_WORK_S = 3_600.0
"""What is older than that in the folder, no publication is at work on."""
_UNPACKING = Words("正在解压到服务器的文件夹。", "Unpacking into the server's folder.")
_SWAPPING = Words("正在替换旧版本。", "Putting it in the place of the version before.")


class FolderTarget:
    """Unpacks bundles below a folder: an agent's place in it is its id, which was made here."""

    name = "folder"
    title = Words("这台服务器上的文件夹", "A folder on this server")
    hint = Words(
        "解压到服务器管理者指定的文件夹，替换之前的版本。",
        "Unpacked into the folder that whoever runs this server chose, in the place of the version before.",
    )
    fields: tuple[Field, ...] = ()

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def origin(self, options: Mapping[str, str]) -> str:
        return ""

    async def publish(self, sending: Sending, progress: Progress) -> Where:
        progress(_UNPACKING)
        mark = secrets.token_hex(8)
        fresh, old = (self._folder / f".{sending.place}.{kind}-{mark}" for kind in ("new", "old"))
        target = self._folder / sending.place
        try:
            await in_thread(lambda: _put_right(self._folder, sending.place))
            await in_thread(lambda: _unpacked(sending.data, fresh))
            progress(_SWAPPING)
            changed = await to_the_end(asyncio.to_thread(_swap, fresh, target, old))
        except (OSError, zipfile.BadZipFile) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
            raise PublishFailed(
                Words(
                    f"服务器的发布文件夹写入失败（{why}）。请运行这台服务器的人检查它；之前的版本仍在。",
                    f"The server's folder could not be written ({why}). Ask whoever runs this server to look at it; "
                    "the version before is still there.",
                )
            ) from error
        finally:
            await asyncio.to_thread(shutil.rmtree, fresh, ignore_errors=True)
        return Where(str(target), changed)


def _put_right(folder: Path, place: str) -> None:
    """What a process that was killed half way left: the version before is in its place again, and the rest is gone."""
    target, long_ago = folder / place, time.time() - _AT_WORK_S
    left = {path: path.stat().st_mtime for kind in ("old", "new") for path in folder.glob(f".{place}.{kind}-*")}
    before = [path for path in left if path.name.startswith(f".{place}.old-")]
    if before and not target.exists():
        max(before, key=left.__getitem__).rename(target)
    for path, at in left.items():
        if at < long_ago:
            shutil.rmtree(path, ignore_errors=True)


def _unpacked(data: bytes, folder: Path) -> None:
    folder.mkdir(parents=True)
    unpack(data, folder)


def _swap(fresh: Path, target: Path, old: Path) -> bool:
    """Whether it was another one. Renaming is all that can go wrong in between, and that is undone."""
    existed, changed = target.exists(), not _same(fresh, target)
    keys = target / _KEYS
    if keys.is_file() and not keys.is_symlink():
        shutil.copy2(keys, fresh / _KEYS)
    if existed:
        target.rename(old)
    try:
        fresh.rename(target)
    except OSError:
        if existed:
            with suppress(OSError):
                old.rename(target)
        raise
    libraries = old / ENVIRONMENT
    if libraries.is_dir() and not libraries.is_symlink() and not (target / ENVIRONMENT).exists():
        with suppress(OSError):  # they can be installed again
            libraries.rename(target / ENVIRONMENT)
    shutil.rmtree(old, ignore_errors=True)
    return changed


def _same(fresh: Path, target: Path) -> bool:
    """Whether both hold the same files, which their manifests list with a hash each."""
    try:
        return filecmp.cmp(fresh / MANIFEST, target / MANIFEST, shallow=False)
    except FileNotFoundError:
        return False
