"""Tryton's web client for the browser tests: the npm package of the lock file beside, served by the ERP itself.

It is fetched once (13 s), see `npm`. Take the fixture by importing it: `from peers.sao_client import sao`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from peers.npm import fetched
from peers.tryton import PASSWORD

from demo.erp.server import TrytonServer

PINNED = Path(__file__).parent / "sao"


class TrytonWebServer(TrytonServer):
    """The demo's ERP with its web client at `/`."""

    def __init__(self, folder: Path, web: Path) -> None:
        super().__init__(folder, password=PASSWORD)
        self.web = web

    def prepare(self) -> None:
        super().prepare()
        with self.served.open("a") as settings:
            settings.write(f"[web]\nroot = {self.web}\n")


def web_client() -> Path:
    """The folder of the web client, fetched if this version is not there yet; skips the test where it cannot be."""
    modules = fetched(PINNED) / "node_modules"
    own = modules / "tryton-sao" / "node_modules"
    if not own.is_symlink():
        with suppress(FileExistsError):  # another process was quicker
            own.symlink_to("..")
    return modules / "tryton-sao"


@pytest.fixture(scope="session")
def sao(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrytonWebServer]:
    """Shared by all tests of a process: make your own parties and invoices."""
    with TrytonWebServer(tmp_path_factory.mktemp("sao"), web_client()) as server:
        yield server
