"""The client for addresses that somebody chose: what it asks, what it never asks, and where it stops reading."""

import asyncio
import socket
import time
import tracemalloc
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from multidict import CIMultiDict
from yarl import URL

from tests.fakes.hostile_server import (
    Answerer,
    HostileServer,
    drip,
    endless_body,
    endless_header_lines,
    endless_preliminaries,
    gzip_bomb,
    one_endless_header,
    page,
    silence,
)
from user_agent.addresses import AddressPolicy, AddressRefused
from user_agent.errors import FetchFailed
from user_agent.net import Http
from user_agent.redirects import Request

OWN_NETWORK = AddressPolicy(own_network=True)


@pytest.fixture
async def server() -> AsyncGenerator[HostileServer, None]:
    async with HostileServer() as server:
        yield server


@pytest.fixture
async def other() -> AsyncGenerator[HostileServer, None]:
    """A second origin."""
    async with HostileServer() as server:
        yield server


class Names(AbstractResolver):
    """A name server whose next answer is the next of `answers`; the last one is repeated."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.asked: list[str] = []
        self._answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        self.asked.append(host)
        addresses = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        pass


INNER = """
    127.0.0.1 127.1 0x7f.1 0x7f000001 2130706433 017700000001 0177.0.0.1 0 0.0.0.0 localhost localhost. LOCALHOST
    127。0。0。1 １２７.0.0.1 ①②⑦.0.0.1 %31%32%37.0.0.1 127.0.0.1. [::1] [::] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1]
    [::ffff:7f00:1] [::127.0.0.1] [::7f00:1] [64:ff9b::7f00:1] [64:ff9b:1::7f00:1] [2002:7f00:1::] [2001:0:7f00:1::]
    [fe80::1] [fe80::1%25lo] [fec0::1] [fc00::1] [ff02::1] 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 100.64.0.1
    169.254.169.254 [::ffff:169.254.169.254] [::ffff:a9fe:a9fe] [64:ff9b::a9fe:a9fe] 100.100.100.200 [fd00:ec2::254]
    168.63.129.16 192.0.0.192 192.0.2.1 198.18.0.1 224.0.0.1 240.0.0.1 255.255.255.255 [2001:db8::1] [3fff::1]
