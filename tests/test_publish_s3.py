"""Bundles in S3-compatible storage: signed as the other side reckons it, and the last version up whatever happens."""

import asyncio
import hashlib
import io
import json
import sys
import zipfile
from collections.abc import AsyncGenerator
from functools import partial
from itertools import count
from pathlib import Path

import aiohttp
import pytest
from pydantic import SecretStr

from agentfabric.publish.targets import base
from agentfabric.publish.targets.base import Sending, Where
from agentfabric.publish.targets.s3 import S3Target
from tests.conftest import Serve
from tests.fakes.s3_server import BUCKET, SECRET_KEY, S3Server
from tests.test_api_history import patched
from tests.test_net import Names
from tests.test_publications import sent
from tests.test_releases import published
from user_agent.addresses import AddressPolicy
from user_agent.errors import PublishFailed
from user_agent.net import Http
from user_agent.words import Words


@pytest.fixture
async def s3() -> AsyncGenerator[S3Server, None]:
    async with S3Server() as server:
        yield server


def sending(data: bytes, chosen: dict[str, str], secret: str = SECRET_KEY) -> Sending:
    return Sending("max", "Max", "", data, chosen, {"secret_key": SecretStr(secret)})


async def test_a_bundle_is_uploaded_and_its_link_opens_it(serve: Serve, s3: S3Server, home: Path) -> None:
    environment = {"AGENTFABRIC_TRUSTED_ORIGINS": s3.origin, "AGENTFABRIC_LOG_LEVEL": "debug"}
    async with serve(**environment) as client, aiohttp.ClientSession() as visitor:
        agent = (await client.post("/api/agents", json={"config": {"name": "Max"}}))["id"]
        told = await sent(client, agent, "s3", s3.options, secret_key=SECRET_KEY)
        done, stable = told["publish_done"], f"agents/{agent}.zip"
        assert (done["address"], done["changed"]) == (f"{s3.origin}/{BUCKET}/{stable}", True)
        assert len(told["steps"]) == 5
        async with visitor.get(done["link"]) as answer:
            data = await answer.read()
        assert _name(data) == "Max"
        async with visitor.get(done["link"].replace("=86400", "=96400")) as answer:
            assert answer.status == 403
        version = f"agents/{agent}/{hashlib.sha256(data).hexdigest()[:16]}.zip"
        assert s3.objects == {version: data, stable: data}

        s3.asked.clear()
        same = await sent(client, agent, "s3", s3.options)
        assert not same["publish_done"]["changed"], "the key was kept, and nothing is new"
        assert s3.asked == [("HEAD", stable)]

        await patched(client, agent, name="Zed")
        await published(client, agent)
        await sent(client, agent, "s3", s3.options)
        assert (_name(s3.objects[version]), _name(s3.objects[stable])) == ("Max", "Zed")
        names = (await client.get("/api/secrets"))["names"]
        assert names == [f"publish.s3:{s3.origin}"]
        assert SECRET_KEY not in str([told, same, s3.heard])
    assert SECRET_KEY.encode() not in (home / "agentfabric.db").read_bytes()


async def test_much_may_take_longer_to_go_up(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "GRACE_S", 0.0)
    target = S3Target(lambda: Http(trusted_origins=[s3.origin]), 24)
    for bytes_per_s, said in ((1e12, "in time"), (1.0, "")):
        monkeypatch.setattr(base, "SLOWEST_BYTES_PER_S", bytes_per_s)
        told = ""
        try:
            await target.publish(sending(b"x" * 600, s3.options), lambda step: None)
        except PublishFailed as error:
            told = error.told.en
        assert (said in told, bool(told)) == (True, bool(said)), told


