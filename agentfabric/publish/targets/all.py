"""The targets of one server. A new one is a module here and a line below."""

from agentfabric.publish.targets.base import Target
from agentfabric.publish.targets.folder import FolderTarget
from agentfabric.publish.targets.git import GitTarget
from agentfabric.settings import Settings
from user_agent.addresses import AddressPolicy


def targets_of(settings: Settings, policy: AddressPolicy) -> tuple[Target, ...]:
    """Those that its operator has set up, or that need no setting."""
    folder = (FolderTarget(settings.publish_folder),) if settings.publish_folder else ()
    return (*folder, GitTarget(policy, settings.trusted_origins))
