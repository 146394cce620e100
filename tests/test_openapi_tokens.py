"""OAuth 2 with client credentials: the secret goes to the token's address alone, and tokens to the API alone."""

import asyncio
import json

import pytest

from tests.fakes.hostile_server import page
from tests.fakes.token_server import CLIENT, CLIENT_SECRET, TokenServer
from tests.openapi import OWN_NETWORK, describing
from user_agent.errors import FabricError
from user_agent.net import Http
from user_agent.openapi.description import read_description
from user_agent.openapi.sending import key_address, key_name
from user_agent.openapi.stored import Api, Auth
from user_agent.openapi.tokens import Tokens
from user_agent.openapi.tools import operation_tool
from user_agent.tools.base import ToolContext

SECRET = f"{CLIENT}:{CLIENT_SECRET}"


def api_at(server: TokenServer, *, token_url: str = "", scopes: str = "read write") -> Api:
    auth = Auth(kind="oauth2", token_url=token_url or server.token_url, scopes=scopes)
    return Api(server=server.base_url, auth=auth, operations=read_description(describing({"path": "/x"})).operations)


async def called(api: Api, *, secret: str = SECRET, tokens: Tokens | None = None, language: str = "en") -> str:
    """What a model is told of a call of the API's one operation."""
    tool = operation_tool("shop", api, api.operations[0], "look")
    async with Http(policy=OWN_NETWORK) as http:
        context = ToolContext(
            http=http,
            language="zh" if language == "zh" else "en",
            secrets={key_name("shop", api): secret},
            tokens=tokens or Tokens(),
        )
        try:
            return str(await tool.call({}, context))
        except FabricError as error:
            return error.message


async def test_a_token_is_got_once_and_used_until_it_ends() -> None:
    clock = [0.0]
    async with TokenServer(expires_in=100) as server:
        tokens = Tokens(lambda: clock[0])
        for _ in range(3):
            assert '"ok":true' in await called(api_at(server), tokens=tokens)
        assert len(server.wishes) == 1
        assert server.wishes[0] == {"grant_type": ["client_credentials"], "scope": ["read write"]}
        assert [call.headers["authorization"] for call in server.calls] == ["Bearer canary-token-0"] * 3
        clock[0] = 99.0  # a request takes a while
        await called(api_at(server), tokens=tokens)
        assert server.calls[-1].headers["authorization"] == "Bearer canary-token-1"


async def test_calls_at_once_ask_for_one_token() -> None:
    async with TokenServer() as server:
        tokens = Tokens()
        await asyncio.gather(*(called(api_at(server), tokens=tokens) for _ in range(10)))
        assert (len(server.wishes), len(server.calls)) == (1, 10)


async def test_two_people_share_no_token() -> None:
    async with TokenServer() as server:
        await called(api_at(server), tokens=Tokens())
        await called(api_at(server), tokens=Tokens())
        assert len(server.wishes) == 2


async def test_a_token_that_ends_at_once_is_used_for_its_call() -> None:
    async with TokenServer(expires_in=0) as server:
        tokens = Tokens()
        for _ in range(2):
            assert '"ok":true' in await called(api_at(server), tokens=tokens)
        assert len(server.wishes) == 2


async def test_a_token_that_is_refused_is_changed_once() -> None:
    async with TokenServer() as server:
        tokens = Tokens()
        await called(api_at(server), tokens=tokens)
        server.revoke()
        assert '"ok":true' in await called(api_at(server), tokens=tokens)
        assert len(server.wishes) == 2
        server.fallback = page(b"{}", media_type="application/json").replace(b" 200 OK", b" 401 No", 1)
        before = len(server.calls)
        assert "status 401" in await called(api_at(server), tokens=tokens)
        assert len(server.calls) - before == 2


async def test_a_server_that_reads_the_client_in_the_body_is_served() -> None:
    async with TokenServer(reads="body") as server:
        assert '"ok":true' in await called(api_at(server))


