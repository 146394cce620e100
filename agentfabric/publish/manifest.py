"""What a bundle says of itself: every file with its hash, and who vouches for that. A changed byte is noticed."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from user_agent.errors import BundleDamaged

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig.json"
MAX_FILES = 20_000
MAX_BYTES = 500_000_000
"""Of all files of a bundle together, before they are packed."""

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Manifest(BaseModel):
    """The files of a bundle, by their paths in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["agentfabric-bundle"] = "agentfabric-bundle"
    version: Literal[1] = 1
    name: Annotated[str, Field(max_length=200)] = ""
    files: Annotated[dict[Annotated[str, Field(max_length=400)], Digest], Field(max_length=MAX_FILES)]


class _Signature(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    algorithm: Literal["ed25519"] = "ed25519"
    public_key: Annotated[str, Field(max_length=100)]
    signature: Annotated[str, Field(max_length=200)]


@dataclass(frozen=True, slots=True)
class Checked:
    """A bundle whose files are what its manifest says."""

    manifest: Manifest
    signer: str | None
    """The public key of the server that made it, in hexadecimal; None where nobody vouches for it. Whoever changes a
    bundle can leave that out, or sign anew: only a key that one knows says anything."""


class Signer:
    """Vouches for bundles, with the key of one server."""

    def __init__(self, key: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(key)

    @property
    def public_key(self) -> str:
        return self._key.public_key().public_bytes_raw().hex()

    def signature(self, manifest: bytes) -> bytes:
        """The file that vouches for a manifest; the same for the same."""
        public = base64.b64encode(self._key.public_key().public_bytes_raw()).decode()
        signed = base64.b64encode(self._key.sign(manifest)).decode()
        return _Signature(public_key=public, signature=signed).model_dump_json(indent=2).encode() + b"\n"


def manifest_of(name: str, files: Mapping[str, bytes]) -> bytes:
    """The manifest of these files, as it stands in the bundle."""
    digests = {path: hashlib.sha256(files[path]).hexdigest() for path in sorted(files)}
    return Manifest(name=name, files=digests).model_dump_json(indent=2).encode() + b"\n"


def checked(names: Collection[str], read: Callable[[str], bytes], digest: Callable[[str], str]) -> Checked | None:
    """What a bundle says of its files; None where it says nothing, as the zips of other programs. `read` gives a file's
    bytes, and `digest` their SHA-256, which is asked for once it is known that no file is missing or too many.

    Raises `BundleDamaged` where a file is another than it says, is missing or too many, or the signature is not of this
    manifest.
    """
    if MANIFEST not in names:
        if SIGNATURE in names:
            raise _damaged(MANIFEST, "it is missing")
        return None
    written = read(MANIFEST)
    try:
        manifest = Manifest.model_validate_json(written)
    except ValidationError as error:
        raise _damaged(MANIFEST, "it cannot be read") from error
    there = {*names} - {MANIFEST, SIGNATURE}
    for path in sorted(there ^ manifest.files.keys()):
        raise _damaged(path, "it is missing" if path in manifest.files else "the manifest does not name it")
    signer = _signer(written, read(SIGNATURE)) if SIGNATURE in names else None
    for path in sorted(there):
        if digest(path) != manifest.files[path]:
            raise _damaged(path, "it was changed after the bundle was made")
    return Checked(manifest, signer)


def _signer(manifest: bytes, signature: bytes) -> str:
    try:
        given = _Signature.model_validate_json(signature)
        public = base64.b64decode(given.public_key, validate=True)
        Ed25519PublicKey.from_public_bytes(public).verify(base64.b64decode(given.signature, validate=True), manifest)
    except (ValidationError, ValueError, binascii.Error, InvalidSignature) as error:
        raise _damaged(SIGNATURE, "it does not vouch for this manifest") from error
    return public.hex()


def _damaged(path: str, reason: str) -> BundleDamaged:
    return BundleDamaged(
        f"The bundle is damaged: {path[:200]!r}, {reason}. Get it anew.", file=path[:200], reason=reason
    )
