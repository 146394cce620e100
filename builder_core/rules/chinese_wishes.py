"""How Chinese speakers ask for changes, in the order in which it is heard. Read in simplified characters."""

from builder_core.rules import edits
from builder_core.rules.asking import CHINESE_ASKING
from builder_core.rules.chinese_field_wishes import NAMING, QUESTIONS, TEXTS
from builder_core.rules.chinese_manner_wishes import FORM, LANGUAGE, TONE, TOOLS
from builder_core.rules.edits import Rule, rule, tell
from builder_core.rules.hints import CHINESE_HINTS
from builder_core.rules.memory_wishes import CHINESE_MEMORY
from builder_core.rules.portrait_wishes import CHINESE_PORTRAIT
from builder_core.rules.service_wishes import CHINESE_SERVICES
from builder_core.rules.undo_wishes import CHINESE_UNDO

CHINESE_WISHES: tuple[Rule, ...] = (
    rule(r"(?:我们?)?(?:重新开始|从头(?:再来|开始|来)(?:过)?|推倒重来)(?:吧|了|一[遍次])?$", edits.start_over),
    *CHINESE_UNDO,
    *CHINESE_ASKING,
    *NAMING,
    *TEXTS,
    *QUESTIONS,
    CHINESE_PORTRAIT,
    *CHINESE_MEMORY,
    *CHINESE_SERVICES,
    *(rule(rf"(?:怎么|如何|怎样|在哪里?)?(?:{pattern})", tell(words)) for pattern, words in CHINESE_HINTS),
    *LANGUAGE,
    *TONE,
    *TOOLS,
    *FORM,
)
