"""The ERPs that the contract suite runs over, and a context for each test."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from fakes.context import PlainContext
from peers.tryton import connection_to, tryton

from connectors.erp.fake import SETTINGS, FakeBooks, FakeParty, FakeState, resource

__all__ = ["context", "tryton"]

ERPS = [pytest.param("tryton", marks=pytest.mark.tryton), "fake"]


@pytest.fixture(params=ERPS)
def context(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PlainContext]:
    """A context whose connection `erp` leads to the ERP under test; an adapter joins the suite by joining ERPS."""
    fake = request.param == "fake"
    connection = SETTINGS if fake else connection_to(request.getfixturevalue(request.param))
    with PlainContext(tmp_path, connections={"erp": connection}, key=f"key/{uuid4().hex}") as context:
        if fake:
            company = FakeParty(name="Nordwind Handels GmbH", ours=True)
            rates = [Decimal(rate) for rate in (0, 7, 19, 20)]
            books = FakeBooks.of(FakeState(parties=[company], tax_rates=rates))
            context.resource(resource("erp"), lambda: books)
        yield context
