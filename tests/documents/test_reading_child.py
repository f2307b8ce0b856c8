"""The child that opens files: warm from one to the next, replaced when it dies, gone with its parent, told no secret."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from bots.documents.opening.children import Child, Children
from bots.documents.pages.limits import Limits
from bots.documents.pages.pdf_file import Unreadable
from bots.documents.reader import Reader
from tests.documents.hostile import PAGE, pdf, stream
from tests.documents.paper import ENGLISH, draw, scan

ROOT = Path(__file__).parents[2]


def number_of(child: Child) -> int:
    return child._process.pid


def only_child(reader: Reader) -> int:
    with reader.source.children.one() as child:
        return number_of(child)


def alive(pid: int) -> bool:
    try:
        return "(zombie)" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def wait(happened: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while not happened() and time.monotonic() < deadline:
        time.sleep(0.02)
    return happened()


def test_one_child_reads_one_document_after_the_other(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", ENGLISH)
    with Reader() as reader:
        assert reader.read(path).value("number") == "INV-2026-0417"
        first = only_child(reader)
        assert reader.read(path).value("number") == "INV-2026-0417"
        assert only_child(reader) == first
    assert not alive(first)


def test_after_so_many_documents_there_is_a_new_child(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", ENGLISH)
    with Reader(Limits(documents=2)) as reader:
        reader.read(path)
        first = only_child(reader)
        reader.read(path)
        assert not alive(first)
        assert reader.read(path).value("number") == "INV-2026-0417"


def test_a_child_that_dies_between_two_documents_is_replaced_and_nothing_is_lost(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", ENGLISH)
    with Reader() as reader:
        reader.read(path)
        os.kill(only_child(reader), signal.SIGSEGV)
        assert reader.read(path).value("number") == "INV-2026-0417"


def test_a_file_that_kills_every_child_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Reader() as reader, reader.source.children.one() as child:
        answers = child.ask({"ask": "pages", "path": "/nowhere"}, "a.pdf")
        os.kill(number_of(child), signal.SIGSEGV)
        with pytest.raises(Unreadable) as caught:
            next(answers)
    assert (caught.value.problem.code, caught.value.problem.message) == (
        "READER_KILLED",
        "a.pdf made its reader stop at once; it is broken or hostile; ask for the file again",
    )


def test_the_memory_of_the_parent_is_not_taken_for_the_childs() -> None:
    weight = bytearray(b"x") * (300 << 20)  # a new process is counted with its parent's peak
    del weight
    with Reader(Limits(memory=400)) as reader, reader.source.children.one() as child:
        answers = child.ask({"ask": "pages", "path": "/nowhere"}, "a.pdf")
        os.kill(number_of(child), signal.SIGSEGV)
        with pytest.raises(Unreadable) as caught:
            next(answers)
    assert caught.value.problem.code == "READER_KILLED"


def test_a_silent_child_is_killed_when_patience_ends(tmp_path: Path) -> None:
    with Reader(Limits(cpu=1, patience=1)) as reader:
        path = draw(tmp_path / "a.pdf", ENGLISH)
        reader.read(path)
        child = only_child(reader)
        os.kill(child, signal.SIGSTOP)
        (problem,) = reader.read(path).problems
        assert problem.code == "TOO_SLOW"
        assert not alive(child)
        assert reader.read(path).value("number") == "INV-2026-0417"


def test_a_page_on_which_ocr_is_given_up_costs_no_other_page(tmp_path: Path) -> None:
    from pypdf import PdfWriter

    digital = draw(tmp_path / "digital.pdf", ENGLISH)
    writer = PdfWriter(clone_from=digital)
    writer.append(scan(digital, tmp_path / "scan.pdf"))
    writer.append(digital)
    writer.write(tmp_path / "a.pdf")
    with Reader(Limits(ocr_cpu=0)) as reader:
        pages = list(reader.pages(tmp_path / "a.pdf"))
    assert [(page.number, page.source, page.unread) for page in pages] == [
        (1, "text", False), (2, "ocr", True), (3, "text", False),
    ]  # fmt: skip


SECRET = "a-secret-of-the-parent"


def test_a_child_gets_no_secret_of_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERP_PASSWORD", SECRET)
    children = Children(Limits())
    with children.one() as child:
        environment = Path(f"/proc/{number_of(child)}/environ").read_bytes()
        folder = Path(f"/proc/{number_of(child)}/cwd").readlink()
    children.close()
    assert SECRET.encode() not in environment
    assert not folder.exists()


def test_what_a_child_says_is_not_believed(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", ENGLISH)
    with Reader() as reader:
        reader.read(path)
        with reader.source.children.one() as child:
            child._buffer += json.dumps(["page", [1, "wide", 0.0, []]]).encode() + b"\n"
        (problem,) = reader.read(path).problems
        assert (problem.code, problem.message) == (
            "READER_FAULT",
            "a.pdf made the reader answer nonsense; enter the values by hand",
        )
        assert reader.read(path).value("number") == "INV-2026-0417"


PARENT = """
import sys, time
from pathlib import Path
from bots.documents.reader import Reader
with Reader() as reader:
    with reader.source.children.one() as child:
        print(child._process.pid, flush=True)
    {work}
