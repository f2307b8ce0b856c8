"""One attempt of one action: its input evaluated, its effect kept in the ledger, its result journalled."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, assert_never

from engine import codec, ledger
from engine.action import Action, Done, Effect, NotDone, Preview, Settlement, Unsettled
from engine.errors import (
    ApplicationException,
    BusinessException,
    ClerkworkError,
    EffectForbidden,
    ItemError,
    LeaseLost,
    Outcome,
    UsageError,
)
from engine.journal import Begun
from engine.key import as_key
from engine.language import Step
from engine.ledger import Next, Standing, Status
from engine.lessons import topic_of
from engine.restored import is_in_doubt
from engine.run_context import RunContext
from engine.scope import Scope, evaluate, validated
from engine.scrub import Scrubber
from engine.standin import stand_in

if TYPE_CHECKING:
    from engine.run import Run

DEFAULT_TIMEOUT = 300.0


class Uncertain(ItemError):
    """The outcome of an effect cannot be found out; a person decides. `effect` is its id in the ledger."""

    def __init__(self, standing: Standing, action: str, key: str, reason: str) -> None:
        what = f"was begun at {standing.intended:%Y-%m-%d %H:%M:%S} UTC and its outcome is unknown"
        if standing.restored is not None:
            restored = f"{standing.restored:%Y-%m-%d %H:%M:%S} UTC"
            what = f"may have been done before the store was restored from a backup at {restored}"
        super().__init__(
            "UNCERTAIN",
            f"{action} (key {key}) {what}: {reason}",
            advice="look in the target system, then say whether it was done",
        )
        self.effect = standing.effect


@dataclass(frozen=True, slots=True)
class WouldDo:
    """What a dry run would have done: `changes` is field -> (before, after)."""

    step: str
    action: str
    key: str
    target: str
    changes: Mapping[str, tuple[Any, Any]]
    already: bool = False  # the ledger has it: nothing would be posted


def perform(run: Run, step: Step, scope: Scope, path: str) -> Any:
    """The action's result as plain data. Reads run at once; effects go through the ledger."""
    assert step.action is not None
    action = step.action
    for name in step.secrets:
        run.engine.surroundings.secret(name)
    values = evaluate(step.input, scope)
    if step.effect_kind is Effect.NONE:
        return _call(action, step, values, _context(run, step, path, ""), action.function)
    run.refuse_in_look_up(f"{step.location}: {action.name} is an effect")
    key = _key(run, step, scope, path)
    if run.engine.dry_run:
        return _pretend(run, step, scope, path, values, key)
    return _effect(run, step, scope, path, values, key)


def _context(run: Run, step: Step, path: str, key: str) -> RunContext:
    engine = run.engine
    limit = timedelta(seconds=step.timeout or DEFAULT_TIMEOUT)
    return RunContext(
        workflow=run.workflow.id,
        item=run.item,
        run=run.journal.run,
        step=step.title,
        attempt=run.journal.attempts.get(path, 0) + 1,
        key=key,
        dry_run=engine.dry_run,
        deadline=engine.clock.now() + limit,
        clock=engine.clock,
        surroundings=engine.surroundings,
        resources=engine.resources,
        journal=run.journal,
        events=engine.events,
        taught=engine.taught or engine.database,
        topic=topic_of(step.action) if step.action is not None else "",
        path_in_run=path,
    )


def _call(action: Action, step: Step, values: Any, context: RunContext, function: Callable[[Any, Any], Any]) -> Any:
    """The function's result as plain data."""
    if context.dry_run and step.effect_kind is not Effect.NONE and function is action.function:
        raise EffectForbidden(f"{action.name} is an effect and was about to run in a dry run")
    given = validated(action.input, context.surroundings.artifacts.at_hand(values), step.input)
    with _guarded(action.name, context):
        return codec.plain(function(given, context))


