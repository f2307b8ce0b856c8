"""When an item is due and when it may be begun, as the queue of its workflow says."""

from __future__ import annotations

from datetime import UTC, datetime, time
from random import Random
from zoneinfo import ZoneInfo

import pytest

from engine.business_time import Calendar
from engine.errors import ApplicationException, BusinessException, WorkflowError
from engine.item_times import moment_of
from engine.language import RetryPolicy, Span, Template, Workflow
from engine.loader import load_source
from engine.retry import seconds_to_wait
from engine.scope import first_scope

NOW = datetime(2026, 3, 6, 15, 30, tzinfo=UTC)  # a Friday
BERLIN = Calendar(timezone=ZoneInfo("Europe/Berlin"))


def flow(queue: str) -> Workflow:
    text = (
        f"workflow: sender\ninputs: {{on: {{type: text, required: false}}}}\nqueue: {queue}\nsteps: [set: {{x: 1}}]\n"
    )
    return load_source(text, "sender.yaml", {})


def moment(given: Span | Template | None, on: object, of_day: time = time(0)) -> datetime | None:
    scope = first_scope({"on": on}, "", "sender", NOW, UTC)
    return moment_of(given, scope, NOW, BERLIN, "queue.due", of_day)


def test_a_length_of_time_counts_in_business_time() -> None:
    # 16:30 in Berlin on a Friday: half an hour of that day, half an hour of Monday.
    assert moment(flow("{due: 1 business hour}").queue.due, None) == datetime(2026, 3, 9, 8, 30, tzinfo=UTC)
    assert moment(flow("{not_before: 2 hours}").queue.not_before, None) == datetime(2026, 3, 6, 17, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2026-03-31", datetime(2026, 3, 31, 15, 0, tzinfo=UTC)),
        ("2026-03-31T09:15", datetime(2026, 3, 31, 7, 15, tzinfo=UTC)),
        ("2026-03-31T09:15+00:00", datetime(2026, 3, 31, 9, 15, tzinfo=UTC)),
        (None, None),
        ("", None),
    ],
)
def test_an_input_gives_the_date_or_the_time(on: object, expected: datetime | None) -> None:
    assert moment(flow('{due: "${{ item.on }}"}').queue.due, on, time(17)) == expected


def test_what_is_no_date_is_told() -> None:
    with pytest.raises(BusinessException, match=r"queue.due is the text 'soon'; it is a date or a time such as"):
        moment(flow('{due: "${{ item.on }}"}').queue.due, "soon")


def test_an_unknown_name_in_due_is_found_by_check() -> None:
    with pytest.raises(WorkflowError, match="onn"):
        flow('{not_before: "${{ item.onn }}"}')


@pytest.mark.parametrize(
    ("policy", "again"),
    [
        (RetryPolicy(on=("ERP_BUSY",)), True),
        (RetryPolicy(on=("TIMEOUT",)), False),
        (RetryPolicy(never=("ERP_BUSY",)), False),
        (RetryPolicy(never=("TIMEOUT",)), True),
    ],
)
def test_retries_by_the_code_of_the_exception(policy: RetryPolicy, *, again: bool) -> None:
    error = ApplicationException("ERP_BUSY", "the ERP is busy")
    assert (seconds_to_wait(error, 1, policy, Random(1)) is not None) is again


def test_codes_are_read_from_the_file() -> None:
    queue = flow("{retry: {on: TIMEOUT, never: [BOT_ERROR]}, quarantine_after: 2, again_after: 30 days}").queue
    assert (queue.retry.on, queue.retry.never) == (("TIMEOUT",), ("BOT_ERROR",))
    assert queue.quarantine_after == 2
    assert queue.again_after is not None
    assert queue.again_after.days == 30
