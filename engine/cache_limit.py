"""Keeps a folder of copies below a size: what was used longest ago goes first."""

from __future__ import annotations

import threading
import time
from pathlib import Path

IN_USE = 3600.0
"""Seconds for which a file that was asked for stays whatever the size: a step may be reading it."""


class CacheLimit:
    """`limit` in bytes. Any number of processes may share the folder; each looks after it has added a tenth of it."""

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder = folder
        self.limit = limit
        self._lock = threading.Lock()
        self._added = limit  # the first look is with the first file: what is there may be of an earlier process

    def grown(self, size: int) -> None:
        """Bytes were added; ones used long ago are removed where that is too much."""
        with self._lock:
            self._added += size
            if self._added < self.limit / 10:
                return
            self._added = 0
            self._shrink()

    def _shrink(self) -> None:
        found = []
        for path in self.folder.rglob("*"):
            try:
                status = path.stat()
            except FileNotFoundError:
                continue  # another process removed it
            if path.is_file():
                found.append((status.st_mtime, status.st_size, path))
        total = sum(size for _, size, _ in found)
        now = time.time()
        for used, size, path in sorted(found):
            if total <= self.limit or now - used < IN_USE:
                return
            path.unlink(missing_ok=True)
            total -= size
