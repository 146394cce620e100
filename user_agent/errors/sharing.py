"""Failures of what goes out, and of what comes in."""

from typing import TYPE_CHECKING

from user_agent.errors.base import FabricError
from user_agent.errors.requests import Conflict

if TYPE_CHECKING:
    from user_agent.words import Words


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


class NothingToPublish(Conflict):
    """What is published already is the same, as release `number`."""

    code = "nothing_to_publish"


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
