"""The tiles that need what the office says of itself: hours saved, return, payslips, customers. And the samples'."""

from __future__ import annotations

from engine.measures.controls import Control
from engine.measures.samples import Checked, Share
from engine.measures.scope import Figures, Given
from engine.measures.sums import Sums
from engine.measures.tiles import Tile, number, part, share

DAYS_A_MONTH = 365.25 / 12
WHERE = "under `measures` in config/settings.yaml"


def hours_saved(found: Figures, given: Given) -> Tile:
    """(baseline - human minutes) / 60 - rework - upkeep, over the workflows that have a baseline."""
    known = {name: sums for name, sums in found.workflows.items() if name in given.minutes}
    others = sorted(name for name, sums in found.workflows.items() if name not in given.minutes and sums.closed)
    closed = sum(sums.closed for sums in known.values())
    lacking = _lacking(given, bool(known), closed)
    value = None if lacking else _saved(found, given)
    seen = sum(len(sums.handling) for sums in known.values())
    touched = sum(sums.touched for sums in known.values())
    notes = [f"without {', '.join(others)}: no baseline"] if others and known else []
    if touched > seen:
        notes.append(f"people decided {touched:,} of them, and were measured at {seen:,}: the hours may be too many")
    return Tile(
        "hours-saved",
        "worth",
        "Hours saved",
        "(baseline minutes of done items - minutes people looked at closed items) / 60 - rework - upkeep hours",
        value,
        f"{number(value)} h" if value is not None else "–",
        closed,
        "closed items with a baseline",
        note="; ".join(notes),
        missing=lacking,
        good=True,
    )


def _lacking(given: Given, some: bool, closed: int) -> str:
    if not given.minutes:
        return f"No baseline. Say how many minutes an item takes by hand: `minutes: {{WORKFLOW: 6}}` {WHERE}."
    if given.rework is None or given.upkeep is None:
        return f"Say the hours of people a month for rework and upkeep, 0 if none: `rework: 2` and `upkeep: 3` {WHERE}."
    if not some or not closed:
        return "No item of a workflow with a baseline was closed in this period."
    return ""


def _saved(found: Figures, given: Given) -> float:
    minutes = sum(
        minutes_saved(sums.done, sums.focus, given.minutes[name])
        for name, sums in found.workflows.items()
        if name in given.minutes
    )
    return minutes / 60 - _months(found) * ((given.rework or 0.0) + (given.upkeep or 0.0))


def minutes_saved(done: int, focus: int, baseline: float) -> float:
    """What so many done items would have taken by hand, less the milliseconds that people looked at them."""
    return done * baseline - focus / 60_000


def _months(found: Figures) -> float:
    return found.hours / 24 / DAYS_A_MONTH


def roi(found: Figures, given: Given) -> Tile:
    """What the saved hours are worth, less what Clerkwork costs, for each unit of that cost."""
    saved = hours_saved(found, given)
    lacking = saved.missing
    if not lacking and (given.hour is None or not given.month):
        lacking = f"Say what an hour of a person and a month of Clerkwork cost: `hour: 40` and `month: 900` {WHERE}."
    cost = (given.month or 0.0) * _months(found)
    value = None
    if not lacking and saved.value is not None and cost:
        value = (saved.value * (given.hour or 0.0) - cost) / cost
    return Tile(
        "roi",
        "worth",
        "Return (ROI)",
        "(hours saved x cost of an hour - running cost) / running cost, of the period",
        value,
        f"{value * 100:,.0f} %" if value is not None else "–",
        saved.n,
        saved.of,
        note=f"running cost {cost:,.0f} {given.currency}".strip() if value is not None else "",
        missing=lacking,
        good=True,
    )


def payroll(found: Figures, given: Given) -> Tile:
    sums = _of(found, given.payslips)
    lacking = "" if given.payslips else f"Say which workflows issue payslips: `payslips: [WORKFLOW]` {WHERE}."
    value = part(sums.uncorrected, sums.done) if not lacking else None
    return Tile(
        "payroll",
        "quality",
        "Payroll accuracy",
        "payslips issued without a correction / issued (done)",
        value,
        share(value) if value is not None else "–",
        sums.done,
        "issued payslips",
        missing=lacking or ("" if sums.done else "No payslip was issued in this period."),
        good=True,
    )


