"""Tryton's web client for the browser tests: the npm package of the lock file beside, served by the ERP itself.

It is fetched once (13 s) into the cache outside git; later sessions need neither npm nor a network. Take the fixture
by importing it: `from peers.sao_client import sao`.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from peers.tryton import PASSWORD

from demo.erp.database import alone, cache_folder
from demo.erp.server import TrytonServer

PINNED = Path(__file__).parent / "sao"
FETCH_SECONDS = 120


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
    digest = hashlib.sha256((PINNED / "package-lock.json").read_bytes()).hexdigest()[:16]
    folder = cache_folder() / "sao" / digest
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with alone(folder.parent / "lock"):
            if not folder.exists():
                _fetch(folder)
    return folder / "node_modules" / "tryton-sao"


def _fetch(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("Tryton's web client is not cached, and there is no npm to fetch it with (apt-get install npm)")
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="fetching-") as name:
        whole = Path(name) / "whole"
        shutil.copytree(PINNED, whole)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        try:
            done = subprocess.run(
                command, cwd=whole, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            pytest.skip(f"npm did not fetch Tryton's web client within {FETCH_SECONDS} s")
        if done.returncode:
            pytest.skip(f"npm could not fetch Tryton's web client: {done.stderr.strip()[-300:]}")
        (whole / "node_modules" / "tryton-sao" / "node_modules").symlink_to("..")
        whole.rename(folder)


@pytest.fixture(scope="session")
def sao(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrytonWebServer]:
    """Shared by all tests of a process: make your own parties and invoices."""
    with TrytonWebServer(tmp_path_factory.mktemp("sao"), web_client()) as server:
        yield server
