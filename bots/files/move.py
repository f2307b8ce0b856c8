"""`files.move`, `files.rename`, `files.delete`: what takes a file away from where it was."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bots import atomic_write
from bots.files.place import digest, disk, name_of, refuse_to_overwrite, same_content, source, target
from bots.files.write import Placed, place
from engine.action import Done, Effect, NotDone, Preview, Settlement, Unsettled, action
from engine.context import Context
from engine.errors import BusinessException, Outcome

_NO_LINKS = (errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK)
"""What a file system says that knows no second name for a file, or not across its border."""


class Move(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    source: str = Field(alias="from", description="The file, in the project's files")
    to: str = Field(description="Where to; a folder, or a name that ends in a slash, keeps the file's own name")
    overwrite: bool = Field(default=False, description="Replace a file of this name that has another content")


def settle_move(input: Move, context: Context) -> Settlement:
    return _settle(context.path(input.source), input.source, *target(input.to, name_of(input.source), context))


def preview_move(input: Move, context: Context) -> Preview:
    source(input.source, context)
    there, written = target(input.to, name_of(input.source), context)
    replaced = f"{there.stat().st_size} bytes, replaced" if there.is_file() else None
    changes: dict[str, tuple[str | None, str | None]] = {"path": (input.source, written)}
    return Preview(input.source, changes | ({"file at the new place": (replaced, None)} if replaced else {}))


@action("files.move", effect=Effect.SEARCHABLE, verify=settle_move, preview=preview_move)
def move(input: Move, context: Context) -> Placed:
    """Move a file. It is never gone from both places, and never overwrites another file unasked."""
    path = source(input.source, context)
    there, written = target(input.to, name_of(input.source), context)
    done = _move(path, there, written, input.overwrite)
    context.event("files.move", source=input.source, to=written)
    return done


class Rename(BaseModel):
    model_config = ConfigDict(extra="forbid")

    file: str = Field(description="The file, in the project's files")
    name: str = Field(min_length=1, description="Its new name, in the same folder")
    overwrite: bool = Field(default=False, description="Replace a file of this name that has another content")

    @field_validator("name")
    @classmethod
    def one_name(cls, name: str) -> str:
        if "/" in name or "\\" in name or name in (".", ".."):
            raise ValueError("a name has no folders in it; files.move puts a file into another folder")
        return name

    @property
    def to(self) -> str:
        folder, slash, _ = self.file.rstrip("/").rpartition("/")
        return f"{folder}{slash}{self.name}"


def settle_rename(input: Rename, context: Context) -> Settlement:
    return _settle(context.path(input.file), input.file, context.path(input.to), input.to)


def preview_rename(input: Rename, context: Context) -> Preview:
    source(input.file, context)
    return Preview(input.file, {"name": (name_of(input.file), input.name)})


@action("files.rename", effect=Effect.SEARCHABLE, verify=settle_rename, preview=preview_rename)
def rename(input: Rename, context: Context) -> Placed:
    """Give a file another name in its folder."""
    there = context.path(input.to)
    if there.is_dir():
        raise BusinessException("IS_A_FOLDER", f"{input.to} is a folder", advice="choose another name")
    done = _move(source(input.file, context), there, input.to, input.overwrite)
    context.event("files.rename", file=input.file, to=input.to)
    return done


def _move(path: Path, there: Path, written: str, overwrite: bool) -> Placed:
    with disk(written, Outcome.UNKNOWN):
        if there.exists() and not there.samefile(path):
            if not overwrite and not same_content(path, there):
                raise refuse_to_overwrite(written)
            path.replace(there) if path.stat().st_dev == there.stat().st_dev else place(path, there)
        elif not there.exists():
            there.parent.mkdir(parents=True, exist_ok=True)
            _give_second_name(path, there, written)
        if path != there:
            path.unlink(missing_ok=True)
        atomic_write.flush(there.parent)
        return _placed(there, written)


def _give_second_name(path: Path, there: Path, written: str) -> None:
    """A second name fails where somebody put a file there in this moment; a rename would overwrite it."""
    try:
        os.link(path, there, follow_symlinks=False)
    except FileExistsError:
        raise refuse_to_overwrite(written) from None
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        place(path, there)


def _settle(path: Path, given: str, there: Path, written: str) -> Settlement:
    if path.exists():
        return NotDone()  # also when it has both names: moving again takes the first one away
    if there.is_file():
        return Done(_placed(there, written))
    return Unsettled(f"{given} is gone and {written} is not there")


def _placed(there: Path, written: str) -> Placed:
    return Placed(path=written, name=there.name, size=there.stat().st_size, sha256=digest(there), changed=True)


class Delete(BaseModel):
    model_config = ConfigDict(extra="forbid")

    file: str = Field(description="The file, in the project's files")


class Deleted(BaseModel):
    deleted: bool = Field(description="false: there was no such file")


def preview_delete(input: Delete, context: Context) -> Preview:
    path = context.path(input.file)
    return Preview(input.file, {"file": (f"{path.stat().st_size} bytes", None)} if path.is_file() else {})


@action("files.delete", effect=Effect.IDEMPOTENT, preview=preview_delete)
def delete(input: Delete, context: Context) -> Deleted:
    """Delete one file for good. One that is not there is no error."""
    path = context.path(input.file)
    if path.is_dir():
        raise BusinessException("IS_A_FOLDER", f"{input.file} is a folder, not a file", advice="name one file")
    with disk(input.file):
        there = path.exists()
        path.unlink(missing_ok=True)
    context.event("files.delete", file=input.file, deleted=there)
    return Deleted(deleted=there)
