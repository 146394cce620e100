"""A clean environment for a bundle: Python with what its `requirements.txt` asks for, and nothing else of this machine.

The distributions are those that are installed here, of exactly the versions that the file pins, with what each of them
requires: linked into a folder of their own, because to fetch them anew takes a minute. What is not checked so is that
the package index still has them.
"""

import os
import re
import subprocess
import venv
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

_NAME = re.compile(r"^([A-Za-z0-9._-]+)(?:\[([^\]]*)\])?")


def clean_environment(folder: Path, requirements: str) -> Path:
    """The Python of an environment that has these requirements."""
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    told = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"], capture_output=True
    )
    packages = Path(told.stdout.decode().strip())
    for found in {each.metadata["Name"]: each for each in resolved(requirements)}.values():
        for file in found.files or ():
            source = Path(str(found.locate_file(file)))
            target = packages / file
            if ".." in file.parts or not source.is_file() or source.suffix == ".pyc":
                continue  # scripts, which are elsewhere
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                os.link(source, target) if source.stat().st_dev == packages.stat().st_dev else target.write_bytes(
                    source.read_bytes()
                )
    return python


def resolved(requirements: str) -> Iterator[Distribution]:
    """The distributions that are asked for, and those that they ask for."""
    from packaging.requirements import Requirement

    waiting = [Requirement(line) for line in requirements.splitlines() if line.strip()]
    seen: set[tuple[str, str]] = set()
    while waiting:
        wanted = waiting.pop()
        if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
            continue
        found = distribution(wanted.name)
        assert wanted.specifier.contains(found.version, prereleases=True), f"{wanted} is {found.version} here"
        for extra in ("", *wanted.extras):
            if (wanted.name.lower(), extra) in seen:
                continue
            seen.add((wanted.name.lower(), extra))
            for line in found.requires or ():
                needed = Requirement(line)
                if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                    needed.marker = None
                    waiting.append(needed)
        yield found


def bare_variables() -> dict[str, str]:
    """An environment that says nothing of this one."""
    return {
        "PATH": os.defpath,
        "HOME": "/nonexistent",
        "PYTHONUNBUFFERED": "1",
        "LANG": os.environ.get("LANG", "C.UTF-8"),
    }
