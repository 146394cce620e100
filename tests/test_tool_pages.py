"""The pages about tools say what the tools are."""

from docs.tool_pages import FOLDER, pages


def test_the_pages_are_those_of_the_tools() -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    wrong = sorted(name for name in written.keys() | pages().keys() if written.get(name) != pages().get(name))
    assert not wrong, "out of date; run: python -m docs.tool_pages"


def test_a_page_says_what_a_person_has_to_know() -> None:
    page = pages()["qwen_vl.md"]
    for told in ("DASHSCOPE_API_KEY", "DASHSCOPE_BASE_URL", "qwen3.6-plus", "130 s", "image_file_paths", "看图问答"):
        assert told in page
