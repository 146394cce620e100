"""What to search for a message: nothing for small talk, and for "and in 2023?" the question that it goes on with."""

import re
from collections.abc import Sequence

from user_agent.chinese import fold
from user_agent.knowledge.finding.reading import stands_alone
from user_agent.lexical.terms import COMMON
from user_agent.models.rules.small_talk import courtesy, without_courtesies

MAX_QUERY_CHARS = 1_000
"""As much of a message is searched: what is asked stands at its beginning or at its end."""
MAX_BACK = 3
"""How many messages in a row may each go on with the one before."""

_ZH = re.compile(r"[\u3400-\u9fff]")
_ZH_LINK = re.compile(
    r"^(?:那么|那(?=[，,\d])|还有|另外|以及|换成|再|接着|然后|所以)[，,、]?|^那(?=.*呢\W*$)|呢[？?！!。\s]*$"
)
_ZH_POINTING = re.compile(
    r"^\W*(?:请问|那么?)?(?:该|此|其(?![他它中实余])|[这那][个些里儿种样])|(?<![和与及跟其])[它他她]|上面|上述|前面|刚才"
)
_EN_LINK = re.compile(
    r"^(?:and|but|or|so|then|also|what about|how about|what of|same for|in|for|since|on|at|by|with)\b", re.IGNORECASE
)
_EN_POINTING = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|that|those|this|these|there|one|ones|same|former|"
    r"latter|above)\b",
    re.IGNORECASE,
)
_EN_ASKING = re.compile(
    r"^(?:(?:and|but|or|so|then|also)\W+)?(?:(?:in|for|since|on|at|by|with) )?(?:what|which|whose)\b(?! (?:about|of))",
    re.IGNORECASE,
)
_EN_HOLLOW = re.compile(
    r"\d+|long|often|far|old|big|much|many|more|less|else|most|exactly|precisely|details?|detailed|examples?|sure|really|"
    r"again|further|explain|elaborate|continue|mean(?:ing)?|appl(?:y|ies)|request|works?|happens?|free|next|last|first|"
    r"second|third|spring|summer|autumn|fall|winter|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|week(?:day|end)?s?|"
    r"holidays?|today|tomorrow|yesterday|tonight|mornings?|afternoons?|evenings?|nights?|days?|months?|years?|"
    r"january|february|march|april|june|july|august|september|october|november|december"
)
"""Words that ask, say when, or do what can be done with anything: alone they say nothing of what is asked about."""
_ZH_HOLLOW = re.compile(
    r"请问|麻烦|为[什甚]么|为何|什么|多少|多[久长大高远快]|怎么[样办]?|如何|[哪几]|是谁|谁|可以|能不能|能否|是否|有没有|是不是|真的|"
    r"[春夏秋冬][天季]?|周[一二三四五六日天末]|(?:星期|礼拜)[一二三四五六日天]?|[今明后昨][天日年]|去年|[上中下]午|晚上|早上|节假日|假期|"
    r"平[时日]|第?[\d一二三四五六七八九十]+[年月号日天点岁条项个]?|时候|时间|地方|里|位|个|次|种|些|"
    r"具体|详细|仔细|举个?例子?|例子|比如|解释|说明|说说|讲讲|继续|更多|"
    r"申请|办理?|批准|审批|负责|处理|开始|结束|提交|报名|预约|操作|计?算|用|做|贵|免费|收费|钱|"
    r"[的了吗呢么啊吧呀是在要得会能有一下点也都还再去到]"
)
"""The same of Chinese."""
_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*\s*年?")
_LONGEST_LINKED = 20
"""Characters of Chinese, in a message that goes on with another."""
_FEW_WORDS = 7


def query_of(messages: Sequence[str]) -> str:
    """What to search for the last of a person's messages; empty where it asks for nothing."""
    said = messages[-1].strip() if messages else ""
    if not any(map(str.isalnum, said)) or courtesy(fold(said)):
        return ""
    return _bounded(_completed(messages, MAX_BACK))


def _completed(messages: Sequence[str], back: int) -> str:
    said = without_courtesies(messages[-1].strip())
    earlier = [text for text in messages[:-1] if not courtesy(fold(text.strip()))]
    if not (back and earlier and goes_on(said)):
        return said
    before = _completed(earlier, back - 1)
    if _NUMBER.search(said):
        # "And in 2023?" asks for another year, not for both.
        before = " ".join(_NUMBER.sub(" ", before).split())
    return f"{before} {_unlinked(said)}"


def goes_on(said: str) -> bool:
    """Whether a message says too little by itself, or points back."""
    if stands_alone(said):
        return False
    if _ZH.search(said):
        signs = re.sub(r"\W", "", said)
        linked = len(signs) <= _LONGEST_LINKED and bool(_ZH_LINK.search(said) or _ZH_POINTING.search(said))
        return linked or not _ZH_HOLLOW.sub("", fold(signs))
    words = re.findall(r"[\w'’-]+", said.lower())
    telling = [word for word in words if word not in COMMON and not _EN_HOLLOW.fullmatch(word)]
    if not telling:
        return True
    linked = len(words) <= _FEW_WORDS and _EN_LINK.search(said) and not _EN_ASKING.search(said)
    return bool(linked or (len(telling) <= 2 and _EN_POINTING.search(said)))


def _unlinked(said: str) -> str:
    return _ZH_LINK.sub("", said) if _ZH.search(said) else _EN_LINK.sub("", said).strip()


def _bounded(text: str) -> str:
    half = MAX_QUERY_CHARS // 2
    return text if len(text) <= MAX_QUERY_CHARS else f"{text[:half]}\n{text[-half:]}"
