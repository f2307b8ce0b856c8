"""Where a file lies: names from workflows made into paths, and what may be wrong with them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.context import Context, File
from engine.errors import ApplicationException, BusinessException, Outcome


def source(file: File | str, context: Context) -> Path:
    """The path of a file that must be there. One that an item carries is known by its own copy."""
    path = Path(file.path) if isinstance(file, File) else context.path(file)
    if path.is_dir():
        raise BusinessException("IS_A_FOLDER", f"{shown(file)} is a folder, not a file", advice="name one file")
    if not path.exists():
        raise BusinessException("FILE_NOT_FOUND", f"there is no file {shown(file)}", advice="check the path")
    return path


def target(to: str, name: str, context: Context) -> tuple[Path, str]:
    """Where to put a file called `name`: `to` itself, or inside it where it is a folder or ends in a slash.

    Returns the path, and how a workflow writes it.
    """
    path = context.path(to)
    if to.endswith("/") or path.is_dir():
        to = f"{to.rstrip('/')}/{name}"
        path = context.path(to)
    return path, to


def shown(file: File | str) -> str:
    return file.name if isinstance(file, File) else file


def name_of(file: File | str) -> str:
    return file.name if isinstance(file, File) else file.rstrip("/").rpartition("/")[2]


def digest(path: Path) -> str:
    """SHA-256 of the content, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def same_content(one: Path, other: Path) -> bool:
    return one.stat().st_size == other.stat().st_size and digest(one) == digest(other)


def refuse_to_overwrite(to: str) -> BusinessException:
    return BusinessException(
        "FILE_EXISTS",
        f"{to} is there already, with another content",
        advice="choose another name, or say overwrite: true",
    )


@contextmanager
def disk(shown_as: str, outcome: Outcome = Outcome.NOT_DONE) -> Iterator[None]:
    """Tell of a full disk or missing rights in words; `outcome` is what is then known of the effect."""
    try:
        yield
    except OSError as error:
        raise ApplicationException(
            "FILE_SYSTEM",
            f"{shown_as}: {error.strerror or error}",
            advice="see to the rights of the folder and the space on the disk",
            outcome=outcome,
        ) from error
