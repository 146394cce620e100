"""The proxy that this machine's settings name for an address, and nothing else of those settings.

aiohttp's own `trust_env` also sends what `.netrc` holds for a host, or for every host: passwords that nobody meant for
an address which a model chose, and which no key may stand beside.
"""

from urllib.request import getproxies, proxy_bypass

from yarl import URL


def proxy_for(url: URL) -> str | None:
    """The HTTP proxy through which `url` is to be asked, with the user in it; None where it is asked directly.

    Blocking: some systems look it up in their own settings.
    """
    if proxy_bypass(url.host or ""):
        return None
    proxy = getproxies().get(url.scheme, "")
    if proxy and "://" not in proxy:
        proxy = f"http://{proxy}"
    return proxy if proxy.startswith("http://") else None
