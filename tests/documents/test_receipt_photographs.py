"""Receipts photographed from paper, read from picture to values."""

from __future__ import annotations

from pathlib import Path

import pytest

from bots.documents.document import plain
from bots.documents.reader import read_document
from bots.documents.words.lexicon import squeeze
from tests.documents.till_prints import FIELDS, till_print


@pytest.mark.parametrize("seed", [40])
def test_a_photographed_receipt_is_read_from_picture_to_values(seed: int, tmp_path: Path) -> None:
    printed = till_print(seed)
    path = tmp_path / printed.name
    path.write_bytes(printed.picture())
    found = read_document(path, "receipt")
    for ours, theirs in FIELDS.items():
        assert squeeze(str(plain(found.value(ours)))) == squeeze(printed.truth[theirs])


def test_made_up_words_stand_in_the_text_and_in_the_truth_alike() -> None:
    changed = [till_print(seed) for seed in range(62, 124)]
    same = [till_print(seed % 62) for seed in range(62, 124)]
    assert any(one.truth["seller_name"] != other.truth["seller_name"] for one, other in zip(changed, same, strict=True))
    for one in changed:
        assert squeeze(one.truth["seller_name"]) in squeeze(one.text)
        assert squeeze(one.truth["gross_total"].lstrip("-")) in squeeze(one.text)
