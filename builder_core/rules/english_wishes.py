"""How English speakers ask for changes, in the order in which it is heard."""

from builder_core.rules import edits
from builder_core.rules.asking import ENGLISH_ASKING
from builder_core.rules.edits import Rule, rule, tell
from builder_core.rules.english_field_wishes import NAMING, QUESTIONS, TEXTS
from builder_core.rules.english_manner_wishes import FORM, LANGUAGE, TONE, TOOLS
from builder_core.rules.english_phrases import HOW
from builder_core.rules.hints import ENGLISH_HINTS
from builder_core.rules.memory_wishes import ENGLISH_MEMORY
from builder_core.rules.portrait_wishes import ENGLISH_PORTRAIT
from builder_core.rules.service_wishes import ENGLISH_SERVICES
from builder_core.rules.undo_wishes import ENGLISH_UNDO

ENGLISH_WISHES: tuple[Rule, ...] = (
    rule(
        r"(?:let's )?start (?:over|again|afresh|from scratch|all over)(?: again| from scratch| please| now)*$",
        edits.start_over,
    ),
    *ENGLISH_UNDO,
    *ENGLISH_ASKING,
    *NAMING,
    *TEXTS,
    *QUESTIONS,
    ENGLISH_PORTRAIT,
    *ENGLISH_MEMORY,
    *ENGLISH_SERVICES,
    *(rule(rf"{HOW}(?:{pattern})", tell(words)) for pattern, words in ENGLISH_HINTS),
    *LANGUAGE,
    *TONE,
    *TOOLS,
    *FORM,
)
