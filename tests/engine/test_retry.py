"""Retry is a pure decision: an error and the attempts made in, a wait or a stop out."""

from __future__ import annotations

from random import Random

import pytest

from engine.errors import ApplicationException, BusinessException
from engine.language import RetryPolicy
from engine.retry import LONGEST_WAIT, seconds_to_wait

DOWN = ApplicationException("DOWN", "it is down")
PLAIN = RetryPolicy(attempts=4, wait=30, factor=2, jitter=False)


@pytest.mark.parametrize(("made", "wait"), [(1, 30), (2, 60), (3, 120), (4, None), (9, None)])
def test_the_wait_grows_by_the_factor_until_the_attempts_are_spent(made: int, wait: float | None) -> None:
    assert seconds_to_wait(DOWN, made, PLAIN, Random(1)) == wait


def test_a_business_exception_is_never_retried() -> None:
    assert seconds_to_wait(BusinessException("NO", "no"), 1, PLAIN, Random(1)) is None


def test_what_the_system_asks_for_is_kept_even_where_the_policy_is_shorter() -> None:
    busy = ApplicationException("BUSY", "busy", retry_after=300)
    assert seconds_to_wait(busy, 1, PLAIN, Random(1)) == 300


def test_jitter_takes_off_up_to_half() -> None:
    policy = RetryPolicy(attempts=9, wait=100, factor=1, jitter=True)
    waits = {seconds_to_wait(DOWN, 1, policy, Random(seed)) for seed in range(50)}
    assert len(waits) == 50 and all(wait is not None and 50 <= wait <= 100 for wait in waits)


def test_no_wait_is_longer_than_six_hours() -> None:
    policy = RetryPolicy(attempts=99, wait=30, factor=2, jitter=False)
    assert seconds_to_wait(DOWN, 60, policy, Random(1)) == LONGEST_WAIT
