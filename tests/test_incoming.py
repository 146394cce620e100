"""Agents from outside over the HTTP API: looked at, taken, and refused whole."""

import hashlib
import io
import json
import stat
import struct
import time
import zipfile
from collections.abc import Mapping
from typing import Any

import aiohttp
import pytest
import yaml

from agentfabric.publish.importer.incoming import Unreadable
from agentfabric.publish.importer.reading import read_incoming
from tests.client import Answer, Client
from tests.conftest import Serve
from tests.documents import archive
from tests.fakes.hostile_server import HostileServer, page
from tests.foreign_exports import (
    CANARY,
    DIFY_AGENT,
    DIFY_FLOW,
    GPT,
    LIBRECHAT,
    LIBRECHAT_PRESET,
    LOBECHAT,
    LOBECHAT_MARKET,
    open_webui,
    predecessor_config,
    predecessor_zip,
)
from tests.knowing import add, settled
from user_agent.errors import ConfigError


async def look(client: Client, data: bytes, **query: Any) -> Answer:
    return await _send(client, "/api/imports/look", data, query)


async def take(client: Client, data: bytes, **query: Any) -> Any:
    """The agent, of what was looked at just before."""
    looked = (await look(client, data, **query)).body
    answer = await _send(client, "/api/imports", data, {**query, "digest": looked["digest"]})
    assert answer.status == 201, answer.body
    return answer.body


async def _send(client: Client, path: str, data: bytes, query: Mapping[str, Any]) -> Answer:
    form = aiohttp.FormData()
    form.add_field("file", io.BytesIO(data), filename="export.bin")
    return await client.call("POST", path, data=form, params={key: str(value) for key, value in query.items()})


def told(looked: Any, kind: str, language: str = "en") -> list[str]:
    return [f"{note['field']}: {note['text'][language]}" for note in looked["report"] if note["kind"] == kind]


@pytest.mark.parametrize(
    ("folder", "around"),
    [
        pytest.param("config", "", id="as it is published"),
        pytest.param("config/local_user", "", id="the old layout"),
        pytest.param("config", "my-agent/", id="one folder around all"),
    ],
)
async def test_a_zip_of_the_predecessor_becomes_an_agent_with_its_files(
    client: Client, folder: str, around: str
) -> None:
    data = predecessor_zip(folder, around)
    looked = (await look(client, data)).body
    assert (looked["origin"], looked["name"], looked["revision"]) == ("archive", "武侠说书人", None)
    lost = told(looked, "lost")
    assert "knowledge: 'lost.pdf' is not in the zip: add it later" in lost
    assert "tools.damo/old-tool: there is no tool 'damo/old-tool' here" in lost
    assert any("the key of 'Shop': enter it again" in line for line in lost)
    assert any("operations of 'Shop' that cannot be used: " in line for line in lost)
    assert await client.get("/api/agents") == []

    agent = await take(client, data)
    config = agent["config"]
    assert config["instruction"] == "每次给出三个选择；等玩家选"
    assert agent["marks"]["name"]["author"] == "import"
    (api,) = config["openapi"].values()
    assert [operation["name"] for operation in api["operations"]] == ["getOrder", "cancel"]
    known = await settled(client, agent["id"])
    assert {file["name"]: file["state"] for file in known} == {
        "门派.txt": "ready",
        "兵器谱.md": "ready",
        "lost.pdf": "missing",
    }
    avatar = await client.call("GET", f"/api/agents/{agent['id']}/avatar")
    assert avatar.body[:4] == b"\x89PNG"
    assert config["avatar"] not in ("", "custom_bot_avatar.png")
    everything = json.dumps([agent, looked, await client.get("/api/secrets")])
    assert CANARY not in everything


