"""Folders and files that only their owner may read. On Windows the folder of a user's profile is what protects them."""

import os
import secrets
from pathlib import Path


def make_private_folder(folder: Path) -> None:
    """The folder is there afterwards, 0700 where it is new. One that exists keeps its permissions: it is not ours."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def write_private(path: Path, data: bytes, *, replace: bool = True) -> None:
    """Write a 0600 file whole or not at all: after a crash there is the old one or the new one.

    Without `replace`, a file that is there already stays, whoever else writes at the same moment.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            temporary.replace(path)
        else:
            _place_if_absent(temporary, path)
        sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def make_private_file(path: Path) -> None:
    """The file is there afterwards, empty where it is new, and only its owner may read it."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)


def _place_if_absent(temporary: Path, path: Path) -> None:
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        pass
    except OSError:
        # A file system without hard links: the check and the move are two steps there.
        if not path.exists():
            temporary.replace(path)


def sync_folder(folder: Path) -> None:
    """What was renamed in the folder stays so, whatever happens to the machine."""
    if os.name == "nt":  # folders cannot be opened there, and renames are journalled
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
