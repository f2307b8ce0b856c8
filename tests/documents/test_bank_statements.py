"""Bank statements: every booking with its sign and day, balances that hold, and the one that does not, named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.statement_score import StatementScore, score_statements
from bots.documents.actions import result_of
from bots.documents.corrections import correct
from bots.documents.document import Document, Transaction
from bots.documents.opening.load import text_pages
from bots.documents.pages.page import Page
from bots.documents.pages.picture import draw_fields
from bots.documents.reader import Reader, read_document, understand
from bots.documents.schemas import BANK_STATEMENT
from bots.documents.stacks.stack import read_stack
from bots.documents.statements.balance import balance_problems
from tests.documents.bank_papers import LAYOUTS, bookings, draw_statement, save
from tests.documents.paper import ENGLISH, draw, scan
from tests.documents.rolls import roll

TEXTS: dict[str, dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("bank_texts.yaml").read_text(encoding="utf-8")
)
OPENING = Decimal("1200.00")
WITH_BALANCES = [name for name, layout in LAYOUTS.items() if layout.columns[-1].shows == "balance"]


def opening_of(name: str) -> Decimal:
    return Decimal("-812.40") if LAYOUTS[name].card else OPENING


def read(path: Path) -> Document:
    return understand(path.name, text_pages(path), BANK_STATEMENT)


def amounts(document: Document) -> list[tuple[date, Decimal]]:
    return [(one.date, one.amount) for one in document.transactions if one.kind == "transaction"]


def of_text(text: str) -> Document:
    page = roll(text)
    page.width = max(word.box[2] for word in page.words) + 40
    return understand("a statement", [page], BANK_STATEMENT)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", LAYOUTS)
def test_every_booking_is_read_and_the_balances_hold(tmp_path: Path, name: str, seed: int) -> None:
    made = bookings(seed, (3, 9, 25, 45)[seed])
    opening = opening_of(name)
    document = read(draw_statement(tmp_path / "s.pdf", LAYOUTS[name], made, opening))
    assert sorted(amounts(document)) == sorted((day, amount) for day, _, amount in made)
    assert document.problems == []
    assert document.confidence >= 0.9
    assert document.value("opening_balance") == opening
    assert document.value("closing_balance") == opening + sum(amount for _, _, amount in made)


@pytest.mark.parametrize("name", LAYOUTS)
def test_whose_statement_it_is(tmp_path: Path, name: str) -> None:
    layout = LAYOUTS[name]
    document = read(draw_statement(tmp_path / "s.pdf", layout, bookings(3, 6), opening_of(name)))
    assert document.value("bank.name") == layout.bank
    assert document.value("account.iban") == (layout.iban or None)
    assert document.value("account.number") == (layout.account or None)
    assert document.value("period.start") == date(2026, 3, 1)
    assert document.value("period.end") == date(2026, 3, 31)
    assert document.value("currency") in (layout.currency, None)
    assert document.type in ("statement", "other")


@pytest.mark.parametrize("name", ["german", "british"])
def test_what_goes_on_below_belongs_to_the_description(tmp_path: Path, name: str) -> None:
    made = bookings(5, 4)
    document = read(draw_statement(tmp_path / "s.pdf", LAYOUTS[name], made))
    assert [one.description for one in document.transactions] == [
        f"{made[0][1]} Reference 1",
        made[1][1],
        made[2][1],
        f"{made[3][1]} Reference 4",
    ]


@pytest.mark.parametrize("name", LAYOUTS)
def test_an_amount_that_does_not_fit_is_told(tmp_path: Path, name: str) -> None:
    made = bookings(11, 12)
    wrong = {7: abs(made[7][2]) + Decimal("90.00")}
    document = read(draw_statement(tmp_path / "s.pdf", LAYOUTS[name], made, opening_of(name), wrong))
    assert [problem.code for problem in document.problems] == ["BALANCE_DISAGREES"]
    assert document.confidence < 0.5
    (problem,) = document.problems
    if name in WITH_BALANCES:
        assert f"{made[7][0]} {made[7][1]}" in problem.message
        assert f"Page {document.transactions[0].page}" in problem.message or "Page 2" in problem.message
    else:
        assert "90.00 is missing or misread" in problem.message


@pytest.mark.parametrize("name", ["german", "british"])
def test_scans_are_read_like_digital_statements(tmp_path: Path, name: str) -> None:
    made = bookings(17, 10)
    paper = scan(draw_statement(tmp_path / "s.pdf", LAYOUTS[name], made), tmp_path / "scan.pdf")
    document = read_document(paper, "bank_statement")
    assert amounts(document) == [(day, amount) for day, _, amount in made]
    assert document.problems == []
    assert document.confidence >= 0.9
    found = document.fields["closing_balance"]
    assert found.source == "ocr"
    assert found.box is not None
    assert document.transactions[-1].box is not None
    # On the paper as it was scanned, a little askew: the closing balance stands under the last booking.
    assert found.box[1] > document.transactions[-1].box[1]


@pytest.mark.parametrize("name", TEXTS)
def test_the_layouts_of_many_banks(name: str) -> None:
    told = TEXTS[name]
    document = of_text(told["text"])
    assert [f"{one.date} {one.amount}" for one in document.transactions if one.kind == "transaction"] == told[
        "bookings"
    ]
    for name in ("opening", "closing"):
        value = document.value(f"{name}_balance")
        assert (value and str(value)) == told[name]
    assert [problem.code for problem in document.problems] == ([] if told["opening"] else ["MISSING_FIELD"] * 2)


CARD = """
Meridian Bank                                   Credit limit  900.00
Credit card statement                           Statement date 24 Oct 2026
Date        Description                               Amount (GBP)
            Previous balance                                 83.74
