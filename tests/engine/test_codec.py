"""What the journal writes it reads back with its types."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import codec

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(fold=0)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(VALUES)
def test_every_result_comes_back_as_it_was(value: object) -> None:
    back = codec.loads(codec.dumps(value))
    assert back == value and repr(back) == repr(value)


def test_cents_and_times_keep_their_form() -> None:
    value = {
        "total": Decimal("10.00"),
        "day": date(2026, 3, 1),
        "at": datetime(2026, 3, 1, 7, tzinfo=UTC),
        "t": time(7, 30),
    }
    assert codec.loads(codec.dumps(value)) == value
    assert str(codec.loads(codec.dumps(value))["total"]) == "10.00"


def test_a_mapping_that_looks_like_a_tag_stays_a_mapping() -> None:
    for value in ({"$": "decimal", "value": "1.0"}, {"$": "else", "value": 1}, {"$": "date"}):
        assert codec.loads(codec.dumps(value)) == value


def test_what_cannot_be_journalled_is_named() -> None:
    with pytest.raises(TypeError, match="a result holds object, which cannot be journalled"):
        codec.dumps({"a": object()})


def test_people_and_scripts_get_plain_json() -> None:
    assert codec.readable({"total": Decimal("4.50"), "day": date(2026, 3, 1)}) == {"total": "4.50", "day": "2026-03-01"}
