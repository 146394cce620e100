"""One Space of a hub, through `huggingface_hub`: imported when the first one is published. All of it is blocking.

What the hub answers with (where large files go) is followed, without the token. Large files go by plain HTTP: Xet has
connections of its own, without our timeouts.
"""

import io
import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import cast

import httpx2
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, constants, set_client_factory
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.utils import disable_progress_bars, logging
from pydantic import SecretStr

from agentfabric.publish.targets import huggingface_words as words
from agentfabric.publish.targets.base import MANIFEST, Sending
from agentfabric.publish.targets.stopping import parts
from user_agent.errors import PublishFailed
from user_agent.words import Words

TIMEOUT_S = 60.0
_ASKED_AT_ONCE = 256
"""Of how many files the hub tells in one answer what it keeps as large ones."""
_LARGE = ".gitattributes"
"""In which the hub keeps what is a large file: it is its own, and stays."""
_FRESH = frozenset({_LARGE, "README.md"})
"""What is in a Space that was just made."""
_SILENT = (httpx2.HTTPError, OSError, ValueError, KeyError)
"""What comes of a hub that does not answer, or not as one."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a commit would change."""

    before: str | None
    """The commit that it comes after, and no other."""
    files: Sequence[CommitOperationAdd]
    gone: Sequence[str]

    def parts(self) -> Iterator[list[CommitOperationAdd]]:
        """The files as they go up."""
        return parts(self.files, lambda file: file.upload_info.size, at_most=_ASKED_AT_ONCE)


@dataclass(frozen=True, slots=True)
class Space:
    """`owner/name` at a hub, as the owner of a token reaches it. Each step raises `PublishFailed`."""

    hub: HfApi
    name: str

    @property
    def address(self) -> str:
        return f"{self.hub.endpoint}/spaces/{self.name}"

    def make(self, *, private: bool) -> None:
        """It is there; one that was there before stays as visible as it is."""
        visibility = "private" if private else "public"
        with _asking(self.hub):
            self.hub.create_repo(self.name, repo_type="space", space_sdk="docker", visibility=visibility, exist_ok=True)

    def changes(self, sending: Sending) -> "Changes":
        """What the bundle's files change of those that are there."""
        with _asking(self.hub):
            before = self.hub.space_info(self.name)
            there = {sibling.rfilename for sibling in before.siblings or ()}
            if MANIFEST not in there and there - _FRESH:
                raise PublishFailed(words.TAKEN)
            # As streams: the SDK sends bytes that are large through Xet.
            files = {path: CommitOperationAdd(path, io.BytesIO(data)) for path, data in sending.files()}
            return Changes(before.sha, tuple(files.values()), sorted(there - files.keys() - {_LARGE}))

    def upload(self, files: Sequence[CommitOperationAdd]) -> None:
        """Those of them that the hub keeps as large files are in its storage. The Space does not have them yet."""
        with _asking(self.hub):
            self.hub.preupload_lfs_files(self.name, files, repo_type="space", free_memory=False)

    def commit(self, changes: "Changes", sending: Sending) -> bool:
        """The bundle's files take the place of those that are there, all at once; whether anything is new by that."""
        with _asking(self.hub):
            commit = self.hub.create_commit(
                self.name,
                [*(CommitOperationDelete(path, is_folder=False) for path in changes.gone), *changes.files],
                commit_message=_message(sending),
                repo_type="space",
                parent_commit=changes.before,
            )
            return commit.oid != changes.before

    def missing(self, names: Sequence[str]) -> list[str]:
        """Those of the keys that the Space has no value for; all of them where it does not say."""
        there = set[str]()
        if names:
            with suppress(*_SILENT):
                there = {*self.hub.get_space_secrets(self.name), *self.hub.get_space_variables(self.name)}
        return [name for name in names if name not in there]

    def stage(self) -> tuple[str, str]:
        """What it is doing, and what the hub says of a failure; empty while the hub does not answer."""
        try:
            runtime = self.hub.get_space_runtime(self.name)
        except _SILENT:
            return "", ""
        raw = cast(Mapping[str, object], runtime.raw)  # pyright: ignore[reportUnknownMemberType]
        said = raw.get("errorMessage")
        return str(runtime.stage), said if isinstance(said, str) else ""


def found(endpoint: str, token: SecretStr, name: str) -> Space:
    """The Space `name`, of whoever the token is of unless `owner/name` says whose. Raises `PublishFailed`."""
    _prepare()
    hub = HfApi(endpoint=endpoint, token=token.get_secret_value().strip(), library_name="agentfabric")
    with _asking(hub):
        who = cast(Mapping[str, object], hub.whoami())  # pyright: ignore[reportUnknownMemberType]
        auth = cast(Mapping[str, Mapping[str, object]], who.get("auth") or {})
        if auth.get("accessToken", {}).get("role") == "read":
            raise PublishFailed(words.READS_ONLY)
        return Space(hub, name if "/" in name else f"{who['name']}/{name}")


@cache
def _prepare() -> None:
    """The SDK of this process waits for no answer for ever, draws nothing on the terminal, and asks nothing of its own:
    for telemetry it would ask its maker's hub, also where another one is named."""
    constants.HF_HUB_DISABLE_TELEMETRY = True
    set_client_factory(lambda: httpx2.Client(follow_redirects=True, timeout=TIMEOUT_S))
    disable_progress_bars()
    logging.set_verbosity_error()


@contextmanager
def _asking(hub: HfApi) -> Generator[None]:
    try:
        yield
    except (*_SILENT, RuntimeError) as error:
        raise PublishFailed(_why(error, hub.endpoint)) from error


def _why(error: Exception, endpoint: str) -> Words:
    """What went wrong, as a person is told it."""
    # The SDK's own error of a large file names the file; what happened is its cause.
    cause = error.__cause__ if isinstance(error, RuntimeError) and error.__cause__ else error
    match cause:
        case HfHubHTTPError():
            return words.refused(cause.response.status_code, cause.server_message or "")
        case json.JSONDecodeError() | KeyError():
            return words.no_hub(endpoint)
        case OSError() | httpx2.HTTPError():
            return words.unreachable(endpoint)
        case _:
            return words.odd(str(cause))


def _message(sending: Sending) -> str:
    """The first line of the release's note."""
    lines = (sending.note or sending.title).split("\n")
    return next((line.strip()[:200] for line in lines if line.strip()), "Publish")
