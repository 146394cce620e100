"""What a model is told besides the person's words: files in two languages, rendered strictly."""

from functools import cache
from pathlib import Path

from jinja2 import DictLoader, Environment, StrictUndefined, Template

from user_agent.words import Language

_FOLDER = Path(__file__).parent


@cache
def load_prompts(folder: Path) -> Environment:
    """The prompt files of a folder. A name that a template uses and nobody gives is an error, not a blank.

    The files are read here, once, so call it where reading may block: when the module that renders them is imported.
    """
    return Environment(
        loader=DictLoader({file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.j2")}),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701  plain text for a model, never HTML; values are inserted, not evaluated
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


@cache
def _phrases(language: Language) -> dict[str, Template]:
    template = load_prompts(_FOLDER).get_template(f"phrases.{language}.j2")
    return {name: template for name in template.blocks}


def render(name: str, language: Language, values: dict[str, object], folder: Path = _FOLDER) -> str:
    """The prompt `<name>.<language>.j2` with these values in it. Raises `UndefinedError` where one is missing."""
    return load_prompts(folder).get_template(f"{name}.{language}.j2").render(values).strip()


def phrase(language: Language, name: str, **values: object) -> str:
    """One of the sentences that the loop itself says: a block of `phrases.<language>.j2`."""
    template = _phrases(language)[name]
    context = template.new_context(values)
    return "".join(template.blocks[name](context)).strip()


load_prompts(_FOLDER)
