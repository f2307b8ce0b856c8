"""The time zone of the person who reads: their browser tells it in a cookie, else it is the project's own."""

from __future__ import annotations

import re
from datetime import tzinfo
from zoneinfo import ZoneInfo

from fastapi import Request

COOKIE = "zone"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,30}(/[A-Za-z0-9_+-]{1,30}){0,2}")


def zone_of(request: Request, otherwise: tzinfo) -> tzinfo:
    named = request.cookies.get(COOKIE, "")
    if not _NAME.fullmatch(named):
        return otherwise
    try:
        return ZoneInfo(named)
    except (KeyError, ValueError, OSError):
        return otherwise
