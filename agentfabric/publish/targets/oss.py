"""A ModelScope studio, forked by the person: the bundle in the operator's OSS bucket, and a link that names it.

The bucket's address is the operator's own, so no policy looks at it. Each upload has a key of its own; those before it
stay until the links to them have ended.
"""

import asyncio
import base64
import hashlib
import json
import logging
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import quote

from agentfabric.publish.targets.base import Field, Progress, Sending, Where
from agentfabric.publish.targets.stopping import in_thread, to_the_end
from agentfabric.settings_files import Oss
from user_agent.errors import PublishFailed
from user_agent.serve.variables import placeholder
from user_agent.words import Words

FORK = "https://www.modelscope.cn/studios/fork?target=modelscope/agent_template&overwriteEnv="
TIMEOUT_S = 60.0
"""For how long OSS may say nothing."""
_REGION = re.compile(r"//oss-(?!accelerate)([a-z]+(?:-[a-z0-9]+)+?)(?:-internal)?\.aliyuncs\.com")
_CODE = re.compile(r"[A-Za-z]{1,60}")
T = TypeVar("T")
_UPLOADING = Words("正在上传到 OSS。", "Uploading to OSS.")
_TRYING = Words("正在试用签名地址。", "Trying the signed address.")
_CLEARING = Words("正在清理链接已过期的旧文件。", "Clearing away older ones whose links have ended.")
_NO_SDK = Words(
    "这台服务器上没有安装 oss2。请让运行它的人执行 pip install -r requirements-publish.txt。",
    "This server has no oss2. Ask whoever runs it to do: pip install -r requirements-publish.txt",
)


class _Object(Protocol):
    key: str
    last_modified: int


class _Refusal(Protocol):
    status: int
    """Negative where no answer came."""
    code: str


class _Listing(Protocol):
    object_list: list[_Object]


class _Bucket(Protocol):
    """What is used of `oss2.Bucket`, which says nothing of its types."""

    def put_object(self, key: str, data: bytes, headers: Mapping[str, str]) -> object: ...
    def sign_url(self, method: str, key: str, expires: int, *, slash_safe: bool) -> str: ...
    def get_object_with_url(self, sign_url: str, byte_range: tuple[int, int]) -> Iterable[bytes]: ...
    def list_objects(self, prefix: str, *, max_keys: int) -> _Listing: ...
    def delete_object(self, key: str) -> object: ...


class OssTarget:
    """Uploads bundles to a bucket, and makes the link by which a person forks the template studio with one."""

    name = "oss"
    title = Words("魔搭创空间（Fork 链接）", "A ModelScope studio, by a fork link")
    hint = Words(
        "上传到管理者的 OSS，得到一个限时链接：打开后 Fork 模板创空间，并填写其中列出的密钥。",
        "Uploaded to the operator's OSS. You get a link for a while: it forks the template studio, where you fill in "
        "the keys that it names.",
    )
    fields: tuple[Field, ...] = ()

    def __init__(self, oss: Oss, link_seconds: int, timeout_s: float = TIMEOUT_S) -> None:
        self._oss = oss
        self._link_seconds = link_seconds
        self._timeout_s = timeout_s

    def origin(self, options: Mapping[str, str]) -> str:
        return ""

    async def publish(self, sending: Sending, progress: Progress) -> Where:
        if self._oss.missing:
            raise PublishFailed(_unset(self._oss.missing))
        progress(_UPLOADING)
        bucket = await self._asked(self._bucket)
        folder = f"agents/user/{sending.place}-"
        key = f"{folder}{secrets.token_hex(16)}/{_file_name(sending.title)}.zip"
        # OSS refuses what arrives otherwise.
        headers = {"Content-MD5": await in_thread(lambda: _md5(sending.data)), "Content-Type": "application/zip"}
        try:
            await self._asked(lambda: bucket.put_object(key, sending.data, headers))
            progress(_TRYING)
            expires = datetime.now(UTC) + timedelta(seconds=self._link_seconds)
            url = bucket.sign_url("GET", key, self._link_seconds, slash_safe=True)
            await self._asked(lambda: b"".join(bucket.get_object_with_url(url, (0, 0))))
        except (PublishFailed, asyncio.CancelledError):
            with suppress(PublishFailed):
                await self._asked(lambda: bucket.delete_object(key))
            raise
        progress(_CLEARING)
        # What cannot be cleared away now is at the next time; the new one is there.
        with suppress(PublishFailed):
            await to_the_end(self._asked(lambda: _clear(bucket, folder, key, self._link_seconds)))
        return Where(f"oss://{self._oss.bucket}/{key}", link=fork_link(url, sending.envs), expires=expires)

    def _bucket(self) -> _Bucket:
        """The bucket; nothing is asked yet. Raises `ImportError`."""
        import oss2  # pyright: ignore[reportMissingTypeStubs]

        # It writes the requests' authorization into its log.
        logging.getLogger("oss2").setLevel(logging.CRITICAL + 1)
        found = _REGION.search(self._oss.endpoint)
        region = self._oss.region or (found[1] if found else None)
        # New accounts are given the fourth signature alone, which has to know the region.
        auth = (oss2.AuthV4 if region else oss2.Auth)(self._oss.key_id, self._oss.key_secret.get_secret_value())
        bucket: Any = oss2.Bucket(  # Any: it says nothing of its types
            auth,
            self._oss.endpoint,
            self._oss.bucket,
            region=region,
            connect_timeout=self._timeout_s,
            enable_crc=False,  # slow without its C library; the MD5 is looked at by OSS
        )
        return cast(_Bucket, bucket)

    async def _asked(self, call: Callable[[], T]) -> T:
        """What the call gives, made in a thread. Raises `PublishFailed`."""
        try:
            return await in_thread(lambda: _told(call, self._oss.bucket))
        except ImportError as error:
            raise PublishFailed(_NO_SDK) from error


