"""A bucket that speaks S3: of AWS or of whoever else does, such as MinIO, Cloudflare R2 or Alibaba Cloud.

AWS's own `botocore` signs, and nothing of it asks: the requests go through `user_agent/net.py`, which looks at the
address of every connection. So the secret key leaves this server for nowhere; what is sent is signatures.
"""

import asyncio
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from pydantic import SecretStr

from agentfabric.publish.targets.base import Choice, Field, Progress, Sending, Where, patience_s
from agentfabric.publish.targets.stopping import to_the_end
from user_agent.answers import Fetched
from user_agent.errors import FetchFailed, PublishFailed
from user_agent.net import Http
from user_agent.urls import NotAnUrl, origin_of, web_address
from user_agent.words import Words

if TYPE_CHECKING:
    from botocore.credentials import Credentials  # pyright: ignore[reportMissingTypeStubs]

_ANSWER_BYTES = 100_000
_HASH = "x-amz-meta-sha256"
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]")
_REGION = re.compile(r"[A-Za-z0-9-]{1,40}")
_ACCESS_KEY = re.compile(r"[A-Za-z0-9._+=@-]{3,128}")
_FOLDER = re.compile(r"(?:/[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}){0,8}")
_CODE = re.compile(rb"<Code>([A-Za-z0-9]{1,60})</Code>")

_LOOKING = Words("正在查看存储桶。", "Looking into the bucket.")
_KEEPING = Words("正在上传这个版本。", "Uploading this version.")
_SWITCHING = Words("正在更新固定地址下的文件。", "Putting it where the last version is.")
_LINKING = Words("正在签发下载链接。", "Signing the link.")
_NO_SDK = Words(
    "这台服务器还不能签名 S3 请求。请让运行它的人执行 `pip install -r requirements-publish.txt`。",
    "This server cannot sign for S3 yet. Whoever runs it adds that with `pip install -r requirements-publish.txt`.",
)
_BAD_ENDPOINT = Words(
    "服务地址里不能有用户名、查询参数或特殊字符，例如 https://s3.eu-central-1.amazonaws.com。",
    "The endpoint holds no user, query or special character; it is such as https://s3.eu-central-1.amazonaws.com.",
)
_BAD_BUCKET = Words("存储桶名称不可用。", "The bucket has no usable name.")
_BAD_REGION = Words("区域不可用，例如 us-east-1。", "The region is not usable. It is such as us-east-1.")
_BAD_PREFIX = Words(
    "前缀只能由字母、数字、点、横线和斜杠组成，例如 agents/public。",
    "A prefix is letters, digits, dots, dashes and slashes, such as agents/public.",
)
_BAD_KEY = Words("访问密钥 ID 不可用。", "The access key id is not usable.")
_KEYS = Words(
    "存储服务不接受这对密钥。请检查访问密钥 ID 和密钥。",
    "The storage does not take these keys. Check the access key id and the secret key.",
)
_DENIED = Words(
    "这对密钥没有写入这个存储桶的权限。请授予 PutObject 和 GetObject 权限。",
    "These keys may not write to this bucket. Allow them PutObject and GetObject.",
)
_NO_BUCKET = Words(
    "没有这个存储桶。请检查名称和服务地址。", "There is no such bucket. Check its name and the endpoint."
)
_ELSEWHERE = Words(
    "这个存储桶在另一个区域。请填写它的区域和对应的服务地址。",
    "The bucket is in another region. Enter its region, and the endpoint of that region.",
)
_CLOCK = Words(
    "服务器的时钟不准，签名无效。请让运行它的人校准时间。",
    "This server's clock is wrong, so signatures do not count. Ask whoever runs it to set it.",
)
_BUSY = Words("存储服务正忙。请稍后再试。", "The storage is busy. Try again later.")
_REASONS = {
    "InvalidAccessKeyId": _KEYS,
    "SignatureDoesNotMatch": _KEYS,
    "AccessDenied": _DENIED,
    "NoSuchBucket": _NO_BUCKET,
    "PermanentRedirect": _ELSEWHERE,
    "AuthorizationHeaderMalformed": _ELSEWHERE,
    "RequestTimeTooSkewed": _CLOCK,
    "SlowDown": _BUSY,
}
_BY_STATUS = {301: _ELSEWHERE, 307: _ELSEWHERE, 401: _KEYS, 403: _DENIED, 404: _NO_BUCKET, 429: _BUSY, 503: _BUSY}


