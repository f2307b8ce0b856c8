"""A stretch of pages: what is asked of a file at once, and what comes back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bots.documents.invoices.einvoice import EInvoice
from bots.documents.opening.load import OcrChoice
from bots.documents.pages.page import Page

STRETCH = 50  # pages: what is held of a document that is streamed


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds, and the state it was in when it was looked at."""

    digest: str
    state: tuple[int, int, int]

    @classmethod
    def of(cls, path: Path) -> Content:
        """The content of a file by its SHA-256. OSError where it cannot be read."""
        with path.open("rb") as file:
            state = state_of(path)
            return cls(hashlib.file_digest(file, "sha256").hexdigest(), state)


def state_of(path: Path) -> tuple[int, int, int]:
    """What changes when a file is written or replaced."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a file: its pages `first` to `last`, as far as there are, read in this way."""

    path: Path
    ocr: OcrChoice = "auto"
    second: bool = False  # scans are read in the other way
    einvoice: bool = False
    first: int = 1
    last: int = STRETCH
    content: Content | None = None  # where the answer may come from a cache

    @property
    def plain(self) -> dict[str, Any]:
        """As a child is asked."""
        asked = {name: getattr(self, name) for name in ("ocr", "second", "einvoice", "first", "last")}
        return {"ask": "pages", "path": str(self.path.absolute()), **asked}


@dataclass
class Stretch:
    """Some pages of a document that has `count` of them, and its e-invoice or what is wrong with it."""

    count: int = 0
    pages: list[Page] = field(default_factory=list)
    einvoice: EInvoice | None = None
    broken: str = ""
