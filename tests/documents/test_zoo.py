"""A fixed part of the zoo of made-up invoices is read at least as well as this; the floors rise as reading does."""

from __future__ import annotations

from decimal import Decimal

import pytest

from benchmarks.line_score import score_lines
from benchmarks.zoo_score import Tally, breakdown_state, tally
from tests.documents.zoo import specimen

FLOORS = {
    "number": 0.97,
    "issue_date": 0.97,
    "due_date": 0.95,
    "seller.name": 0.95,
    "seller.tax_id": 0.95,
    "seller.iban": 0.97,
    "buyer.name": 0.96,
    "order_number": 0.95,
    "net_total": 0.96,
    "total": 0.97,
}


@pytest.fixture(scope="module")
def counts() -> Tally:
    return tally(range(5000, 5064))


@pytest.mark.parametrize("name", FLOORS)
def test_no_field_falls_under_its_floor(counts: Tally, name: str) -> None:
    assert counts.f1(name) >= FLOORS[name], "\n".join(error for error in counts.errors if f" {name}:" in error)


def test_rows_of_items_stay_found_and_few_are_made_up(counts: Tally) -> None:
    assert counts.lines.precision >= 0.98
    assert counts.lines.recall >= 0.97
    assert counts.lines.right_cells >= 0.97


def test_taxes_by_rate_are_right_wherever_they_are_given(counts: Tally) -> None:
    right, wrong, missing = counts.breakdowns
    assert wrong == 0
    assert right >= 0.8 * (right + missing)


def test_the_same_seed_gives_the_same_invoice_and_another_seed_another() -> None:
    assert specimen(7).pdf == specimen(7).pdf
    assert specimen(7).truth["seller_name"] != specimen(8).truth["seller_name"]


def test_the_sums_of_every_specimen_hold() -> None:
    for seed in range(40):
        truth = specimen(seed).truth
        shares = truth["tax_breakdown"] or []
        if shares:
            assert sum(Decimal(share["basis"]) + Decimal(share["amount"]) for share in shares) == Decimal(
                truth["gross_total"]
            )


def test_a_total_taken_for_a_row_costs_precision_and_a_lost_row_recall() -> None:
    true = [
        {"description": "Paper", "quantity": "2", "amount": "10.00"},
        {"description": "Ink", "quantity": "1", "amount": "5.00"},
    ]
    read = [
        {"description": "Paper, white", "quantity": "2", "net_total": "10.00"},
        {"description": "Total", "quantity": None, "net_total": "15.00"},
    ]
    score = score_lines(true, read)
    assert (score.precision, score.recall) == (0.5, 0.5)
    assert (score.cells, score.asked) == (2, 2)


def test_a_row_whose_amount_is_misread_is_still_found_by_what_it_says() -> None:
    true = [{"description": "Paper A4", "quantity": "2", "amount": "10.00"}]
    score = score_lines(true, [{"description": "Paper A4", "quantity": "2", "net_total": "1.00"}])
    assert (score.found, score.cells, score.asked) == (1, 1, 2)


def test_a_breakdown_is_right_only_as_a_whole() -> None:
    true = [{"rate": "19", "basis": "100", "amount": "19.00"}]
    assert breakdown_state(true, [{"rate": "19.0", "basis": "100.00", "amount": "19"}]) == 0
    assert breakdown_state(true, [{"rate": "7", "basis": "100.00", "amount": "19"}]) == 1
    assert breakdown_state(true, []) == 2
