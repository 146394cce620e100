"""Failures of what was asked for: it is not there, not theirs, not possible now, or too much."""

from collections.abc import Mapping
from typing import Literal

from pydantic import JsonValue

from user_agent.errors.base import FabricError


class NotFound(FabricError):
    """What was asked for does not exist, or belongs to somebody else: the two are not told apart."""

    code = "not_found"
    status = 404


class NotAllowed(FabricError):
    """The request came through the wrong door, or from the wrong place."""

    code = "not_allowed"
    status = 403


class Conflict(FabricError):
    """Somebody else wrote first: load the newer revision and try again."""

    code = "conflict"
    status = 409


class NotWaiting(Conflict):
    """A decision on calls that wait for none any more: it was made already, or the conversation went on."""

    code = "not_waiting"


class FieldConflict(Conflict):
    """Fields that somebody else changed meanwhile. `clashes` has what was wanted and what is stored, by field."""

    code = "field_conflict"

    def __init__(self, message: str, clashes: Mapping[str, tuple[JsonValue, JsonValue]]) -> None:
        super().__init__(message, fields=", ".join(clashes))
        self.clashes = clashes


class Locked(FabricError):
    """A field that the person has locked: `field` says which. It can be unlocked in the draft."""

    code = "locked"
    status = 409


class Busy(FabricError):
    """The conversation is still answering: stop it or wait."""

    code = "busy"
    status = 409


class TrialRunning(Busy):
    """Another model of the same person is being tried."""

    code = "trial_running"


class Interrupted(FabricError):
    """The server was restarted while it answered."""

    code = "interrupted"


class NotSignedIn(FabricError):
    """The request brought no token that this server knows."""

    code = "not_signed_in"
    status = 401


class TooManyGuesses(FabricError):
    """Too many wrong tokens came from there: `seconds` later the next one is read."""

    code = "too_many_guesses"
    status = 429


LimitFault = Literal["files", "streams"]
"""What there is no more of for now, where that is not answers."""


class LimitReached(FabricError):
    """As much was asked of a shared agent as is given for now: `seconds` later there is more."""

    code = "limit_reached"
    status = 429

    def __init__(self, message: str, *, retry_after_s: int, fault: LimitFault | None = None) -> None:
        super().__init__(message, seconds=retry_after_s, **({"fault": fault} if fault else {}))
        self.retry_after_s = retry_after_s


class TooLarge(FabricError):
    """More than is accepted here; `limit` says how much is."""

    code = "too_large"
    status = 413


class TooManyFiles(TooLarge):
    """More files at once than are taken; `limit` says how many are."""

    code = "too_many_files"


class TooSlow(FabricError):
    """A request whose body did not come in time."""

    code = "too_slow"
    status = 408


class BadRequest(FabricError):
    """A request that cannot be understood."""

    code = "bad_request"
    status = 400


class EmptyMessage(BadRequest):
    """There is nothing to answer."""

    code = "empty_message"
    status = 422


class IdempotencyKeyReused(BadRequest):
    """A message came under the key of another one."""

    code = "idempotency_key_reused"
    status = 422


class UnsupportedFile(FabricError):
    """A file of a kind, or with a content, that cannot be used here."""

    code = "unsupported_file"
    status = 415


class NothingToConnect(UnsupportedFile):
    """A file for a builder that describes no service: it takes nothing else. `name` is the file's."""

    code = "nothing_to_connect"
