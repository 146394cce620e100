"""Which addresses a test may reach: those of this machine."""

import ipaddress


def is_here(host: str) -> bool:
    """Whether a name or an address stays on this machine."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.lower().rstrip(".") in ("localhost", "testserver")
    return address.is_loopback or address.is_unspecified


def needs_no_lookup(name: str) -> bool:
    """Whether a name is an address already: to look it up asks nobody."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return is_here(name)
    return True
