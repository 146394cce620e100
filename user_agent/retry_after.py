"""What a server says of when it wants to be asked again."""

import math
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime


def asked_to_wait(headers: Mapping[str, str]) -> int | None:
    """Whole seconds from now; None where the answer with these headers does not say."""
    precise, said = headers.get("retry-after-ms", ""), headers.get("retry-after", "")
    try:
        if precise:
            seconds = float(precise) / 1_000
        elif said:
            seconds = (
                float(said) if said.strip()[0].isdigit() else parsedate_to_datetime(said).timestamp() - time.time()
            )
        else:
            return None
        return max(0, math.ceil(seconds))
    except (ValueError, OverflowError, IndexError):
        return None
