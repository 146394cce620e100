"""A branch of a Git repository, over HTTPS. What is pushed is one more commit, and never a force.

The `git` program runs in an empty environment: it reads nobody's configuration, runs no hook, asks at no terminal,
follows no redirect, and connects to the address that was looked at and no other. The token reaches it through the
environment of a script that answers its question, and stands in no address, argument or message.
"""

import asyncio
import ipaddress
import os
import re
import secrets
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr
from yarl import URL

from agentfabric.identity import is_loopback
from agentfabric.publish.targets import git_words as words
from agentfabric.publish.targets.base import MANIFEST, Field, Progress, Sending, Where, patience_s, unpack
from agentfabric.publish.targets.stopping import in_thread, to_the_end
from user_agent.addresses import AddressPolicy
from user_agent.errors import PublishFailed
from user_agent.urls import NotAnUrl, origin_of, web_address
from user_agent.words import Words

MAX_FETCHED_BYTES = 600_000_000
"""What a branch may come to that holds one bundle. Whoever has more there is not left to fill the disk."""
LOOK_S = 0.5
"""How often it is looked how much has come."""
_MAX_SAID_BYTES = 100_000
_BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
_VERSION, _PINS = re.compile(r"git version (\d+)\.(\d+)"), (2, 37)
"""The first that knows `http.curloptResolve`; older ones ask wherever the name leads by then, and do not say so."""
_ASKPASS = '#!/bin/sh\ncase "$1" in Username*) echo "$AF_USER";; *) echo "$AF_TOKEN";; esac\n'


