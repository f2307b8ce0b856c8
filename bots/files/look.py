"""`files.list`, `files.read`, `files.exists`: looking, without touching."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bots.files.place import digest, disk, shown, source
from engine.action import action
from engine.context import Context, File
from engine.errors import BusinessException

LARGEST_TEXT = 10 * 2**20
"""Bytes of a file that `files.read` gives to a workflow."""


class List(BaseModel):
    model_config = ConfigDict(extra="forbid")

    folder: str = Field(default=".", description="The folder, in the project's files")
    match: str = Field(default="*", description="Which names: *.pdf, invoice-??.xml; capital letters do not matter")
    recursive: bool = Field(default=False, description="Look into the folders inside, too")


class Listed(BaseModel):
    files: list[dict[str, Any]] = Field(description="name, path, size in bytes, modified; sorted by path")
    count: int


@action("files.list")
def list_files(input: List, context: Context) -> Listed:
    """List the files of a folder. Hidden files, and the marks that Office leaves beside open files, are left out."""
    folder = context.path(input.folder)
    if not folder.is_dir():
        raise BusinessException("FOLDER_NOT_FOUND", f"there is no folder {input.folder}", advice="check the path")
    with disk(input.folder):
        found = sorted(_walk(folder, input.recursive))
    files = [
        _described(folder, path, input.folder) for path in found if fnmatch(path.name.lower(), input.match.lower())
    ]
    return Listed(files=files, count=len(files))


def _walk(folder: Path, recursive: bool) -> list[Path]:
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")] if recursive else []
        found += [Path(place) / name for name in names if not name.startswith((".", "~$"))]
    return [path for path in found if path.is_file()]


def _described(folder: Path, path: Path, written: str) -> dict[str, Any]:
    inside = path.relative_to(folder).as_posix()
    known = path.stat()
    return {
        "name": path.name,
        "path": inside if written in (".", "") else f"{written.rstrip('/')}/{inside}",
        "size": known.st_size,
        "modified": datetime.fromtimestamp(known.st_mtime, UTC),
    }


class Read(BaseModel):
    model_config = ConfigDict(extra="forbid")

    file: File | str = Field(description="The file: one that the item carries, or one of the project's files")
    encoding: str = Field(default="utf-8", description="How its letters are written: utf-8, cp1252, latin-1")


class Content(BaseModel):
    text: str
    size: int = Field(description="Bytes")
    sha256: str


@action("files.read")
def read(input: Read, context: Context) -> Content:
    """Read a text file whole."""
    path = source(input.file, context)
    name = shown(input.file)
    with disk(name):
        size = path.stat().st_size
        if size > LARGEST_TEXT:
            raise BusinessException(
                "FILE_TOO_LARGE",
                f"{name} has {size:,} bytes; a workflow reads up to {LARGEST_TEXT:,}",
                advice="split it, or give it to an action that reads files of its kind",
            )
        content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig" if input.encoding.lower() in ("utf-8", "utf8") else input.encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise BusinessException(
            "NOT_TEXT", f"{name} is no text in {input.encoding} ({error})", advice="name its encoding, as in cp1252"
        ) from None
    return Content(text=text, size=size, sha256=digest(path))


class Exists(BaseModel):
    model_config = ConfigDict(extra="forbid")

    path: str = Field(description="A file or a folder, in the project's files")


class Existing(BaseModel):
    exists: bool
    kind: Literal["file", "folder"] | None
    size: int | None = Field(description="Bytes, of a file")


@action("files.exists")
def exists(input: Exists, context: Context) -> Existing:
    """Say whether a file or a folder is there."""
    path = context.path(input.path)
    if path.is_dir():
        return Existing(exists=True, kind="folder", size=None)
    if not path.exists():
        return Existing(exists=False, kind=None, size=None)
    return Existing(exists=True, kind="file", size=path.stat().st_size)
