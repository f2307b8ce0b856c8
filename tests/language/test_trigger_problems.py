"""What `check` says of triggers: every problem with its line, what was expected and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from language.test_check import OFFICE

from engine.check import check_files
from engine.schema import workflow_schema
from engine.yaml_source import parse_yaml

EDITOR = Draft202012Validator(workflow_schema(OFFICE))
HEAD = "workflow: w\ninputs: {file: {type: file, required: false}, n: {type: integer, required: false}}\n"
TAIL = "steps: [{shop.ping: }]\n"


def checked(folder: Path, trigger: str, head: str = HEAD, **files: str) -> list[str]:
    (folder / "a.yaml").write_text(f"{head}triggers:\n  - {trigger}\n{TAIL}")
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)

    def calendar_problem(name: str) -> str | None:
        return None if name == "DE" else f"there is no calendar {name}; did you mean DE?"

    problems = check_files([folder], OFFICE, {"mailbox"}, calendar_problem)
    return [str(problem).replace(f"{folder}/", "") for problem in problems]


@pytest.mark.parametrize(
    "trigger",
    [
        "schedule: {cron: '0 7 * * mon-fri', calendar: DE, closed: next, business_day: -1, inputs: {n: 1}}",
        "schedule: {cron: '*/10 0 7 * * *', window: 1 day, jitter: 5m, overlap: allow, inputs: {n: '${{ fire_day.day }}'}}",
        "every: {every: 15m, calendar: DE, business_hours: true, start: 2026-03-31T17:00}",
        "at: [2026-03-31T17:00, 2026-06-30T17:00]",
        "folder: {path: in, stable: 10s, processed: done, failed: bad, inputs: {n: '${{ len(file.name) }}'}}",
        "mail: {connection: mailbox, subject: '*invoice*', inputs: {n: '${{ len(mail.subject) }}'}}",
        "webhook: {path: orders/new, secret: orders, inputs: {n: '${{ body.number }}'}}",
        "spreadsheet: {file: orders.xlsx, key: number, where: {status: new}}",
        "queue: {workflow: w2, on: skipped}",
        "manual: Start it",
        "manual:",
        "manual: {ask: [n], inputs: {file: null}}",
    ],
)
def test_a_right_trigger_has_no_problem_for_check_and_for_the_editor(tmp_path: Path, trigger: str) -> None:
    other = f"workflow: w2\n{TAIL}"
    assert checked(tmp_path, trigger, other=other) == []
    value = parse_yaml(f"{HEAD}triggers:\n  - {trigger}\n{TAIL}", "a.yaml").value
    assert [error.message for error in EDITOR.iter_errors(value)] == []


@pytest.mark.parametrize(
    ("trigger", "problem"),
    [
        (
            "schedule: {cron: '0 7 * * *', calendar: ED}",
            "4:5: there is no calendar ED; expected the name of a calendar; did you mean DE?",
        ),
        (
            "schedule: {cron: '0 7 * * *', closed: befor}",
            "4:43: closed of the trigger schedule is the text 'befor'; expected 'skip', 'next' or 'previous'; write one of those",
        ),
        (
            "schedule: {cron: '0 7 * * *', business_day: 0}",
            "4:49: business_day of the trigger schedule is the number 0; expected a number from 1 on, or from -1 down: -1 is the last one of the month; correct the value",
        ),
        (
            "schedule: {cron: '0 7 * * *', business_day: 40}",
            "4:49: business_day of the trigger schedule is the number 40; expected a number less than or equal to 23; correct the value",
        ),
        (
            "schedule: {cron: '61 7 * * *'}",
            "4:22: cron of the trigger schedule is the text '61 7 * * *'; expected minute, hour, day, month, weekday, such as 0 7 * * mon-fri (Bad minute); correct the value",
        ),
        (
            "every: 10 business hours",
            "4:12: every of the trigger every is the text '10 business hours'; expected a length of time that does not depend on a calendar, such as 30s or 5m; correct the value",
        ),
        (
            "every: 0.5 s",
            "4:12: every of the trigger every is the text '0.5 s'; expected a second or more, such as 30s or 5m; correct the value",
        ),
        (
            "every: {every: 5m, window: 2000 days}",
            "4:32: window of the trigger every is the text '2000 days'; expected 366 days or less: firings are forgotten some time after that; correct the value",
        ),
        (
            "at: tomorrow",
            "4:9: at of the trigger at is the text 'tomorrow'; expected a time such as 2026-03-31T17:00; correct the value",
        ),
        (
            "at: {at: 2026-03-31T17:00, inputs: {m: 1}}",
            "4:44: w has no input m; expected file, n; remove it, or declare it under `inputs`",
        ),
        (
            "at: {at: 2026-03-31T17:00, inputs: {n: many}}",
            "4:44: the input n is the text 'many'; expected a whole number; correct the value",
        ),
        (
            "at: {at: 2026-03-31T17:00, inputs: {n: '${{ fire_tim.hour }}'}}",
            "4:49: there is no name fire_tim; expected one of fire_day, fire_time, now, schedule, today; did you mean fire_time?",
        ),
        (
            "folder: {path: in, input: n}",
            "4:5: the input n is of type integer, which the trigger folder cannot fill; expected one of file; name another input",
        ),
        (
            "folder: {path: in, input: fil}",
            "4:5: w has no input fil; expected one of file; did you mean file?",
        ),
        (
            "folder: {path: '${{ item.file }}'}",
            "4:13: an expression in the trigger folder; expected plain values; write the value itself; only `inputs` may work something out",
        ),
        (
            "webhook: {path: '../x', secret: s}",
            "4:21: path of the trigger webhook is the text '../x'; expected the end of an address: letters, digits, . _ - and /, such as orders/new; correct the value",
        ),
        (
            "queue: w",
            "4:5: w waits for its own items, and would make items for ever; expected another workflow; name the workflow it follows",
        ),
        ("queue: other", "4:5: unknown workflow other; expected one of w; write the id of a workflow of this project"),
        (
            "queue: {workflow: w2, on: [don]}",
            "4:32: on.0 of the trigger queue is the text 'don'; expected 'done', 'rejected', 'skipped' or 'discarded'; did you mean done?",
        ),
        (
            "manual: {ask: [m]}",
            "4:5: the form asks for m, which is no input of w; expected one of file, n; declare it under `inputs`",
        ),
    ],
)
def test_a_wrong_trigger_is_told_what_to_do_about(tmp_path: Path, trigger: str, problem: str) -> None:
    assert checked(tmp_path, trigger) == [f"a.yaml:{problem}"]


def test_a_trigger_that_gives_too_few_inputs_is_warned_of(tmp_path: Path) -> None:
    head = "workflow: w\ninputs: {n: {type: integer, description: how many}}\n"
    assert checked(tmp_path, "every: 5m", head) == [
        "a.yaml:4:5: warning: the trigger every gives no input n, which every item must have; expected n, integer: how many; "
        "add `inputs: {n: ...}` to it, or no item can be made"
    ]
    assert checked(tmp_path, "folder: in", head) == [
        "a.yaml:4:5: warning: the trigger folder does not say which input takes the file; expected an input of type file; "
        "add it to `inputs`, or no item can be made"
    ]
    assert checked(tmp_path, "manual: {ask: []}", head) == []
    two = "workflow: w\ninputs: {a: text, b: text}\n"
    assert checked(tmp_path, "manual: {ask: [a]}", two) == [
        "a.yaml:4:5: the form does not ask for b, which every item must have; expected b under `ask` or `inputs`; add b"
    ]


def test_two_schedules_of_one_name_and_two_hooks_of_one_address_are_told(tmp_path: Path) -> None:
    twice = "every: {every: 5m, name: a}\n  - at: {at: 2026-03-31T17:00, name: a}"
    assert checked(tmp_path, twice) == [
        "a.yaml:5:5: a second schedule with the name a (first in line 4); expected each name once in a workflow; give it another name"
    ]
    hook = "webhook: {path: orders, secret: s}"
    other = f"workflow: v\ntriggers: [{{{hook}}}]\n{TAIL}"
    assert [text.replace(str(tmp_path) + "/", "") for text in checked(tmp_path, hook, b=other)] == [
        "b.yaml:2:13: the address /hooks/orders a second time (first in a.yaml:4:5); expected each address once in a project; give it another path"
    ]
