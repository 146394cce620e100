"""The model of the benchmarks: 200 tokens, 50 a second, to whoever asks. `python -m bench.model PORT`."""

import asyncio
import sys

from tests.fakes.openai_replies import Reply, Says
from tests.fakes.openai_server import FakeOpenAI

TOKENS = 200
TOKENS_PER_S = 50


def answer(_: object) -> Reply:
    return Says("token " * TOKENS, pieces=TOKENS, delay_s=1 / TOKENS_PER_S)


async def serve(port: int) -> None:
    async with FakeOpenAI(fallback=answer, port=port):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
