"""Work items: all of them by state and queue, and one with its runs."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from console.access import Needs, services_of
from console.evidence.index import index_page
from console.evidence.pack import note_download, read_evidence, write_pack
from console.file_answer import file_answer
from console.item_list import ItemFilter, read_items
from console.pages import pages_of
from console.permissions import Permission
from console.sessions import Viewer
from console.subject import is_file, subject_of
from engine import acts, exceptions, items, ledger
from engine.errors import UsageError
from engine.store import tables
from engine.store.database import rows

router = APIRouter(prefix="/items")
See = Annotated[Viewer, Depends(Needs(Permission.SEE))]


@router.get("")
def item_list(request: Request, viewer: See, state: str = "", workflow: str = "", before: str = "") -> Response:
    filter_ = ItemFilter(state, workflow)
    with services_of(request).database.read() as transaction:
        page = read_items(transaction, filter_, before)
    return pages_of(request).show(
        request, viewer, "items.html", page=page, filter=filter_, start=before, subject_of=subject_of, here="items"
    )


@router.get("/{name}")
def item(request: Request, viewer: See, name: str, queued: str = "") -> Response:
    with services_of(request).database.read() as transaction:
        row = items.get(transaction, name)
        runs, raised = tables.runs, tables.exceptions
        return pages_of(request).show(
            request,
            viewer,
            "item.html",
            item=row,
            queued=queued,
            acts=acts.of_item(transaction, name),
            subject=subject_of(row, None),
            runs=rows(transaction, runs.select().where(runs.c.item == name).order_by(runs.c.started.desc())),
            raised=rows(transaction, raised.select().where(raised.c.item == name).order_by(raised.c.id.desc())),
            decisions={str(told["exception"]): told for told in exceptions.decisions(transaction, name)},
            effects=ledger.effects(transaction, item=name),
            here="items",
        )


@router.post("/{name}/evidence")
def evidence(request: Request, viewer: See, name: str) -> FileResponse:
    """All that is kept of the item as one file; that it was taken is written down."""
    services, now = services_of(request), services_of(request).clock.now()
    with NamedTemporaryFile(prefix="clerkwork-evidence-", suffix=".zip", delete=False) as made:
        place = Path(made.name)
    try:
        with services.database.read() as transaction:
            told = read_evidence(transaction, services, name)
        head = write_pack(told, services, index_page(pages_of(request), told, services.timezone), place, now)
        with services.database.write() as transaction:
            note_download(transaction, viewer.name, told, head, now)
    except BaseException:
        place.unlink()
        raise
    return FileResponse(
        place,
        media_type="application/zip",
        filename=f"evidence-{name}.zip",
        background=BackgroundTask(place.unlink, missing_ok=True),
    )


@router.get("/{name}/files/{input}")
def item_file(request: Request, viewer: See, name: str, input: str) -> FileResponse:
    """The file an item carries, as it was taken in."""
    services = services_of(request)
    with services.database.read() as transaction:
        told = items.get(transaction, name)["inputs"].get(input)
    if not is_file(told):
        raise UsageError(f"item {name} carries no file {input}", advice="open the item to see what it carries")
    kept = services.artifacts
    return file_answer(kept.folder, kept.here(told["path"]), str(told["name"]), "")
