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
    assert (line["workflow"], line["when"], line["timezone"]) == ("daily", "0 7 * * *", "Europe/Berlin")
    assert datetime.fromisoformat(line["next"]).hour == 7


def test_the_coming_firings_are_in_order(office: Office) -> None:
    office.write("workflows/daily.yaml", DAILY)
    lines = office("schedule", "next", "--days", "3", "--json").lines
    assert len(lines) == 3
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)


def test_without_a_schedule_it_says_so(office: Office) -> None:
    assert office("schedule", "list").out == "no workflow has a schedule\n"
    assert office("schedule", "next").out == "nothing fires in the next 7 days\n"


def test_pausing_making_up_and_backfilling_a_schedule(office: Office) -> None:
    office.write("workflows/daily.yaml", DAILY.replace("timezone: Europe/Berlin", "name: morning"))
    assert office("schedule", "pause", "daily/morning", "--reason", "month end").out == "daily/morning is paused\n"
    (line,) = office("schedule", "list", "--json").lines
    assert line["paused"] == "month end"
    assert office("schedule", "resume", "daily/morning", "--missed").out.splitlines()[-1] == "daily/morning goes on"
    span = ("daily/morning", "--from", "2026-01-05", "--to", "2026-01-07")
    planned = office("schedule", "backfill", *span, "--dry-run", "--json").lines
    assert [line["at"][:16] for line in planned] == ["2026-01-05T07:00", "2026-01-06T07:00"]
    made = office("schedule", "backfill", *span, "--json").lines
    assert [line["outcome"] for line in made] == ["queued", "waiting"], "one after the other"
    assert office("schedule", "backfill", *span).out == "nothing is to be made up\n"
    told = office("schedule", "history", "daily/morning", "--json").lines
    assert [(line["outcome"], bool(line["item"])) for line in told] == [("queued", True), ("waiting", False)]


def test_a_schedule_that_does_not_exist_is_told_with_the_nearest_one(office: Office) -> None:
    office.write("workflows/daily.yaml", DAILY.replace("timezone: Europe/Berlin", "name: morning"))
    answer = office("schedule", "next", "daily/mornin")
    assert (answer.code, "there is no schedule daily/mornin; did you mean daily/morning?" in answer.err) == (2, True)
    answer = office("schedule", "backfill", "daily/morning", "--from", "2026-01-05", "--to", "2026-01-01")
    assert answer.code == 2
    assert "--from 2026-01-05 00:00 --to 2026-01-01 00:00 is no time in the past; give --from before --to" in answer.err


def test_holidays_of_a_calendar_are_shown_a_year_ahead(office: Office) -> None:
    office.write(
        "workflows/daily.yaml", DAILY.replace("timezone: Europe/Berlin", "timezone: Europe/Berlin, calendar: DE-BE")
    )
    lines = office("schedule", "next", "--days", "400", "--limit", "2000", "--json").lines
    lost = [line for line in lines if not line["fires"]]
    assert any("New Year's Day" in line["note"] or "Neujahr" in line["note"] for line in lost), lost
    assert {line["day"] for line in lines if line["fires"]} == {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday"}
    office.write("workflows/daily.yaml", DAILY.replace("timezone: Europe/Berlin", "calendar: bnk"))
    answer = office("schedule", "next")
    assert (answer.code, "there is no calendar bnk" in answer.err) == (2, True)


def test_every_trigger_is_listed_with_why_it_is_paused(office: Office) -> None:
    watched = "workflow: watch\ninputs: {file: file}\ntriggers: [{folder: inbox}, {at: 2020-01-01T07:00}]\nsteps: [{set: {a: 1}}]\n"
    office.write("workflows/watch.yaml", watched)
    office("schedule", "pause", "watch/folder/inbox", "--reason", "moving house")
    assert [
        (line["schedule"], line["next"], line["paused"]) for line in office("schedule", "list", "--all", "--json").lines
    ] == [
        ("watch/1", "never", ""),
        ("watch/folder/inbox", "", "moving house"),
    ]
    answer = office("schedule", "pause", "watch/folder/in")
    assert (answer.code, answer.err) == (
        2,
        "clerkwork: no trigger watch/folder/in; did you mean watch/folder/inbox?\n",
    )
