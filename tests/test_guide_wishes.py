"""What the guide does for newer wishes: to be remembered, to use one's own service; and what tools cost and need."""

import re

import pytest

from builder_core.recommend import offers
from tests.fakes.draft import MemoryDraft
from tests.test_guide_builder import EN, ZH, answer_of, patch_of, take_turn
from user_agent.config import Document
from user_agent.messages import user_message
from user_agent.tools.registry import all_tools
from user_agent.words import Words


@pytest.mark.parametrize(
    ("said", "draft"),
    [
        ("remember me", EN),
        ("It should remember what I said", EN),
        ("please remember my preferences next time", EN),
        ("it must never forget what people tell it, and remembers who they are", EN),
        ("turn on the memory", EN),
        ("I want an agent that plans my trips and remembers what I told it", {}),
        ("记住我", ZH),
        ("记住我说过的话", ZH),
        ("要能记住用户的喜好", ZH),
        ("别忘了我说过的话", ZH),
        ("打开记忆功能", ZH),
        ("做一个旅行助手，能记住我的口味", {}),
        ("要記住我說過的話", ZH),
    ],
)
async def test_who_wants_to_be_remembered_has_the_memory_switched_on_and_no_tool(said: str, draft: Document) -> None:
    events = await take_turn(MemoryDraft(draft), user_message(said))
    changed = patch_of(events)
    assert changed["memory"] is True and not [field for field in changed if field.startswith("tools.")]
    assert re.search("Configure, Memory of you|配置 → 对你的记忆", answer_of(events))


@pytest.mark.parametrize(
    "said",
    [
        "remember to mention the opening hours",
        "it should never remember what I said",
        "An agent that helps me remember what people said",
        "writes poems about remembering me",
        'My boss wrote: "remember me"',
        "> remember me\n> and what I said",
        "记得提一下营业时间",
        "不要记住用户说的话",
        "你还记得我吗？",
        "他说“记住我说过的话”",
        "```\n记住我说过的话\n```",
    ],
)
async def test_nothing_else_switches_the_memory_on(said: str) -> None:
    for document in (EN, {}):
        assert "memory" not in patch_of(await take_turn(MemoryDraft(document), user_message(said)))


@pytest.mark.parametrize("said", ["turn off the memory", "don't remember me", "关掉记忆功能", "不要记住我说过的话"])
async def test_the_memory_is_switched_off_by_saying_so(said: str) -> None:
    assert patch_of(await take_turn(MemoryDraft({**EN, "memory": True}), user_message(said))) == {"memory": False}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("use our ticket system", "Configure, APIs"),
        ("Connect our internal API, please", "Configure, APIs"),
        ("connect my MCP server", "Configure, MCP servers"),
        ("how do I add an MCP server?", "Configure, MCP servers"),
        ("接入我们的工单系统", "配置 → API"),
        ("对接公司的 API", "配置 → API"),
        ("连接我的 MCP 服务器", "配置 → MCP 服务器"),
        ("怎么接入 MCP？", "配置 → MCP 服务器"),
    ],
)
async def test_a_service_without_an_address_is_answered_with_what_to_give_and_where(said: str, told: str) -> None:
    events = await take_turn(MemoryDraft(EN), user_message(said))
    assert patch_of(events) == {}
    assert told in answer_of(events) and "https://…" in answer_of(events)


@pytest.mark.parametrize(
    ("said", "asks"),
    [
        ("I want a helpdesk agent that uses our ticket system", True),
        ("做一个客服助手，接入我们的工单系统", True),
        ("I want a tutor that explains how to use an API", False),
        ("I want an agent that never uses our ticket system and answers by heart", False),
        ("I want a coach that uses our grading system", False),
        ("做一个讲解怎么用 API 的老师", False),
    ],
)
async def test_a_description_that_speaks_of_a_service_of_theirs_asks_for_it(said: str, asks: bool) -> None:
    events = await take_turn(MemoryDraft(), user_message(said))
    assert "instruction" in patch_of(events)
    assert ("https://…" in answer_of(events)) is asks


async def test_what_a_tool_costs_and_needs_is_told_for_each() -> None:
    draft = MemoryDraft({**EN, "tools": {}})
    answer = answer_of(await take_turn(draft, user_message("use the code interpreter, web search and http requests")))
    assert set(draft.config.enabled_tools) == {"code_interpreter", "web_search", "http_request"}
    each = re.search(r"adds about (\d+) tokens to every turn \((.+?)\)", answer)
    assert each and set(re.sub(r" \d+", "", each[2]).split(", ")) == {
        "Code interpreter",
        "Search the web",
        "HTTP requests",
    }
    assert sum(map(int, re.findall(r"\d+", each[2]))) == int(each[1])
    assert "Free without a key; with one, as its vendor charges." in answer


async def test_a_tool_that_does_not_work_here_is_told_with_what_helps() -> None:
    why = Words("没有沙箱。运行 install-sandbox。", "There is no sandbox. Run install-sandbox.")
    catalogue = offers(all_tools(), {}, {"code_interpreter": why})
    for said, told in (("it should run Python", "There is no sandbox."), ("要能运行 Python", "运行 install-sandbox")):
        draft = MemoryDraft(EN)
        assert told in answer_of(await take_turn(draft, user_message(said), catalogue=catalogue))
        assert "code_interpreter" in draft.config.enabled_tools


@pytest.mark.parametrize(
    ("said", "tool"),
    [
        ("it should analyse the CSV files that people attach", "code_interpreter"),
        ("it must call our web hook after each order", "http_request"),
        ("summarise the links I send", "web_browser"),
        ("it should search the web first", "web_search"),
        ("要能分析销售数据", "code_interpreter"),
        ("还要会运行 Python", "code_interpreter"),
        ("需要的时候调用我们的下单接口", "http_request"),
        ("要能读网页", "web_browser"),
        ("总结我发的链接", "web_browser"),
        ("让它上网搜最新消息", "web_search"),
    ],
)
async def test_a_correction_that_needs_a_newer_tool_switches_it_on(said: str, tool: str) -> None:
    draft = MemoryDraft({**EN, "tools": {}})
    answer = answer_of(await take_turn(draft, user_message(said)))
    assert list(draft.config.enabled_tools) == [tool]
    assert re.search(r"about \d+ tokens to every turn|每轮约增加 \d+ 个 token", answer)


@pytest.mark.parametrize(
    "said",
    [
        "call it Max and run through the rules first",
        "read the question twice",
        "explain the link between sleep and health",
        "open with a joke",
        "> run Python\n> and search the web\n\nbe shorter",
        "分析用户的语气",
        "总结一下再回答",
        "他说“要能上网搜”",
    ],
)
async def test_nothing_like_it_switches_a_tool_on(said: str) -> None:
    draft = MemoryDraft({**EN, "tools": {}})
    await take_turn(draft, user_message(said))
    assert not draft.config.enabled_tools