@dataclass(frozen=True, slots=True)
class _Git:
    """The program in one temporary folder."""

    program: Path
    folder: Path
    host: str
    """Who is asked."""
    patience_s: float
    """How long each command may take."""
    settings: tuple[str, ...]
    environment: Mapping[str, str]

    async def run(self, *arguments: str) -> tuple[int, str]:
        """Its exit code and what it said. Raises `PublishFailed` where that takes too long."""
        process = await asyncio.create_subprocess_exec(
            self.program,
            *self.settings,
            *arguments,
            cwd=self.folder / "tree",
            env={**self.environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            said = await asyncio.wait_for(_heard(process), self.patience_s)
        except TimeoutError as error:
            raise PublishFailed(words.TOO_SLOW) from error
        finally:
            await _ended(process)
        return process.returncode or 0, said.decode("utf-8", "replace")

    async def fetch(self, url: str, ref: str) -> None:
        """The newest commit of a branch. Raises `PublishFailed` where it is no end of bytes, too."""
        fetching = asyncio.create_task(self.must("fetch", "--quiet", "--depth", "1", "--", url, ref))
        try:
            while not (await asyncio.wait([fetching], timeout=LOOK_S))[0]:
                if await asyncio.to_thread(_size_bytes, self.folder) > MAX_FETCHED_BYTES:
                    raise PublishFailed(words.TOO_LARGE)
            fetching.result()
        finally:
            fetching.cancel()
            await asyncio.wait([fetching])

    async def must(self, *arguments: str) -> str:
        code, said = await self.run(*arguments)
        if code != 0:
            raise PublishFailed(words.refused(said, self.host))
        return said


class GitTarget:
    """Pushes bundles. `policy` says which addresses may be asked, but for `trusted_origins`."""

    name = "git"
    title = Words("Git 仓库", "A Git repository")
    hint = Words(
        "通过 HTTPS 向专用分支提交一次。令牌会加密保存，仅用于该主机。",
        "One commit on a branch of its own, over HTTPS. The token is kept encrypted, for this host alone.",
    )
    fields = (
        Field(
            "url",
            Words("仓库地址", "Address"),
            "url",
            Words("例如 https://github.com/me/agent.git", "Such as https://github.com/me/agent.git"),
        ),
        Field("branch", Words("分支", "Branch"), default="main"),
        Field("token", Words("可写入的令牌", "Token that may write"), "secret", required=False),
    )

    def __init__(self, policy: AddressPolicy, trusted_origins: Collection[str]) -> None:
        self._policy = policy
        self._trusted = frozenset(trusted_origins)

    def origin(self, options: Mapping[str, str]) -> str:
        return origin_of(self._repository(options))

    async def publish(self, sending: Sending, progress: Progress) -> Where:
        url, branch = self._repository(sending.options), sending.options["branch"]
        if not _BRANCH.fullmatch(branch) or ".." in branch or branch.endswith((".lock", "/", ".")):
            raise PublishFailed(words.NO_BRANCH)
        program = await asyncio.to_thread(shutil.which, "git")
        if program is None:
            raise PublishFailed(words.NO_GIT)
        progress(words.LOOKING)
        pinned = await self._pinned(url)
        folder = Path(await asyncio.to_thread(tempfile.gettempdir)) / f"agentfabric-git-{secrets.token_hex(8)}"
        try:
            patience = patience_s(sending.data)
            token = sending.secrets.get("token")
            git = await in_thread(lambda: _prepared(Path(program), folder, url, pinned, token, patience))
            return await self._pushed(git, str(url), branch, sending, progress)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _pushed(self, git: _Git, url: str, branch: str, sending: Sending, progress: Progress) -> Where:
        version = _VERSION.search(await git.must("version"))
        if version is None or (int(version[1]), int(version[2])) < _PINS:
            raise PublishFailed(words.TOO_OLD)
        await git.must("init", "--quiet", ".")
        exists = bool((await git.must("ls-remote", "--heads", "--", url, f"refs/heads/{branch}")).strip())
        if exists:
            await git.fetch(url, f"refs/heads/{branch}")
            if (await git.run("cat-file", "-e", f"FETCH_HEAD:{MANIFEST}"))[0] != 0:
                raise PublishFailed(words.TAKEN)
            await git.must("update-ref", "HEAD", "FETCH_HEAD")
        progress(words.COMMITTING)
        await in_thread(lambda: unpack(sending.data, git.folder / "tree"))
        await git.must("add", "--all", "--force", ".")
        if exists and (await git.run("diff", "--cached", "--quiet", "HEAD"))[0] == 0:
            return Where(url, changed=False)
        await git.must("commit", "--quiet", "--no-verify", "-m", sending.note or sending.title or "Publish")
        progress(words.PUSHING)
        await to_the_end(git.must("push", "--quiet", "--", url, f"HEAD:refs/heads/{branch}"))
        return Where(url)

    def _repository(self, options: Mapping[str, str]) -> URL:
        """Raises `PublishFailed`, also where the token would be read on its way."""
        url = repository_at(options["url"])
        if url.scheme != "https" and not is_loopback(url.host or "") and origin_of(str(url)) not in self._trusted:
            raise PublishFailed(words.NOT_ENCRYPTED)
        return url

    async def _pinned(self, url: URL) -> str:
        """`host:port:address`: what the host is now, as long as that may be asked; empty where it is its own address.

        Raises `PublishFailed`.
        """
        # As git writes it: what is pinned under another spelling of the name is not pinned.
        host, port = url.raw_host or "", url.port or 443
        addresses = await _addresses(host, port)
        if origin_of(str(url)) not in self._trusted:
            addresses = [address for address in addresses if self._policy.allows(address)]
        if not addresses:
            raise PublishFailed(words.unreachable(host))
        if host in addresses:
            return ""
        first = min(addresses, key=lambda address: ":" in address)
        return f"{host}:{port}:{f'[{first}]' if ':' in first else first}"


async def _heard(process: asyncio.subprocess.Process) -> bytes:
    """What a program says until its end. A server may let it say very much, and no more than this is kept."""
    said = bytearray()
    while process.stdout and (piece := await process.stdout.read(65_536)):
        said += piece[: _MAX_SAID_BYTES - len(said)]
    await process.wait()
    return bytes(said)


async def _ended(process: asyncio.subprocess.Process) -> None:
    """It is gone, and with it what it began: that would hold the connection, and what it says, open."""
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def _size_bytes(folder: Path) -> int:
    """Of all files in a folder that others write into meanwhile. Blocking."""
    size = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            size += path.lstat().st_size
    return size


async def _addresses(host: str, port: int) -> list[str]:
    """Where a host is. Raises `PublishFailed` where it is nowhere."""
    with suppress(ValueError):
        return [str(ipaddress.ip_address(host))]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise PublishFailed(words.unreachable(host)) from error
    return [str(each[4][0]) for each in found]


def repository_at(text: str) -> URL:
    """The repository's address, as far as it can be one. Raises `PublishFailed`."""
    try:
        url = web_address(text.strip())
    except NotAnUrl as error:
        why = Words(f"这个地址不能用：{error.words.zh}。", f"This address cannot be used: {error.words.en}.")
        raise PublishFailed(why) from error
    if url.user or url.password or url.query_string or url.fragment:
        raise PublishFailed(
            Words(
                "仓库地址里不能有用户名、令牌或查询参数。令牌请填在下面一栏。",
                "The repository's address holds no user, token or query. Enter the token in its own field.",
            )
        )
    return url


def _prepared(program: Path, folder: Path, url: URL, pinned: str, token: SecretStr | None, patience: float) -> _Git:
    program = program.absolute()
    for path in (folder, folder / "tree", folder / "home"):
        path.mkdir(mode=0o700)
    askpass = folder / "askpass"
    askpass.write_text(_ASKPASS, encoding="utf-8")
    askpass.chmod(0o700)
    settings = {
        "credential.helper": "",
        "core.hooksPath": os.devnull,
        "core.autocrlf": "false",
        # What comes goes to the disk as it is, however large, and never into memory.
        "core.bigFileThreshold": "16m",
        "fetch.unpackLimit": "1",
        "commit.gpgSign": "false",
        "http.followRedirects": "false",
        "http.curloptResolve": pinned,
        "http.proxy": "",
        "protocol.allow": "never",
        "protocol.http.allow": "always",
        "protocol.https.allow": "always",
        "init.defaultBranch": "main",
        "user.name": "AgentFabric",
        "user.email": "agentfabric@localhost",
    }
    environment = {
        "PATH": os.pathsep.join((str(program.parent), os.defpath)),
        "HOME": str(folder / "home"),
        "LANG": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": str(askpass),
        "AF_USER": "oauth2",
        "AF_TOKEN": token.get_secret_value() if token else "",
    }
    options = tuple(part for name, value in settings.items() for part in ("-c", f"{name}={value}"))
    return _Git(program, folder, url.host or "", patience, options, environment)
