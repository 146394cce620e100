"""How people ask for a change to be taken back, in English and in Chinese."""

import re
from collections.abc import Sequence

from builder_core.draft import PastChange
from builder_core.past import content
from builder_core.reverting import Clashing, reverted
from builder_core.rules import instruction as lines
from builder_core.rules.chinese_phrases import IT as IT_ZH
from builder_core.rules.chinese_phrases import NOT, SPEECH
from builder_core.rules.edits import Rule, rule, set_tone
from builder_core.rules.english_phrases import BE, HE, LESS, TONE_NOUN, TONES
from builder_core.rules.plan import Plan
from builder_core.rules.tool_wishes import drop_tool, tell_promises
from builder_core.rules.unwanted import topic_of
from builder_core.rules.vocabulary import TONE_WORDS, tones_named
from builder_core.rules.which_change import Pointed, pointed_at
from user_agent.chinese import fold
from user_agent.words import Words

NOTHING = Words("还没有可以撤销的改动。", "There is no change of mine to take back yet.")
_NOTHING_UNDONE = Words("没有刚撤销的改动可以恢复。", "Nothing was taken back that could be put in again.")
_KEPT = Words("好，不撤销。", "All right, nothing is taken back.")
_AND = re.compile(r"\s*(?:[,，、]|\band\b|和|跟|与|以及|还有)\s*", re.IGNORECASE)
_EVERYTHING = Words(
    "要清空整份草稿，请说“重新开始”；要回到某个时候，请在“历史”里选一个版本。",
    "To empty the whole draft say “start over”; to go back to an earlier moment choose a version under History.",
)
_ALL = re.compile(
    r"(?:everything|all(?: of it| changes| the changes)?|所有|全部|一切)(?:的?(?:修改|改动|更改))?", re.IGNORECASE
)


def _undo(plan: Plan, value: str) -> bool:
    if _ALL.fullmatch(value):
        plan.tell(_EVERYTHING)
        return True
    if place := pointed_at(plan.past, value):
        return _undo_there(plan, place, value)
    meant = plan.past.about(value, plan.catalogue) if content(value) else plan.past.last_turn()
    if not meant and _undo_several(plan, value):
        return True
    if not meant:
        plan.tell(_not_found(value) if content(value) else NOTHING)
    _take(plan, meant)
    return True


def _undo_there(plan: Plan, place: Pointed, value: str) -> bool:
    """ "The second change": what is at that place, or the question which one it is."""
    _take(plan, place.names)
    if place.ask:
        plan.ask(place.ask)
    elif not place.names:
        plan.tell(_not_found(value) if plan.past.turns else NOTHING)
    return True


def _undo_named(plan: Plan, value: str) -> bool:
    """ "The weather thing, undo it": the change that was named first, and no other where there is none."""
    topic = topic_of(value)
    if not content(topic):
        return False
    if meant := plan.past.about(topic, plan.catalogue):
        _take(plan, meant)
        return True
    if drop_tool(plan, topic):
        return True
    if _POINTING.search(fold(value)):
        plan.tell(_not_found(topic))
        return True
    return False


def _less_again(plan: Plan, value: str) -> bool:
    """ "Less formal again": the change that made it formal is taken back; where there is none, the tone is changed."""
    named = tones_named(_LESS.sub("", fold(value)))
    made = next((name for name, change in plan.past.by_name.items() if _made_only(change, named)), None)
    if made and _still_holds(plan.past.by_name[made], plan.text("instruction")):
        _take(plan, [made])
        return True
    return set_tone(plan, value)


def _made_only(change: PastChange, tones: Sequence[Words]) -> bool:
    """Whether a change brought one of these tones into the instruction, and did nothing else."""
    before, after = str(change.before or ""), str(change.after or "")
    if change.field != "instruction" or change.author == "undo":
        return False
    was, now = lines.labelled(before, lines.TONE), lines.labelled(after, lines.TONE)
    brought = any((tone.zh in now and tone.zh not in was) or (tone.en in now and tone.en not in was) for tone in tones)
    headings = {lines.RULES.zh, lines.RULES.en, "", was, now}
    return brought and not (set(before.splitlines()) ^ set(after.splitlines())) - headings


def _still_holds(change: PastChange, instruction: str) -> bool:
    try:
        return reverted(change.before, change.after, instruction) != instruction
    except Clashing:
        return False


