"""`image_gen` against the wires of DashScope and OpenAI, against vendors that misbehave, and as a call of the loop."""

import asyncio
import io
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

import pytest
from PIL import Image

from tests.fakes.dashscope_images import Creating, Ending, ImageServer, Link
from user_agent.errors import ToolError
from user_agent.events import ToolFinished
from user_agent.images.drawing import draw
from user_agent.images.wish import Wish
from user_agent.messages import FilePart, ToolCallPart
from user_agent.net import Http
from user_agent.tools.calling import call_tool
from user_agent.tools.context import Keep, ToolContext
from user_agent.tools.registry import find_tool
from user_agent.vendors.pace import Pace
from user_agent.words import Language

KEY = "sk-dashscope-1234567890"
OPENAI_KEY = "sk-openai-1234567890"
QUICK = Pace(first_s=0.01, longest_s=0.02, deadline_s=5.0)


@pytest.fixture
async def vendor() -> AsyncIterator[ImageServer]:
    async with ImageServer() as server:
        yield server


@dataclass
class Kept:
    """Where the test keeps what a tool makes."""

    files: list[tuple[str, str, bytes]] = field(default_factory=list[tuple[str, str, bytes]])

    async def keep(self, data: bytes, *, name: str, media_type: str) -> FilePart:
        self.files.append((name, media_type, data))
        return FilePart(file=f"file{len(self.files)}", name=name, media_type=media_type, size_bytes=len(data))


def context_of(
    server: ImageServer,
    http: Http,
    *,
    keep: Keep | None = None,
    secrets: Mapping[str, str] | None = None,
    language: Language = "en",
    **options: str,
) -> ToolContext:
    return ToolContext(
        http=http,
        language=language,
        secrets={"DASHSCOPE_API_KEY": KEY} if secrets is None else secrets,
        base_urls={"DASHSCOPE_BASE_URL": server.base_url, "OPENAI_IMAGES_BASE_URL": server.openai_base_url},
        options={"image_gen": options},
        keep=keep or Kept().keep,
    )


async def drawn(vendor: ImageServer, wish: Wish | None = None, pace: Pace = QUICK, **options: str) -> bytes:
    async with Http(trusted_origins=[vendor.url]) as http:
        return (await draw(wish or Wish("a hill"), context_of(vendor, http, **options), pace)).data


async def refusal(vendor: ImageServer, language: Language = "en", pace: Pace = QUICK) -> str:
    """Why no picture came."""
    async with Http(trusted_origins=[vendor.url], total_timeout_s=2.0) as http:
        with pytest.raises(ToolError) as caught:
            await draw(Wish("a hill"), context_of(vendor, http, language=language), pace)
    assert KEY not in caught.value.message
    return caught.value.message


async def called(vendor: ImageServer, arguments: Mapping[str, object], kept: Kept, language: Language) -> ToolFinished:
    """One call as the loop makes it."""
    tool = find_tool("image_gen")
    assert tool is not None
    async with Http(trusted_origins=[vendor.url]) as http:
        context = context_of(vendor, http, keep=kept.keep, language=language)
        wanted = ToolCallPart.model_validate({"id": "c1", "name": "image_gen", "arguments": arguments})
        return await call_tool(wanted, {"image_gen": tool}, context, timeout_s=30)


# --- as a call of the loop ---


async def test_a_call_answers_with_words_for_the_model_and_the_picture_for_the_person(vendor: ImageServer) -> None:
    kept = Kept()
    finished = await called(vendor, {"text": "a hill under the sun", "resolution": "1280*720"}, kept, "en")
    assert not finished.failed
    [(name, media_type, data)] = kept.files
    assert (name, media_type) == ("picture.png", "image/png")
    assert [(file.file, file.alt) for file in finished.files] == [("file1", "a hill under the sun")]
    assert "file1" in finished.output and "sees it already" in finished.output
    assert vendor.url not in finished.model_dump_json()
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.size == (320, 240)


async def test_the_model_is_told_in_the_agents_language(vendor: ImageServer) -> None:
    assert "图片已画好" in (await called(vendor, {"text": "山"}, Kept(), "zh")).output


