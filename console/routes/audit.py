"""The audit log, for admins."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response

from console.access import Needs, services_of
from console.pages import pages_of
from console.permissions import Permission
from console.sessions import Viewer
from console.zone import zone_of
from engine.audit import lines_of
from engine.errors import UsageError

router = APIRouter(prefix="/audit")
Administers = Annotated[Viewer, Depends(Needs(Permission.ADMINISTER))]
PAGE = 100


@router.get("")
def audit_log(
    request: Request,
    viewer: Administers,
    person: str = "",
    act: str = "",
    about: str = "",
    since: str = "",
    until: str = "",
    before: int | None = None,
) -> Response:
    """Who did what, the newest first; the filter stands in the address."""
    services = services_of(request)
    error = None
    asked = {"person": person.strip(), "act": act.strip(), "about": about.strip(), "since": since, "until": until}
    try:
        first, last = _day(request, since, 0), _day(request, until, 1)
    except UsageError as refused:
        first = last = None
        error = refused
    with services.database.read() as transaction:
        found = lines_of(
            transaction,
            person=asked["person"],
            act=asked["act"],
            about=asked["about"],
            since=first,
            until=last,
            before=before,
            limit=PAGE + 1,
        )
    lines = found[:PAGE]
    more = ""
    if len(found) > PAGE:
        kept = {name: value for name, value in asked.items() if value}
        more = "/audit?" + urlencode({**kept, "before": lines[-1]["number"]})
    return pages_of(request).show(
        request,
        viewer,
        "audit.html",
        status=200 if error is None else 422,
        lines=lines,
        asked=asked,
        more=more,
        error=error,
        here="audit",
    )


def _day(request: Request, text: str, later: int) -> datetime | None:
    """The beginning of a day in the viewer's zone, or of the one after it."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text) + timedelta(days=later)
        midnight = datetime(day.year, day.month, day.day, tzinfo=zone_of(request, services_of(request).timezone))
        return midnight.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{text!r} is no day", advice="write it as 2026-03-02") from error
