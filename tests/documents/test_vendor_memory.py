"""Review that becomes learning: two invoices are corrected, the third one is read right."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from bots.documents.vendors import learning
from engine import exceptions
from engine.errors import BusinessException
from engine.store.database import Database
from engine.store.memory import StoredMemory
from engine.work import Report
from tests.documents.strange import strange
from tests.documents.teaching import MARY, Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()


def teach(desk: Desk, *numbers: str) -> list[str]:
    """Correct the number of one invoice after the other; what is said of each."""
    told = []
    for number in numbers:
        report = desk.read(strange(desk.folder / f"{number}.pdf", number=number))
        told.append(desk.correct(report.item, {"number": number}))
    return told


def test_two_corrections_teach_where_a_field_stands(desk: Desk) -> None:
    first = desk.read(strange(desk.folder / "1.pdf", number="VG-20417"))
    assert desk.field(first.item, "number") == ("5512", "text")

    told = teach(desk, "VG-20417", "VG-20509")
    assert told == [
        "Saved as an example of Quellwerk Manufaktur GmbH; with one more like it, the invoice number will be found by itself.",
        "Saved as an example of Quellwerk Manufaktur GmbH; invoice number: the word right of 'Unser Vorgang', like VG-99999: "
        "used from now on if it proves right on the past documents.",
    ]

    third = desk.read(strange(desk.folder / "3.pdf", number="VG-21333"))
    assert desk.field(third.item, "number") == ("VG-21333", "template")
    (template,) = desk.templates()
    assert (template.state, template.reason) == ("active", "used: it fixes 2, breaks 0")


def test_what_was_taught_outlives_the_worker(desk: Desk) -> None:
    teach(desk, "VG-20417", "VG-20509")
    desk.engine.close()
    desk.engine = desk.new_engine()
    third = desk.read(strange(desk.folder / "3.pdf", number="VG-21333"))
    assert desk.field(third.item, "number") == ("VG-21333", "template")


def test_a_dry_run_uses_what_is_active_and_keeps_nothing(desk: Desk, tmp_path: Path) -> None:
    teach(desk, "VG-20417", "VG-20509")
    real, aside = desk.database, tmp_path / "aside"
    aside.mkdir()
    untested = dry_run(aside, real)
    assert untested.outputs["number"] == "5512"
    assert desk.templates() == []
    desk.read(strange(tmp_path / "3.pdf", number="VG-21333"))
    before = desk.templates()
    assert dry_run(aside, real).outputs["number"] == "VG-30001"
    assert desk.templates() == before


def dry_run(folder: Path, real: Database) -> Report:
    dry = Desk(folder)
    dry.engine = dry.new_engine(dry_run=True, taught=real)
    report = dry.read(strange(folder / "dry.pdf", number="VG-30001"), look=False)
    assert dry.vendors() == []
    dry.close()
    return report


def test_two_corrections_that_disagree_teach_nothing(desk: Desk) -> None:
    first = desk.read(strange(desk.folder / "1.pdf", number="VG-20417"))
    desk.correct(first.item, {"number": "VG-20417"})
    second = desk.read(strange(desk.folder / "2.pdf", label="", street="Am Bach 3, RE/2026/07"))
    told = desk.correct(second.item, {"number": "RE/2026/07"})
    assert told == (
        "Saved as an example of Quellwerk Manufaktur GmbH; the 2 examples do not agree yet on where the invoice number stands."
    )
    third = desk.read(strange(desk.folder / "3.pdf", number="VG-21333"))
    assert desk.field(third.item, "number") == ("5512", "text")
    assert desk.templates() == []


def test_a_value_that_is_not_on_the_pages_teaches_nothing_and_says_so(desk: Desk) -> None:
    report = desk.read(strange(desk.folder / "1.pdf"))
    assert desk.correct(report.item, {"number": "RE/2026/07"}) == (
        "Saved as an example of Quellwerk Manufaktur GmbH; "
        "the invoice number does not stand on the pages as it is, so nothing is learned from it."
    )


def test_an_anchor_that_breaks_a_past_document_is_not_used(desk: Desk) -> None:
    approved = desk.read(strange(desk.folder / "0.pdf", number="VG-10001"))
    assert desk.field(approved.item, "number") == ("5512", "text")
    desk.approve(approved.item)
    teach(desk, "VG-20417", "VG-20509")
    third = desk.read(strange(desk.folder / "3.pdf", number="VG-21333"))
    assert desk.field(third.item, "number") == ("5512", "text")
    (template,) = desk.templates()
    assert (template.state, template.reason) == ("proposed", "not used: it fixes 2, breaks 1 (0.pdf)")


def test_an_anchor_is_given_up_once_two_corrections_contradict_it(desk: Desk) -> None:
    teach(desk, "VG-20417", "VG-20509")
    states = []
    for number in ("VG-21333", "VG-21400"):
        report = desk.read(strange(desk.folder / f"{number}.pdf", number=number))
        states += [template.state for template in desk.templates()]
        desk.correct(report.item, {"number": "5512"})
    last = desk.read(strange(desk.folder / "last.pdf", number="VG-30000"))
    assert desk.field(last.item, "number") == ("5512", "text")
    (template,) = desk.templates()
    assert states == ["active", "proposed"]
    assert (template.state, template.reason) == ("retired", "2 corrections contradict it")


def test_more_of_the_same_raises_the_confidence(desk: Desk) -> None:
    teach(desk, "VG-20417", "VG-20509")
    third = desk.read(strange(desk.folder / "3.pdf", number="VG-21333"))
    desk.approve(third.item)
    fourth = desk.read(strange(desk.folder / "4.pdf", number="VG-21400"))
    confidences = [desk.result(item)["fields"]["number"]["confidence"] for item in (third.item, fourth.item)]
    assert confidences == [Decimal("0.833"), Decimal("0.875")]
    assert [desk.result(item)["confidence"] for item in (third.item, fourth.item)] == confidences


def test_a_field_that_is_not_on_the_documents_can_be_cleared_for_good(desk: Desk) -> None:
    told = []
    for n in (1, 2):
        report = desk.read(strange(desk.folder / f"{n}.pdf", number=f"VG-2041{n}"))
        assert desk.field(report.item, "buyer.name")[0] == "Buchhaus Hafen GmbH"
        told.append(desk.correct(report.item, {"buyer.name": ""}))
    assert "buyer name: not on this vendor's documents" in told[1]
    third = desk.read(strange(desk.folder / "3.pdf"))
    assert "buyer.name" not in desk.result(third.item)["fields"]


def test_a_name_that_stands_nowhere_is_remembered_as_it_is(desk: Desk) -> None:
    for n in (1, 2):
        report = desk.read(strange(desk.folder / f"{n}.pdf", number=f"VG-2041{n}"))
        desk.correct(report.item, {"seller.name": "Quellwerk Manufaktur Süd GmbH"})
    third = desk.read(strange(desk.folder / "3.pdf"))
    assert desk.field(third.item, "seller.name") == ("Quellwerk Manufaktur Süd GmbH", "template")
    assert desk.vendors() == ["Quellwerk Manufaktur Süd GmbH"]


def test_another_account_than_last_time_is_never_replaced_by_the_one_known(desk: Desk) -> None:
    for n in (1, 2):
        report = desk.read(strange(desk.folder / f"{n}.pdf", number=f"VG-2041{n}"))
        desk.correct(report.item, {"seller.iban": "DE89370400440532013000"})
    third = desk.read(strange(desk.folder / "3.pdf"))
    assert "seller.iban" not in desk.result(third.item)["fields"]


def test_where_only_the_label_is_found_the_field_alone_is_doubted(desk: Desk) -> None:
    teach(desk, "VG-20417", "VG-20509")
    usual = desk.read(strange(desk.folder / "3.pdf", number="VG-21333"))
    other = desk.read(strange(desk.folder / "4.pdf", number="siehe oben"))
    fields = [desk.result(item)["fields"] for item in (usual.item, other.item)]
    assert fields[1]["number"]["value"] == "5512"
    assert fields[1]["number"]["confidence"] < Decimal("0.85")
    assert desk.result(other.item)["confidence"] == fields[1]["number"]["confidence"]
    assert {name: told["confidence"] for name, told in fields[0].items() if name != "number"} == {
        name: told["confidence"] for name, told in fields[1].items() if name != "number"
    }


def test_documents_that_nobody_looked_at_are_kept_as_past_documents(desk: Desk) -> None:
    report = desk.read(strange(desk.folder / "1.pdf"), look=False)
    assert report.outcome == "done"
    with desk.database.read() as transaction:
        memory = StoredMemory(transaction, "document")
        (vendor,) = memory.subjects()
        (example,) = memory.examples(vendor.id)
    assert example.person is None
    assert example.data["fields"]["total"] == Decimal("1558.90")
    assert "seller.name" in example.data["fields"]


def test_only_so_many_documents_of_a_vendor_are_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "MOST", 4)
    monkeypatch.setattr(learning, "MOST_UNSEEN", 2)
    first = desk.read(strange(desk.folder / "0.pdf", number="VG-1"))
    desk.correct(first.item, {"number": "VG-1"})
    for n in range(1, 4):
        desk.read(strange(desk.folder / f"{n}.pdf", number=f"VG-{n}"), look=False)
        desk.approve(desk.read(strange(desk.folder / f"a{n}.pdf", number=f"VA-{n}")).item)
    with desk.database.read() as transaction:
        memory = StoredMemory(transaction, "document")
        (vendor,) = memory.subjects()
        kept = [example.data["file"] for example in memory.examples(vendor.id)]
    assert sorted(kept) == ["0.pdf", "a1.pdf", "a2.pdf", "a3.pdf"]


def test_learning_that_fails_does_not_undo_the_correction(desk: Desk) -> None:
    report = desk.read(strange(desk.folder / "1.pdf"))
    for file in desk.surroundings.artifacts.folder.rglob("*"):
        if file.is_file() and file.read_bytes()[64:65] == b"\n":
            file.write_bytes(file.read_bytes()[:65] + b"damaged")
    told = desk.correct(report.item, {"number": "VG-20417"})
    assert told == (
        "Nothing was learned from it: document.read failed with ValueError: the words of the pages cannot be unpacked: "
        "Error -3 while decompressing data: incorrect header check"
    )
    assert desk.engine.report(report.item).outputs["number"] == "VG-20417"
    assert desk.vendors() == []


def blank(path: Path) -> Path:
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path))
    canvas.showPage()
    canvas.save()
    return path


def test_the_values_of_a_document_that_cannot_be_read_are_entered_by_hand(desk: Desk) -> None:
    report = desk.read(blank(desk.folder / "blank.pdf"))
    assert (report.outcome, report.code) == ("exception", "NO_TEXT")
    with pytest.raises(BusinessException) as caught:
        desk.correct(report.item, {"number": "A-1", "total": "10,00"})
    assert str(caught.value) == (
        "Nothing could be read from this document, and there is no issue date, no seller's name yet; enter these too"
    )
    values = {"number": "A-1", "total": "10,00", "issue_date": "2026-03-01", "seller.name": "Handwerk & Co"}
    desk.correct(report.item, values)
    assert desk.engine.report(report.item).outputs == {"number": "A-1", "total": Decimal("10.00")}
    assert desk.result(report.item)["problems"] == []


def test_a_document_that_could_not_be_read_can_still_be_read_again(desk: Desk) -> None:
    report = desk.read(blank(desk.folder / "blank.pdf"))
    with desk.database.write() as transaction:
        exceptions.retry(transaction, report.item, MARY, desk.clock.now())
    assert desk.go_on(report.item).code == "NO_TEXT"
