"""Failures of tools, and of addresses that are read."""

from typing import TYPE_CHECKING, Self

from user_agent.errors.base import FabricError

if TYPE_CHECKING:
    from user_agent.words import Words


class ToolError(FabricError):
    """A tool could not do it. The message goes to the model, so it says what to do differently."""

    code = "tool_failed"


class FetchFailed(ToolError):
    """A web address could not be read: it is not allowed, not there, too slow or too large. `reason` says which, and
    `status` what it answered with, where it answered."""

    code = "fetch_failed"
    status = 502
    told: "Words | None" = None
    """The reason in both languages, for what is told later to whoever asks."""

    @classmethod
    def saying(cls, words: "Words") -> Self:
        """That failure, for people of both languages."""
        failed = cls(words.en, reason=words.en)
        failed.told = words
        return failed


class AddressUnusable(FetchFailed):
    """A web address that was entered can never be asked: `reason` says why."""

    code = "address_unusable"
    status = 422