def _undo_old(plan: Plan, value: str) -> bool:
    """ "The old name back", where there was one."""
    return bool(content(value)) and bool(plan.past.about(value, plan.catalogue)) and _undo(plan, value)


def _undo_recent(plan: Plan, value: str) -> bool:
    """ "退两步": so many of the last."""
    return _undo(plan, f"最近{value}")


def _undo_several(plan: Plan, value: str) -> bool:
    """ "The name and the weather", where there is a change about each."""
    found = [plan.past.about(part, plan.catalogue) for part in _AND.split(value)]
    if len(found) < 2 or not all(found):
        return False
    for meant in found:
        _take(plan, meant)
    return True


def _keep(plan: Plan, value: str) -> bool:
    """ "Don't undo the weather" asks for nothing; of what was never changed it is a rule for the agent."""
    if content(value) and not plan.past.about(value, plan.catalogue):
        return False
    plan.tell(_KEPT)
    return True


def _take(plan: Plan, names: Sequence[str]) -> None:
    plan.undo.extend(name for name in names if name not in plan.undo)
    changes = [plan.past.by_name[name] for name in names]
    gone = [change.field.removeprefix("tools.") for change in changes if change.field.startswith("tools.")]
    if gone and len(gone) == len(changes):
        tell_promises(plan, [tool for tool in gone if tool in plan.enabled])


def _redo(plan: Plan, _: str) -> bool:
    plan.undo.extend(plan.past.last_undo())
    if not plan.undo:
        plan.tell(_NOTHING_UNDONE)
    return True


def _not_found(value: str) -> Words:
    shown = value if len(value) <= 40 else f"{value[:40]}…"
    return Words(
        f"没有找到和“{shown}”有关的改动；每次改了什么，都写在我的那条回复下面。",
        f"I found no change about “{shown}”. What changed stands below each of my answers; each can be undone there.",
    )


_TAKE_BACK = r"(?:undo|revert|roll ?back|reverse|take back)"
_TAKE_BACK_ZH = r"(?:撤销|撤回|撤消|还原|回退|退回|恢复)"
_BACK_IT = rf"(?:{_TAKE_BACK}(?: (?:it|that|this|them|those))?|(?:take|put|change) (?:it|that|this) back)"
_BACK_IT_ZH = rf"(?:把(?:它|这个|那个))?(?:{_TAKE_BACK_ZH}|撤(?=[了掉吧]|$)|改回(?:去|来))(?:掉|了|它|一下|回来|回去)*"
_SOFTLY = r"(?:(?:please|just|so|then|can you|could you|let's|i want to|i'd like to|and) )*"
_POINTING = re.compile(
    r"\b(?:the|that|this|my|its|your|about|drop|remove|delete|scrap|ditch)\s+(?!was|is)\w|[那这]个|不要|去掉|删掉",
    re.IGNORECASE,
)
_LESS = re.compile(
    r"\b(?:less|no longer|not|don't be|do not be|isn't|never)\b(?: (?:so|too|that|as|quite|be|very))*|"
    r"(?:不要|别|不用|不必|不)(?:再)?(?:说得|写得)?(?:那么|这么|那样|这样|太|过于)?",
    re.IGNORECASE,
)
ENGLISH_UNDO: tuple[Rule, ...] = (
    rule(
        rf"(?P<value>[^\ue000-\uefff\n]{{2,80}}?)\s*(?:[,:，]|[-–—]+|\band\b)[,:\s]*{_SOFTLY}{_BACK_IT}"
        r"(?: (?:please|now|again))*$",
        _undo_named,
        "whole",
        force="command",
    ),
    rule(
        rf"{_BACK_IT}\s*(?:[,;:，]|[-–—]+)\s*(?P<value>(?:the|that|this|about|i mean)\b[^\ue000-\uefff,;:\n]{{2,60}})$",
        _undo_named,
        "whole",
        force="command",
    ),
    rule(
        rf"(?:(?:{BE}|{HE} (?:should|must|can)(?: be| sound)?|be|sound|go back to(?: being)?)\s+)?"
        rf"(?P<value>{LESS}{TONES}){TONE_NOUN} (?:again|any ?more|any longer|like before|as before|after all)$",
        _less_again,
        force="command",
    ),
    rule(r"redo(?: (?:it|that|this|the last one))?$", _redo, force="command"),
    rule(
        rf"(?:do not|don't|never|no need to) {_TAKE_BACK}(?: (?P<value>.+?))?$",
        _keep,
        force="command",
    ),
    rule(rf"{_TAKE_BACK} (?P<value>.+)$", _undo_several, "sentence", force="command"),
    rule(r"(?:ctrl|cmd|control|command) ?[+-]? ?z$", _undo, force="command"),
    rule(r"cancel (?P<value>(?:the|your|my) (?:last|previous|latest) (?:change|edit|step|turn|one))$", _undo),
    rule(
        r"(?:(?:go|switch|change) back to )?(?P<value>(?:the |my |its )(?:old|previous|original|earlier) .{2,40}?)"
        r"(?: back(?: again)?)?$",
        _undo_old,
        force="command",
    ),
    rule(
        rf"{_TAKE_BACK}(?: (?P<value>.+?))?(?: (?:to (?:what|how) it was|again|back))*$",
        _undo,
        force="command",
    ),
    rule(r"restore (?P<value>(?:the |my |its )?(?:old|previous|last|earlier|original)\b.*)$", _undo, force="command"),
    rule(r"restore(?: (?:it|that|this))?$", _undo, force="command"),
    rule(
        r"(?:take|change|put|bring|set|turn) (?:it|that|this) back(?: again| to (?:what|how) it was|"
        r" (?:to )?the way it was| as it was|"
        r" like (?:it was|before))*$",
        _undo,
        force="command",
    ),
    rule(
        r"(?:take|change|put|bring|set|turn) (?P<value>the .{2,40}?) back(?: again| to (?:what|how) it was)?$",
        _undo,
        force="command",
    ),
    rule(r"go back(?: (?:a|one) step)?$", _undo, force="command"),
)