@dataclass(frozen=True, slots=True)
class _Bucket:
    """Where it is, as checked, and who asks. What botocore makes is `Any`: it has no types."""

    base: str
    """The address that keys are put after."""
    region: str
    access_key: str
    secret_key: SecretStr

    def signed(self, method: Literal["HEAD", "PUT"], url: str, data: bytes, digest: str) -> dict[str, str]:
        """The headers of a request. Blocking. Raises `PublishFailed` where nothing here can sign."""
        try:
            from botocore.auth import S3SigV4Auth  # pyright: ignore[reportMissingTypeStubs]
            from botocore.awsrequest import AWSRequest  # pyright: ignore[reportMissingTypeStubs]
        except ImportError as error:
            raise PublishFailed(_NO_SDK) from error

        headers = {"Content-Type": "application/zip", _HASH: digest} if method == "PUT" else {}
        request: Any = AWSRequest(method=method, url=url, headers=headers, data=data)
        signer: Any = S3SigV4Auth(self._credentials(), "s3", self.region)
        signer.add_auth(request)
        return {str(name): str(value) for name, value in request.headers.items()}

    def link(self, url: str, seconds: int) -> str:
        """An address that anybody may read the object at for a time. Blocking."""
        from botocore.auth import S3SigV4QueryAuth  # pyright: ignore[reportMissingTypeStubs]
        from botocore.awsrequest import AWSRequest  # pyright: ignore[reportMissingTypeStubs]

        request: Any = AWSRequest(method="GET", url=url)
        signer: Any = S3SigV4QueryAuth(self._credentials(), "s3", self.region, expires=seconds)
        signer.add_auth(request)
        return str(request.url)

    def _credentials(self) -> "Credentials":
        from botocore.credentials import Credentials  # pyright: ignore[reportMissingTypeStubs]

        return Credentials(self.access_key, self.secret_key.get_secret_value())


class S3Target:
    """Puts each version under a key of its own and then under the agent's, so that half an upload changes nothing."""

    name = "s3"
    title = Words("S3 兼容存储", "S3-compatible storage")
    hint = Words(
        "把压缩包放进存储桶，并给出一个有时限的下载链接。密钥会加密保存，仅用于该服务地址。",
        "The zip in a bucket, and a link to it for a time. The secret key is kept encrypted, for this endpoint alone.",
    )
    fields = (
        Field(
            "endpoint",
            Words("服务地址", "Endpoint"),
            "url",
            Words("例如 https://s3.eu-central-1.amazonaws.com", "Such as https://s3.eu-central-1.amazonaws.com"),
        ),
        Field(
            "region",
            Words("区域", "Region"),
            hint=Words("例如 eu-central-1；Cloudflare R2 填 auto", "Such as eu-central-1; auto for Cloudflare R2"),
            default="us-east-1",
        ),
        Field("bucket", Words("存储桶", "Bucket")),
        Field(
            "prefix",
            Words("前缀", "Prefix"),
            hint=Words("存储桶里的文件夹，例如 agents", "A folder in the bucket, such as agents"),
            required=False,
        ),
        Field(
            "style",
            Words("地址方式", "Addresses"),
            "choice",
            Words(
                "阿里云等要求存储桶写在主机名里。",
                "Alibaba Cloud and others want the bucket in the host's name.",
            ),
            default="path",
            choices=(
                Choice("path", Words("存储桶写在路径里", "The bucket is in the path")),
                Choice("host", Words("存储桶写在主机名里", "The bucket is in the host's name")),
            ),
        ),
        Field("access_key", Words("访问密钥 ID", "Access key id")),
        Field("secret_key", Words("密钥", "Secret key"), "secret"),
    )

    def __init__(self, new_http: Callable[[], Http], link_hours: int) -> None:
        self._new_http = new_http
        self._link_hours = link_hours

    def origin(self, options: Mapping[str, str]) -> str:
        return origin_of(_endpoint(options["endpoint"]))

    async def publish(self, sending: Sending, progress: Progress) -> Where:
        bucket = _bucket(sending.options, sending.secrets["secret_key"])
        prefix = _prefix(sending.options["prefix"])
        digest = await asyncio.to_thread(lambda: hashlib.sha256(sending.data).hexdigest())
        stable = f"{bucket.base}{prefix}/{sending.place}.zip"
        async with self._new_http() as http:
            progress(_LOOKING)
            there = await _asked(http, bucket, "HEAD", stable, b"", digest)
            changed = there.status != 200 or there.headers.get(_HASH) != digest
            if changed:
                progress(_KEEPING)
                await _put(http, bucket, f"{bucket.base}{prefix}/{sending.place}/{digest[:16]}.zip", sending, digest)
                progress(_SWITCHING)
                await to_the_end(_put(http, bucket, stable, sending, digest))
        progress(_LINKING)
        lifetime = timedelta(hours=self._link_hours)
        expires = datetime.now(UTC) + lifetime
        link = await to_the_end(asyncio.to_thread(bucket.link, stable, int(lifetime.total_seconds())))
        return Where(stable, changed, link, expires)


