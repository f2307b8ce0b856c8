"""The effect ledger: what was done outside, under which key, and what came of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from console.access import Needs, services_of
from console.effect_list import EffectFilter, read_effects
from console.pages import pages_of
from console.permissions import Permission
from console.sessions import Viewer

router = APIRouter(prefix="/effects")
See = Annotated[Viewer, Depends(Needs(Permission.SEE))]


@router.get("")
def effect_list(request: Request, viewer: See, status: str = "", workflow: str = "", before: str = "") -> Response:
    filter_ = EffectFilter(status, workflow)
    with services_of(request).database.read() as transaction:
        page = read_effects(transaction, filter_, before)
    return pages_of(request).show(
        request, viewer, "effects.html", page=page, filter=filter_, start=before, here="effects"
    )
