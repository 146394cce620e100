import asyncio, json, time, socket
from tests.test_links import *
from tests.client import Client
import aiohttp

def raw(base, request: bytes, wait=5):
    host, port = base.partition("://")[2].split(":")
    s = socket.create_connection((host, int(port)), timeout=wait)
    s.sendall(request)
    out = b""
    try:
        while len(out) < 100000:
            d = s.recv(65536)
            if not d: break
            out += d
    except TimeoutError: pass
    s.close()
    return out

async def test_probe(serve, tmp_path):
    async with sharing(serve, tmp_path) as shared:
        c = shared.client
        visitor = await shared.visitor(origins=["https://shop.example"])
        p = visitor.path
        print()
        for path in ("/a//x", "/a//", "/a//gradio_api/info", "/a//config", "/a/x/../../api/agents", "/a/..%2f..%2fapi/agents", "/a/%2e%2e/api/agents", "/a/\\..\\api", "/a/./api/agents", "/a//api/agents", "/a/?page=1", "/a/%0d%0aSet-Cookie:x", "/a/theme.css", "/a/assets/x.js", "/a//theme.css","/a//gradio_api/file=/etc/passwd", "/A/x", "/a;/x"):
            r = await asyncio.to_thread(raw, c.base_url, f"GET {path} HTTP/1.1\r\nHost: x.example\r\nConnection: close\r\n\r\n".encode())
            print(path, r.split(b"\r\n")[0], [l for l in r.split(b"\r\n\r\n")[0].split(b"\r\n") if l.lower().startswith((b"location",b"set-cookie"))], r[-100:] if b" 200 " in r[:20] else b"")
        for host in ("a b", "a;script-src *", "evil.example\", ", "[::1", ""):
            import urllib.parse
            r = await asyncio.to_thread(raw, c.base_url, f"GET {p}embed?origin={urllib.parse.quote('http://'+host.lower())} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            print("embed host", host, r[:300])
        await visitor.call("GET", "conversations")
        talk = await visitor.conversation()
        shared.model.script(Says("Hello.")); await visitor.say(talk, "Hi")
        for route in ("", "profile","avatar","manifest.webmanifest","conversations",talk,"healthz","embed.js","embed/preview","nothing", "embed?origin=https://shop.example"):
            a = await visitor.call("GET", route)
            print(route, a.status, {k:v for k,v in a.headers.items() if k.lower() in ("cache-control","vary","x-robots-tag","etag")})
        for route in ("/api/agents", "/api/session", shared.agent, "/api/targets", "/api/secrets", "/api/bin", f"{shared.agent}/links", f"{shared.agent}/keys","/", "/docs", "/openapi.json", "/api/nothing"):
            a = await c.call("GET", route, headers=ANN)
            print(route, a.status, {k:v for k,v in a.headers.items() if k.lower() in ("cache-control","vary","etag")})
        # bodies
        t=time.time()
        a = await visitor.call("POST", f"{talk}/messages", data=__import__("io").BytesIO(b"x"*60_000_000), headers={"Content-Type":"application/json"})
        print("60MB text", a.status, time.time()-t)
        key = (await c.post(f"{shared.agent}/keys", json={}, headers=ANN))["key"]
        K={"Authorization": f"Bearer {key}"}
        ag = shared.agent.rsplit("/",1)[1]
        for path in (f"/agents/{ag}/a2a", f"/agents/{ag}/mcp", "/v1/chat/completions"):
            for name, body in {"deep": b"["*100000, "deepobj": b'{"jsonrpc":"2.0","id":1,"method":"SendMessage","params":{"message":{"messageId":"m","role":"ROLE_USER","parts":[{"data":'+b'{"a":'*5000+b'1'+b'}'*5000+b'}]}}}',
               "deep900": b'{"jsonrpc":"2.0","id":1,"method":"SendMessage","params":{"message":{"messageId":"m","role":"ROLE_USER","parts":[{"data":'+b'{"a":'*900+b'1'+b'}'*900+b'}]}}}',
               "null": b"null", "list": b"[1]", "nan": b'{"jsonrpc":"2.0","id":NaN,"method":1e999}', "notutf": b"\xff\xfe", "digits": b'{"id":'+b"9"*6000+b"}", "dup": b'{"jsonrpc":"2.0","id":1,"id":2,"method":"x"}', "empty": b""}.items():
                for version in ({}, {"A2A-Version":"1.0"}) if "a2a" in path else ({},):
                    h={**K,"Content-Type":"application/json","Accept":"application/json, text/event-stream",**version}
                    try:
                        a = await asyncio.wait_for(c.call("POST", path, data=body, headers=h), 10)
                        print(path.rsplit("/",1)[1], name, version, a.status, str(a.body)[:150])
                    except Exception as e:
                        print(path, name, version, "EXC", repr(e)[:200])
        for method, params in (("ListTasks",{}),("CreateTaskPushNotificationConfig",{"taskId":"x","config":{"url":"http://127.0.0.1:9"}}),("GetExtendedAgentCard",{}),("ListTasks",{"contextId":"x"})):
            a = await c.call("POST", f"/agents/{ag}/a2a", json={"jsonrpc":"2.0","id":1,"method":method,"params":params}, headers={**K,"A2A-Version":"1.0"})
            print(method, a.status, str(a.body)[:300])
