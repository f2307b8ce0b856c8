"""`files.write`, `files.copy`: putting a file somewhere, whole or not at all. Repeating leaves the same state."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from bots import atomic_write
from bots.files.place import digest, disk, name_of, refuse_to_overwrite, same_content, shown, source, target
from engine.action import Effect, Preview, action
from engine.context import Context, File
from engine.errors import BusinessException

SHOWN = 200
"""Characters of a text that a preview shows."""


class Write(BaseModel):
    model_config = ConfigDict(extra="forbid")

    file: str = Field(description="Where to write, in the project's files; folders that are missing are made")
    text: str = Field(description="What to write; it takes the place of what is there")
    encoding: str = Field(default="utf-8", description="How its letters are written: utf-8, cp1252, latin-1")

    @property
    def content(self) -> bytes:
        try:
            return self.text.encode(self.encoding)
        except (UnicodeEncodeError, LookupError) as error:
            raise BusinessException(
                "NOT_ENCODABLE",
                f"the text for {self.file} cannot be written in {self.encoding} ({error})",
                advice="write it in utf-8",
            ) from None


class Placed(BaseModel):
    path: str = Field(description="Where it lies, as a workflow writes it")
    name: str
    size: int = Field(description="Bytes")
    sha256: str
    changed: bool = Field(description="false: it lay there already, just so")


def preview_write(input: Write, context: Context) -> Preview:
    path = context.path(input.file)
    before = path.read_bytes().decode(input.encoding, "replace") if path.is_file() else None
    if before == input.text:
        return Preview(input.file, {})
    return Preview(input.file, {"text": (None if before is None else _cut(before), _cut(input.text))})


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(text)} characters)"


@action("files.write", effect=Effect.IDEMPOTENT, preview=preview_write)
def write(input: Write, context: Context) -> Placed:
    """Write a text file."""
    path = context.path(input.file)
    if path.is_dir():
        raise BusinessException("IS_A_FOLDER", f"{input.file} is a folder, not a file", advice="name a file in it")
    content = input.content
    with disk(input.file):
        changed = not path.exists() or path.read_bytes() != content
        if changed:
            path.parent.mkdir(parents=True, exist_ok=True)
            atomic_write.write(path, content)
    sha256 = hashlib.sha256(content).hexdigest()
    context.event("files.write", file=input.file, size=len(content), changed=changed)
    return Placed(path=input.file, name=path.name, size=len(content), sha256=sha256, changed=changed)


class Copy(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    source: File | str = Field(
        alias="from", description="The file: one that the item carries, or of the project's files"
    )
    to: str = Field(description="Where to; a folder, or a name that ends in a slash, keeps the file's own name")
    overwrite: bool = Field(default=False, description="Replace a file of this name that has another content")


def preview_copy(input: Copy, context: Context) -> Preview:
    path = source(input.source, context)
    there, written = target(input.to, name_of(input.source), context)
    before = f"{there.stat().st_size} bytes" if there.is_file() else None
    if before is not None and same_content(path, there):
        return Preview(written, {})
    return Preview(written, {"content": (before, f"{path.stat().st_size} bytes of {shown(input.source)}")})


@action("files.copy", effect=Effect.IDEMPOTENT, preview=preview_copy)
def copy(input: Copy, context: Context) -> Placed:
    """Copy a file. One that lies there already with the same content is left."""
    path = source(input.source, context)
    there, written = target(input.to, name_of(input.source), context)
    with disk(written):
        changed = not there.exists() or not same_content(path, there)
        if changed and there.exists() and not input.overwrite:
            raise refuse_to_overwrite(written)
        if changed:
            place(path, there)
        done = Placed(path=written, name=there.name, size=there.stat().st_size, sha256=digest(there), changed=changed)
    context.event("files.copy", source=shown(input.source), to=written, changed=changed)
    return done


def place(path: Path, there: Path) -> None:
    """Put a copy of `path` at `there`, with its time."""
    there.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write.replacing(there) as partial:
        shutil.copy2(path, partial)
