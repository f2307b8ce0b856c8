"""What a correction in the console teaches, and where a person sees it."""

from __future__ import annotations

import pytest

from tests.console.office import Office, form_of, text_of
from tests.documents.strange import strange

NAME = "Quellwerk Manufaktur GmbH"


@pytest.fixture
def staffed(office: Office) -> Office:
    office.add_user("ada", "supervisor", "accounts")
    return office


def invoice(office: Office, number: str) -> str:
    """An item that waits for a look: its totals do not add up."""
    office.clock.sleep(60)
    file = strange(office.folder / f"{number}.pdf", number=number, total="1.559,90")
    return office.work("invoice-intake", file=str(file))


def correct(office: Office, item: str, number: str) -> str:
    """Correct an invoice as a person does; what the page that follows says."""
    with office.client("ada") as client:
        form = form_of(client.get(f"/exceptions/{item}").text) | {"field.number": number, "field.total": "1.558,90"}
        answer = client.post(f"/exceptions/{item}/correct", data=form)
        assert answer.status_code == 303, text_of(answer.text)
        following = client.get(answer.headers["location"]).text
    office.go_on(item)
    return text_of(following)


def test_a_correction_says_what_it_taught_and_the_next_one_where_it_was_used(staffed: Office) -> None:
    first, second = (invoice(staffed, number) for number in ("VG-20417", "VG-20509"))
    said = correct(staffed, first, "VG-20417")
    assert f"2 fields corrected; the item goes on. Saved as an example of {NAME}; with one more like it," in said
    assert "the invoice number will be found by itself" in said
    said = correct(staffed, second, "VG-20509")
    assert "invoice number: the word right of 'Unser Vorgang', like VG-99999: used from now on if" in said

    third = invoice(staffed, "VG-21333")
    with staffed.client("ada") as client:
        page = client.get(f"/exceptions/{third}").text
        decided = client.get(f"/exceptions/{staffed.decisions(first)[0]['exception']}").text
    assert 'value="VG-21333"' in page
    assert "found as it was corrected before" in text_of(page)
    assert "with one more like it, the invoice number will be found by itself" in text_of(decided)


def test_a_person_sees_what_is_known_of_the_vendors(staffed: Office) -> None:
    with staffed.client("ada") as client:
        assert "two corrections that agree are enough" in client.get("/vendors").text
    for number in ("VG-20417", "VG-20509"):
        correct(staffed, invoice(staffed, number), number)
    with staffed.client("ada") as client:
        assert "new examples, tested when the next document comes" in client.get("/vendors").text
        invoice(staffed, "VG-21333")
        page = client.get("/vendors").text
        assert f"{NAME} 2 2 1 field found by what was taught" in text_of(page)
        link = page[page.index("/vendors/sub_") :].partition('"')[0]
        shown = text_of(client.get(link).text)
        assert client.get("/vendors/sub_none").status_code == 404
    assert "invoice number: the word right of 'Unser Vorgang', like VG-99999 active used: it fixes 2, breaks 0" in shown
    assert "Number: 5512 → VG-20417" in shown
    assert "vat:DE811193231" in shown


def test_nobody_sees_the_vendors_without_signing_in(staffed: Office) -> None:
    with staffed.client() as client:
        assert client.get("/vendors").headers["location"].startswith("/sign-in")


def test_what_could_not_be_read_is_entered_in_the_console(staffed: Office) -> None:
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(staffed.folder / "blank.pdf"))
    canvas.showPage()
    canvas.save()
    item = staffed.work("invoice-intake", file=str(staffed.folder / "blank.pdf"))
    with staffed.client("ada") as client:
        page = client.get(f"/exceptions/{item}").text
        assert 'name="field.seller.name"' in page
        assert 'alt="page-1.png"' in page
        form = form_of(page) | {"field.number": "A-1"}
        refused = client.post(f"/exceptions/{item}/correct", data=form)
        assert "there is no issue date, no seller's name, no total yet" in text_of(refused.text)
        form |= {"field.total": "10,00", "field.issue_date": "2026-03-01", "field.seller.name": "Handwerk & Co"}
        assert client.post(f"/exceptions/{item}/correct", data=form).status_code == 303
    staffed.go_on(item)
    assert staffed.state(item) == "done"
    assert staffed.posts == ["A-1 10.00"]
