"""The whole vocabulary of failure that a person may be shown.

Each error has a stable `code`. The message is English and names the cure; doors translate by `code`,
filling the translation with `params` (texts in `static/chat/i18n/*.json`, keys `error.<code>`).
Anything that is not a `FabricError` is a defect: it is logged, and shown as `internal` with an incident id.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import JsonValue

if TYPE_CHECKING:
    from user_agent.words import Words


class FabricError(Exception):
    """A failure to be told to the person, with its cure in the message."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    """The HTTP status that a door answers with."""

    def __init__(self, message: str, **params: str | int | float) -> None:
        super().__init__(message)
        self.message = message
        self.params = params


class ConfigError(FabricError):
    """A configuration that cannot be read or stored. `field` names the place."""

    code = "config_invalid"
    status = 422

    def __init__(self, message: str, *, field: str, reason: str) -> None:
        super().__init__(message, field=field, reason=reason)
        self.field = field
        self.reason = reason


class BundleDamaged(FabricError):
    """A bundle that is not as it was made: `file` says where, `reason` how."""

    code = "bundle_damaged"
    status = 422


class DescriptionUnusable(FabricError):
    """The description of an API cannot be used at all: `reason` says why."""

    code = "openapi_unusable"
    status = 422


class ImportRefused(FabricError):
    """A file from outside that no agent can be made of: `reason` says why. Nothing of it was stored."""

    code = "import_refused"
    status = 422


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


class NothingToPublish(Conflict):
    """What is published already is the same, as release `number`."""

    code = "nothing_to_publish"


class FieldConflict(Conflict):
    """Fields that somebody else changed meanwhile. `clashes` has what was wanted and what is stored, by field."""

    code = "field_conflict"

    def __init__(self, message: str, clashes: Mapping[str, tuple[JsonValue, JsonValue]]) -> None:
        super().__init__(message, fields=", ".join(clashes))
        self.clashes = clashes


class PublishFailed(FabricError):
    """A target did not take a bundle: `told` says why and what helps. What was there before stays."""

    code = "publish_failed"
    status = 502

    def __init__(self, told: "Words") -> None:
        super().__init__(told.en, reason=told.en)
        self.told = told


class PublishRunning(Conflict):
    """The agent is being published to a target just now."""

    code = "publish_running"


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


class LimitReached(FabricError):
    """As much was asked of a shared agent as is given for now: `seconds` later there is more."""

    code = "limit_reached"
    status = 429

    def __init__(self, message: str, *, retry_after_s: int, fault: Literal["files"] | None = None) -> None:
        """`fault` says what there is no more of, where that is not answers."""
        super().__init__(message, seconds=retry_after_s, **({"fault": fault} if fault else {}))
        self.retry_after_s = retry_after_s


class TooLarge(FabricError):
    """More than is accepted here; `limit` says how much is."""

    code = "too_large"
    status = 413


class TooManyFiles(TooLarge):
    """More files at once than are taken; `limit` says how many are."""

    code = "too_many_files"


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


class StorageFailed(FabricError):
    """The database or its disk does not work just now: it is locked, full or gone."""

    code = "storage_failed"
    status = 503


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


class AddressUnusable(FetchFailed):
    """A web address that was entered can never be asked: `reason` says why."""

    code = "address_unusable"
    status = 422


class ModelError(FabricError):
    """A model did not answer."""

    code = "model_failed"
    status = 502
    may_pass: bool = False
    """Whether the same request may be answered a little later, without anybody doing anything."""


class NoModel(ModelError):
    """The agent names a model that the catalogue does not have."""

    code = "model_unknown"
    status = 422


class NothingToAsk(ModelError):
    """There is no model that could do it: only the guide is there."""

    code = "no_model"
    status = 422


class NoKey(ModelError):
    """The model's endpoint needs a key that nobody has given."""

    code = "model_no_key"


class NoEndpointKey(NoKey):
    """The key of an endpoint that the person added themselves is not there: it was for another origin, or is gone."""

    code = "model_no_endpoint_key"


class AuthFailed(ModelError):
    """The endpoint refused the key (401, 403)."""

    code = "model_auth"


class AddressForbidden(ModelError):
    """The model's address is not one that this server may ask for a person."""

    code = "model_address"
    status = 403


class NoQuota(ModelError):
    """The account behind the key has nothing left."""

    code = "model_quota"


class RateLimited(ModelError):
    """Too many requests for this key just now (429)."""

    code = "model_rate_limited"
    may_pass = True


class ContextTooLong(ModelError):
    """The conversation is longer than the model can read."""

    code = "model_context"


class Blocked(ModelError):
    """The provider's content filter refused."""

    code = "model_blocked"


class ModelRequestRefused(ModelError):
    """The endpoint did not accept the request (other 4xx): usually a wrong model name or setting."""

    code = "model_refused"


class Unavailable(ModelError):
    """The endpoint could not be reached, or failed (5xx)."""

    code = "model_unavailable"
    may_pass = True


class ModelTimeout(ModelError):
    """The endpoint did not begin to answer, or fell silent in the middle."""

    code = "model_timeout"


class OffTask(ModelError):
    """The model answered something else than it was asked for, where only that is of use."""

    code = "model_off_task"


class BrokenStream(ModelError):
    """The endpoint sent what is not a model's answer, or stopped in the middle of one."""

    code = "model_broken_stream"
