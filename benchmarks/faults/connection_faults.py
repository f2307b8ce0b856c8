"""A system behind a connection that is down, errs, resets or never answers: it rests, and the other queues go on."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from benchmarks.faults.office import Office
from benchmarks.faults.remote import RETRY_AFTER, Asked, Remote
from benchmarks.faults.row import Row, clean
from benchmarks.loopback import free_port
from engine.admission import Limits
from engine.events import Event

STOP_AFTER = 5
REST = timedelta(seconds=4)
FAULTS = {
    "down": "a system is down",
    "errors": "30 % of 500 and 429",
    "reset": "each connection is reset",
    "hole": "a system never answers",
}
MEASURED = 2_000
"""With fewer items the throughput of the other queue is told, but says too little to be held to."""


def connection_fault(folder: Path, url: str, store: str, workers: int, items: int, fault: str, seconds: float) -> Row:
    """The fault lasts `seconds`, while `items` of another queue are worked by the same workers."""
    remote = Remote(free_port(), str(folder / "world.sqlite"), folder / "asked.jsonl")
    limits = {"shop": Limits(stop_after=STOP_AFTER, rest=REST)}
    seen = folder / "events.log"
    post = f'connection: shop, via: "http://127.0.0.1:{remote.port}/"'
    given = {"limits": limits, "listener": _writing(seen)}
    office = Office(folder, url, name="remote", post=post, action="fault.send", attempts=100, **given)  # type: ignore[arg-type]
    other, sent = Office(folder, url, name="other"), range(max(items // 10, 40))
    alone, beside = range(items), range(items, 2 * items)
    try:
        other.add(alone)
        office.staff(workers)
        normal = _seconds_of(other)
        office.add(sent)
        other.add(beside)
        began = time.monotonic()
        if fault == "down":
            during = _seconds_of(other)
            _rest_of(seconds, began)
        else:
            with remote.serving(fault):
                during = _seconds_of(other)
                _rest_of(seconds, began)
        with remote.serving():
            office.wait()
        found, others = office.found(sent), other.found([*alone, *beside])
    finally:
        office.close()
        other.close()
    downs = seen.read_text().count("connection.down") if seen.exists() else 0
    asked = remote.asked()
    early = _too_early(asked)
    ratio = normal / during
    most = _in_a_burst(asked, fault)
    met = clean(found) and clean(others) and not early and (fault == "errors" or downs == 1)
    met = met and (fault == "errors" or most < STOP_AFTER + workers) and (items < MEASURED or ratio >= 0.9)
    told = f"{downs} times down, {early} requests too early, the other queue at {ratio:.0%}"
    goal = f"rests after {STOP_AFTER}, told once, others >= 90 %, 0 lost, 0 doubled"
    lost, doubled = found.lost + others.lost, found.doubled + others.doubled
    fault_name = f"{FAULTS[fault]}, {seconds:g} s"
    return Row(fault_name, store, workers, 1, lost, doubled, found.uncertain, None, goal, met, told)


def _in_a_burst(asked: list[Asked], fault: str) -> int:
    """How many requests met the fault before the first rest."""
    bad = [one.at for one in asked if one.answer == fault]
    return sum(at < bad[0] + REST.total_seconds() / 2 for at in bad) if bad else 0


def _too_early(asked: list[Asked]) -> int:
    """Requests for a key within the time that the system had asked to wait."""
    until: dict[str, float] = {}
    early = 0
    for one in asked:
        early += one.at < until.get(one.key, 0.0)
        if one.answer == "429":
            until[one.key] = one.at + RETRY_AFTER
    return early


def _seconds_of(other: Office) -> float:
    began = time.monotonic()
    other.wait()
    return time.monotonic() - began


def _rest_of(seconds: float, began: float) -> None:
    time.sleep(max(seconds - (time.monotonic() - began), 0))


def _writing(file: Path) -> Callable[[Event], None]:
    def write(event: Event) -> None:
        if event.name.startswith("connection."):
            with file.open("a") as log:
                log.write(event.name + "\n")

    return write
