"""How people ask for a change to be taken back, in English and in Chinese."""

import re
from collections.abc import Mapping, Sequence

from builder_core.past import content
from builder_core.rules.edits import Rule, rule
from builder_core.rules.plan import Plan
from user_agent.words import Words

NOTHING = Words("还没有可以撤销的改动。", "There is no change of mine to take back yet.")
_NOTHING_UNDONE = Words("没有刚撤销的改动可以恢复。", "Nothing was taken back that could be put in again.")
_KEPT = Words("好，不撤销。", "All right, nothing is taken back.")
_AND = re.compile(r"\s*(?:[,，、]|\band\b|和|跟|与|以及|还有)\s*", re.IGNORECASE)
_COUNTS: Mapping[str, int] = {
    **{"two": 2, "couple of": 2, "three": 3, "four": 4, "five": 5},
    **{"两": 2, "二": 2, "三": 3, "四": 4, "五": 5},
}
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
    meant = plan.past.about(value, plan.catalogue) if content(value) else plan.past.last_turn()
    if not meant and _undo_several(plan, value):
        return True
    if not meant:
        plan.tell(_not_found(value) if content(value) else NOTHING)
    _take(plan, meant)
    return True


def _undo_old(plan: Plan, value: str) -> bool:
    """ "The old name back", where there was one."""
    return bool(content(value)) and bool(plan.past.about(value, plan.catalogue)) and _undo(plan, value)


def _undo_several(plan: Plan, value: str) -> bool:
    """ "The name and the weather", where there is a change about each."""
    found = [plan.past.about(part, plan.catalogue) for part in _AND.split(value)]
    if len(found) < 2 or not all(found):
        return False
    for meant in found:
        _take(plan, meant)
    return True


def _undo_last(plan: Plan, value: str) -> bool:
    count = _COUNTS.get(value.lower(), 0) or int(value)
    _take(plan, plan.past.last_turns(count))
    if not plan.undo:
        plan.tell(NOTHING)
    return True


def _keep(plan: Plan, value: str) -> bool:
    """ "Don't undo the weather" asks for nothing; of what was never changed it is a rule for the agent."""
    if content(value) and not plan.past.about(value, plan.catalogue):
        return False
    plan.tell(_KEPT)
    return True


def _take(plan: Plan, names: Sequence[str]) -> None:
    plan.undo.extend(name for name in names if name not in plan.undo)


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
ENGLISH_UNDO: tuple[Rule, ...] = (
    rule(r"redo(?: (?:it|that|this|the last one))?$", _redo, force="command"),
    rule(
        rf"(?:do not|don't|never|no need to) {_TAKE_BACK}(?: (?P<value>.+?))?$",
        _keep,
        force="command",
    ),
    rule(
        rf"{_TAKE_BACK} (?:(?:the|your|my) )?last (?P<value>two|couple of|three|four|five|[2-9]) "
        r"(?:changes|edits|steps|turns|things|ones)$",
        _undo_last,
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
        r"(?:take|change|put|bring|set|turn) (?:it|that|this) back(?: again| to (?:what|how) it was)?$",
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
        rf"{_TAKE_BACK_ZH}(?:掉|了)?(?:最近|最后|上|前|刚才|刚刚)的?(?P<value>[两二三四五2-9])[次步个](?:的?(?:修改|改动|操作|更改))?$",
        _undo_last,
        force="command",
    ),
    rule(r"(?:后?退|回退|撤销|撤回)(?P<value>[两二三四五2-9])[次步]$", _undo_last, force="command"),
    rule(r"回到(?:上一?[步次]|刚才|之前|原来)(?:的?样子)?$", _undo, force="command"),
    rule(
        r"(?P<value>.{1,12}?)(?:还是)?(?:用|要|换|改)(?:回)?(?:原来|之前|以前|原先)的(?:那个)?$", _undo, force="command"
    ),
    rule(rf"{_TAKE_BACK_ZH}(?:掉|了)?(?P<value>.{{0,40}})$", _undo, force="command"),
    rule(
        r"(?:把|将)?(?P<value>.{1,40}?)(?:撤销|撤回|撤消|撤(?=[了掉])|还原|恢复|(?:改|变|换|退)回(?:去|来|原来的?|之前的?|原样))"
        r"(?:掉|吧|了|一下|原样|(?:到)?(?:原来|之前)的?(?:样子)?)*$",
        _undo,
        force="command",
    ),
    rule(r"(?:改|变|换|退)回(?:去|来|原样)?$|(?:退|后退)一步$", _undo, force="command"),
    rule(r"取消(?P<value>(?:刚才|刚刚|上一?[步次]).{0,12})$", _undo, force="command"),
)