"""


def parent(work: str) -> tuple[subprocess.Popen[str], int]:
    """A process with a reader, and the number of its child."""
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT.format(work=work)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def test_a_child_at_work_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    endless = pdf(tmp_path / "a.pdf", {3: PAGE % b"", 4: stream(b"q 1 0 0 1 0 0 cm Q " * 400_000)})
    process, child = parent(f"reader.read(Path({str(endless)!r}))")
    assert wait(lambda: busy(child))
    process.kill()
    process.communicate()
    assert wait(lambda: not alive(child))


def test_an_idle_child_and_what_it_started_die_with_a_parent_that_is_killed() -> None:
    process, child = parent("time.sleep(60)")
    process.kill()
    process.communicate()
    assert wait(lambda: not alive(child))


def test_a_process_forked_off_the_parent_keeps_no_child_alive() -> None:
    work = "import os; os.fork() or time.sleep(4); time.sleep(60)"
    process, child = parent(work)
    assert alive(child)
    process.kill()
    assert wait(lambda: not alive(child))
    assert process.stdout is not None
    process.stdout.close()
    process.wait()


def busy(pid: int) -> bool:
    """Whether a process has worked for a while."""
    spent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11]
    return int(spent) > os.sysconf("SC_CLK_TCK") // 2


def test_pages_read_by_several_children_come_in_their_order(tmp_path: Path) -> None:
    from pypdf import PdfWriter

    writer = PdfWriter()
    for number in range(11):
        writer.append(draw(tmp_path / "page.pdf", ENGLISH, number=f"Invoice number: INV-{number}"))
    writer.write(tmp_path / "a.pdf")
    with Reader(children=2, share=2) as together, Reader() as alone:
        shared = list(together.pages(tmp_path / "a.pdf"))
        assert shared == list(alone.pages(tmp_path / "a.pdf"))
        assert [page.number for page in shared] == list(range(1, 12))
        assert together.read(tmp_path / "a.pdf").value("number") == alone.read(tmp_path / "a.pdf").value("number")


def test_tesseract_dies_with_the_child_that_started_it(tmp_path: Path) -> None:
    pytest.importorskip("pytesseract")
    noise = tmp_path / "noise.png"
    make_noise(noise)
    process, child = parent(f"reader.read(Path({str(noise)!r}), ocr='tesseract')")
    engines: list[int] = []
    started = wait(lambda: bool(engines or engines.extend(started_by(child)) or engines))
    for engine in engines:
        with suppress(ProcessLookupError):
            os.kill(engine, signal.SIGSTOP)  # so that it does not end by itself
    process.kill()
    process.communicate()
    assert started
    engine = engines[0]
    assert wait(lambda: not alive(child) and not alive(engine))


def make_noise(path: Path) -> None:
    """A picture that keeps an OCR engine busy."""
    import numpy
    from PIL import Image

    grain = numpy.random.default_rng(5).integers(0, 2, (1200, 900), dtype="uint8") * 255
    Image.fromarray(grain).resize((1800, 2400)).save(path)


def started_by(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = entry.read_text().rpartition(")")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if "(tesseract" in name and int(rest.split()[1]) == pid:
            found.append(int(entry.parent.name))
    return found


def test_a_program_that_was_replaced_while_it_ran_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = draw(tmp_path / "a.pdf", ENGLISH)
    monkeypatch.setattr("bots.documents.opening.children.shape_of", lambda model: "Stretch(other: int)")
    with Reader() as reader, pytest.raises(RuntimeError) as caught:
        reader.read(path)
    assert str(caught.value) == (
        "the reading child ended with code 1: the program was replaced by another version while it ran; start it again"
    )


@pytest.mark.parametrize("answer", ["<script>", "PHNjcmlwdD4=", 7, None])
def test_only_a_picture_is_handed_on_as_one(tmp_path: Path, answer: object) -> None:
    path = draw(tmp_path / "a.pdf", ENGLISH)
    with Reader() as reader:
        assert [picture[:4] for picture in reader.pictures(path, 3)] == [b"\x89PNG"]
        with reader.source.children.one() as child:
            child._buffer += json.dumps(["picture", answer]).encode() + b"\n"
        with pytest.raises(Unreadable) as caught:
            list(reader.pictures(path, 3))
    assert caught.value.problem.code == "READER_FAULT"