@pytest.mark.parametrize(
    ("said", "size"),
    [("1024*1024", "1024*1024"), ("1024x1024", "1024*1024"), ("720*1280", "720*1280"), ("1920x1080", "1280*720")],
)
async def test_a_resolution_that_a_model_remembers_becomes_the_one_of_its_shape(
    vendor: ImageServer, said: str, size: str
) -> None:
    assert not (await called(vendor, {"text": "a hill", "resolution": said}, Kept(), "en")).failed
    assert vendor.tasks[-1]["parameters"]["size"] == size


@pytest.mark.parametrize("arguments", [{}, {"text": ""}, {"text": "a hill", "resolution": "huge"}])
async def test_arguments_that_do_not_fit_are_named_and_nothing_is_asked(
    vendor: ImageServer, arguments: dict[str, str]
) -> None:
    finished = await called(vendor, arguments, Kept(), "en")
    assert finished.failed and ("text" in finished.output or "resolution" in finished.output)
    assert not vendor.requests


async def test_what_cannot_be_kept_is_said() -> None:
    async with ImageServer() as vendor, Http(trusted_origins=[vendor.url]) as http:
        tool = find_tool("image_gen")
        assert tool is not None
        bare = ToolContext(
            http=http, secrets={"DASHSCOPE_API_KEY": KEY}, base_urls={"DASHSCOPE_BASE_URL": vendor.base_url}
        )
        wanted = ToolCallPart(id="c1", name="image_gen", arguments={"text": "a hill"})
        finished = await call_tool(wanted, {"image_gen": tool}, bare, timeout_s=30)
    assert finished.failed and "no place here to keep it" in finished.output


# --- the wires ---


@dataclass(frozen=True)
class Wire:
    model: str
    route: str
    task: bool
    size: str
    text: tuple[str, ...]
    avoid: tuple[str, ...]


MESSAGE = ("input", "messages", "0", "content", "0", "text")
WIRES = [
    Wire("wan2.7-image", "image-generation/generation", True, "1280*720", MESSAGE, MESSAGE),
    Wire("wan2.6-t2i", "image-generation/generation", True, "1696*960", MESSAGE, ("parameters", "negative_prompt")),
    Wire(
        "qwen-image-plus",
        "text2image/image-synthesis",
        True,
        "1664*928",
        ("input", "prompt"),
        ("input", "negative_prompt"),
    ),
    Wire(
        "qwen-image-2.0-pro",
        "multimodal-generation/generation",
        False,
        "1280*720",
        MESSAGE,
        ("parameters", "negative_prompt"),
    ),
]


@pytest.mark.parametrize("wire", WIRES, ids=[wire.model for wire in WIRES])
async def test_each_family_is_asked_in_its_own_way(vendor: ImageServer, wire: Wire) -> None:
    await drawn(vendor, Wish("a hill", "landscape", avoid="people"), model=wire.model)
    asked = vendor.requests[0]
    assert asked.path == f"/api/v1/services/aigc/{wire.route}"
    assert asked.headers.get("X-DashScope-Async") == ("enable" if wire.task else None)
    assert asked.headers["Authorization"] == f"Bearer {KEY}"
    assert asked.body["model"] == wire.model
    assert asked.body["parameters"]["n"] == 1
    assert asked.body["parameters"]["size"] == wire.size
    assert str(_at(asked.body, wire.text)).startswith("a hill")
    assert "people" in str(_at(asked.body, wire.avoid))
    assert bool(vendor.asked("/api/v1/tasks/")) is wire.task


def _at(body: object, path: tuple[str, ...]) -> object:
    for step in path:
        body = body[int(step)] if isinstance(body, list) else body[step]  # type: ignore[index]  JSON of a test
    return body


async def test_a_task_is_asked_about_until_it_ends(vendor: ImageServer) -> None:
    vendor.running = 4
    await drawn(vendor)
    polls = vendor.asked("/api/v1/tasks/")
    assert len(polls) == 5
    assert {poll.headers["Authorization"] for poll in polls} == {f"Bearer {KEY}"}


