"""What every failure is that a person may be shown."""

from typing import ClassVar


class FabricError(Exception):
    """A failure to be told to the person, with its cure in the message."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    """The HTTP status that a door answers with."""

    def __init__(self, message: str, **params: str | int | float) -> None:
        super().__init__(message)
        self.message = message
        self.params = params


class ConfigError(FabricError):
    """A configuration that cannot be read or stored. `field` names the place."""

    code = "config_invalid"
    status = 422

    def __init__(self, message: str, *, field: str, reason: str) -> None:
        super().__init__(message, field=field, reason=reason)
        self.field = field
        self.reason = reason


class StorageFailed(FabricError):
    """The database or its disk does not work just now: it is locked, full or gone."""

    code = "storage_failed"
    status = 503
