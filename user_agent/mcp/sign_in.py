"""Signing in to an MCP server: OAuth 2.1 as the protocol wants it, with the official SDK's shapes and checks.

Every address that a server or its metadata names is asked through our own client: private ones are refused. No
redirect is followed, because requests hold codes and tokens.
"""

import secrets
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx2
from mcp.client.auth.oauth2 import PKCEParameters, check_registration_usable
from mcp.client.auth.utils import (
    create_client_registration_request,
    handle_registration_response,
    validate_authorization_response_iss,
)
from mcp.shared.auth import OAuthClientMetadata, OAuthMetadata, OAuthToken
from pydantic import AnyUrl

from user_agent.mcp import sign_in_failures as failures
from user_agent.mcp.grants import Begun, ClientAuth, Grant, OAuthClient, SignInFailed
from user_agent.mcp.sign_in_asking import asked, asking, told_as
from user_agent.mcp.sign_in_place import GRANT_TYPES, Place, place_of
from user_agent.net import Http
from user_agent.urls import web_address

__all__ = ["Registered", "begun", "client_at", "granted", "place_of", "renewed", "revoke"]

MAX_TOKEN_S = 10 * 365 * 86_400


@dataclass(frozen=True, slots=True)
class Registered:
    """What a person knows of this studio's registration, where the authorization server takes none by itself."""

    client_id: str = ""
    client_secret: str = ""


async def client_at(http: Http, place: Place, redirect_uri: str, given: Registered) -> OAuthClient:
    """What the authorization server knows this studio as: as the person says, else registered now.

    Raises `SignInFailed`; it is `NO_REGISTRATION` where the person has to say.
    """
    metadata, issuer = place.metadata, str(place.metadata.issuer)
    methods = metadata.token_endpoint_auth_methods_supported or []
    if given.client_id:
        secret = given.client_secret
        auth: ClientAuth = "none"
        if secret:
            auth = "client_secret_post" if methods and "client_secret_basic" not in methods else "client_secret_basic"
        return OAuthClient(
            issuer=issuer, redirect_uri=redirect_uri, client_id=given.client_id, client_secret=secret, auth=auth
        )
    if metadata.registration_endpoint is None:
        raise SignInFailed(failures.NO_REGISTRATION)
    is_here = web_address(redirect_uri).host in ("localhost", "127.0.0.1", "::1")
    wanted = OAuthClientMetadata(
        redirect_uris=[AnyUrl(redirect_uri)],
        client_name="AgentFabric",
        grant_types=list(GRANT_TYPES),
        scope=place.scope or None,
        token_endpoint_auth_method="none" if "none" in methods else None,
        application_type="native" if is_here else "web",
    )
    async with asking(http) as client:
        answer = await asked(client, create_client_registration_request(metadata, wanted, ""))
    with told_as(failures.NOT_REGISTERED):
        made = await handle_registration_response(answer)
        check_registration_usable(made)
        return OAuthClient.model_validate(
            {
                "issuer": issuer,
                "redirect_uri": redirect_uri,
                "client_id": made.client_id,
                "client_secret": made.client_secret or "",
                # What is meant where nothing is said (RFC 7591, 2).
                "auth": made.token_endpoint_auth_method or ("client_secret_basic" if made.client_secret else "none"),
            }
        )


def begun(server: str, place: Place, client: OAuthClient) -> tuple[Begun, str, str]:
    """A sign-in to keep, its state, and the address that the person opens. Raises `SignInFailed`."""
    pkce, state = PKCEParameters.generate(), secrets.token_urlsafe(32)
    query = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": client.redirect_uri,
        "state": state,
        "code_challenge": pkce.code_challenge,
        "code_challenge_method": "S256",
        "resource": place.resource,
    }
    if place.scope:
        query["scope"] = place.scope
        if "offline_access" in place.scope.split():
            query["prompt"] = "consent"  # OpenID Connect gives no refresh token without
    with told_as(failures.UNREADABLE):
        address = str(web_address(str(place.metadata.authorization_endpoint)).update_query(query))
        web_address(address)
    kept = Begun(
        server=server,
        resource=place.resource,
        metadata=place.metadata.model_dump(mode="json", exclude_none=True),
        client=client,
        verifier=pkce.code_verifier,
        scope=place.scope,
        begun_at=time.time(),
    )
    return kept, state, address


