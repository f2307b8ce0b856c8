"""Artifacts: files kept by a run, stored once by content, in a folder or in a bucket that a fleet shares."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Protocol

from engine.context import File

FILES = "files"
PART = ".part-"
"""What a file is called while it is being written."""


class Artifacts(Protocol):
    """Where files are kept. ApplicationException ARTIFACTS_UNREACHABLE while the place does not answer."""

    folder: Path  # what is on this machine lies in it

    def put(self, content: bytes) -> str:
        """Keep the bytes; returns their SHA-256. Durable when this returns, and never seen by halves."""

    def get(self, digest: str) -> bytes:
        """The bytes; FileNotFoundError if they are not kept."""

    def path(self, digest: str) -> Path:
        """Where the content lies on this machine, brought here if need be; no such file if it is not kept."""

    def take_in(self, source: Path) -> File:
        """An immutable copy of a file, under its own name, for a work item to carry. Durable when this returns."""

    def known(self, path: str) -> File | None:
        """The file that was taken in and is called so on every machine; None for any other path."""

    def here(self, path: str) -> Path:
        """Where a file that an item carries lies on this machine, brought here if need be."""

    def at_hand(self, values: Any) -> Any:
        """Plain data with the path of each file that an item carries as it is on this machine."""

    def names(self) -> Iterator[str]:
        """Everything that is kept, as paths below the place: what a backup goes through."""

    def borrowed(self, name: str) -> AbstractContextManager[Path]:
        """One of `names` as a file of this machine, for as long as it is asked for."""

    def remove(self, digest: str) -> None:
        """Keep this content no longer, under whatever name it was taken in; nothing if it is not kept."""

    def copy_in(self, source: Path, name: str) -> None:
        """What `borrowed` gave, back under its name; what is there already is the same and stays."""


class ArtifactFolder:
    """`folder/ab/abcdef...` by SHA-256; writing the same content twice keeps one file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        target = self.path(digest)
        if target.exists():
            return digest
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=PART)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
        return digest

    def get(self, digest: str) -> bytes:
        return self.path(digest).read_bytes()

    def path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest

    def take_in(self, source: Path) -> File:
        with source.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        target = self.folder / carried(digest, source.name)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            copy_whole(source, target)
        return File(path=str(target), name=source.name, sha256=digest)

    def known(self, path: str) -> File | None:
        return None

    def here(self, path: str) -> Path:
        return Path(path)

    def at_hand(self, values: Any) -> Any:
        return values

    def names(self) -> Iterator[str]:
        for place in self.folder.rglob("*") if self.folder.is_dir() else ():
            if place.is_file() and not place.name.startswith(PART):
                yield place.relative_to(self.folder).as_posix()

    def borrowed(self, name: str) -> AbstractContextManager[Path]:
        return nullcontext(self.folder / name)

    def remove(self, digest: str) -> None:
        self.path(digest).unlink(missing_ok=True)
        shutil.rmtree((self.folder / carried(digest, "")), ignore_errors=True)

    def copy_in(self, source: Path, name: str) -> None:
        target = self.folder / name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            copy_whole(source, target)


class Aside(ArtifactFolder):
    """A dry run's folder: what it keeps goes there, what items carry comes from the project's own place."""

    def __init__(self, folder: Path, real: Artifacts) -> None:
        super().__init__(folder)
        self.real = real

    def known(self, path: str) -> File | None:
        return self.real.known(path)

    def here(self, path: str) -> Path:
        return self.real.here(path)

    def at_hand(self, values: Any) -> Any:
        return self.real.at_hand(values)


def carried(digest: str, name: str) -> str:
    """Where a file that an item carries is kept, below the place."""
    return f"{FILES}/{digest[:2]}/{digest}/{name}"


def copy_whole(source: Path, target: Path) -> None:
    """On the disk when this returns, and never seen by halves under its name."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=PART)
    with os.fdopen(handle, "wb") as copy, source.open("rb") as file:
        shutil.copyfileobj(file, copy)
        copy.flush()
        os.fsync(copy.fileno())
    Path(name).replace(target)
