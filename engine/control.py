"""The control actions: what a step can do without any bot."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from engine import codec, items
from engine.errors import BusinessException, ItemError
from engine.exceptions import Kind, Standstill
from engine.inputs import typed_inputs
from engine.items import State
from engine.language import Step
from engine.scope import Scope, evaluate, first_scope
from engine.spans import parse_span
from engine.stops import Place, PutOff, StepFailed

if TYPE_CHECKING:
    from engine.run import Run

POLL = timedelta(seconds=10)

Control = Callable[["Run", Step, Scope, str], Any]


def control(run: Run, step: Step, scope: Scope, path: str) -> Any:
    """The result of a control step."""
    return CONTROLS[step.kind](run, step, scope, path)


def set_(run: Run, step: Step, scope: Scope, path: str) -> Any:
    return evaluate(step.input, scope)


def fail(run: Run, step: Step, scope: Scope, path: str) -> Any:
    told = evaluate(step.input, scope)
    raise BusinessException(str(told["code"]), str(told["message"]), details={"declared": True})


def approve(run: Run, step: Step, scope: Scope, path: str) -> Any:
    """Park until somebody else says yes; what is shown is what the yes is bound to."""
    told = evaluate(step.input, scope) or {}
    names = told.get("show") or []
    shown = {name: _named(name, scope) for name in names}
    if run.engine.dry_run:
        return {"approved": True, "by": "(dry run)", "at": run.engine.clock.now()}
    now = run.engine.clock.now()
    within = told.get("within")
    due = run.engine.surroundings.calendar.add(now, parse_span(str(within))) if within else None
    details: dict[str, Any] = {"show": shown, "not": told.get("not"), "correctable": run.correctable()}
    who = told.get("by")
    values = ", ".join(f"{name} {codec.readable(value)}" for name, value in shown.items())
    message = told.get("message") or f"{who or 'somebody'} has to approve this{': ' + values if values else ''}"
    run.park_step(
        step, path, None, now, Standstill(Kind.APPROVAL, "APPROVAL", str(message), path, step.title, who, due, details)
    )


def review(run: Run, step: Step, scope: Scope, path: str) -> Any:
    """Park until a person has looked, if `when` holds."""
    told = evaluate(step.input, scope) or {}
    if told.get("when") is False:
        return {"approved": True, "by": None, "at": None}
    shown = {name: _named(name, scope) for name in told.get("show") or []}
    details = {"show": shown, "correctable": run.correctable()}
    message = str(told.get("message") or "the workflow asks for a look before it goes on")
    stop = Standstill(Kind.REVIEW, "REVIEW", message, path, step.title, told.get("assign"), None, details)
    run.park_step(step, path, None, run.engine.clock.now(), stop)


def _named(name: str, scope: Scope) -> Any:
    """The value a dotted name stands for, None where a part of it is missing."""
    value: Any = scope
    for part in str(name).split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def group(run: Run, step: Step, scope: Scope, path: str) -> Any:
    """Its steps in order; `finally` runs whether they succeed or fail, not while the item is parked."""
    place = Place(step.path, path)
    try:
        run.steps(step.children, scope, place)
    except (StepFailed, ItemError):
        run.steps(step.final, scope, place)
        raise
    run.steps(step.final, scope, place)
    return None


def parallel(run: Run, step: Step, scope: Scope, path: str) -> Any:
    """Branches that do not depend on each other. One browser and one journal serve an item, so they take turns."""
    run.steps(step.children, scope, Place(step.path, path))
    return None


def call(run: Run, step: Step, scope: Scope, path: str) -> Any:
    """Another workflow's steps with inputs of their own; its outputs are the result."""
    told = evaluate(step.input, scope)
    called = run.engine.library.get(str(told["workflow"]))
    engine = run.engine
    inputs = typed_inputs(called, told.get("inputs") or {}, engine.surroundings)
    inner = first_scope(inputs, run.journal.run, called.id, engine.clock.now(), engine.surroundings.timezone)
    outer, run.flow = run.flow, called
    try:
        run.steps(called.steps, inner, Place("", f"{path}.call."))
    finally:
        run.flow = outer
    return {name: evaluate(template, inner) for name, template in called.outputs.items()}


def wait(run: Run, step: Step, scope: Scope, path: str) -> Any:
    """Put the item off until its time has come; nothing is held meanwhile."""
    told = evaluate(step.input, scope)
    now = run.engine.clock.now()
    until, reason = _awaited(run, step, told, path, now)
    if until is None or run.engine.dry_run:
        return {"waited_until": now}
    raise PutOff(until, State.WAITING, reason, step.title)


def _awaited(run: Run, step: Step, told: dict[str, Any], path: str, now: datetime) -> tuple[datetime | None, str]:
    if "file" in told:
        there = run.engine.surroundings.path(str(told["file"])).exists()
        return (None, "") if there else (now + POLL, f"waits for the file {told['file']}")
    if "item" in told:
        with run.engine.database.read() as transaction:
            state = items.get(transaction, str(told["item"]))["state"]
        return (None, "") if state in items.CLOSED else (now + POLL, f"waits for the item {told['item']}")
    entry = run.first_seen(path, now, step)
    if entry.result is None:
        # Worked out once: from a later look at the clock it could be later every time.
        if "for" in told:
            entry.result = run.engine.surroundings.calendar.add(entry.started, parse_span(str(told["for"])))
        else:
            entry.result = _moment(told["until"], run)
    until: datetime = entry.result
    return (None, "") if until <= now else (until, f"waits until {until:%Y-%m-%d %H:%M} UTC")


def _moment(value: Any, run: Run) -> datetime:
    zone = run.engine.surroundings.timezone
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError as error:
            raise BusinessException(
                "BAD_INPUT", f"wait until {value!r}: not a date or time", advice="write it as 2026-03-31T17:00"
            ) from error
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time(0), zone)
    moment: datetime = value
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def queue_add(run: Run, step: Step, scope: Scope, path: str) -> Any:
    """Child items for another workflow; all of them or none, each key once."""
    told = evaluate(step.input, scope)
    run.refuse_in_look_up(f"{step.location}: queue.add queues items")
    target = run.engine.library.get(str(told["workflow"]))
    # A key of its own for each: after a crash they are met again and not added a second time.
    new = [
        run.engine.new_item(target, dict(inputs), parent=run.item, otherwise=f"{run.item}/{path}/{n}")
        for n, inputs in enumerate(told["items"])
    ]
    if run.engine.dry_run:
        return {"items": [], "added": len(new)}
    with run.durable() as transaction:
        added = [items.add(transaction, entry, run.engine.clock.now())[0] for entry in new]
        mine = {item for item in added if items.get(transaction, item)["parent"] == run.item}
    return {"items": added, "added": len(mine)}


CONTROLS: dict[str, Control] = {
    "set": set_,
    "fail": fail,
    "approve": approve,
    "review": review,
    "group": group,
    "parallel": parallel,
    "call": call,
    "wait": wait,
    "queue.add": queue_add,
}