async def _put(http: Http, bucket: _Bucket, url: str, sending: Sending, digest: str) -> None:
    answer = await _asked(http, bucket, "PUT", url, sending.data, digest)
    if answer.status != 200:
        raise PublishFailed(_refused(answer))


async def _asked(
    http: Http, bucket: _Bucket, method: Literal["HEAD", "PUT"], url: str, data: bytes, digest: str
) -> Fetched:
    headers = await asyncio.to_thread(bucket.signed, method, url, data, digest)
    try:
        return await http.fetch(
            url,
            method=method,
            headers=headers,
            body=data or None,
            max_bytes=_ANSWER_BYTES,
            max_redirects=0,
            total_timeout_s=patience_s(data),
            any_status=True,
        )
    except FetchFailed as error:
        raise PublishFailed(error.told or _BUSY) from error


def _refused(answer: Fetched) -> Words:
    """Why the storage did not take it: by the code in its answer, else by its status."""
    found = _CODE.search(answer.body)
    code = found[1].decode() if found else ""
    known = _REASONS.get(code) or _BY_STATUS.get(answer.status)
    return known or Words(
        f"存储服务没有接受上传（状态码 {answer.status} {code}）。请检查设置后再试；之前的版本仍在。",
        f"The storage did not take the upload (status {answer.status} {code}). Check the settings and try again; the "
        "version before is still there.",
    )


def _endpoint(text: str) -> str:
    """The endpoint without a slash at its end. Raises `PublishFailed`."""
    try:
        url = web_address(text)
    except NotAnUrl as error:
        why = Words(f"这个地址不能用：{error.words.zh}。", f"This address cannot be used: {error.words.en}.")
        raise PublishFailed(why) from error
    path = url.raw_path.rstrip("/")
    if url.raw_query_string or url.raw_fragment or not _FOLDER.fullmatch(path):
        raise PublishFailed(_BAD_ENDPOINT)
    return f"{url.scheme}://{url.host_port_subcomponent}{path}"


def _bucket(options: Mapping[str, str], secret_key: SecretStr) -> _Bucket:
    """Raises `PublishFailed` for what cannot stand in an address or a header."""
    endpoint, name, region = _endpoint(options["endpoint"]), options["bucket"], options["region"]
    for pattern, text, told in (
        (_BUCKET, name, _BAD_BUCKET),
        (_REGION, region, _BAD_REGION),
        (_ACCESS_KEY, options["access_key"], _BAD_KEY),
    ):
        if not pattern.fullmatch(text) or ".." in text:
            raise PublishFailed(told)
    scheme, _, rest = endpoint.partition("://")
    base = f"{scheme}://{name}.{rest}" if options["style"] == "host" else f"{endpoint}/{name}"
    return _Bucket(base, region, options["access_key"], secret_key)


def _prefix(text: str) -> str:
    """Empty, or with a slash before it and none behind. Raises `PublishFailed`."""
    prefix = f"/{text.strip('/')}".rstrip("/")
    if not _FOLDER.fullmatch(prefix):
        raise PublishFailed(_BAD_PREFIX)
    return prefix
