"""The page a stranger sees: where the token goes. Complete in itself, since every file is behind the door."""

from pathlib import Path
from typing import Literal

from jinja2 import Environment, StrictUndefined

from user_agent.words import Language

Fault = Literal["wrong", "slow"]

_WORDS: dict[Language, dict[str, str]] = {
    "zh": {
        "title": "登录 AgentFabric",
        "lead": "这台服务器需要令牌。请在这里粘贴你的令牌；如果没有设置过，启动它的终端里有一个带令牌的网址。",
        "wrong": "这个令牌不对。请重新复制，或向管理这台服务器的人索取。",
        "slow": "从你这里输错令牌的次数太多了。请过一刻钟再试；已经登录的页面不受影响。",
        "offered": "另一个网页上的链接想让你以“{user}”的身份登录。如果这个链接来自你信任的人，请继续。",
        "field": "令牌",
        "go": "进入",
    },
    "en": {
        "title": "Sign in to AgentFabric",
        "lead": "This server asks for a token. Paste yours here. Where none was set, the terminal that started it "
        "shows an address with one in it.",
        "wrong": "That token is not right. Copy it again, or ask whoever runs this server.",
        "slow": "Too many wrong tokens came from your address. Try again in a quarter of an hour. Pages that are "
        "signed in already go on.",
        "offered": "A link on another web page wants to sign you in as “{user}”. Go on if it comes from somebody you "
        "trust.",
        "field": "Token",
        "go": "Enter",
    },
}

_STATIC = Path(__file__).parents[1] / "static"
# Read once, at import: the door answers inside the event loop.
_MARK = (_STATIC / "studio" / "mark.svg").read_text(encoding="utf-8").strip()
_TOKENS = (_STATIC / "chat" / "tokens.css").read_text(encoding="utf-8")
_PAGE = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True).from_string(
    Path(__file__).with_name("signin.html.j2").read_text(encoding="utf-8")
)


def sign_in_page(language: Language, *, fault: Fault | None = None, offered: tuple[str, str] | None = None) -> str:
    """The HTML of the page, in both languages: `language` is the one that is seen first.

    `fault` is what was wrong with the last token, or why it was not read.
    `offered` is a user and a token that came with a link: the form is filled in, and asks before it signs in.
    """
    user, token = offered or ("", "")
    words = {
        code: {**texts, "lead": texts["offered"].format(user=user) if offered else texts["lead"]}
        for code, texts in _WORDS.items()
    }
    return _PAGE.render(words=words, language=language, fault=fault, token=token, mark=_MARK, tokens=_TOKENS)