async def test_what_other_products_export_comes_over_as_far_as_it_maps(client: Client) -> None:
    agent = await take(client, DIFY_AGENT.encode())
    config = agent["config"]
    assert (config["name"], config["prologue"], config["language"]) == ("Weekend Scout", "Where to this weekend?", "en")
    assert config["instruction"].endswith("ask the person for: City ({{city}}). {{…}} above stands for their answer.")
    assert {tool for tool, entry in config["tools"].items() if entry["use"]} == {"current_time", "web_search"}
    assert config["generation"] == {"temperature": 0.4, "max_tokens": 900}
    looked = (await look(client, DIFY_AGENT.encode(), language="zh")).body
    assert "tools: 这里没有的工具：book_hotel" in told(looked, "lost", "zh")
    assert CANARY not in json.dumps([agent, looked])

    flow = (await look(client, DIFY_FLOW.encode())).body
    differences = {change["field"]: change["after"] for change in flow["differences"]}
    assert differences["instruction"] == (
        "## 理解\n先弄清用户的订单号。资料：[context]\n\n## 回答\n根据 [理解] 用两句话回答。"
    )
    assert "nodes of the flow: if-else × 1, code × 1" in " ".join(told(flow, "lost"))
    assert CANARY not in json.dumps(flow)
    assert "SHOP_KEY" in json.dumps(flow)

    webui = json.dumps(open_webui()).encode()
    tutor, poet = await take(client, webui), await take(client, webui, number=2)
    assert [tutor["config"]["name"], poet["config"]["name"]] == ["Maths Tutor", "Poet"]
    assert tutor["config"]["prompt_recommend"] == ["What is 3/4 of 12?"]
    assert (await look(client, webui)).body["choices"] == ["Maths Tutor", "Poet"]
    assert (await client.call("GET", f"/api/agents/{tutor['id']}/avatar")).body[:4] == b"\x89PNG"
    assert "owner" not in json.dumps(tutor)

    gpt = await take(client, json.dumps(GPT).encode())
    assert (gpt["config"]["name"], gpt["config"]["prologue"]) == ("Order Desk", "Which order?")
    (api,) = gpt["config"]["openapi"].values()
    assert [operation["name"] for operation in api["operations"]] == ["getOrder", "cancel"]
    assert CANARY not in json.dumps(gpt)


@pytest.mark.parametrize(
    ("export", "expected", "lost"),
    [
        pytest.param(LIBRECHAT, ("Researcher", "Cite every claim."), "papers", id="LibreChat's agent"),
        pytest.param(LIBRECHAT_PRESET, ("Kind editor", "Edit gently."), "", id="LibreChat's preset"),
        pytest.param(LOBECHAT, ("旅途写手", "你把照片和笔记写成游记。"), "bilibili", id="LobeChat's sessions"),
        pytest.param(LOBECHAT_MARKET, ("Namer", "Suggest five names."), "", id="LobeChat's market"),
        pytest.param(
            {"name": "Flat", "instructions": "Say it.", "conversation_starters": ["a"], "knowledge": ["x.pdf"]},
            ("Flat", "Say it."),
            "x.pdf",
            id="a GPT's fields by hand",
        ),
    ],
)
def test_each_export_is_known_by_what_stands_in_it(export: Any, expected: tuple[str, str], lost: str) -> None:
    incoming = read_incoming(json.dumps(export).encode())
    assert (incoming.document["name"], incoming.document["instruction"]) == expected
    assert lost in " ".join(note.told.en for note in incoming.notes if note.kind == "lost")
    assert all(note.words.zh and note.words.en for note in incoming.notes)