10 Oct      Harbour ferry                                     3.66
14 Oct      Payment received, thank you                      83.74 CR
            New balance                                       3.66
"""


def test_a_previous_balance_among_the_charges_is_given_as_what_it_is() -> None:
    document = of_text(CARD)
    assert [(one.kind, str(one.amount)) for one in document.transactions] == [
        ("brought_forward", "-83.74"),
        ("transaction", "-3.66"),
        ("transaction", "83.74"),
    ]
    assert document.problems == []
    assert document.value("closing_balance") == Decimal("-3.66")


def test_dates_that_may_be_read_either_way_are_a_problem() -> None:
    text = """
Hill Bank
Date         Details                     Amount      Balance
03/02/2026   Fee                          -1.00        99.00
05/06/2026   Fee                          -1.00        98.00
"""
    document = of_text(text)
    (problem,) = document.problems
    assert problem.code == "AMBIGUOUS_DATE"
    assert "such as 03/02/2026 on page 1, may be read with the day or with the month first" in problem.message


def test_one_date_that_has_a_thirteenth_month_decides_for_all() -> None:
    text = """
Hill Bank                                Statement date 02/05/26
Date         Details                     Amount      Balance
01/03        Fee                          -1.00        99.00
01/28        Fee                          -1.00        98.00
"""
    document = of_text(text)
    assert [one.date for one in document.transactions] == [date(2026, 1, 3), date(2026, 1, 28)]


def test_bookings_without_any_balance_are_not_sure() -> None:
    text = """
