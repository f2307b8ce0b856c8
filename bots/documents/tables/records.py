"""The rows of tables as records: each cell under the head of its column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bots.documents.document import Table
from bots.documents.words.lexicon import squeeze


@dataclass(frozen=True)
class Headed:
    """The rows of a table below its heads, and a name for each of its columns."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def headed(tables: Sequence[Table]) -> Iterator[Headed]:
    """Each table with the names of its columns; one that goes on from the page before has that one's names.

    A head in several rows is its texts from the top with a blank in between. A column without a head is `column 3`;
    where two have the same, the second is `Amount (3)`.
    """
    names: tuple[str, ...] = ()
    for table in tables:
        if not (table.continues and len(names) == len(table.rows[0]) and not table.heads):
            names = _names(table)
        yield Headed(names, table.rows[table.heads :])


def records_of(tables: Sequence[Table]) -> list[dict[str, str]]:
    """The rows of all these tables by the heads of their columns."""
    return [dict(zip(table.names, row, strict=True)) for table in headed(tables) for row in table.rows]


def records_with(tables: Sequence[Table], columns: Sequence[str]) -> list[dict[str, str]]:
    """The rows of those tables that have all of these columns, and of these only. Case and punctuation do not matter.

    A column is one whose head is the name asked for, else the only one whose head contains it.
    """
    records = []
    for table in headed(tables):
        places = [_place(name, table.names) for name in columns]
        if None not in places:
            kept = [place for place in places if place is not None]
            records += [{name: row[place] for name, place in zip(columns, kept, strict=True)} for row in table.rows]
    return records


def _place(name: str, heads: Sequence[str]) -> int | None:
    wanted = squeeze(name)
    squeezed = [squeeze(head) for head in heads]
    if wanted in squeezed:
        return squeezed.index(wanted)
    holding = [place for place, head in enumerate(squeezed) if wanted and wanted in head]
    return holding[0] if len(holding) == 1 else None


def _names(table: Table) -> tuple[str, ...]:
    names: list[str] = []
    for column in range(len(table.rows[0])):
        texts = [
            cell.text
            for cell in table.cells
            if cell.row < table.heads and cell.column <= column < cell.column + cell.column_span
        ]
        name = " ".join(texts) or f"column {column + 1}"
        names.append(f"{name} ({column + 1})" if name in names else name)
    return tuple(names)
