"""A studio on ModelScope: made or brought up to date, given its keys, deployed, then watched until it runs.

The hub is ModelScope's, or the one that the operator named in `MODELSCOPE_BASE_URL`: no person chooses an address.
Files that are committed touch nothing that runs: only the deployment, which is asked for last, takes them.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from pydantic import SecretStr

from agentfabric.publish.targets import modelscope_words as words
from agentfabric.publish.targets.base import Field, Progress, Sending, Where
from agentfabric.publish.targets.stopping import in_thread, to_the_end, until_stopped
from user_agent.errors import PublishFailed
from user_agent.urls import origin_of

if TYPE_CHECKING:
    from agentfabric.publish.targets.modelscope_commit import Changes
    from agentfabric.publish.targets.modelscope_studio import State, Studio

HUB = "https://modelscope.cn"
TIMEOUT_S = 60.0
"""For how long the hub may say nothing."""
DEPLOY_S = 600.0
"""How long a deployment is watched."""
LOOK_EVERY_S = 3.0
SETTLED_AFTER = 6
"""So many looks in a row at the same end are believed though nothing was seen to begin: right after the request, the
hub may still tell of the version before."""
_FAILED = {"BuildFailed": "build", "DeployFailed": "run"}
"""Which log tells of it."""
_ASLEEP = frozenset({"Stopped", "Sleeping"})
_OWNER = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?")
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_])?")


class ModelScopeTarget:
    """Sends bundles to studios of the hub at `endpoint`."""

    name = "modelscope"
    title = words.TITLE
    hint = words.HINT
    fields = (
        Field("studio", words.STUDIO, hint=words.STUDIO_HINT),
        Field(
            "visibility",
            words.VISIBILITY,
            kind="choice",
            hint=words.VISIBILITY_HINT,
            default="private",
            choices=words.VISIBILITIES,
        ),
        Field("sdk", words.SDK, kind="choice", hint=words.SDK_HINT, default="docker", choices=words.SDKS),
        Field("token", words.TOKEN, kind="secret", hint=words.TOKEN_HINT),
        Field("keys", words.KEYS, kind="keys", hint=words.KEYS_HINT, required=False),
    )

    def __init__(self, endpoint: str = HUB, timeout_s: float = TIMEOUT_S) -> None:
        self._endpoint = endpoint.rstrip("/")
        self._timeout_s = timeout_s

    def origin(self, options: Mapping[str, str]) -> str:
        return origin_of(self._endpoint)

    async def publish(self, sending: Sending, progress: Progress) -> Where:
        owner, name = studio_named(sending.options["studio"])
        progress(words.LOOKING)
        studio = await in_thread(lambda: self._found(owner, name, sending))
        progress(words.MAKING)
        options = sending.options
        state = await in_thread(lambda: studio.make(sending.title, options["visibility"], options["sdk"]))
        progress(words.SENDING)
        changes = await in_thread(lambda: studio.changes(sending))
        for part in changes.blobs():
            await in_thread(partial(studio.store, part))
        # From here on the studio changes, which comes to its end; then the hub deploys, whoever looks.
        sent = await to_the_end(_sent(studio, state, changes, sending, progress))
        if sent.deployed:
            watching = _watched(studio, progress, before=sent.before, state=sent.deployed)
            if not await until_stopped(watching):
                progress(words.still_building(studio.address))
        return Where(studio.address, changed=sent.changed, link=studio.address)

    def _found(self, owner: str, name: str, sending: Sending) -> "Studio":
        try:
            from agentfabric.publish.targets.modelscope_studio import found
        except ImportError:
            raise PublishFailed(words.NO_SDK) from None
        token = SecretStr(sending.secrets["token"].get_secret_value().strip())
        return found(self._endpoint, token, owner, name, hidden=tuple(sending.keys.values()), timeout_s=self._timeout_s)


@dataclass(frozen=True, slots=True)
class _Sent:
    """What became of it."""

    before: "State"
    changed: bool
    deployed: "State | None"
    """What it was doing right after that was asked for; None where it was not."""


async def _sent(studio: "Studio", state: "State", changes: "Changes", sending: Sending, progress: Progress) -> _Sent:
    """The files and the keys are there, and the hub was asked to take them. Raises `PublishFailed`."""
    if sending.keys:
        progress(words.setting(sorted(sending.keys)))
        await asyncio.to_thread(studio.set_keys, sending.keys)
    changed = await asyncio.to_thread(studio.commit, changes, sending)
    if missing := await asyncio.to_thread(studio.missing, sending.envs):
        progress(words.keys_missing(missing, f"{studio.address}/settings"))
    deployed: State | None = None
    if changed or sending.keys or state.status != "Running":
        progress(words.DEPLOYING)
        deployed = await asyncio.to_thread(studio.deploy)
    return _Sent(state, changed, deployed)


def studio_named(text: str) -> tuple[str, str]:
    """Owner, empty for whoever the token is of, and name, as far as the hub takes them. Raises `PublishFailed`."""
    owner, _, name = text.rpartition("/")
    fine = _NAME.fullmatch(name) and (not owner or _OWNER.fullmatch(owner)) and not text.startswith("/")
    if not fine or ".." in text or name.endswith(".git"):
        raise PublishFailed(words.NO_NAME)
    return owner, name


async def _watched(studio: "Studio", progress: Progress, *, before: "State", state: "State") -> None:
    """Its deployment to the end, as far as that is soon, from the state that the hub answered the request with. Raises
    `PublishFailed` where it does not run then."""
    deadline = monotonic() + DEPLOY_S
    last, same, begun = "", 0, False
    while monotonic() < deadline:
        same = same + 1 if state.status == last else 1
        begun = begun or (state.created != "" and state.created != before.created)
        if state.status in words.UNDER_WAY:
            begun = True
            if state.status != last:
                progress(words.UNDER_WAY[state.status])
        elif state.status in _ASLEEP:
            # Also between the end of the version before and the beginning of this one.
            if same >= SETTLED_AFTER:
                progress(words.asleep(studio.address))
                return
        elif state.status == "Running" or state.status in _FAILED:
            if begun or same >= SETTLED_AFTER:
                await _ended(studio, state)
                return
        elif state.status and state.status != last:
            progress(words.other(state.status))
        last = state.status
        await asyncio.sleep(LOOK_EVERY_S)
        state = await asyncio.to_thread(studio.state)
    progress(words.still_building(studio.address))


async def _ended(studio: "Studio", state: "State") -> None:
    """Raises `PublishFailed` where it does not run."""
    if state.status in _FAILED:
        log = await asyncio.to_thread(studio.log, _FAILED[state.status])
        raise PublishFailed(words.not_running(state.said or state.status, log, studio.address))
