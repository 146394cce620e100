"""Questions that a passage should answer, made by a model: as a person would ask who has not read it."""

from collections.abc import Sequence
from dataclasses import dataclass

from user_agent.knowledge.checking.asking import Answer, Nonsense, Task, ask, number_in, quoted, with_headings
from user_agent.knowledge.passages import Passage
from user_agent.models.base import ChatModel
from user_agent.storable import cleaned
from user_agent.words import Language

MAX_SHOWN_CHARS = 1_200
"""Of one passage."""
MAX_QUESTION_CHARS = 200
_LEAST_CHARS = 4


@dataclass(frozen=True, slots=True)
class Made:
    """Questions by the number of the passage that each was made from."""

    questions: dict[int, str]
    tokens: int


def task_of(passages: Sequence[Passage]) -> Task:
    """What a model is asked about these passages of one file."""
    shown = "\n".join(
        f'<passage number="{number}">\n{_shown(passage)}\n</passage>' for number, passage in enumerate(passages, 1)
    )
    return Task("questions", shown)


async def questions_by(model: ChatModel, passages: Sequence[Passage], language: Language) -> Made:
    """One question for each of these passages, as far as the model made one. Raises `ModelError`.

    What it answers is taken for questions and nothing else, whatever the passages talked it into.
    """
    answer = await ask(model, task_of(passages), language)
    questions = _questions(answer, passages)
    if not questions:
        raise Nonsense(answer.tokens)
    return Made(questions, answer.tokens)


def _questions(answer: Answer, passages: Sequence[Passage]) -> dict[int, str]:
    made = dict[int, str]()
    for item in answer.items:
        number, said = number_in(item.get("passage")), item.get("question")
        if number is None or not 1 <= number <= len(passages) or not isinstance(said, str):
            continue
        question = " ".join(cleaned(said).split())[:MAX_QUESTION_CHARS]
        if len(question) >= _LEAST_CHARS:
            made.setdefault(passages[number - 1].number, question)
    return made


def _shown(passage: Passage) -> str:
    return quoted(with_headings(passage), MAX_SHOWN_CHARS)
