"""Words that carry a meaning for the rules, as data."""

import re
from collections.abc import Mapping

from user_agent.chinese import fold
from user_agent.words import Language, Words

_FORMAL = Words("正式、严谨，不用口语和表情符号", "formal and precise, without slang or emoji")
_CASUAL = Words("轻松、口语化", "relaxed and conversational")
_CHATTY = Words("健谈、口语化", "chatty and conversational")
_BRIEF = Words(
    "简短，先说结论，能一句话说清就不用两句", "brief: the answer first, and one sentence where one is enough"
)
_DETAILED = Words("详细，说明理由、步骤和例子", "detailed, with reasons, steps and examples")
_SOBER = Words("平实，不开玩笑", "sober, without jokes")
_GENTLE = Words("耐心、温和，多鼓励", "patient, gentle and encouraging")

TONES: tuple[tuple[str, Words], ...] = (
    (r"informal", _CASUAL),
    (r"formal|serious|正式|严肃|庄重|官方|书面", _FORMAL),
    (r"professional|businesslike|专业|商务", Words("专业、客观，用词准确", "professional, factual and exact")),
    (
        r"friendlier|warmer|nicer|friendly|warm|welcoming|友好|友善|亲切|热情|温暖|亲和",
        Words("亲切、热情，像一位熟悉的朋友", "warm and friendly, like somebody you know well"),
    ),
    (r"chatty|talkative", _CHATTY),
    (r"casual|relaxed|laid[- ]back|随意|轻松|口语化|随和", _CASUAL),
    (
        r"funnier|funny|humou?rous|playful|witty|cheek(?:y|ier)|sass(?:y|ier)|cute|可爱|幽默|风趣|搞笑|活泼|俏皮|有趣",
        Words("活泼、幽默，但不离题", "playful and witty, without losing the thread"),
    ),
    (
        r"shorter|briefer|short|brief|concise|succinct|to the point|less (?:wordy|verbose)|"
        r"简短|简洁|精简|短小精悍|精炼|简明|短|言简意赅",
        _BRIEF,
    ),
    (
        r"longer|long|detailed|thorough|elaborate|详细|具体|细致|详尽|"
        r"(?<![家校班队船店院部市团会特擅增成])长(?![辈大得期城])",
        _DETAILED,
    ),
    (r"wordy|verbose|long-winded|啰嗦|罗嗦|冗长", _DETAILED),
    (
        r"simpler|easier|simple|easy to understand|plain|通俗易懂|通俗|简单|易懂|浅显",
        Words("通俗易懂，不用术语，多打比方", "simple and plain, with comparisons instead of jargon"),
    ),
    (r"gentler|kinder|patient|gentle|kind|encouraging|supportive|耐心|温柔|温和|鼓励|体贴", _GENTLE),
    (
        r"stricter|tougher|strict|tough|direct|blunt|严格|直接|犀利|严厉",
        Words("直接、严格，有问题就指出来", "direct and strict: name what is wrong"),
    ),
    (
        r"politer|polite|courteous|respectful|礼貌|客气|尊敬",
        Words("礼貌、得体，称呼对方为“您”", "polite and courteous"),
    ),
    (
        r"enthusiastic|energetic|cheerful|upbeat|happy|开朗|阳光|乐观|积极",
        Words("开朗、积极，有感染力", "cheerful and upbeat"),
    ),
    (r"neutral|objective|calm|中立|客观|冷静|平和|沉稳", Words("平和、客观", "calm and neutral")),
)
"""What a person calls a tone (a pattern over both languages), and how an instruction says it."""

LENGTHS = (_BRIEF, _DETAILED)
"""The tones that say how long an answer is: they go together with one that says how it sounds."""

OPPOSITES: Mapping[Words, Words] = {
    _FORMAL: _CASUAL,
    _CASUAL: _FORMAL,
    _CHATTY: _BRIEF,
    _BRIEF: _DETAILED,
    _DETAILED: _BRIEF,
    Words("活泼、幽默，但不离题", "playful and witty, without losing the thread"): _SOBER,
    Words("直接、严格，有问题就指出来", "direct and strict: name what is wrong"): _GENTLE,
}
"""The tone that somebody wants who wants less of another."""

