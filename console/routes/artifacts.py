"""Artifacts by id: evidence and page pictures."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse

from console.access import Needs, services_of
from console.file_answer import file_answer
from console.permissions import Permission
from console.sessions import Viewer
from engine.errors import UsageError
from engine.store import tables
from engine.store.database import one

router = APIRouter(prefix="/artifacts")
See = Annotated[Viewer, Depends(Needs(Permission.SEE))]


@router.get("/{name}")
def artifact(request: Request, viewer: See, name: str) -> FileResponse:
    """An artifact is found by its id alone; no part of a path ever comes from a request."""
    services = services_of(request)
    with services.database.read() as transaction:
        row = one(transaction, tables.artifacts.select().where(tables.artifacts.c.id == name))
    if row is None:
        raise UsageError(f"there is no artifact {name}", advice="open the run it belongs to")
    artifacts = services.artifacts
    return file_answer(artifacts.folder, artifacts.path(row["sha256"]), str(row["name"]), str(row["media_type"]))