async def test_an_import_changes_an_agent_only_as_it_was_shown(client: Client) -> None:
    agent = await client.post(
        "/api/agents", json={"config": predecessor_config(knowledge=[], name="旧名", prologue="早")}
    )
    export = json.dumps({**LIBRECHAT_PRESET, "title": "New name"}).encode()
    looked = (await look(client, export, agent=agent["id"])).body
    assert looked["revision"] == 1
    changed = {change["field"]: (change["before"], change["after"]) for change in looked["differences"]}
    assert changed["name"] == ("旧名", "New name")
    assert changed["instruction"] == ("每次给出三个选择；等玩家选", "Edit gently.")
    assert "description" not in changed, "what the export does not say stays"
    assert (await client.get(f"/api/agents/{agent['id']}"))["revision"] == 1

    await client.call("PATCH", f"/api/agents/{agent['id']}/config", json={"name": "Meanwhile"})
    query = {"agent": agent["id"], "digest": looked["digest"]}
    late = await _send(client, "/api/imports", export, {**query, "revision": 1})
    other = await _send(client, "/api/imports", export + b" ", {**query, "revision": 2})
    assert (late.status, other.status) == (409, 409)
    assert (await client.get(f"/api/agents/{agent['id']}"))["config"]["name"] == "Meanwhile"
    done = await _send(client, "/api/imports", export, {**query, "revision": 2})
    assert done.body["config"]["name"] == "New name"
    assert done.body["config"]["description"] == "讲一个由你决定的江湖故事"
    changes = await client.get(f"/api/agents/{agent['id']}/changes")
    assert {change["author"] for change in changes if change["revision"] == 3} == {"import"}


async def test_nothing_in_an_import_is_run_followed_or_taken_for_a_secret_of_ours(client: Client) -> None:
    config = predecessor_config(
        knowledge=["../../etc/passwd", "0" * 24, "other.txt"],
        avatar="../../../etc/passwd",
        mcpServers={"pwn": {"command": "npx", "args": ["-c", "touch /tmp/pwned"], "env": {"KEY": CANARY}}},
        apikey=CANARY,
        __proto__={"x": 1},
    )
    data = json.dumps(config).encode()
    looked = (await look(client, data)).body
    assert "mcpServers.pwn: it is a program." in " ".join(told(looked, "lost"))
    assert [item["field"] for item in looked["notices"] if item["kind"] == "secret_moved"] == ["apikey"]
    agent = await take(client, data)
    assert CANARY not in json.dumps([agent, looked])
    assert agent["config"]["avatar"] == ""
    assert agent["config"]["__proto__"] == {"x": 1}
    assert {file["name"]: file["state"] for file in await settled(client, agent["id"])} == {"other.txt": "missing"}


async def test_a_bundle_of_ours_comes_back_whole_and_a_changed_byte_is_refused(client: Client) -> None:
    made = await take(client, predecessor_zip())
    alike = ("\u00e9.txt", "e\u0301.txt", "\uff25\u0301.TXT", "soft\u00adhyphen.txt")
    await add(client, made["id"], {name: name.encode() for name in alike})
    await settled(client, made["id"])
    bundle = (await client.call("GET", f"/api/agents/{made['id']}/bundle")).body
    looked = (await look(client, bundle)).body
    assert (looked["origin"], len(looked["signed_by"])) == ("bundle", 16)
    again = await take(client, bundle)
    assert again["config"]["instruction"] == made["config"]["instruction"]
    names = {file["name"] for file in await settled(client, again["id"]) if file["state"] == "ready"}
    assert names == {"门派.txt", "兵器谱.md", *alike[:3], "softhyphen.txt"}

    with zipfile.ZipFile(io.BytesIO(bundle)) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    digest = hashlib.sha256(members["app.py"]).hexdigest().encode()
    evil = members["app.py"] + b"import evil"
    agreeing = members["manifest.json"].replace(digest, hashlib.sha256(evil).hexdigest().encode())
    assert agreeing != members["manifest.json"]
    sealed = json.loads(members["manifest.sig.json"])
    changes: list[dict[str, str | bytes]] = [
        {"app.py": evil, "manifest.json": agreeing},
        {"manifest.sig.json": json.dumps({**sealed, "signature": "A" * 86 + "=="})},
        {"config/builder_config.json": members["config/builder_config.json"].replace("玩家".encode(), "玩具".encode())},
        {"app.py": members["app.py"] + b" "},
        {"config/more.txt": b"x"},
    ]
    for changed in changes:
        answer = await look(client, archive({**members, **changed}))
        assert (answer.status, answer.body["code"]) == (422, "bundle_damaged"), [*changed]
    assert len(await client.get("/api/agents")) == 2


