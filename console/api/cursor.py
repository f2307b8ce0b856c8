"""Where a list goes on: opaque to who gets it, so that what it is made of may change."""

from __future__ import annotations

import base64
import binascii
import re

from console.api.problems import ApiProblem, Wrong

_ID = re.compile(r"[a-z0-9_]{1,60}")


def cursor(name: str | None) -> str | None:
    return base64.urlsafe_b64encode(name.encode()).decode().rstrip("=") if name is not None else None


def place(given: str) -> str:
    """The id that a cursor stands for, empty for the beginning; a made-up one is told."""
    if not given:
        return ""
    try:
        name = base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        name = ""
    if not _ID.fullmatch(name):
        wrong = Wrong(where="query.after", expected="`next` of the page before")
        raise ApiProblem(422, "the cursor is none of this list", "leave it out to begin anew", errors=[wrong])
    return name
