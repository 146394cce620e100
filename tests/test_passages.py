"""How files fall apart into passages."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.knowledge import passages
from user_agent.knowledge.passages import TARGET, WHOLE, signs
from user_agent.knowledge.pieces import Piece, Reading
from user_agent.lexical.sentences import sentences

SENTENCE = "The committee met in the old library and agreed on nothing at all. "
句子 = "委员会在旧图书馆开会，什么也没有决定。"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("他说：“好。”然后走了！真的吗？", ["他说：“好。”", "然后走了！", "真的吗？"]),
        ("Mr. Smith left. He “ran.” Why?", ["Mr. Smith left. ", "He “ran.” ", "Why?"]),
        ("It costs 3.5 dollars in the U.S. today. Fine", ["It costs 3.5 dollars in the U.S. today. ", "Fine"]),
        ("J. K. Rowling wrote it. 中文紧跟!然后", ["J. K. Rowling wrote it. ", "中文紧跟!", "然后"]),
        ("one line\nanother", ["one line\n", "another"]),
        ("", []),
    ],
    ids=["Chinese", "titles and quotes", "numbers and countries", "initials and mixed", "lines", "nothing"],
)
def test_sentences_end_where_a_reader_says(text: str, expected: list[str]) -> None:
    assert [*sentences(text)] == expected


@pytest.mark.parametrize("sentence", [SENTENCE, 句子], ids=["en", "zh"])
def test_a_long_paragraph_falls_apart_between_sentences_into_equal_parts(sentence: str) -> None:
    found = passages(sentence * 60)
    assert len(found) > 2
    assert all(passage.text.startswith(sentence[:3]) and passage.text[-1] in ".。" for passage in found)
    sizes = [signs(passage.text) for passage in found]
    assert max(sizes) <= 1.2 * TARGET
    assert min(sizes) >= 0.7 * TARGET


def test_paragraphs_stay_whole_and_apart() -> None:
    paragraphs = [SENTENCE * 8, SENTENCE * 20, 句子 * 20]
    assert [passage.text for passage in passages("\n\n".join(paragraphs))] == [text.strip() for text in paragraphs]


def test_those_that_say_next_to_nothing_join_their_neighbours() -> None:
    found = passages("问：几点开门？", "答：九点。", "问：几点关门？", "答：五点。")
    assert [passage.text for passage in found] == ["问：几点开门？\n\n答：九点。\n\n问：几点关门？\n\n答：五点。"]


def test_what_stands_under_other_headings_or_on_other_pages_does_not_join() -> None:
    found = passages(
        Piece("Open at nine.", headings=("Hours",)),
        Piece("Ten euros.", headings=("Prices",)),
        Piece("Five euros.", headings=("Prices",), page=2),
    )
    assert [(passage.text, passage.place.headings, passage.place.page) for passage in found] == [
        ("Open at nine.", ("Hours",), None),
        ("Ten euros.", ("Prices",), None),
        ("Five euros.", ("Prices",), 2),
    ]


def test_a_heading_is_no_passage_of_its_own_but_travels_with_what_it_heads() -> None:
    found = passages(
        Piece("Guide", headings=("Guide",)),
        Piece("Prices", headings=("Guide", "Prices")),
        Piece(SENTENCE * 10, headings=("Guide", "Prices")),
        Piece(SENTENCE * 10, headings=("Guide", "Prices")),
        Piece("Rooms", headings=("Guide", "Rooms")),
        Piece("| a |\n|---|\n| 1 |", "table", headings=("Guide", "Rooms")),
        Piece("Nothing follows", headings=("Nothing follows",)),
    )
    assert [(passage.text[:15], passage.place.headings) for passage in found] == [
        ("Prices\n\nThe com", ("Guide", "Prices")),
        (SENTENCE[:15], ("Guide", "Prices")),
        ("| a |\n|---|\n| 1", ("Guide", "Rooms")),
        ("Nothing follows", ("Nothing follows",)),
    ]


def test_a_table_that_is_cut_repeats_its_header() -> None:
    header = "| city | inhabitants |\n|---|---:|\n"
    rows = [f"| {name} | {number} |" for number, name in enumerate(["Hangzhou", "Ningbo", "Wenzhou"] * 60)]
    table = header + "\n".join(rows)
    found = passages("Before.", Piece(table, "table"))[1:]
    assert len(found) > 2
    assert all(passage.text.startswith(header) and passage.kind == "table" for passage in found)
    assert [row for passage in found for row in passage.text[len(header) :].split("\n")] == rows
    # The place leaves a repeated header out.
    assert [passage.place.start for passage in found[:1]] == [len("Before.\n\n")]
    assert all(one.place.end + 1 == other.place.start for one, other in pairwise(passage for passage in found))


def test_code_falls_apart_between_functions() -> None:
    functions = [f"def f{number}():\n{'    call()  # and so on' * 8}\n    return {number}" for number in range(30)]
    found = passages(Piece("\n\n".join(functions), "code"))
    assert len(found) > 2
    assert all(passage.text.startswith("def f") and "return" in passage.text.splitlines()[-1] for passage in found)


@pytest.mark.parametrize(
    "text",
    ["." * 300_000, "word " * 60_000, "\n " * 150_000, "。" * 300_000, "a" * 300_000, '."' * 150_000, "| - " * 75_000],
    ids=["dots", "no sentence", "empty lines", "Chinese dots", "no space", "quotes", "rules"],
)
@pytest.mark.parametrize("kind", ["text", "table", "code"])
def test_no_text_costs_more_than_its_length_and_no_passage_is_long(text: str, kind: str) -> None:
    found = passages(Piece(text, kind))  # pyright: ignore[reportArgumentType]
    assert all(signs(passage.text) <= 2 * WHOLE for passage in found)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text("ab .!?。！\n\t|-中文", min_size=1, max_size=60).map(lambda text: text * 9),
            st.sampled_from(["text", "table", "code"]),
            st.sampled_from([(), ("A",), ("A", "B")]),
        ),
        max_size=6,
    )
)
def test_places_are_exact_and_nothing_but_space_is_left_out(
    given_pieces: list[tuple[str, str, tuple[str, ...]]],
) -> None:
    pieces = tuple(Piece(text, kind, headings) for text, kind, headings in given_pieces)  # pyright: ignore
    text = Reading(pieces).text
    found = passages(*pieces)
    assert [passage.number for passage in found] == [*range(len(found))]
    assert all(passage.text.endswith(text[passage.place.start : passage.place.end]) for passage in found)
    assert all(one.place.end <= other.place.start for one, other in pairwise(found))
    left = list(text)
    for passage in found:
        left[passage.place.start : passage.place.end] = [" "] * (passage.place.end - passage.place.start)
    assert not "".join(left).strip()
