"""Where an endpoint is: addresses as people paste them, cleaned, and what may be told from them alone."""

import ipaddress
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

LAST_DATED_AZURE = "2024-10-21"
"""The last dated version of Azure's API that left its preview (learn.microsoft.com, API version lifecycle). It is used
where an address names a deployment and no version: the later `/openai/v1` takes none."""


def clean_base(base: str) -> str:
    """People paste the address of the whole route; the SDK adds the route itself."""
    return base.strip().rstrip("/").removesuffix("/chat/completions")


def azure_base(base: str, model: str, version: str | None) -> tuple[str, str | None]:
    """The base address and the `api-version` of an Azure resource, from what its portal shows or older files say.

    A bare resource means today's `/openai/v1`, which needs no version; with a dated version, or with a deployment in
    the address, it is the older route of that deployment. A version in the address's query is taken out of it.
    """
    parts = urlsplit(base.strip())
    version = version or next(iter(parse_qs(parts.query).get("api-version", [])), None)
    path = parts.path.rstrip("/").removesuffix("/chat/completions").removesuffix("/responses")
    if path in ("", "/openai"):
        path = f"/openai/deployments/{quote(model, safe='')}" if _is_dated(version) else "/openai/v1"
    if "/deployments/" in path:
        version = version or LAST_DATED_AZURE
    return urlunsplit((parts.scheme, parts.netloc, path, "", "")), version


def _is_dated(version: str | None) -> bool:
    return version is not None and version[:4].isdigit()


def host_of(base: str) -> str:
    """The host of an address, in small letters; empty where it has none."""
    try:
        return urlsplit(base).hostname or ""
    except ValueError:
        return ""


def is_private(host: str) -> bool:
    """Whether a host is on this machine or in a private network, as far as its name or number says."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        # A name without a dot is resolved by this network alone, such as a neighbouring container's.
        return "." not in host or host.endswith((".localhost", ".local", ".internal", ".lan"))
    return address.is_loopback or address.is_private
