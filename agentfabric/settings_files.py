"""The files that settings are read from beside the environment: `.env` here, and the one that `ossutil` keeps."""

import configparser
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values
from pydantic import SecretStr

from user_agent.errors import ConfigError
from user_agent.storable import is_clean

_OSSUTIL = {
    "OSS_ACCESS_KEY_ID": "accessKeyId",
    "OSS_ACCESS_KEY_SECRET": "accessKeySecret",
    "OSS_ENDPOINT": "endpoint",
    "OSS_BUCKET_NAME": "bucketName",
}
"""The variables for OSS, and what the same is called in `~/.ossutilconfig`."""
_OSS_REGION = "OSS_REGION"
OSS_NAMES = (*_OSSUTIL, _OSS_REGION)
"""Every variable for OSS."""


@dataclass(frozen=True, slots=True)
class Oss:
    """A bucket of Alibaba Cloud OSS, and whose keys write there: the operator's. What is not set is empty."""

    key_id: str = field(repr=False)
    key_secret: SecretStr
    endpoint: str
    bucket: str
    region: str
    """Only where the endpoint does not say it."""

    @property
    def missing(self) -> tuple[str, ...]:
        """The variables that are still to be set."""
        values = (self.key_id, self.key_secret.get_secret_value(), self.endpoint, self.bucket)
        return tuple(name for name, value in zip(_OSSUTIL, values, strict=True) if not value)


def filled(environ: Mapping[str, str]) -> dict[str, str]:
    """Without what is empty, which counts as unset."""
    return {name: value for name, value in environ.items() if value.strip() and is_clean(value)}


def env_file(path: Path) -> dict[str, str]:
    """The variables of a `.env` file; none where there is no file. Raises `ConfigError`."""
    if not path.is_file():
        return {}
    try:
        values = dotenv_values(path, interpolate=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"The file `.env` in this folder cannot be read ({error}). Save it as UTF-8 text, or remove it.",
            field=".env",
            reason=str(error),
        ) from error
    return filled({name: value or "" for name, value in values.items()})


def read_oss(given: Mapping[str, str]) -> Oss | None:
    """The bucket that the variables name, and what they leave out from `~/.ossutilconfig`; None where no variable
    does and the file, which is there for another program, does not name all of it."""
    named = {name: given[name].strip() for name in _OSSUTIL if name in given}
    home = given.get("HOME") or given.get("USERPROFILE")
    values = {**(_ossutil_file(Path(home) / ".ossutilconfig") if home else {}), **named}
    if not named and len(values) < len(_OSSUTIL):
        return None
    key_id, key_secret, endpoint, bucket = (values.get(name, "") for name in _OSSUTIL)
    if endpoint and "://" not in endpoint:
        endpoint = f"https://{endpoint}"  # oss2 takes http:// then
    return Oss(key_id, SecretStr(key_secret), endpoint, bucket, given.get(_OSS_REGION, "").strip())


def _ossutil_file(path: Path) -> dict[str, str]:
    """What the file has under `[Credentials]`, by our names. One that cannot be read is another program's affair."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read(path, encoding="utf-8-sig")
        kept = {name: parser.get("Credentials", option, fallback="") for name, option in _OSSUTIL.items()}
    except (OSError, UnicodeDecodeError, configparser.Error):
        return {}
    return {name: value.strip() for name, value in filled(kept).items()}
