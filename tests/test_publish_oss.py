"""The fork link of a ModelScope studio: what it names can be fetched for a while, and no secret is in it."""

import asyncio
import json
import logging
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from agentfabric.publish.targets.base import Sending, Where
from agentfabric.publish.targets.oss import OssTarget
from agentfabric.settings import Settings
from tests.conftest import Serve
from tests.fakes.oss_server import BUCKET, KEY_ID, KEY_SECRET, REGION, Kept, OssServer, Trouble
from tests.test_releases import published
from user_agent.errors import PublishFailed
from user_agent.words import Words

LINK_SECONDS = 1_800


@pytest.fixture
async def oss() -> AsyncGenerator[OssServer, None]:
    async with OssServer() as server:
        yield server


def target_of(environment: dict[str, str], **more: Any) -> OssTarget:
    settings = Settings.load(environment)
    assert settings.oss is not None
    return OssTarget(settings.oss, settings.oss_link_seconds, **more)


async def sent(target: OssTarget, data: bytes = b"one", *, title: str = "Max") -> Where:
    return await target.publish(Sending("0abc", title, "", data, {}, envs=("AMAP_TOKEN",)), list[Words]().append)


def environment_in(link: str) -> dict[str, str]:
    """What a fork link gives the studio."""
    parts = urlsplit(link)
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "www.modelscope.cn", "/studios/fork")
    query = parse_qs(parts.query, strict_parsing=True)
    assert query["target"] == ["modelscope/agent_template"]
    return json.loads(query["overwriteEnv"][0])


@asynccontextmanager
async def fetched(url: str) -> AsyncGenerator[aiohttp.ClientResponse, None]:
    """As the template studio does."""
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        yield answer


def age(oss: OssServer, data: bytes, seconds: float) -> None:
    """What was uploaded was so that much earlier."""
    for key, kept in oss.objects.items():
        if kept.data == data:
            oss.objects[key] = replace(kept, modified=kept.modified - seconds)


@pytest.mark.parametrize("region", ["", REGION], ids=["the first signature", "the fourth signature"])
async def test_the_link_names_the_bundle_and_the_keys_and_holds_no_secret(
    serve: Serve, oss: OssServer, home: Path, caplog: pytest.LogCaptureFixture, region: str
) -> None:
    caplog.set_level(logging.DEBUG)
    bought = {"DASHSCOPE_API_KEY": "sk-bought-by-the-operator", "AMAP_TOKEN": "the-token-of-amap"}
    async with serve(**oss.variables, **bought, OSS_REGION=region, AGENTFABRIC_LOG_LEVEL="debug") as client:
        config = {"name": "Max 地图", "model": "qwen-plus", "tools": {"amap_weather": {"use": True}}}
        agent = (await client.post("/api/agents", json={"config": config}))["id"]
        await published(client, agent)
        path = f"/api/agents/{agent}/publications"
        events = await client.collect("POST", path, json={"target": "oss"})
        bundle = await client.call("GET", f"/api/agents/{agent}/bundle")
        targets = await client.get("/api/targets")
    [done] = [event.data for event in events if event.type == "publish_done"]
    [key] = oss.objects
    assert done["address"] == f"oss://{BUCKET}/{key}"
    assert key.startswith(f"agents/user/{agent}-") and key.endswith("/Max.zip")
    given = environment_in(done["link"])
    assert given.keys() == {"AGENT_URL", "DASHSCOPE_API_KEY", "AMAP_TOKEN"}
    assert given["DASHSCOPE_API_KEY"] == "Your-DASHSCOPE_API_KEY"
    assert f"/{key}?" in given["AGENT_URL"], "with its slashes, as the studio wants it"
    async with fetched(given["AGENT_URL"]) as answer:
        assert await answer.read() == bundle.body
    left = datetime.fromisoformat(done["expires"]).timestamp() - time.time()
    assert LINK_SECONDS - 60 < left <= LINK_SECONDS
    oss.ahead_s = LINK_SECONDS + 5
    async with fetched(given["AGENT_URL"]) as answer:
        assert answer.status == 403
    version = "V4" if region else "V1"
    assert set(oss.versions) == {version, f"{version} address"}
    told = str([event.data for event in events]) + str(targets) + caplog.text
    stored = (home / "agentfabric.db").read_bytes()
    for secret in (KEY_SECRET, *bought.values()):
        assert secret not in told
        assert secret.encode() not in stored
        assert secret.encode() not in bundle.body
    assert KEY_ID not in caplog.text.replace(urlsplit(given["AGENT_URL"]).query, ""), "but in the address itself"


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ("refuses", "refused the server's key (AccessDenied)"),
        ("reads_nothing", "oss:GetObject"),
        ("cuts_off", "connection broke"),
        ("silent", "could not be reached"),
    ],
)
async def test_where_it_fails_the_version_before_stays(oss: OssServer, trouble: Trouble, words: str) -> None:
    target = target_of(oss.variables, timeout_s=0.5)
    before = environment_in((await sent(target)).link or "")["AGENT_URL"]
    oss.trouble = trouble
    with pytest.raises(PublishFailed) as failure:
        await sent(target, b"two")
    assert words in failure.value.told.en
    assert KEY_ID not in str(failure.value) and failure.value.__cause__ is None
    oss.trouble = ""
    assert [kept.data for kept in oss.objects.values()] == [b"one"]
    async with fetched(before) as answer:
        assert await answer.read() == b"one"


