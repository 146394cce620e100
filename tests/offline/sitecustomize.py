"""Runs first in every server that tests start: what reaches beyond this machine is written down and refused.

An audit hook sees what Python code and its libraries look up and connect to; this folder on `PYTHONPATH` is what brings
it in.
"""

import os
import sys
from typing import Any

from reach import is_here, needs_no_lookup


def _refuse_the_internet(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo":
        host, harmless = arguments[0], needs_no_lookup
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        host, harmless = arguments[1][0], is_here
    else:
        return
    name = host.decode() if isinstance(host, bytes) else host
    if not name or harmless(name):
        return
    with open(os.environ["REACHED_FILE"], "a", encoding="utf-8") as file:
        file.write(f"{event} {name}\n")
    raise PermissionError(f"a test may not reach {name}")


sys.addaudithook(_refuse_the_internet)
