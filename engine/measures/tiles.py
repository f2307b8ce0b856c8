"""The tiles that come from the sums alone: what each is called, its formula, its value, and how it went day by day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from engine.measures.scope import Figures
from engine.measures.sums import Sums, percentile

MOST_POINTS = 92
"""A trend has a point for each day, for each week where that would be more than these."""


@dataclass(frozen=True, slots=True)
class Point:
    """A day or a week of a trend; `value` None: nothing to count."""

    name: str
    value: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Tile:
    """`text` is the value as a person reads it. `missing`: there is no figure, and this is why and what helps.

    `n` counts `of` what. `good` tells whether more is better (True), worse (False), or neither. `group` sorts the page.
    """

    key: str
    group: str
    title: str
    formula: str
    value: float | None
    text: str
    n: int
    of: str
    note: str = ""
    missing: str = ""
    trend: tuple[Point, ...] = ()
    good: bool | None = None
    drill: bool = True


@dataclass(frozen=True, slots=True)
class Plain:
    """A measure of the sums alone: `value` of some sums, None where `n` of them is nothing."""

    key: str
    group: str
    title: str
    formula: str
    of: str
    n: Callable[[Sums], int]
    value: Callable[[Sums], float | None]
    shown: Callable[[float], str]
    good: bool | None = None

    def tile(self, found: Figures, total: Sums | None = None) -> Tile:
        sums = total or found.total
        n = self.n(sums)
        value = self.value(sums) if n else None
        return Tile(
            self.key,
            self.group,
            self.title,
            self.formula,
            value,
            self.shown(value) if value is not None else "–",
            n,
            self.of,
            missing="" if n else f"No {self.of} in this period.",
            trend=trend(found, self._at, self.shown),
            good=self.good,
        )

    def _at(self, sums: Sums) -> float | None:
        return self.value(sums) if self.n(sums) else None


def share(value: float) -> str:
    return f"{value * 100:.1f} %"


def span(milliseconds: float) -> str:
    """As `4.2 s`, `12 min`, `3.5 h`, `2.1 days`."""
    seconds = milliseconds / 1000
    for size, unit, most in ((1, "s", 90), (60, "min", 90 * 60), (3600, "h", 48 * 3600)):
        if seconds < most:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 86400:.3g} days"


def number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.2g}"


def part(some: int, all_: int) -> float | None:
    return some / all_ if all_ else None


PLAIN: Sequence[Plain] = (
    Plain(
        "straight-through",
        "flow",
        "Straight-through",
        "closed as done with no decision of a person / closed",
        "closed items",
        lambda sums: sums.closed,
        lambda sums: part(sums.straight, sums.closed),
        share,
        True,
    ),
    Plain(
        "exception-rate",
        "quality",
        "Exception rate",
        "items with an exception (all kinds but approvals that the workflow asks for) / started",
        "started items",
        lambda sums: sums.started,
        lambda sums: part(sums.troubled, sums.started),
        share,
        False,
    ),
    Plain(
        "cycle-p50",
        "flow",
        "Cycle time, median",
        "closed - received; half of the closed items took no longer (nearest rank)",
        "closed items",
        lambda sums: sums.closed,
        lambda sums: percentile(sums.cycles, 50),
        span,
        False,
    ),
    Plain(
        "cycle-p95",
        "flow",
        "Cycle time, 95 %",
        "closed - received; 95 of 100 closed items took no longer (nearest rank)",
        "closed items",
        lambda sums: sums.closed,
        lambda sums: percentile(sums.cycles, 95),
        span,
        False,
    ),
    Plain(
        "invoice-time",
        "flow",
        "Invoice processing time",
        "closed - received of items whose document was read as an invoice; the median (nearest rank)",
        "closed invoices",
        lambda sums: len(sums.documents),
        lambda sums: percentile(sums.documents, 50),
        span,
        False,
    ),
    Plain(
        "reliability",
        "bots",
        "Bot reliability",
        "started items without a failure of a system or an uncertain outcome / started",
        "started items",
        lambda sums: sums.started,
        lambda sums: part(sums.started - sums.technical, sums.started),
        share,
        True,
    ),
    Plain(
        "uncertain",
        "bots",
        "Uncertain",
        "items with an effect of unknown outcome / started",
        "started items",
        lambda sums: sums.started,
        lambda sums: part(sums.uncertain, sums.started),
        share,
        False,
    ),
)


def plain(key: str) -> Plain:
    return next(one for one in PLAIN if one.key == key)


def throughput(found: Figures) -> Tile:
    """Done items for each hour of the period that is over."""
    done, hours = found.total.done, found.hours
    value = done / hours if hours else None
    return Tile(
        "throughput",
        "flow",
        "Throughput",
        "done / hours of the period that are over (around the clock)",
        value,
        f"{number(value)} an hour" if value is not None else "–",
        done,
        "done items",
        note=f"in {number(hours)} hours",
        missing="" if hours else "The period has not begun.",
        trend=trend(found, lambda sums: float(sums.done), lambda done: f"{done:,.0f} done"),
        good=True,
    )


def handling(found: Figures) -> Tile:
    """How long people looked at an item that they looked at."""
    seen = found.total.handling
    mean = sum(seen) / len(seen) if seen else None
    return Tile(
        "handling",
        "worth",
        "Handling time",
        "seconds in which a person looked at an item (idle over 60 s cut), all in all / closed items looked at",
        mean,
        span(mean) if mean is not None else "–",
        len(seen),
        "closed items looked at",
        missing=""
        if seen
        else "Nobody looked at an item that was closed in this period. The item page measures it while scripts run.",
        trend=trend(found, lambda sums: sum(sums.handling) / len(sums.handling) if sums.handling else None, span),
        good=False,
    )


def sla(found: Figures) -> Tile:
    """Of the items that were to be closed in the period and whose time has come: those that were, in time."""
    due = found.total.due + found.overdue
    value = part(found.total.met, due)
    return Tile(
        "sla",
        "flow",
        "Closed in time (SLA)",
        "due and closed in time / due, of items whose time has come or that are closed",
        value,
        share(value) if value is not None else "–",
        due,
        "due items",
        note=f"{found.overdue:,} of them still open" if found.overdue else "",
        missing=""
        if due
        else "Nothing was due in this period. `queue.due` of a workflow says how long its items may take.",
        trend=trend(_with_overdue(found), lambda sums: part(sums.met, sums.due), share),
        good=True,
    )


def _with_overdue(found: Figures) -> Figures:
    """What was due on a day that is over and is still open came out late; of today it is not known yet."""
    today = found.moment.astimezone(found.zone).date().isoformat()
    days = {
        day: Sums(due=sums.due + (sums.waiting if day < today else 0), met=sums.met) for day, sums in found.days.items()
    }
    return replace(found, days=days)


def backlog(found: Figures) -> Tile:
    """How many days the open items would take at the pace of the period."""
    closed, days = found.total.closed, found.hours / 24
    pace = closed / days if days else 0.0
    value = found.open / pace if pace else (0.0 if not found.open else None)
    return Tile(
        "backlog",
        "flow",
        "Backlog",
        "open items now / closed a day in the period",
        value,
        f"{number(value)} days" if value is not None else "–",
        found.open,
        "open items now",
        note=f"{number(pace)} closed a day",
        missing="" if value is not None else f"{found.open:,} items are open and none was closed in this period.",
        trend=_standing(found),
        good=False,
    )


def _standing(found: Figures) -> tuple[Point, ...]:
    """How many were open at the end of each day: counted back from now, where the period ends today."""
    if found.counted.moment is None or found.scope.last != found.moment.astimezone(found.zone).date():
        return ()
    stands, points = found.open, []
    for day in reversed(found.scope.days):
        points.append(Point(day, float(stands), f"{stands:,} open"))
        sums = found.days[day]
        stands -= sums.arrived - sums.closed
    return tuple(reversed(points))


def trend(found: Figures, value: Callable[[Sums], float | None], shown: Callable[[float], str]) -> tuple[Point, ...]:
    """The measure of each day alone, or of each week. Days that are still to come have no point."""
    today = found.moment.astimezone(found.zone).date().isoformat()
    days = [day for day in found.scope.days if day <= today]
    size = 1 if len(days) <= MOST_POINTS else 7
    points = []
    for start in range(0, len(days), size):
        sums = Sums()
        for day in days[start : start + size]:
            sums.add(found.days[day])
        at = value(sums)
        points.append(Point(days[start], at, shown(at) if at is not None else "nothing"))
    return tuple(points)