"""


@pytest.mark.parametrize("host", INNER.split())
async def test_no_spelling_of_an_inner_address_is_asked(server: HostileServer, host: str) -> None:
    server.answers["/"] = page(b"secret")
    async with Http() as http:
        with pytest.raises(FetchFailed):
            await http.fetch(f"http://{host}:{server.port}/")
    assert server.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "ftp://example.com/",
        "data:text/plain,x",
        "jar:http://example.com/!/",
        "javascript:alert(1)",
        "//example.com/x",
        "example.com",
        "http:example.com",
        "http:///x",
        "http://",
        "http://.",
        "http://a..b/",
        "http://user@example.com/",
        "http://user:word@example.com/",
        "http://@example.com/",
        "http://example.com:0/",
        "http://example.com:99999/",
        "http://example.com:x/",
        "http://exa\tmple.com/",
        "http://example.com/\r\nX-Evil: 1",
        "ht\ntp://example.com/",
        " http://example.com/",
        "http://example.com/ x",
        "http://example.com\\@127.0.0.1/",
        "http://[::1/",
        "http://[example.com]/",
        "http://exa<mple.com/",
        "http://example.com\x00/",
        "http://\ud800.com/",
        "http://example.com/" + "x" * 10_000,
        "",
    ],
    ids=lambda url: repr(url.encode("utf-8", "replace").decode())[:40],
)
async def test_what_is_no_plain_web_address_is_refused_unasked(url: str) -> None:
    names = Names(["127.0.0.1"])
    async with Http(policy=OWN_NETWORK, resolver=names) as http:
        with pytest.raises(FetchFailed, match="This address cannot be used"):
            await http.fetch(url)
    assert names.asked == []


async def test_an_allowed_address_is_read_whole_with_its_kind(server: HostileServer) -> None:
    server.answers["/a%2Fb?Signature=x%2By%3D"] = page(b"hello", media_type="Text/Plain; charset=utf-8")
    async with Http(policy=OWN_NETWORK) as http:
        answer = await http.fetch(f"{server.base_url}/a%2Fb?Signature=x%2By%3D")
    assert (answer.status, answer.body, answer.media_type) == (200, b"hello", "text/plain")
    assert server.asked[0].headers["host"] == f"127.0.0.1:{server.port}"


async def test_a_trusted_origin_is_asked_wherever_it_is_and_its_neighbour_is_not(
    server: HostileServer, other: HostileServer
) -> None:
    server.answers["/"] = other.answers["/"] = page(b"hello")
    async with Http(trusted_origins=[server.base_url]) as http:
        assert (await http.fetch(f"{server.base_url}/")).body == b"hello"
        for neighbour in (other.base_url, f"http://localhost:{server.port}", f"https://127.0.0.1:{server.port}"):
            with pytest.raises(FetchFailed):
                await http.fetch(f"{neighbour}/")
    assert (len(server.asked), other.asked) == (1, [])


async def test_a_vendors_origin_is_trusted_for_the_tool_that_asks_it_and_for_nobody_else(server: HostileServer) -> None:
    server.answers["/"] = page(b'"hello"', media_type="application/json")
    async with Http(vendor_origins=[server.base_url]) as http:
        assert (await http.send("GET", f"{server.base_url}/", vendor="Vendor")).body == "hello"
        assert (await http.fetch(f"{server.base_url}/", of_vendor=True)).body == b'"hello"'
        with pytest.raises(FetchFailed):
            await http.fetch(f"{server.base_url}/")
        with pytest.raises(AddressRefused):
            await http.open(Request("GET", URL(server.base_url), CIMultiDict(), None), silence_s=1.0)
    assert len(server.asked) == 2


async def test_a_name_in_another_script_is_asked_in_its_ascii_form(server: HostileServer) -> None:
    server.answers["/"] = page(b"hello")
    names = Names(["127.0.0.1"])
    async with Http(policy=OWN_NETWORK, resolver=names) as http:
        assert (await http.fetch(f"http://bücher.example:{server.port}/")).body == b"hello"
    assert names.asked == ["xn--bcher-kva.example"]


# --- Names that change their mind ---


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["::1", "127.0.0.1"], ["169.254.169.254"], ["::ffff:127.0.0.1"], ["fe80::1"]],
    ids=",".join,
)
async def test_a_public_name_with_an_inner_address_is_refused(server: HostileServer, addresses: list[str]) -> None:
    server.answers["/"] = page(b"secret")
    async with Http(resolver=Names(addresses)) as http:
        with pytest.raises(FetchFailed, match="public internet"):
            await http.fetch(f"http://rebind.example:{server.port}/")
    assert server.asked == []


async def test_the_connection_goes_to_the_address_that_was_checked(server: HostileServer) -> None:
    server.answers["/"] = page(b"hello")
    names = Names(["127.0.0.1"], ["169.254.169.254"])
    async with Http(policy=OWN_NETWORK, resolver=names) as http:
        assert (await http.fetch(f"http://rebind.example:{server.port}/")).body == b"hello"
        assert names.asked == ["rebind.example"]


async def test_a_name_is_checked_again_at_the_next_hop(server: HostileServer) -> None:
    names = Names(["127.0.0.1"], ["169.254.169.254"])
    server.redirects("/", f"http://second.example:{server.port}/latest/meta-data")
    async with Http(policy=OWN_NETWORK, resolver=names) as http:
        with pytest.raises(FetchFailed, match="public internet"):
            await http.fetch(f"http://first.example:{server.port}/")
    assert (names.asked, server.paths) == (["first.example", "second.example"], ["/"])


async def test_what_a_proxy_would_ask_is_looked_at_where_it_is_a_number(
    server: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.base_url)
    server.redirects("http://public.example/", "http://169.254.169.254/latest/meta-data")
    async with Http(policy=OWN_NETWORK, through_proxy=True) as http:
        with pytest.raises(FetchFailed, match="public internet"):
            await http.fetch("http://public.example/")
    assert server.paths == ["http://public.example/"]


async def test_only_a_trusted_origin_is_asked_through_the_proxy(
    server: HostileServer, other: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.base_url)
    server.fallback = page(b"by proxy")
    other.fallback = page(b"directly")
    async with Http(trusted_origins=["http://trusted.internal"], policy=OWN_NETWORK) as http:
        assert (await http.fetch("http://trusted.internal/")).body == b"by proxy"
        assert (await http.fetch(f"{other.base_url}/")).body == b"directly"


async def test_passwords_of_the_machine_s_netrc_go_nowhere(
    server: HostileServer, monkeypatch: pytest.MonkeyPatch, netrc: Path
) -> None:
    monkeypatch.setenv("http_proxy", server.base_url)
    server.fallback = page(b"{}")
    async with Http(trusted_origins=["http://trusted.internal"], policy=OWN_NETWORK, through_proxy=True) as http:
        for host in ("trusted.internal", "public.example"):
            await http.fetch(f"http://{host}/")
            await http.send("GET", f"http://{host}/", headers={"Authorization": "Bearer own"}, vendor="it")
    assert [asked.headers.get("authorization") for asked in server.asked] == [None, "Bearer own"] * 2
    assert netrc.read_text() and all("proxy-authorization" not in asked.headers for asked in server.asked)


async def test_a_proxy_that_asks_for_a_password_gets_its_own(
    server: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.base_url.replace("//", "//anna:word@"))
    monkeypatch.setenv("no_proxy", "direct.internal")
    server.fallback = page(b"by proxy")
    names = Names(["127.0.0.1"])
    direct = f"http://direct.internal:{server.port}"
    async with Http(trusted_origins=["http://trusted.internal", direct], resolver=names) as http:
        await http.fetch("http://trusted.internal/")
    assert server.asked[0].headers["proxy-authorization"].startswith("Basic ")
    async with Http(policy=OWN_NETWORK, resolver=names, through_proxy=True) as http:
        await http.fetch(f"{direct}/here")
    assert server.paths == ["http://trusted.internal/", "/here"]


# --- Redirects ---


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "to", ["http://127.0.0.1:{port}/", "http://localhost:{port}/", "//[::1]:{port}/", "file:///etc"]
)
async def test_a_redirect_to_this_machine_is_not_followed(
    server: HostileServer, other: HostileServer, status: int, to: str
) -> None:
    other.answers["/"] = page(b"secret")
    server.redirects("/", to.format(port=other.port), status)
    async with Http(trusted_origins=[server.base_url]) as http:
        with pytest.raises(FetchFailed):
            await http.fetch(f"{server.base_url}/")
    assert (len(server.asked), other.asked) == (1, [])


async def test_a_chain_of_redirects_has_an_end(server: HostileServer) -> None:
    for number in range(30):
        server.redirects(f"/{number}", f"/{number + 1}")
    async with Http(trusted_origins=[server.base_url]) as http:
        with pytest.raises(FetchFailed, match="again and again"):
            await http.fetch(f"{server.base_url}/0")
    assert len(server.asked) == 6


@pytest.mark.parametrize(
    ("status", "sent", "then"),
    [
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "POST", "GET"),
        (303, "PUT", "GET"),
        (302, "PUT", "PUT"),
        (307, "POST", "POST"),
        (308, "POST", "POST"),
        (303, "HEAD", "HEAD"),
        (301, "GET", "GET"),
    ],
)
async def test_method_and_body_after_a_redirect_are_the_standard_s(
    server: HostileServer, status: int, sent: str, then: str
) -> None:
    server.redirects("/", "/next", status)
    server.answers["/next"] = page(b"") if then == "HEAD" else page(b"done")
    body = b"words" if sent in ("POST", "PUT") else None
    async with Http(trusted_origins=[server.base_url]) as http:
        headers = {"Content-Type": "text/x-words", "X-Api-Key": "canary"}
        await http.fetch(f"{server.base_url}/", method=sent, headers=headers, body=body)
    asked = server.asked[1]
    kept = then == sent
    assert (asked.method, asked.body) == (then, body or b"" if kept else b"")
    assert ("content-type" in asked.headers) is kept
    assert asked.headers["x-api-key"] == "canary"


async def test_another_origin_gets_no_key_no_cookie_and_no_body(server: HostileServer, other: HostileServer) -> None:
    server.answers["/"] = (
        f"HTTP/1.1 302 x\r\nSet-Cookie: a=canary\r\nLocation: {other.base_url}/\r\nContent-Length: 0\r\n\r\n".encode()
    )
    server.redirects("/again", "/", 307)
    server.redirects("/post", f"{other.base_url}/post", 307)
    other.redirects("/", f"{server.base_url}/home")
    server.answers["/home"] = page(b"done")
    keys = {"Authorization": "Bearer canary", "Cookie": "b=canary", "x-api-key": "canary", "X-DashScope-Own": "canary"}
    async with Http(trusted_origins=[server.base_url, other.base_url]) as http:
        await http.fetch(f"{server.base_url}/again", headers={**keys, "Accept": "image/png"})
        assert other.asked[0].headers["accept"] == "image/png"
        with pytest.raises(FetchFailed, match="another place"):
            await http.fetch(f"{server.base_url}/post", method="POST", body=b"canary")
        assert (await http.fetch(f"{server.base_url}/home")).body == b"done"
    assert [asked.headers.get("authorization") for asked in server.asked[:2]] == ["Bearer canary"] * 2
    assert len(other.asked) == 1
    # Nor does the way back bring them again.
    for asked in (*other.asked, server.asked[2], server.asked[-1]):
        assert "canary" not in f"{asked.headers}{asked.body}"


# --- Limits ---


@pytest.mark.parametrize(
    "answer",
    [drip, endless_header_lines, one_endless_header, endless_body, endless_preliminaries, silence],
    ids=lambda answer: answer.__name__,
)
async def test_an_answer_without_end_is_given_up(server: HostileServer, answer: Answerer) -> None:
    server.answers["/"] = answer
    async with Http(trusted_origins=[server.base_url], total_timeout_s=0.5) as http:
        started = time.monotonic()
        with pytest.raises(FetchFailed):
            await http.fetch(f"{server.base_url}/", max_bytes=100_000)
    assert time.monotonic() - started < 5


async def test_the_time_is_that_of_all_hops_together(server: HostileServer) -> None:
    async def late(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.15)
        writer.write(b"HTTP/1.1 302 x\r\nLocation: /\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    server.answers["/"] = late
    async with Http(trusted_origins=[server.base_url]) as http:
        with pytest.raises(FetchFailed, match="in time"):
            await http.fetch(f"{server.base_url}/", total_timeout_s=0.4)
    assert 2 <= len(server.asked) <= 4


async def test_what_is_packed_tightly_is_not_unpacked_further_than_the_limit(server: HostileServer) -> None:
    server.answers["/"] = gzip_bomb(200_000_000)
    async with Http(trusted_origins=[server.base_url]) as http:
        tracemalloc.start()
        try:
            with pytest.raises(FetchFailed, match="1,000,000 bytes"):
                await http.fetch(f"{server.base_url}/", max_bytes=1_000_000)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 20_000_000


async def test_what_fits_is_unpacked(server: HostileServer) -> None:
    server.answers["/"] = gzip_bomb(50_000)
    async with Http(trusted_origins=[server.base_url]) as http:
        assert (await http.fetch(f"{server.base_url}/")).body == bytes(50_000)


@pytest.mark.parametrize(("status", "said"), [(404, "404"), (500, "500"), (304, "304")])
async def test_what_is_no_success_is_told_without_the_address(server: HostileServer, status: int, said: str) -> None:
    server.answers["/canary?canary"] = b"HTTP/1.1 %d x\r\nContent-Length: 0\r\n\r\n" % status
    async with Http(trusted_origins=[server.base_url]) as http:
        with pytest.raises(FetchFailed, match=said) as failed:
            await http.fetch(f"{server.base_url}/canary?canary")
    assert "canary" not in failed.value.message
