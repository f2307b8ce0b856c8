"""How often something may begin: `30 per minute`, written by people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import LiteralString

_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_RATE = re.compile(r"(\d{1,6}) per (?:(\d{1,4}) )?(second|minute|hour|day)s?")
EXPECTED: LiteralString = "so many in a length of time, for example 30 per minute or 100 per 24 hours"


@dataclass(frozen=True, slots=True)
class Rate:
    """`30 per minute` is one every two seconds, evenly: so no minute ever sees more than thirty."""

    text: str
    every: timedelta


def read_rate(text: object) -> Rate | None:
    """None where the text is no rate."""
    found = _RATE.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None or not int(found[1]) or found[2] == "0":
        return None
    seconds = int(found[2] or 1) * _UNITS[found[3]]
    return Rate(found[0], timedelta(seconds=seconds) / int(found[1]))