async def granted(http: Http, sign_in: Begun, came: Mapping[str, str]) -> Grant:
    """What comes of a sign-in with which the person came back; `came` is the query of that address.

    Raises `SignInFailed`.
    """
    metadata = OAuthMetadata.model_validate(sign_in.metadata)
    # First of all, because an answer of another authorization server says nothing that counts here (RFC 9207).
    with told_as(failures.MIXED_UP):
        validate_authorization_response_iss(came.get("iss"), metadata)
    if "error" in came:
        raise SignInFailed(failures.refused_by_person(came["error"]))
    if not came.get("code"):
        raise SignInFailed(failures.NO_CODE)
    fields = {
        "grant_type": "authorization_code",
        "code": came["code"],
        "redirect_uri": sign_in.client.redirect_uri,
        "code_verifier": sign_in.verifier,
        "resource": sign_in.resource,
    }
    token = await _token(http, str(metadata.token_endpoint), sign_in.client, fields)
    revocation = metadata.revocation_endpoint
    return _grant(
        token,
        id=secrets.token_hex(12),
        server=sign_in.server,
        resource=sign_in.resource,
        client=sign_in.client,
        token_endpoint=str(metadata.token_endpoint),
        revocation_endpoint=str(revocation) if revocation else "",
        scope=token.scope or sign_in.scope,
        refresh_token=token.refresh_token or "",
    )


async def renewed(http: Http, grant: Grant) -> Grant:
    """The same sign-in with another token. Raises `SignInOver` where it is refused, else `SignInFailed`."""
    fields = {"grant_type": "refresh_token", "refresh_token": grant.refresh_token, "resource": grant.resource}
    token = await _token(http, grant.token_endpoint, grant.client, fields)
    kept = grant.model_dump(include={"id", "server", "resource", "client", "token_endpoint", "revocation_endpoint"})
    return _grant(
        token, **kept, scope=token.scope or grant.scope, refresh_token=token.refresh_token or grant.refresh_token
    )


async def revoke(http: Http, grant: Grant) -> None:
    """Tell the authorization server that the sign-in is over. Raises `SignInFailed` where it cannot be told."""
    if grant.revocation_endpoint:
        fields = {"token": grant.refresh_token or grant.access_token}
        async with asking(http) as client:
            await asked(client, _authenticated(grant.revocation_endpoint, grant.client, fields))


async def _token(http: Http, address: str, client: OAuthClient, fields: dict[str, str]) -> OAuthToken:
    async with asking(http) as http_client:
        answer = await asked(http_client, _authenticated(address, client, fields))
    if answer.status_code not in (200, 201):
        raise failures.token_refused(answer)
    with told_as(failures.UNREADABLE):
        return OAuthToken.model_validate_json(answer.content)


def _authenticated(address: str, client: OAuthClient, fields: dict[str, str]) -> httpx2.Request:
    """A form for an authorization server, with what it knows this studio by."""
    headers = {"accept": "application/json"}
    if client.auth == "client_secret_basic":
        # Both written as in a form first (RFC 6749, 2.3.1).
        pair = f"{quote(client.client_id, safe='')}:{quote(client.client_secret, safe='')}"
        headers["authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    else:
        fields = {**fields, "client_id": client.client_id}
    if client.auth == "client_secret_post":
        fields = {**fields, "client_secret": client.client_secret}
    return httpx2.Request("POST", address, data=fields, headers=headers)


def _grant(token: OAuthToken, **known: Any) -> Grant:  # Any: the fields of `Grant`, which checks them
    ends = None if token.expires_in is None else time.time() + min(max(token.expires_in, 0), MAX_TOKEN_S)
    with told_as(failures.UNREADABLE):
        return Grant(access_token=token.access_token, expires_at=ends, **known)
