"""Whatever is said to the builder's guide, nothing silly is stored and nothing is lost: properties over any text."""

import asyncio
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builder_core.past import Past
from builder_core.recommend import offers
from builder_core.rules.plan import Plan
from builder_core.rules.sound import MAX_NAME_HAN, MAX_NAME_WORDS, name_is_sound
from builder_core.rules.speech import heard
from builder_core.rules.understanding import understand
from tests.fakes.draft import MemoryDraft
from tests.test_guide_builder import EN, ZH, answer_of, patch_of, take_turn
from user_agent.config import AgentConfig, Document
from user_agent.messages import user_message
from user_agent.tools.registry import all_tools

CATALOGUE = offers(all_tools(), {})
WORDS_TEXT = """
I want an agent bot that plans trips and for my kids please never drop the weather rename it to Max more
formal not start over undo thanks ok what is your name add a question: description tone like who can you make
me teacher it
做 一个 助手 的 我 想要 帮我 查 天气 不要 名字 叫 小明 语气 正式 一点 谢谢 好的 吗 ？
， 。 重新开始 给 孩子 用 会 能 删掉 问题 改成 “你好” 幫 與
"""
WORDS = st.sampled_from(WORDS_TEXT.split())
SPEECH = st.one_of(
    st.text(max_size=120),
    st.lists(WORDS, min_size=1, max_size=14).map(" ".join),
    st.lists(WORDS, max_size=10).map("".join),
)


def planned(said: str, document: Document) -> Plan:
    config = AgentConfig.from_document(json.loads(json.dumps(document)))
    return understand(heard(said), current=config, catalogue=CATALOGUE, past=Past([]), asked=None).plan


@settings(max_examples=300, deadline=None)
@given(said=SPEECH)
def test_a_first_message_gives_texts_within_their_limits_or_none(said: str) -> None:
    fields = planned(said, {}).fields
    name, description = fields.get("name", ""), fields.get("description", "")
    assert isinstance(name, str) and len(name) <= 120
    assert isinstance(description, str) and len(description) <= 2_000
    if fields.get("instruction"):  # "start over" empties what is empty already
        assert description
        assert len(name.split()) <= 40


@settings(max_examples=300, deadline=None)
@given(said=SPEECH, document=st.sampled_from([EN, ZH]))
def test_a_finished_draft_loses_no_field_unless_another_agent_or_a_new_start_is_asked_for(
    said: str, document: Document
) -> None:
    plan = planned(said, document)
    emptied = {field for field, value in plan.fields.items() if value in ("", []) and field != "prompt_recommend"}
    assert not emptied or "start over" in said.lower() or "重新开始" in said or "重新開始" in said


@settings(max_examples=60, deadline=None)
@given(said=SPEECH, document=st.sampled_from([EN, ZH]))
def test_what_was_not_named_stays_byte_for_byte(said: str, document: Document) -> None:
    draft = MemoryDraft(json.loads(json.dumps(document)))
    events = asyncio.run(take_turn(draft, user_message(said)))
    named = {field.split(".")[0] for field in patch_of(events)}
    untouched = document.keys() - named
    assert {field: draft.config.document[field] for field in untouched} == {
        field: document[field] for field in untouched
    }
    assert answer_of(events).strip()


@pytest.mark.parametrize(
    ("name", "sound"),
    [
        ("Weekend Trip Planner", True),
        ("旅行助手", True),
        ("IT helpdesk 助手", True),
        ("And I Need an Assistant", False),
        ("Lawyers That Drafts Contracts Assistant", False),
        ("一" * (MAX_NAME_HAN + 1), False),
        (" ".join(["word"] * (MAX_NAME_WORDS + 1)), False),
        ("的餐厅做一个订位机器人", False),
        ("给旅行助手起", False),
        ("我开了一家花店助手", False),
        ("Trips, Without", False),
        ("", False),
    ],
)
def test_a_name_that_was_made_reads_like_a_name(name: str, sound: bool) -> None:
    assert name_is_sound(name) is sound


LONG = {
    "one letter": "a" * 100_000,
    "words": "a b " * 25_000,
    "commas": "and, " * 20_000,
    "clauses": "rename it to x, " * 7_000,
    "wishes": "more formal. " * 8_000,
    "spaces": " " * 100_000,
    "thanks": "thanks " * 15_000,
    "leads": "can you please " * 7_000,
    "quotes": '"a" ' * 25_000,
    "open quotes": '"' * 100_000,
    "lists": "\n- a" * 25_000,
    "han": "的" * 100_000,
    "han words": "帮我做一个" * 20_000,
    "han clauses": "不要，" * 33_000,
    "han refusals": "不用天气" * 25_000,
    "han tones": "正式" * 50_000,
    "tones": "formal " * 15_000,
    "not": "not " * 25_000,
    "agent for": "agent for that " * 7_000,
    "agent": "I want an agent that " + "plans trips and " * 7_000,
    "han agent": "做一个" + "能查天气、" * 20_000 + "的助手",
    "new lines": "\n" * 100_000,
    "dots": "." * 100_000,
}


@pytest.mark.parametrize("said", LONG.values(), ids=LONG.keys())
@pytest.mark.parametrize("document", [EN, {}], ids=["draft", "empty"])
def test_a_message_of_any_length_is_read_at_once(said: str, document: Document) -> None:
    planned("warm up", document)
    began = time.process_time()
    planned(said, document)
    assert time.process_time() - began < 3
