"""Greetings, thanks, praise and the frames of a polite request: what people say around what they want.

One grammar for all of it: tokens in any sequence, parted by punctuation. What is left is what the rules read.
"""

import re
from collections.abc import Mapping
from typing import Literal, get_args

from user_agent.chinese import fold

Kind = Literal["greeting", "thanks", "praise", "farewell", "ending", "refusal", "assent", "thinking"]

_TOKENS: Mapping[Kind, str] = {
    "greeting": (
        r"hi(?: there| again)?|hello(?: there| again)?|hey(?: there)?|good (?:morning|afternoon|evening|day)|greetings|"
        r"how are you(?: doing)?|(?:i need|i want) (?:some |your )?help|(?:can|could) you help(?: me)?(?: out)?|"
        r"help me(?: please)?|nice to meet you|哈喽|嗨|你好[呀啊]?|您好|大家好|早上好|晚上好|下午好|早安|在吗|"
        r"(?:你)?(?:能|可以)帮(?:帮)?我(?:一下)?吗|请?帮帮我|我需要(?:你的)?帮助"
    ),
    "thanks": (
        r"(?:many )?thanks?(?: you)?(?: (?:so|very) much| a lot| again| in advance| anyway)*(?: for "
        r"[^,.!;，。]{1,40})?|thx|cheers|"
        r"much appreciated|i appreciate (?:it|that)|"
        r"(?:非常|太|十分|多)?感谢(?:你|您|啦|了)*|谢谢(?:你|您|啦|了|哦|呀|大家|老师)*|多谢(?:了|啦)?|谢了|谢啦|"
        r"辛苦(?:你|您)?(?:了|啦)?|麻烦(?:你|您)?了"
    ),
    "praise": (
        r"wow|(?:that(?:'s| is| looks| sounds)? |it(?:'s| is| looks| sounds)? |this (?:is|looks) |looks |sounds |"
        r"i(?:'m| am) |you(?:'re| are)(?: doing)? )?"
        r"(?:(?:so|very|really|pretty|quite|just|all|absolutely|totally) )*"
        r"(?:great|good|nice|perfect|cool|awesome|excellent|amazing|wonderful|lovely|fantastic|brilliant|fine|"
        r"happy(?: with (?:it|that|this))?|satisfied|right|correct)(?: (?:job|work|one|stuff|idea))?(?: so far)?|"
        r"well done|i (?:really )?(?:love|like) (?:it|this|that)(?: a lot| very much)?|"
        r"(?:你|您)?(?:真|太|很|好|非常|挺|超)(?:聪明|棒|好|厉害|不错|满意|喜欢|强|可爱|贴心|赞|完美)(?:了|啊|的|"
        r"呀|啦|哦|极了)*|"
        r"不错(?:哦|啊|呀|的|嘛)?|完美|好极了|厉害|赞|棒(?:棒|极了)*|给力|牛|我(?:很|挺|非常)?(?:喜欢|满意)|哈+|"
        r"嘿嘿|嘻嘻"
    ),
    "farewell": r"bye(?: bye)?|goodbye|see you(?: later| soon)?|good night|拜拜|再见|回头见|晚安|下次见",
    "ending": (
        r"(?:i think |ok )?(?:that(?:'s| is| will be|'ll be)|this is) (?:all|it|enough|everything)(?: for now| "
        r"then| from me)?|done|"
        r"(?:we(?:'re| are)|i(?:'m| am)) (?:all )?(?:done|finished|good|set)|no(?:thing)? more(?: changes)?|all "
        r"good|enough|"
        r"(?:i )?(?:don't|do not) (?:need|want) (?:any(?:thing)? )?(?:more|else|changes)|leave it(?: (?:as it is|"
        r"like that|at that))?|"
        r"就?(?:这样|这些)(?:吧|了|就好|就行|就可以|可以)*|(?:先|暂时)?(?:不|别)(?:用)?(?:再)?改(?:动)?(?:了|"
        r"啦)?|先(?:这样|到这(?:里|儿)?)(?:吧|了)*|不用(?:再)?改(?:动)?了?|没(?:有)?(?:什么)?问题了?|"
        r"好了|可以了|行了|够了|完成了?|搞定了?|结束了?|不用谢|不客气"
    ),
    "refusal": (
        r"no(?:,? thanks?(?: you)?)?|nope|nah|nothing|none|没(?:有)?(?:什么)?(?:别的|其他的|要改的|要说的|"
        r"需要改的)?了?(?:啦|吧)?|不(?:需要|用)(?:了)?|(?:wh)?oops|never ?mind|nvm|哎呀|糟糕|算了(?:吧)?"
    ),
    "assent": (
        r"ok(?:ay)?|yes|yep|yeah|yup|sure(?: thing)?|of course|right|alright|all right|got it|i see|fair enough|agreed|"
        r"no problem|please|pls|plz|please do|go ahead|go on|continue|as you like|"
        r"好(?:的|呀|啊|吧|哒|滴|嘞|哦|啦)*|可以(?:的|呀|啊)*|行(?:的|吧|啊)*|嗯+(?:嗯|呢)*|哦+|噢|是(?:的|啊|"
        r"呀)?|对(?:的|啊|呀)?|"
        r"没错|没关系|明白(?:了)?|知道了|收到|当然(?:可以)?|同意|继续|那好(?:吧)?|随你"
    ),
    "thinking": (
        r"h+m+|um+|uh+|er+m*|well|let me (?:think|see)(?: about it)?|wait(?: a (?:moment|minute|second))?|one "
        r"(?:moment|second)|hold on|"
        r"(?:让我|我)?再(?:想|看)(?:一)?(?:想|看)(?:吧)?|等一?下|稍等(?:一?下)?|额+|呃+|唔+"
    ),
}
"""What is said for the sake of good manners, by kind."""

