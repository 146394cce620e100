"""Whole numbers among the settings of a bundle."""

from collections.abc import Mapping

from user_agent.errors import ConfigError


def number_in(environment: Mapping[str, str], name: str, default: int, *, most: int = 1_000_000) -> int:
    """The number that a variable holds, from 1 on; raises `ConfigError` for anything else."""
    text = environment.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or not 0 < int(text) <= most:
        reason = f"{text[:40]!r} is no whole number from 1 to {most:,}"
        raise ConfigError(f"`{name}` cannot be used: {reason}.", field=name, reason=reason)
    return int(text)
