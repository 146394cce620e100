"""Programs that ask the agent of a bundle: with the one key of its settings, or without any where these say so."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from user_agent.errors import ConfigError, NotFound, NotSignedIn
from user_agent.net import Http
from user_agent.serve.brief_notes import NotesInMemory
from user_agent.serve.folder import FolderAgent
from user_agent.serve.keyed import KeyScope, Opened
from user_agent.serve.programs import Programs
from user_agent.serve.served import Caller

NAME = "agent"
"""What it is asked for by."""
KEY, OPEN = "AGENT_KEY", "ENDPOINTS_OPEN"
LEAST_CHARS = 16


def programs_in(environment: Mapping[str, str], agent: Callable[[], FolderAgent]) -> Programs | None:
    """The routes for programs; None where the settings do not open them. Raises `ConfigError` for a key that is easily
    guessed, and `Interrupted`, when they are asked, while there is no `agent` yet."""
    key = environment.get(KEY, "").strip()
    if key and len(key) < LEAST_CHARS:
        reason = f"it has fewer than {LEAST_CHARS} characters"
        raise ConfigError(f"`{KEY}` cannot be used: {reason}. Choose a longer one.", field=KEY, reason=reason)
    if not key and environment.get(OPEN, "").strip().lower() not in ("1", "true", "yes"):
        return None
    return Programs(_OneKey(key, agent))


@dataclass(frozen=True, slots=True)
class _OneKey:
    key: str
    """Empty: everybody may ask."""
    agent: Callable[[], FolderAgent]
    notes: NotesInMemory = field(default_factory=NotesInMemory)

    @property
    def http(self) -> Http:
        return self.agent().http

    async def opened(self, key: str | None, scope: KeyScope, client: str, name: str | None = None) -> Opened:
        if self.key and not hmac.compare_digest((key or "").encode("utf-8", "replace"), self.key.encode()):
            raise NotSignedIn("Send the key of this agent as `Authorization: Bearer …`.")
        if name not in (None, NAME):
            raise NotFound("There is no such agent here.")
        visitor = "programs" if self.key else f"programs-{client}"
        # Without a key nobody is told apart: behind a proxy, all strangers come from one address.
        notes = self.notes.of(visitor, anybody=not self.key)
        return Opened(self.agent(), Caller(visitor, scope), (NAME,), notes)
