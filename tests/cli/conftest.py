"""A project in a temporary folder."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_office import ADDER, Office
from loguru import logger


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A project with one workflow, `adder`, and no connection."""
    for name in ("CLERKWORK_PROJECT", "CLERKWORK_SECRET_KEY", "CLERKWORK_DATABASE"):
        monkeypatch.delenv(name, raising=False)
    made = Office(tmp_path / "office", capsys, monkeypatch)
    made.write("config/settings.yaml", "workers: 1\n")
    made.write("workflows/adder.yaml", ADDER)
    yield made
    logger.remove()
    logging.basicConfig(handlers=[], force=True)