async def test_a_new_upload_leaves_the_old_one_until_its_link_has_ended(oss: OssServer) -> None:
    target = target_of(oss.variables)
    first = await sent(target)
    age(oss, b"one", LINK_SECONDS - 60)
    second = await sent(target, b"two")
    assert first.address != second.address
    assert [kept.data for kept in oss.objects.values()] == [b"one", b"two"]
    oss.objects["agents/user/0abcd-of-another/a.zip"] = Kept(b"another", 0.0)
    age(oss, b"two", LINK_SECONDS - 60)
    age(oss, b"one", 65)
    third = await sent(target, b"three", title="../旅行 planner")
    assert third.address.endswith("/planner.zip")
    assert [kept.data for kept in oss.objects.values()] == [b"two", b"another", b"three"]


@pytest.mark.parametrize(("words", "kept"), [("Uploading", []), ("Trying", []), ("Clearing", [b"one"])])
async def test_where_it_is_stopped_nothing_is_left_or_all_of_it(oss: OssServer, words: str, kept: list[bytes]) -> None:
    def stop(step: Words) -> None:
        if words in step.en:
            work.cancel()

    work = asyncio.create_task(target_of(oss.variables).publish(Sending("0abc", "Max", "", b"one", {}), stop))
    await asyncio.wait([work])
    assert work.cancelled() == (not kept)
    assert [each.data for each in oss.objects.values()] == kept


async def test_what_is_set_up_wrongly_is_named(oss: OssServer, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(**changes: str) -> str:
        environment = {name: value for name, value in {**oss.variables, **changes}.items() if value}
        with pytest.raises(PublishFailed) as failure:
            await sent(target_of(environment))
        return failure.value.told.en

    assert "no bucket 'another-bucket'" in await refused(OSS_BUCKET_NAME="another-bucket")
    assert "SignatureDoesNotMatch" in await refused(OSS_ACCESS_KEY_SECRET="another")
    assert "OSS_BUCKET_NAME" in await refused(OSS_BUCKET_NAME="No_Bucket")
    assert "OSS_ENDPOINT" in await refused(OSS_ENDPOINT="https://127.0.0.1:port")
    assert "OSS_ACCESS_KEY_SECRET, OSS_BUCKET_NAME is missing" in await refused(
        OSS_ACCESS_KEY_SECRET="", OSS_BUCKET_NAME=""
    )
    assert not oss.objects
    monkeypatch.setitem(sys.modules, "oss2", None)
    assert "pip install -r requirements-publish.txt" in await refused()


@pytest.mark.parametrize(
    ("endpoint", "version"),
    [
        (f"http://oss-{REGION}.aliyuncs.com", "V4"),
        (f"http://oss-{REGION}-internal.aliyuncs.com", "V4"),
        ("http://oss-accelerate-overseas.aliyuncs.com", "V1"),
    ],
)
async def test_the_name_of_the_endpoint_tells_the_region(
    oss: OssServer, monkeypatch: pytest.MonkeyPatch, endpoint: str, version: str
) -> None:
    monkeypatch.setenv("http_proxy", oss.origin)
    where = await sent(target_of({**oss.variables, "OSS_ENDPOINT": endpoint}))
    assert environment_in(where.link or "")["AGENT_URL"].startswith(f"http://{BUCKET}.{endpoint.partition('//')[2]}/")
    assert set(oss.versions) == {version, f"{version} address"}


async def test_the_file_of_ossutil_fills_in_what_the_environment_leaves_out(oss: OssServer, tmp_path: Path) -> None:
    lines = [
        "[Credentials]",
        "language=EN",
        "endpoint=oss-cn-beijing-internal.aliyuncs.com",
        f"accessKeyID={KEY_ID}",
        f"accessKeySecret={KEY_SECRET}",
    ]
    (tmp_path / ".ossutilconfig").write_text("\n".join(lines))
    assert Settings.load({"HOME": str(tmp_path)}).oss is None, "another program's file names no bucket"
    (tmp_path / ".ossutilconfig").write_text("\n".join([*lines, f"bucketName={BUCKET}"]))
    settings = Settings.load({"HOME": str(tmp_path)})
    assert settings.oss is not None
    assert settings.oss.endpoint == "https://oss-cn-beijing-internal.aliyuncs.com"
    assert KEY_ID not in repr(settings) and KEY_SECRET not in repr(settings)
    await sent(target_of({"HOME": str(tmp_path), "OSS_ENDPOINT": oss.origin}))
    assert len(oss.objects) == 1
    (tmp_path / ".ossutilconfig").write_bytes(b"no such \xff file")
    assert Settings.load({"HOME": str(tmp_path)}).oss is None


def test_no_model_and_no_tool_is_given_the_operators_keys(oss: OssServer) -> None:
    assert Settings.load({"OSS_ACCESS_KEY_SECRET": KEY_SECRET}).environment_secret("OSS_ACCESS_KEY_SECRET") is None
