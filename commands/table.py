"""A table that fits the terminal: nothing in it is cut, so that every id can be copied from the screen."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

LEAST = 16
"""No column is made narrower than this by wrapping: a date with its time stays on one line."""

BETWEEN = 3
"""The spaces between two columns."""

Lines = Sequence[Sequence[str]]


def print_table(console: Console, columns: Sequence[str], lines: Lines, spare: Sequence[str] = ()) -> None:
    """Print the lines as a table as wide as the console at most.

    Text is wrapped between words. Where that is not enough, the columns named in `spare` are left out, in this order,
    and a sentence says so; where that is not enough either, each line becomes a block with one cell a line.
    """
    dropped: list[str] = []
    kept = list(range(len(columns)))
    while (widths := _widths([_column(columns, lines, number) for number in kept], console.width)) is None:
        if len(dropped) == len(spare):
            _print_blocks(console, columns, lines)
            return
        dropped.append(spare[len(dropped)])
        kept = [number for number, name in enumerate(columns) if name not in dropped]
    _print_columns(console, [columns[number] for number in kept], [[line[n] for n in kept] for line in lines], widths)
    if dropped:
        console.print(f"\nnot shown in this width: {', '.join(dropped)}; a wider terminal or --json has them")


def _column(columns: Sequence[str], lines: Lines, number: int) -> list[str]:
    return [columns[number], *(line[number] for line in lines)]


def _widths(columns: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """How wide each column is when all fit into `room`; None if they cannot, even wrapped between all words."""
    from rich.cells import cell_len

    natural = [max(cell_len(part) for cell in cells for part in cell.split("\n")) for cells in columns]
    words = [max(cell_len(word) for cell in cells for word in cell.split() or [""]) for cells in columns]
    least = [min(full, max(LEAST, word)) for full, word in zip(natural, words, strict=True)]
    room -= BETWEEN * (len(columns) - 1)
    if sum(least) > room:
        return None
    widths = list(natural)
    while sum(widths) > room:
        widest = max((n for n in range(len(widths)) if widths[n] > least[n]), key=lambda n: widths[n])
        widths[widest] -= 1
    return widths


def _print_columns(console: Console, columns: Sequence[str], lines: Lines, widths: Sequence[int]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name, width in zip(columns, widths, strict=True):
        table.add_column(name, width=width, overflow="fold")
    for cells in lines:
        table.add_row(*map(Text, cells))
    console.print(table)


def _print_blocks(console: Console, columns: Collection[str], lines: Lines) -> None:
    width = max(map(len, columns))
    for number, cells in enumerate(lines):
        if number:
            console.print()
        for line in _block(columns, cells, width):
            # The terminal wraps what is too long for it: so an id is copied whole, without a line's end in it.
            console.print(line, markup=False, soft_wrap=True)


def _block(columns: Collection[str], cells: Sequence[str], width: int) -> Iterator[str]:
    for name, cell in zip(columns, cells, strict=True):
        if cell:
            yield f"{name:<{width}}  {cell}"
