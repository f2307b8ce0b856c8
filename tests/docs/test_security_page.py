"""The page on security names tests that there are, each in the file that it says, and every attack of the web."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
FILES = {file.name: file.read_text(encoding="utf-8") for file in (ROOT / "tests").rglob("test_*.py")}


def test_every_test_on_the_page_is_there_and_in_the_file_it_names() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("|") and "`test_" in line]
    assert len(rows) > 40
    for row in rows:
        file = None
        for name in re.findall(r"`(test_\w+(?:\.py)?)`", row):
            if name.endswith(".py"):
                assert name in FILES, name
                file = name
            elif file is not None:
                assert f"def {name}(" in FILES[file], f"{name} in {file}"
            else:
                assert any(f"def {name}(" in text for text in FILES.values()), name


def test_every_test_of_an_attack_stands_under_its_number() -> None:
    """A new test of an attack that the page knows is of a number that the page has."""
    numbers = set(re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE))
    found = {name.lstrip("0") for text in FILES.values() for name in re.findall(r"def test_attack_(\d+)_", text)}
    assert set(map(str, [*range(1, 7), *range(10, 25)])) <= numbers
    assert found <= numbers, "say on the page what shows it"
