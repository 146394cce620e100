"""Where to sign in to an MCP server, as it and its authorization server say, checked as far as it can be."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2
from mcp.client.auth.utils import (
    build_oauth_authorization_server_metadata_discovery_urls,
    build_protected_resource_metadata_discovery_urls,
    create_oauth_metadata_request,
    extract_resource_metadata_from_www_auth,
    extract_scope_from_www_auth,
    get_client_metadata_scopes,
    handle_auth_metadata_response,
    handle_protected_resource_response,
    issuers_match,
    validate_metadata_issuer,
)
from mcp.shared.auth import OAuthMetadata, ProtectedResourceMetadata
from mcp.shared.auth_utils import check_resource_allowed, resource_url_from_server_url

from user_agent.mcp import sign_in_failures as failures
from user_agent.mcp.grants import SignInFailed
from user_agent.mcp.sign_in_asking import asked, asking, told_as
from user_agent.mcp.stored import Kind
from user_agent.net import Http
from user_agent.urls import web_address

GRANT_TYPES = ["authorization_code", "refresh_token"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server lets people sign in, as it and its authorization server say."""

    resource: str
    metadata: OAuthMetadata
    scope: str


async def place_of(http: Http, server: str, kind: Kind) -> Place:
    """Where to sign in to a server. Raises `SignInFailed`."""
    async with asking(http) as client:
        challenge = await _challenge(client, server, kind)
        described = await _resource(client, challenge, server)
        metadata = await _metadata(client, described, server)
    if "S256" not in (metadata.code_challenge_methods_supported or ()):
        raise SignInFailed(failures.NO_PKCE)
    for address in (metadata.authorization_endpoint, metadata.token_endpoint):
        _require_safe(http, str(address))
    for address in (metadata.registration_endpoint, metadata.revocation_endpoint):
        if address is not None:
            _require_safe(http, str(address))
    scope = get_client_metadata_scopes(extract_scope_from_www_auth(challenge), described, metadata, GRANT_TYPES)
    resource = str(described.resource) if described else resource_url_from_server_url(server)
    return Place(resource, metadata, scope or "")


async def _challenge(client: httpx2.AsyncClient, server: str, kind: Kind) -> httpx2.Response:
    """The server's answer to somebody who is not signed in, without its body, which may never end."""
    headers = {"accept": "application/json, text/event-stream"}
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    request = client.build_request(
        "GET" if kind == "sse" else "POST", server, headers=headers, json=None if kind == "sse" else ping
    )
    return await asked(client, request, only_head=True)


async def _resource(
    client: httpx2.AsyncClient, challenge: httpx2.Response, server: str
) -> ProtectedResourceMetadata | None:
    """What the server says of how it is protected; None where it says nothing, as older ones do."""
    named = extract_resource_metadata_from_www_auth(challenge) if challenge.status_code == 401 else None
    for url in build_protected_resource_metadata_discovery_urls(named, server):
        answer = await asked(client, create_oauth_metadata_request(url))
        if answer.status_code >= 500 or answer.status_code == 429:
            raise SignInFailed(failures.busy(answer.status_code))
        if described := await handle_protected_resource_response(answer):
            own = resource_url_from_server_url(server)
            if not check_resource_allowed(requested_resource=own, configured_resource=str(described.resource)):
                raise SignInFailed(failures.OTHER_RESOURCE)
            return described
    return None


async def _metadata(
    client: httpx2.AsyncClient, described: ProtectedResourceMetadata | None, server: str
) -> OAuthMetadata:
    issuer = str(described.authorization_servers[0]) if described else None
    for url in build_oauth_authorization_server_metadata_discovery_urls(issuer, server):
        is_served, metadata = await handle_auth_metadata_response(
            await asked(client, create_oauth_metadata_request(url))
        )
        if not is_served:
            break
        if metadata is not None:
            named, own = str(metadata.issuer), urlsplit(server)
            expected = issuer or f"{own.scheme}://{own.netloc}"
            with told_as(failures.WRONG_ISSUER):
                validate_metadata_issuer(metadata, named if issuers_match(named, expected) else expected)
            return metadata
    raise SignInFailed(failures.NO_METADATA)


def _require_safe(http: Http, address: str) -> None:
    """Raises `SignInFailed` for an address to which no token should go: unencrypted, unless the operator named it."""
    with told_as(failures.UNREADABLE):
        url = web_address(address)
    if url.scheme != "https" and not http.trusts(url):
        raise SignInFailed(failures.UNENCRYPTED)
