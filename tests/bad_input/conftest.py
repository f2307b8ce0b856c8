"""A project for each test, an invoice for all of them, and one Tryton server."""

from __future__ import annotations

from pathlib import Path

import pytest
from bad_input_office import Office
from peers.tryton import tryton

__all__ = ["invoice", "office", "tryton"]

SAMPLE = Path(__file__).parents[2] / "commands" / "new_project" / "samples" / "invoice.pdf"


@pytest.fixture
def office(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An empty project."""
    return Office(tmp_path / "office", tmp_path_factory.getbasetemp() / "bytecode")


@pytest.fixture(scope="session")
def invoice() -> bytes:
    """A PDF with an invoice that is read without doubt."""
    return SAMPLE.read_bytes()