Hill Bank                                Period 01.03.2026 - 31.03.2026
Datum        Text                         Betrag
03.03.2026   Miete                       -700,00
05.03.2026   Lohn                       2.000,00
"""
    document = of_text(text)
    assert [str(one.amount) for one in document.transactions] == ["-700.00", "2000.00"]
    assert [problem.code for problem in document.problems] == ["MISSING_FIELD", "MISSING_FIELD"]
    assert document.confidence < 0.5


def test_a_booking_that_was_left_out_is_noticed_where_it_is_missing() -> None:
    page = TEXTS["sg debit"]["text"].splitlines()
    text = "\n".join(line for line in page if "03 Oct" not in line and "GREEN" not in line and "TO:" not in line)
    (problem,) = of_text(text).problems
    assert problem.code == "BALANCE_DISAGREES"
    assert problem.message == (
        "Page 1, 2023-10-05 Advice FAST Payment HARBOUR BOOKS: after 300.00 the balance should be 1300.00, but 1287.50 is "
        "printed; this booking is misread, or one is missing before it"
    )


def test_json_has_the_bookings_as_lines() -> None:
    lines = of_text(CARD).to_json()["lines"]
    assert lines[1] | {"box": None} == {
        "date": "2026-10-10",
        "description": "Harbour ferry",
        "amount": "-3.66",
        "balance": None,
        "kind": "transaction",
        "confidence": 0.98,
        "page": 1,
        "box": None,
    }
    assert len(lines[1]["box"]) == 4


def test_a_corrected_balance_is_checked_again() -> None:
    document = of_text(CARD.replace("New balance                                       3.66", "New balance     9.99"))
    assert [problem.code for problem in document.problems] == ["BALANCE_DISAGREES"]
    result = result_of(document, BANK_STATEMENT, "bank_statement", [])
    corrected = correct(BANK_STATEMENT, result, {"closing_balance": "-3.66", "opening_balance": "-83.74"})
    assert corrected["problems"] == []
    assert corrected["closing_balance"] == Decimal("-3.66")


def booked(day: int, amount: str, balance: str | None = None) -> Transaction:
    return Transaction(date(2026, 3, day), "x", Decimal(amount), Decimal(balance) if balance else None, page=1)


def test_the_first_break_is_named_and_the_others_are_counted() -> None:
    listed = [booked(1, "-10.00", "90.00"), booked(2, "-5.00", "80.00"), booked(3, "1.00", "85.00")]
    (problem,) = balance_problems(listed, Decimal(100), Decimal(85))
    assert problem.message == (
        "Page 1, 2026-03-02 x: after -5.00 the balance should be 85.00, but 80.00 is printed; this booking is misread, or "
        "one is missing before it; so do 1 more balances"
    )


def test_an_empty_month_is_no_problem() -> None:
    assert balance_problems([], Decimal(100), Decimal(100)) == []
    (problem,) = balance_problems([], Decimal(100), Decimal(90))
    assert problem.code == "BALANCE_DISAGREES"


def test_nothing_on_the_pages_is_no_bookings() -> None:
    document = understand("empty", [Page(1, 595, 842, [])], BANK_STATEMENT)
    assert document.transactions == []
    assert [problem.code for problem in document.problems] == ["MISSING_FIELD", "MISSING_FIELD"]


def test_the_score_counts_bookings_statements_and_files_that_are_none(tmp_path: Path) -> None:
    save(range(2), tmp_path, scan=False)
    (tmp_path / "locked.pdf").write_bytes(b"no document")
    with (tmp_path / "truth.jsonl").open("a", encoding="utf-8") as truth:
        truth.write('{"file": "locked.pdf", "transactions": [{"date": "2026-03-01", "amount": 1.0}]}\n')
    score = score_statements(tmp_path)
    assert (score.documents, score.closed, score.whole, score.holding, score.accepted_wrong) == (2, 1, 2, 2, 0)
    assert (score.precision, score.recall, score.errors) == (1.0, 1.0, [])


def test_the_score_names_what_was_missed_and_what_is_too_much() -> None:
    document = of_text(CARD)
    score = StatementScore()
    score.add({"file": "a.pdf", "transactions": [{"date": "2026-10-10", "amount": -3.66}]}, document)
    assert score.errors == ["a.pdf: too much 2026-10-14 83.74"]
    assert (score.whole, score.accepted, score.accepted_wrong) == (0, 1, 1)


def test_a_statement_in_a_stack_has_its_bookings_on_the_pages_of_the_stack(tmp_path: Path) -> None:
    from pypdf import PdfWriter

    made = bookings(21, 6)
    writer = PdfWriter()
    writer.append(draw(tmp_path / "invoice.pdf", ENGLISH))
    writer.append(draw_statement(tmp_path / "statement.pdf", LAYOUTS["british"], made))
    writer.write(tmp_path / "stack.pdf")
    with Reader() as reader:
        *_, last = read_stack(reader, tmp_path / "stack.pdf", "bank_statement")
        *_, picture = reader.pictures(tmp_path / "stack.pdf", 2)
    document = last.document
    assert [(booking.page, booking.amount) for booking in document.transactions] == [(2, row[2]) for row in made]
    assert draw_fields(picture, 2, document) != draw_fields(picture, 2, replace(document, transactions=[]))


def test_two_accounts_on_one_statement_are_told_apart_by_their_balances() -> None:
    text = """
