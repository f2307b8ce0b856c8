"""Fingerprints of text and files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.errors import ExpressionError
from engine.functions.function import Function, expects
from engine.values import as_text


def sha256(value: Any) -> str:
    """The SHA-256 of a file's content, or of a text in UTF-8, in hexadecimal digits."""
    if isinstance(value, Mapping) and "path" in value:
        return str(value.get("sha256") or _of_file(Path(str(value["path"]))))
    if value is None or isinstance(value, (list, Mapping)):
        raise expects("sha256", "a file or text", value)
    return hashlib.sha256(as_text(value).encode()).hexdigest()


def _of_file(path: Path) -> str:
    if not path.is_file():
        raise ExpressionError(f"sha256(...): there is no file {path}", advice="check that the file is still there")
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ExpressionError(
            f"sha256(...) cannot read the file {path}: {error.strerror}", advice="check that the file is still there"
        ) from None


TABLE = (Function("sha256", sha256),)
