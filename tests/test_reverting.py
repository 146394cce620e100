"""Taking one change out of a field: everything else that was set since stays, and what cannot be taken out is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from builder_core.reverting import Clashing, reverted

TASKS = "You plan trips.\n- Ask first.\n"
WEATHER = f"{TASKS}- Check the weather.\n"
SENTENCES = st.sampled_from(
    ["Ask first. ", "Be brief.\n", "查天气。", "先问目的地！", "Use v1.2 now; ", "\n", "- Greet\n"]
)


@pytest.mark.parametrize(
    ("before", "after", "current", "left"),
    [
        (TASKS, WEATHER, WEATHER, TASKS),
        (TASKS, WEATHER, TASKS, TASKS),
        (TASKS, WEATHER, f"Hello. {WEATHER}- Be formal.\n", f"Hello. {TASKS}- Be formal.\n"),
        (
            "你是助手。先问预算。",
            "你是助手。先问预算。再查天气。",
            "你是助手。先问预算。再查天气。语气亲切。",
            "你是助手。先问预算。语气亲切。",
        ),
        ("Hi. Where to?", "Hi.", "Hi. Have fun.", "Hi. Where to? Have fun."),
        (["a"], ["a", "w"], ["x", "a", "w", "z"], ["x", "a", "z"]),
        (["a", "b", "c"], ["a", "c"], ["a", "c", "d"], ["a", "b", "c", "d"]),
        (
            {"temperature": 0.2},
            {"temperature": 0.9},
            {"temperature": 0.9, "max_tokens": 5},
            {"temperature": 0.2, "max_tokens": 5},
        ),
        (None, {"temperature": 0.9}, {"temperature": 0.9, "max_tokens": 5}, {"max_tokens": 5}),
        (False, True, True, False),
        # The heading that came with the first rule is the second one's too.
        (
            "Plan.\n",
            "Plan.\n\n# Rules\n- No prices.\n",
            "Plan.\n\n# Rules\n- No prices.\n- Be brief.\n",
            "Plan.\n\n# Rules\n- Be brief.\n",
        ),
        ("Plan.\n", "Plan.\n\n# Rules\n- No prices.\n", "Plan.\n\n# Rules\n- No prices.\n", "Plan.\n"),
    ],
)
def test_a_change_is_taken_back_and_nothing_else(
    before: JsonValue, after: JsonValue, current: JsonValue, left: JsonValue
) -> None:
    assert reverted(before, after, current) == left


@pytest.mark.parametrize(
    ("before", "after", "current"),
    [
        ("Trip", "Max", "Zed"),
        ("", "Hello", "Hello you"),
        (TASKS, WEATHER, WEATHER.replace("Check", "Always check")),
        ("Hi. Where to?", "", "Bye."),
        ({"temperature": 0.2}, {"temperature": 0.9}, {"temperature": 0.5}),
        (["a"], ["b"], ["c"]),
        (["a"], ["b"], []),
    ],
)
def test_a_later_change_in_the_same_place_is_told_and_not_overwritten(
    before: JsonValue, after: JsonValue, current: JsonValue
) -> None:
    with pytest.raises(Clashing) as caught:
        reverted(before, after, current)
    assert caught.value.wanted == before


@given(st.lists(SENTENCES), st.lists(SENTENCES), st.lists(SENTENCES), st.lists(SENTENCES))
def test_what_stood_before_and_behind_a_change_stays(
    head: list[str], old: list[str], new: list[str], tail: list[str]
) -> None:
    before, after = "".join(["Head.\n", *old, "Tail.\n"]), "".join(["Head.\n", *new, "Tail.\n"])
    current = "".join(["<", *head, ">\n", after, *tail])
    try:
        left = reverted(before, after, current)
    except Clashing:
        return
    assert isinstance(left, str)
    assert left.startswith("".join(["<", *head, ">\n"]))
    assert left.endswith("".join(tail))
    assert len(left) - len(current) == (len(before) - len(after) if current != before else 0)


@given(st.lists(SENTENCES), st.lists(SENTENCES))
def test_a_change_that_nothing_followed_is_taken_back_whole(old: list[str], new: list[str]) -> None:
    before, after = "".join(old), "".join(new)
    assert reverted(before, after, after) == before
