"""The reading child: a process that opens files of unknown origin, within limits, and answers with plain words.

`python -m bots.documents.opening.child LIFE` reads one request a line from standard input, after a first line with its
limits and the shape of pages that the parent expects, and writes its answers to standard output, all JSON; the last
answer to a request is `end`, `problem`, `exhausted` or `fault`. LIFE is the end of a pipe on which nothing is ever
written: it closes when the parent is gone, however it went, and the system then ends this process and whatever it
started.
"""

from __future__ import annotations

import base64
import fcntl
import json
import logging
import os
import select
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeAlias

from bots.documents.invoices.einvoice import BrokenEInvoice, embedded_xml, parse, read_file
from bots.documents.opening.stretch import Stretch
from bots.documents.pages.codec import from_plain, shape_of, to_plain
from bots.documents.pages.limits import Limits, allow_cpu, allow_memory, confine, resident
from bots.documents.pages.pdf_file import Unreadable, kind_of

Tell: TypeAlias = Callable[[str, Any], None]
Request: TypeAlias = Mapping[str, Any]


def main() -> None:
    """Answer requests until there are none."""
    _live_with(int(sys.argv[1]))
    first = sys.stdin.readline()
    if not first:
        return
    beginning = json.loads(first)
    limits = Limits(**beginning["limits"])
    if shape_of(Stretch) != beginning["shape"]:
        sys.exit("the program was replaced by another version while it ran; start it again")
    confine(limits)
    logging.disable()  # libraries note every oddity of a file
    # What a library prints must not stand between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="ascii")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def tell(kind: str, value: Any) -> None:
        answers.write(json.dumps([kind, value]) + "\n")
        answers.flush()
        allow_cpu(limits.ocr_cpu if kind == "scanning" else limits.cpu)
        if kind == "scanning":
            allow_memory(limits.ocr_memory)

    for line in sys.stdin:
        allow_cpu(limits.cpu)
        allow_memory(limits.memory)
        if not _answer(json.loads(line), limits, tell):
            return


def _live_with(life: int) -> None:
    """Have the system kill this process and all it started as soon as the other end of the pipe is closed."""
    fcntl.fcntl(life, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(life, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(life, fcntl.F_SETFL, fcntl.fcntl(life, fcntl.F_GETFL) | os.O_ASYNC)
    waiting = select.poll()
    waiting.register(life, 0)
    if waiting.poll(0):  # it was closed before the system could be asked to watch it
        sys.exit()


def _answer(request: Request, limits: Limits, tell: Tell) -> bool:
    """Do what is asked; the last answer says how it ended. False where this process should not be used again."""
    try:
        _REQUESTS[request["ask"]](Path(request["path"]), request, limits, tell)
    except Unreadable as unreadable:
        tell("problem", asdict(unreadable.problem))
    except MemoryError:
        tell("exhausted", None)
        return False
    except Exception as error:  # noqa: BLE001 - told to the parent with its place; one file must not end the others
        frame = traceback.extract_tb(error.__traceback__)[-1]
        tell("fault", f"{type(error).__name__}: {error} (in {Path(frame.filename).name}, line {frame.lineno})")
    else:
        tell("end", resident())
    return True


def _pages(path: Path, request: Request, limits: Limits, tell: Tell) -> None:
    """The number of pages, the e-invoice if one is asked for, and the pages `first` to `last` as far as there are."""
    from bots.documents.opening.load import page_count, pages_of

    count = page_count(path, limits)
    tell("count", count)
    if request["einvoice"] and kind_of(path) == "pdf":
        _embedded(path, tell)
    span = range(request["first"], min(request["last"], count) + 1)
    for page in pages_of(
        path,
        request["ocr"],
        span,
        second=request["second"],
        limits=limits,
        announce=lambda number, width, height: tell("scanning", [number, width, height]),
    ):
        tell("page", to_plain(page))


def _embedded(path: Path, tell: Tell) -> None:
    try:
        content = embedded_xml(path)
        if content is not None:
            tell("einvoice", to_plain(parse(content)))
    except BrokenEInvoice as broken:
        tell("broken", str(broken))


def _einvoice(path: Path, request: Request, limits: Limits, tell: Tell) -> None:
    """An e-invoice that is a file of its own."""
    tell("einvoice", to_plain(read_file(path)))


def _pictures(path: Path, request: Request, limits: Limits, tell: Tell) -> None:
    """PNG pictures of the first pages, for a screen."""
    from bots.documents.pages.raster import page_pictures

    for picture in page_pictures(path, request["most"]):
        tell("picture", base64.b64encode(picture).decode())


def _codes(path: Path, request: Request, limits: Limits, tell: Tell) -> None:
    """The bar codes of every page."""
    from bots.documents.codes.finding import codes_in_file

    for number, codes in codes_in_file(path, limits):
        tell("codes", [number, [to_plain(code) for code in codes]])


def _parts(path: Path, request: Request, limits: Limits, tell: Tell) -> None:
    """Each group of pages as a PDF."""
    from bots.documents.opening.part_file import part_of

    for group in request["groups"]:
        tell("part", base64.b64encode(part_of(path, group, limits)).decode())


def _ink(path: Path, request: Request, limits: Limits, tell: Tell) -> None:
    """The ink of each place that is neither print nor ruling."""
    from bots.documents.pages.ink import Place, ink_at

    for ink in ink_at(path, [from_plain(Place, place) for place in request["places"]], limits):
        tell("ink", to_plain(ink))


_REQUESTS: dict[str, Callable[[Path, Request, Limits, Tell], None]] = {
    "pages": _pages,
    "einvoice": _einvoice,
    "pictures": _pictures,
    "codes": _codes,
    "parts": _parts,
    "ink": _ink,
}


if __name__ == "__main__":
    main()