async def test_an_address_is_asked_by_the_guarded_client_alone(serve: Serve) -> None:
    export = json.dumps(LOBECHAT_MARKET).encode()
    async with HostileServer() as server, serve(AGENTFABRIC_TRUSTED_ORIGINS=server.base_url) as trusting:
        server.answers["/agent.json"] = page(export, media_type="application/json")
        body = {"json": {"url": f"{server.base_url}/agent.json"}}
        looked = (await trusting.call("POST", "/api/imports/look", **body)).body
        taken = await trusting.call("POST", f"/api/imports?digest={looked['digest']}", **body)
        assert taken.body["config"]["name"] == "Namer"
        for url in ("http://127.0.0.1:9/x", "file:///etc/passwd", "http://[::ffff:169.254.169.254]/x", "nowhere"):
            refused = await trusting.call("POST", "/api/imports/look", json={"url": url})
            assert refused.status in (400, 422, 502), (url, refused.status)
            assert refused.body["code"] != "internal"
        assert len(await trusting.get("/api/agents")) == 1


def _zip_with(*members: tuple[str, bytes], **fields: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members:
            info = zipfile.ZipInfo(name)
            info.compress_type = fields.get("method", zipfile.ZIP_DEFLATED)
            info.external_attr = fields.get("mode", stat.S_IFREG | 0o644) << 16
            packed.writestr(info, data)
    return file.getvalue()


CONFIG = ("config/builder_config.json", b'{"name": "x"}')


def _encrypted() -> bytes:
    data = bytearray(_zip_with(CONFIG))
    data[6] |= 1
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    return bytes(data)


def _claiming(count: int) -> bytes:
    data = bytearray(_zip_with(CONFIG))
    struct.pack_into("<H", data, data.rfind(b"PK\x05\x06") + 10, count)
    return bytes(data)


def _counting(count: int, said: int, *, zip64: bool = False) -> bytes:
    """A table of contents of that many empty files, whose end says another number; with `zip64` a second end has it."""
    names = (b"%d" % number for number in range(count))
    listed = b"".join(
        struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, *[0] * 7, len(name), *[0] * 6) + name for name in names
    )
    first = _zip_with(("0", b""))
    data = first[: first.rfind(b"PK\1\2")]
    end64 = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(listed), len(data))
    end64 += struct.pack("<4sIQI", b"PK\6\7", 0, len(data) + len(listed), 1)
    size = 46 if zip64 else len(listed)
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, said, said, size, len(data), 0)
    return data + listed + (end64 if zip64 else b"") + end


