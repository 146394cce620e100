"""A Space on Hugging Face: made or brought up to date in one commit, then watched until it runs.

The hub is Hugging Face's, or the one that the operator named in `HUGGINGFACE_BASE_URL`: no person chooses an address.
"""

import asyncio
import re
from collections.abc import Mapping
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from pydantic import SecretStr

from agentfabric.publish.targets import huggingface_words as words
from agentfabric.publish.targets.base import Field, Progress, Sending, Where
from agentfabric.publish.targets.stopping import in_thread, to_the_end, until_stopped
from user_agent.errors import PublishFailed
from user_agent.urls import origin_of

if TYPE_CHECKING:
    from agentfabric.publish.targets.huggingface_space import Changes, Space

HUB = "https://huggingface.co"
BUILD_S = 600.0
"""How long a build is watched."""
LOOK_EVERY_S = 3.0
SETTLED_AFTER = 6
"""So many looks in a row at the same end are believed though no build was seen: right after a commit, the hub may still
tell of the version before."""
_BUILDING = frozenset({"BUILDING", "RUNNING_BUILDING"})
_STARTING = frozenset({"APP_STARTING", "RUNNING_APP_STARTING"})
_ASLEEP = frozenset({"PAUSED", "STOPPED", "SLEEPING"})
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?")


class HuggingFaceTarget:
    """Sends bundles to Docker Spaces of the hub at `endpoint`."""

    name = "huggingface"
    title = words.TITLE
    hint = words.HINT
    fields = (
        Field("repo", words.REPO, hint=words.REPO_HINT),
        Field(
            "visibility",
            words.VISIBILITY,
            kind="choice",
            hint=words.VISIBILITY_HINT,
            default="private",
            choices=words.VISIBILITIES,
        ),
        Field("token", words.TOKEN, kind="secret", hint=words.TOKEN_HINT),
    )

    def __init__(self, endpoint: str = HUB) -> None:
        self._endpoint = endpoint

    def origin(self, options: Mapping[str, str]) -> str:
        return origin_of(self._endpoint)

    async def publish(self, sending: Sending, progress: Progress) -> Where:
        name, token = space_named(sending.options["repo"]), sending.secrets["token"]
        progress(words.LOOKING)
        space = await in_thread(lambda: _found(self._endpoint, token, name))
        progress(words.MAKING)
        await in_thread(lambda: space.make(private=sending.options["visibility"] == "private"))
        progress(words.SENDING)
        changes = await in_thread(lambda: space.changes(sending))
        for part in changes.parts():
            await in_thread(partial(space.upload, part))
        # The commit is what changes the Space, and comes to its end; from then on the hub builds, whoever looks.
        changed = await to_the_end(_committed(space, changes, sending, progress))
        if not await until_stopped(_watched(space, progress, looks=SETTLED_AFTER if changed else 1)):
            progress(words.still_building(space.address))
        return Where(space.address, changed=changed, link=space.address)


def space_named(text: str) -> str:
    """`name` or `owner/name`, as far as the hub takes it. Raises `PublishFailed`."""
    parts = text.split("/")
    fine = all(_NAME.fullmatch(part) and "--" not in part and ".." not in part for part in parts)
    if len(parts) > 2 or not fine or parts[-1].endswith(".git"):
        raise PublishFailed(words.NO_NAME)
    return "/".join(parts)


def _found(endpoint: str, token: SecretStr, name: str) -> "Space":
    from agentfabric.publish.targets.huggingface_space import found

    return found(endpoint, token, name)


async def _committed(space: "Space", changes: "Changes", sending: Sending, progress: Progress) -> bool:
    """Whether anything is new by that. Raises `PublishFailed`."""
    changed = await asyncio.to_thread(space.commit, changes, sending)
    if missing := await asyncio.to_thread(space.missing, sending.envs):
        progress(words.keys_missing(missing, f"{space.address}/settings"))
    return changed


async def _watched(space: "Space", progress: Progress, *, looks: int) -> None:
    """Its build to the end, as far as that is soon. Raises `PublishFailed` where it does not run then."""
    deadline = monotonic() + BUILD_S
    last, same, built = "", 0, False
    while monotonic() < deadline:
        stage, said = await asyncio.to_thread(space.stage)
        doing = "building" if stage in _BUILDING else "starting" if stage in _STARTING else stage
        same = same + 1 if doing == last else 1
        under_way = words.STAGES.get(doing)
        if under_way is not None:
            built = True
            if doing != last:
                progress(under_way)
        elif stage and (built or same >= looks):
            if stage in _ASLEEP:
                progress(words.asleep(space.address))
            elif stage != "RUNNING":
                raise PublishFailed(words.not_running(stage, said, space.address))
            return
        last = doing
        await asyncio.sleep(LOOK_EVERY_S)
    progress(words.still_building(space.address))