_SMILEY = r"[\U0001f300-\U0001faff\u2600-\u27bf\ufe0f\u200d]|[:;]-?[)D(]"
_MARK = rf"(?:[,，.。!！?？;；~～、…·]|{_SMILEY})"
_TOKEN = re.compile(
    "|".join(f"(?P<{kind}>(?:{pattern})(?![a-z0-9'’]))" for kind, pattern in _TOKENS.items()) + rf"|{_SMILEY}",
    re.IGNORECASE,
)
_PARTED = re.compile(
    rf"\s*(?:{_MARK}\s*)+(?:(?:but|and|then|now|so|however)\b[,\s]*|(?:不过|但是?|那么?|然后|只是|就是)[，,\s]*)*|\s*$"
    r"|\s+(?:but|however)\b[,\s]*|\s*(?:不过|但是)[，,\s]*",
    re.IGNORECASE,
)
"""What stands behind a courtesy and before what is really said. A word without it goes on: "great chef"."""
_RUN_ON = re.compile(
    r"(?:hi|hello|hey)(?: there)?\s+(?=(?:i|we|can|could|please|make|build|create|my|so|basically|an?)\b)|"
    r"(?:你好|您好|嗨)(?=我|请|帮|做|想|能)|"
    r"(?:ok(?:ay)?|yes|great|perfect|nice|thanks|thank you|sure|cool)[\s,]+(?=(?:now|then|but|and|please|can|"
    r"could|rename|call|make|add|drop|remove|change|set)\b)|"
    r"(?:好的?|嗯|谢谢)(?=请|帮|再|把|那)",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    rf"(?:[\s,，.。!！;；、~～]+(?:and |but )?(?:please|{_TOKENS['thanks']}|{_TOKENS['farewell']})(?:\s|{_MARK})*)+$",
    re.IGNORECASE,
)
_LONGEST = 200
"""A courtesy is short: beyond so many characters nothing is looked for."""


def opening_end(text: str, at: int = 0) -> int:
    """Where the courtesies that a text begins with at `at` end: `at` itself where it begins with none."""
    return _opening(text, at)[0]


def kinds(text: str) -> set[Kind]:
    """What kinds of courtesy a text begins with."""
    return _opening(text, len(text) - len(text.lstrip()))[1]


def without_courtesy(text: str) -> str:
    """What is left of a text when the courtesies around it are taken away: empty for small talk."""
    said = text.strip()
    said = said[opening_end(said) :]
    begin = max(0, len(said) - _LONGEST)
    closing = _CLOSING.search(fold(said[begin:]))
    return (said[: begin + closing.start()] if closing else said).strip()


def _opening(text: str, at: int) -> tuple[int, set[Kind]]:
    text = fold(text)
    limit = min(len(text), at + _LONGEST)
    end, found, tentative = at, set[Kind](), set[Kind]()
    while at < limit:
        if run_on := _RUN_ON.match(text, at, limit):
            end = at = run_on.end()
            continue
        token = _TOKEN.match(text, at, limit)
        if not token or token.end() == at:
            break
        tentative |= {kind for kind in get_args(Kind) if token[kind]}
        parted = _PARTED.match(text, token.end())
        at = parted.end() if parted else token.end()
        if parted:
            end, found = at, found | tentative
        while not parted and at < limit and text[at].isspace():
            at += 1
    return end, found
