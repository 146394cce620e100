"""Every name of `.env.example` has an effect: here is one for each, seen through a public door."""

import asyncio
import json
import re
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agentfabric.publish.targets.all import targets_of
from agentfabric.publish.targets.base import Sending, Where
from agentfabric.service.opening import open_studio
from agentfabric.service.rotation import rotate_key
from agentfabric.service.sandbox import workshop_of
from agentfabric.settings import Settings
from tests.client import kinds
from tests.conftest import Serve
from tests.fakes.dashscope_images import ImageServer
from tests.fakes.docker import DockerFake
from tests.fakes.hostile_server import HostileServer, page
from tests.fakes.huggingface_hub import Hub
from tests.fakes.modelscope_hub import ModelScope, Storage
from tests.fakes.modelscope_inference import InferenceServer
from tests.fakes.openai_replies import Call, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.fakes.oss_server import REGION, OssServer
from tests.fakes.s3_server import SECRET_KEY, S3Server
from tests.fakes.search_server import SearchServer
from tests.fakes.weather_server import WeatherServer
from tests.model_file import model_file
from tests.sandbox import ENVIRONMENT, printed, require_sandbox, sandbox_variables, until, worked
from tests.terminal import ROOT, command, free_port, terminal
from tests.test_links import ENDLESS, Visitor, sharing
from user_agent.addresses import AddressPolicy
from user_agent.errors import FetchFailed, PublishFailed
from user_agent.sandbox.heard import Ran
from user_agent.words import Words

TOKEN, KEY, NEW_KEY = "the-right-token", "the passphrase of now", "the passphrase to come"


@dataclass(frozen=True)
class Trial:
    """What a case has at hand."""

    serve: Serve
    home: Path
    folder: Path

    def file(self, name: str, content: Any) -> str:
        path = self.folder / name
        path.write_text(json.dumps(content), encoding="utf-8")
        return str(path)

    def settings(self, **environment: str) -> Settings:
        return Settings.load({"AGENTFABRIC_HOME": str(self.home), **environment})


Case = Callable[[Trial], Awaitable[None]]


def key_of_models(name: str) -> Case:
    """With the key there are models that are ready, and without it they wait for it."""

    async def case(trial: Trial) -> None:
        ready: dict[bool, set[str]] = {}
        for given in (False, True):
            async with trial.serve(**({name: "sk-1"} if given else {})) as client:
                models = (await client.get("/api/models"))["models"]
            ready[given] = {model["key"] for model in models if model["secret"] == name and model["state"] == "ready"}
        assert not ready[False]
        assert ready[True]

    return case


async def amap_token(trial: Trial) -> None:
    states = []
    for environment in ({}, {"AMAP_TOKEN": "k"}):
        async with trial.serve(**environment) as client:
            states += [tool["state"] for tool in await client.get("/api/tools") if tool["id"] == "amap_weather"]
    assert states == ["waiting", "ready"]


async def server_name(trial: Trial) -> None:
    """It listens at the addresses that are named, and without a name at one alone."""
    heard: list[bool] = []
    for environment in ({}, {"GRADIO_SERVER_NAME": "0.0.0.0"}):
        async with terminal({"AGENTFABRIC_HOME": str(trial.home), **environment}) as server:
            heard.append(await _listens("127.0.0.2", int(server.base_url.rpartition(":")[2])))
    assert heard == [False, True]


async def server_port(trial: Trial) -> None:
    """It listens at the port that is named, says so, and takes no other where that one is taken."""
    port = free_port()
    names = {"GRADIO_SERVER_PORT": str(port)}
    assert not await _listens("127.0.0.1", port)
    async with terminal({"AGENTFABRIC_HOME": str(trial.home), **names}, port=port) as server:
        assert await _listens("127.0.0.1", port)
        assert f"127.0.0.1:{port}" in server.text
        status, _, complaint = await command(AGENTFABRIC_HOME=str(trial.folder / "another"), **names)
        assert (status, str(port) in complaint) == (2, True)
    assert not await _listens("127.0.0.1", port)


