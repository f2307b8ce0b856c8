"""One item through its steps, from the first or from where it stopped."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine import admission, codec, exceptions, items, ledger, lessons
from engine.action import Done, NotDone, Settlement, Unsettled
from engine.connections_used import connection_of
from engine.errors import (
    ApplicationException,
    BusinessException,
    EffectForbidden,
    ItemError,
    LeaseLost,
    Outcome,
    UsageError,
)
from engine.events import Event
from engine.exceptions import Kind, Standstill
from engine.items import State
from engine.journal import DONE, HANDLED, HANDLING, PARKED, SKIPPED, Entry, Journal
from engine.language import Step, Workflow
from engine.lessons import Lesson
from engine.perform import Uncertain, WouldDo, masked, perform
from engine.retry import seconds_to_wait
from engine.scope import Scope, evaluate, first_scope, truth
from engine.stops import Parked, Place, PutOff, StepFailed
from engine.store import tables
from engine.store.database import StoreError, Transaction, change

if TYPE_CHECKING:
    from engine.work import Engine


class Run:
    def __init__(self, engine: Engine, workflow: Workflow, journal: Journal, inputs: dict[str, Any]) -> None:
        self.engine = engine
        self.workflow = workflow
        self.flow = workflow  # the one whose steps are at work: `call` puts the called one here
        self.journal = journal
        self.item = journal.claim.item
        self.inputs = inputs
        self.would_do: list[WouldDo] = []
        self.must_commit = False  # an effect has an outcome that the store does not know yet
        self._late: list[Callable[[Transaction], None]] = []
        self._told: list[Event] = []  # once the next durable point is committed
        self._locks = False  # it holds a lock that others take before items: it may not wait for theirs
        self._ephemeral = 0  # inside a look-up nothing is journalled: it is always done anew
        self._at = ("", "")  # path and title of the step begun last

    # -- durable points ---------------------------------------------------------------------------------------------

    @contextmanager
    def durable(self, end: Callable[[Transaction], None] | None = None) -> Iterator[Transaction]:
        """A fenced transaction; what the journal holds unsaved goes with it.

        `end` lets the item go, which is a fence of its own; then the next item may be taken in the same transaction.
        """
        with self.engine.database.write() as transaction:
            if end is None:
                items.hold(transaction, self.journal.claim)
            else:
                end(transaction)
            self.journal.write(transaction)
            for late in self._late:
                late(transaction)
            yield transaction
            if end is not None and not self._locks:
                self.engine.take_ahead(transaction)
        self.journal.saved()
        self._late.clear()
        self.must_commit = False
        for event in self._told:
            self.engine.events.emit(event)
        self._told.clear()

    def ending(self, state: State, **values: Any) -> AbstractContextManager[Transaction]:
        """The last durable point: the item is in `state`, with these columns set."""
        return self.durable(lambda transaction: items.let_go(transaction, self.journal.claim, state, **values))

    def later(self, change: Callable[[Transaction], None]) -> None:
        """A change that belongs to the next durable point."""
        self._late.append(change)

    # -- the whole run ----------------------------------------------------------------------------------------------

    def go(self) -> None:
        """Work until the item is done, parked or put off; its state is in the store when this returns."""
        now = self.engine.clock.now()
        zone = self.engine.surroundings.timezone
        scope = first_scope(self.inputs, self.journal.run, self.workflow.id, now, zone)
        try:
            self.steps(self.workflow.steps, scope, Place())
            outputs = {name: evaluate(template, scope) for name, template in self.workflow.outputs.items()}
        except Parked as stop:
            self._park(stop.standstill)
        except PutOff as stop:
            self._put_off(stop)
        except StepFailed as failure:
            self._park(self._standstill(failure.step, failure.path, failure.error))
        except ItemError as error:
            self._park(Standstill(_kind(error), error.code, str(error), "outputs", "outputs"))
        except (LeaseLost, EffectForbidden, StoreError):
            raise
        except Exception as error:  # noqa: BLE001 - an item the engine cannot work must not end the worker for all others
            self._give_up(error)
        else:
            self._finish(outputs)

    def give_up(self, code: str, message: str) -> None:
        """Hand the item to a person: no step can be worked."""
        path, title = self._at
        self._park(Standstill(Kind.APPLICATION, code, message, path, title))

    def _give_up(self, error: Exception) -> None:
        scrub = self.engine.surroundings.scrubber.scrub
        trace = scrub("".join(traceback.format_exception(error)))
        self.journal.event(self._at[0], "engine.error", self.engine.clock.now(), {"trace": trace})
        message = f"the engine stopped with {type(error).__name__}: {scrub(str(error))}"
        self.give_up("ENGINE_ERROR", f"{message}; the run's timeline has the trace")

    def _finish(self, outputs: dict[str, Any]) -> None:
        now = self.engine.clock.now()
        with self.ending(State.DONE, finished=now, outputs=outputs, code=None, message=None) as transaction:
            self._end_run(transaction, State.DONE, now)
            self._locks |= self.journal.claim.failures > 0
            items.note_success(transaction, self.journal.claim)
            self._teach(transaction, now)
        self.emit("item.done")

    def _teach(self, transaction: Transaction, now: datetime) -> None:
        """What the item was done with turned out right, as far as anybody knows: the actions learn from it."""
        artifacts, run = self.engine.surroundings.artifacts, self.journal.run
        for entry in [] if self.engine.dry_run else self.journal.entries():
            if entry.status == DONE and isinstance(entry.result, dict):
                kept = lessons.kept_by(transaction, artifacts, run, entry.path)
                lesson = Lesson(entry.result, entry.result, self.item, self.workflow.id, now, kept)
                lessons.teach(transaction, self.engine.registry.get(entry.kind), lesson)

    def _end_run(self, transaction: Transaction, outcome: State, now: datetime) -> None:
        change(transaction, tables.runs, {"id": self.journal.run}, finished=now, outcome=outcome)

    def _park(self, stop: Standstill) -> None:
        now = self.engine.clock.now()
        state = exceptions.STATES[stop.kind]
        told = {"code": stop.code, "message": stop.message, "step": stop.step}
        with self.ending(state, **told) as transaction:
            exceptions.raise_(transaction, items.get(transaction, self.item), stop, now)
            self._locks = True
            paused = stop.kind is Kind.APPLICATION and items.note_failure(
                transaction, self.workflow.id, self.workflow.queue.stop_after
            )
        self.emit(f"item.{state}", **told)
        if paused:
            self.emit("queue.paused", workflow=self.workflow.id)

    def _put_off(self, stop: PutOff) -> None:
        with self.ending(stop.state, not_before=stop.until, message=stop.message, step=stop.step):
            pass
        self.emit("item.put_off", until=stop.until.isoformat(), message=stop.message)

    def _standstill(self, step: Step, path: str, error: ItemError) -> Standstill:
        kind, spec = _kind(error), self.workflow.on_exception
        details: dict[str, Any] = dict(error.details)
        if isinstance(error, Uncertain):
            details["effect"] = effect = error.effect
            self.later(lambda transaction: ledger.mark_uncertain(transaction, effect, error.message))
        correctable = self._drafted(step, path, error) or self.correctable()
        if correctable is not None:
            details["correctable"] = correctable
        now = self.engine.clock.now()
        due = self.engine.surroundings.calendar.add(now, spec.due) if spec.due else None
        return Standstill(kind, error.code, str(error), path, step.title, spec.assign, due, details)

    def _drafted(self, step: Step, path: str, error: ItemError) -> str | None:
        """The path of the step that failed, where a person may enter what it should have given."""
        draft = error.draft if isinstance(error, BusinessException) else None
        if draft is None or step.action is None or step.action.correct is None:
            return None
        self._close(step, path, PARKED, codec.plain(draft), self.engine.clock.now())
        return path

    def correctable(self) -> str | None:
        """The latest step of this run whose result a person may correct."""
        done = [entry for entry in self.journal.entries() if entry.status == DONE]
        for entry in sorted(done, key=lambda entry: entry.seq, reverse=True):
            action = self.engine.registry.get(entry.kind)
            if action is not None and action.correct is not None and isinstance(entry.result, dict):
                return entry.path
        return None

    # -- steps ------------------------------------------------------------------------------------------------------

    def steps(self, steps: Sequence[Step], scope: Scope, place: Place) -> None:
        for step in steps:
            self.step(step, scope, place)

    def step(self, step: Step, scope: Scope, place: Place) -> None:
        path = place.of(step)
        entry = self._known(path)
        if entry is not None and entry.status in (DONE, SKIPPED, HANDLED):
            self._bind_again(step, entry, scope, place)
            return
        self.emit("step.begun", path, title=step.title, action=step.kind)
        self._at = (path, step.title)
        began = self.engine.clock.now()
        if entry is not None and entry.status == HANDLING:
            self._take_over(step, scope, path, entry)
            bind(step, None, scope)
            return
        try:
            if step.condition is not None and not self.journal.has_effect(path) and not truth(step.condition, scope):
                self._close(step, path, SKIPPED, None, began)
                bind(step, None, scope)
                return
            values = self._values(step, scope) if step.for_each else None
            result = self.attempt(step, scope, path) if values is None else None
        except StepFailed as failure:
            self._handle(step, scope, path, failure, began)
            bind(step, None, scope)
            return
        except ItemError as error:
            self._handle(step, scope, path, StepFailed(step, path, error), began)
            bind(step, None, scope)
            return
        if values is not None:
            result = [self._turn(step, scope | {step.each: one}, f"{path}[{n}]") for n, one in enumerate(values)]
        self._review(step, path, result, scope, began)
        self._close(step, path, DONE, result, began)
        bind(step, result, scope)

    def _known(self, path: str) -> Entry | None:
        return None if self._ephemeral else self.journal.get(path)

    def _bind_again(self, step: Step, entry: Entry, scope: Scope, place: Place) -> None:
        """Bind what a step that is over gave, and the steps of a group with it: their names outlive the group."""
        if entry.status == DONE and step.for_each is None:
            inner = Place(step.path, entry.path)
            for child in (*step.children, *step.final):
                known = self.journal.get(inner.of(child))
                if known is not None:
                    self._bind_again(child, known, scope, inner)
        bind(step, entry.result if entry.status == DONE else None, scope)

    def _values(self, step: Step, scope: Scope) -> list[Any]:
        assert step.for_each is not None
        values = evaluate(step.for_each, scope)
        if not isinstance(values, list):
            raise BusinessException(
                "EXPRESSION",
                f"{step.for_each.location}: for_each gives {type(values).__name__}, expected a list",
                advice="name a list, for example the rows of a spreadsheet",
            )
        return values

    def _turn(self, step: Step, scope: Scope, path: str) -> Any:
        """The step for one value, journalled by itself; None where its `on_error` took over."""
        entry = self._known(path)
        if entry is not None and entry.status in (DONE, HANDLED):
            return entry.result if entry.status == DONE else None
        if entry is not None and entry.status == HANDLING:
            self._take_over(step, scope, path, entry)
            return None
        began = self.engine.clock.now()
        try:
            result = self.attempt(step, scope, path)
        except StepFailed as failure:
            self._handle(step, scope, path, failure, began)
            return None
        self._close(step, path, DONE, result, began)
        return result

    def attempt(self, step: Step, scope: Scope, path: str) -> Any:
        """One attempt; PutOff if the policy allows another one later, StepFailed if not."""
        began = self.engine.clock.now()
        try:
            result = self._run(step, scope, path)
        except ItemError as error:
            masked(error, self.engine.surroundings.scrubber)
            self._blame(step, error)
            self.journal.attempt(path, began, self.engine.clock.now(), error.code, str(error))
            policy = step.retry or self.workflow.queue.retry
            wait = seconds_to_wait(error, self.journal.attempts[path], policy, self.engine.chance)
            if wait is None or self.engine.dry_run:
                raise StepFailed(step, path, error) from error
            until = self.engine.clock.now() + timedelta(seconds=wait)
            told = {"action": step.kind, "code": error.code, "message": str(error), "seconds": round(wait, 1)}
            self.emit("step.retry", path, title=step.title, **told)
            raise PutOff(until, State.READY, str(error), step.title) from error
        self._praise(step)
        if self.journal.attempts.get(path):
            # The first attempt that succeeds is the step's own entry; one after another is told of beside it.
            self.journal.attempt(path, began, self.engine.clock.now(), None, None)
        return result

    def _blame(self, step: Step, error: ItemError) -> None:
        """A system that does not do what it is asked may be away: its connection counts that."""
        name = connection_of(step)
        limits = self.engine.connection_limits.get(name) if name is not None else None
        if name is None or limits is None or limits.stop_after is None or not isinstance(error, ApplicationException):
            return
        now, why, after = self.engine.clock.now(), str(error), error.retry_after
        self._locks = True

        def count(transaction: Transaction) -> None:
            if admission.failed(transaction, name, limits, now, why, after):
                self._told.append(Event("connection.down", now, self.item, data={"connection": name, "message": why}))

        self.later(count)

    def _praise(self, step: Step) -> None:
        name = connection_of(step)
        if name is None or name not in self.engine.admission().failing:
            return
        self._locks = True
        self.later(lambda transaction: admission.works(transaction, name))
        self._told.append(Event("connection.up", self.engine.clock.now(), self.item, data={"connection": name}))

    def _run(self, step: Step, scope: Scope, path: str) -> Any:
        from engine.control import control

        try:
            return (perform if step.action is not None else control)(self, step, scope, path)
        except UsageError as error:
            if step.action is None:
                raise BusinessException("BAD_INPUT", error.message, advice=error.advice) from error
            raise ApplicationException(
                "CONFIGURATION", error.message, advice=error.advice, outcome=Outcome.NOT_DONE
            ) from error

    def _handle(self, step: Step, scope: Scope, path: str, failure: StepFailed, began: datetime) -> None:
        """Let `on_error` take over, if the step has one and no effect inside it may have been done all the same."""
        error = failure.error
        if step.on_error is None or isinstance(error, Uncertain) or self.journal.has_effect(path, only_open=True):
            raise failure
        told = {"code": error.code, "message": error.message, "step": failure.step.title}
        entry = Entry(path, step.kind, step.title, HANDLING, told, began, None)
        if not self._ephemeral:
            self.journal.note(entry)
        self._take_over(step, scope, path, entry)

    def _take_over(self, step: Step, scope: Scope, path: str, entry: Entry) -> None:
        self.steps(step.on_error or (), scope | {"error": entry.result}, Place(step.path, path))
        self._close(step, path, HANDLED, entry.result, entry.started)

    def _review(self, step: Step, path: str, result: Any, scope: Scope, began: datetime) -> None:
        if step.review is None:
            return
        seen = dict(scope)
        bind(step, result, seen)
        try:
            if not truth(step.review.when, seen):
                return
        except BusinessException as error:
            raise StepFailed(step, path, error) from error
        spec = self.workflow.on_exception
        now = self.engine.clock.now()
        due = self.engine.surroundings.calendar.add(now, spec.due) if spec.due else None
        problems = result.get("problems") or [] if isinstance(result, dict) else []
        codes = sorted({problem["code"] for problem in problems})
        message = " ".join(problem["message"] for problem in problems) or _doubt(result)
        self.park_step(
            step,
            path,
            result,
            began,
            Standstill(
                Kind.REVIEW,
                codes[0] if len(codes) == 1 else "REVIEW",
                message,
                path,
                step.title,
                step.review.assign or spec.assign,
                due,
                {"problems": problems} | ({"correctable": path} if isinstance(result, dict) else {}),
            ),
        )

    def first_seen(self, path: str, now: datetime, step: Step) -> Entry:
        """The entry of this waiting step, begun when it was reached for the first time."""
        entry = self.journal.get(path)
        if entry is None:
            self.journal.note(entry := Entry(path, step.kind, step.title, PARKED, None, now, None))
        return entry

    def park_step(self, step: Step, path: str, result: Any, began: datetime, stop: Standstill) -> None:
        """Keep what the step gave so far and hand the item to a person."""
        self.refuse_in_look_up(f"{step.location}: {step.kind} waits for a person")
        self._close(step, path, PARKED, result, began)
        raise Parked(stop)

    def _close(self, step: Step, path: str, status: str, result: Any, began: datetime) -> None:
        if self._ephemeral:
            return
        now = self.engine.clock.now()
        self.journal.note(Entry(path, step.kind, step.title, status, result, began, now))
        self.emit(f"step.{status}", path, title=step.title, action=step.kind)
        if self.must_commit:
            with self.durable():
                pass

    # -- look-ups ---------------------------------------------------------------------------------------------------

    def verify(self, name: str, scope: Scope, path: str) -> Settlement:
        """Run a `verify` section; its `settle` step says what it found."""
        found: Scope = dict(scope)
        self._ephemeral += 1
        try:
            for step in self.flow.verify[name]:
                if step.kind == "settle":
                    return _settlement(evaluate(step.input, found), step)
                self.step(step, found, Place(f"verify.{name}", f"{path}.verify"))
        except StepFailed as failure:
            raise failure.error from failure
        finally:
            self._ephemeral -= 1
        return Unsettled(f"the look-up {name} has no `settle`")

    def refuse_in_look_up(self, what: str) -> None:
        """BusinessException EFFECT_IN_LOOK_UP if a look-up is under way: it must leave no trace."""
        if self._ephemeral:
            advice = "take it out of the section under `verify`, or out of the workflow that is called there"
            raise BusinessException("EFFECT_IN_LOOK_UP", f"{what}, and a look-up only reads", advice=advice)

    # -- instrumentation --------------------------------------------------------------------------------------------

    def emit(self, name: str, path: str = "", **data: Any) -> None:
        self.engine.events.emit(Event(name, self.engine.clock.now(), self.item, self.journal.run, path, data))


def bind(step: Step, result: Any, scope: Scope) -> None:
    """Make a step's result known under its `as`; `set` binds its names directly."""
    if step.kind == "set" and isinstance(result, dict):
        scope.update(result)
    if step.bind is not None:
        scope[step.bind] = result


