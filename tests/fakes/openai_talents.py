"""Fake models with talents: each does what it can of what *Try it* asks, over the wire, and the rest in its own way."""

import base64
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PIL import Image

from tests.fakes.openai_replies import Call, Json, NeverAnswers, Raw, Reply, Says, Status, error

Streams = Literal["yes", "one_piece", "refuses", "refuses_to_count"]
Calls = Literal["yes", "words", "refuses", "crashes", "another_tool", "broken_arguments", "ignores_result"]
KeepsJson = Literal["yes", "fenced", "prose", "other_keys"]
Sees = Literal["yes", "guesses", "lists_all", "refuses"]

_NAMES = {
    (220, 20, 20): "red",
    (20, 150, 40): "green",
    (30, 60, 220): "blue",
    (250, 220, 30): "yellow",
    (0, 0, 0): "black",
    (255, 255, 255): "white",
}


@dataclass(frozen=True)
class Talents:
    """What a model can do. An instance is a `fallback` of `FakeOpenAI`."""

    streams: Streams = "yes"
    calls: Calls = "yes"
    keeps_json: KeepsJson = "yes"
    sees: Sees = "yes"
    thinks: bool = False

    def __call__(self, body: Json) -> Reply:
        if body.get("stream") and self.streams == "refuses":
            return Status(400, error("Streaming is not supported by this model."))
        if "stream_options" in body and self.streams == "refuses_to_count":
            return Status(400, error("Unknown parameter: stream_options."))
        reply = self._reply(body)
        if not isinstance(reply, Says):
            return reply
        reasoning = "Let me think." if self.thinks else ""
        return Says(reply.text, calls=reply.calls, reasoning=reasoning, in_one_piece=self.streams == "one_piece")

    def _reply(self, body: Json) -> Reply:
        last = body["messages"][-1]
        if last["role"] == "tool":
            return Says("It is nice there." if self.calls == "ignores_result" else "It is 17 degrees in Hangzhou.")
        if body.get("tools"):
            return self._called()
        if isinstance(last["content"], list):
            return self._seen(last["content"])
        return self._as_json() if "JSON" in last["content"] else Says("one, two, three, four, five")

    def _called(self) -> Reply:
        match self.calls:
            case "yes" | "ignores_result":
                return Says(calls=(Call("get_weather", '{"city": "Hangzhou"}'),))
            case "another_tool":
                return Says(calls=(Call("search", '{"city": "Hangzhou"}'),))
            case "broken_arguments":
                return Says(calls=(Call("get_weather", '{"city": "Hang'),))
            case "words":
                return Says('I call get_weather with {"city": "Hangzhou"}.')
            case "refuses":
                return Status(400, error("This model does not support tools."))
            case "crashes":
                return Status(500, error("tools param requires --jinja flag", kind="server_error"))

    def _as_json(self) -> Reply:
        facts = json.dumps({"city": "Paris", "rivers": ["Seine"], "capital": True})
        match self.keeps_json:
            case "yes":
                return Says(facts)
            case "fenced":
                return Says(f"```json\n{facts}\n```")
            case "prose":
                return Says(f"Here you are: {facts}")
            case "other_keys":
                return Says('{"answer": "Paris"}')

    def _seen(self, content: list[Json]) -> Reply:
        match self.sees:
            case "yes":
                return Says(f"It is {' and '.join(_colours(content))}.")
            case "guesses":
                return Says("It looks like a lovely cat.")
            case "lists_all":
                return Says(f"It could be {', '.join(_NAMES.values())}.")
            case "refuses":
                return Status(400, error("image_url is not supported by this model."))


def failing_at(number: int, reply: Reply, before: Callable[[Json], Reply] | None = None) -> Callable[[Json], Reply]:
    """A model that does all that is asked, up to its request of that number, counted from 1, which gets `reply`."""
    model, count = before or Talents(), 0

    def answer(body: Json) -> Reply:
        nonlocal count
        count += 1
        return reply if count >= number else model(body)

    return answer


CUT = Says("one, two", ending="cut")
SILENT = NeverAnswers()
ENDLESS = Says("on and " * 500, ending="endless", delay_s=0.001)
NOT_AN_ANSWER = Raw("hello")


def _colours(content: list[Json]) -> set[str]:
    url = next(item["image_url"]["url"] for item in content if item["type"] == "image_url")
    data = base64.b64decode(url.partition("base64,")[2])
    image = Image.open(io.BytesIO(data)).convert("RGB")
    return {_NAMES[image.getpixel((x, 10))] for x in (2, image.width - 3)}  # pyright: ignore[reportArgumentType]
