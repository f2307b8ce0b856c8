"""Words of a page and the value in a box, as the console answers them: for whom, from where, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx
import pytest

from console import paper
from engine import items
from tests.console.office import Office, csrf_of
from tests.console.test_console_in_browser import wrong_total
from tests.documents.bank_papers import LAYOUTS, bookings, draw_statement


def words(client: httpx.Client, item: str, page: int = 1) -> dict[str, list[Any]]:
    """The boxes of a page's words, by the word; of equal ones the last."""
    answer = client.get(f"/exceptions/{item}/words/{page}")
    assert answer.status_code == 200, answer.text
    return {word[0]: word[1:] for word in answer.json()["words"]}


def take(client: httpx.Client, item: str, field: str, place: str, **more: str) -> httpx.Response:
    csrf = csrf_of(client.get(f"/exceptions/{item}").text)
    return client.post(f"/exceptions/{item}/capture", data={"csrf": csrf, "field": field, "place": place, **more})


def placed(box: list[float]) -> str:
    return " ".join(map(str, [1, *box]))


def test_a_value_is_answered_as_it_is_typed_with_its_place(staffed: Office) -> None:
    item = wrong_total(staffed)
    with staffed.client("ada") as client:
        box = words(client, item)["INV-2026-0417"]
        told = take(client, item, "number", placed(box)).json()
    assert told == {"value": "INV-2026-0417", "printed": "INV-2026-0417", "note": "", "place": placed(box)}


@pytest.mark.parametrize(
    ("field", "place", "says"),
    [
        ("number", "1 1 1 3 3", "No words were read in this box. Draw it around printed words, or type the value."),
        ("number", "9 1 1 3 3", "The document has no page 9. Draw on one of its pages."),
        ("colour", "1 1 1 900 900", "The document has no field 'colour'. Choose another one."),
        ("number", "1 9 9 1 1", "'1 9 9 1 1' is no place on a page. Draw the box again."),
        ("number", "1 nan 0 9 9", "'1 nan 0 9 9' is no place on a page. Draw the box again."),
        ("number", "../../etc/passwd", "'../../etc/passwd' is no place on a page. Draw the box again."),
    ],
)
def test_what_cannot_be_taken_is_refused_in_plain_words(staffed: Office, field: str, place: str, says: str) -> None:
    item = wrong_total(staffed)
    with staffed.client("ada") as client:
        answer = take(client, item, field, place)
    assert (answer.status_code, answer.json()) == (422, {"error": says})


def test_a_place_that_was_made_up_is_refused_with_what_was_typed(staffed: Office) -> None:
    item = wrong_total(staffed)
    with staffed.client("ada") as client:
        csrf = csrf_of(client.get(f"/exceptions/{item}").text)
        given = {"csrf": csrf, "field.total": "372.00", "place.total": "one two"}
        answer = client.post(f"/exceptions/{item}/correct", data=given)
    assert answer.status_code == 409
    assert "is no place on a page" in answer.text
    assert 'value="372.00"' in answer.text
    assert staffed.decisions(item) == []


def test_only_who_decides_takes_values_and_who_sees_it_reads_the_words(staffed: Office) -> None:
    staffed.add_user("vic", "viewer")
    item = wrong_total(staffed)
    with staffed.client("vic") as client:
        box = words(client, item)["INV-2026-0417"]
        assert take(client, item, "number", placed(box)).status_code == 403
        # Who may decide nothing is not at it either.
        assert client.post(f"/exceptions/{item}/look", data={"csrf": csrf_of(client.get("/").text)}).status_code == 403
    with staffed.client("ada") as client:
        assert "vic" not in client.get(f"/exceptions/{item}/lookers").text
        assert take(client, item, "number", placed(box), csrf="made up").status_code == 403


def test_words_that_the_reading_did_not_keep_are_read_again(staffed: Office) -> None:
    made = bookings(4, 7)
    file = draw_statement(staffed.folder / "s.pdf", LAYOUTS["british"], made, printed={6: Decimal("99999.01")})
    item = staffed.work("statements", file=str(file))
    with staffed.client("ada") as client:
        found = words(client, item)
        balance = found["99,999.01"]
        told = take(client, item, "closing_balance", placed(balance)).json()
    assert (told["value"], told["printed"]) == ("99999.01", "99,999.01")


def test_a_document_that_is_not_kept_any_more_says_so(staffed: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    item = wrong_total(staffed)
    with staffed.client("ada") as client:
        client.get(f"/exceptions/{item}")
        monkeypatch.setattr(paper, "WORDS", "gone")
        with staffed.database.read() as transaction:
            path = items.get(transaction, item)["inputs"]["file"]["path"]
        staffed.surroundings.artifacts.here(path).unlink()
        answer = client.get(f"/exceptions/{item}/words/1")
    assert answer.status_code == 422
    assert answer.json() == {"error": "The words of this document are not kept any more. Type the value."}


def test_a_page_that_is_fetched_before_it_is_opened_claims_nothing(staffed: Office) -> None:
    item = wrong_total(staffed)
    with staffed.client("root") as root, staffed.client("ada") as ada:
        assert root.get(f"/exceptions/{item}", headers={"x-preload": "1"}).status_code == 200
        assert "root looks at it" not in ada.get(f"/exceptions/{item}").text
        csrf = csrf_of(root.get("/").text)
        assert "ada looks at it" in root.post(f"/exceptions/{item}/look", data={"csrf": csrf}).text
        assert "root looks at it" in ada.get(f"/exceptions/{item}").text