@contextmanager
def _guarded(what: str, context: RunContext) -> Iterator[None]:
    """What an action should not raise becomes an application exception; no secret leaves with an error."""
    try:
        yield
    except ItemError as error:
        masked(error, context.surroundings.scrubber)
        raise
    except (LeaseLost, EffectForbidden):
        raise
    except UsageError as error:
        raise ApplicationException(
            "CONFIGURATION", error.message, advice=error.advice, outcome=Outcome.NOT_DONE
        ) from error
    except ClerkworkError as error:
        raise BusinessException("BAD_INPUT", error.message, advice=error.advice) from error
    except Exception as error:  # whatever a bot raises must end in the exception queue, not in a lost item
        context.event("bot.error", trace="".join(traceback.format_exception(error)))
        raise ApplicationException(
            "BOT_ERROR",
            f"{what} stopped with {type(error).__name__}: {context.scrub(str(error))}",
            advice="retry it; if it comes again, the run's timeline has the trace",
        ) from error


def masked(error: ItemError, scrubber: Scrubber) -> None:
    """Take every known secret out of an error, before it is written anywhere."""
    error.args = tuple(scrubber.scrub_all(part) for part in error.args)
    error.message, error.advice = scrubber.scrub(error.message), scrubber.scrub(error.advice)
    error.details = scrubber.scrub_all(error.details)


def _key(run: Run, step: Step, scope: Scope, path: str) -> str:
    """The key that makes this effect unique: the world's own if the step declares one, else this item's step."""
    begun = run.journal.effects.get(path)
    if begun is not None:
        # Made anew the key could be another one, with a later look at the clock: then it would be done twice.
        return begun.key
    if step.effect is None or step.effect.key is None:
        return f"{run.item}/{path}"
    value = evaluate(step.effect.key, scope)
    text = as_key(value, "EFFECT_KEY", f"{step.effect.key.location}: the key of the effect")
    if "" in (part.strip() for part in text.split("/")):
        raise BusinessException(
            "EFFECT_KEY",
            f"{step.effect.key.location}: the key of the effect is {text!r}, a part of it is empty",
            advice="correct the field that it is made of",
        )
    return text


def _scope_name(run: Run, step: Step) -> str:
    return f"{run.workflow.id}/{step.name or step.kind}"


def _effect(run: Run, step: Step, scope: Scope, path: str, values: Any, key: str) -> Any:
    assert step.action is not None
    # No secret stands in the ledger: an input that holds one is worked out again where the effect is repeated.
    kept = run.engine.surroundings.scrubber.scrub_all(values)
    intent = ledger.Intent(
        scope=_scope_name(run, step),
        key=key,
        item=run.item,
        run=run.journal.run,
        path=path,
        workflow=run.workflow.id,
        action=step.action.name,
        kind=step.effect_kind,
        input=kept,
    )
    # What lies elsewhere is brought before the intent: an outage then leaves no effect open.
    validated(step.action.input, run.engine.surroundings.artifacts.at_hand(values), step.input)
    with run.durable() as transaction:
        standing = ledger.intend(transaction, intent, run.engine.clock.now())
        restored = run.engine.restored(transaction)
        if restored is not None and is_in_doubt(transaction, standing, intent.kind, run.item, restored):
            standing = replace(standing, next=Next.LOOK_UP, restored=restored)
    if kept != codec.plain(values):
        standing = replace(standing, input=values)
    run.journal.effects[path] = Begun(key, standing.next is not Next.USE_RESULT)
    match standing.next:
        case Next.USE_RESULT:
            return standing.result
        case Next.ASK:
            reason = "a person was asked already and has not said yet"
            raise Uncertain(standing, step.action.name, key, reason)
        case Next.LOOK_UP:
            found = _look_up(run, step, scope, path, standing, key)
            if isinstance(found, Done):
                return _settled(run, path, key, standing, codec.plain(found.result), "found by a look-up")
            with run.durable() as transaction:
                ledger.intend_again(transaction, standing.effect, run.engine.clock.now())
        case Next.PERFORM:
            pass
        case _:
            assert_never(standing.next)
    return _do(run, step, path, standing, key)


