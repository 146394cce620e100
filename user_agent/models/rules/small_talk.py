"""Small talk: messages that are about the talk itself, and what is said back. Chinese and English."""

import re
from dataclasses import dataclass
from typing import Literal

from user_agent.words import Words

Tone = Literal["greeting", "identity", "abilities", "plain"]


@dataclass(frozen=True, slots=True)
class Courtesy:
    """A kind of small talk: its words, and how it is answered.

    `plain` is answered with `reply` alone; a greeting and questions about the agent also with what it is and can do.
    """

    pattern: re.Pattern[str]
    tone: Tone
    reply: Words
    cancels: bool = False


_END = (
    r"(?:\s*[呀啊哦噢啦哈呢吧嘛了哟]|\s*\b(?:there|everyone|guys|buddy|friend|please|pls|so much|"
    r"very much|a lot|again|then)\b)*"
)
_ZH_BE = r"(?:请|麻烦)?(?:你)?"


def _said(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{pattern}){_END}", re.IGNORECASE)


COURTESIES: tuple[Courtesy, ...] = (
    Courtesy(
        _said(
            r"你们?好|您好|大家好|嗨+|哈[喽啰罗]|早|早上好|早安|上午好|中午好|下午好|晚上好|在吗|在么|有人吗|"
            r"hi+|hello+|hey+|hiya|yo|greetings|good (?:morning|afternoon|evening)|good day|anyone there"
        ),
        "greeting",
        Words(zh="你好！", en="Hello! "),
    ),
    Courtesy(
        _said(
            r"what (?:language )?(?:model|ai|llm) are you(?: using)?|which (?:model|llm) (?:are you|do you use)|"
            r"你(?:是|用的?是?)(?:什么|哪个)(?:大|语言)?模型|(?:是)?谁(?:做|开发|创造|设计)(?:了|"
            r"的)?你(?:的)?|你(?:是)?谁(?:做|开发|创造)的|"
            r"who (?:made|built|created|developed) you|"
            r"你是谁|你是什么|你是哪位|你叫什么(?:名字)?|你的名字(?:是什么|叫什么)?|怎么称呼你?|"
            rf"{_ZH_BE}(?:先|简单)?(?:自我介绍)(?:一下)?|{_ZH_BE}(?:先|简单)?(?:介绍|讲讲|说说|"
            rf"谈谈)(?:一下|下)?(?:你)?自己|"
            r"who (?:are|r) (?:you|u)|what are you|what(?:'s|’s| is) your name|your name|tell me about "
            r"(?:yourself|you)|introduce yourself"
        ),
        "identity",
        Words(zh="", en=""),
    ),
    Courtesy(
        _said(
            r"你是(?:真)?人(?:类)?吗|你是(?:不是)?(?:个)?(?:机器人|真人|人工智能|AI|ai|GPT|gpt|ChatGPT|"
            r"chatgpt|语言模型|大模型)吗?|"
            r"are you (?:a )?(?:real |actual )?(?:human|person|robot|bot|real|ai|an ai|a machine|chatgpt|"
            r"gpt|alive)(?: being| person)?|is this (?:a )?(?:bot|robot|human|ai)"
        ),
        "identity",
        Words(zh="不是真人。", en="No human here. "),
    ),
    Courtesy(
        _said(
            r"你(?:都)?(?:会|能|可以)(?:做|干|帮我(?:做|干)?)?(?:点|些)?(?:什么|啥|嘛|哪些事?)(?:事情?|呢)?|"
            r"你(?:都)?有(?:什么|哪些|啥)(?:功能|工具|能力|本事|用处?)|"
            r"有(?:什么|哪些)(?:功能|工具)|怎么(?:用|使用)(?:你)?|你(?:怎么|如何)(?:用|工作|使用)|帮助|"
            r"使用说明|我(?:能|可以)(?:问|让)你(?:些|做)?(?:什么|啥)|(?:能|可以)帮我(?:做)?(?:什么|啥)|"
            r"what (?:can|could|do) (?:you|u) (?:do|help(?: me)? with)(?: for me)?|how (?:do|can) you "
            r"(?:work|help(?: me)?)|"
            r"what (?:tools|functions|features|skills|abilities) (?:do|can) you (?:have|use)|what are "
            r"your (?:tools|functions|features|skills|abilities|capabilities)|"
            r"what can i (?:ask|do)(?: you| here)?|how (?:do|can) i use (?:you|this)|help(?: me)?|can "
            r"you help(?: me)?|which tools do you have|list (?:your )?tools"
        ),
        "abilities",
        Words(zh="", en=""),
    ),
    Courtesy(
        _said(
            r"(?:非常|太|多|十分|真的?)?(?:谢谢|谢|感谢|多谢|谢啦|辛苦)(?:你|您|了|啦|啊|哦)*|(?:many "
            r")?thanks?|thank (?:you|u)|thx|ty|cheers|much appreciated|i appreciate it"
        ),
        "plain",
        Words(
            zh="不客气！还想知道什么，直接告诉我就好。", en="You're welcome! If there is anything else, just tell me."
        ),
    ),
    Courtesy(
        _said(
            r"好的?|好滴|行|可以|嗯+|哦+|噢+|对的?|是的?|没错|知道|明白|懂|收到|了解|不错|很好|太好|真棒|"
            r"厉害|赞|牛|完美|"
            r"ok(?:ay)?|k|sure|fine|yes|yeah|yep|yup|right|got it|i see|understood|alright|all right|"
            r"cool|great|nice|perfect|awesome|wow|"
            r"good(?: job| one)?|sounds good|well done|amazing|excellent|brilliant|no problem|makes sense|interesting|"
            r"(?:ok(?:ay)?|great|cool|好的?)[,，\s]*(?:thanks?|thank you|谢谢)|that(?:'s|’s| is) (?:all|"
            r"it|great|good|fine|nice|helpful|cool)"
        ),
        "plain",
        Words(zh="好的。还想知道什么，直接告诉我就好。", en="All right. If there is anything else, just tell me."),
    ),
    Courtesy(
        _said(
            r"算|没事|没什么|不用|不用麻烦|不要|不必|不需要|随便|都行|都可以|无所谓|不知道|我?不清楚|"
            r"没有|不是|不|取消|停|忘记它吧?|换个话题|"
            r"never ?mind|forget (?:it|about it)|cancel(?: that| it)?|stop(?: it)?|no|nope|nah|no,? "
            r"thanks?|no,? thank you|not now|nothing|whatever|anything|anywhere|"
            r"i don'?t know|(?:i )?dunno|i'm not sure|not sure|idk|don'?t care|i don'?t care|skip(?: it)?"
        ),
        "plain",
        Words(
            zh="好的，那就先不查。需要时再告诉我。", en="All right, never mind then. Tell me when you need something."
        ),
        cancels=True,
    ),
    Courtesy(
        _said(
            r"再见|(?:明天|改天|待会儿?|一会儿?|回头|下次|下周)见|拜+|拜拜|回头见|下次见|我走|先这样|"
            r"bye+|bye[- ]?bye|good ?bye|see (?:you|ya)(?: later|"
            r" soon| tomorrow)?|cya|later|take care|have a (?:nice|good|great) (?:day|one|evening|"
            r"weekend)"
        ),
        "plain",
        Words(zh="再见，随时回来！", en="Goodbye, come back any time!"),
    ),
    Courtesy(
        _said(r"晚安|我睡|去睡|good ?night|night night|sleep well"),
        "plain",
        Words(zh="晚安！", en="Good night!"),
    ),
    Courtesy(
        _said(
            r"(?:你)?(?:会|能|可以|懂)(?:不会|不能)?(?:说|讲|用)?(?:中文|英文|英语|汉语|普通话)(?:回答)?吗?|"
            r"(?:do|can) you (?:speak|understand|know|talk) (?:chinese|english|mandarin)|speak (?:chinese|english)"
        ),
        "plain",
        Words(
            zh="中文和英文的简短问题我都能读：用哪种语言问，就用哪种语言答。",
            en="I read short questions in English and Chinese, and answer in the language of the question.",
        ),
    ),
    Courtesy(
        _said(
            r"你好吗|最近怎么样|你怎么样|最近好吗|吃了吗|how are (?:you|u|things)(?: doing)?(?: today)?|"
            r"how(?:'s|’s| is) it going|how do you do|what(?:'s|’s| is) up|sup|whats up"
        ),
        "plain",
        Words(
            zh="我很好，谢谢！我是按规则工作的内置向导，有什么想查的，直接说就好。",
            en="Fine, thank you! I am the built-in guide and work by rules: just tell me what you would "
            "like to look up.",
        ),
    ),
    Courtesy(
        _said(r"哈+|呵+|嘿+|嘻+|笑死|哈哈+|lol+|lmao|ha(?:ha)+|he(?:he)+|rofl|funny"),
        "plain",
        Words(zh="😊 还想知道什么，直接告诉我就好。", en="😊 If there is anything else, just tell me."),
    ),
    Courtesy(
        _said(
            r"(?:你)?(?:真|好|太|是)?(?:笨蛋?|蠢|傻瓜?|没用|垃圾|差劲|智障|白痴)|(?:you(?:'re|’re| are) "
            r")?(?:so |really |very |a )*(?:stupid|dumb|useless|an? idiot|idiot|terrible|bad|wrong|not "
            r"helpful)|you suck|that(?:'s|’s| is) wrong|wrong|错了?|不对|答错"
        ),
        "plain",
        Words(
            zh="抱歉没帮上忙。我是内置的向导，只会按规则使用工具；换个说法再问一次，或者加一个语言模型，会好很多。",
            en="Sorry that I was no help. I am the built-in guide and only use tools by fixed rules: try "
            "other words, or add a language model, which will do much better.",
        ),
    ),
    Courtesy(
        _said(
            r"(?:我)?(?:很|真|好)?(?:喜欢|爱)你|你真(?:好|棒|厉害|聪明)|i (?:love|like) (?:you|u)|"
            r"you(?:'re|’re| are) (?:so |very |really )?(?:great|awesome|nice|smart|good|the best|"
            r"helpful|amazing|cool)|good bot"
        ),
        "plain",
        Words(zh="谢谢你！还想知道什么，直接告诉我就好。", en="Thank you! If there is anything else, just tell me."),
    ),
    Courtesy(
        _said(r"(?:对不起|抱歉|不好意思)|sorry|my bad|apologies|i'?m sorry|excuse me|pardon"),
        "plain",
        Words(zh="没关系。想查什么，直接告诉我就好。", en="No problem. Just tell me what you would like to look up."),
    ),
)

