"""Docker as the sandbox, against a `docker` command that is strict about its options and runs what it is to run.

No test of this project has a daemon: what a real one makes of these options, it does not see.
"""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.docker import DockerFake
from tests.sandbox import ENVIRONMENT, QUICK, cheap_environment, printed, require_sandbox, until, worked
from tests.terminal import ROOT, command
from user_agent.errors import ToolError
from user_agent.sandbox import docker as backend
from user_agent.sandbox import environment
from user_agent.sandbox.docker import DockerImage
from user_agent.sandbox.environment import REQUIREMENTS, InstallFailed, install, interpreter_in
from user_agent.sandbox.image import build
from user_agent.sandbox.kernel import KernelFailed
from user_agent.sandbox.watch import children_of, descendants
from user_agent.sandbox.workshop import Workshop
from user_agent.walls import stand_in_here

IMAGE = DockerImage("agentfabric-sandbox")
HOST = "unix:///run/another.sock"
LIMITS = replace(QUICK, run_s=1.5)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder where commands are looked for before all others."""
    require_sandbox()
    monkeypatch.setenv("PATH", f"{tmp_path / 'docker' / 'bin'}:{os.environ['PATH']}")
    return tmp_path / "docker"


@pytest.fixture
def docker(path: Path, tmp_path: Path) -> DockerFake:
    """One in whose image a kernel starts in a tenth of the time."""
    return DockerFake(path, cheap_environment(tmp_path))


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    before = set(children_of(os.getpid()))
    yield
    assert set(children_of(os.getpid())) <= before


def a_workshop(tmp_path: Path, image: DockerImage = IMAGE) -> Workshop:
    """One that has no other sandbox to fall back to."""
    return Workshop(tmp_path / "s", tmp_path / "nothing", LIMITS, docker=image, spare=0)


async def test_code_runs_in_a_container_with_no_rights_and_nothing_but_its_folder(path: Path, tmp_path: Path) -> None:
    docker = DockerFake(path, ENVIRONMENT)
    async with a_workshop(tmp_path) as workshop:
        assert await workshop.problem() is None
        bench = workshop.bench("c")
        done = await worked(
            bench, "import os, pandas\nx = 41\nopen('a.txt', 'w').write('made')\nprint(os.listdir('.'))"
        )
        assert (done.ran.text.strip(), done.ran.end, done.changed) == ("['a.txt']", "done", ["a.txt"])
        assert await bench.read("a.txt", 100) == b"made"
        assert await printed(bench, "print(x + 1, sorted(set(os.environ) & {'PATH', 'HOME', 'OPENAI_API_KEY'}))") == (
            "42 ['HOME', 'PATH']"
        )
        looped = (await worked(bench, "print('begun', flush=True)\nwhile True: pass")).ran
        assert (looped.end, looped.kept, looped.text.startswith("begun")) == ("late", True, True)
        assert await printed(bench, "print(x)") == "41"
        [_, options] = docker.runs()
        mounted = [dict(pair.split("=", 1) for pair in mount.split(",")) for mount in options.pop("mount")]
        assert [(each["type"], each["target"]) for each in mounted] == [("bind", "/work"), ("bind", "/run/kernel")]
        assert mounted[0]["source"] == str(bench.work.path)
    assert options.pop("name").startswith("agentfabric-")
    assert not any("KEY" in each or each.startswith("PATH") for each in options.pop("env"))
    owner = stand_in_here() or os.geteuid()
    assert options == {
        "rm": True,
        "interactive": True,
        "pull": "never",
        "hostname": "sandbox",
        "network": "none",
        "read_only": True,
        "cap_drop": "ALL",
        "security_opt": "no-new-privileges",
        "user": f"{owner}:{owner if owner == stand_in_here() else os.getegid()}",
        "pids_limit": "64",
        "cpus": "1",
        "memory": "600000000b",
        "memory_swap": "600000000b",
        "shm_size": "1000000b",
        "tmpfs": "/tmp:rw,noexec,nosuid,nodev,size=64000000,mode=1777",
        "workdir": "/work",
        "log_driver": "none",
        "no_healthcheck": True,
        "entrypoint": "python",
    }


@pytest.mark.parametrize(
    ("conduct", "said"),
    [
        ({"daemon": "down"}, "Docker does not answer (Cannot connect to the Docker daemon at unix:///"),
        ({"daemon": "refusing"}, "Docker does not answer (permission denied while trying to connect"),
        ({"daemon": "slow"}, "Docker does not answer (it took longer than 0.5 seconds)"),
        (
            {"image": "another"},
            "has no image 'agentfabric-sandbox' to run code in. Run `python app.py install-sandbox`",
        ),
        ({"folders": "elsewhere"}, "folders of the server are not reached from in there"),
    ],
    ids=["down", "refusing", "slow", "no image", "elsewhere"],
)
async def test_where_docker_does_not_work_code_is_never_run_and_the_reason_is_told(
    docker: DockerFake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, conduct: dict[str, str], said: str
) -> None:
    if conduct.get("daemon") == "slow":
        monkeypatch.setattr(backend, "ASK_TIMEOUT_S", 0.5)
    docker.behave(**conduct)
    async with a_workshop(tmp_path) as workshop:
        problem = await workshop.problem()
        assert problem is not None and said in problem.en
        with pytest.raises(ToolError):
            await printed(workshop.bench("c"), "open('ran', 'w')")
        assert not (workshop.bench("c").work.path / "ran").exists()


async def test_where_there_is_no_docker_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    async with a_workshop(tmp_path) as workshop:
        problem = await workshop.problem()
    assert problem is not None and "there is no `docker` command on this server" in problem.en


async def test_a_container_that_is_killed_for_its_memory_is_told_as_that(docker: DockerFake, tmp_path: Path) -> None:
    async with a_workshop(tmp_path) as workshop:
        bench = workshop.bench("c")
        # As Linux does it to the largest process of a container that is full.
        ran = (await worked(bench, "import os; os.kill(os.getpid(), 9)")).ran
        assert (ran.end, ran.kept) == ("memory", False)
        ran = (await worked(bench, "import os; os._exit(3)")).ran
        assert ran.end == "gone"
        assert await printed(bench, "print('here')") == "here"


async def test_a_docker_that_went_down_meanwhile_is_looked_at_again(docker: DockerFake, tmp_path: Path) -> None:
    async with a_workshop(tmp_path) as workshop:
        assert await printed(workshop.bench("one"), "print(1)") == "1"
        docker.behave(daemon="down")
        with pytest.raises(KernelFailed):
            await printed(workshop.bench("two"), "print(2)")
        problem = await workshop.problem()
        assert problem is not None and "Docker does not answer" in problem.en
        assert await printed(workshop.bench("one"), "print(1)") == "1"


async def test_a_container_ends_with_its_input_and_where_it_does_not_it_is_removed(
    docker: DockerFake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = {*await asyncio.to_thread(descendants, os.getpid())}
    async with a_workshop(tmp_path) as workshop:
        await printed(workshop.bench("hears"), "1")
        begun = await asyncio.to_thread(descendants, os.getpid())
        await workshop.sleep("hears")
        assert "rm" not in [words[0] for words in docker.asked]
        monkeypatch.setattr(backend, "END_TIMEOUT_S", 0.5)
        docker.behave(deaf=True)
        await printed(workshop.bench("deaf"), "1")
        begun += await asyncio.to_thread(descendants, os.getpid())
        await workshop.sleep("deaf")
        assert docker.asked[-1] == ["rm", "--force", docker.runs()[-1]["name"]]
    begun = [pid for pid in begun if pid not in others]
    assert len(begun) >= 4
    await until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in begun))


async def test_code_cannot_stop_what_ends_its_container(docker: DockerFake, tmp_path: Path) -> None:
    async with a_workshop(tmp_path) as workshop:
        said = await printed(
            workshop.bench("c"),
            """
