"""How people ask for a change to be taken back, in English and in Chinese."""

import re

from builder_core.past import content
from builder_core.rules.edits import Rule, rule
from builder_core.rules.plan import Plan
from user_agent.words import Words

NOTHING = Words("还没有可以撤销的改动。", "There is no change of mine to take back yet.")
_NOTHING_UNDONE = Words("没有刚撤销的改动可以恢复。", "Nothing was taken back that could be put in again.")
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
    if not meant:
        plan.tell(_not_found(value) if content(value) else NOTHING)
    plan.undo.extend(name for name in meant if name not in plan.undo)
    return True


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


ENGLISH_UNDO: tuple[Rule, ...] = (
    rule(r"redo(?: (?:it|that|this|the last one))?$", _redo, force="command"),
    rule(
        r"(?:undo|revert|roll ?back|reverse|take back)(?: (?P<value>.+?))?(?: (?:to (?:what|how) it was|again|back))*$",
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
    rule(r"(?:撤销|撤回|撤消|还原|回退|退回|恢复)(?:掉|了)?(?P<value>.{0,40})$", _undo, force="command"),
    rule(
        r"(?:把|将)?(?P<value>.{1,40}?)(?:撤销|撤回|撤消|还原|恢复|(?:改|变|换|退)回(?:去|来|原来的?|之前的?|原样))"
        r"(?:掉|吧|了|原样|(?:到)?(?:原来|之前)的?(?:样子)?)*$",
        _undo,
        force="command",
    ),
    rule(r"(?:改|变|换|退)回(?:去|来|原样)?$|(?:退|后退)一步$", _undo, force="command"),
    rule(r"取消(?P<value>(?:刚才|刚刚|上一?[步次]).{0,12})$", _undo, force="command"),
)
