"""The evidence of one item in one file: all that was read, decided and done, to be handed to an auditor.

A zip with a page that opens from disk, the files behind it and a manifest. Each file's SHA-256 is chained to the one
before, and the manifest with the head of the chain is signed with a key of the project, so that `verify` finds every
change, of what the manifest says of itself too.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from mimetypes import guess_extension
from pathlib import Path
from typing import Any

from console.services import ConsoleServices
from console.subject import Subject, is_file, subject_of
from console.timeline import StepView, Timeline, read_timeline
from console.views.fields import FieldView, PageView, fields_of, pages_of
from engine import acts, codec, exceptions, items, ledger
from engine.artifacts import Artifacts
from engine.audit import Entry, lines_of, note
from engine.store import tables
from engine.store.database import Row, Transaction, rows

FORMAT = 1
MANIFEST, INDEX = "manifest.json", "index.html"
PURPOSE = "evidence"
_UNSAFE = re.compile(r"[^\w.-]+")
_SAME_TIME = (1980, 1, 1, 0, 0, 0)
"""Of every file in the zip, so that the same evidence is the same file."""


@dataclass(frozen=True, slots=True)
class Document:
    """What a step read: its fields with their places, and the pages they stand on."""

    step: str
    fields: list[FieldView]
    pages: list[PageView]
    problems: list[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is kept: by its content, or (what an item carries) at a path."""

    digest: str
    path: str = ""

    def place(self, artifacts: Artifacts) -> Path | None:
        """Where it lies; None if it was cleared meanwhile, or lies where nothing is kept."""
        there = (artifacts.here(self.path) if self.path else artifacts.path(self.digest)).resolve()
        return there if there.is_file() and there.is_relative_to(artifacts.folder.resolve()) else None


@dataclass(frozen=True, slots=True)
class Told:
    """All that is kept of an item. `files` are those of the pack, by their path in it."""

    item: Row
    subject: Subject
    runs: list[Timeline]
    documents: dict[str, list[Document]]
    raised: list[Row]
    decisions: list[Row]
    acts: list[Row]
    effects: list[Row]
    audit: list[Row]
    files: dict[str, Kept]
    pictures: dict[str, str]  # an artifact's id -> its path in the pack


def read_evidence(transaction: Transaction, services: ConsoleServices, name: str) -> Told:
    """What there is of this item; UsageError if there is none. What was forgotten is not there any more."""
    item = items.get(transaction, name)
    runs_table = tables.runs
    ids = [
        row["id"]
        for row in rows(transaction, runs_table.select().where(runs_table.c.item == name).order_by(runs_table.c.id))
    ]
    runs = [read_timeline(transaction, str(run), services.clock.now()) for run in ids]
    kept = tables.artifacts
    artifacts = rows(transaction, kept.select().where(kept.c.run.in_(ids)).order_by(kept.c.created, kept.c.id))
    files: dict[str, Kept] = {}
    pictures: dict[str, str] = {}
    for number, row in enumerate(artifacts, 1):
        place = f"files/{number:04}-{_named(str(row['name']), str(row['media_type']))}"
        files[place], pictures[str(row["id"])] = Kept(str(row["sha256"])), place
    for input_, given in item["inputs"].items():
        if is_file(given) and given.get("sha256"):
            place = f"files/input-{_safe(input_)}-{_safe(str(given['name']))}"
            files[place] = Kept(str(given["sha256"]), str(given["path"]))
    raised = tables.exceptions
    return Told(
        item=item,
        subject=subject_of(item, None),
        runs=runs,
        documents={str(run.run["id"]): list(_documents(run)) for run in runs},
        raised=rows(transaction, raised.select().where(raised.c.item == name).order_by(raised.c.id)),
        decisions=exceptions.decisions(transaction, name),
        acts=acts.of_item(transaction, name),
        effects=ledger.effects(transaction, item=name),
        audit=lines_of(transaction, about=name, limit=10_000)[::-1],
        files=files,
        pictures=pictures,
    )


def write_pack(told: Told, services: ConsoleServices, page: str, to: Path, now: datetime) -> str:
    """Write the pack; the head of its chain. `page` is the readable index. Files go through in pieces."""
    entries: list[dict[str, Any]] = []
    head = "0" * 64
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as pack:
        for place, content in _parts(told, services, page):
            digest, size = _add(pack, place, content)
            head = chained(head, place, digest)
            entries.append({"path": place, "sha256": digest, "size": size, "chain": head})
        manifest: dict[str, Any] = {
            "format": FORMAT,
            "item": told.item["id"],
            "workflow": told.item["workflow"],
            "made": now.astimezone(UTC).isoformat(timespec="seconds"),
            "entries": entries,
            "head": head,
        }
        manifest["signature"] = _signature(services, manifest)
        _add(pack, MANIFEST, json.dumps(manifest, indent=1, sort_keys=True).encode())
    return head


