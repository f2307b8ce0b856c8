"""A bank statement whose balances do not hold: a person sees its bookings, and corrects what was misread."""

from __future__ import annotations

from decimal import Decimal

from tests.console.office import Office, form_of, text_of
from tests.documents.bank_papers import LAYOUTS, bookings, draw_statement


def test_bookings_are_shown_and_a_corrected_balance_is_checked_before_the_item_goes_on(office: Office) -> None:
    office.add_user("ada", "supervisor", "accounts")
    made = bookings(4, 7)
    paper = draw_statement(office.folder / "s.pdf", LAYOUTS["british"], made, printed={6: Decimal("99999.01")})
    item = office.work("statements", file=str(paper))
    with office.client("ada") as client:
        page = client.get(f"/exceptions/{item}").text
        told = text_of(page)
        assert "7 bookings" in told
        assert f"{made[0][0]} {made[0][1]}" in told
        assert str(made[1][2]) in told
        assert "this booking is misread, or one is missing before it" in told
        answer = client.post(f"/exceptions/{item}/correct", data=form_of(page) | {"field.currency": "GBP"})
        assert answer.status_code == 409
        assert "the balance should be" in text_of(answer.text)
