"""A kept file as an answer that no browser runs: pictures and plain text are shown, the rest is downloaded."""

from __future__ import annotations

from pathlib import Path

from fastapi.responses import FileResponse

from engine.errors import UsageError

SHOWN = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
AS_TEXT = frozenset({"text/plain", "application/json", "text/csv", "text/x-log"})
SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"


def file_answer(folder: Path, path: str | Path, name: str, media_type: str) -> FileResponse:
    """The file at `path`, which must lie in `folder`. A page, an SVG or what is not known is only ever downloaded."""
    place = Path(path).resolve()
    if not place.is_relative_to(folder.resolve()) or not place.is_file():
        raise UsageError("this file is not kept any more", advice="it may have been cleared by the retention rules")
    plain = media_type.partition(";")[0].strip().lower()
    if plain in SHOWN:
        kind, disposition = plain, "inline"
    elif plain in AS_TEXT:
        kind, disposition = "text/plain; charset=utf-8", "inline"
    else:
        kind, disposition = "application/octet-stream", "attachment"
    headers = {
        "content-security-policy": SANDBOX,
        # What is kept under an id never changes.
        "cache-control": "private, max-age=3600, immutable",
    }
    return FileResponse(
        place, media_type=kind, filename=_safe(name), content_disposition_type=disposition, headers=headers
    )


def _safe(name: str) -> str:
    """A file name without folders and control characters."""
    kept = "".join(letter for letter in name.replace("\\", "/").rpartition("/")[2] if letter.isprintable())
    return kept.lstrip(".")[:150] or "file"
