"""S3-compatible storage over real HTTP, which looks at every signature by AWS's published rules, with its own code.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote

from aiohttp import web

from tests.fakes.http_fake import HttpFake

ACCESS_KEY, SECRET_KEY, REGION = "AKIAOFTHEFAKE", "the/secret+key-of-the-fake", "eu-test-1"
BUCKET = "bundles"


class S3Server(HttpFake):
    """One bucket. `objects` are its bytes by key, `asked` what came: method and key."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.metadata: dict[str, str] = {}
        self.asked: list[tuple[str, str]] = []
        self.heard: list[str] = []
        """Every header and query, to look for what has to be in none."""
        self.denied: set[str] = set()
        """Keys that may not be written."""
        self.cut_off: set[str] = set()
        """Keys during whose upload the connection breaks."""
        self.busy = False

    @property
    def options(self) -> dict[str, str]:
        """What a person says of it."""
        named = {"region": REGION, "bucket": BUCKET, "prefix": "/agents/", "access_key": ACCESS_KEY}
        return {"endpoint": self.origin, "style": "path", **named}

    def application(self) -> web.Application:
        app = web.Application(client_max_size=200_000_000)
        app.router.add_route("*", "/{path:.*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.heard.append(f"{request.raw_path} {dict(request.headers)}")
        in_host = request.host.startswith(f"{BUCKET}.")
        bucket, _, key = (f"{BUCKET}{request.path}" if in_host else request.path[1:]).partition("/")
        self.asked.append((request.method, key))
        if request.method == "PUT" and key in self.cut_off:
            await request.content.readany()
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        body = await request.read()
        if fault := self._fault(request, body):
            return _error(403, fault)
        if self.busy:
            return _error(503, "SlowDown")
        if bucket != BUCKET:
            return _error(404, "NoSuchBucket")
        if request.method == "PUT":
            if key in self.denied:
                return _error(403, "AccessDenied")
            self.objects[key] = body
            self.metadata[key] = request.headers.get("x-amz-meta-sha256", "")
            return web.Response()
        if key not in self.objects:
            return _error(404, "NoSuchKey")
        return web.Response(
            body=self.objects[key],
            headers={"x-amz-meta-sha256": self.metadata[key], "Content-Type": "application/zip"},
        )

    def _fault(self, request: web.Request, body: bytes) -> str:
        """The code of what is wrong with a signature; empty where it holds."""
        if "X-Amz-Signature" in request.query:
            return _link_fault(request)
        given = request.headers.get("authorization", "")
        kind, _, rest = given.partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(",")) if kind == "AWS4-HMAC-SHA256" else {}
        if parts.keys() != {"Credential", "SignedHeaders", "Signature"}:
            return "AccessDenied"
        access, _, scope = parts["Credential"].partition("/")
        if access != ACCESS_KEY:
            return "InvalidAccessKeyId"
        signed = parts["SignedHeaders"].split(";")
        assert {"host", "x-amz-date", "x-amz-content-sha256"} <= {*signed}, "AWS wants these signed"
        stated, moment = request.headers["x-amz-content-sha256"], request.headers["x-amz-date"]
        if stated != hashlib.sha256(body).hexdigest():
            return "XAmzContentSHA256Mismatch"
        if abs(datetime.now(UTC) - _moment(moment)) > timedelta(minutes=15):
            return "RequestTimeTooSkewed"
        if scope.split("/")[1] != REGION:
            return "AuthorizationHeaderMalformed"
        query = sorted(parse_qsl(request.query_string, keep_blank_values=True))
        wanted = _signature(request, dict(query), signed, stated, moment)
        return "" if hmac.compare_digest(wanted, parts["Signature"]) else "SignatureDoesNotMatch"


def _link_fault(request: web.Request) -> str:
    query = dict(request.query)
    given, moment = query.pop("X-Amz-Signature"), query["X-Amz-Date"]
    if _moment(moment) + timedelta(seconds=int(query["X-Amz-Expires"])) < datetime.now(UTC):
        return "AccessDenied"
    signed = query["X-Amz-SignedHeaders"].split(";")
    wanted = _signature(request, query, signed, "UNSIGNED-PAYLOAD", moment)
    return "" if hmac.compare_digest(wanted, given) else "SignatureDoesNotMatch"


def _signature(request: web.Request, query: Mapping[str, str], signed: list[str], payload: str, moment: str) -> str:
    canonical = "\n".join(
        (
            request.method,
            quote(request.path, safe="/~"),
            "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(query.items())),
            *(f"{name}:{request.headers[name].strip()}" for name in signed),
            "",
            ";".join(signed),
            payload,
        )
    )
    day = moment[:8]
    scope = f"{day}/{REGION}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{SECRET_KEY}".encode()
    for part in (day, REGION, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _error(status: int, code: str) -> web.Response:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><RequestId>1</RequestId></Error>'
    return web.Response(status=status, text=body, content_type="application/xml")
