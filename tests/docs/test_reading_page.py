"""The page on reading names every field, every set and every problem that reading knows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bots.documents.document import FATAL
from bots.documents.schemas import SCHEMAS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reading.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_field_of_a_set_stands_in_its_row(name: str) -> None:
    (row,) = re.findall(rf"^\| `{name}` \| (.*) \|$", PAGE, re.MULTILINE)
    assert sorted(re.findall(r"`([\w.]+)`", row)) == sorted(SCHEMAS[name].names)


def test_every_problem_is_told() -> None:
    sources = (ROOT / "bots" / "documents").rglob("*.py")
    codes = {
        code for file in sources for code in re.findall(r'(?:DocumentProblem|refuse)\(\s*"([A-Z_]+)"', file.read_text())
    }
    assert len(codes) > 15
    told = set(re.findall(r"`([A-Z_]{5,})`", PAGE))
    assert sorted((codes | FATAL) - told) == []
