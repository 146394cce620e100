"""Why an MCP server cannot be asked, in words for people, from whatever the SDK or the network raised."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import cast

from user_agent.addresses import AddressRefused
from user_agent.mcp.allowance import MAX_LISTING_BYTES
from user_agent.mcp.grants import SignInFailed
from user_agent.openapi.references import short
from user_agent.tools.calling import without_keys
from user_agent.words import Words

SLOW = Words("它没有及时回应", "it did not answer in time")
FORBIDDEN = Words(
    "它不在公共互联网上；如果确实需要，请让管理这台服务器的人把它列为可信地址",
    "it is not on the public internet; if it is needed, whoever runs this server can name it as trusted",
)
UNREACHABLE = Words("连不上它，请检查地址和网络", "it cannot be reached: check the address and the network")
NO_MCP = Words("那里的回答不是 MCP", "what is there does not answer as an MCP server")
TOO_MUCH = Words(
    f"它对工具的描述太长，超过了 {MAX_LISTING_BYTES // 1_000_000} MB",
    f"it says more of its tools than the {MAX_LISTING_BYTES // 1_000_000} MB that are read",
)
BROKE = Words("连接断开了", "the connection broke off")
MISSING = Words("它需要的密钥还没有填", "a key that it wants has not been entered")
NO_COMMAND = Words(
    "它要在这台服务器上启动一个程序，而管理这台服务器的人没有允许它",
    "it would start a program on this server, which whoever runs it has not allowed",
)
NO_PROGRAM = Words("它的程序启动不了", "its program cannot be started")
ENDED = Words("它的程序自己结束了", "its program ended by itself")
SIGN_IN = Words(
    "它要求先登录：请在“配置”的“MCP 服务器”里登录",
    "it wants a person to sign in first, which is done under Configure, MCP servers",
)
WRONG_KEY = Words("它要求登录，或者不接受所给的密钥", "it wants a sign-in, or does not accept the key")


@dataclass(slots=True)
class Refusal:
    """The last answer of a server that was no success."""

    status: int = 0
    sign_in: str = ""
    """What it says of how to sign in (`WWW-Authenticate`)."""


class ServerUnavailable(Exception):
    """A server cannot be asked now; `words` say why."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.en)
        self.words = words


def words_for_program(error: BaseException, said: str) -> Words:
    """What a failure of a server that is a process is called; `said` is what it wrote last of itself."""
    if any(isinstance(cause, OSError) for cause in _causes(error)):
        return NO_PROGRAM
    return Words(f"{ENDED.zh}，最后写道：{said}", f"{ENDED.en}, and wrote last: {said}") if said else ENDED


def words_for(error: BaseException, refusal: Refusal, secrets: Collection[str] = ()) -> Words:
    """What a failure to connect is called. Should the server have repeated one of the `secrets`, it is not shown."""
    from mcp.shared.exceptions import MCPError

    causes = list(_causes(error))
    if any(isinstance(cause, AddressRefused) for cause in causes):
        return FORBIDDEN
    if any(isinstance(cause, TimeoutError) for cause in causes):
        return SLOW
    if renewal := next((cause for cause in causes if isinstance(cause, SignInFailed)), None):
        return renewal.words
    if refusal.status in (401, 403):
        return WRONG_KEY
    if refusal.status >= 400:
        return Words(f"它拒绝了请求（状态码 {refusal.status}）", f"it refused the request (status {refusal.status})")
    said = next((cause.message for cause in causes if isinstance(cause, MCPError)), None)
    if said is not None:
        shown = short(without_keys(said, secrets), 150)
        return Words(f"{NO_MCP.zh}（{shown}）", f"{NO_MCP.en} ({shown})")
    if any(isinstance(cause, ValueError) for cause in causes):
        return NO_MCP
    return UNREACHABLE


def words_for_answer(error: BaseException, secrets: Collection[str]) -> Words:
    """What it is called that a server that was reached did not do what it was asked."""
    from mcp.shared.exceptions import MCPError

    if is_lost(error):
        return SLOW
    if not isinstance(error, MCPError):
        return NO_MCP
    said = short(without_keys(error.message, secrets), 200)
    return Words(f"它没有照做，并且说：{said}", f"it did not do that, and says: {said}")


def is_lost(error: BaseException) -> bool:
    """Whether nothing came back, in time or at all."""
    from mcp.shared.exceptions import MCPError
    from mcp_types import CONNECTION_CLOSED, REQUEST_TIMEOUT

    is_gone = isinstance(error, MCPError) and error.code in (CONNECTION_CLOSED, REQUEST_TIMEOUT)
    return is_gone or isinstance(error, TimeoutError)


def in_our_words(failure: Words) -> Words:
    """The failure without what the server says of it."""
    return next((own for own in (NO_MCP, ENDED) if failure.en.startswith(own.en)), failure)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what it came from, and what is inside of a group, each once."""
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        if isinstance(one, BaseExceptionGroup):
            waiting.extend(cast(BaseExceptionGroup[BaseException], one).exceptions)
        waiting.extend(cause for cause in (one.__cause__, one.__context__) if cause is not None)
