"""The model of the benchmarks: 50 tokens a second, to whoever asks. `python -m bench.model PORT`.

It writes 200 tokens, unless the message names a text of `WRITINGS`: `long 10000` is Markdown of so many characters.
`at once` before it comes without a pause between the tokens.
"""

import asyncio
import re
import sys
from collections.abc import Callable
from typing import Any

from tests.fakes.openai_replies import Reply, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.fakes.writing import long_code, long_prose, markdown

TOKENS = 200
TOKENS_PER_S = 50
CHARS_PER_TOKEN = 4
WRITINGS: dict[str, Callable[[int], str]] = {"long": markdown, "code": long_code, "prose": long_prose}
_ASKED = re.compile(rf"(at once )?({'|'.join(WRITINGS)}) (\d+)")


def answer(body: dict[str, Any]) -> Reply:
    asked = _ASKED.search(str(body["messages"][-1]["content"]))
    if asked is None:
        return Says("token " * TOKENS, pieces=TOKENS, delay_s=1 / TOKENS_PER_S)
    text = WRITINGS[asked[2]](int(asked[3]))
    return Says(text, pieces=len(text) // CHARS_PER_TOKEN, delay_s=0 if asked[1] else 1 / TOKENS_PER_S)


async def serve(port: int) -> None:
    async with FakeOpenAI(fallback=answer, port=port):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
