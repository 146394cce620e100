"""Failures of models."""

from user_agent.errors.base import FabricError


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
