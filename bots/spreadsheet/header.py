"""The header of a table: which column a name means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bots.spreadsheet.reading import Row
from bots.spreadsheet.values import canonical
from engine.errors import BusinessException
from engine.nearest import suggestion


class Header:
    """The names of a header row, in their order. `Total`, ` total ` and `TOTAL` mean the same column."""

    def __init__(self, columns: Mapping[int, str]) -> None:
        self.columns = dict(sorted(columns.items()))

    @classmethod
    def of(cls, row: Row | None) -> Header:
        named = {column: canonical(value) for column, value in (row or {}).items()}
        return cls({column: name for column, name in named.items() if name})

    @property
    def right(self) -> int:
        return max(self.columns, default=0)

    @property
    def left(self) -> int:
        return min(self.columns, default=1)

    def names(self) -> dict[str, int]:
        """Each name with its column; a name that stands twice gets a number, as in `Total (2)`."""
        found: dict[str, int] = {}
        for column, name in self.columns.items():
            times = sum(1 for other in self.columns.values() if other == name)
            position = sum(1 for known in found if known == name or known.startswith(f"{name} (")) + 1
            found[f"{name} ({position})" if times > 1 and position > 1 else name] = column
        return found

    def column(self, name: str) -> int | None:
        """The column of a name; BusinessException where two columns could be meant."""
        exact = [column for column, known in self.columns.items() if known == name]
        loose = [column for column, known in self.columns.items() if known.casefold() == name.strip().casefold()]
        found = exact or loose
        if len(found) > 1:
            raise BusinessException(
                "COLUMN_NOT_UNIQUE", f"{len(found)} columns are called {name!r}", advice="rename all but one of them"
            )
        return found[0] if found else None

    def known(self, names: Iterable[str], where: str) -> dict[str, int]:
        """The columns of these names; BusinessException for one that is not there."""
        found = {}
        for name in names:
            column = self.column(name)
            if column is None:
                raise BusinessException(
                    "COLUMN_NOT_FOUND",
                    f"{where} has no column {name!r}",
                    advice=suggestion(name, self.columns.values(), "see to the header row"),
                )
            found[name] = column
        return found

    def add(self, name: str) -> int:
        """A new column, right of the others."""
        column = self.right + 1
        self.columns[column] = name
        return column
