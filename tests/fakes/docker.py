"""A `docker` command as far as the sandbox speaks to one, strict about its options, which runs what it is to run.

There is no daemon behind it: bubblewrap stands in for the container, with the image's packages taken from the sandbox's
environment. Run by its path with the folder of its state, so it imports nothing of this project.
"""

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

NO_DAEMON = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
REFUSED = "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock"
HELP = "\n\nRun 'docker run --help' for more information"
FLAGS = ("rm", "interactive", "read-only", "no-healthcheck")
OPTIONS = (
    *("pull", "name", "hostname", "network", "cap-drop", "security-opt", "user", "pids-limit", "cpus", "memory"),
    *("memory-swap", "shm-size", "tmpfs", "workdir", "log-driver", "entrypoint"),
)
SEVERAL = ("mount", "env")


class DockerFake:
    """The command in a folder of a test's, and how it behaves."""

    def __init__(self, folder: Path, environment: Path, **conduct: Any) -> None:
        self.folder = folder
        self.bin = folder / "bin"
        self.bin.mkdir(parents=True)
        self.conduct: dict[str, Any] = {"image": "agentfabric-sandbox", "environment": str(environment), **conduct}
        self.behave()
        script = self.bin / "docker"
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{__file__}" "{folder}" "$@"\n')
        script.chmod(0o755)

    def behave(self, **conduct: Any) -> None:
        """From now on so: `daemon` down, refusing or slow, another `image` or none, `folders` elsewhere, `deaf`."""
        self.conduct |= conduct
        (self.folder / "conduct.json").write_text(json.dumps(self.conduct))

    @property
    def asked(self) -> list[list[str]]:
        """The command lines so far."""
        calls = self.folder / "calls"
        return [json.loads(line) for line in calls.read_text().splitlines()] if calls.exists() else []

    def runs(self) -> list[dict[str, Any]]:
        """The options of each container that was asked for."""
        return [options_of(words[1:])[0] for words in self.asked if words[0] == "run"]


def options_of(words: list[str]) -> tuple[dict[str, Any], str, list[str]]:
    """The options of `docker run`, the image, and what the entrypoint is given. Ends the program at one not known."""
    parser = argparse.ArgumentParser(allow_abbrev=False, exit_on_error=False)
    for name in FLAGS:
        parser.add_argument(f"--{name}", action="store_true")
    for name in OPTIONS:
        parser.add_argument(f"--{name}")
    for name in SEVERAL:
        parser.add_argument(f"--{name}", action="append", default=[])
    parser.add_argument("image")
    parser.add_argument("program", nargs=argparse.REMAINDER)
    options = vars(parser.parse_args(words))
    return options, options.pop("image"), options.pop("program")


def main(state: Path, words: list[str]) -> None:
    conduct = json.loads((state / "conduct.json").read_text())
    with (state / "calls").open("a") as calls:
        host = words[:2] if words[0] == "--host" else []
        words = words[len(host) :]
        calls.write(json.dumps([*words, *host]) + "\n")
    if conduct.get("daemon") == "slow":
        time.sleep(60)
    if why := {"down": NO_DAEMON, "refusing": REFUSED}.get(conduct.get("daemon", "")):
        fail(*((125, f"docker: {why}{HELP}") if words[0] == "run" else (1, why)))
    match words:
        case ["version", "--format", "{{.Server.Version}}"]:
            print("28.2.2")
        case ["image", "inspect", "--format", "{{.Id}}", name]:
            if name != conduct["image"]:
                fail(1, f"Error response from daemon: No such image: {name}")
        case ["rm", "--force", name]:
            remove(int((state / name).read_text()))
        case ["build", "--tag", name, folder]:
            if conduct.get("build"):
                fail(1, conduct["build"])
            lines = [line.split() for line in Path(folder, "Dockerfile").read_text().splitlines()]
            copied = [file for line in lines if line[:1] == ["COPY"] for file in line[1:-1]]
            assert copied and all(Path(folder, file).is_file() for file in copied)
            (state / "conduct.json").write_text(json.dumps({**conduct, "image": name}))
        case ["run", *rest]:
            run(state, conduct, *options_of(rest))
        case _:
            fail(125, f"unknown command: {words}")


def run(state: Path, conduct: dict[str, Any], options: dict[str, Any], image: str, program: list[str]) -> None:
    if image != conduct["image"]:
        fail(125, f"docker: Error response from daemon: No such image: {image}:latest{HELP}")
    (state / options["name"]).write_text(str(os.getpid()))
    if conduct.get("deaf"):
        # Its standard input never ends, whatever becomes of ours.
        held, holds = os.pipe()
        os.set_inheritable(holds, True)
        os.dup2(held, 0)
    record = json.loads(Path(conduct["environment"], "environment.json").read_text())
    user, group = options["user"].split(":")
    scratch = dict(pair.split("=") for pair in options["tmpfs"].partition(":")[2].split(",") if "=" in pair)
    walls = [
        *("bwrap", "--die-with-parent", "--as-pid-1", "--unshare-pid", "--unshare-net", "--unshare-ipc"),
        *("--unshare-uts", "--hostname", options["hostname"], "--clearenv", "--setenv", "PATH", "/usr/bin:/bin"),
        *(word for pair in options["env"] for word in ("--setenv", *pair.split("=", 1))),
        *(
            "--ro-bind",
            "/usr",
            "/usr",
            "--proc",
            "/proc",
            "--dev",
            "/dev",
            "--perms",
            scratch["mode"],
            "--size",
            scratch["size"],
            "--tmpfs",
            "/tmp",
        ),
        *(word for path in ("/bin", "/lib", "/lib64") for word in alias(Path(path))),
        *("--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache", "--perms", "0755", "--dir", "/run"),
        *("--ro-bind", record["prefix"], record["prefix"]),
        *("--ro-bind", f"{conduct['environment']}/packages", "/packages"),
    ]
    for mount in options["mount"]:
        said = dict(pair.split("=", 1) for pair in mount.split(","))
        assert said["type"] == "bind"
        source = said["source"] if conduct.get("folders") != "elsewhere" else str(elsewhere(state))
        walls += ["--bind", source, said["target"]]
    walls += ["--remount-ro", "/", "--chdir", options["workdir"]]
    if os.geteuid() == 0:
        rights = ["--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"]
        walls += ["--", "setpriv", "--reuid", user, "--regid", group, "--clear-groups", *rights]
    else:
        walls += ["--unshare-user", "--uid", user, "--gid", group, "--cap-drop", "ALL", "--"]
    assert options["entrypoint"] == "python"
    os.execvp("bwrap", [*walls, record["python"], *program])


def remove(pid: int) -> None:
    """End bubblewrap and its one child, which is the first process in there: with that all of them end."""
    for each in (*map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()), pid):
        os.kill(each, signal.SIGKILL)


def elsewhere(state: Path) -> Path:
    folder = state / "elsewhere"
    folder.mkdir(exist_ok=True, mode=0o777)
    return folder


def alias(path: Path) -> tuple[str, ...]:
    return ("--symlink", str(path.readlink()), str(path)) if path.is_symlink() else ("--ro-bind", str(path), str(path))


def fail(status: int, said: str) -> None:
    print(said, file=sys.stderr)
    raise SystemExit(status)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
