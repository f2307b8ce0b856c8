"""Two months of a sample office, worked by the real engine with a clock of their own: the same each time.

Nothing is written by hand into the store: items are queued, worked, stopped and decided as they would be.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from console.permissions import Role
from console.users import add_user, list_users
from engine import comments, exceptions, holding, items
from engine.clock import ManualClock
from engine.exceptions import Kind, Person
from engine.items import State
from engine.store.database import Transaction
from engine.work import Engine

DAYS = 60
NEW_CAUSE = 50
"""So many orders wait for one cost centre that nobody has entered: fix one thing, retry all."""
WORKFLOWS = ("expense-claims", "purchase-orders", "stock-counts", "access-requests", "timesheets")
STAFF: tuple[tuple[str, Role, tuple[str, ...]], ...] = (
    ("ines", Role.SUPERVISOR, ("travel-desk", "buyers")),
    ("omar", Role.SUPERVISOR, ("warehouse", "it-desk")),
    ("pia", Role.SUPERVISOR, ("personnel",)),
    ("ruth", Role.APPROVER, ("controllers", "buyers-lead", "it-leads")),
    ("vera", Role.VIEWER, ()),
    ("otto", Role.OPERATOR, ()),
)
PEOPLE = ("J. Brandt", "M. Kowalski", "S. Dubois", "A. Rossi", "L. Jensen", "N. Haas", "T. Okafor", "E. Lindqvist")
VENDORS = ("Nordwerk GmbH", "Southgate Tools Ltd", "Atelier Moreau", "Brightline Office", "Hafen Logistik")
SYSTEMS = ("the ledger", "the wage system", "the contract archive", "the shop's back office")
CENTRES = ("4100", "4200", "4300", "5100")
MISSING = "4711"


@dataclass(frozen=True, slots=True)
class Work:
    """One item that comes in at a time. `left` is one of the last, which nobody has decided about yet."""

    at: datetime
    workflow: str
    given: Mapping[str, Any]
    left: bool = False


def fill(engine: Engine, now: datetime) -> int:
    """Fill the office unless it is filled; how many items were made."""
    if _is_filled(engine):
        return 0
    chance = Random(20)  # noqa: S311 - the same office each time, nothing secret
    hire(engine, now - timedelta(days=DAYS))
    _know_cost_centres(engine)
    clock = ManualClock(now - timedelta(days=DAYS))
    past = Engine(engine.database, engine.surroundings, engine.registry, engine.library, clock=clock, chance=chance)
    history = _History(past, clock, chance)
    made = 0
    for work in sorted(_all(now, chance), key=lambda one: one.at):
        history.until(work.at)
        history.take(work)
        made += 1
    history.until(now)
    _colour(engine, now, chance)
    past.close()
    return made


def hire(engine: Engine, now: datetime) -> None:
    """Add the sample office's people; they have no passwords, an admin gives them links."""
    with engine.database.write() as transaction:
        known = {user["name"] for user in list_users(transaction)}
        for name, role, teams in STAFF:
            if name not in known:
                add_user(transaction, name, None, role, teams, now)


class _History:
    """What happens in order of time: items come in, and hours later people decide."""

    def __init__(self, engine: Engine, clock: ManualClock, chance: Random) -> None:
        self.engine, self.clock, self.chance = engine, clock, chance
        self._later: list[tuple[datetime, str]] = []

    def take(self, work: Work) -> None:
        workflow = self.engine.library.get(work.workflow)
        item = self.engine.add(self.engine.new_item(workflow, work.given))[0]
        self._go(item, left=work.left)

    def until(self, moment: datetime) -> None:
        while self._later and self._later[0][0] <= moment:
            at, item = heapq.heappop(self._later)
            self._move_to(at)
            self._decide(item)
        self._move_to(moment)

    def _move_to(self, moment: datetime) -> None:
        self.clock.sleep(max((moment - self.clock.now()).total_seconds(), 0.0))

    def _go(self, item: str, *, left: bool = False) -> None:
        self.engine.work_until_idle([item])
        with self.engine.database.read() as transaction:
            state = items.get(transaction, item)["state"]
        if state in (State.EXCEPTION, State.FAILED, State.UNCERTAIN, State.WAITING) and not left:
            heapq.heappush(self._later, (self.clock.now() + timedelta(hours=self.chance.uniform(0.3, 20)), item))

    def _decide(self, item: str) -> None:
        now, kept = self.clock.now(), self.engine.surroundings.artifacts
        with self.engine.database.write() as transaction:
            found = exceptions.find(transaction, item)
            person = _who(found["assigned"])
            kind = Kind(found["kind"])
            if kind is Kind.UNCERTAIN:
                result, reason = {"number": "ACC-by-phone"}, "asked them by telephone"
                exceptions.settle(transaction, item, person, now, done=True, result=result, reason=reason)
            elif kind is Kind.REVIEW and self.chance.random() < 0.6:
                exceptions.correct(transaction, item, person, {"subject": f"{_subject(found)} (read again)"}, now)
            elif kind in (Kind.REVIEW, Kind.APPROVAL) and self.chance.random() < 0.93:
                exceptions.approve(transaction, item, person, now, reason="as it should be", artifacts=kept)
            else:
                exceptions.reject(transaction, item, person, now, reason="sent back to who asked")
        self._go(item)


def _subject(found: Any) -> str:
    return str(found["message"])[:40]


def _who(assigned: str | None) -> Person:
    """Somebody who answers for it."""
    for name, _, teams in STAFF:
        if assigned in teams:
            return Person(name, teams)
    return Person("ruth", STAFF[3][2])


