"""The targets of one server. A new one is a module here and a line below."""

from functools import partial

from agentfabric.publish.targets.base import Target
from agentfabric.publish.targets.folder import FolderTarget
from agentfabric.publish.targets.git import GitTarget
from agentfabric.publish.targets.huggingface import HUB, HuggingFaceTarget
from agentfabric.publish.targets.modelscope import HUB as MODELSCOPE
from agentfabric.publish.targets.modelscope import ModelScopeTarget
from agentfabric.publish.targets.oss import OssTarget
from agentfabric.publish.targets.s3 import S3Target
from agentfabric.settings import Settings
from user_agent.addresses import AddressPolicy
from user_agent.net import Http


def targets_of(settings: Settings, policy: AddressPolicy) -> tuple[Target, ...]:
    """Those that its operator has set up, or that need no setting."""
    folder = (FolderTarget(settings.publish_folder),) if settings.publish_folder else ()
    s3 = S3Target(partial(Http, policy=policy, trusted_origins=settings.trusted_origins), settings.s3_link_hours)
    space = HuggingFaceTarget(settings.base_urls.get("HUGGINGFACE_BASE_URL", HUB))
    studio = ModelScopeTarget(settings.base_urls.get("MODELSCOPE_BASE_URL", MODELSCOPE))
    oss = (OssTarget(settings.oss, settings.oss_link_seconds),) if settings.oss else ()
    return (*folder, GitTarget(policy, settings.trusted_origins), s3, space, studio, *oss)
