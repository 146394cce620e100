"""What is kept of a person's sign-in to an MCP server: while it is under way, and after it."""

import time
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from user_agent.words import Words

EARLY_S = 30.0
"""So long before its end a token is renewed: a request takes a while."""

_FROZEN = ConfigDict(frozen=True, extra="ignore")
_Token = Annotated[str, Field(min_length=1, max_length=20_000, pattern=r"^[\x21-\x7e]+$")]

ClientAuth = Literal["none", "client_secret_post", "client_secret_basic"]


class SignInFailed(Exception):
    """A sign-in could not be begun, ended or renewed; `words` say why."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.en)
        self.words = words


class SignInOver(SignInFailed):
    """The authorization server will give no token for it any more."""


class OAuthClient(BaseModel):
    """What an authorization server knows this studio as, for one person."""

    model_config = _FROZEN

    issuer: str
    redirect_uri: str
    client_id: Annotated[str, Field(min_length=1, max_length=2_000)]
    client_secret: Annotated[str, Field(max_length=2_000)] = ""
    auth: ClientAuth = "none"


class Begun(BaseModel):
    """A sign-in that waits for the person to come back from the authorization server."""

    model_config = _FROZEN

    server: str
    """The address of the MCP server, without what its query holds."""
    resource: str
    """What the token is to be for."""
    metadata: dict[str, JsonValue]
    """What the authorization server said of itself when the sign-in began."""
    client: OAuthClient
    verifier: str
    scope: str = ""
    begun_at: float


class Grant(BaseModel):
    """A sign-in that is done. Never shown, and sent to its server and its authorization server alone."""

    model_config = _FROZEN

    id: str
    server: str
    resource: str
    client: OAuthClient
    token_endpoint: str
    revocation_endpoint: str = ""
    scope: str = ""
    access_token: _Token
    refresh_token: Annotated[str, Field(max_length=20_000)] = ""
    expires_at: float | None = None
    """In seconds since 1970; None where the authorization server does not say."""

    @property
    def ran_out(self) -> bool:
        return self.expires_at is not None and time.time() >= self.expires_at - EARLY_S


class Bearer(Protocol):
    """The access token of one sign-in. Two are equal where they stand for the same one."""

    @property
    def origin(self) -> str:
        """Where alone it may be sent."""
        ...

    @property
    def sent(self) -> tuple[str, ...]:
        """Every token that was given out: none of them is to be shown."""
        ...

    async def token(self, rejected: str = "") -> str:
        """The token to send, renewed where it ran out or was `rejected`; empty where the sign-in is over.

        Raises `SignInFailed` where it could not be renewed just now.
        """
        ...
