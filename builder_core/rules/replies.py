"""What the guide says of itself and of a conversation; what its calls have done is told by `reporting`."""

from collections.abc import Sequence, Set

from builder_core.rules.courtesy import Kind
from user_agent.words import Language, Words

INVITATION = Words(
    "说说你想要一个什么样的智能体吧：它做什么、给谁用。比如“做一个规划周末旅行的助手，要会查天气”。",
    "Tell me what kind of agent you would like: what it does, and for whom. "
    "For example: “I want an agent that plans weekend trips and knows the weather”.",
)
HELP = Words(
    "我是按规则工作的搭建向导，可以改名称、简介、指令、开场白、推荐问题、语气、回答语言和工具。"
    "比如：“改名为小旅”“语气更正式”“去掉天气”“不要推荐酒店”“用英文回答”“重新开始”。",
    "I am the builder's guide and work by rules. I can change the name, description, instruction, opening message, "
    "suggested questions, tone, language and tools. For example: “rename it to Max”, “more formal”, "
    "“drop the weather”, “never mention prices”, “answer in Chinese”, “start over”.",
)
MATERIAL = Words(
    "引用或粘贴的内容我只当作资料，不会照着改。想改什么，用你自己的话告诉我就好。",
    "I take quoted and pasted text as material and change nothing because of it. "
    "Tell me in your own words what you would like to change.",
)
THANKS = Words("不客气！还想改什么，直接告诉我。", "You are welcome! Tell me whenever you want to change something.")
_NOT_CAUGHT = Words(
    "这句我没听懂，什么也没有改。可以这样说：“改名为小旅”“语气更正式”“去掉天气”“不要推荐酒店”“用英文回答”。",
    "I did not catch that, and nothing was changed. You can say for example “rename it to Max”, “more formal”, "
    "“drop the weather”, “never mention prices”, “answer in Chinese”.",
)
_LEFT_OVER = Words("“{said}”这部分我没听懂，没有改。", "I did not catch “{said}”, so nothing was done about it.")
_GREETING = Words("你好！", "Hello!")
_GLAD = Words(
    "很高兴你喜欢！还想改什么，直接告诉我。", "Glad you like it! Tell me whenever you want to change something."
)
_BYE = Words(
    "好的，都已经保存了。随时回来，在预览里就能和它聊。",
    "All right: everything is saved. Come back any time; you can talk with it in the preview.",
)
_SHOWN_CHARS = 80
CLOSING: frozenset[Kind] = frozenset(("thanks", "praise", "farewell", "ending"))
"""After these nothing more is asked, though a question was open."""
ENDING: frozenset[Kind] = frozenset((*CLOSING, "refusal"))
DONE = Words("到预览里试试它吧；还想改什么，直接告诉我。", "Try it in the preview, and tell me what to change next.")


def greeting(kinds: Set[Kind], language: Language) -> str:
    """A greeting for a greeting."""
    return _GREETING[language] if "greeting" in kinds else ""


def courtesy(kinds: Set[Kind], language: Language) -> str:
    """An answer to small talk; empty where the next question is answer enough."""
    answers: tuple[tuple[Kind, Words], ...] = (
        ("farewell", _BYE),
        ("ending", _BYE),
        ("refusal", _BYE),
        ("thanks", THANKS),
        ("praise", _GLAD),
        ("greeting", _GREETING),
    )
    return next((words[language] for kind, words in answers if kind in kinds), "")


def not_caught(language: Language) -> str:
    """For a message that no rule took."""
    return _NOT_CAUGHT[language]


def left_over(missed: str, language: Language) -> str:
    """For the part of a message that no rule took, where another part was done."""
    shown = missed if len(missed) <= _SHOWN_CHARS else f"{missed[:_SHOWN_CHARS]}…"
    return _LEFT_OVER[language].format(said=shown)


def joined(sentences: Sequence[str], language: Language) -> str:
    return Words("", " ")[language].join(sentence for sentence in sentences if sentence)
