"""Sending a bundle to a ModelScope hub that is a fake: what is sent, and how it went."""

import pytest
from pydantic import SecretStr

from agentfabric.publish.targets.base import Sending, Where
from agentfabric.publish.targets.modelscope import ModelScopeTarget
from tests.fakes.modelscope_hub import TOKEN, ModelScope
from tests.test_huggingface import bundle
from user_agent.errors import PublishFailed
from user_agent.words import Words

README = b"---\ndomain:\n- multi-modal\ntags:\n- agent\ndeployspec:\n  entry_file: app.py\n---\n"
PICTURE = b"\x89PNG\0" * 20_000
FILES = {
    "manifest.json": b"{}",
    "README.md": README,
    "Dockerfile": b"FROM x\nEXPOSE 7860\n",
    "requirements.txt": b"x\n",
    "app.py": b"one",
    "config/avatar.png": PICTURE,
    "config/the same.png": PICTURE,
}
AFTER = {**FILES, "app.py": b"two", "config/big.bin": b"\0" * 70_000}
del AFTER["config/avatar.png"]


def sending(
    files: dict[str, bytes] = FILES,
    *,
    studio: str = "max",
    sdk: str = "docker",
    token: str = TOKEN,
    envs: tuple[str, ...] = (),
    **keys: str,
) -> Sending:
    options = {"studio": studio, "visibility": "protected", "sdk": sdk}
    given = {name: SecretStr(value) for name, value in keys.items()}
    return Sending("a", "Max", "The first\nand more", bundle(files), options, {"token": SecretStr(token)}, envs, given)


async def send(hub: ModelScope, what: Sending, steps: list[str] | None = None, timeout_s: float = 60.0) -> Where:
    told = [] if steps is None else steps
    return await ModelScopeTarget(hub.origin, timeout_s).publish(what, lambda step: told.append(step.en))


async def refused(hub: ModelScope, what: Sending, timeout_s: float = 60.0) -> Words:
    with pytest.raises(PublishFailed) as raised:
        await send(hub, what, timeout_s=timeout_s)
    return raised.value.told