def _do(run: Run, step: Step, path: str, standing: Standing, key: str) -> Any:
    assert step.action is not None
    context = _context(run, step, path, key)
    run.emit("effect.begun", path, action=step.action.name)
    try:
        result = _call(step.action, step, standing.input, context, step.action.function)
    except ItemError as error:
        certain = isinstance(error, BusinessException) or (
            isinstance(error, ApplicationException) and error.outcome is Outcome.NOT_DONE
        )
        if certain:
            run.journal.effects.pop(path, None)
            now, note = run.engine.clock.now(), error.message
            run.later(lambda transaction: ledger.settle(transaction, standing.effect, Status.NOT_DONE, now, note=note))
        run.emit("effect.not_done" if certain else "effect.open", path, action=step.action.name)
        raise
    run.emit("effect.done", path, action=step.action.name)
    return _settled(run, path, key, standing, result, None)


def _settled(run: Run, path: str, key: str, standing: Standing, result: Any, note: str | None) -> Any:
    """The outcome commits before the run goes on. The step's journal entry goes with the same commit."""
    now = run.engine.clock.now()
    run.later(
        lambda transaction: ledger.settle(transaction, standing.effect, Status.DONE, now, result=result, note=note)
    )
    run.journal.effects[path] = Begun(key, is_open=False)
    run.must_commit = True
    return result


def _look_up(run: Run, step: Step, scope: Scope, path: str, standing: Standing, key: str) -> Done | NotDone:
    """Settle an open intent by asking the target system; Uncertain if that cannot tell."""
    assert step.action is not None
    found = _ask_target(run, step, scope, path, standing, key)
    if isinstance(found, NotDone):
        quiet = timedelta(seconds=run.engine.quiet_seconds)
        rest = ((standing.restored or standing.intended) + quiet - run.engine.clock.now()).total_seconds()
        if rest > 0:
            run.engine.clock.sleep(rest)
            found = _ask_target(run, step, scope, path, standing, key)
    if isinstance(found, NotDone) and standing.doubt is not None:
        found = Unsettled(f"{standing.doubt}; a look-up found nothing")
    if isinstance(found, Unsettled):
        raise Uncertain(standing, step.action.name, key, found.reason)
    return found


def _ask_target(run: Run, step: Step, scope: Scope, path: str, standing: Standing, key: str) -> Settlement:
    assert step.action is not None
    if step.effect is not None and step.effect.verify is not None:
        return run.verify(step.effect.verify, scope, path)
    if step.action.verify is None:
        return Unsettled("this action has no look-up, and the step names no `verify`")
    given = validated(step.action.input, run.engine.surroundings.artifacts.at_hand(standing.input), step.input)
    verify = step.action.verify
    context = _context(run, step, path, key)
    with _guarded(f"the look-up of {step.action.name}", context):
        return verify(given, context)


def _pretend(run: Run, step: Step, scope: Scope, path: str, values: Any, key: str) -> Any:
    """A dry run's way through an effect: read what it would change, and go on with a stand-in."""
    assert step.action is not None
    known = run.engine.already_done(_scope_name(run, step), key) if run.engine.already_done else None
    if known is not None:
        run.would_do.append(WouldDo(step.title, step.action.name, key, "", {}, already=True))
        return known
    given = validated(step.action.input, run.engine.surroundings.artifacts.at_hand(values), step.input)
    if step.action.preview is not None:
        context = _context(run, step, path, key)
        with _guarded(f"the preview of {step.action.name}", context):
            preview = step.action.preview(given, context)
    else:
        preview = Preview(step.action.name, {name: (None, value) for name, value in codec.plain(given).items()})
    run.would_do.append(WouldDo(step.title, step.action.name, key, preview.target, codec.plain(preview.changes)))
    stand = stand_in(step.action, values if isinstance(values, dict) else {})
    return {**stand, **codec.plain(preview.result)} if preview.result and isinstance(stand, dict) else stand