_AROUND = re.compile(r"^[^\w+\-(（√]+|[^\w)）%％]+$")
_PARTS = re.compile(r"\s*[,，.。!！?？;；~～]+\s*")
MAX_COURTESY_CHARS = 60
_BEFORE = re.compile(
    r"^(?:你好|您好|嗨|哈喽|好的|嗯|谢谢|多谢|早上好|下午好|晚上好|ok(?:ay)?|thanks?|thank you|"
    r"hi|hello|hey|great|cool|yes|sorry|no|不对?)[\s,，!！.。~～:：]+(?=\S)",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"[\s,，!！.。~～]+(?:谢谢(?:你|您|啦|了)?|多谢|拜托了?|please|pls|plz|thanks?(?: a lot| so "
    r"much)?|thank you(?: very much| so much)?)[\s!！.。~～]*$",
    re.IGNORECASE,
)
_ABILITY = re.compile(
    r"^\W*(?:请问)?(?:你|您)?(?:会不会|能不能|可不可以|可以不可以|会|能|可以|懂|"
    r"支持)(?:帮我)?\S{1,10}(?:吗|么|嘛|不|$)|^\W*(?:请问)?(?:你|您)(?:会不会|能不能|可不可以)|"
    r"^\W*(?:can|could|do|are) you (?:able to |know how to |also )?(?:check|do|tell|show|give|"
    r"look up|calculate|find|get|know|renew|work|handle|help with)?\b.{0,40}\?*$",
    re.IGNORECASE,
)


def courtesy(folded: str) -> Courtesy | None:
    """The kind of small talk that a message is, and nothing besides; of several, the one that says most."""
    text = _AROUND.sub("", folded)
    if len(text) > MAX_COURTESY_CHARS:
        return None
    if whole := _kind(text):
        return whole
    kinds = [_kind(_AROUND.sub("", part)) for part in _PARTS.split(text)]
    found = [kind for kind in kinds if kind is not None]
    if not found or len(found) < len(kinds):
        return None
    return next((kind for kind in found if kind.tone in ("identity", "abilities")), found[-1])


def _kind(text: str) -> Courtesy | None:
    return next((row for row in COURTESIES if row.pattern.fullmatch(text)), None)


def without_courtesies(text: str) -> str:
    """The message without a greeting before it and thanks after it."""
    return _AFTER.sub("", _BEFORE.sub("", text))


def is_ability_question(folded: str) -> bool:
    """Whether a message asks if something can be done at all: "你能查天气吗", "can you do math?"."""
    return bool(_ABILITY.search(folded))
