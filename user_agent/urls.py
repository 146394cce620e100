"""URLs that somebody chose: read strictly, once, by the same parser that then asks them."""

import re
from urllib.parse import urljoin

from yarl import URL

from user_agent.words import Words

MAX_URL_CHARS = 8_000

_AUTHORITY = re.compile(r"[^:/?#]*://([^/?#]*)")
_NUMERIC = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)\.?", re.IGNORECASE)
_HOST = re.compile(r"[\w.-]+|[0-9a-f:]+:[0-9a-f:.]*", re.ASCII | re.IGNORECASE)
_PLAIN_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!$)|$)){4}")


_LONG = Words(zh=f"它超过了 {MAX_URL_CHARS} 个字符", en=f"it is longer than {MAX_URL_CHARS} characters")
_ODD = Words(
    zh="里面有空格、换行、反斜杠或别的网址里不会有的字符",
    en="it holds a space, a line break, a backslash or another character that no address has",
)
_BROKEN = Words(zh="它读不懂", en="it cannot be read")
_SCHEME = Words(zh="它不是以 http:// 或 https:// 开头", en="it does not begin with http:// or https://")
_USER = Words(zh="里面写了用户名或密码", en="it has a user name or a password in it")
_NO_HOST = Words(zh="里面没有可以访问的主机名", en="it has no host that can be asked")
_NUMBER = Words(zh="它的主机是一个写法特别的数字", en="its host is a number in an unusual spelling")


class NotAnUrl(ValueError):
    """What was given is no URL that can be asked; `words` say why."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.en)
        self.words = words


def web_address(text: str, base: URL | None = None) -> URL:
    """The URL that `text` is, seen from `base`: http or https, with a host, without a user, in one reading only.

    Raises `NotAnUrl`. A host in other scripts is in its ASCII form. Numbers count as addresses only as `1.2.3.4`:
    the other spellings mean something else to every reader.
    """
    if len(text) > MAX_URL_CHARS:
        raise NotAnUrl(_LONG)
    if any(char <= " " or char in "\\\x7f" or "\ud800" <= char <= "\udfff" for char in text):
        raise NotAnUrl(_ODD)
    try:
        absolute = text if base is None else urljoin(str(base), text)
        # To the byte where it can be: addresses of stored files are often signed.
        url = URL(absolute, encoded=absolute.isascii())
        authority = _AUTHORITY.match(absolute)
        port = url.port
    except ValueError as error:
        raise NotAnUrl(_BROKEN) from error
    if authority is not None and "@" in authority[1]:
        raise NotAnUrl(_USER)
    if url.scheme not in ("http", "https"):
        raise NotAnUrl(_SCHEME)
    host = url.raw_host or ""
    if not _HOST.fullmatch(host) or not host.strip(".") or ".." in host or not port:
        raise NotAnUrl(_NO_HOST)
    if ":" not in host and _NUMERIC.fullmatch(host) and not _PLAIN_IPV4.fullmatch(host):
        raise NotAnUrl(_NUMBER)
    return url


def page_origin(address: str) -> str:
    """The origin of a page as browsers write it, without the usual port: `https://api.example`. Raises `NotAnUrl`."""
    url = web_address(address)
    origin = origin_of(url)
    return origin.removesuffix({"http": ":80", "https": ":443"}[url.scheme])


def origin_of(url: URL | str) -> str:
    """Scheme, host and port of a web address, such as `https://api.example:443`. Raises `NotAnUrl`."""
    parsed = url if isinstance(url, URL) else web_address(url)
    host = (parsed.raw_host or "").lower().rstrip(".")
    return f"{parsed.scheme}://{f'[{host}]' if ':' in host else host}:{parsed.port}"