BAD_ARCHIVES = {
    "a way up": _zip_with(CONFIG, ("../../evil", b"x")),
    "a way up inside": _zip_with(CONFIG, ("config/../../evil", b"x")),
    "an absolute path": _zip_with(CONFIG, ("/etc/cron.d/evil", b"x")),
    "a drive": _zip_with(CONFIG, ("C:/evil", b"x")),
    "a backslash": _zip_with(CONFIG, ("config\\..\\evil", b"x")),
    "an empty step": _zip_with(CONFIG, ("config//x", b"x")),
    "a control character": _zip_with(CONFIG, ("config/a\x07b", b"x")),
    "a turned name": _zip_with(CONFIG, ("config/\u202egpj.exe", b"x")),
    "a very long name": _zip_with(CONFIG, ("config/" + "x" * 4_096, b"x")),
    "a link": _zip_with(("config/builder_config.json", b"/etc/passwd"), mode=stat.S_IFLNK | 0o777),
    "a device": _zip_with(CONFIG, mode=stat.S_IFCHR | 0o644),
    "names that differ by case": _zip_with(CONFIG, ("config/A.txt", b"1"), ("config/a.TXT", b"2")),
    "names that look the same": _zip_with(CONFIG, ("config/\u00e9", b"1"), ("config/e\u0301", b"2")),
    "a password": _encrypted(),
    "another way to pack": _zip_with(CONFIG, method=zipfile.ZIP_LZMA),
    "a bomb": _zip_with(CONFIG, ("config/bomb", b"\0" * 40_000_000)),
    "a zip in a zip": archive({"inner.zip": predecessor_zip()}),
    "more files than it may have": _claiming(60_000),
    "more files than it says": _counting(4_000, 1),
    "very many files that a second end lists": _counting(200_000, 1, zip64=True),
    "half of it": predecessor_zip()[:200],
    "a changed byte": _zip_with(CONFIG, method=zipfile.ZIP_STORED).replace(b'"x"', b'"y"'),
    "no configuration": archive({"config/other.json": "{}"}),
}


@pytest.mark.parametrize("name", BAD_ARCHIVES)
def test_an_archive_that_no_honest_export_is_is_refused_whole(name: str) -> None:
    began = time.perf_counter()
    with pytest.raises(Unreadable) as refused:
        read_incoming(BAD_ARCHIVES[name])
    assert refused.value.words.zh and refused.value.words.en
    assert ("more than 3,000 files" in refused.value.words.en) is ("files" in name)
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff\xfe\x00", id="no text"),
        pytest.param(b"[]", id="an empty list"),
        pytest.param(b'{"some": "thing"}', id="another object"),
        pytest.param(b"just words", id="words"),
        pytest.param(b"{" * 100_000, id="deep"),
        pytest.param(b'{"name": ' + b"[" * 5_000 + b"]" * 5_000 + b"}", id="deep and whole"),
        pytest.param(b'{"name": "a", "name": "b"}', id="a key twice"),
        pytest.param(b'{"name": NaN}', id="no number"),
        pytest.param(b"a: &a [x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b]\n", id="aliases"),
        pytest.param(b"kind: !!python/object/apply:os.system ['touch /tmp/pwned']", id="a tag that would run"),
    ],
)
def test_what_is_no_agent_is_refused_with_a_reason(data: bytes) -> None:
    with pytest.raises((Unreadable, ConfigError)):
        read_incoming(data)


async def test_a_refusal_stores_nothing_and_says_why_in_the_persons_language(client: Client) -> None:
    for language, part in (("zh", "是链接而不是文件"), ("en", "is a link and no file")):
        answer = await look(client, BAD_ARCHIVES["a link"], language=language)
        assert (answer.status, answer.body["code"]) == (422, "import_refused")
        assert part in answer.body["params"]["reason"]
    bad_picture = archive({"config/builder_config.json": '{"avatar": "a.png"}', "config/a.png": "<svg onload=x>"})
    assert (await look(client, bad_picture)).status == 415
    too_long = archive({"config/builder_config.json": json.dumps({"name": "x" * 2_000})})
    assert (await look(client, too_long)).body["field"] == "name"
    assert await client.get("/api/agents") == []


def test_a_name_that_chinese_windows_packed_is_read() -> None:
    ascii_name = archive(
        {"config/builder_config.json": json.dumps({"knowledge": ["说明.txt"]}), "config/AAAA.txt": "gbk"}
    )
    incoming = read_incoming(ascii_name.replace(b"config/AAAA.txt", b"config/\xcb\xb5\xc3\xf7.txt"))
    assert [(file.name, file.data) for file in incoming.files] == [("说明.txt", b"gbk")]


def test_the_fixtures_are_what_their_products_read() -> None:
    assert yaml.safe_load(DIFY_AGENT)["kind"] == yaml.safe_load(DIFY_FLOW)["kind"] == "app"
