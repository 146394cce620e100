"""What an agent's knowledge is like: questions made from it are asked back, and copies are found."""

import pytest

from tests.client import Client
from tests.knowing import RETURNS, RETURNS_ZH, checked, knowing
from user_agent.knowledge.checking.duplicates import ALIKE, At, near_duplicates
from user_agent.knowledge.checking.questions import question_of, rarity_of

SONG = "The heron stands on one leg in the grey river and waits until the small fish forget that it is there at all."


async def test_after_reading_each_file_is_asked_its_own_questions_and_copies_are_told(client: Client) -> None:
    longer = f"{SONG}\n\n# Otters\n\nOtters sleep on their backs and hold hands, so that none of them drifts away."
    files = {"returns.md": RETURNS, "退货.md": RETURNS_ZH, "birds.md": longer, "heron.md": SONG}
    agent = await knowing(client, files)
    ids = {file["name"]: file["id"] for file in await client.get(f"/api/agents/{agent}/knowledge")}
    report = await checked(client, agent)
    assert {item["file"] for item in report["asked"]} == {*ids.values()}
    assert all(item["asked"] == item["found"] > 0 for item in report["asked"]), report
    copy = {"one": ids["birds.md"], "other": ids["heron.md"], "passages": 1, "whole": True}
    assert report["copies"] == [copy]
    await client.call("DELETE", f"/api/agents/{agent}/knowledge/{ids['heron.md']}")
    left = await client.get(f"/api/agents/{agent}/knowledge/check")
    assert (left["stale"], left["copies"]) == (True, [])
    again = await client.call("POST", f"/api/agents/{agent}/knowledge/check")
    assert (again.body["stale"], again.body["copies"]) == (False, [])


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("The fee is 12 yuan. A parcel weighs at most 30 kilograms.", "parcel weighs most kilograms"),
        ("运费是 12 元。单件包裹不超过三十公斤，超过的要拆开。", "单件包裹不超过三十公斤"),
        ("12 345 6789", ""),
        ("", ""),
    ],
    ids=["en", "zh", "numbers", "nothing"],
)
def test_a_question_is_made_of_words_and_never_of_numbers(text: str, question: str) -> None:
    assert question_of(text, rarity_of([text])) == question


def test_passages_are_alike_by_what_they_say_and_not_by_how_it_is_laid_out() -> None:
    passages = {
        At("a", 0): SONG,
        At("b", 3): SONG.replace(" ", "\n ").upper(),
        At("b", 4): SONG.replace("heron", "crane"),
        At("c", 0): "Socks can be returned within thirty days, unworn, with the receipt that came with the parcel.",
        At("d", 0): "Yes.",
        At("d", 1): "Yes.",
    }
    found = {(pair.one, pair.other): pair.share for pair in near_duplicates(passages)}
    assert found[At("a", 0), At("b", 3)] == 1
    assert all(share >= ALIKE for share in found.values())
    assert not {place for pair in found for place in pair if place.file in "cd"}
