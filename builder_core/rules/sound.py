"""Whether what the rules read can be shown: a last check before anything is stored, in either language.

A reader may be wrong about any sentence; what does not pass here is not written, and a plain template stands in.
"""

import re

from user_agent.chinese import fold

MAX_NAME_WORDS = 5
MAX_NAME_HAN = 10
MAX_TASK_WORDS = 40
MAX_TOPIC_WORDS = 6
MAX_TOPIC_HAN = 12

_HAN = re.compile(r"[\u3400-\u9fff]")
_ODD_MARK = re.compile(r"[,，。.!！?？:：;；()（）\[\]{}<>《》“”\"\ue000-\uefff\n]")
_NO_NOUN_TEXT = """
i me my mine you your it its we us our he she him her they them their this that these those which who whom what when
where why how whether is are was were be been am do does did can could should would will shall may might must want
wants need needs make makes please thanks thank hello hi yes no not never don't doesn't without like likes if because
so but also just very really maybe something anything someone i'm i'd it's that's let's one use uses using have has
had better well more less faster easier
"""
_NO_NOUN = frozenset(_NO_NOUN_TEXT.split())
_LOOSE_END_TEXT = """
a an the of for to in on at with by from about and or as than into
"""
_LOOSE_END = frozenset(_LOOSE_END_TEXT.split())
_LY_NOUNS_TEXT = """
family italy assembly supply july fly anomaly
"""
_LY_NOUNS = frozenset(_LY_NOUNS_TEXT.split())
_GIBBERISH = re.compile(r"[bcdfghjklmnpqrstvwxz]{6,}|(.)\1{3,}|(?:asdf|qwer|zxcv|hjkl|sdfg|dfgh)", re.IGNORECASE)
_NO_HAN_NAME = re.compile(
    r"^(?:的|给|我|是|你|您|它|他|她|帮|把|让|请|有|想|要(?!闻)|做(?!饭|菜)|一[个款位名]|这|那|能(?!量|源|力|耗|"
    r"效)|会(?!议|员|计|话|场|展|所|客|诊|考)|可(?!乐|爱)|不(?!锈|动产|孕|良)|别(?!墅)|没|再|也|还|就|来|和|与|"
    r"为|在|从|对|每)|[我你您它她他]|"
    r"做[一个出]|想要|需要一|什么|怎么|如何|为何|哪|吗|呢$|吧$|了$|的$|个$|助手助手|不[要会能用]"
)
_NO_HAN_TOPIC = re.compile(
    r"[我你您它她他]|什么|怎么|如何|为何|为什么|哪|吗|呢|吧$|了$|的$|^(?:更|最|来|整|搞|是|不|有|没|在|做|想|要|"
    r"请|给|让|把|可以|能|会|随便|别|这|那|就|也|还|再|嗯|啊|哈|哦|对|好|行)"
    r"|^[^\u3400-\u9fff]*[\u3400-\u9fff][^\u3400-\u9fff]*$|(?P<r>.)(?P=r)(?P=r)|，"
)


def name_is_sound(name: str) -> bool:
    """Whether a name that was made, not given, reads like one."""
    if not name or _ODD_MARK.search(name):
        return False
    if _HAN.search(name):
        return len(name.replace(" ", "")) <= MAX_NAME_HAN + _latin_room(name) and not _NO_HAN_NAME.search(fold(name))
    words = _words(name)
    return (
        0 < len(words) <= MAX_NAME_WORDS
        and _NO_NOUN.isdisjoint(words)
        and words[0] not in _LOOSE_END
        and words[-1] not in _LOOSE_END
        and not (words[-1].endswith("ly") and words[-1] not in _LY_NOUNS)
        and not _GIBBERISH.search(name)
    )


def role_is_sound(role: str) -> bool:
    """Whether words can stand after "you are": a noun, with little before it."""
    if _HAN.search(role):
        return name_is_sound(role)
    words = _words(role)
    return (
        0 < len(words) <= MAX_NAME_WORDS + 2
        and _NO_NOUN.isdisjoint(word for word in words[1:] if word not in ("my", "but"))
        and (words[0] in ("my", "our") or words[0] not in _NO_NOUN)
        and words[-1] not in _LOOSE_END
        and not _ODD_MARK.search(role.replace(".", ""))
        and not _GIBBERISH.search(role)
    )


def task_is_sound(task: str) -> bool:
    """Whether words can stand as something the agent does."""
    said = task.strip()
    if len(said) < 2 or "\n" in said:
        return False
    if _HAN.search(said):
        return (
            len(said) <= 60
            and not re.match(r"了(?!解)|[的吗呢吧是我你它他她这那什怎哪个]", fold(said))
            and not re.search(r"[吗呢]$|[？?]", said)
        )
    words = said.split()
    return (
        len(words) <= MAX_TASK_WORDS
        and words[0].lower() not in (_NO_NOUN - {"use", "make", "need", "do", "have"}) | _LOOSE_END
        and words[0].isascii()
        and re.fullmatch(r"[A-Za-z'-]+", words[0]) is not None
        and not said.endswith(("?", "？"))
        and not _GIBBERISH.search(words[0])
    )


def topic_is_sound(topic: str) -> bool:
    """Whether words name a field to help in, and are not a remark, a question or a sound."""
    said = topic.strip()
    if _HAN.search(said):
        return 2 <= len(said) <= MAX_TOPIC_HAN and not _NO_HAN_TOPIC.search(fold(said))
    words = said.lower().replace(",", "").split()
    return (
        0 < len(words) <= (MAX_TOPIC_WORDS if _LOOSE_END & set(words) else MAX_TOPIC_WORDS - 2)
        and len(said) > 2
        and said.isascii()
        and _NO_NOUN.isdisjoint(words)
        and words[0] not in _LOOSE_END
        and re.fullmatch(r"[A-Za-z][\w '&/+-]*", said.replace(",", "")) is not None
        and not _GIBBERISH.search(said)
        and not re.search(
            r"ly$|^(?:fun|good|bad|nice|cool|stuff|things?|nothing|everything|ok|test|help|lol|hmm+|maybe|whatever)$",
            words[0],
        )
    )


def _words(text: str) -> list[str]:
    """The words in small letters, but for IT, which is no pronoun."""
    return [word if word == "IT" else word.lower() for word in text.split()]


def _latin_room(name: str) -> int:
    """Letters of another script are narrow: a word of them counts as two characters."""
    latin = re.findall(r"[A-Za-z0-9]+", name)
    return sum(max(0, len(word) - 2) for word in latin) if sum(map(len, latin)) <= 16 else 0
