"""`bench healing` in small: its counts add up, and what is gone is never replaced."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.healing_score import measure
from commands.session import Session

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><title>Bills</title><h1>Bill entry</h1><form id=bill>
<table><tr><td>Bill no.<td><input id=billno name=billno><tr><td>Customer<td><input id=customer name=customer></table>
<button id=store name=store>Save</button> <button type=button id=show name=show>Print</button></form>"""


def test_what_is_reworded_is_found_again_and_what_is_gone_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bills.html").write_text(PAGE)
    rows = {
        row.change: row
        for row in measure(Session(), tmp_path, each=2, pages=tmp_path, kinds=("nothing", "wording", "replaced"))
    }
    assert rows["nothing"].found == rows["nothing"].cases == 4
    assert rows["wording"].healed >= 2 and rows["wording"].found + rows["wording"].healed + rows["wording"].refused == 4
    assert rows["replaced"].refused == 4
    assert rows["all"].cases == 12 and rows["all"].wrong == rows["all"].misled == 0
