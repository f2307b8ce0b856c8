"""The ERPs that the contract suite runs over, and a context for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from fakes.context import PlainContext
from peers.tryton import connection_to, tryton

__all__ = ["context", "tryton"]

ERPS = [pytest.param("tryton", marks=pytest.mark.tryton)]


@pytest.fixture(params=ERPS)
def context(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PlainContext]:
    """A context whose connection `erp` leads to the ERP under test; an adapter joins the suite by joining ERPS."""
    server = request.getfixturevalue(request.param)
    with PlainContext(tmp_path, connections={"erp": connection_to(server)}, key=f"key/{uuid4().hex}") as context:
        yield context
