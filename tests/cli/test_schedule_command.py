"""`schedule`: every coming firing, in its own time zone."""

from __future__ import annotations

from datetime import datetime

from cli_office import Office

DAILY = """\
workflow: daily
triggers:
  - schedule: {cron: "0 7 * * *", timezone: Europe/Berlin}
steps:
  - set: {a: 1}
"""


def test_a_schedule_is_listed_with_its_next_firing(office: Office) -> None:
    office.write("workflows/daily.yaml", DAILY)
    (line,) = office("schedule", "list", "--json").lines
    assert (line["workflow"], line["cron"], line["timezone"]) == ("daily", "0 7 * * *", "Europe/Berlin")
    assert datetime.fromisoformat(line["next"]).hour == 7


def test_the_coming_firings_are_in_order(office: Office) -> None:
    office.write("workflows/daily.yaml", DAILY)
    lines = office("schedule", "next", "--days", "3", "--json").lines
    assert len(lines) == 3
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)


def test_without_a_schedule_it_says_so(office: Office) -> None:
    assert office("schedule", "list").out == "no workflow has a schedule\n"
    assert office("schedule", "next").out == "nothing fires in the next 7 days\n"
