"""Tables that hold only the rows that are seen: scrolled from the top to the end, each row read once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bots.browser import failures
from bots.browser.targets import Target, parse

if TYPE_CHECKING:
    from playwright.sync_api import Frame

    from bots.browser.session import Session

LOOKS = 3  # a grid is drawn when it looks the same so often, one look after the other
SETTLES = 3.0  # seconds it may take to draw, or to load, what was scrolled to


class Grids:
    def __init__(self, session: Session) -> None:
        self._session = session

    def records(self, source: str, at_most: int) -> list[dict[str, str]]:
        """All rows as records by header. `at_most` counts the views scrolled through.

        A row is known by its number (`aria-rowindex`) or by its place in what is scrolled, so that equal rows count
        twice and none is read twice. ApplicationException where rows change while they are read, or are missing.
        """
        target = parse(source, selector=True)
        self._session.proofs.rest()
        frame, _shown = self._one(target)
        self._session.finder.call(frame, "gridScroll", "top")
        rows: dict[int, list[str]] = {}
        for _view in range(at_most):
            self._session.more_time()
            shown = self._settled(target)
            self._take(rows, shown, source)
            if shown["end"]:
                return self._whole(rows, shown, source)
            frame, _shown = self._one(target)
            self._session.finder.call(frame, "gridScroll", "down")
        raise self._session.failure(
            "PAGE_TIMEOUT",
            f"the table {source!r} did not come to its end in {at_most} views; {len(rows)} rows were read "
            f"({self._session.where()})",
            "raise at_most, or search for what is needed first",
        )

    def _take(self, rows: dict[int, list[str]], shown: dict[str, Any], source: str) -> None:
        for row in shown["rows"]:
            known = rows.setdefault(row["key"], row["cells"])
            if known != row["cells"]:
                raise self._session.failure(
                    "TABLE_CHANGED",
                    f"the table {source!r} changed while it was read: where {known} stood, {row['cells']} stands now "
                    f"({self._session.where()})",
                    "sort or filter it so that it keeps still, then read it again",
                )

    def _whole(self, rows: dict[int, list[str]], shown: dict[str, Any], source: str) -> list[dict[str, str]]:
        total = shown["total"]
        if total is not None and total != len(rows):
            raise self._session.failure(
                "TABLE_CHANGED",
                f"the table {source!r} says that it has {total} rows, and {len(rows)} were read "
                f"({self._session.where()})",
                "read it again; if it comes again, read it page by page",
            )
        return [dict(zip(shown["headers"], rows[key], strict=False)) for key in sorted(rows)]

    def _settled(self, target: Target) -> dict[str, Any]:
        """What is drawn once the grid keeps still and the page loads nothing."""
        before: dict[str, Any] = {}
        same = 0
        for last in self._session.polls(SETTLES):
            _frame, shown = self._one(target)
            same = same + 1 if shown == before else 1
            before = shown
            if last or (same >= LOOKS and shown["rows"] and self._session.profile.traffic.quiet_for() > 0):
                break
        return before

    def _one(self, target: Target) -> tuple[Frame, dict[str, Any]]:
        session = self._session
        found: list[tuple[Frame, dict[str, Any]]] = []
        for last in session.polls():
            answers = [(frame, session.finder.call(frame, "grid", target.as_data())) for frame in self._frames(target)]
            found = [(frame, told) for frame, told in answers if told and told["grids"]]
            if len(found) == 1 and found[0][1]["grids"] == 1:
                return found[0]
            if last:
                break
        count = sum(told["grids"] for _frame, told in found)
        if count:
            raise session.failure(
                "ELEMENT_AMBIGUOUS",
                f"{target.text!r} fits {count} tables on {session.where()}",
                "write `css=` with what tells them apart",
            )
        names, lines = session.finder.inventory("text")
        message, advice = failures.not_found(target.text, "any", session.where(), names, lines)
        raise session.failure("ELEMENT_NOT_FOUND", message.replace("element", "table", 1), advice)

    def _frames(self, target: Target) -> list[Frame]:
        return self._session.finder.frames(target.frame)
