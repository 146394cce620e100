"""An agent's answer in the shapes of the protocol."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

import orjson

from user_agent.events import StopReason, Usage
from user_agent.knowledge.hits import KnowledgeHit
from user_agent.serve.answer import Answer, Step

Finish = Literal["stop", "length"]
EXTENSION = "agentfabric"
"""The one field that the protocol does not have: `steps`, `citations` and `files`."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What all pieces of one answer have in common."""

    id: str
    model: str
    created: int
    address: str
    """Where the application is mounted: files are below it."""

    @classmethod
    def to_now(cls, ident: str, model: str, address: str) -> "Reply":
        return cls(f"chatcmpl-{ident}", model, int(time.time()), address)

    def whole(self, text: str, finish: Finish, answer: Answer, usage: Usage) -> bytes:
        """The answer of a request that does not stream."""
        return orjson.dumps(
            {
                "id": self.id,
                "object": "chat.completion",
                "created": self.created,
                "model": self.model,
                "choices": [
                    {
                        "index": 0,
                        "message": {"role": "assistant", "content": text, "refusal": None, "annotations": []},
                        "logprobs": None,
                        "finish_reason": finish,
                    }
                ],
                "usage": _usage(usage),
                EXTENSION: {"steps": [_step(step) for step in answer.steps], **self._found(answer)},
            }
        )

    def chunk(
        self,
        delta: dict[str, str],
        *,
        finish: Finish | None = None,
        with_usage: bool,
        extension: dict[str, object] | None = None,
    ) -> bytes:
        """A piece of the stream. `with_usage` says that the stream ends with one of its own for that."""
        choice: dict[str, object] = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return self._piece([choice], {"usage": None} if with_usage else {}, extension)

    def steps(self, steps: Sequence[Step], *, with_usage: bool) -> bytes:
        """Tools that were called since the last piece."""
        return self.chunk({}, with_usage=with_usage, extension={"steps": [_step(step) for step in steps]})

    def last(self, finish: Finish, answer: Answer, *, with_usage: bool) -> bytes:
        return self.chunk({}, finish=finish, with_usage=with_usage, extension=self._found(answer))

    def counted(self, usage: Usage) -> bytes:
        return self._piece([], {"usage": _usage(usage)}, None)

    def _found(self, answer: Answer) -> dict[str, object]:
        files = [
            {
                "name": file.name,
                "media_type": file.media_type,
                "size_bytes": file.size_bytes,
                "url": f"{self.address}/files/{quote(file.file, safe='')}/content",
            }
            for file in answer.files
        ]
        return {"citations": [_citation(hit) for hit in answer.citations], "files": files}

    def _piece(
        self, choices: list[dict[str, object]], more: dict[str, object], extension: dict[str, object] | None
    ) -> bytes:
        piece: dict[str, object] = {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": choices,
            **more,
        }
        if extension:
            piece[EXTENSION] = extension
        return data(piece)


def data(value: dict[str, object]) -> bytes:
    """A server-sent event of these clients."""
    return b"data: " + orjson.dumps(value) + b"\n\n"


def finish_of(stop: StopReason | None) -> Finish:
    """How an answer ended. One that a limit cut ends as one that was too long; the words say which."""
    return "length" if stop in ("length_limit", "step_limit", "time_limit", "token_limit") else "stop"


def _usage(usage: Usage) -> dict[str, int]:
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
    }


def _step(step: Step) -> dict[str, object]:
    return {
        "id": step.id,
        "name": step.name,
        "arguments": step.arguments,
        "failed": step.failed,
        "seconds": round(step.seconds, 3),
    }


def _citation(hit: KnowledgeHit) -> dict[str, object]:
    return {"number": hit.number, "name": hit.name, "text": hit.text, "page": hit.page, "headings": hit.headings}
