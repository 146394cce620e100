"""Alibaba Cloud OSS on real HTTP, addressed by path, or by host where it is asked as a proxy: it verifies both of its
signatures (V1 and V4) as its documentation says, of headers and of addresses, and what their lifetime is; it refuses,
cuts off and keeps silent on demand."""

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import quote
from xml.sax.saxutils import escape

from aiohttp import web

from tests.fakes.http_fake import HttpFake

KEY_ID, KEY_SECRET = "LTAI-the-id-of-the-key", "the-secret-of-the-operators-key"
BUCKET, REGION = "operators-bucket", "cn-hangzhou"
Trouble = Literal["", "refuses", "reads_nothing", "cuts_off", "silent"]


@dataclass(frozen=True)
class Kept:
    data: bytes
    modified: float


class OssServer(HttpFake):
    """`objects` by key, `versions` the signatures that came, `ahead_s` what its clock is ahead of ours."""

    def __init__(self) -> None:
        self.objects: dict[str, Kept] = {}
        self.versions: list[str] = []
        self.trouble: Trouble = ""
        self.ahead_s = 0.0
        self.goes_on = asyncio.Event()

    @property
    def variables(self) -> dict[str, str]:
        """What an operator sets."""
        return {
            "OSS_ACCESS_KEY_ID": KEY_ID,
            "OSS_ACCESS_KEY_SECRET": KEY_SECRET,
            "OSS_ENDPOINT": self.origin,
            "OSS_BUCKET_NAME": BUCKET,
        }

    def application(self) -> web.Application:
        app = web.Application(client_max_size=50_000_000)
        app.router.add_route("*", "/{path:.*}", self._answer)
        return app

    async def stop(self) -> None:
        self.goes_on.set()
        await super().stop()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        bucket, key = _asked_for(request)
        if self.trouble == "cuts_off" and request.method == "PUT":
            await request.content.readany()
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if self.trouble == "silent":
            await self.goes_on.wait()
        body = await request.read()
        refusal = self._refusal(request, bucket, key)
        if refusal:
            return _error(*refusal)
        if request.method == "PUT":
            return self._put(request, key, body)
        if request.method == "DELETE":
            self.objects.pop(key, None)
            return web.Response(status=204)
        return self._listing(request.query.get("prefix", "")) if not key else self._get(request, key)

    def _refusal(self, request: web.Request, bucket: str, key: str) -> tuple[int, str] | None:
        version, right = _signed(request, bucket, key, time.time() + self.ahead_s)
        self.versions.append(version)
        if not right:
            return 403, "SignatureDoesNotMatch" if version else "AccessDenied"
        if bucket != BUCKET:
            return 404, "NoSuchBucket"
        if self.trouble == "refuses" or (self.trouble == "reads_nothing" and request.method == "GET"):
            return 403, "AccessDenied"
        return None

    def _put(self, request: web.Request, key: str, body: bytes) -> web.Response:
        if request.headers.get("Content-MD5") != base64.b64encode(hashlib.md5(body).digest()).decode():
            return _error(400, "InvalidDigest")
        self.objects[key] = Kept(body, time.time() + self.ahead_s)
        return web.Response()

    def _get(self, request: web.Request, key: str) -> web.Response:
        kept = self.objects.get(key)
        if kept is None:
            return _error(404, "NoSuchKey")
        if "Range" in request.headers:
            return web.Response(status=206, body=kept.data[request.http_range])
        return web.Response(body=kept.data)

    def _listing(self, prefix: str) -> web.Response:
        found = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>{_iso(kept.modified)}</LastModified><ETag>x</ETag>"
            f"<Type>Normal</Type><Size>{len(kept.data)}</Size><StorageClass>Standard</StorageClass></Contents>"
            for key, kept in sorted(self.objects.items())
            if key.startswith(prefix)
        )
        text = f"<ListBucketResult><IsTruncated>false</IsTruncated>{found}</ListBucketResult>"
        return web.Response(text=text, content_type="application/xml")


def _asked_for(request: web.Request) -> tuple[str, str]:
    """The bucket and the key."""
    path = request.match_info["path"]
    if request.host.endswith(".aliyuncs.com"):
        return request.host.partition(".")[0], path
    bucket, _, key = path.partition("/")
    return bucket, key


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _error(status: int, code: str) -> web.Response:
    text = f"<Error><Code>{code}</Code><Message>No.</Message><AccessKeyId>{KEY_ID}</AccessKeyId></Error>"
    return web.Response(status=status, text=text, content_type="application/xml")


def _signed(request: web.Request, bucket: str, key: str, now: float) -> tuple[str, bool]:
    """Which signature came, and whether it is the right one and good still."""
    query, given = request.query, request.headers.get("Authorization", "")
    if "x-oss-signature" in query:
        start = datetime.strptime(query["x-oss-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
        good = now <= start + int(query["x-oss-expires"])
        credential, signature, moment = query["x-oss-credential"], query["x-oss-signature"], query["x-oss-date"]
        return "V4 address", good and _v4(request, bucket, key, credential, moment) == signature
    if "Signature" in query:
        right = _v1(request, bucket, key, query["Expires"]) == query["Signature"]
        return "V1 address", right and query["OSSAccessKeyId"] == KEY_ID and now <= int(query["Expires"])
    if given.startswith("OSS4-HMAC-SHA256 "):
        parts = dict(part.split("=", 1) for part in given.removeprefix("OSS4-HMAC-SHA256 ").split(", "))
        wanted = _v4(request, bucket, key, parts["Credential"], request.headers["x-oss-date"])
        return "V4", parts["Signature"] == wanted
    wanted = f"OSS {KEY_ID}:{_v1(request, bucket, key, request.headers.get('Date', ''))}"
    return ("V1", given == wanted) if given else ("", False)


def _oss_headers(headers: Mapping[str, str], *more: str) -> str:
    chosen = {name.lower(): value for name, value in headers.items()}
    return "".join(f"{name}:{chosen[name]}\n" for name in sorted(chosen) if name.startswith("x-oss-") or name in more)


def _v1(request: web.Request, bucket: str, key: str, date: str) -> str:
    headers = request.headers
    lines = [request.method, headers.get("Content-MD5", ""), headers.get("Content-Type", ""), date]
    text = "\n".join([*lines, f"{_oss_headers(headers)}/{bucket}/{key}"])
    return base64.b64encode(hmac.digest(KEY_SECRET.encode(), text.encode(), "sha1")).decode()


def _v4(request: web.Request, bucket: str, key: str, credential: str, moment: str) -> str:
    scope = f"{moment[:8]}/{REGION}/oss/aliyun_v4_request"
    if credential != f"{KEY_ID}/{scope}":
        return "another key, day or region"
    pairs = {quote(name, safe="-_.~"): quote(value, safe="-_.~") for name, value in request.query.items()}
    pairs.pop("x-oss-signature", None)
    asked = "&".join(f"{name}={value}" if value else name for name, value in sorted(pairs.items()))
    headers = _oss_headers(request.headers, "content-md5", "content-type")
    path = quote(f"/{bucket}/{key}", safe="/-_.~")
    canonical = "\n".join([request.method, path, asked, headers, "", "UNSIGNED-PAYLOAD"])
    text = "\n".join(["OSS4-HMAC-SHA256", moment, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    signing = f"aliyun_v4{KEY_SECRET}".encode()
    for part in scope.split("/"):
        signing = hmac.digest(signing, part.encode(), "sha256")
    return hmac.new(signing, text.encode(), "sha256").hexdigest()
