"""`bench documents`: on drawn invoices, and on a folder with documents and their truth."""

from __future__ import annotations

import json
from pathlib import Path

from cli_office import Office

from benchmarks.document_score import Score, calibration_error, reliability, same, truths_of
from benchmarks.zoo_score import save
from bots.documents.document import Document, Finding


def test_a_folder_of_documents_is_measured_and_each_figure_is_a_row(office: Office, tmp_path: Path) -> None:
    (tmp_path / "invoices").mkdir()
    save(range(2), tmp_path / "invoices", scan=False)
    answer = office("bench", "documents", str(tmp_path), "--no-peers", "--json")
    assert answer.code == 0
    figures = {row["figure"]: row["value"] for row in answer.lines if row["set"] == "invoices"}
    assert figures["documents / pages"].startswith("2 / ")
    assert float(figures["F1 of number, issue_date, total, seller.tax_id"]) > 0.5


def test_values_are_compared_as_letters_money_to_the_cent() -> None:
    assert same("number", "RE-2026/17", "re 2026 17")
    assert same("total", "529.870", 529.87)
    assert not same("total", "529.88", 529.87)
    assert not same("seller.name", "Muster GmbH", "Muster AG")


def test_a_document_counts_as_accepted_and_wrong_where_a_confident_value_is_false(tmp_path: Path) -> None:
    row = {"file": "a.pdf", "invoice_number": "17", "gross_total": "5.00", "seller_name": "Muster GmbH"}
    (tmp_path / "truth.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    (truth,) = truths_of(tmp_path)
    document = Document("a.pdf", confidence=0.95)
    document.fields = {"number": Finding("18", 0.97), "total": Finding("5.00", 0.97)}
    score = Score()
    score.add(truth, document, 0.9)
    assert (score.accepted, score.accepted_with_wrong_value, score.accepted_wrong, score.whole) == (1, 1, 1, 0)
    assert score.missing["seller.name"] == 1
    assert score.f1() == 2 * 1 / (2 * 1 + 2 * 1 + 1)


def test_confidence_that_promises_too_much_shows_in_its_table() -> None:
    pairs = [(0.95, True)] * 5 + [(0.95, False)] * 5
    ((band, count, sure, right),) = reliability(pairs)
    assert (band, count, right) == ("0.9-1.0", 10, 0.5)
    assert abs(sure - 0.95) < 1e-9
    assert abs(calibration_error(pairs) - 0.45) < 1e-9
