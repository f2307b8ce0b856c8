"""`files.zip`, `files.unzip`: packing files into one, and taking them out without trusting the package."""

from __future__ import annotations

import stat
import time
import zipfile
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ConfigDict, Field

from bots import atomic_write
from bots.files.place import digest, disk, name_of, shown, source
from engine.action import Effect, Preview, action
from engine.context import Context, File
from engine.errors import BusinessException
from engine.nearest import listed

LARGEST = 2**30
"""Bytes that a package may hold unpacked."""
MOST = 10_000
"""Files that a package may hold."""


class Zip(BaseModel):
    model_config = ConfigDict(extra="forbid")

    files: list[File | str] = Field(min_length=1, description="The files: of the item, or of the project's files")
    to: str = Field(description="The .zip file, in the project's files; one that is there is replaced")


class Zipped(BaseModel):
    path: str
    count: int
    size: int = Field(description="Bytes")
    sha256: str


def preview_zip(input: Zip, context: Context) -> Preview:
    there = context.path(input.to)
    before = f"{there.stat().st_size} bytes" if there.is_file() else None
    return Preview(input.to, {"files": (before, ", ".join(map(name_of, input.files)))})


@action("files.zip", effect=Effect.IDEMPOTENT, preview=preview_zip)
def pack(input: Zip, context: Context) -> Zipped:
    """Pack files into a zip file, each under its own name. The same files give the same bytes."""
    names = [name_of(file) for file in input.files]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BusinessException(
            "NAME_NOT_UNIQUE", f"several files are called {listed(twice)}", advice="rename all but one of them"
        )
    paths = [source(file, context) for file in input.files]
    there = context.path(input.to)
    with disk(input.to):
        there.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write.replacing(there) as partial, zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as package:
            for name, path in zip(names, paths, strict=True):
                _add(package, name, path)
        size, sha256 = there.stat().st_size, digest(there)
    context.event("files.zip", file=input.to, count=len(names))
    return Zipped(path=input.to, count=len(names), size=size, sha256=sha256)


def _add(package: zipfile.ZipFile, name: str, path: Path) -> None:
    changed = time.gmtime(max(path.stat().st_mtime, 315_532_800))  # a zip file knows no time before 1980
    entry = zipfile.ZipInfo(name, changed[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    with path.open("rb") as content, package.open(entry, "w", force_zip64=True) as out:
        while piece := content.read(2**20):
            out.write(piece)


class Unzip(BaseModel):
    model_config = ConfigDict(extra="forbid")

    file: File | str = Field(description="The .zip file: one that the item carries, or one of the project's files")
    to: str = Field(description="The folder, in the project's files; files of the same name in it are replaced")


class Unzipped(BaseModel):
    folder: str
    files: list[str] = Field(description="The paths of the files taken out, as a workflow writes them")
    count: int


def preview_unzip(input: Unzip, context: Context) -> Preview:
    with _opened(input.file, context) as package:
        names = [str(_inside(entry, input.file)) for entry in _files(package, input.file)]
    folder = context.path(input.to)
    return Preview(input.to, {name: ("replaced" if (folder / name).exists() else None, "new") for name in names})


@action("files.unzip", effect=Effect.IDEMPOTENT, preview=preview_unzip)
def unpack(input: Unzip, context: Context) -> Unzipped:
    """Take all files out of a zip file. A name that leads out of the folder, a link, or too much content is refused."""
    with _opened(input.file, context) as package:
        entries = _files(package, input.file)
        inside = [_inside(entry, input.file) for entry in entries]
        written = [f"{input.to.rstrip('/')}/{name}" for name in inside]
        paths = [context.path(name) for name in written]
        with disk(input.to):
            for entry, path in zip(entries, paths, strict=True):
                path.parent.mkdir(parents=True, exist_ok=True)
                _take_out(package, entry, path, shown(input.file))
    context.event("files.unzip", file=shown(input.file), count=len(written))
    return Unzipped(folder=input.to, files=written, count=len(written))


def _opened(file: File | str, context: Context) -> zipfile.ZipFile:
    path = source(file, context)
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        raise BusinessException(
            "NOT_A_ZIP_FILE", f"{shown(file)} is no zip file, or is damaged", advice="ask the sender for it again"
        ) from None


def _files(package: zipfile.ZipFile, file: File | str) -> list[zipfile.ZipInfo]:
    entries = [entry for entry in package.infolist() if not entry.is_dir()]
    size = sum(entry.file_size for entry in entries)
    if size > LARGEST or len(entries) > MOST:
        raise BusinessException(
            "ZIP_TOO_LARGE",
            f"{shown(file)} holds {len(entries):,} files with {size:,} bytes; up to {MOST:,} files and "
            f"{LARGEST:,} bytes are taken out",
            advice="unpack it by hand",
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise BusinessException(
            "ZIP_ENCRYPTED", f"{shown(file)} is protected with a password", advice="ask the sender for it without one"
        )
    return entries


def _inside(entry: zipfile.ZipInfo, file: File | str) -> PurePosixPath:
    name = PurePosixPath(entry.filename.replace("\\", "/"))
    link = stat.S_ISLNK(entry.external_attr >> 16)
    if link or not name.parts or name.is_absolute() or ".." in name.parts or ":" in name.parts[0]:
        raise BusinessException(
            "ZIP_UNSAFE",
            f"{shown(file)} holds {entry.filename!r}, which leads out of the folder",
            advice="do not open it; ask the sender",
        )
    return name


def _take_out(package: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, shown_as: str) -> None:
    try:
        with atomic_write.replacing(path) as partial, package.open(entry) as content, partial.open("wb") as out:
            left = entry.file_size
            while piece := content.read(2**20):
                left -= len(piece)
                if left < 0:
                    raise zipfile.BadZipFile("it holds more than it says")
                out.write(piece)
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise BusinessException(
            "NOT_A_ZIP_FILE",
            f"{shown_as} is damaged at {entry.filename} ({error})",
            advice="ask the sender for it again",
        ) from error