def _kind(error: ItemError) -> Kind:
    if isinstance(error, Uncertain):
        return Kind.UNCERTAIN
    return Kind.APPLICATION if isinstance(error, ApplicationException) else Kind.BUSINESS


NAMED = 3
"""How many doubtful fields a message names, the worst first; the page of the item shows them all."""


def _doubt(result: Any) -> str:
    """Why a result without a stated problem is shown to a person: how sure it is, and which fields are least sure."""
    if not isinstance(result, dict) or result.get("confidence") is None:
        return "the workflow asks for a look at this result"
    confidence, fields = result["confidence"], result.get("fields") or {}
    doubtful = {
        name: field["confidence"]
        for name, field in fields.items()
        if isinstance(field, dict) and field.get("confidence") is not None and field["confidence"] < 1
    }
    named = [f"{name} ({_percent(doubtful[name])})" for name in sorted(doubtful, key=doubtful.__getitem__)[:NAMED]]
    least = f"; least sure: {', '.join(named)}" if named else ""
    return f"the reading is {_percent(confidence)} sure, less than the workflow accepts without a look{least}"


def _percent(share: Any) -> str:
    """Rounded down: 0.8996 must not read as the 90 % that it falls short of."""
    return f"{int(share * 1000) / 10:g} %"


def _settlement(verdict: Any, step: Step) -> Settlement:
    done, not_done = verdict.get("done"), verdict.get("not_done")
    if done is True and not_done is not True:
        return Done(verdict.get("result"))
    if not_done is True and done is not True:
        return NotDone()
    return Unsettled(f"{step.location}: the look-up found neither that it was done nor that it was not")
