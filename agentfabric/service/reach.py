"""Where endpoints that people add may be, and the client that asks them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from user_agent.addresses import AddressPolicy
from user_agent.errors import AddressUnusable
from user_agent.models.address import is_private
from user_agent.models.listing import tidy_base
from user_agent.net import Http
from user_agent.urls import NotAnUrl, origin_of, web_address
from user_agent.words import Language, Words

MAX_URL_CHARS = 1_000
MAX_HOST_CHARS = 140
"""The name of a key holds the origin that it is for, and names of secrets have an end."""


_BAD_URL = Words(zh="这个地址不能用：{why}。", en="This address cannot be used: {why}.")
_LONG = Words(zh="它太长了", en="it is too long")
_FORBIDDEN = Words(
    zh="不能访问 {host}：它不在公共互联网上。如果确实需要，请让管理这台服务器的人把它列为可信地址。",
    en="{host} may not be asked, because it is not on the public internet. If it is needed, whoever runs this server "
    "can name it as trusted.",
)


@dataclass(frozen=True, slots=True)
class Reach:
    """Where endpoints that people add may be."""

    policy: AddressPolicy
    trusted_origins: Collection[str] = ()
    local_servers: Mapping[str, int] = field(default_factory=dict[str, int])
    """Ports on this machine where servers for models usually are, by the type that they have."""

    def http(self, url: str) -> Http:
        """The client for that address; open it with `async with`."""
        through_proxy = self.policy.own_network and not is_private(web_address(url.strip()).raw_host or "")
        return Http(trusted_origins=self.trusted_origins, policy=self.policy, through_proxy=through_proxy)

    def forbids(self, url: str) -> bool:
        """Whether the address is already refused as it is written. A name is looked at when it is asked."""
        host = (web_address(url).raw_host or "").rstrip(".").lower()
        if origin_of(url) in {origin_of(origin) for origin in self.trusted_origins}:
            return False
        number = "127.0.0.1" if host == "localhost" or host.endswith(".localhost") else host
        is_number = ":" in number or number.replace(".", "").isdigit()
        return is_number and not self.policy.allows(number)

    def checked(self, url: str, language: Language) -> str:
        """The base address that was meant. Raises `AddressUnusable` in `language` for one that can never be asked."""
        try:
            base = tidy_base(url)
            host = web_address(base).raw_host or ""
        except NotAnUrl as error:
            raise _unusable(_BAD_URL, language, why=error.words[language]) from error
        if len(base) > MAX_URL_CHARS or len(host) > MAX_HOST_CHARS:
            raise _unusable(_BAD_URL, language, why=_LONG[language])
        if self.forbids(base):
            raise _unusable(_FORBIDDEN, language, host=host)
        return base


def _unusable(words: Words, language: Language, **values: str) -> AddressUnusable:
    reason = words[language].format(**values)
    return AddressUnusable(reason, reason=reason)
