"""The image that kernels run in where the sandbox is Docker: built only when somebody asks for it."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from user_agent.sandbox.docker import DockerImage
from user_agent.sandbox.environment import InstallFailed, run_step

_FILES = ("Dockerfile", "preparing.py")


def build(image: DockerImage, requirements: Path, say: Callable[[str], None]) -> None:
    """Make the image anew under its name, which takes a few minutes and fetches what it is made of.

    Raises `InstallFailed`.
    """
    docker = shutil.which("docker")
    if docker is None:
        raise InstallFailed("There is no `docker` command on this server. Install Docker, or use another sandbox.")
    here = Path(__file__).parent
    say(f"Building the image {image.name} from {here / 'Dockerfile'} …")
    with tempfile.TemporaryDirectory(prefix="fabric-image-") as folder:
        for source in (*(here / name for name in _FILES), requirements):
            shutil.copy(source, folder)
        where = ["--host", image.host] if image.host else []
        run_step([docker, *where, "build", "--tag", image.name, folder], "Docker could not build the image")
