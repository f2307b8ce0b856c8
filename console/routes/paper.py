"""What stands on a page of an exception's document: its words, and the value in a box that a person drew."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from starlette.datastructures import FormData

from console.access import Needs, posted, services_of
from console.case import Case, read_case
from console.paper import captured, words_of
from console.permissions import Permission
from console.places import place_of, written
from console.sessions import Viewer
from console.words import sentence
from engine.errors import ItemError, UsageError

router = APIRouter(prefix="/exceptions/{name}")
See = Annotated[Viewer, Depends(Needs(Permission.SEE))]
Decides = Annotated[Viewer, Depends(Needs(Permission.DECIDE))]
Posted = Annotated[FormData, Depends(posted)]


@router.get("/words/{page}")
def words(request: Request, viewer: See, name: str, page: int) -> Response:
    """`{words: [[text, x0, y0, x1, y1], ...]}`, in points from the top left of the paper."""
    try:
        found = words_of(_case(request, name), page)
    except (UsageError, ItemError) as refused:
        return _refused(refused)
    return JSONResponse({"words": [[text, *(round(edge, 1) for edge in box)] for text, box in found]})


@router.post("/capture")
def capture(request: Request, viewer: Decides, name: str, form: Posted) -> Response:
    """The value in a box, as the form's `field` is typed; nothing is decided. `place` goes with the correction."""
    try:
        number, box = place_of(str(form.get("place", "")))
        taken = captured(_case(request, name), str(form.get("field", "")), number, box)
    except (UsageError, ItemError) as refused:
        return _refused(refused)
    told = {"value": taken.value, "printed": taken.printed, "note": sentence(taken.note)}
    return JSONResponse({**told, "place": written(taken.page, taken.box)})


def _case(request: Request, name: str) -> Case:
    with services_of(request).database.read() as transaction:
        return read_case(transaction, services_of(request), name)


def _refused(refused: UsageError | ItemError) -> Response:
    told = " ".join(sentence(text) for text in (refused.message, refused.advice) if text)
    return JSONResponse({"error": told}, status_code=422)
