"""Health: whether the console answers, and whether its store does. No contents, so nobody has to sign in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse

from console.access import Anyone, services_of
from engine.store.database import StoreError
from engine.store.migrate import NEWEST, version

router = APIRouter()


@router.get("/healthz")
def healthz(_door: Annotated[None, Depends(Anyone())]) -> PlainTextResponse:
    return PlainTextResponse("ok\n")


@router.get("/readyz")
def readyz(request: Request, _door: Annotated[None, Depends(Anyone())]) -> PlainTextResponse:
    try:
        found = "ready" if version(services_of(request).database) == NEWEST else "schema"
    except StoreError:
        found = "store"
    return PlainTextResponse(f"{found}\n", status_code=200 if found == "ready" else 503)