Straits Savings Bank                            As at 31 Oct 2023
Date      Description                         Withdrawal        Deposit          Balance
          Balance Brought Forward                                               1,000.00
03 Oct    Ferry                                     12.50                          987.50
          Balance Carried Forward                                                 987.50
Date      Description                         Withdrawal        Deposit          Balance
          Balance Brought Forward                                                  50.00
04 Oct    Interest                                                 1.00            51.00
          Balance Carried Forward                                                  51.00
"""
    document = of_text(text)
    assert [str(amount) for _, amount in amounts(document)] == ["-12.50", "1.00"]
    (problem,) = document.problems
    assert problem.code == "SEVERAL_ACCOUNTS"
    assert "bookings of 2 accounts" in problem.message
    carried = of_text(text.replace("           50.00", "          987.50").replace(" 51.00", "988.50"))
    assert carried.problems == []


def test_bookings_whose_year_nothing_tells_are_left_out_and_that_is_told() -> None:
    text = """
Hill Bank
Date     Details                         Amount      Balance
03 Feb   Ferry                            -1.00        99.00
17 Feb   Fee                              -2.00        97.00
"""
    document = of_text(text)
    assert document.transactions == []
    (problem,) = [one for one in document.problems if one.code == "NO_YEAR"]
    assert problem.message.startswith(
        "The 2 bookings from page 1 on (03 Feb  Ferry  -1.00  99.00) are left out: neither"
    )


def test_a_day_read_from_a_picture_that_breaks_the_order_of_the_days_is_not_sure() -> None:
    text = """
Hill Bank                                Period 01.03.2026 - 31.03.2026
Datum        Text                         Betrag        Saldo
Alter Saldo                                             100,00
03.03.2026   Miete                        -70,00         30,00
25.03.2026   Lohn                       2.000,00      2.030,00
07.03.2026   Strom                        -30,00      2.000,00
09.03.2026   Gas                           -5,00      1.995,00
"""
    page = roll(text, source="ocr", confidence=0.99)
    page.width = 400
    document = understand("a scan", [page], BANK_STATEMENT)
    assert [one.confidence < 0.7 for one in document.transactions] == [False, True, True, False]
    assert document.confidence < 0.7


def test_an_account_and_a_debt_that_add_up_alike_are_told_apart_or_that_is_a_problem() -> None:
    text = """
Meridian Services                        1 Jan 2026 to 31 Jan 2026
Old balance   200.00      New balance   64.99      WORDS

Date         Details                                  Amount
3 Jan        4711                                     -200.00
9 Jan        4712                                       64.99
"""
    text = text.replace("Old", "Previous")
    account = of_text(text.replace("WORDS", "").replace("4711", "Rent").replace("4712", "Salary"))
    assert [str(one.amount) for one in account.transactions] == ["-200.00", "64.99"]
    card = of_text(text.replace("WORDS", "Credit limit 900.00   Minimum payment 5.00"))
    assert [str(one.amount) for one in card.transactions] == ["200.00", "-64.99"]
    open_ = of_text(text.replace("WORDS", "Credit limit 900.00"))
    (problem,) = open_.problems
    assert problem.code == "AMBIGUOUS_SIGN"
    assert "4711 on page 1 may have come or gone, and so all others; look at the page" in problem.message


def test_a_booking_at_the_top_of_a_page_has_the_day_that_the_page_before_ends_with(tmp_path: Path) -> None:
    made = [(date(2026, 3, 2 + place // 7), "Standing order 4711", Decimal("-1.00")) for place in range(40)]
    document = read(draw_statement(tmp_path / "s.pdf", LAYOUTS["british"], made))
    assert amounts(document) == [(day, amount) for day, _, amount in made]
    assert document.problems == []


def test_the_days_of_each_section_have_an_order_of_their_own() -> None:
    page = roll(TEXTS["us sections minus"]["text"], source="ocr", confidence=0.99)
    page.width = 500
    document = understand("a scan", [page], BANK_STATEMENT)
    assert document.confidence > 0.9