def queries(found: Figures, given: Given) -> Tile:
    asked = _of(found, given.queries)
    others = sum(sums.closed for name, sums in found.workflows.items() if name not in given.queries)
    lacking = "" if given.queries else f"Say whose items are customers' queries: `queries: [WORKFLOW]` {WHERE}."
    value = asked.arrived * 1000 / others if others and not lacking else None
    return Tile(
        "queries",
        "customers",
        "Customers' queries",
        "queries that arrived / closed items of the other workflows x 1,000",
        value,
        f"{number(value)} per 1,000" if value is not None else "–",
        asked.arrived,
        "queries",
        note=f"{others:,} items closed" if not lacking else "",
        missing=lacking or ("" if others else "No item was closed in this period."),
        good=False,
    )


def paid_in_time(found: Figures, later: int, given: Given) -> Tile:
    """`later`: open items of these workflows whose time is still to come."""
    sums = _of(found, given.payments)
    lacking = "" if given.payments else f"Say which workflows pay: `payments: [WORKFLOW]` {WHERE}."
    due = sums.due + sums.waiting - later
    value = part(sums.met, due) if not lacking else None
    return Tile(
        "paid-in-time",
        "customers",
        "Paid on time",
        "payments due and closed in time / due",
        value,
        share(value) if value is not None else "–",
        due,
        "due payments",
        missing=lacking or ("" if due else "No payment was due in this period."),
        good=True,
    )


def _of(found: Figures, names: tuple[str, ...]) -> Sums:
    total = Sums()
    for name in names:
        total.add(found.workflows.get(name, Sums()))
    return total


# -- samples and controls ----------------------------------------------------------------------------------------------

CHECK = "Check items drawn by chance: “Check a sample” on the dashboard."


def accuracy(told: Checked) -> Tile:
    return _sampled(
        "accuracy",
        "Field accuracy",
        "right fields / fields of items drawn by chance and checked by a person; Wilson 95 %",
        told.fields,
        "checked fields",
        is_good=True,
    )


def silent(told: Checked) -> Tile:
    bad = Share(told.straight.n - told.straight.right, told.straight.n)
    return _sampled(
        "silent",
        "Silent errors",
        "checked items closed with no human touch and with a wrong field / all such checked items; Wilson 95 %",
        bad,
        "checked items nobody had touched",
        is_good=False,
    )


def doubled(told: Checked) -> Tile:
    return _sampled(
        "doubled",
        "Doubled",
        "checked items of which something was done twice outside / checked items; Wilson 95 %",
        Share(told.items.n - told.items.right, told.items.n),
        "checked items",
        is_good=False,
        group="bots",
    )


def _sampled(
    key: str, title: str, formula: str, found: Share, of: str, *, is_good: bool, group: str = "quality"
) -> Tile:
    value = found.value if found.n else None
    return Tile(
        key,
        group,
        title,
        formula,
        value,
        share(value) if value is not None else "–",
        found.n,
        of,
        note=f"95 %: {share(found.low)} to {share(found.high)}" if found.n else "",
        missing="" if found.n else f"Nothing was checked in this period. {CHECK}",
        good=is_good,
    )


def compliance(found: list[Control]) -> Tile:
    applicable = [one for one in found if one.applies]
    held = [one for one in applicable if one.holds]
    value = part(len(held), len(applicable))
    return Tile(
        "compliance",
        "quality",
        "Compliance",
        "controls that hold / controls that apply",
        value,
        share(value) if value is not None else "–",
        len(applicable),
        "controls that apply",
        note=f"{len(held)} of {len(applicable)} hold" if applicable else "",
        missing="" if applicable else "No control applies: nothing was decided or done outside in this period.",
        good=True,
    )
