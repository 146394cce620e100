"""Small edits of an instruction's text: a line more, a line exchanged. Everything else stays as it was written."""

import re

from user_agent.words import Language, Words

RULES = Words("# 规则", "# Rules")
TASK = Words("# 任务", "# Task")

_HAN = re.compile("[\u3400-\u9fff]")

TONE = Words("- 语气：", "- Tone: ")
ANSWER_LANGUAGE = Words("- 回答语言：", "- Language of answers: ")
AUDIENCE = Words("- 面向：", "- For: ")
ASK_FIRST = Words("- 回答前先了解：", "- Ask first about: ")


def with_line(instruction: str, language: Language, heading: Words, line: str) -> str:
    """The instruction with a line at the end of a section, which is made at the end where there is none.

    A section counts in either language. A line that is already there is not added again.
    """
    lines = instruction.splitlines()
    if line in lines:
        return instruction
    section = next((known for known in (heading.zh, heading.en) if known in lines), "")
    if not section:
        return f"{instruction.rstrip()}\n\n{heading[language]}\n{line}".lstrip()
    end = lines.index(section) + 1
    while end < len(lines) and not lines[end].startswith("# "):
        end += 1
    while not lines[end - 1].strip():
        end -= 1
    return "\n".join([*lines[:end], line, *lines[end:]])


def with_labelled(instruction: str, language: Language, label: Words, value: str) -> str:
    """The instruction with `value` under a label such as "Tone": exchanged where the label stands, else added."""
    line = f"{label[language]}{_stopped(value, language)}"
    for known in (label.zh, label.en):
        present = re.search(rf"^{re.escape(known)}.*$", instruction, re.MULTILINE)
        if present:
            return instruction[: present.start()] + line + instruction[present.end() :]
    return with_line(instruction, language, RULES, line)


def with_rule(instruction: str, language: Language, rule: str) -> str:
    """The instruction with one rule more, in the person's words."""
    return with_line(instruction, language, RULES, f"- {_sentence(rule, language)}")


def with_task(instruction: str, language: Language, task: str) -> str:
    """The instruction with one thing more that the agent does."""
    return with_line(instruction, language, TASK, f"- {_sentence(task, language)}")


def without_lines(instruction: str, wanted: str) -> str:
    """The instruction without the rules and tasks that say `wanted`, as a whole or in a word of it."""
    said = wanted.lower().strip(" .。")
    kept = [line for line in instruction.splitlines() if not (line.startswith("- ") and said and said in line.lower())]
    return "\n".join(kept)


def section(instruction: str, heading: Words) -> str:
    """What stands under a heading, in either language, up to the next one."""
    found: list[str] = []
    inside = False
    for line in instruction.splitlines():
        inside = line in (heading.zh, heading.en) if line.startswith("# ") else inside
        found += [line] if inside else []
    return "\n".join(found)


def labelled(instruction: str, label: Words) -> str:
    """What stands under a label; empty where there is no such line."""
    return next((line for line in instruction.splitlines() if line.startswith((label.zh, label.en))), "")


def has_label(instruction: str, label: Words) -> bool:
    return any(line.startswith((label.zh, label.en)) for line in instruction.splitlines())


def _sentence(text: str, language: Language) -> str:
    """The words with a capital and a full stop."""
    said = _stopped(text, language)
    return said[:1].upper() + said[1:]


def _stopped(text: str, language: Language) -> str:
    said = text.strip().rstrip("。.；;，,")
    if said.endswith(("！", "？", "!", "?")):
        return said
    # A rule is in the person's own words, which need not be in the agent's language.
    written: Language = "zh" if _HAN.search(said) else "en" if said.isascii() else language
    return said + Words("。", ".")[written]
