"""Grids that hold only the rows that are seen; and places on a canvas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import ApplicationException, ConfigurationError

pytestmark = pytest.mark.browser

OPEN = {"open": "/"}

GRID = """<div role=grid aria-label=Entries %(grid)s style="width:400px">
<div role=row><span role=columnheader>Number</span><span role=columnheader>City</span></div>
<div id=view style="height:120px;overflow-y:auto;position:relative"><div id=all style="position:relative"></div></div></div>
<script>
const count = %(count)d, height = 24;
all.style.height = count * height + "px";
const draw = () => {
  const from = Math.max(0, Math.floor(view.scrollTop / height) - 2), rows = [];
  for (let n = from; n < Math.min(count, from + 10); n += 1)
    rows.push(`<div role=row %(row)s style="position:absolute;top:${n * height}px"><span role=gridcell>${%(number)s}</span> <span role=gridcell>Ulm</span></div>`);
  all.innerHTML = rows.join("");
};
view.onscroll = () => setTimeout(draw, 40);
draw();
</script>"""
READ = {"table": {"rows": {"from": "Entries", "scroll": True}}}


def _grid(count: int, grid: str = "", row: str = "", number: str = "n + 1") -> str:
    return GRID % {"count": count, "grid": grid, "row": row, "number": number}


def test_a_grid_is_scrolled_until_all_rows_are_read(site: Any, bot: Any) -> None:
    site.page("/", _grid(90))
    rows = bot.do(OPEN, READ)["rows"]
    assert rows == [{"Number": str(number), "City": "Ulm"} for number in range(1, 91)]


def test_equal_rows_are_counted_each(site: Any, bot: Any) -> None:
    site.page("/", _grid(40, number="7"))
    assert len(bot.do(OPEN, READ)["rows"]) == 40


def test_a_grid_that_numbers_its_rows_is_read_by_their_numbers(site: Any, bot: Any) -> None:
    site.page("/", _grid(35, grid="aria-rowcount=36", row="aria-rowindex=${n + 2}"))
    assert [row["Number"] for row in bot.do(OPEN, READ)["rows"]] == [str(number) for number in range(1, 36)]


def test_a_grid_with_fewer_rows_than_it_says_is_told(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", _grid(20, grid="aria-rowcount=31"))
    with pytest.raises(ApplicationException, match="says that it has 30 rows, and 20 were read"):
        quick(OPEN, READ)


def test_a_grid_that_changes_while_it_is_read_is_told(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", _grid(60, number="n + Math.floor(view.scrollTop / 60)"))
    with pytest.raises(ApplicationException) as caught:
        quick(OPEN, READ)
    assert caught.value.code == "TABLE_CHANGED"


def test_a_grid_longer_than_allowed_is_told(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", _grid(500))
    with pytest.raises(ApplicationException, match="did not come to its end in 2 views"):
        quick(OPEN, {"table": {"rows": {"from": "Entries", "scroll": True, "at_most": 2}}})


CANVAS = """<canvas id=map width=200 height=100 style="margin:30px;border:5px solid"></canvas><p id=at></p>
<script>
for (const kind of ["click", "dblclick", "contextmenu"])
  map.addEventListener(kind, event => { at.textContent += ` ${kind} ${event.offsetX},${event.offsetY}`; });
</script>"""


def test_a_place_on_a_canvas_is_clicked(site: Any, bot: Any) -> None:
    site.page("/", CANVAS)
    place = {"target": "css=#map", "at": {"right": 40, "down": 70}}
    assert bot.do(OPEN, {"click": place}, {"read": {"at": "css=#at"}})["at"] == "click 40,70"
    assert "dblclick 40,70" in bot.do(OPEN, {"double_click": place}, {"read": {"at": "css=#at"}})["at"]
    assert bot.do(OPEN, {"right_click": place}, {"read": {"at": "css=#at"}})["at"] == "contextmenu 40,70"


def test_a_place_outside_the_canvas_is_told(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", CANVAS)
    with pytest.raises(ApplicationException, match="the place 300, 10 lies outside 'css=#map', which is 210 x 110"):
        quick(OPEN, {"click": {"target": "css=#map", "at": {"right": 300, "down": 10}}})


def test_a_table_is_scrolled_or_turned_not_both(bot: Any) -> None:
    with pytest.raises((ConfigurationError, ValueError), match="scrolled or turned page by page, not both"):
        bot.do(OPEN, {"table": {"rows": {"from": "Entries", "scroll": True, "pages": "Next"}}})
