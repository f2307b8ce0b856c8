"""Documents broken at random from a seed: none crashes the process that asks, and each has a name for what is wrong."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from benchmarks.documents_fuzz import corpus, fuzz, mutants
from bots.documents.pages.limits import Limits
from bots.documents.reader import Reader
from tests.documents.test_einvoices import UBL


def test_a_few_dozen_broken_documents_are_read_or_named() -> None:
    with Reader(Limits(memory=256, cpu=3)) as reader:
        report = fuzz(120, 7, reader, cases=75)
    assert (report.cases, report.crashes, report.faults) == (75, [], [])
    assert report.read > 3
    assert report.problems["CORRUPT_FILE"] > 10


def test_a_seed_makes_the_same_files_again() -> None:
    first, again, other = (list(islice(mutants(seed), 20)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_what_is_broken_is_read_well_while_it_is_whole(tmp_path: Path) -> None:
    with Reader() as reader:
        for suffix, content in corpus()[:5]:
            (tmp_path / f"a{suffix}").write_bytes(content)
            document = reader.read(tmp_path / f"a{suffix}", einvoice=False)
            assert document.value("number") in ("INV-2026-0417", "R-77"), suffix


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<Invoice ", "<<Invoice "),
        ("<Invoice ", "< Invoice "),
        ('encoding="UTF-8"', 'encoding="UTF-99999"'),
        ("119.00", "119.00" + "9" * 400),
        ("119.00", "1e99"),
        ("119.00", "NaN"),
        ('<cbc:TaxAmount currencyID="EUR">19.00', '<cbc:TaxAmount currencyID="EUR">-1e999999'),
    ],
)
def test_an_e_invoice_with_impossible_numbers_or_letters_is_read_or_named(tmp_path: Path, old: str, new: str) -> None:
    assert old in UBL
    (tmp_path / "a.xml").write_text(UBL.replace(old, new))
    with Reader() as reader:
        document = reader.read(tmp_path / "a.xml")
    assert [problem.code for problem in document.problems] in (["CORRUPT_FILE"], ["UNREADABLE"]) or document.value(
        "number"
    ) == "R-77"
    assert document.problems or document.value("total")
