"""The demo's job on a few invoices: booked once, whatever is started again; doubtful ones wait for a person."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from demo_office import WIRING, Screen, e_invoice, engine_of, of_kind

from demo.job import run
from demo.project import DemoProject
from demo.samples import draw
from demo.samples.catalogue import Kind
from engine import exceptions
from engine.errors import UsageError
from engine.exceptions import Person

pytestmark = [pytest.mark.tryton, pytest.mark.browser]


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "given"
    folder.mkdir()
    plain = of_kind(Kind.E_INVOICE)
    (folder / "1.pdf").write_bytes(e_invoice(plain))
    (folder / "2_again.pdf").write_bytes(e_invoice(plain, customer="40129"))
    (folder / "3_large.pdf").write_bytes(e_invoice(of_kind(Kind.OVER_LIMIT)))
    (folder / "4_wrong.pdf").write_bytes(draw(of_kind(Kind.WRONG_TOTAL)))
    return folder


def go(folder: Path, inbox: Path) -> Screen:
    screen = Screen()
    assert run(folder, screen, WIRING, inbox) == 0
    return screen


def test_invoices_are_booked_once_and_the_doubtful_wait_for_a_person(tmp_path: Path, inbox: Path) -> None:
    folder, total = tmp_path / "demo", of_kind(Kind.E_INVOICE).total
    first = go(folder, inbox)
    assert first.outcomes == {
        "1.pdf": "booked",
        "2_again.pdf": "waits for ap-clerks: DUPLICATE_INVOICE",
        "3_large.pdf": "waits for ap-lead: approval",
        "4_wrong.pdf": "waits for ap-clerks: totals disagree",
    }
    assert first.totals == {"EUR": dict.fromkeys(("ERP", "register", "ledger", "journal"), total)}

    approve_the_large_one(folder)
    second = go(folder, inbox)
    assert second.outcomes == {**first.outcomes, "3_large.pdf": "booked"}
    both = total + of_kind(Kind.OVER_LIMIT).total
    assert second.totals == {"EUR": dict.fromkeys(("ERP", "register", "ledger", "journal"), both)}

    third = go(folder, inbox)
    assert third.lines == second.lines


def approve_the_large_one(folder: Path) -> None:
    with engine_of(folder) as engine, engine.database.write() as transaction:
        (waiting,) = exceptions.open_exceptions(transaction, kind="approval")
        exceptions.approve(transaction, waiting["id"], Person("lea", ["ap-lead"]), engine.clock.now())


def test_two_demos_in_one_folder_are_refused(tmp_path: Path, inbox: Path) -> None:
    project = DemoProject(tmp_path / "demo")
    with project.alone(), pytest.raises(UsageError, match="a demo is running in .*demo already; end it with Ctrl-C"):
        run(project.root, Screen(), WIRING, inbox)


def test_a_folder_without_invoices_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no PDF in .*; make them with: python -m demo.samples FOLDER"):
        run(tmp_path / "demo", Screen(), WIRING, tmp_path)


def test_an_invoice_that_one_place_lacks_is_named() -> None:
    from demo.books import Books, Entry

    def entry(number: str, reference: str) -> Entry:
        return Entry(number, "EUR", Decimal("10.00"), reference)

    books = Books({"ERP": [entry("A", "1"), entry("B", "2")], "register": [entry("A", "PR-1")]})
    assert not books.agree
    assert books.gaps() == ["invoice B: ERP: 10.00 EUR (2), register: nothing"]
    assert [balance.agrees for balance in books.balances()] == [False]
