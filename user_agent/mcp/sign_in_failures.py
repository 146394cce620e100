"""Why somebody cannot sign in to an MCP server, in words for people."""

import json
from typing import TYPE_CHECKING, cast

from user_agent.mcp.failures import Refusal, words_for
from user_agent.mcp.grants import SignInFailed, SignInOver
from user_agent.openapi.references import short
from user_agent.storable import cleaned
from user_agent.words import Words

if TYPE_CHECKING:
    import httpx2

NO_METADATA = Words(
    "服务器没有说明在哪里登录；请查看它的文档，改用密钥",
    "the server does not say where to sign in: see its documentation for a key instead",
)
OTHER_RESOURCE = Words(
    "服务器要的是别处的登录凭证，为安全起见没有继续",
    "the server asks for a sign-in that is for another address than its own, so it was not begun",
)
WRONG_ISSUER = Words(
    "登录服务器自称的名字和地址对不上，为安全起见没有继续",
    "the sign-in server gives another name than its address has, so it was not begun",
)
NO_PKCE = Words(
    "登录服务器不支持必需的保护（PKCE S256），为安全起见没有继续",
    "the sign-in server does not offer the protection that is needed (PKCE with S256), so it was not begun",
)
UNENCRYPTED = Words(
    "登录服务器的地址没有加密（不是 https），为安全起见没有继续",
    "the sign-in server has an address without encryption (no https), so it was not begun",
)
NO_REGISTRATION = Words(
    "登录服务器只接受事先登记的程序：请在它那里登记本工作室，再填写得到的客户端编号",
    "the sign-in server takes only programs that were registered with it: register this studio there, and enter the "
    "client ID that you get",
)
NOT_REGISTERED = Words(
    "登录服务器不肯登记本工作室：请在它那里手动登记，再填写得到的客户端编号",
    "the sign-in server did not register this studio: register it there by hand, and enter the client ID that you get",
)
UNREADABLE = Words("登录服务器的回答读不懂", "what the sign-in server answers cannot be read")
MIXED_UP = Words(
    "回来的是另一个登录服务器的回答，没有使用它；请重新登录",
    "what came back is from another sign-in server, so it was not used: sign in again",
)
NO_CODE = Words("登录服务器没有给出结果，请重新登录", "the sign-in server sent no result: sign in again")
DENIED = Words("你没有同意，或者登录服务器拒绝了", "you did not agree, or the sign-in server refused")
OVER = Words("登录已失效，请重新登录", "the sign-in is over: sign in again")
UNKNOWN = Words(
    "这次登录不是从这里开始的，或者时间太久了；请回到工作室重新登录",
    "this sign-in was not begun here, or too long ago: go back to the studio and sign in again",
)


def busy(status: int) -> Words:
    return Words(
        f"服务器现在说不出在哪里登录（状态码 {status}），请稍后再试",
        f"the server cannot say now where to sign in (status {status}): try again later",
    )


def unreachable(host: str, error: BaseException) -> Words:
    """Why nothing came back from a host on the way to a sign-in."""
    why = words_for(error, Refusal())
    return Words(f"登录要用到的 {short(host, 100)}：{why.zh}", f"{short(host, 100)}, which the sign-in needs: {why.en}")


def refused_by_person(code: str) -> Words:
    """What an authorization server says that came of it, in the place of a code."""
    if code == "access_denied":
        return DENIED
    said = short(cleaned(code), 60)
    return Words(f"登录服务器拒绝了（{said}），请重新登录", f"the sign-in server refused ({said}): sign in again")


def token_refused(answer: "httpx2.Response") -> SignInFailed:
    """What an answer means that brought no token: `SignInOver` where asking again would bring none either."""
    status = answer.status_code
    if status in (408, 429) or not 400 <= status < 500:
        return SignInFailed(
            Words(
                f"登录服务器现在不给出凭证（状态码 {status}），请稍后再试",
                f"the sign-in server gives no token now (status {status}): try again later",
            )
        )
    try:
        found = json.loads(answer.content)
    except ValueError:
        found = None
    said = cast(dict[str, object], found).get("error") if isinstance(found, dict) else None
    return SignInOver(refused_by_person(said if isinstance(said, str) else str(status)))
