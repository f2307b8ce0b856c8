"""Writing a file so that it is there whole or as it was before, whatever happens meanwhile."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PARTIAL = ".partial"


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Gives the path of a new file beside `target`; on leaving it is on the disk, and then takes target's place.

    An error inside leaves target as it was. The permissions of a target that exists are kept.
    """
    partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}{PARTIAL}")
    try:
        yield partial
        if target.exists():
            shutil.copymode(target, partial)
        flush(partial)
        partial.replace(target)
        flush(target.parent)
    finally:
        with suppress(FileNotFoundError):
            partial.unlink()


def write(target: Path, content: bytes) -> None:
    """Put `content` at `target`, whole or not at all."""
    with replacing(target) as partial:
        partial.write_bytes(content)


def leftovers(target: Path) -> list[Path]:
    """What writers of `target` left behind that were killed before they were done."""
    head = f".{target.name}."
    return [one for one in target.parent.glob(f".*{PARTIAL}") if one.name.startswith(head)]


def flush(path: Path) -> None:
    """Have the disk confirm a file, or the names in a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
