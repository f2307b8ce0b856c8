"""Retry, as a pure decision: an error and how often it was tried in, a wait or a stop out."""

from __future__ import annotations

from random import Random

from engine.errors import ApplicationException, ItemError
from engine.language import RetryPolicy

LONGEST_WAIT = 6 * 3600.0


def seconds_to_wait(error: ItemError, attempts_made: int, policy: RetryPolicy, chance: Random) -> float | None:
    """Seconds until the next attempt, or None: no further attempt.

    Business exceptions are never retried. A system's own Retry-After is kept even where the policy is shorter.
    Jitter takes off up to half of the wait, so that many items that failed together do not come back together.
    """
    if not isinstance(error, ApplicationException) or attempts_made >= policy.attempts:
        return None
    if error.code in policy.never or (policy.on is not None and error.code not in policy.on):
        return None
    wait = min(policy.wait * policy.factor ** (attempts_made - 1), LONGEST_WAIT)
    if policy.jitter:
        wait *= 1 - chance.random() / 2
    return max(wait, error.retry_after or 0.0)
