"""Vendors: what corrections taught about their documents. Only to look at; the command line takes it away."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from console.access import Needs, services_of
from console.pages import pages_of
from console.permissions import Permission
from console.sessions import Viewer
from console.vendor_list import read_vendor, read_vendors

router = APIRouter(prefix="/vendors")
See = Annotated[Viewer, Depends(Needs(Permission.SEE))]


@router.get("")
def vendor_list(request: Request, viewer: See) -> Response:
    with services_of(request).database.read() as transaction:
        lines = read_vendors(transaction)
    return pages_of(request).show(request, viewer, "vendors.html", lines=lines, here="vendors")


@router.get("/{name}")
def vendor(request: Request, viewer: See, name: str) -> Response:
    with services_of(request).database.read() as transaction:
        known = read_vendor(transaction, name)
    return pages_of(request).show(request, viewer, "vendor.html", known=known, here="vendors")
