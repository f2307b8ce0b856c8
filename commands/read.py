"""`read`: document reading alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.session import Session, options
from engine.errors import UsageError

if TYPE_CHECKING:
    from bots.documents.load import OcrChoice

AHEAD = 4
"""How many files a process may be ahead of the one that is printed next."""


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--fields", default="invoice", show_default=True, help="invoice, receipt, or a YAML file with your own.")
@click.option("--no-einvoice", is_flag=True, help="Read the page even where the file holds an e-invoice.")
@click.option(
    "--ocr", type=click.Choice(["auto", "tesseract", "rapidocr", "never", "always"]), help="Read pages as pictures."
)
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes at once; default: one for each core.")
@options
def read(
    session: Session, files: Sequence[str], fields: str, no_einvoice: bool, ocr: OcrChoice | None, jobs: int | None
) -> None:
    """Read documents: one JSON object a line, in the order given.

    A file that cannot be read is an object with `problems`; the others are read all the same.
    """
    schema = _fields(fields)
    read_one = partial(_read, schema, not no_einvoice, ocr or session.project.settings.ocr)
    workers = min(jobs or os.cpu_count() or 1, len(files))
    as_tables = not session.as_json and sys.stdout.isatty()
    for found in map(read_one, files) if workers == 1 else _read_many(read_one, files, workers):
        _show(session, found) if as_tables else session.line(found)


def _fields(given: str) -> str | Mapping[str, Any]:
    """The field set: a built-in one's name, or the definitions in a YAML file. UsageError if it is neither."""
    from bots.documents.schemas import SCHEMAS, schema_of
    from config.yaml_file import yaml_file

    if given in SCHEMAS:
        return given
    file = Path(given)
    if not file.is_file():
        raise UsageError(
            f"--fields {given}: there is no such field set and no such file",
            advice=f"expected {', '.join(SCHEMAS)}, or the path of a YAML file",
        )
    definitions = yaml_file(file).values
    try:
        schema_of(definitions)
    except ValueError as error:
        raise UsageError(f"--fields {given}: {error}") from error
    return definitions


def _read(fields: str | Mapping[str, Any], einvoice: bool, ocr: OcrChoice, file: str) -> dict[str, Any]:
    from bots.documents.reader import read_document

    return read_document(Path(file), fields, einvoice, ocr).to_json() | {"file": file}


def _read_many(read_one: partial[dict[str, Any]], files: Sequence[str], workers: int) -> Iterator[dict[str, Any]]:
    """Every file in the order given, several at once; a file that kills its process is told as that."""
    # Each process has a core of its own; an OCR engine that starts more threads only slows its neighbours down.
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    left = list(files)
    while left:
        with ProcessPoolExecutor(workers) as pool:
            begun: list[Future[dict[str, Any]]] = []
            done = 0
            try:
                for done in range(len(left)):
                    while len(begun) < min(len(left), done + workers * AHEAD):
                        begun.append(pool.submit(read_one, left[len(begun)]))
                    yield begun[done].result()
            except BrokenProcessPool:
                left = left[done:]
            else:
                return
        yield _alone(read_one, left.pop(0))


def _alone(read_one: partial[dict[str, Any]], file: str) -> dict[str, Any]:
    """One file in a process of its own, to see whether it was this one that killed the pool."""
    with ProcessPoolExecutor(1) as pool:
        try:
            return pool.submit(read_one, file).result()
        except BrokenProcessPool:
            message = f"{Path(file).name} made its reader stop at once; it is broken or hostile; ask for the file again"
            problem = {"code": "READER_KILLED", "message": message, "fields": []}
            nothing: dict[str, Any] = {"file": file, "pages": 0, "type": "other", "language": "", "fields": {}}
            return nothing | {"lines": [], "tables": [], "problems": [problem], "confidence": 0.0}


def _show(session: Session, found: Mapping[str, Any]) -> None:
    session.say(f"{found['file']}: {found['type']}, {found['pages']} pages, confidence {found['confidence']:.0%}")
    lines = [
        (name, field["value"], f"{field['confidence']:.0%}", field["source"]) for name, field in found["fields"].items()
    ]
    if lines:
        session.table(["field", "value", "sure", "from"], lines, none="")
    for problem in found["problems"]:
        session.say(f"  {problem['code']}: {problem['message']}")
