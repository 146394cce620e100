"""The predecessor's template studio runs a bundle: it fetches what `AGENT_URL` names, and starts `app.py` of it."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiohttp import web

from tests.client import Client, text_of
from tests.conftest import Serve
from tests.fakes.embedding_server import KEY as EMBEDDING_KEY
from tests.fakes.embedding_server import FakeEmbeddings
from tests.fakes.openai_replies import Says
from tests.fakes.openai_server import FakeOpenAI
from tests.test_bundle import NOTES, bundle, house, model_file, started

TEMPLATE = '''
"""What the template does with a zip, as `contracts.md` 7.4 to 7.6 tell it."""
import json, os, shutil, sys, urllib.request, zipfile
from pathlib import Path
from urllib.parse import urlsplit

root = Path(__file__).resolve().parent
url = os.environ["AGENT_URL"]
archive = root / os.path.basename(urlsplit(url).path)
with urllib.request.urlopen(url) as answer:
    archive.write_bytes(answer.read())
agent, own = root / "agent", root / "home" / "config" / "local_user"
zipfile.ZipFile(archive).extractall(agent)
shutil.copytree(agent / "config", own)
config = json.loads((own / "builder_config.json").read_text("utf-8"))
config["knowledge"] = [str(own / os.path.basename(entry)) for entry in config["knowledge"]]
(own / "builder_config.json").write_text(json.dumps(config), "utf-8")
archive.unlink()
os.chdir(agent)
os.execv(sys.executable, [sys.executable, "app.py"])
'''


@asynccontextmanager
async def stored(data: bytes, name: str) -> AsyncGenerator[str]:
    """The signed address of a zip, as a store of objects gives it."""

    async def answer(request: web.Request) -> web.Response:
        signed = request.query.get("Signature") == "s/+="
        return web.Response(body=data) if signed else web.Response(status=403)

    app = web.Application()
    app.router.add_get("/agents/user/{agent}/{name}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        place = f"http://127.0.0.1:{runner.addresses[0][1]}/agents/user/0abc/{quote(name)}"
        yield f"{place}?Expires=1&OSSAccessKeyId=k&Signature={quote('s/+=', safe='')}"
    finally:
        await runner.cleanup()


async def test_it_runs_a_bundle_from_its_signed_address(serve: Serve, tmp_path: Path) -> None:
    studio = tmp_path / "studio"
    await asyncio.to_thread(studio.mkdir)
    await asyncio.to_thread((studio / "app.py").write_text, TEMPLATE)
    async with FakeOpenAI(Says("On Mondays [1].")) as model, FakeEmbeddings() as embeddings:
        names = {"MODEL_CONFIG_FILE": model_file(tmp_path, model, embeddings), "EMBED_API_KEY": EMBEDDING_KEY}
        async with serve(**names) as client:
            data = await bundle(client, await house(client))
        async with stored(data, "房子 guide.zip") as url:
            filled = {"AGENT_URL": url, "HOUSE_API_KEY": "sk-house", "MODELSCOPE_ENVIRONMENT": "studio"}
            left = {"EMBED_API_KEY": "Your-EMBED_API_KEY", "ORDER_API_KEY": "Your-ORDER_API_KEY"}
            async with started(studio, Path(sys.executable), {**filled, **left}) as running, Client(running) as nobody:
                page = await nobody.call("GET", "/")
                cookie = page.headers["set-cookie"].partition(";")[0]
                async with Client(running, {"cookie": cookie}) as visitor:
                    profile = await visitor.get("/profile")
                    talk = (await visitor.post("/conversations"))["id"]
                    events = await visitor.say(f"/conversations/{talk}", "Which physician comes?")
    assert (profile["name"], profile["suggestions"]) == ("House | guide", ["Which doctor is there?"])
    assert "https://modelscope.cn" in page.headers["content-security-policy"]
    assert text_of(events) == "On Mondays [1]."
    [used] = [event.data for event in events if event.type == "knowledge_used"]
    assert used["hits"][0]["name"] == "doctor.md"
    # A name that nobody put a key in the place of is no key.
    assert model.requests[0].headers["Authorization"] == "Bearer sk-house"
    assert "Your-" not in str([request.headers for request in embeddings.requests])
    own = studio / "home" / "config" / "local_user"
    config: dict[str, Any] = json.loads(await asyncio.to_thread((own / "builder_config.json").read_text, "utf-8"))
    there = [Path(entry) for entry in config["knowledge"]] + [own / config["avatar"]]
    assert [file.name for file in there] == [*NOTES, "avatar.png"]
    assert all([await asyncio.to_thread(file.is_file) for file in there])
