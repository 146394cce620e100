"""An API description as what a person chooses from: its servers, its ways to sign in, its operations."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import cast

from pydantic import JsonValue, SecretStr

from user_agent.openapi.loading import load
from user_agent.openapi.operations import METHODS, OperationReader
from user_agent.openapi.references import Node, References, Unusable, short
from user_agent.openapi.stored import Auth, Operation, Wait
from user_agent.openapi.swagger2 import from_swagger2
from user_agent.openapi.tasks import Described, waits_in
from user_agent.urls import NotAnUrl, web_address
from user_agent.words import Words

MAX_OPERATIONS = 3_000
MAX_SCOPES = 4
"""More are not asked for unless a person says so."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An operation that cannot be imported. `line` of the text has the reason; 0 where that is not known."""

    operation: str
    why: Words
    line: int = 0


@dataclass(frozen=True, slots=True)
class Description:
    """What a description offers."""

    title: str
    version: str
    servers: tuple[str, ...]
    """Web addresses, the one to use first; empty where it names none that can be used."""
    auths: tuple[Auth, ...]
    """The ways to sign in that are supported, the recommended first."""
    other_auths: tuple[str, ...]
    """The names of those that are not."""
    operations: tuple[Operation, ...]
    waits: Mapping[str, Wait]
    """How the results of operations that only begin a task may be waited for, by name: guesses, for a person."""
    left_out: tuple[LeftOut, ...]
    key: SecretStr | None
    """The key in a plugin file of the predecessor; descriptions have none."""
    webhooks: int
    """How many messages it describes that the API sends by itself: there is nothing to call."""


def read_description(text: str, *, source: str = "") -> Description:
    """The description in a text, which came from the address `source`. It takes a while: call it in a thread.

    A plugin file of the predecessor, `{"schema": …, "auth": …}`, is one too. Raises `Unusable` where there is no
    description at all; what cannot be used of one is in `left_out`.
    """
    document: Node = load(text)
    plugin: Node = document if "schema" in document and "openapi" not in document else {}
    if plugin:
        schema = plugin["schema"]
        document = load(schema) if isinstance(schema, str) else schema if isinstance(schema, dict) else {}
    if "swagger" in document:
        document = from_swagger2(document)
    elif not isinstance(document.get("openapi"), str):
        raise Unusable(Words("里面没有“openapi”或“swagger”", 'neither "openapi" nor "swagger" stands in it'))
    elif not cast(str, document["openapi"]).startswith("3."):
        version = str(document["openapi"])[:20]
        raise Unusable(
            Words(
                f"它是 OpenAPI {version}；可以读 3.0、3.1 和 Swagger 2",
                f"it is OpenAPI {version}; versions 3.0, 3.1 and Swagger 2 are read",
            )
        )
    references = References(document)
    servers = _servers(document.get("servers"), source)
    found = _operations(document, references, text, servers)
    info = references.node(document.get("info"))
    auths, others = _auths(references, document, source)
    auth, key = _plugin_auth(references.node(plugin.get("auth")))
    auths = (auth, *(each for each in auths if each != auth)) if auth else auths
    webhooks = document.get("webhooks")
    return Description(
        title=short(str(info.get("title") or ""), 200),
        version=short(str(info.get("version") or ""), 50),
        servers=servers,
        auths=auths,
        other_auths=others,
        operations=found.operations,
        waits=waits_in(found.described, references),
        left_out=found.left_out,
        key=key,
        webhooks=len(webhooks) if isinstance(webhooks, dict) else 0,
    )


