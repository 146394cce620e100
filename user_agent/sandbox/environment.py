"""The Python that code in the sandbox runs in, with its libraries: apart from the server's own, in a folder."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

from user_agent.errors import ConfigError

REQUIREMENTS = "requirements-sandbox.txt"
PREPARED = "matplotlib-prepared"
_PACKAGES = "packages"
_RECORD = "environment.json"
"""Written last: where it is there, so is all the rest."""
_INSTALL_TIMEOUT_S = 1_800


class InstallFailed(ConfigError):
    """The environment could not be made; the message says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message, field="the sandbox", reason=message)


class _Record(BaseModel):
    python: Path
    prefix: Path


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python, the folders of this machine that it needs beside `/usr`, and the libraries for it."""

    python: Path
    folders: tuple[Path, ...]
    packages: Path


def interpreter_in(folder: Path) -> Interpreter | None:
    """What was installed into the folder; None where nothing was, or where its Python is gone since."""
    try:
        record = _Record.model_validate_json((folder / _RECORD).read_bytes())
    except (OSError, ValidationError):
        return None
    if not record.python.is_file():
        return None
    beside = () if record.prefix.is_relative_to("/usr") else (record.prefix,)
    return Interpreter(record.python, beside, folder / _PACKAGES)


def install(folder: Path, requirements: Path, say: Callable[[str], None]) -> None:
    """Make the environment anew in the folder, which takes a minute and 400 MB. Raises `InstallFailed`: then the one
    that was there before is there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    with _in_place_of_the_last(folder):
        _install(folder, requirements, say)


@contextmanager
def _in_place_of_the_last(folder: Path) -> Generator[None]:
    """Sets the environment that is there aside, until another one is; where that fails, it is put back.

    Libraries are not moved once they are prepared: what is prepared names where they are.
    """
    packages, record = folder / _PACKAGES, folder / _RECORD
    packages_before, record_before = folder / f"{_PACKAGES}-before", folder / f"{_RECORD}-before"
    if record_before.exists():  # an installation was killed
        _move(packages_before, packages)
        _move(record_before, record)
    if record.exists():
        _move(record, record_before)
        _move(packages, packages_before)
    try:
        yield
    except BaseException:
        if record_before.exists():
            _move(packages_before, packages)
            _move(record_before, record)
        raise
    record_before.unlink(missing_ok=True)  # first: while it is there, so are all of its libraries
    shutil.rmtree(packages_before, ignore_errors=True)


def _move(source: Path, target: Path) -> None:
    if not source.exists():
        return
    if target.is_dir():
        shutil.rmtree(target)
    source.replace(target)


def _install(folder: Path, requirements: Path, say: Callable[[str], None]) -> None:
    # Without the links of a virtual environment: what they lead through is not in the sandbox.
    python, prefix = Path(sys.executable).resolve(), Path(sys.base_prefix).resolve()
    packages = folder / _PACKAGES
    shutil.rmtree(packages, ignore_errors=True)
    say(f"Installing what {requirements.name} names into {folder} …")
    pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-q"]
    run_step([*pip, "--target", str(packages), "-r", str(requirements)], "pip could not install the libraries")
    say("Preparing fonts …")
    preparing = Path(__file__).with_name("preparing.py")
    prepared = packages / PREPARED
    prepared.mkdir(exist_ok=True)
    # A home without fonts: those of whoever installs are not in the sandbox.
    variables = {"MPLCONFIGDIR": str(prepared), "HOME": str(prepared)}
    prepare = [str(python), "-I", "-S", str(preparing), str(packages), str(prepared)]
    run_step(prepare, "matplotlib could not be prepared", variables)
    _readable(packages)
    record = _Record(python=python, prefix=prefix)
    (folder / _RECORD).write_text(record.model_dump_json(), encoding="utf-8")


def run_step(command: list[str], failed: str, variables: dict[str, str] | None = None) -> None:
    """Run a command of an installation to its end. Raises `InstallFailed`, which begins with what `failed`."""
    try:
        done = subprocess.run(  # noqa: S603  our own words and the paths of whoever runs the server
            command, capture_output=True, text=True, timeout=_INSTALL_TIMEOUT_S, check=False, env=variables
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InstallFailed(f"{failed}: {error}. Run the command again.") from error
    if done.returncode:
        reason = "\n".join((done.stderr or done.stdout).strip().splitlines()[-5:])
        raise InstallFailed(f"{failed}. It said:\n{reason}\nMend that, and run the command again.")


def _readable(folder: Path) -> None:
    """For whoever the sandbox runs under, whatever this process's mask is."""
    for root, _, files in os.walk(folder):
        Path(root).chmod(0o755)
        for name in files:
            path = Path(root, name)
            if not path.is_symlink():
                path.chmod(0o644)