async def test_neither_secret_nor_token_is_shown() -> None:
    async with TokenServer() as server:
        told = await called(api_at(server))
        assert "[key]" in told and "canary" not in told
        wrong = await called(api_at(server), secret=f"{CLIENT}:canary-wrong")
        assert "canary" not in wrong and "did not accept the client ID and secret (401 invalid_client)" in wrong
        chinese = await called(api_at(server), secret=f"{CLIENT}:canary-wrong", language="zh")
        assert "重新填写" in chinese and "canary" not in chinese


@pytest.mark.parametrize(
    ("answer", "cure"),
    [
        (page(b"<p>Welcome", media_type="text/html"), "gave no token (200)"),
        (page(b'{"access_token": 5}', media_type="application/json"), "gave no token (200)"),
        (page(b'{"access_token": "two\\nlines"}', media_type="application/json"), "gave no token (access_token)"),
        (page(b'{"access_token": "t", "token_type": "mac"}', media_type="application/json"), "(token_type)"),
        (page(b"[" * 10_000), "gave no token"),
        (page(b'{"error": "invalid_scope"}').replace(b" 200 OK", b" 400 No", 1), "Change the scopes"),
        (page(b"").replace(b" 200 OK", b" 503 No", 1), "Try again later"),
        (page(b"").replace(b" 200 OK", b" 404 No", 1), "Check the token address"),
    ],
    ids=["html", "number", "lines", "mac", "deep", "scope", "down", "address"],
)
async def test_a_server_that_gives_no_token_ends_in_a_sentence(answer: bytes, cure: str) -> None:
    async with TokenServer() as server:
        server.answers["/token"] = answer
        assert cure in await called(api_at(server))
        assert server.calls == []


async def test_a_redirect_gets_no_secret() -> None:
    async with TokenServer() as server, TokenServer() as other:
        server.redirects("/token", other.token_url, status=307)
        assert "sends the request for a token elsewhere (307)" in await called(api_at(server))
        assert other.asked == [] and server.calls == []


async def test_a_token_address_is_checked_whenever_it_is_asked() -> None:
    async with TokenServer() as server, Http() as http:
        api = api_at(server, token_url="http://169.254.169.254/token")
        tool = operation_tool("shop", api, api.operations[0], "look")
        with pytest.raises(FabricError, match="not on the public internet"):
            await tool.call({}, ToolContext(http=http, language="en", secrets={key_name("shop", api): SECRET}))
        assert server.asked == []


def test_the_key_belongs_to_the_tokens_address_and_the_server() -> None:
    def name(server: str, token_url: str) -> str:
        return key_name("shop", Api(server=server, auth=Auth(kind="oauth2", token_url=token_url)))

    one = name("https://a.example.com", "https://login.example.com/token")
    assert one == name("https://a.example.com/v2", "https://login.example.com/other")
    assert one != name("https://b.example.com", "https://login.example.com/token")
    assert one != name("https://a.example.com", "https://evil.example.com/token")
    api = Api(server="https://a.example.com", auth=Auth(kind="oauth2", token_url="https://login.example.com/token"))
    assert key_address(api) == "https://login.example.com/token"


@pytest.mark.parametrize("swagger", [False, True], ids=["openapi 3", "swagger 2"])
def test_client_credentials_are_read_from_a_description(swagger: bool) -> None:
    flow = {"tokenUrl": "/oauth/token", "scopes": {"read": "", "write": ""}}
    three = {"type": "oauth2", "flows": {"clientCredentials": flow}}
    two = {"type": "oauth2", "flow": "application", **flow}
    text = (
        json.dumps({"swagger": "2.0", "host": "api.example.com", "paths": {}, "securityDefinitions": {"o": two}})
        if swagger
        else describing(components={"securitySchemes": {"o": three}})
    )
    auths = read_description(text, source="https://docs.example.com/api.json").auths
    assert auths[0] == Auth(kind="oauth2", token_url="https://docs.example.com/oauth/token", scopes="read write")
    assert auths[1] == Auth(kind="bearer")