def _all(now: datetime, chance: Random) -> Iterator[Work]:
    """Two months of work, and what has come in since yesterday and stands."""
    makers: list[Callable[[int, Random], tuple[str, dict[str, Any]]]] = [_claim, _order, _count, _access, _sheet]
    number = 0
    for day in range(DAYS, 1, -1):
        morning = (now - timedelta(days=day)).replace(hour=7, minute=0, second=0, microsecond=0)
        if morning.weekday() >= 5:
            continue
        for _ in range(chance.randint(6, 10)):
            number += 1
            workflow, given = chance.choices(makers, weights=(4, 4, 3, 1, 4))[0](number, chance)
            yield Work(morning + timedelta(minutes=chance.randint(0, 540)), workflow, given)
    yield from _standing(now, chance)


def _standing(now: datetime, chance: Random) -> Iterator[Work]:
    """What waits for the newcomer: something of every kind."""

    def at() -> datetime:
        return now - timedelta(minutes=chance.randint(20, 1500))

    for number in range(NEW_CAUSE):
        _, given = _order(9000 + number, chance)
        yield Work(at(), "purchase-orders", {**given, "cost_centre": MISSING, "amount": Decimal(120 + number)}, True)
    for number in range(14):
        _, given = _claim(9100 + number, chance)
        yield Work(at(), "expense-claims", {**given, "doubt": ("amount", "subject", "sender")[number % 3]}, True)
    for number in range(9):
        _, given = _claim(9200 + number, chance)
        yield Work(at(), "expense-claims", {**given, "doubt": "", "amount": Decimal(950 + 40 * number)}, True)
    for number in range(12):
        _, given = _count(9300 + number, chance)
        yield Work(at(), "stock-counts", {**given, "trouble": "away"}, True)
    for number in range(7):
        _, given = _access(9400 + number, chance)
        yield Work(at(), "access-requests", {**given, "trouble": "silent" if number < 3 else ""}, True)
    for number in range(6):
        _, given = _sheet(9500 + number, chance)
        yield Work(at(), "timesheets", {**given, "doubt": "subject"}, True)


def _claim(number: int, chance: Random) -> tuple[str, dict[str, Any]]:
    amount = Decimal(chance.randint(1200, 140_000)) / 100
    doubt = "amount" if chance.random() < 0.12 else ""
    return "expense-claims", {
        "form": f"C-{number:04}",
        "sender": _one(PEOPLE, chance),
        "amount": amount,
        "doubt": doubt,
    }


def _order(number: int, chance: Random) -> tuple[str, dict[str, Any]]:
    amount = Decimal(chance.randint(4000, 950_000)) / 100
    given = {"order": f"P-{number:04}", "vendor": _one(VENDORS, chance), "amount": amount}
    return "purchase-orders", {**given, "cost_centre": _one(CENTRES, chance)}


def _count(number: int, chance: Random) -> tuple[str, dict[str, Any]]:
    return "stock-counts", {"count": f"S-{number:04}", "place": f"aisle {chance.randint(1, 24)}"}


def _access(number: int, chance: Random) -> tuple[str, dict[str, Any]]:
    trouble = "silent" if chance.random() < 0.2 else ""
    given = {"ticket": f"T-{number:04}", "person": _one(PEOPLE, chance), "system": _one(SYSTEMS, chance)}
    return "access-requests", {**given, "trouble": trouble}


def _sheet(number: int, chance: Random) -> tuple[str, dict[str, Any]]:
    doubt = "subject" if chance.random() < 0.08 else ""
    return "timesheets", {"sheet": f"W-{number:04}", "person": _one(PEOPLE, chance), "doubt": doubt}


def _one(names: tuple[str, ...], chance: Random) -> str:
    return chance.choice(names)


def _colour(engine: Engine, now: datetime, chance: Random) -> None:
    """Some of what stands is somebody's, put aside, talked about; and some orders' answers never came."""
    with engine.database.read() as transaction:
        standing = exceptions.open_exceptions(transaction, limit=1000)
    for row in chance.sample(standing, k=min(len(standing), 18)):
        person = _who(row["assigned"])
        with engine.database.write() as transaction:
            _one_colour(transaction, str(row["id"]), person, now, chance)
    # Requests for access that were granted, and of whose order nothing was heard.
    for row in standing:
        with engine.database.write() as transaction:
            item = items.get(transaction, str(row["item"]))
            if item["inputs"].get("trouble") != "silent" or row["holder"] is not None:
                continue
            exceptions.approve(transaction, row["id"], _who(row["assigned"]), now, reason="agreed with the owner")
        engine.work_until_idle([str(row["item"])])


def _one_colour(transaction: Transaction, name: str, person: Person, now: datetime, chance: Random) -> None:
    what = chance.randrange(3)
    if what == 0:
        holding.claim(transaction, name, person, now)
    elif what == 1:
        holding.snooze(transaction, name, person, now + timedelta(hours=chance.randint(3, 40)), now, note="tomorrow")
    else:
        comments.comment(transaction, name, person, "@ruth do you know this one?", now)


def _is_filled(engine: Engine) -> bool:
    from engine.store import tables
    from engine.store.database import count

    with engine.database.read() as transaction:
        return count(transaction, tables.items, tables.items.c.workflow.in_(WORKFLOWS)) > 0


def _know_cost_centres(engine: Engine) -> None:
    """All but the one that the waiting orders ask for: a newcomer adds it."""
    file = engine.surroundings.path("sample/cost_centres.txt")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(CENTRES) + "\n")
