"""The keys of this server: one for the secrets it keeps, one for the sessions it signs, both from one root."""

import base64
import binascii
import secrets
from functools import cached_property
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from pydantic import SecretStr

from agentfabric.settings import Settings
from agentfabric.store.private import make_private_folder, write_private
from user_agent.errors import ConfigError

KEY_BYTES = 32
_SALT = b"agentfabric root key"
"""The same everywhere: the passphrase must open what it closed from any machine. Its length is what protects it."""


class Cipher:
    """Closes and opens texts. The key is made when it is first needed, in the thread that needs it."""

    def __init__(self, settings: Settings, key_file: Path | None = None) -> None:
        """`key_file` is another than that of the home."""
        self._settings = settings
        self._key_file = key_file

    def close(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def open(self, closed: str) -> str | None:
        """The text, None where it was closed with another key."""
        try:
            return self._fernet.decrypt(closed).decode()
        except InvalidToken:
            return None

    @cached_property
    def _fernet(self) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(_derived(self._settings, b"secrets", self._key_file)))


def signing_key(settings: Settings) -> bytes:
    """The key that signs sessions: the same at every start. Raises `ConfigError` for a key file that is damaged."""
    return _derived(settings, b"sessions")


def bundle_key(settings: Settings) -> bytes:
    """The key that vouches for bundles. Raises as `signing_key`."""
    return _derived(settings, b"bundles")


def visitors_key(settings: Settings) -> bytes:
    """The key that signs visitors of shared agents, and frames that show them."""
    return _derived(settings, b"visitors")


def key_file(home: Path) -> Path:
    """Where the key is that no setting names."""
    return home / "secret.key"


def _derived(settings: Settings, purpose: bytes, file: Path | None = None) -> bytes:
    root = _stretched(settings.secret_key) if settings.secret_key else _key_in(file or key_file(settings.home))
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose).derive(root)


def _stretched(passphrase: SecretStr) -> bytes:
    # 16 MB and about 40 ms for every guess.
    return Scrypt(salt=_SALT, length=KEY_BYTES, n=2**14, r=8, p=1).derive(passphrase.get_secret_value().encode())


def _key_in(path: Path) -> bytes:
    """The random key in the file, made where there is none."""
    try:
        if not path.exists():
            make_private_folder(path.parent)
            write_private(path, base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)), replace=False)
        key = base64.urlsafe_b64decode(path.read_bytes())
    except (OSError, binascii.Error) as error:
        raise _unreadable(path, str(error)) from error
    if len(key) != KEY_BYTES:
        raise _unreadable(path, "it has been cut or changed")
    return key


def _unreadable(path: Path, reason: str) -> ConfigError:
    return ConfigError(
        f"The key file {str(path)!r} cannot be used: {reason}. Put a copy of it back. If there is none, remove it: "
        "a new one is made, and the API keys that were entered on the page have to be entered again.",
        field="AGENTFABRIC_HOME",
        reason=reason,
    )
