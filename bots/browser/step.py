"""One browser step, from fetching the warm browser to telling what went wrong and keeping the evidence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bots.browser.connection import BrowserConnection
from bots.browser.pool import Pool, warm_pool
from bots.browser.proof import Refusal
from bots.browser.session import Session
from bots.browser.taping import Taping, tape_of
from engine.context import Context
from engine.errors import ApplicationException, BusinessException, ItemError, Outcome

if TYPE_CHECKING:
    from playwright.sync_api import Error

EVIDENCE = 6.0  # seconds for keeping what a failure leaves


@contextmanager
def open_session(connection: BrowserConnection, name: str | None, reads: bool, context: Context) -> Iterator[Session]:
    """A step's session in the worker's warm browser. What goes wrong inside becomes an exception with evidence."""
    from playwright.sync_api import Error

    pool = warm_pool(context, connection.headless)
    place, tape = name or connection.base_url, tape_of(context)
    owner = (context.run, f"browser session: {place} {connection.base_url} {connection.username or ''}")
    session: Session | None = None
    ended = False
    try:
        with pool.guard(min(context.remaining(), connection.timeout)):
            equip = None if tape is None else lambda browser: tape.attach(browser, place, connection, context.scrub)
            profile, fresh = pool.profile(owner, connection, reads or context.dry_run, context, equip)
            session = Session(pool, profile, connection, (place, owner[1]), context, fresh)
            if tape is not None:
                session.watches.append(lambda: _on_tape(tape))
                session.healing.asleep = True  # what a tape shows is no news of the web system
            session.evidence.begin()
            yield session
            session.evidence.end()
            session.healing.learn()
        ended = True
    except (ItemError, Error) as error:
        missing = tape.problem() if tape is not None else None
        if missing is not None:
            failure: ItemError = missing
        else:
            failure = _settled(error, session) if isinstance(error, ItemError) else _told(error, session, pool)
        if session is not None and pool.alive and not session.profile.crashed:
            with pool.guard(EVIDENCE, fixed=True):
                session.evidence.failure(failure)
        if failure is error:
            raise
        raise failure from error
    finally:
        if not ended:
            _clear_away(pool, context)


def _on_tape(tape: Taping) -> None:
    """A request that the tape does not know ends the step: what the page shows without it would mean nothing."""
    missing = tape.problem()
    if missing is not None:
        raise missing


def _settled(error: ItemError, session: Session | None) -> ItemError:
    """A business exception says that the effect did not happen. Once something was sent, only the page can say so:
    a value that cannot be read after `Save` does not undo the saving."""
    if not isinstance(error, BusinessException) or isinstance(error, Refusal) or session is None or not session.sent:
        return error
    return ApplicationException(
        error.code, error.message, advice=error.advice, details=error.details, outcome=Outcome.UNKNOWN
    )


def _clear_away(pool: Pool, context: Context) -> None:
    """After a failure the next attempt begins on a fresh page; a browser that is gone or hangs is replaced."""
    from playwright.sync_api import Error

    try:
        with pool.guard(EVIDENCE, fixed=True):
            pool.close_profile()
    except Error as error:
        context.event("browser.replaced", reason=error.message.splitlines()[0])
        pool.kill()
    if not pool.alive:
        context.drop_resource(pool.key)


def _told(error: Error, session: Session | None, pool: Pool) -> ItemError:
    """What Playwright raised, as an exception of the trade."""
    sent = session is None or session.sent
    outcome = Outcome.UNKNOWN if sent and session is not None else Outcome.NOT_DONE
    first = error.message.splitlines()[0] if error.message else "no reason given"
    where = f" ({session.where()})" if session is not None else ""
    if pool.overdue:
        message = f"the page did not answer any more{where}: it was in an endless loop, or far too busy"
        return ApplicationException("PAGE_TIMEOUT", message, advice="the browser was replaced; retry", outcome=outcome)
    if not pool.alive or (session is not None and session.profile.crashed) or "crashed" in first:
        message = f"the browser or its page crashed{where}: {first}"
        return ApplicationException("BROWSER_CRASHED", message, advice="it was replaced; retry", outcome=outcome)
    code = "PAGE_TIMEOUT" if type(error).__name__ == "TimeoutError" else "BROWSER_ERROR"
    return ApplicationException(code, f"{first}{where}", advice="look at the evidence, then retry", outcome=outcome)