@dataclass(frozen=True, slots=True)
class _Found:
    described: tuple[Described, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def operations(self) -> tuple[Operation, ...]:
        return tuple(each.operation for each in self.described)


def _operations(document: Node, references: References, text: str, servers: Sequence[str]) -> _Found:
    reader = OperationReader(references, own_servers=lambda value: _servers(value, "") if value else (), known=servers)
    described: list[Described] = []
    left_out: list[LeftOut] = []

    @cache
    def line_of(reference: str) -> int:
        return _line(text, reference)

    paths = document.get("paths")
    for path, item in paths.items() if isinstance(paths, dict) else ():
        if not path.startswith("/"):
            continue  # an extension
        try:
            shared = references.node(item)
        except Unusable as error:
            left_out.append(LeftOut(short(path, 300), error.words, line_of(error.reference)))
            continue
        for method in (method for method in METHODS if isinstance(shared.get(method), dict)):
            if len(described) + len(left_out) >= MAX_OPERATIONS:
                raise Unusable(
                    Words(f"它有超过 {MAX_OPERATIONS:,} 个接口", f"it has more than {MAX_OPERATIONS:,} operations")
                )
            try:
                described.append(Described(reader.read(path, method, shared), references.node(shared[method])))
            except Unusable as error:
                operation = f"{method.upper()} {short(path, 300)}"
                left_out.append(LeftOut(operation, error.words, line_of(error.reference)))
    return _Found(tuple(described), tuple(left_out))


def _line(text: str, reference: str) -> int:
    """The first line that has the reference."""
    at = text.find(reference) if reference else -1
    return text.count("\n", 0, at) + 1 if at >= 0 else 0


def _servers(value: JsonValue, source: str) -> tuple[str, ...]:
    """The usable addresses. Variables have their defaults: nobody else says where a request goes."""
    found: list[str] = []
    for server in value[:20] if isinstance(value, list) and value else [{"url": "/"}]:
        if not isinstance(server, dict) or not isinstance(url := server.get("url"), str):
            continue
        variables = server.get("variables")
        for name, variable in variables.items() if isinstance(variables, dict) else ():
            default = variable.get("default") if isinstance(variable, dict) else None
            url = url.replace("{" + name + "}", str(default or ""))
        try:
            address = str(web_address(url, web_address(source) if source else None)).rstrip("/")
        except NotAnUrl:
            continue
        if "{" not in address and "%7B" not in address and address not in found:
            found.append(address)
    # Encrypted ones first, and otherwise as they stand.
    return tuple(sorted(found, key=lambda address: not address.startswith("https:")))


def _auths(references: References, document: Node, source: str) -> tuple[tuple[Auth, ...], tuple[str, ...]]:
    components = document.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, dict) else None
    known: list[Auth] = []
    others: list[str] = []
    for name, value in schemes.items() if isinstance(schemes, dict) else ():
        found = list[Auth]()
        with suppress(Unusable, ValueError):
            found = _auth(references.node(value), source)
        known += [auth for auth in found if auth not in known]
        if not found:
            others.append(short(name, 100))
    return tuple(known), tuple(others)


def _auth(scheme: Node, source: str) -> list[Auth]:
    """The ways to sign in that a scheme leaves, the best first; none where it is not known here."""
    kind, place, name = scheme.get("type"), scheme.get("in"), scheme.get("name")
    http = str(scheme.get("scheme") or "").lower()
    if kind == "apiKey" and isinstance(name, str) and name and place in ("header", "query", "cookie"):
        return [Auth.model_validate({"kind": "api_key", "place": place, "name": name})]
    if kind == "http" and http in ("bearer", "basic"):
        return [Auth.model_validate({"kind": http})]
    if kind in ("oauth2", "openIdConnect"):
        # The other flows need a browser: there it is with an access token that the person has got.
        return [*_client_credentials(scheme, source), Auth(kind="bearer")]
    return []


def _client_credentials(scheme: Node, source: str) -> list[Auth]:
    flows = scheme.get("flows")
    flow = flows.get("clientCredentials") if isinstance(flows, dict) else None
    if not isinstance(flow, dict):
        return []
    scopes = flow.get("scopes")
    try:
        token_url = str(web_address(str(flow.get("tokenUrl") or ""), web_address(source) if source else None))
    except NotAnUrl:
        return []
    # Of many, a person chooses: to ask for all would be refused, or more than is needed.
    wanted = " ".join(scopes) if isinstance(scopes, dict) and len(scopes) <= MAX_SCOPES else ""
    return [Auth(kind="oauth2", token_url=token_url, scopes=wanted)]


def _plugin_auth(auth: Node) -> tuple[Auth | None, SecretStr | None]:
    """How the predecessor signed in: with a header of the key's type and the key, which is in its file."""
    key, kind = auth.get("apikey"), str(auth.get("apikey_type") or "Bearer").strip()
    if str(auth.get("type")).lower().replace("_", " ") != "api key":
        return None, None
    if kind.lower() == "bearer":
        return Auth(kind="bearer"), SecretStr(key) if isinstance(key, str) and key.strip() else None
    written = f"{kind} {key}" if kind.lower() == "basic" else str(key)
    header = Auth(kind="api_key", place="header", name="Authorization")
    return header, SecretStr(written) if isinstance(key, str) and key.strip() else None