def note_download(transaction: Transaction, person: str, told: Told, head: str, now: datetime) -> None:
    """Who took the evidence away, and which."""
    about = f"{told.item['workflow']}/{told.item['id']}"
    note(transaction, Entry(person, "evidence", about, now, f"the pack {head[:16]}"))


def _signature(services: ConsoleServices, manifest: Mapping[str, Any]) -> str | None:
    return None if services.sealing is None else signature_of(services.sealing.derived(PURPOSE), manifest)


def signature_of(key: bytes, manifest: Mapping[str, Any]) -> str:
    """The signature of all that the manifest says: the item and the time as well as the head of the chain."""
    told = {name: value for name, value in manifest.items() if name != "signature"}
    return hmac.digest(key, json.dumps(told, sort_keys=True).encode(), hashlib.sha256).hex()


def chained(head: str, place: str, digest: str) -> str:
    return hashlib.sha256(f"{head}\n{place}\n{digest}".encode()).hexdigest()


def _add(pack: zipfile.ZipFile, place: str, content: bytes | Path) -> tuple[str, int]:
    """Put it in; its digest and size."""
    told = zipfile.ZipInfo(place, _SAME_TIME)
    told.compress_type, told.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    digest, size = hashlib.sha256(), 0
    with pack.open(told, "w") as opened:
        for piece in _pieces(content):
            opened.write(piece)
            digest.update(piece)
            size += len(piece)
    return digest.hexdigest(), size


def _pieces(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as opened:
        while piece := opened.read(1 << 20):
            yield piece


def _parts(told: Told, services: ConsoleServices, page: str) -> Iterator[tuple[str, bytes | Path]]:
    """Every file of the pack, in the order of the chain."""

    def plain(thing: Any) -> bytes:
        told = services.scrubber.scrub_all(codec.readable(thing))
        return json.dumps(told, indent=1, ensure_ascii=False, sort_keys=True).encode()

    yield INDEX, services.scrubber.scrub(page).encode()
    yield "item.json", plain(dict(told.item))
    for run in told.runs:
        yield f"runs/{run.run['id']}.json", plain(_run(run))
        yield f"runs/{run.run['id']}.yaml", services.scrubber.scrub(run.source).encode()
    for name in ("raised", "decisions", "acts", "effects", "audit"):
        place = "exceptions" if name == "raised" else name
        yield f"{place}.json", plain([dict(row) for row in getattr(told, name)])
    yield "effects.csv", _table(told.effects, services).encode()
    for place, kept in told.files.items():
        there = kept.place(services.artifacts)
        if there is not None:  # retention may have cleared it; what the store says of it stays
            yield place, there


def _run(run: Timeline) -> dict[str, Any]:
    return {**run.run, "steps": [_step(step) for step in run.steps]}


def _step(step: StepView) -> dict[str, Any]:
    entry = step.entry
    told = {name: getattr(entry, name) for name in ("path", "kind", "title", "status", "result", "started", "finished")}
    for name in ("attempts", "events", "artifacts", "effects", "raised"):
        told[name] = [dict(row) for row in getattr(step, name)]
    return told


def _table(effects: list[Row], services: ConsoleServices) -> str:
    """The effects as a table for a spreadsheet; nothing in it is taken for a formula."""
    names = ("id", "action", "scope", "key", "status", "intended", "settled", "result")
    written = io.StringIO()
    sheet = csv.writer(written)
    sheet.writerow(names)
    for row in effects:
        told = [codec.readable(row[name]) for name in names]
        sheet.writerow([_harmless(services.scrubber.scrub(_text(value))) for value in told])
    return written.getvalue()


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _harmless(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _documents(run: Timeline) -> Iterator[Document]:
    for step in run.steps:
        result = step.entry.result
        if isinstance(result, Mapping) and isinstance(result.get("fields"), Mapping):
            problems = list(result.get("problems") or [])
            fields = fields_of(result, problems, {})
            yield Document(step.entry.title, fields, pages_of(result, fields), problems)


def _named(name: str, media_type: str) -> str:
    """A safe name with the ending by which a computer knows what to open it with."""
    plain, kind = _safe(name), media_type.partition(";")[0].strip()
    return plain if Path(plain).suffix else plain + (guess_extension(kind) or "")


def _safe(name: str) -> str:
    """A name that is only a name, on every system."""
    plain = _UNSAFE.sub("-", name.replace("\\", "/").rpartition("/")[2]).strip(".-")
    return plain[-80:] or "file"
