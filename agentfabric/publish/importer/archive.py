"""A zip from outside as its members: bounded, checked by name before anything is unpacked, and only ever in memory."""

import hashlib
import io
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from agentfabric.publish.importer.incoming import Unreadable
from agentfabric.publish.manifest import MANIFEST, MAX_BYTES
from user_agent.serve.folder_knowledge import PASSAGES
from user_agent.words import Words

MAX_PACKED_BYTES = 60_000_000
"""Of what comes over the network. Whoever is at the machine may bring as much as a bundle can have."""
MAX_MEMBERS = 3_000
MAX_MEMBER_BYTES = 50_000_000
MAX_UNPACKED_BYTES = 200_000_000
MAX_RATIO = 200
"""How many bytes one packed byte may become, where that is more than a megabyte. What a manifest vouches for may become
more: a file of one line again and again packs better, and the other limits hold for it."""
_ONLY_CHECKED = f"config/{PASSAGES}"
"""What an agent's index has of its knowledge, in a bundle. It is checked and never held whole, so it may be as large as
bundles make it."""
MAX_NAME_BYTES = 500
_MAX_DIRECTORY_BYTES = 2_000_000
_FREE_BYTES = 1_000_000

_END, _END64, _LOCATOR64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_END_SIZE, _END64_SIZE, _LOCATOR64_SIZE = 22, 56, 20
_MAX_COMMENT = 65_535
_UTF8_NAMES = 0x800
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_NOBODYS = re.compile(r"(^|/)(__MACOSX(/|$)|\.DS_Store$|Thumbs\.db$)")
_DRIVE = re.compile(r"[A-Za-z]:")
_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Kinds of characters that nobody sees, or that turn the reading direction around."""
_JOINERS = "\u200c\u200d"
"""Parts of scripts and of emoji."""


def is_archive(data: bytes) -> bool:
    return data.startswith((b"PK\x03\x04", _END))


@dataclass(frozen=True, slots=True)
class Archive:
    """The files of a zip, by their names with `/` between. Each is unpacked when it is read, up to a limit."""

    _packed: zipfile.ZipFile
    _members: Mapping[str, zipfile.ZipInfo]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._members)

    def read(self, name: str) -> bytes:
        """The bytes of a member. Raises `Unreadable` where they are not what the zip says of them."""
        with self._opened(name) as file:
            data = file.read(MAX_MEMBER_BYTES + 1)
        if len(data) > MAX_MEMBER_BYTES:
            raise _too_large(name)
        return data

    def digest(self, name: str) -> str:
        """The SHA-256 of a member, of which only a piece at a time is in memory. Raises as `read` does."""
        digest = hashlib.sha256()
        with self._opened(name) as file:
            while piece := file.read(_FREE_BYTES):
                digest.update(piece)
        return digest.hexdigest()

    @contextmanager
    def _opened(self, name: str) -> Generator[IO[bytes]]:
        try:
            with self._packed.open(self._members[name]) as file:
                yield file
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError) as error:
            raise Unreadable(f"其中的“{_short(name)}”已损坏", f"{_short(name)!r} in it is damaged") from error


def open_archive(data: bytes) -> Archive:
    """The zip in `data`. Raises `Unreadable`, before anything is unpacked, for one that no honest export is.

    That is one that is damaged or encrypted, unpacks to too much, has too many members, links, or names that lead
    elsewhere or stand twice.
    """
    _check_directory(data)
    try:
        packed = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError, UnicodeError) as error:
        raise Unreadable("压缩包已损坏", "the zip is damaged") from error
    if len(packed.infolist()) > MAX_MEMBERS:
        raise _too_many()
    members: dict[str, zipfile.ZipInfo] = {}
    seen: set[str] = set()
    for info in packed.infolist():
        name = _name_of(info)
        _check_name(name)
        _check_kind(info, name)
        folded = unicodedata.normalize("NFKC", name.rstrip("/")).casefold()
        if folded in seen:
            raise Unreadable(f"“{_short(name)}”出现了两次", f"{_short(name)!r} stands in it twice")
        seen.add(folded)
        if not info.is_dir() and not _NOBODYS.search(name):
            members[name] = info
    members = _without_folder(members)
    _check_sizes(packed, members)
    return Archive(packed, members)


def kept_out(bundle: bytes) -> Words | None:
    """Why a bundle of ours would not be taken back, with the cure; None where it would be."""
    try:
        open_archive(bundle)
    except Unreadable as error:
        return Words(
            f"这个发布包可以运行，但无法再导入：{error.words.zh}。要能带回来，请先减少一些知识。",
            f"This bundle runs, but cannot be imported again: {error.words.en}. Take some knowledge away first to be "
            "able to bring it back.",
        )
    if len(bundle) <= MAX_PACKED_BYTES:
        return None
    size, most = len(bundle) // 1_000_000, MAX_PACKED_BYTES // 1_000_000
    return Words(
        f"这个发布包有 {size} MB，页面上的导入最多接收 {most} MB。要带回来，请让运行服务器的人执行 "
        "`python -m agentfabric import`，或先减少一些知识。",
        f"This bundle has {size} MB, and an import on the page takes {most} MB. To bring it back, whoever runs the "
        "server does `python -m agentfabric import`; or take some knowledge away first.",
    )


def _check_directory(data: bytes) -> None:
    """Raises `Unreadable` for a table of contents that is too long to be read at all."""
    at = data.rfind(_END, max(0, len(data) - _END_SIZE - _MAX_COMMENT))
    if at < 0 or len(data) - at < _END_SIZE:
        raise Unreadable("压缩包不完整", "the zip is not complete")
    count, size = struct.unpack_from("<HI", data, at + 10)
    if data.startswith(_LOCATOR64, at - _LOCATOR64_SIZE):
        # What is said here counts, whatever is said at the end.
        at64 = at - _LOCATOR64_SIZE - _END64_SIZE
        if at64 < 0 or not data.startswith(_END64, at64):
            raise Unreadable("压缩包不完整", "the zip is not complete")
        count, size = struct.unpack_from("<QQ", data, at64 + 32)
    if count > MAX_MEMBERS or size > _MAX_DIRECTORY_BYTES:
        raise _too_many()


def _check_sizes(packed: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo]) -> None:
    """Raises `Unreadable` for what unpacks to too much."""
    is_bundle = MANIFEST in members
    apart = members.get(_ONLY_CHECKED) if is_bundle else None
    if apart is not None and apart.file_size > MAX_BYTES:
        raise _too_large(_ONLY_CHECKED)
    unpacked = 0
    for info in packed.infolist():
        if info is apart:
            continue
        name = _name_of(info)
        unpacked += info.file_size
        if info.file_size > MAX_MEMBER_BYTES or unpacked > MAX_UNPACKED_BYTES:
            raise _too_large(name)
        if not is_bundle and info.file_size > max(_FREE_BYTES, MAX_RATIO * info.compress_size):
            raise Unreadable(
                f"“{_short(name)}”解压后会膨胀 {MAX_RATIO} 倍以上",
                f"{_short(name)!r} would unpack to more than {MAX_RATIO} times its size",
            )


def _name_of(info: zipfile.ZipInfo) -> str:
    """The name as whoever packed it wrote it: many programs write UTF-8, and Chinese Windows GBK, without saying so."""
    if info.flag_bits & _UTF8_NAMES:
        return info.orig_filename
    raw = info.orig_filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.orig_filename


def _check_name(name: str) -> None:
    parts = name.rstrip("/").split("/")
    odd = (
        not name
        or len(name.encode("utf-8", "replace")) > MAX_NAME_BYTES
        or "\\" in name
        or _DRIVE.match(name) is not None
        or any(part.strip(" .") == "" for part in parts)
        or any(unicodedata.category(char) in _UNSEEN and char not in _JOINERS for char in name)
    )
    if odd:
        raise Unreadable(
            f"里面有不该出现的文件名：“{_short(name)}”", f"{_short(name)!r} is no name that a file in it may have"
        )


def _check_kind(info: zipfile.ZipInfo, name: str) -> None:
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise Unreadable(f"“{_short(name)}”是链接而不是文件", f"{_short(name)!r} is a link and no file")
    if info.flag_bits & _ENCRYPTED:
        raise Unreadable("它带有密码。请不带密码重新打包", "it is encrypted. Pack it without a password")
    if info.compress_type not in _METHODS:
        raise Unreadable(
            f"“{_short(name)}”的压缩方式无法读取。请用普通方式重新打包",
            f"{_short(name)!r} is packed in a way that is not read here. Pack it in the usual way",
        )


def _without_folder(members: Mapping[str, zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """The same without the one folder that everything is in, as file managers pack it; `config` is none of these."""
    first = {name.partition("/")[0] for name in members}
    flat = len(first) == 1 and all("/" in name for name in members) and first != {"config"}
    return {name.partition("/")[2]: info for name, info in members.items()} if flat else dict(members)


def _too_many() -> Unreadable:
    return Unreadable(f"压缩包里的文件超过 {MAX_MEMBERS:,} 个", f"it holds more than {MAX_MEMBERS:,} files")


def _too_large(name: str) -> Unreadable:
    limits = MAX_MEMBER_BYTES // 1_000_000, MAX_UNPACKED_BYTES // 1_000_000
    return Unreadable(
        f"“{_short(name)}”太大：单个文件最多 {limits[0]} MB，解压后总共最多 {limits[1]} MB",
        f"{_short(name)!r} is too large: a file may have {limits[0]} MB, and all of them {limits[1]} MB unpacked",
    )


def _short(name: str) -> str:
    shown = "".join(char if char.isprintable() else "·" for char in name)
    return shown if len(shown) <= 60 else f"{shown[:60]}…"
