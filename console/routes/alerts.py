"""Alerts: what people are told of at this moment, and which message could not be delivered."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from console.access import Needs, services_of
from console.pages import pages_of
from console.permissions import Permission
from console.sessions import Viewer
from engine.store import tables
from engine.store.database import rows

router = APIRouter(prefix="/alerts")
MOST = 200


@router.get("")
def alert_list(request: Request, viewer: Annotated[Viewer, Depends(Needs(Permission.SEE))]) -> Response:
    table = tables.alerts
    open_ones = table.c.ended.is_(None) | table.c.pending.is_not(None)
    with services_of(request).database.read() as transaction:
        lines = rows(transaction, table.select().where(open_ones).order_by(table.c.id.desc()).limit(MOST))
    return pages_of(request).show(request, viewer, "alerts.html", lines=lines, here="alerts")
