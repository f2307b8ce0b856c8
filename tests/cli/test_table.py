"""Tables fit the terminal, and whatever its width no id is cut."""

from __future__ import annotations

import io

from rich.console import Console

from commands.table import print_table

COLUMNS = ["item", "code", "message", "due"]
ITEM = "item_06h0bebfsk7jzh2w1rd7"
LINES = [
    [ITEM, "TOTALS_DISAGREE", "the lines make 2924.80, the net total is 1462.40; compare them", "2026-11-24 08:00"],
    ["item_06h0bebfwgdvheg1ed6w", "", "", ""],
]


def shown(width: int, *spare: str) -> str:
    out = io.StringIO()
    print_table(Console(file=out, width=width, highlight=False), COLUMNS, LINES, spare)
    return out.getvalue()


def test_a_wide_terminal_shows_every_line_on_one_line() -> None:
    told = shown(140, "due").splitlines()
    assert len(told) == 4
    assert told[2].split("   ") == [*LINES[0][:3], LINES[0][3]]


def test_a_narrower_one_wraps_text_between_words_and_cuts_nothing() -> None:
    told = shown(90)
    assert max(map(len, told.splitlines())) <= 90
    assert "…" not in told
    for word in (ITEM, "TOTALS_DISAGREE", "2026-11-24 08:00", "2924.80,"):
        assert word in told


def test_then_the_spare_columns_are_left_out_and_it_says_so() -> None:
    told = shown(70, "due")
    assert "2026-11-24" not in told
    assert ITEM in told
    assert told.splitlines()[-1].startswith("not shown in this width: due;")


def test_in_a_very_narrow_one_each_line_becomes_a_block_without_its_empty_cells() -> None:
    assert shown(40, "due").splitlines() == [
        f"item     {ITEM}",
        "code     TOTALS_DISAGREE",
        "message  the lines make 2924.80, the net total is 1462.40; compare them",
        "due      2026-11-24 08:00",
        "",
        "item     item_06h0bebfwgdvheg1ed6w",
    ]