def fork_link(url: str, envs: Iterable[str]) -> str:
    """Where a person forks the template studio: the bundle's address, and the names of the keys to fill in."""
    given = {"AGENT_URL": url, **{name: placeholder(name) for name in envs}}
    return FORK + quote(json.dumps(given), safe="")


def _told(call: Callable[[], T], bucket: str) -> T:
    """What the call gives. Blocking. Raises `PublishFailed`, and `ImportError`."""
    import requests
    from oss2.exceptions import OssError  # pyright: ignore[reportMissingTypeStubs]

    try:
        return call()
    except OssError as error:
        # Without the cause, whose text may hold the key's id and what was signed.
        refusal = cast(_Refusal, error)
        raise PublishFailed(_refused(refusal.status, refusal.code, bucket)) from None
    except requests.RequestException:
        raise PublishFailed(_refused(0, "", bucket)) from None
    except ValueError:  # an endpoint that is no address
        raise PublishFailed(_refused(-1, "", bucket)) from None


def _clear(bucket: _Bucket, folder: str, fresh: str, link_seconds: int) -> None:
    """Delete those before whose links have ended, by the clock of the bucket."""
    there = {each.key: each.last_modified for each in bucket.list_objects(folder, max_keys=1_000).object_list}
    for key, modified in there.items():
        if modified < there.get(fresh, 0) - link_seconds:
            bucket.delete_object(key)


def _md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()


def _file_name(title: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", title).strip("-.")[:60] or "agent"


def _unset(names: Iterable[str]) -> Words:
    listed = ", ".join(names)
    return Words(
        f"OSS 还没有设置好：缺少 {listed}。请让运行这台服务器的人设置。",
        f"OSS is not set up: {listed} is missing. Ask whoever runs this server to set it.",
    )


def _refused(status: int, code: str, bucket: str) -> Words:
    code = code if _CODE.fullmatch(code) else "?"
    if code == "NoSuchBucket":
        return Words(
            f"OSS 上没有名为 {bucket} 的存储空间（Bucket）。请让运行服务器的人检查 OSS_BUCKET_NAME 和 OSS_ENDPOINT。",
            f"OSS has no bucket {bucket!r}. Ask whoever runs this server to check OSS_BUCKET_NAME and OSS_ENDPOINT.",
        )
    if status == 403:
        return Words(
            f"OSS 拒绝了服务器的密钥（{code}）。请让运行它的人检查 OSS_ACCESS_KEY_ID 和 OSS_ACCESS_KEY_SECRET，"
            "以及 oss:PutObject 和 oss:GetObject 权限；之前的版本仍在。",
            f"OSS refused the server's key ({code}). Ask whoever runs it to check OSS_ACCESS_KEY_ID and "
            "OSS_ACCESS_KEY_SECRET, and that oss:PutObject and oss:GetObject are allowed; the version before is still "
            "there.",
        )
    if status == -1:
        return Words(
            "OSS 的设置不能用。请让运行这台服务器的人检查 OSS_ENDPOINT 和 OSS_BUCKET_NAME。",
            "OSS is not set up well. Ask whoever runs this server to check OSS_ENDPOINT and OSS_BUCKET_NAME.",
        )
    if status <= 0:
        return Words(
            "与 OSS 的连接失败或中断。请稍后再试；之前的版本仍在。",
            "OSS could not be reached, or the connection broke. Try again later; the version before is still there.",
        )
    return Words(
        f"OSS 没有接受文件（{status}，{code}）。请稍后再试；之前的版本仍在。",
        f"OSS did not take the file ({status}, {code}). Try again later; the version before is still there.",
    )