async def _listens(host: str, port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(host, port)
    except ConnectionRefusedError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


async def token(trial: Trial) -> None:
    async with trial.serve(AGENTFABRIC_TOKEN=TOKEN) as client:
        assert (await client.call("GET", "/api/session")).status == 401
        assert (await client.get("/api/session", headers=_bearer(TOKEN)))["user"] == "local"


async def tokens(trial: Trial) -> None:
    async with trial.serve(AGENTFABRIC_TOKENS="ann:token-of-ann,bob:token-of-bob") as client:
        for user in ("ann", "bob"):
            assert (await client.get("/api/session", headers=_bearer(f"token-of-{user}")))["user"] == user


async def allowed_hosts(trial: Trial) -> None:
    headers = {"Host": "studio.example"}
    async with trial.serve() as client:
        assert (await client.call("GET", "/api/session", headers=headers)).status == 403
    async with trial.serve(AGENTFABRIC_ALLOWED_HOSTS="studio.example") as client:
        assert (await client.call("GET", "/api/session", headers=headers)).status == 200


async def trusted_proxies(trial: Trial) -> None:
    headers, names = {"X-Forwarded-Proto": "https"}, {"AGENTFABRIC_TOKEN": TOKEN}
    for environment, secure in ((names, False), ({**names, "AGENTFABRIC_TRUSTED_PROXIES": "127.0.0.1"}, True)):
        async with trial.serve(**environment) as client:
            answer = await client.call("GET", f"/?token={TOKEN}", headers=headers)
        assert ("; Secure" in answer.headers["set-cookie"]) is secure


async def home(trial: Trial) -> None:
    elsewhere = trial.folder / "elsewhere"
    async with trial.serve(AGENTFABRIC_HOME=str(elsewhere)) as client:
        await client.post("/api/agents")
    assert {file.name for file in elsewhere.iterdir()} >= {"agentfabric.db", "secret.key"}


async def database_url(trial: Trial) -> None:
    file = trial.folder / "other.db"
    async with trial.serve(DATABASE_URL=f"sqlite:///{file}") as client:
        await client.post("/api/agents")
    assert file.stat().st_size
    assert not (trial.home / "agentfabric.db").exists()


async def secret_key(trial: Trial) -> None:
    async with trial.serve(AGENTFABRIC_SECRET_KEY=KEY) as client:
        await client.call("PUT", "/api/secrets/AMAP_TOKEN", json={"value": "v"})
    assert not (trial.home / "secret.key").exists()
    states = []
    for passphrase in (KEY, "another passphrase"):
        async with trial.serve(AGENTFABRIC_SECRET_KEY=passphrase) as client:
            states += [tool["state"] for tool in await client.get("/api/tools") if tool["id"] == "amap_weather"]
    assert states == ["ready", "waiting"]


async def new_secret_key(trial: Trial) -> None:
    async with trial.serve(AGENTFABRIC_SECRET_KEY=KEY) as client:
        await client.call("PUT", "/api/secrets/AMAP_TOKEN", json={"value": "v"})
    await rotate_key(trial.settings(AGENTFABRIC_SECRET_KEY=KEY, AGENTFABRIC_NEW_SECRET_KEY=NEW_KEY))
    async with trial.serve(AGENTFABRIC_SECRET_KEY=NEW_KEY) as client:
        tools = {tool["id"]: tool["state"] for tool in await client.get("/api/tools")}
    assert tools["amap_weather"] == "ready"


async def builder_model(trial: Trial) -> None:
    async with FakeOpenAI(Says("Yes."), Says("Yes.")) as server:
        entry = {"type": "openai", "api_base": server.base_url, "api_key": "k", "retry_for_s": 0}
        models = trial.file("two.json", {"one": {**entry, "model": "m1"}, "two": {**entry, "model": "m2"}})
        for environment in ({}, {"AGENTFABRIC_BUILDER_MODEL": "two"}):
            async with trial.serve(MODEL_CONFIG_FILE=models, **environment) as client:
                agent = await client.post("/api/agents")
                await client.tell_builder(agent["id"], "Hello")
        assert [request.body["model"] for request in server.requests] == ["m1", "m2"]


async def model_config_file(trial: Trial) -> None:
    file = trial.file("models.json", {"mine": {"type": "openai", "model": "m", "api_base": "http://127.0.0.1:9/v1"}})
    async with trial.serve(MODEL_CONFIG_FILE=file) as client:
        assert [model["key"] for model in (await client.get("/api/models"))["models"]] == ["mine"]


async def tool_config_file(trial: Trial) -> None:
    file = trial.file("tools.json", {"calculator": {"name": "Rechner", "is_active": True, "use": True}})
    async with trial.serve(TOOL_CONFIG_FILE=file) as client:
        tools = {tool["id"]: tool["label"]["en"] for tool in await client.get("/api/tools")}
        assert (await client.post("/api/agents"))["config"]["tools"]["calculator"]["use"] is True
    assert tools["calculator"] == "Rechner"


async def builder_config_file(trial: Trial) -> None:
    async with trial.serve(BUILDER_CONFIG_FILE=trial.file("agent.json", {"name": "Template"})) as client:
        assert (await client.post("/api/agents"))["config"]["name"] == "Template"


def address_of_weather(name: str, tool: str, arguments: Mapping[str, str], path: str) -> Case:
    """The tool asks the address that the variable names."""

    async def case(trial: Trial) -> None:
        async with WeatherServer() as weather:
            await _called(trial, tool, arguments, **{name: weather.base_url, "AMAP_TOKEN": "k"})
            assert path in {asked for asked, _ in weather.requests}

    return case


def search(name: str, path: str, *, key: str = "") -> Case:
    """The searcher whose address the variable names is asked, with the key where it has one."""

    async def case(trial: Trial) -> None:
        async with SearchServer(robot=name.startswith("WIKIPEDIA")) as server:
            here = {variable: server.base_url for variable in {name, "DUCKDUCKGO_BASE_URL", "WIKIPEDIA_BASE_URL"}}
            await _called(trial, "web_search", {"query": "lake"}, **here, **({key: "k-1234567890"} if key else {}))
            assert [asked.path for asked in server.asked][-1] == path
            assert not key or "k-1234567890" in str(server.asked[-1].headers)

    return case


def address_of_pictures(name: str, key: str) -> Case:
    async def case(trial: Trial) -> None:
        async with ImageServer() as vendor:
            base = vendor.base_url if name.startswith("DASHSCOPE") else vendor.openai_base_url
            await _called(trial, "image_gen", {"text": "a boat"}, **{name: base, key: "sk-canary-1234567890"})
            assert vendor.requests

    return case


async def address_of_inference(trial: Trial) -> None:
    async with InferenceServer() as vendor:
        name = "MODELSCOPE_INFERENCE_BASE_URL"
        arguments = {"input": "hello"}
        await _called(
            trial, "text-translation-en2zh", arguments, **{name: vendor.base_url, "MODELSCOPE_API_TOKEN": "k"}
        )
        assert vendor.requests


async def own_tools(trial: Trial) -> None:
    """The tools of the file are there, and a model is offered them."""
    file = trial.folder / "mine.py"
    file.write_text('from user_agent import tool\n\n\n@tool\ndef mine() -> str:\n    """Mine."""\n    return "x"\n')
    listed: list[bool] = []
    for environment in ({}, {"AGENTFABRIC_TOOLS": str(file)}):
        async with trial.serve(**environment) as client:
            listed.append("mine" in [tool["id"] for tool in await client.get("/api/tools")])
    assert listed == [False, True]


def offered_with(name: str, value: str) -> Case:
    """Of two tools that are ticked, the model is offered the one that fits, and one to find the other."""

    async def case(trial: Trial) -> None:
        offered: list[set[str]] = []
        for environment in ({}, {name: value}):
            async with FakeOpenAI(Says("Fine.")) as server:
                models = model_file(trial.folder, server.base_url)
                async with trial.serve(MODEL_CONFIG_FILE=models, **environment) as client:
                    ticked = {"weather": {"use": True}, "calculator": {"use": True}}
                    agent = await client.post("/api/agents", json={"config": {"tools": ticked}})
                    await client.say(await client.conversation(agent["id"]), "What is the weather in Paris?")
                offered.append({tool["function"]["name"] for tool in server.requests[0].body["tools"]})
        assert offered == [{"weather", "calculator"}, {"weather", "find_tools"}]

    return case


async def sandbox_environment(trial: Trial) -> None:
    """The sandbox's Python is looked for there."""
    require_sandbox()
    states: list[str] = []
    for folder in (trial.folder / "nothing", ENVIRONMENT):
        async with trial.serve(AGENTFABRIC_SANDBOX_ENVIRONMENT=str(folder)) as client:
            tools = {tool["id"]: tool for tool in await client.get("/api/tools")}
        states.append(tools["code_interpreter"]["state"])
    assert states == ["unavailable", "ready"]


async def sandbox(trial: Trial) -> None:
    """Docker is asked then, and nothing else runs code: this machine has none."""
    require_sandbox()
    states: list[tuple[str, str]] = []
    for environment in ({}, {"AGENTFABRIC_SANDBOX": "docker", "DOCKER_HOST": f"unix://{trial.folder}/none.sock"}):
        async with trial.serve(**sandbox_variables(), **environment) as client:
            tools = {tool["id"]: tool for tool in await client.get("/api/tools?language=en")}
        told = tools["code_interpreter"]
        states.append((told["state"], "in containers" in ((told["reason"] or {}).get("en", ""))))
    assert states == [("ready", False), ("unavailable", True)]


def of_docker(name: str, value: str, option: str) -> Case:
    """What is set is what the `docker` command is given."""

    async def case(trial: Trial) -> None:
        docker = DockerFake(trial.folder / "docker", ENVIRONMENT, image="")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PATH", str(docker.bin))
            for environment in ({}, {name: value}):
                async with workshop_of(trial.settings(AGENTFABRIC_SANDBOX="docker", **environment)) as workshop:
                    problem = await workshop.problem()
                assert problem is not None and "install-sandbox" in problem.en
        assert [value in words for words in docker.asked if words[0] == option] == [False, True]

    return case


async def sandbox_seconds(trial: Trial) -> None:
    assert (await in_the_sandbox(trial, "while True: pass", AGENTFABRIC_SANDBOX_SECONDS="1")).end == "late"


async def sandbox_memory(trial: Trial) -> None:
    code = "data = bytearray(b'x') * 500_000_000\nimport time; time.sleep(5)"
    ends = [(await in_the_sandbox(trial, code, AGENTFABRIC_SANDBOX_MEMORY_MB=limit)).end for limit in ("300", "1000")]
    assert ends == ["memory", "done"]


async def sandbox_spare(trial: Trial) -> None:
    require_sandbox()
    for wanted in (0, 2):
        settings = trial.settings(**sandbox_variables(), AGENTFABRIC_SANDBOX_SPARE=str(wanted))
        async with workshop_of(settings) as workshop:
            await workshop.fill()
            assert workshop.awake == wanted


async def sandbox_idle(trial: Trial) -> None:
    require_sandbox()
    settings = trial.settings(**sandbox_variables(), AGENTFABRIC_SANDBOX_IDLE_MINUTES="0.001")
    async with workshop_of(settings) as workshop:
        await printed(workshop.bench("c"), "1")
        await until(lambda: not workshop.awake)


async def in_the_sandbox(trial: Trial, code: str, **environment: str) -> Ran:
    require_sandbox()
    variables = {**sandbox_variables(), "AGENTFABRIC_SANDBOX_SECONDS": "10", "AGENTFABRIC_SANDBOX_SPARE": "0"}
    async with workshop_of(trial.settings(**{**variables, **environment})) as workshop:
        return (await worked(workshop.bench("c"), code)).ran


async def trusted_origins(trial: Trial) -> None:
    async with HostileServer() as server:
        server.answers["/"] = page(b"hello")
        async with open_studio(trial.settings()) as studio:
            with pytest.raises(FetchFailed):
                await studio.lender.http.fetch(f"{server.base_url}/")
        async with open_studio(trial.settings(AGENTFABRIC_TRUSTED_ORIGINS=server.base_url)) as studio:
            assert (await studio.lender.http.fetch(f"{server.base_url}/")).body == b"hello"


async def mcp_commands(trial: Trial) -> None:
    """A server that is a program is started where it is named."""
    text = json.dumps({"mcpServers": {"clock": {"command": "gone"}}})
    said: list[str] = []
    for environment in ({}, {"AGENTFABRIC_MCP_COMMANDS": '{"gone": ["/no/such/program"]}'}):
        async with trial.serve(**environment) as client:
            (server,) = (await client.call("POST", "/api/mcp", json={"text": text})).body["servers"]
            said.append(server["problem"]["en"])
    assert "has not allowed" in said[0] and said[1] == "its program cannot be started"


async def local_model_ports(trial: Trial) -> None:
    async with FakeOpenAI() as server:
        port = server.base_url.partition("://")[2].partition(":")[2].partition("/")[0]
        async with trial.serve(AGENTFABRIC_LOCAL_MODEL_PORTS=f"vllm:{port}") as client:
            found = (await client.call("POST", "/api/local-models")).body
    assert [listing["type"] for listing in found] == ["vllm"]


async def log_level(trial: Trial) -> None:
    broken = trial.file("broken.json", {"bad": 5})
    told: dict[str, bool] = {}
    for level in ("warning", "error"):
        names = {"AGENTFABRIC_HOME": str(trial.home), "MODEL_CONFIG_FILE": broken, "AGENTFABRIC_LOG_LEVEL": level}
        async with terminal(names) as server:
            told[level] = "config_problem" in server.text
    assert told == {"warning": True, "error": False}


async def browser(trial: Trial) -> None:
    names = {"AGENTFABRIC_HOME": str(trial.home), "AGENTFABRIC_BROWSER": str(trial.folder / "no browser")}
    async with terminal(names) as server:
        assert "AGENTFABRIC_BROWSER" in server.text and "no browser" in server.text


async def publish_folder(trial: Trial) -> None:
    folder = trial.folder / "published"
    async with trial.serve(AGENTFABRIC_PUBLISH_FOLDER=str(folder)) as client:
        agent = (await client.post("/api/agents", json={"config": {"name": "Max"}}))["id"]
        await client.collect("POST", f"/api/agents/{agent}/publications", json={"target": "folder"})
    assert (folder / agent / "app.py").exists()


async def visits_kept(trial: Trial) -> None:
    """What visitors left who come no more goes after as many days, with what is known of them, and nothing else."""
    talks: dict[str, str] = {}
    async with trial.serve() as client:
        path = f"/api/agents/{(await client.post('/api/agents'))['id']}"
        await client.post(f"{path}/releases", json={})
        link = (await client.post(f"{path}/links", json={}))["path"]
        owned = await client.post(f"{path}/conversations")
        visitors = {name: Visitor(client, link) for name in ("gone", "here", "back")}
        for name, visitor in visitors.items():
            talks[name] = await visitor.conversation()
            await visitor.say(talks[name], "Hello")
        talks["again"] = await visitors["back"].conversation()
    with closing(sqlite3.connect(trial.home / "agentfabric.db")) as database:
        for name, days in (("gone", 40), ("here", 20), ("back", 40)):
            talk = talks[name].rpartition("/")[2]
            [(whose, agent)] = database.execute("SELECT owner, agent_id FROM conversations WHERE id = ?", (talk,))
            long_ago, spoke = (
                (datetime.now(UTC) - timedelta(days=ago)).strftime("%Y-%m-%d %H:%M:%S.%f") for ago in (40, days)
            )
            database.execute("UPDATE conversations SET created = ? WHERE id IN (?, ?)", (long_ago, talk, owned["id"]))
            database.execute("UPDATE turns SET started = ? WHERE conversation_id = ?", (spoke, talk))
            fact = (name, agent, whose, f"fact of {name}", spoke, spoke)
            database.execute(
                "INSERT INTO facts (id, agent_id, owner, text, created, updated) VALUES (?,?,?,?,?,?)", fact
            )
        database.commit()
    async with trial.serve(AGENTFABRIC_VISITS_KEPT_DAYS="30") as client:
        assert len(await client.get(f"{path}/conversations")) == 1
        assert (await client.get(f"{link}profile"))["kept_days"] == 30, "what visitors are told"
        kept = {
            name: len((await Visitor(client, link, visitor.cookie).call("GET", "conversations")).body)
            for name, visitor in visitors.items()
        }
    assert kept == {"gone": 0, "here": 1, "back": 2}
    with closing(sqlite3.connect(trial.home / "agentfabric.db")) as database:
        assert {*database.execute("SELECT id FROM facts")} == {("here",), ("back",)}


async def visitor_streams(trial: Trial) -> None:
    """So many answers are followed at the same time, by whichever visitors of whichever links."""
    async with sharing(trial.serve, trial.folder, settings={"AGENTFABRIC_VISITOR_STREAMS": "1"}) as shared:
        one, other = await shared.visitor(), await shared.visitor()
        talk, theirs = await one.conversation(), await other.conversation()
        shared.model.script(ENDLESS)
        said = {"json": {"text": "Tell"}, "headers": one.cookie}
        async with aclosing(shared.client.events("POST", f"{one.path}{talk}/messages", **said)) as events:
            turn = (await anext(events)).data["turn"]
            refused = await other.call("POST", f"{theirs}/messages", json={"text": "And me?"})
            assert (refused.status, refused.body["params"]["fault"]) == (429, "streams")
            assert (await one.call("POST", f"turns/{turn}/stop")).status == 204


async def s3_link_hours(trial: Trial) -> None:
    async with (
        S3Server() as s3,
        trial.serve(AGENTFABRIC_S3_LINK_HOURS="3", AGENTFABRIC_TRUSTED_ORIGINS=s3.origin) as client,
    ):
        agent = (await client.post("/api/agents", json={"config": {"name": "Max"}}))["id"]
        body = {"target": "s3", "options": s3.options, "secrets": {"secret_key": SECRET_KEY}}
        events = await client.collect("POST", f"/api/agents/{agent}/publications", json=body)
    [done] = [event.data for event in events if event.type == "publish_done"]
    left = datetime.fromisoformat(done["expires"]) - datetime.now(UTC)
    assert timedelta(hours=2) < left <= timedelta(hours=3)
    assert "X-Amz-Expires=10800&" in done["link"]


async def address_of_hub(trial: Trial) -> None:
    async with Hub() as hub, trial.serve(HUGGINGFACE_BASE_URL=hub.origin) as client:
        agent = (await client.post("/api/agents", json={"config": {"name": "Max"}}))["id"]
        wish = {"target": "huggingface", "options": {"repo": "max"}, "secrets": {"token": "hf_wrong"}}
        await client.collect("POST", f"/api/agents/{agent}/publications", json=wish)
        assert hub.asked == [("GET", "/api/whoami-v2")]


async def address_of_modelscope(trial: Trial) -> None:
    async with Storage() as storage, ModelScope(storage) as hub, trial.serve(MODELSCOPE_BASE_URL=hub.origin) as client:
        agent = (await client.post("/api/agents", json={"config": {"name": "Max"}}))["id"]
        wish = {"target": "modelscope", "options": {"studio": "max"}, "secrets": {"token": "ms-wrong"}}
        await client.collect("POST", f"/api/agents/{agent}/publications", json=wish)
        assert hub.asked == [("GET", "/openapi/v1/users/me")]


def of_oss(name: str) -> Case:
    """Without it the bundle goes nowhere, and the operator is told its name."""

    async def case(trial: Trial) -> None:
        async with OssServer() as server:
            await _forked(trial, server)
            assert len(server.objects) == 1
            with pytest.raises(PublishFailed, match=name):
                await _forked(trial, server, **{name: ""})

    return case


async def oss_region(trial: Trial) -> None:
    async with OssServer() as server:
        await _forked(trial, server)
        assert "V4" not in server.versions
        await _forked(trial, server, OSS_REGION=REGION)
        assert "V4" in server.versions


async def oss_link_seconds(trial: Trial) -> None:
    async with OssServer() as server:
        for seconds in (90, 1_800):
            where = await _forked(trial, server, AGENTFABRIC_OSS_LINK_SECONDS=str(seconds))
            assert where.expires is not None
            left = (where.expires - datetime.now(UTC)).total_seconds()
            assert seconds - 60 < left <= seconds


async def _forked(trial: Trial, server: OssServer, **environment: str) -> Where:
    settings = trial.settings(**server.variables | environment)
    [target] = [each for each in targets_of(settings, AddressPolicy()) if each.name == "oss"]
    return await target.publish(Sending("a", "Max", "", b"zip", {}), list[Words]().append)


SEARCHERS = {
    "TAVILY": "/search",
    "BRAVE_SEARCH": "/res/v1/web/search",
    "SERPER": "/search",
    "BOCHA": "/v1/web-search",
}

CASES: dict[str, Case] = {
    **{name: key_of_models(name) for name in ("DASHSCOPE_API_KEY", "OPENAI_API_KEY", "ZHIPU_API_KEY")},
    **{name: key_of_models(name) for name in ("MODELSCOPE_API_TOKEN", "DEEPSEEK_API_KEY")},
    "AMAP_TOKEN": amap_token,
    "GRADIO_SERVER_NAME": server_name,
    "GRADIO_SERVER_PORT": server_port,
    "AGENTFABRIC_TOKEN": token,
    "AGENTFABRIC_TOKENS": tokens,
    "AGENTFABRIC_ALLOWED_HOSTS": allowed_hosts,
    "AGENTFABRIC_TRUSTED_PROXIES": trusted_proxies,
    "AGENTFABRIC_HOME": home,
    "DATABASE_URL": database_url,
    "AGENTFABRIC_SECRET_KEY": secret_key,
    "AGENTFABRIC_NEW_SECRET_KEY": new_secret_key,
    "AGENTFABRIC_BUILDER_MODEL": builder_model,
    "MODEL_CONFIG_FILE": model_config_file,
    "TOOL_CONFIG_FILE": tool_config_file,
    "BUILDER_CONFIG_FILE": builder_config_file,
    "AGENTFABRIC_BROWSER": browser,
    "AGENTFABRIC_PUBLISH_FOLDER": publish_folder,
    "AGENTFABRIC_VISITS_KEPT_DAYS": visits_kept,
    "AGENTFABRIC_VISITOR_STREAMS": visitor_streams,
    "AGENTFABRIC_S3_LINK_HOURS": s3_link_hours,
    **{name: of_oss(name) for name in ("OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "OSS_ENDPOINT")},
    "OSS_BUCKET_NAME": of_oss("OSS_BUCKET_NAME"),
    "OSS_REGION": oss_region,
    "AGENTFABRIC_OSS_LINK_SECONDS": oss_link_seconds,
    "AGENTFABRIC_TOOLS": own_tools,
    "AGENTFABRIC_TOOLS_PER_TURN": offered_with("AGENTFABRIC_TOOLS_PER_TURN", "1"),
    "AGENTFABRIC_TOOL_TOKENS_PER_TURN": offered_with("AGENTFABRIC_TOOL_TOKENS_PER_TURN", "150"),
    "AGENTFABRIC_SANDBOX": sandbox,
    "AGENTFABRIC_SANDBOX_IMAGE": of_docker("AGENTFABRIC_SANDBOX_IMAGE", "studio/code:1", "image"),
    "DOCKER_HOST": of_docker("DOCKER_HOST", "unix:///run/another.sock", "version"),
    "AGENTFABRIC_SANDBOX_ENVIRONMENT": sandbox_environment,
    "AGENTFABRIC_SANDBOX_SECONDS": sandbox_seconds,
    "AGENTFABRIC_SANDBOX_MEMORY_MB": sandbox_memory,
    "AGENTFABRIC_SANDBOX_SPARE": sandbox_spare,
    "AGENTFABRIC_SANDBOX_IDLE_MINUTES": sandbox_idle,
    "AMAP_BASE_URL": address_of_weather("AMAP_BASE_URL", "amap_weather", {"location": "杭州"}, "/v3/config/district"),
    "OPEN_METEO_BASE_URL": address_of_weather("OPEN_METEO_BASE_URL", "weather", {"city": "杭州"}, "/v1/search"),
    **{
        variable: search(f"{name}_BASE_URL", path, key=f"{name}_API_KEY")
        for name, path in SEARCHERS.items()
        for variable in (f"{name}_BASE_URL", f"{name}_API_KEY")
    },
    "SEARXNG_BASE_URL": search("SEARXNG_BASE_URL", "/search"),
    "DUCKDUCKGO_BASE_URL": search("DUCKDUCKGO_BASE_URL", "/html/"),
    "WIKIPEDIA_BASE_URL": search("WIKIPEDIA_BASE_URL", "/w/rest.php/v1/search/page"),
    "DASHSCOPE_BASE_URL": address_of_pictures("DASHSCOPE_BASE_URL", "DASHSCOPE_API_KEY"),
    "HUGGINGFACE_BASE_URL": address_of_hub,
    "MODELSCOPE_BASE_URL": address_of_modelscope,
    "MODELSCOPE_INFERENCE_BASE_URL": address_of_inference,
    "OPENAI_IMAGES_BASE_URL": address_of_pictures("OPENAI_IMAGES_BASE_URL", "OPENAI_API_KEY"),
    "AGENTFABRIC_LOCAL_MODEL_PORTS": local_model_ports,
    "AGENTFABRIC_TRUSTED_ORIGINS": trusted_origins,
    "AGENTFABRIC_MCP_COMMANDS": mcp_commands,
    "AGENTFABRIC_LOG_LEVEL": log_level,
}


@pytest.mark.parametrize("name", CASES)
async def test_it_has_an_effect(name: str, serve: Serve, home: Path, tmp_path: Path) -> None:
    await CASES[name](Trial(serve, home, tmp_path))


def test_every_name_of_the_example_has_a_case() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", example, re.MULTILINE)) == set(CASES)


async def _called(trial: Trial, tool: str, arguments: Mapping[str, str], **environment: str) -> None:
    """An agent whose model calls the tool once."""
    async with FakeOpenAI(Says(calls=(Call(tool, json.dumps(arguments)),)), Says("Done.")) as server:
        models = model_file(trial.folder, server.base_url)
        async with trial.serve(MODEL_CONFIG_FILE=models, **environment) as client:
            agent = await client.post("/api/agents", json={"config": {"tools": {tool: {"use": True}}}})
            events = await client.say(await client.conversation(agent["id"]), "Go on")
    assert "tool_finished" in kinds(events)


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