import ctypes, os, signal
for wanted in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM):
    os.kill(1, wanted)
try:
    os.listdir("/proc/1/fd")
    print("seen")
except PermissionError:
    print(os.getppid(), ctypes.CDLL(None).ptrace(16, 1, 0, 0))
""",
        )
        assert said == "1 -1"
        await workshop.sleep("c")
    assert "rm" not in [words[0] for words in docker.asked]


def test_an_installation_that_fails_leaves_the_libraries_of_before(tmp_path: Path) -> None:
    folder, wanted = tmp_path / "environment", tmp_path / "requirements.txt"
    (folder / "packages").mkdir(parents=True)
    (folder / "packages" / "pandas.py").write_text("before")
    (folder / "environment.json").write_text(json.dumps({"python": sys.executable, "prefix": sys.base_prefix}))
    before = interpreter_in(folder)
    wanted.write_text("this is no requirement\n")
    with pytest.raises(InstallFailed, match="pip could not install the libraries"):
        install(folder, wanted, lambda _: None)
    assert before and interpreter_in(folder) == before
    assert [(file.name, file.read_text()) for file in before.packages.iterdir()] == [("pandas.py", "before")]
    assert sorted(each.name for each in folder.iterdir()) == ["environment.json", "packages"]


def test_an_installation_that_is_stopped_as_it_tidies_up_leaves_whole_libraries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, wanted, remove = tmp_path / "environment", tmp_path / "requirements.txt", shutil.rmtree

    def made(command: list[str], failed: str, variables: dict[str, str] | None = None) -> None:
        (folder / "packages").mkdir(exist_ok=True)
        for name in ("numpy.py", "pandas.py"):
            (folder / "packages" / name).write_text("whole")

    def stopped(path: Path, **options: Any) -> None:
        if path.name == "packages-before":
            (path / "numpy.py").unlink()
            raise KeyboardInterrupt
        remove(path, **options)

    monkeypatch.setattr(environment, "run_step", made)
    install(folder, wanted, lambda _: None)
    with monkeypatch.context() as stopping, pytest.raises(KeyboardInterrupt):
        stopping.setattr(shutil, "rmtree", stopped)
        install(folder, wanted, lambda _: None)
    monkeypatch.undo()
    with pytest.raises(InstallFailed):
        install(folder, wanted, lambda _: None)  # there is no such file
    found = interpreter_in(folder)
    assert found and {"numpy.py", "pandas.py"} <= {file.name for file in found.packages.iterdir()}


async def test_the_command_builds_the_image_and_says_whether_code_can_be_run(
    docker: DockerFake, path: Path, tmp_path: Path
) -> None:
    docker.behave(image="", build="ERROR: failed to solve: python:3.13-slim: no such host")
    with pytest.raises(InstallFailed, match=r"Docker could not build the image(.|\n)*no such host"):
        await asyncio.to_thread(build, DockerImage("studio/code:1", HOST), ROOT / REQUIREMENTS, lambda _: None)
    docker.behave(build="")
    names = {
        "AGENTFABRIC_HOME": str(tmp_path / "home"),
        "AGENTFABRIC_SANDBOX": "docker",
        "AGENTFABRIC_SANDBOX_IMAGE": "studio/code:1",
        "DOCKER_HOST": HOST,
        "PATH": os.environ["PATH"],
    }
    status, told, _ = await command("install-sandbox", **names)
    assert status == 0 and "Agents can run code now" in told
    assert {tuple(words[-2:]) for words in docker.asked} == {("--host", HOST)}
