"""`read`: document reading alone."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial, reduce
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.session import Session, options
from engine.errors import UsageError

if TYPE_CHECKING:
    from bots.documents.document import Document
    from bots.documents.opening.load import OcrChoice
    from bots.documents.reader import Reader
    from config.project import Project

AHEAD = 4
"""How many files a process may be ahead of the one that is printed next."""

EACH = 2 * 2**30
"""Bytes of memory for a process with its OCR engine."""


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--fields", default="invoice", show_default=True, help="invoice, receipt, qr_bill, or your own in YAML.")
@click.option("--no-einvoice", is_flag=True, help="Read the page even where the file holds an e-invoice.")
@click.option(
    "--ocr", type=click.Choice(["auto", "tesseract", "rapidocr", "never", "always"]), help="Read pages as pictures."
)
@click.option("--split", is_flag=True, help="A file is a stack: one object for each document in it, with `page_range`.")
@click.option("--no-cache", is_flag=True, help="Read anew what was read before, and keep nothing.")
@click.option(
    "--boxes", type=click.Path(file_okay=False, path_type=Path), help="Write the pages here, with the values marked."
)
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes at once; default: one for each core.")
@options
def read(
    session: Session,
    files: Sequence[str],
    fields: str,
    no_einvoice: bool,
    ocr: OcrChoice | None,
    split: bool,
    no_cache: bool,
    boxes: Path | None,
    jobs: int | None,
) -> None:
    """Read documents: one JSON object a line, in the order given.

    A file that cannot be read is an object with `problems`; the others are read all the same.
    """
    from bots.documents.opening.page_cache import PageCache
    from bots.documents.reader import Reader

    schema = _fields(fields)
    jobs = jobs or _processes()
    at_once = min(jobs, len(files))
    cache = None if no_cache else PageCache(_cache_folder(session.project))
    as_tables = not session.as_json and sys.stdout.isatty()
    # Fewer files than processes: those that are left over help with the pages of each.
    with Reader(children=jobs, share=jobs // at_once, cache=cache) as reader:
        way = ocr or session.project.settings.ocr
        one = partial(_split if split else _read, reader, schema, not no_einvoice, way, boxes)
        for found in chain.from_iterable(_in_order(one, files, at_once)):
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


def _processes() -> int:
    """How many files are read at once: one for each core, as far as there is memory for its OCR."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(min(os.cpu_count() or 1, memory // EACH), 1)


def _cache_folder(project: Project) -> Path:
    """Where pages are kept: with the project, or with the person where there is none."""
    if project.has_settings or project.data.is_dir():
        return project.cache / "pages"
    given = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(given) if given else Path.home() / ".cache") / "clerkwork" / "pages"


def _read(
    reader: Reader, fields: str | Mapping[str, Any], einvoice: bool, ocr: OcrChoice, boxes: Path | None, file: str
) -> list[dict[str, Any]]:
    document = reader.read(Path(file), fields, einvoice, ocr)
    if boxes is not None:
        _draw(reader, Path(file), [document], boxes)
    return [document.to_json() | {"file": file}]


def _split(
    reader: Reader, fields: str | Mapping[str, Any], einvoice: bool, ocr: OcrChoice, boxes: Path | None, file: str
) -> list[dict[str, Any]]:
    from bots.documents.stacks.stack import read_stack

    found = read_stack(reader, Path(file), fields, einvoice, ocr)
    if boxes is not None:
        _draw(reader, Path(file), [stacked.document for stacked in found], boxes)
    return [stacked.to_json() | {"file": file} for stacked in found]


def _draw(reader: Reader, path: Path, documents: Sequence[Document], folder: Path) -> None:
    """Pictures of the first pages with the values of the documents that stand on them."""
    from bots.documents.pages.picture import MOST, draw_fields

    if any(document.fatal for document in documents):
        return
    folder.mkdir(parents=True, exist_ok=True)
    for number, page in enumerate(reader.pictures(path, MOST), start=1):
        drawn = reduce(lambda png, document: draw_fields(png, number, document), documents, page)
        (folder / f"{path.stem}-{number}.png").write_bytes(drawn)


def _in_order(one: partial[list[dict[str, Any]]], files: Sequence[str], at_once: int) -> Iterator[list[dict[str, Any]]]:
    """Every file in the order given, several at once; their processes work while the threads here wait."""
    pool = ThreadPoolExecutor(at_once)
    begun: deque[Future[list[dict[str, Any]]]] = deque()
    left = iter(files)
    try:
        while True:
            begun.extend(pool.submit(one, file) for file in islice(left, at_once * AHEAD - len(begun)))
            if not begun:
                return
            yield begun.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _show(session: Session, found: Mapping[str, Any]) -> None:
    first, last = found.get("page_range", (None, None))
    pages = f"{found['pages']} pages" if first is None else f"pages {first} to {last}"
    session.say(f"{found['file']}: {found['type']}, {pages}, confidence {found['confidence']:.0%}")
    lines = [
        (name, field["value"], f"{field['confidence']:.0%}", field["source"]) for name, field in found["fields"].items()
    ]
    if lines:
        session.table(["field", "value", "sure", "from"], lines, none="")
    for problem in found["problems"]:
        session.say(f"  {problem['code']}: {problem['message']}")