async def test_the_link_is_followed_once_and_without_the_key(vendor: ImageServer) -> None:
    await drawn(vendor)
    [fetched] = vendor.asked("/results/")
    assert "Authorization" not in fetched.headers


@pytest.mark.parametrize("as_link", [False, True], ids=["base64", "link"])
async def test_openai_images_are_asked_where_that_is_the_key(vendor: ImageServer, as_link: bool) -> None:
    vendor.as_link = as_link
    async with Http(trusted_origins=[vendor.url]) as http:
        context = context_of(vendor, http, secrets={"OPENAI_API_KEY": OPENAI_KEY})
        picture = await draw(Wish("a hill", "portrait", avoid="people"), context, QUICK)
    asked = vendor.requests[0]
    assert (asked.path, asked.headers["Authorization"]) == ("/v1/images/generations", f"Bearer {OPENAI_KEY}")
    assert asked.body == {
        "model": "gpt-image-2.5-flare",
        "prompt": "a hill\n\nAvoid: people",
        "n": 1,
        "size": "1024x1536",
    }
    assert (picture.width, picture.height) == (320, 240)


async def test_the_operator_says_which_vendor_and_model_draw(vendor: ImageServer) -> None:
    both = {"DASHSCOPE_API_KEY": KEY, "OPENAI_API_KEY": OPENAI_KEY}
    async with Http(trusted_origins=[vendor.url]) as http:
        await draw(Wish("a hill"), context_of(vendor, http, secrets=both), QUICK)
        assert vendor.tasks[-1]["model"] == "wan2.7-image"
        named = context_of(vendor, http, secrets=both, vendor="openai", model="gpt-image-2")
        await draw(Wish("a hill"), named, QUICK)
    assert vendor.tasks[-1]["model"] == "gpt-image-2"


# --- what comes is checked, and made anew ---


@pytest.mark.parametrize(("link", "kind"), [("picture", "PNG"), ("jpeg", "JPEG")])
async def test_only_the_pixels_of_a_picture_stay(vendor: ImageServer, link: Link, kind: str) -> None:
    vendor.link = link
    data = await drawn(vendor)
    assert b"secret place" not in data and b"<script>" not in data
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.format == kind
        assert not picture.getexif()


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ("missing", "404"),
        ("html", "not a picture that can be read"),
        ("svg", "not a picture that can be read"),
        ("cut", "not a picture that can be read"),
        ("bomb", "over 40 million pixels"),
        ("too_big", "more than 20,000,000 bytes"),
        ("loopback", "not on the public internet"),
        ("redirect", "not on the public internet"),
    ],
)
async def test_what_is_no_picture_to_be_had_is_refused_with_a_reason(vendor: ImageServer, link: Link, why: str) -> None:
    vendor.link = link
    assert why in await refusal(vendor)
    assert not vendor.asked("/admin")


EACH_END_WITHOUT_RESULT = pytest.mark.parametrize(
    ("ending", "en"),
    [
        ("FAILED", "could not do it (InternalError.Timeout"),
        ("CONTENT", "Word it differently"),
        ("CANCELED", "cancelled the task"),
        ("UNKNOWN", "no longer knows the task"),
        ("partly", "could not do it (InternalError.FileUpload"),
        ("nothing", "gave no result"),
        ("odd_shape", "could not do it"),
    ],
)

# --- a vendor that does not draw ---


@pytest.mark.parametrize(
    ("creating", "zh", "en"),
    [
        ("wrong_key", "没有接受密钥 DASHSCOPE_API_KEY", "refused the key DASHSCOPE_API_KEY"),
        ("no_access", "先在它的控制台开通", "Activate it in the vendor's console"),
        ("no_quota", "请充值", "Top it up"),
        ("too_fast", "请过一分钟再试", "Try again in a minute"),
        ("content", "请换一种说法", "Word it differently"),
        ("no_model", "没有模型 wan2.7-image", "has no model wan2.7-image"),
        ("invalid", "改短一些或换一种说法", "shorten or reword"),
        ("error_500", "请稍后再试", "Try again later"),
        ("html", "不是 JSON", "is not JSON"),
    ],
)
async def test_a_refusal_is_a_sentence_with_its_cure(vendor: ImageServer, creating: Creating, zh: str, en: str) -> None:
    vendor.creating = creating
    assert zh in await refusal(vendor, "zh")
    assert en in await refusal(vendor, "en")
    assert not vendor.asked("/api/v1/tasks/")


