"""The sockets of one kernel, and what goes over them.

Wire: jupyter-client.readthedocs.io, "Messaging in Jupyter"; sockets are files in a folder that both sides see.
"""

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import JsonValue

from user_agent.sandbox.cells import RUN

if TYPE_CHECKING:
    from jupyter_client.session import Session

CONNECTION_FILE = "kernel.json"
MAX_MESSAGE_BYTES = 12_000_000
_SHELL, _IOPUB, _STDIN, _CONTROL, HEARTBEAT = range(1, 6)


class Broken(Exception):
    """A message that no kernel sends."""


def prepare(run: Path, key: str, stand_in: int | None) -> None:
    """Make the folder of the sockets, with what the kernel is to know of them; `stand_in` is whose it is to be."""
    run.mkdir(mode=0o700)
    ports = {"shell": _SHELL, "iopub": _IOPUB, "stdin": _STDIN, "control": _CONTROL, "hb": HEARTBEAT}
    connection = {
        "transport": "ipc",
        "ip": f"{RUN}/s",
        "key": key,
        "signature_scheme": "hmac-sha256",
        **{f"{name}_port": number for name, number in ports.items()},
    }
    file = run / CONNECTION_FILE
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        json.dump(connection, opened)
    if stand_in is not None:
        os.chown(file, stand_in, stand_in)
        os.chown(run, stand_in, stand_in)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What talks to kernels, imported: it takes a third of a second, so only where there is one."""

    context: Any
    """A `zmq.asyncio.Context`, which ships no types."""
    session: "type[Session]"


class Wire:
    """The sockets of one kernel."""

    def __init__(self, loaded: Loaded, key: str) -> None:
        self._context = loaded.context
        self._session = loaded.session(key=key.encode())
        self._sockets: list[Any] = []

    def connect(self, run: Path) -> None:
        import zmq

        def socket(kind: int, number: int, **options: object) -> Any:
            made = self._context.socket(kind, **options)
            made.linger = 0
            made.maxmsgsize = MAX_MESSAGE_BYTES
            # The most that lies here unread, and in the kernel unsent: a kernel that says more drops it.
            made.rcvhwm = 16
            # Once and never again: by then somebody may have put a link to another socket into its place.
            made.reconnect_ivl = -1
            made.connect(f"ipc://{run}/s-{number}")
            self._sockets.append(made)
            return made

        self._shell = socket(zmq.DEALER, _SHELL)
        self._control = socket(zmq.DEALER, _CONTROL, socket_class=zmq.Socket)
        self._iopub = socket(zmq.SUB, _IOPUB)
        self._iopub.subscribe(b"")

    def greet(self) -> str:
        return self._send(self._shell, "kernel_info_request", {})

    def execute(self, code: str) -> str:
        """Ask for code to be run; gives the id that its messages name."""
        content: dict[str, JsonValue] = {
            "code": code,
            "silent": False,
            "store_history": False,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
        }
        return self._send(self._shell, "execute_request", content)

    def interrupt(self) -> None:
        # By a message: a signal does not pass the walls.
        self._send(self._control, "interrupt_request", {})

    async def reply(self, asked: str) -> None:
        """Returns once the kernel has answered what was asked. Raises `Broken`."""
        while self.read(await self._shell.recv_multipart())["parent_header"].get("msg_id") != asked:
            pass

    async def receive(self) -> list[bytes]:
        return await self._iopub.recv_multipart()

    def read(self, frames: list[bytes]) -> dict[str, Any]:
        try:
            _, parts = self._session.feed_identities(frames)
            message = self._session.deserialize(cast(list[Any], parts))
        except Exception as error:
            # Frames that are missing, unsigned, no JSON: the library raises whatever it trips over.
            raise Broken("not a message") from error
        whole = isinstance(message.get("content"), dict) and isinstance(message.get("parent_header"), dict)
        if not whole or not isinstance(message.get("msg_type"), str):
            raise Broken("not a message")
        return message

    def close(self) -> None:
        for socket in self._sockets:
            socket.close(linger=0)

    def _send(self, socket: Any, kind: str, content: dict[str, JsonValue]) -> str:
        import zmq

        session: Any = self._session  # its types leave out what a message holds
        message = session.msg(kind, content)
        with suppress(zmq.Again):  # nobody there takes it: what waits for the answer ends at its limit
            plain: Any = zmq.Socket  # the asynchronous one would hand out a future
            plain.send_multipart(socket, session.serialize(message), flags=zmq.DONTWAIT)
        return str(message["header"]["msg_id"])
