"""Words that carry a meaning for the rules, as data."""

import re
from collections.abc import Mapping

from user_agent.config import Language
from user_agent.words import Words

TONES: tuple[tuple[str, Words], ...] = (
    (
        r"(?:more )?formal|(?:more )?serious|正式|严肃|庄重",
        Words("正式、严谨，不用口语和表情符号", "formal and precise, without slang or emoji"),
    ),
    (
        r"(?:more )?professional|(?:more )?businesslike|专业|商务",
        Words("专业、客观，用词准确", "professional, factual and exact"),
    ),
    (
        r"friendlier|warmer|(?:more )?(?:friendly|warm|welcoming)|友好|亲切|热情|温暖|亲和",
        Words("亲切、热情，像一位熟悉的朋友", "warm and friendly, like somebody you know well"),
    ),
    (
        r"(?:more )?(?:casual|relaxed|informal)|随意|轻松|口语化|随和",
        Words("轻松、口语化", "relaxed and conversational"),
    ),
    (
        r"funnier|(?:more )?(?:funny|humorous|playful|witty)|幽默|风趣|搞笑|活泼|俏皮|有趣",
        Words("活泼、幽默，但不离题", "playful and witty, without losing the thread"),
    ),
    (
        r"shorter|briefer|(?:more )?(?:short|brief|concise|succinct|to the point)|"
        r"less (?:wordy|verbose)|简短|简洁|精简|短|言简意赅",
        Words(
            "简短，先说结论，能一句话说清就不用两句", "brief: the answer first, and one sentence where one is enough"
        ),
    ),
    (
        r"longer|(?:more )?(?:detailed|thorough|elaborate)|详细|具体|细致|长",
        Words("详细，说明理由、步骤和例子", "detailed, with reasons, steps and examples"),
    ),
    (
        r"simpler|easier|(?:more )?(?:simple|easy to understand|plain)|通俗|简单|易懂|浅显",
        Words("通俗易懂，不用术语，多打比方", "simple and plain, with comparisons instead of jargon"),
    ),
    (
        r"gentler|kinder|(?:more )?(?:patient|gentle|kind|encouraging|supportive)|耐心|温柔|鼓励|体贴",
        Words("耐心、温和，多鼓励", "patient, gentle and encouraging"),
    ),
    (
        r"stricter|tougher|(?:more )?(?:strict|tough|direct|blunt)|严格|直接|犀利|严厉",
        Words("直接、严格，有问题就指出来", "direct and strict: name what is wrong"),
    ),
    (
        r"politer|(?:more )?(?:polite|courteous|respectful)|礼貌|客气|尊敬",
        Words("礼貌、得体，称呼对方为“您”", "polite and courteous"),
    ),
)
"""What a person calls a tone (a pattern over both languages), and how an instruction says it."""

LANGUAGES: tuple[tuple[str, Words, Language | None], ...] = (
    (r"english|英文|英语", Words("英文", "English"), "en"),
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
    **{"last": -1, "最后一": -1},
}

TONE_WORDS = "|".join(pattern for pattern, _ in TONES)
LANGUAGE_WORDS = "|".join(pattern for pattern, _, _ in LANGUAGES)


def tone_named(text: str) -> Words | None:
    """How an instruction says the tone that `text` names."""
    return next((words for pattern, words in TONES if re.search(pattern, text, re.IGNORECASE)), None)


def language_named(text: str) -> tuple[Words, Language | None] | None:
    """The language that `text` names, and its value for the `language` field."""
    for pattern, words, value in LANGUAGES:
        if re.search(pattern, text, re.IGNORECASE):
            return words, value
    return None
