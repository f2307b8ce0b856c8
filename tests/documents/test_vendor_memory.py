"""Review that becomes learning: two invoices are corrected, the third one is read right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from teaching import Desk

from tests.documents.strange import strange


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