@EACH_END_WITHOUT_RESULT
async def test_every_way_in_which_a_task_ends_without_a_picture_is_told(
    vendor: ImageServer, ending: Ending, en: str
) -> None:
    vendor.ending = ending
    assert en in await refusal(vendor)
    assert not vendor.asked("/results/")


async def test_a_task_that_never_ends_is_given_up(vendor: ImageServer) -> None:
    vendor.ending = "never"
    assert "did not finish within 0.1 seconds" in await refusal(
        vendor, pace=Pace(first_s=0.01, longest_s=0.02, deadline_s=0.1)
    )


async def test_cancelling_ends_the_waiting_at_once(vendor: ImageServer) -> None:
    vendor.ending = "never"
    an_hour = Pace(first_s=0.01, growth=360_000, longest_s=3_600, deadline_s=7_200)
    async with Http(trusted_origins=[vendor.url]) as http, asyncio.timeout(10):
        drawing = asyncio.create_task(draw(Wish("a hill"), context_of(vendor, http), an_hour))
        await vendor.polled.wait()
        drawing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await drawing
    assert [asked.method for asked in vendor.asked("/api/v1/tasks/")] == ["GET", "POST"]
    assert vendor.withdrawn == ["task-1"]


@pytest.mark.parametrize(("waiting", "withdrawn"), [(1, ["task-1"]), (0, [])], ids=["in the queue", "begun"])
async def test_a_task_that_is_given_up_is_withdrawn_where_it_has_not_begun(
    vendor: ImageServer, waiting: int, withdrawn: list[str]
) -> None:
    vendor.ending, vendor.waiting = "never", waiting
    one_look = Pace(first_s=0.01, growth=1_000, longest_s=1_000, deadline_s=5)
    assert "did not finish" in await refusal(vendor, pace=one_look)
    assert vendor.withdrawn == withdrawn


async def test_a_look_that_fails_costs_no_picture_and_several_end_the_waiting(vendor: ImageServer) -> None:
    vendor.hiccups = 2
    assert await drawn(vendor)
    vendor.hiccups = 100
    assert await refusal(vendor)
    assert vendor.hiccups >= 90


@pytest.mark.parametrize(
    ("creating", "en"),
    [
        ("wrong_key", "refused the key OPENAI_API_KEY"),
        ("no_quota", "Top it up"),
        ("too_fast", "Try again in a minute"),
        ("content", "Word it differently"),
        ("no_model", "has no model gpt-image-2.5-flare"),
        ("error_500", "Try again later"),
    ],
)
async def test_openais_refusals_are_sentences_too(vendor: ImageServer, creating: Creating, en: str) -> None:
    vendor.creating = creating
    async with Http(trusted_origins=[vendor.url]) as http:
        context = context_of(vendor, http, secrets={"OPENAI_API_KEY": OPENAI_KEY})
        with pytest.raises(ToolError, match=en) as caught:
            await draw(Wish("a hill"), context, QUICK)
    assert OPENAI_KEY not in caught.value.message


# --- which key it waits for ---


@pytest.mark.parametrize(
    ("secrets", "missing"),
    [
        ({}, ["DASHSCOPE_API_KEY"]),
        ({"DASHSCOPE_API_KEY": "x"}, []),
        ({"OPENAI_API_KEY": "x"}, []),
        ({"AMAP_TOKEN": "x"}, ["DASHSCOPE_API_KEY"]),
    ],
    ids=["none", "dashscope", "openai", "another"],
)
def test_one_of_its_keys_is_enough(secrets: dict[str, str], missing: list[str]) -> None:
    tool = find_tool("image_gen")
    assert tool is not None
    assert [need.name for need in tool.missing(secrets)] == missing
