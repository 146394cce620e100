"""The page a stranger sees: where the token goes."""

import html

from user_agent.config import Language

_WORDS: dict[Language, dict[str, str]] = {
    "zh": {
        "title": "登录 AgentFabric",
        "lead": "这台服务器需要令牌。启动时的终端里有一个带令牌的网址；也可以在这里粘贴令牌。",
        "wrong": "这个令牌不对。请从启动时的终端里重新复制，或向管理员索取。",
        "offered": "另一个网页上的链接想让你以“{user}”的身份登录。如果这个链接来自你信任的人，请继续。",
        "field": "令牌",
        "go": "进入",
    },
    "en": {
        "title": "Sign in to AgentFabric",
        "lead": "This server asks for a token. The terminal that started it shows an address with the token in it; "
        "you can also paste the token here.",
        "wrong": "That token is not right. Copy it again from the terminal, or ask whoever runs this server.",
        "offered": "A link on another web page wants to sign you in as “{user}”. Go on if it comes from somebody you "
        "trust.",
        "field": "Token",
        "go": "Enter",
    },
}

_PAGE = """<!doctype html>
<html lang="{lang}"><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root {{ color-scheme: light dark }}
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center; background: Canvas; color: CanvasText;
  font: 16px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif }}
form {{ width: min(26rem, calc(100vw - 3rem)); display: grid; gap: 1rem }}
h1 {{ font-size: 1.4rem; margin: 0 }}
p {{ margin: 0; opacity: .75 }}
label {{ display: grid; gap: .35rem }}
input, button {{ font: inherit; padding: .65rem .9rem; border-radius: .7rem; border: 1px solid #8888 }}
button {{ background: #4f46e5; color: #fff; border: 0; cursor: pointer }}
.wrong {{ color: #dc2626; opacity: 1 }}
</style>
<form method="get" action="/"><h1>{title}</h1><p>{lead}</p>{wrong}
<label>{field}<input name="token" type="password" value="{token}" autocomplete="current-password" required autofocus>
</label>
<button>{go}</button></form></html>"""


def sign_in_page(language: Language, *, wrong: bool = False, offered: tuple[str, str] | None = None) -> str:
    """The HTML of the page, complete in itself.

    `offered` is a user and a token that came with a link: the form is filled in, and asks before it signs in.
    """
    words = {key: html.escape(text) for key, text in _WORDS[language].items()}
    user, token = (html.escape(text) for text in offered or ("", ""))
    if offered:
        words["lead"] = words["offered"].format(user=user)
    note = f'<p class="wrong" role="alert">{words["wrong"]}</p>' if wrong else ""
    return _PAGE.format(**{**words, "lang": language, "wrong": note, "token": token})
