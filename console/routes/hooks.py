"""Web hooks: calls of other systems that become work items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from console.access import Signed

router = APIRouter(prefix="/hooks")


@router.post("/{path:path}")
def hook(path: str, answer: Annotated[tuple[int, Mapping[str, Any]], Depends(Signed())]) -> JSONResponse:
    status, told = answer
    return JSONResponse(dict(told), status_code=status)
