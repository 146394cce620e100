"""A request to an endpoint of the catalogue that is answered in one piece, over the clients that chat models use."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from typing import Any, cast

from openai import AsyncAPIResponse
from pydantic import SecretStr

from user_agent.models.entry import ModelEntry
from user_agent.models.failures import Failures
from user_agent.models.openai_compatible import envelope, explained, whole
from user_agent.models.patience import Patience
from user_agent.models.reading import Json, parsed
from user_agent.runtime import ModelClients

_STREAMED = {"X-Stainless-Raw-Response": "stream"}
"""What the SDK's own `with_streaming_response` tells its client: the answer is read by who asked, who can end it."""


class Endpoint:
    """Where a model of the catalogue is asked, with whose key. Opens nothing before it is asked."""

    def __init__(self, clients: ModelClients, entry: ModelEntry, key: SecretStr | None) -> None:
        self.entry = entry
        self.failures = Failures(entry, key or entry.api_key)
        self._clients = clients

    async def post(self, path: str, body: Json, *, answer_s: float) -> Json:
        """The JSON that it answers a JSON body with. Raises `ModelError`."""
        entry, key = self.entry, self.failures.usable_key()
        with explained(self.failures):
            async with AsyncExitStack() as open_until_read:
                patience = open_until_read.enter_context(Patience(first_s=answer_s, then_s=answer_s))
                client = await open_until_read.enter_async_context(
                    self._clients.lend(entry.api_base, key, through_proxy=not entry.is_local)
                )
                options = envelope(entry, key)
                headers = {**_STREAMED, **options.pop("extra_headers", {})}
                response: AsyncAPIResponse[Any] = await patience.wait(
                    client.post(
                        path,
                        cast_to=AsyncAPIResponse[Any],
                        body=body,
                        options={
                            "headers": headers,
                            "params": options.get("extra_query", {}),
                            "timeout": options["timeout"],
                        },
                    )
                )
                open_until_read.push_async_callback(response.close)
                # The SDK promises an iterator only; it is a generator, and is to be closed as one.
                pieces = cast(AsyncGenerator[bytes, None], response.iter_bytes())
                await open_until_read.enter_async_context(aclosing(pieces))
                return parsed(await whole(pieces, patience))
