"""npm packages that tests need, of the lock file in a folder beside: fetched once into the cache outside git.

Later sessions need neither npm nor a network.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from demo.erp.database import alone, cache_folder

FETCH_SECONDS = 120


def fetched(pinned: Path) -> Path:
    """The folder with `node_modules` of this lock file; skips the test where it cannot be had."""
    digest = hashlib.sha256((pinned / "package-lock.json").read_bytes()).hexdigest()[:16]
    folder = cache_folder() / pinned.name / digest
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with alone(folder.parent / "lock"):
            if not folder.exists():
                _fetch(pinned, folder)
    return folder


def _fetch(pinned: Path, folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip(f"{pinned.name} is not cached, and there is no npm to fetch it with (apt-get install npm)")
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="fetching-") as name:
        whole = Path(name) / "whole"
        shutil.copytree(pinned, whole)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        try:
            done = subprocess.run(
                command, cwd=whole, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            pytest.skip(f"npm did not fetch {pinned.name} within {FETCH_SECONDS} s")
        if done.returncode:
            pytest.skip(f"npm could not fetch {pinned.name}: {done.stderr.strip()[-300:]}")
        whole.rename(folder)