CHINESE_UNDO: tuple[Rule, ...] = (
    rule(r"(?:取消撤销|恢复刚才?撤销的?(?:修改|改动|内容)?|重新应用)$", _redo, force="command"),
    rule(rf"(?:不要|不用|不必|别)(?:再)?{_TAKE_BACK_ZH}(?P<value>.{{0,20}})$", _keep, force="command"),
    rule(
        rf"(?P<value>[^\ue000-\uefff\n]{{2,30}}?)\s*[，,：:\s]\s*(?:请|就|帮我|那就|那|所以|给我|麻烦你?|先|"
        rf"都)*{_BACK_IT_ZH}$",
        _undo_named,
        "whole",
        force="command",
    ),
    rule(
        rf"{_BACK_IT_ZH}吧?\s*[，,：:]\s*(?:我说的)?(?:是)?(?P<value>[^\ue000-\uefff，,\n]{{2,20}})$",
        _undo_named,
        "whole",
        force="command",
    ),
    rule(
        rf"(?:{IT_ZH}|{SPEECH}|还是|就|请|以后|的|地)*(?P<value>{NOT}(?:{TONE_WORDS}))(?:的)?(?:{SPEECH})?了$",
        _less_again,
        force="command",
    ),
    rule(r"(?:后?退|回退|撤销|撤回)(?P<value>[两二三四五2-9][次步])$", _undo_recent, force="command"),
    rule(r"回到(?:上一?[步次]|刚才|之前|原来)(?:的?样子)?$", _undo, force="command"),
    rule(
        r"(?P<value>.{1,12}?)(?:还是)?(?:用|要|换|改)(?:回)?(?:原来|之前|以前|原先)的(?:那个)?$", _undo, force="command"
    ),
    rule(rf"{_TAKE_BACK_ZH}(?:掉|了)?(?P<value>.{{0,40}})$", _undo, force="command"),
    rule(
        r"(?:把|将)?(?P<value>.{1,40}?)(?:撤销|撤回|撤消|撤(?=[了掉])|还原|恢复|(?:改|变|换|退)回(?:去|来|"
        r"原来的?|之前的?|原样))"
        r"(?:掉|吧|了|一下|原样|(?:到)?(?:原来|之前)的?(?:样子)?)*$",
        _undo,
        force="command",
    ),
    rule(r"(?:改|变|换|退)回(?:去|来|原样)?$|(?:退|后退)一步$", _undo, force="command"),
    rule(r"取消(?P<value>(?:刚才|刚刚|上一?[步次]).{0,12})$", _undo, force="command"),
)
