"""Holds an evidence pack against its manifest: what was changed, taken out, added or swapped is found."""

from __future__ import annotations

import hashlib
import hmac
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from console.evidence.pack import FORMAT, MANIFEST, chained, signature_of
from engine.errors import UsageError

LARGEST_MANIFEST = 50_000_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """`problems` are what is not as it was packed; `signed` says whether this project's key has signed it."""

    item: str
    made: str
    files: int
    head: str
    signed: bool
    problems: list[str]


def verify_pack(file: Path, key: bytes) -> Verdict:
    """What is wrong with a pack; UsageError where it is none. `key` is the project's, for this purpose."""
    try:
        with zipfile.ZipFile(file) as pack:
            manifest = _manifest(file, pack)
            problems = list(_problems(pack, manifest))
    except (OSError, zipfile.BadZipFile, RuntimeError) as error:
        raise UsageError(f"{file} cannot be read as a zip: {error}", advice="give the pack as it was made") from error
    head = str(manifest["head"])
    signature = manifest.get("signature")
    right = signature_of(key, manifest)
    signed = isinstance(signature, str) and hmac.compare_digest(signature.encode(), right.encode())
    if not signed:
        problems.append("it is not signed with the key of this project: it was made elsewhere, or changed")
    return Verdict(str(manifest["item"]), str(manifest["made"]), len(manifest["entries"]), head, signed, problems)


def _manifest(file: Path, pack: zipfile.ZipFile) -> dict[str, Any]:
    try:
        if pack.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
            raise ValueError("it is too large")
        told: dict[str, Any] = json.loads(pack.read(MANIFEST))
        if told["format"] != FORMAT:
            raise ValueError(f"its format is {told['format']}, expected {FORMAT}")
        for entry in told["entries"]:
            str(entry["path"]), str(entry["sha256"]), str(entry["chain"]), int(entry["size"])
        str(told["head"]), str(told["item"]), str(told["made"])
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise UsageError(
            f"{file} has no {MANIFEST} that can be read: {error}", advice="give an evidence pack"
        ) from error
    return told


def _problems(pack: zipfile.ZipFile, manifest: dict[str, Any]) -> Iterator[str]:
    there = [told.filename for told in pack.infolist()]
    for name in sorted({name for name in there if there.count(name) > 1}):
        yield f"{name} is in it twice"
    left, head = set(there) - {MANIFEST}, "0" * 64
    for entry in manifest["entries"]:
        place = str(entry["path"])
        head = chained(head, place, str(entry["sha256"]))
        if place not in left:
            yield f"{place} is missing"
        elif _digest(pack, place, int(entry["size"])) != entry["sha256"]:
            yield f"{place} is not what was packed"
        left.discard(place)
        if head != entry["chain"]:
            yield f"the manifest was changed at {place}: its hash does not follow from those before"
            return
    for place in sorted(left):
        yield f"{place} was added"
    if head != manifest["head"]:
        yield "the manifest's head is not that of its chain: lines were taken away at its end"


def _digest(pack: zipfile.ZipFile, place: str, size: int) -> str:
    """The digest of what is there; it stops where there is more than there was, so that no bomb is unpacked."""
    digest, read = hashlib.sha256(), 0
    try:
        with pack.open(place) as opened:
            while piece := opened.read(1 << 20):
                read += len(piece)
                if read > size:
                    return ""
                digest.update(piece)
    except (zipfile.BadZipFile, OSError, EOFError):
        return ""
    return digest.hexdigest()
