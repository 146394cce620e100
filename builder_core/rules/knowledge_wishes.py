"""Questions about what an agent knows, agreement to mend it, and what the guide says of it."""

import re
from collections.abc import Collection, Sequence

from builder_core.knowing import Kind, Problem, State, agrees
from builder_core.rules.speech import Speech
from user_agent.chinese import fold
from user_agent.words import Language, Words

MAX_CHARS = 160
"""Whoever says more describes something."""

OFFER = Words("说“修一下”，我就照办。", "Say “fix it” and I will do that.")
NO_FILES = Words(
    "它还没有任何文件，所以也不知道文件里的事。请在“知识”页添加。",
    "It has no files yet, so it knows nothing of any. Add them in the Knowledge tab.",
)
READ_AGAIN = Words("正在重新读取。", "It is being read again.")
_STATE = Words(
    "{files} 个文件里有 {ready} 个可以查到；从它们出的 {questions} 个问题，有 {found} 个查到了出题的那一段。",
    "Of {files} files {ready} can be searched; of {questions} questions made from them {found} found their passage.",
)
_UNASKED = Words("{files} 个文件里有 {ready} 个可以查到。", "Of {files} files {ready} can be searched.")
_AT_WORK = Words("还有 {count} 个正在读取。", "{count} are still being read.")
_WELL = Words("没有发现别的问题。", "I see nothing wrong with them.")
_TRY = Words(
    "想知道某个问题能查到什么，可以在“知识”页的“试一试”里问一下。",
    "What a question would find is shown in the Knowledge tab, under Try a question.",
)
_NEWS = Words("关于它的文件：", "About its files: ")
_CAN = Words("我可以{fixes}。", "I can {fixes}.")

_KNOWLEDGE = r"(?:knowledge(?: base)?|files?|documents?|docs)"
_ITS = r"(?:(?:its|my|the|your|our|all|these|those|uploaded) )*"
_ENGLISH = (
    r"(?:(?:please|can you|could you|hey|so|and|but|well)[, ]+)*(?:"
    rf"(?:is|are) (?:there )?(?:anything |something )?(?:wrong with )?{_ITS}{_KNOWLEDGE}(?: \w+){{0,3}}\W*$"
    rf"|(?:what(?:'s|’s| is)|is there anything|is anything|anything|something) wrong with {_ITS}{_KNOWLEDGE}"
    rf"|(?:are there |any |is there a )*(?:problems?|issues?) with {_ITS}{_KNOWLEDGE}"
    rf"|(?:check|inspect|look at|examine|test) {_ITS}{_KNOWLEDGE}\W*$"
    rf"|how (?:is|are|good is|good are|well is|well are) {_ITS}{_KNOWLEDGE}"
    r"|why (?:does|can|did|do|is|are|has|have)(?: not|n['’]t|not)? (?:it|he|she|they|you|the \w+|my \w+)(?: not)? "
    r"(?:know|find|see|read|use|answer|aware)\b"
    r"|it (?:does not|doesn['’]t|can['’]t|cannot) (?:know|find|see|read) (?:what|anything|any|my|the)\b)"
)
_CHINESE = (
    r"(?:请问?|你?帮我|能不能|可以|那|你好)*(?:"
    r"(?:它的|我的|这个|这些)?(?:知识库?|文件|资料|文档)(?:里|中)?(?:还|都|是不是|有没有)?(?:有|出)?(?:什么|啥|没)?问题"
    r"|(?:检查|看看|看一下|查看|查一下|检查一下)(?:一下)?(?:它的|我的|这些)?(?:知识库?|文件|资料|文档)[吧吗呢。！？!?]*$"
    r"|(?:它的|我的|这些)?(?:知识库?|文件|资料|文档)(?:还|都)?(?:好|正常|可以|没事|没问题)(?:吗|不|么|吧)"
    r"|(?:为什么|为啥|怎么)(?:它|他|她|智能体|助手|机器人)?(?:会|还|都|就|总是)?(?:不知道|不晓得|找不到|查不到|没读|答不出|答不上|不了解)"
    r"|(?:它|他|她|智能体|助手)(?:为什么|为啥|怎么)(?:会|还|都|就|总是)?(?:不知道|不晓得|找不到|查不到|没读|答不出|答不上|不了解))"
)
_ASKS = re.compile(f"{_ENGLISH}|{_CHINESE}", re.IGNORECASE)
_MENDS = re.compile(r"\b(?:fix|mend|repair|solve)\b|修", re.IGNORECASE)
_MEANT: Sequence[tuple[Collection[Kind], re.Pattern[str]]] = (
    (
        ("copy", "missing"),
        re.compile(r"\b(?:duplicates?|cop(?:y|ies)|remove|delete|take)\b|重复|副本|移走|移除|删", re.I),
    ),
    (("unread",), re.compile(r"\b(?:again|retry|re-?read)\b|重读|再读|重试|重新读", re.I)),
    (
        ("scope", "unfound", "engine"),
        re.compile(r"\b(?:search|tags?|meaning|words|models?)\b|查找|标签|意思|词|模型", re.I),
    ),
    (("budget",), re.compile(r"\b(?:budget|characters?|more|raise)\b|上限|字符|多读|多看|提高|调高", re.I)),
)


def asks_about_knowledge(speech: Speech) -> bool:
    """Whether a message asks how the agent's knowledge is, and nothing else."""
    words = fold(speech.words.strip())
    return len(words) <= MAX_CHARS and _ASKS.match(words) is not None


def agreed_fixes(speech: Speech, said: Sequence[str], state: State) -> list[str]:
    """The problems whose fix the person agrees to: where the guide's last answer offered some."""
    last, words = (said[-1] if said else ""), fold(speech.words)
    offers = [offer for offer in (OFFER.zh, OFFER.en) if offer in last]
    if not offers or len(words) > MAX_CHARS or not agrees(words):
        return []
    # "Yes" answers what was asked last; "fix it" can mean nothing else.
    if not _MENDS.search(words) and not last.rstrip().endswith(offers[0]):
        return []
    meant = {kind for kinds, named in _MEANT if named.search(words) for kind in kinds}
    return [each.id for each in state.offered if not meant or each.kind in meant]


def report(state: State, language: Language) -> str:
    """How the agent's knowledge is, for whoever asked."""
    values = {"files": state.files, "ready": state.ready, "questions": state.questions, "found": state.found}
    sentences = [(_STATE if state.questions else _UNASKED)[language].format(**values)]
    if state.at_work:
        sentences.append(_AT_WORK[language].format(count=state.at_work))
    told = _told(state.problems, language)
    if not told:
        return _joined([*sentences, _WELL[language], _TRY[language]], language)
    return _joined([*sentences, _TRY[language]], language) + "\n\n" + told


def news(state: State, language: Language) -> str:
    """What is wrong since the person was last told; empty where nothing is."""
    told = _told(state.fresh, language)
    return f"{_NEWS[language]}{told}" if told else ""


def _told(problems: Sequence[Problem], language: Language) -> str:
    shown = problems[:8]
    sentences = [each.words[language] for each in shown]
    fixes = [each.fix.words[language] for each in shown if each.fix]
    if fixes:
        sentences += [_CAN[language].format(fixes=Words("，", ", ")[language].join(fixes)), OFFER[language]]
    return _joined(sentences, language)


def _joined(sentences: Sequence[str], language: Language) -> str:
    return Words("", " ")[language].join(sentences)
