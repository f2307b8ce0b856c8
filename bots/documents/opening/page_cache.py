"""Pages kept by the content of their file, so that a document that was read once costs no second OCR.

An entry is gzipped JSON, named by a hash of the content, of what was asked and of the program that reads. The folder
may be deleted at any time, and processes may share it.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import os
import tempfile
import zlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from bots.documents.ocr.port import engine_for
from bots.documents.opening.stretch import Content, Request, Stretch, state_of
from bots.documents.pages.codec import from_plain, to_plain
from bots.documents.pages.pdf_file import Unreadable

_READS = ("pdfplumber", "pdfminer.six", "pypdfium2", "pillow")
_SLACK = 16  # the folder is looked through when a sixteenth of its size was added
_UNFINISHED = ".part"


class PageCache:
    """Stretches of pages in a folder of at most `most` bytes, the ones not used for longest going first."""

    def __init__(self, folder: Path, most: int = 1 << 30) -> None:
        self.folder = folder
        self.most = most
        self._added = most  # so that the first entry looks what is there

    def find(self, asked: Request, content: Content) -> Stretch | None:
        """What was kept for this request; None where there is nothing, or nothing that can be used."""
        file = self._file(asked, content)
        try:
            engine, plain = json.loads(gzip.decompress(file.read_bytes()))
            stretch = from_plain(Stretch, plain)
            os.utime(file)
        except FileNotFoundError:
            return None
        except (OSError, EOFError, zlib.error, ValueError, TypeError):
            # Damaged: it is made again, and then replaced.
            return None
        return stretch if engine == _engine_of(asked, stretch) else None

    def keep(self, asked: Request, content: Content, stretch: Stretch) -> None:
        """Keep what was read, unless the file changed meanwhile or a page was given up."""
        if state_of(asked.path) != content.state or any(page.unread for page in stretch.pages):
            return
        entry = json.dumps([_engine_of(asked, stretch), to_plain(stretch)]).encode()
        packed = gzip.compress(entry, 4, mtime=0)
        # Where the folder cannot be written, or is full, reading goes on without it.
        with contextlib.suppress(OSError):
            self._write(self._file(asked, content), packed)
            self._added += len(packed)
            if self._added > self.most // _SLACK:
                self._trim()

    def _write(self, file: Path, packed: bytes) -> None:
        """All of an entry or nothing, whatever happens meanwhile; for nobody else's eyes."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.parent.mkdir(exist_ok=True)
        handle, unfinished = tempfile.mkstemp(dir=file.parent, suffix=_UNFINISHED)
        try:
            with os.fdopen(handle, "wb") as part:
                part.write(packed)
            Path(unfinished).replace(file)
        except OSError:
            Path(unfinished).unlink()
            raise

    def _file(self, asked: Request, content: Content) -> Path:
        how = {name: value for name, value in asked.plain.items() if name != "path"}
        key = json.dumps([content.digest, how, _program()], sort_keys=True)
        name = hashlib.sha256(key.encode()).hexdigest()
        return self.folder / name[:2] / f"{name}.json.gz"

    def _trim(self) -> None:
        """Delete the entries that were not used for longest, until the rest fits with some room to spare."""
        entries = sorted(self._entries(), key=lambda entry: entry[0])
        room = self.most - self.most // _SLACK
        held = sum(size for _, size, _ in entries)
        for _, size, file in entries:
            if held <= room:
                break
            file.unlink(missing_ok=True)
            held -= size
        self._added = 0

    def _entries(self) -> Iterator[tuple[float, int, Path]]:
        for file in self.folder.glob("??/*"):
            with contextlib.suppress(FileNotFoundError):  # another process was faster
                found = file.stat()
                yield found.st_mtime, found.st_size, file


def _engine_of(asked: Request, stretch: Stretch) -> str:
    """The engine that read the pictures among the pages; it does not matter where there are none."""
    if not any(page.source == "ocr" for page in stretch.pages):
        return ""
    return _engine(asked.ocr, asked.second)


@lru_cache(maxsize=16)
def _engine(ocr: str, second: bool) -> str:
    try:
        engine = engine_for(ocr, second=second)
    except Unreadable:  # the words came with the file, from the OCR of some scanner
        return "none"
    return f"{engine.name} {engine.version}"


@lru_cache(maxsize=1)
def _program() -> str:
    """What pages depend on beside the file: our own code and the libraries that open it."""
    from importlib.metadata import version

    own: Any = hashlib.sha256()
    for file in sorted(Path(__file__).parents[1].rglob("*.py")):
        own.update(file.read_bytes())
    return " ".join([own.hexdigest(), *(f"{name} {version(name)}" for name in _READS)])