LANGUAGES: tuple[tuple[str, Words, Language | None], ...] = (
    (r"english|英文|英语", Words("英文", "English"), "en"),
    (r"traditional chinese|繁体中文|繁体字?|正体中文", Words("繁体中文", "Traditional Chinese"), "zh"),
    (r"cantonese|粤语|广东话", Words("粤语", "Cantonese"), "zh"),
    (r"chinese|mandarin|中文|汉语|普通话|国语|简体中文", Words("中文", "Chinese"), "zh"),
    (r"japanese|日文|日语", Words("日语", "Japanese"), None),
    (r"korean|韩文|韩语", Words("韩语", "Korean"), None),
    (r"french|法文|法语", Words("法语", "French"), None),
    (r"german|德文|德语", Words("德语", "German"), None),
    (r"spanish|西班牙文|西班牙语", Words("西班牙语", "Spanish"), None),
    (r"russian|俄文|俄语", Words("俄语", "Russian"), None),
    (r"italian|意大利语", Words("意大利语", "Italian"), None),
    (r"portuguese|葡萄牙语", Words("葡萄牙语", "Portuguese"), None),
    (r"arabic|阿拉伯语", Words("阿拉伯语", "Arabic"), None),
)
"""What a person calls a language, its name, and the value of the `language` field where that has one."""

ORDINALS: Mapping[str, int] = {
    **{"first": 0, "1st": 0, "1": 0, "one": 0, "一": 0},
    **{"second": 1, "2nd": 1, "2": 1, "two": 1, "二": 1},
    **{"third": 2, "3rd": 2, "3": 2, "three": 2, "三": 2},
    **{"fourth": 3, "4th": 3, "4": 3, "four": 3, "四": 3},
    **{"fifth": 4, "5th": 4, "5": 4, "五": 4, "sixth": 5, "6th": 5, "6": 5, "六": 5},
    **{"last": -1, "最后一": -1, "最后": -1},
}

TONE_WORDS = "|".join(pattern for pattern, _ in TONES)
LANGUAGE_WORDS = "|".join(pattern for pattern, _, _ in LANGUAGES)

_TONE = re.compile(
    r"(?P<less>(?:\b(?:less|not|don't be|do not be|isn't|never|no|without being)\b|没必要|无需|不要|别|不用|"
    r"不必|不那么|没那么|少)"
    r"(?: (?:so|too|that|very|be|sound|as|overly)|这么|那么|太|过于|过分|再|说得|写得|这样){0,3}\s*)?"
    r"(?:" + "|".join(f"(?P<t{number}>{_p})" for number, (_p, _) in enumerate(TONES)) + ")",
    re.IGNORECASE,
)
_LATIN_TONE = re.compile(r"[a-z]", re.IGNORECASE)
_PERSONA = re.compile(
    r"\b(?:like|as) (?P<en>(?:an? |the |my )?[\w'’ -]{2,40}?)(?= (?:would|does|do|but|and)\b|[,.;!]|$)"
    r"|(?:像|仿佛|学(?=.{1,10}(?:一样|那样|似的)))(?:是)?(?:一?[个位名])?(?P<zh>[^，。；！,]{1,12}?)(?:一样|"
    r"那样|似的|一般)?(?:地|的)?(?:说话|讲话|聊天|交流|语气|口吻|风格)*(?=[，。；！,]|$)"
    r"|模仿(?P<mimic>[^，。；！,]{1,12}?)的?(?:说话|语气|口吻|风格)*(?=[，。；！,]|$)",
    re.IGNORECASE,
)


def tones_named(text: str) -> list[Words]:
    """How an instruction says the tones that `text` names, in its order; of one that it does not want, the opposite."""
    found: list[Words] = []
    said = fold(text)
    for match in _TONE.finditer(said):
        number = int(str(match.lastgroup)[1:])
        inside = said[match.start(match.lastgroup or 0) - 1 : match.start(match.lastgroup or 0)]
        if _LATIN_TONE.match(inside) or _LATIN_TONE.match(said[match.end() : match.end() + 1]):
            continue  # "unfriendly" is not friendly
        _, words = TONES[number]
        if match["less"]:
            less = Words(f"不要太{match.group(match.lastgroup or 0)}", f"not too {match.group(match.lastgroup or 0)}")
            words = OPPOSITES.get(words, less)
        if words not in found:
            found.append(words)
    return found


def persona_named(text: str) -> Words | None:
    """The tone of somebody to be like: "like a pirate", "像海盗那样说话"."""
    found = _PERSONA.search(fold(text))
    if not found:
        return None
    who = next(text[found.start(key) : found.end(key)].strip() for key in ("en", "zh", "mimic") if found[key])
    return Words(f"像{who}那样说话", f"like {who}")


def language_named(text: str) -> tuple[Words, Language | None] | None:
    """The language that `text` names, and its value for the `language` field."""
    for pattern, words, value in LANGUAGES:
        if re.search(pattern, fold(text), re.IGNORECASE):
            return words, value
    return None
