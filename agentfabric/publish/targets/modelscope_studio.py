"""One studio of a ModelScope hub, through `modelscope-hub`: imported when the first one is published. All of it is
blocking.

The SDK's client of HTTP is used, and not its uploader: that one makes a public studio where there is none, deletes in
a commit of its own and goes on where that fails, and waits for up to half an hour when it is told to. The routes, and
what goes which way, are the uploader's.
"""

import logging
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from modelscope_hub import HubConfig, errors
from modelscope_hub._openapi import OpenAPIClient  # pyright: ignore[reportPrivateUsage]  the facade takes no session
from pydantic import SecretStr

from agentfabric.publish.targets import modelscope_words as words
from agentfabric.publish.targets.base import MANIFEST, Sending
from agentfabric.publish.targets.modelscope_commit import Changes, Json, sha256
from agentfabric.publish.targets.modelscope_gate import gated
from user_agent.errors import PublishFailed
from user_agent.words import Words

_LOG_LINES = 5
_BRANCH = "master"
_LARGE = ".gitattributes"
"""In which the hub keeps what is a large file: it is its own, and stays."""
_FRESH = frozenset({_LARGE, ".gitignore", "README.md"})
"""What may be in a studio that was just made."""


class _NoHub(Exception):
    """An answer that no hub gives."""


@dataclass(frozen=True, slots=True)
class State:
    """What a studio is doing, as the hub calls it. Empty while the hub does not answer."""

    status: str = ""
    said: str = ""
    """Its sentence about a failure."""
    created: str = ""
    """When it was deployed."""


@dataclass(slots=True)
class Studio:
    """`owner/name` at a hub, as the owner of a token reaches it. Each step raises `PublishFailed`."""

    hub: str
    owner: str
    name: str
    _client: OpenAPIClient
    _hidden: Sequence[SecretStr]
    """What is told to nobody, also where the hub repeats it."""
    _there: dict[str, str] = field(default_factory=dict[str, str])
    """The SHA-256 of each of its files."""
    _kind: str = ""
    """What it is to become, where it is of another kind."""

    @property
    def address(self) -> str:
        return f"{self.hub}/studios/{self.owner}/{self.name}"

    def signed_in(self) -> None:
        """The hub knows whose the token is, and so is the studio where it had no owner."""
        with self._asking():
            who = self._client.get_current_username()
        if not who:
            raise PublishFailed(words.no_hub(self.hub))
        self.owner = self.owner or who

    def make(self, title: str, visibility: str, sdk: str) -> State:
        """It is there; what it was doing before. One that was there stays as visible as it is, and becomes of that kind
        when it is committed to."""
        with self._asking():
            try:
                told = _mapping(self._client.get_studio(self.owner, self.name))
            except errors.NotExistError:
                self._create(title, visibility, sdk)
                return State()
            self._there = self._files()
            if MANIFEST not in self._there and self._there.keys() - _FRESH:
                raise PublishFailed(words.TAKEN)
            self._kind = sdk if told.get("sdk_type") != sdk else ""
            return self._shown_state(told.get("runtime"))

    def _create(self, title: str, visibility: str, sdk: str) -> None:
        wish = {"owner": self.owner, "repo_name": self.name, "display_name": title[:128], "sdk_type": sdk}
        try:
            _fine(self._client.create_studio({**wish, "visibility": visibility, "private": visibility == "private"}))
        except errors.AlreadyExistsError as error:
            raise PublishFailed(words.name_taken(self._shown(error.message))) from None
        # A repository without any commit has no branch.
        with suppress(errors.NotExistError):
            self._there = self._files()

    def _files(self) -> dict[str, str]:
        path = f"studios/{self.owner}/{self.name}/repo/files"
        told = self._git("GET", path, params={"Revision": _BRANCH, "Recursive": "True"})
        entries = [_mapping(each) for each in _items(told, "Files")]
        return {str(each["Path"]): str(each.get("Sha256") or "") for each in entries if each.get("Type") != "tree"}

    def set_keys(self, keys: Mapping[str, SecretStr]) -> None:
        """The studio has these secrets, in the place of its own of the same name."""
        with self._asking():
            there = self._names("secrets")
            for name, value in keys.items():
                put = self._client.update_studio_secret if name in there else self._client.add_studio_secret
                _fine(put(self.owner, self.name, name, value.get_secret_value()))

    def missing(self, names: Sequence[str]) -> list[str]:
        """Those of the keys that the studio has no value for; all of them where it does not say."""
        there = set[str]()
        if names:
            with suppress(PublishFailed), self._asking():
                there = self._names("secrets") | self._names("variables")
        return [name for name in names if name not in there]

    def _names(self, kind: str) -> set[str]:
        asked = self._client.list_studio_secrets if kind == "secrets" else self._client.list_studio_variables
        return {str(_mapping(each)["key"]) for each in _items(asked(self.owner, self.name), kind)}

    def changes(self, sending: Sending) -> Changes:
        """What the bundle's files change of those that are there."""
        files = dict(sending.files())
        fresh = {path: data for path, data in files.items() if self._there.get(path) != sha256(data)}
        gone = sorted(self._there.keys() - files.keys() - {_LARGE})
        return Changes(dict(sorted(fresh.items(), key=lambda file: (file[0] != MANIFEST, file[0]))), gone)

    def commit(self, changes: Changes, sending: Sending) -> bool:
        """The bundle's files take the place of those that are there; whether anything is new by that. In one commit as
        far as the hub takes it in one."""
        changed = False
        with self._asking():
            if self._kind:
                _fine(self._client.update_studio_settings(self.owner, self.name, {"sdk_type": self._kind}))
            for actions in changes.commits():
                self._post(f"commit/{_BRANCH}", {"commit_message": _message(sending), "actions": actions})
                changed = True
        return changed

    def store(self, blobs: Sequence[bytes]) -> None:
        """They are in the hub's storage, wherever it says that this is. The studio does not have them yet."""
        by_hash = {sha256(data): data for data in blobs}
        wish = {"operation": "upload", "objects": [{"oid": oid, "size": len(data)} for oid, data in by_hash.items()]}
        with self._asking():
            for told in map(_mapping, _items(self._post("info/lfs/objects/batch", wish), "objects")):
                upload = _mapping(_mapping(told.get("actions") or {}).get("upload") or {})
                if "href" in upload:
                    self._client.request("PUT", url=str(upload["href"]), data=by_hash[str(told["oid"])], unwrap=False)

    def _post(self, path: str, body: Json) -> object:
        return self._git("POST", f"repos/studios/{self.owner}/{self.name}/{path}", json_body=body)

    def _git(self, method: str, path: str, **more: Any) -> object:  # Any: as the SDK has it
        """What the older half of the hub's API answers, where repositories are."""
        answer = self._client.request(method, url=f"{self.hub}/api/v1/{path}", unwrap=False, **more)
        return _mapping(_fine(answer.json())).get("Data")

    def deploy(self) -> State:
        """The hub takes the files as they are now, builds and starts them, whatever it was doing; what it does then."""
        with self._asking():
            return self._shown_state(_fine(self._client.deploy_studio(self.owner, self.name)))

    def state(self) -> State:
        with suppress(PublishFailed), self._asking():
            return self._shown_state(_mapping(self._client.get_studio(self.owner, self.name)).get("runtime"))
        return State()

    def log(self, kind: str) -> list[str]:
        """The end of its log, none where it cannot be had."""
        with suppress(PublishFailed), self._asking():
            page = self._log(kind, 1)
            last = page.get("total_page_num")
            page = self._log(kind, last) if isinstance(last, int) and last > 1 else page
            return [self._shown(str(each)) for each in _items(page, "logs")][-_LOG_LINES:]
        return []

    def _log(self, kind: str, page: int) -> Json:
        return _mapping(self._client.get_studio_logs(self.owner, self.name, kind, page_num=page, page_size=100))

    @contextmanager
    def _asking(self) -> Generator[None]:
        try:
            yield
        except errors.HubError as error:
            # Without the cause, whose text holds what the hub answered, as it is.
            raise PublishFailed(_why(error, self._shown(error.message), self.hub)) from None
        except (_NoHub, KeyError, ValueError):
            raise PublishFailed(words.no_hub(self.hub)) from None

    def _shown_state(self, runtime: object) -> State:
        told = _mapping(runtime or {})
        status, said, created = (str(told.get(name) or "") for name in ("status", "error_message", "created_at"))
        return State(status, self._shown(said), created)

    def _shown(self, said: str) -> str:
        for value in (secret.get_secret_value() for secret in self._hidden):
            said = said.replace(value, "…") if len(value) > 5 else said
        return said


