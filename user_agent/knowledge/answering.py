"""What was found becomes numbered sections of the prompt, which an answer cites and a person can check."""

import re
from collections.abc import Iterable, Sequence

from user_agent.knowledge.hits import KnowledgeHit
from user_agent.prompts import render
from user_agent.words import Language, Words

SEARCH_KNOWLEDGE = "search_knowledge"
MAX_NAME_CHARS = 120
WEAK_SCORE = 0.2
"""What fits less seldom answers. The first hit stays below for 85 % (zh) and 40 % (en) of the questions of
`bench.answers` whose passage was taken out, and for 3 and 6 % of those whose passage is there."""
_TAG = re.compile(r"<(?=\s*/?\s*passage\b)", re.IGNORECASE)
_PAGE = Words("第 {page} 页", "page {page}")
_SHEET = Words("工作表“{sheet}”", "sheet {sheet}")


def numbered(found: Iterable[KnowledgeHit], budget_chars: int, *, first: int = 1) -> tuple[KnowledgeHit, ...]:
    """The passages in their order, numbered from `first` as far as there is room for them in a prompt.

    The one that crosses the limit is cut there; those after it have no number.
    """
    hits: list[KnowledgeHit] = []
    left, number = budget_chars, first
    for hit in found:
        text = hit.text[: max(left, 0)]
        hits.append(hit.model_copy(update={"text": text, "number": number} if text else {"number": None}))
        number += bool(text)
        left -= len(hit.text)
    return tuple(hits)


def knowledge_section(hits: Iterable[KnowledgeHit], language: Language, *, can_search: bool) -> str:
    """What the prompt says of a search: the passages, also that they hardly fit, or that none does.

    `can_search`: whether the model can itself.
    """
    shown = tuple(hits)
    told = {"passages": passages_told(shown, language), "weak": are_weak(shown)}
    return render("knowledge", language, {**told, "can_search": can_search, "search": SEARCH_KNOWLEDGE})


def are_weak(hits: Sequence[KnowledgeHit]) -> bool:
    """Whether all that was found hardly fits. Passages without a score were not found: all there are were shown."""
    return all(0 < hit.score < WEAK_SCORE for hit in hits)


def passages_told(hits: Iterable[KnowledgeHit], language: Language) -> str:
    """The passages that have a number, as a model reads them."""
    return "\n\n".join(_passage(hit, language) for hit in hits if hit.number is not None)


def _passage(hit: KnowledgeHit, language: Language) -> str:
    place = _in_an_attribute(place_told(hit, language))
    where = f' place="{place}"' if place else ""
    head = f'<passage number="{hit.number}" file="{_in_an_attribute(hit.name)}"{where}>'
    return f"{head}\n{_as_text(hit.text)}\n</passage>"


def place_told(hit: KnowledgeHit, language: Language) -> str:
    """Where in its file a passage stands, in words; empty where nothing is known of it."""
    page = _PAGE[language].format(page=hit.page) if hit.page is not None else ""
    sheet = _SHEET[language].format(sheet=hit.sheet) if hit.sheet else ""
    return " · ".join(filter(None, (hit.member, page, sheet, " > ".join(hit.headings))))


def _in_an_attribute(text: str) -> str:
    """A name that somebody chose, on one line and without signs that could end it."""
    return " ".join(_as_text(text).replace('"', "'").replace("<", "‹").replace(">", "›").split())[:MAX_NAME_CHARS]


def _as_text(text: str) -> str:
    """A passage in which no tag of ours begins or ends: it cannot pass for the end of itself, or for another one."""
    return _TAG.sub("‹", text)