def _name(bundle: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        return json.loads(archive.read("config/builder_config.json"))["name"]


async def test_the_last_version_stays_up_where_an_upload_fails(s3: S3Server) -> None:
    target, steps, chosen = (
        S3Target(partial(Http, trusted_origins=[s3.origin]), 1),
        list[Words](),
        {**s3.options, "prefix": ""},
    )
    await target.publish(sending(b"one", chosen), steps.append)
    fresh = f"max/{hashlib.sha256(b'two').hexdigest()[:16]}.zip"

    async def refused(words: str) -> None:
        with pytest.raises(PublishFailed, match=words):
            await target.publish(sending(b"two", chosen), steps.append)
        assert s3.objects["max.zip"] == b"one"

    s3.cut_off = {fresh}
    await refused("could not be reached")
    s3.cut_off = {"max.zip"}
    await refused("could not be reached")
    s3.cut_off, s3.denied = set(), {"max.zip"}
    await refused("may not write")
    assert s3.objects[fresh] == b"two", "only the last step was refused"
    s3.denied, s3.busy = set(), True
    await refused("busy")
    s3.busy = False
    where = await target.publish(sending(b"two", chosen), steps.append)
    assert where.changed
    assert s3.objects["max.zip"] == b"two"


async def test_where_it_is_stopped_the_last_version_stays_up_or_the_new_one_is(s3: S3Server) -> None:
    target = S3Target(partial(Http, trusted_origins=[s3.origin]), 1)
    chosen = {**s3.options, "prefix": ""}
    await target.publish(sending(b"one", chosen), lambda step: None)

    async def stopped_at(number: int) -> asyncio.Task[Where]:
        told = count(1)

        def stop_at_it(step: Words) -> None:
            if next(told) == number:
                work.cancel()

        work = asyncio.create_task(target.publish(sending(b"two", chosen), stop_at_it))
        await asyncio.wait([work])
        return work

    for number in (1, 2):
        assert (await stopped_at(number)).cancelled()
        assert s3.objects["max.zip"] == b"one"
    assert (await stopped_at(3)).result().changed
    assert s3.objects["max.zip"] == b"two"


@pytest.mark.parametrize(
    ("more", "secret", "words"),
    [
        ({}, "another-secret", "does not take these keys"),
        ({"access_key": "AKIAOFNOBODY"}, SECRET_KEY, "does not take these keys"),
        ({"bucket": "others"}, SECRET_KEY, "no such bucket"),
        ({"region": "us-east-1"}, SECRET_KEY, "another region"),
    ],
    ids=["secret", "id", "bucket", "region"],
)
async def test_a_refusal_names_what_to_change(s3: S3Server, more: dict[str, str], secret: str, words: str) -> None:
    target = S3Target(partial(Http, trusted_origins=[s3.origin]), 1)
    with pytest.raises(PublishFailed, match=words):
        await target.publish(sending(b"one", {**s3.options, **more}, secret), lambda step: None)
    assert not s3.objects


async def test_nothing_is_asked_that_may_not_be_or_cannot_stand_in_an_address(s3: S3Server) -> None:
    target = S3Target(Http, 1)
    for name, bad in (
        ("endpoint", s3.origin),
        ("endpoint", "http://169.254.169.254"),
        ("endpoint", "https://a:b@storage.example"),
        ("endpoint", "https://storage.example/?x=1"),
        ("endpoint", "file:///etc"),
        ("bucket", "a/../b"),
        ("bucket", "evil.example#"),
        ("region", "us east\r\nX: y"),
        ("prefix", "../other"),
        ("prefix", "a//b"),
        ("access_key", "AKIA, SignedHeaders=host"),
    ):
        with pytest.raises(PublishFailed):
            await target.publish(sending(b"one", {**s3.options, name: bad}), lambda step: None)
    assert not s3.asked


async def test_without_the_library_it_says_how_to_install_it(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "botocore.auth", None)
    with pytest.raises(PublishFailed, match=r"requirements-publish\.txt"):
        await S3Target(Http, 1).publish(sending(b"one", s3.options), lambda step: None)


async def test_a_bucket_may_stand_in_the_host(s3: S3Server) -> None:
    port = s3.port
    chosen = {**s3.options, "endpoint": f"http://storage.example:{port}", "style": "host"}
    names = Names(["127.0.0.1"])
    target = S3Target(partial(Http, policy=AddressPolicy(own_network=True), resolver=names), 1)
    where = await target.publish(sending(b"one", chosen), lambda step: None)
    assert where.address == f"http://{BUCKET}.storage.example:{port}/agents/max.zip"
    assert s3.objects["agents/max.zip"] == b"one"