def found(
    hub: str, token: SecretStr, owner: str, name: str, *, hidden: Sequence[SecretStr], timeout_s: float
) -> Studio:
    """The studio `owner/name`, of whoever the token is of where no owner is given. Raises `PublishFailed`."""
    logging.getLogger("modelscope_hub").setLevel(logging.CRITICAL + 1)  # it writes down what the hub answers
    with TemporaryDirectory() as folder:
        # It puts an id of this installation below the home, and reads there who is signed in on this machine.
        nowhere = Path(folder)
        config = HubConfig(hub, cache_dir=nowhere, config_dir=nowhere, token=token.get_secret_value())
        client = OpenAPIClient(config, session=gated(hub), timeout=timeout_s, max_retries=1, user_agent="agentfabric")
    studio = Studio(hub, owner, name, client, (token, *hidden))
    studio.signed_in()
    return studio


def _why(error: errors.HubError, said: str, hub: str) -> Words:
    """What went wrong, as a person is told it."""
    match error:
        case errors.AuthenticationError():
            return words.NOT_TAKEN
        case errors.QuotaExceededError():
            return words.no_quota(said)
        case errors.PermissionDeniedError():
            return words.not_allowed(said)
        case errors.NotExistError():
            return words.NOT_THERE
        case errors.RateLimitError():
            return words.TOO_OFTEN
        case errors.ServerError():
            # By this the SDK also tells of a commit that somebody else's came before.
            return words.BROKEN if (error.status_code or 500) >= 500 else words.MEANWHILE
        case errors.NetworkError():
            return words.unreachable(hub)
        case _:
            return words.odd(said)


def _fine(answer: object) -> object:
    """The answer, where it is none that says of itself that it failed. Raises `errors.APIError`."""
    told: Json = cast(Json, answer) if isinstance(answer, Mapping) else {}
    code = told.get("Code", 200)
    if told.get("success", told.get("Success")) is False or str(code) != "200":
        raise errors.APIError(str(told.get("message") or told.get("Message") or code))
    return cast(object, answer)


def _mapping(answer: object) -> Json:
    if not isinstance(answer, Mapping):
        raise _NoHub
    return cast(Json, answer)


def _items(answer: object, name: str) -> Iterable[object]:
    """A list, or the one of that name in an answer."""
    if isinstance(answer, list):
        return cast(list[object], answer)
    listed: object = _mapping(answer).get(name) or []
    if not isinstance(listed, list):
        raise _NoHub
    return cast(list[object], listed)


def _message(sending: Sending) -> str:
    """The first line of the release's note."""
    lines = (sending.note or sending.title).split("\n")
    return next((line.strip()[:200] for line in lines if line.strip()), "Publish")
