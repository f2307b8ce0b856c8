"""kill -9 at every journal point of the invoice workflow: one bill, one register entry, one ledger row, each time.

The ERP and the register run all along, as they would elsewhere; the worker is killed. Every point gets an invoice of a
new vendor, so that the vendor too is created once. What is read stays as it was: an e-invoice leaves no doubt.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from demo_office import Screen, e_invoice, engine_of, of_kind

from demo.job import enqueue, read_back, servers
from demo.project import DemoProject
from demo.register.server import RegisterServer
from demo.samples.catalogue import Kind
from engine.store.database import Database, Transaction

pytestmark = [pytest.mark.tryton, pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]
FORKS = multiprocessing.get_context("fork")


def work(root: Path, invoices: list[Path], crash_at: int) -> None:
    """Queue and work invoices; ends itself at the n-th point, one before and one after each commit (0: never)."""
    passed = 0
    write = Database.write

    def point() -> None:
        nonlocal passed
        passed += 1
        if passed == crash_at:
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def crashing(database: Database) -> Iterator[Transaction]:
        with write(database) as transaction:
            yield transaction
            point()
        point()

    with engine_of(root) as engine:
        Database.write = crashing  # type: ignore[method-assign]
        engine.quiet_seconds = 0.0  # no request is under way at these points
        engine.work_until_idle(list(enqueue(engine, invoices)))
    (root / "points").write_text(str(passed))


def in_a_process(root: Path, invoices: list[Path], crash_at: int) -> int | None:
    process = FORKS.Process(target=work, args=(root, invoices, crash_at))
    process.start()
    process.join()
    return process.exitcode


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DemoProject, RegisterServer]]:
    project = DemoProject(tmp_path_factory.mktemp("demo"))
    project.prepare()
    with servers(project, Screen()) as (erp, register):
        project.connect(erp.url, register.url)
        yield project, register


def draw_for(folder: Path, point: int) -> tuple[str, Path]:
    """An invoice of a vendor whom nobody has seen."""
    from stdnum.de import vat

    start = 310_000_00 + point
    tax_id = next(f"DE{start}{check}" for check in range(10) if vat.is_valid(f"{start}{check}"))
    plain = of_kind(Kind.E_INVOICE)
    address = replace(plain.vendor.address, name=f"Bergmann {point} GmbH", tax_id=tax_id)
    number, file = f"K-{point:03}", folder / f"{point}.pdf"
    vendor = replace(plain.vendor, address=address, tax_id_printed=tax_id)
    file.write_bytes(e_invoice(plain, vendor=vendor, number=number))
    return number, file


def test_killed_at_every_point_each_invoice_is_booked_once_everywhere(
    office: tuple[DemoProject, RegisterServer], tmp_path: Path
) -> None:
    project, register = office
    # In the first run the browser bot also notes how it found things; the second has the points that all others have.
    drawn = [draw_for(tmp_path, at) for at in (0, 900)]
    for _number, file in drawn:
        assert in_a_process(project.root, [file], 0) == 0
    points = int((project.root / "points").read_text())
    assert points > 16
    for at in range(1, points + 1):
        drawn.append(draw_for(tmp_path, at))
        assert in_a_process(project.root, [drawn[-1][1]], at) == -signal.SIGKILL, f"point {at}"
    assert in_a_process(project.root, [file for _, file in drawn], 0) == 0
    with engine_of(project.root) as engine:
        held = read_back(engine, project, register)
    assert held.gaps() == []
    for place, entries in held.places.items():
        assert sorted(entry.number for entry in entries) == sorted(number for number, _ in drawn), place
