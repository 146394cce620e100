"""How long MCP servers are waited for."""

from dataclasses import dataclass

from user_agent.tools.asking import PATIENCE_S


@dataclass(frozen=True, slots=True)
class Patience:
    """How long MCP servers are waited for, in seconds."""

    connect_s: float = 15.0
    retry_after_s: float = 30.0
    """For how long a server that could not be reached is not asked again."""
    call_s: float = 120.0
    idle_s: float = 600.0
    """After so long without a call a connection is closed."""
    listing_s: float = 60.0
    """How old what a server said of its tools may be when one is called."""

    @property
    def silence_s(self) -> float:
        """How long nothing at all may come: a call is given up before, unless a person is being waited for."""
        return self.call_s + PATIENCE_S
