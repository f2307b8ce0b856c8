"""`check` tells the problems of all files at once: each file's own, and what only shows between files."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from language.office import OFFICE

from engine.check import check_files
from engine.errors import UsageError

INVOICES = Path(__file__).with_name("invoice_intake.yaml")
CONNECTIONS = {"erp", "ap-mailbox", "supplier-portal", "finance-chat"}


def checked(folder: Path, files: dict[str, str], connections: Collection[str] | None = None) -> list[str]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return [str(problem).replace(f"{folder}/", "") for problem in check_files([folder], OFFICE, connections)]


def test_the_workflow_of_the_contract_has_no_error_and_is_told_that_its_schedule_makes_no_item() -> None:
    problems = check_files([INVOICES], OFFICE, CONNECTIONS)
    assert [(problem.severity, problem.found) for problem in problems] == [
        ("warning", "the trigger schedule gives no input file, which every item must have"),
    ]


def test_all_files_of_all_folders_are_checked_and_tests_and_settings_are_not(tmp_path: Path) -> None:
    good = "workflow: good\nsteps: [{shop.ping: }]\n"
    assert checked(
        tmp_path,
        {
            "good.yaml": good,
            "good.test.yaml": "tests: [nonsense]\n",
            "connections.yaml": "erp: {type: tryton}\n",
            ".hidden/bad.yaml": "steps: 5\n",
            "finance/one.yaml": "workflow: one\nsteps: [{shop.pong: }]\n",
            "finance/two.yml": "steps: [{shop.ping: }]\n",
            "broken.yaml": "a: [\n",
            "notes.txt": "not yaml",
        },
    ) == [
        "broken.yaml:2:1: a [ or { without its end, or a missing value; expected a value; check the indentation and the "
        "quotes around here",
        "finance/one.yaml:2:10: unknown action shop.pong; expected the name of an action; did you mean shop.ping?",
        "finance/two.yml:1:1: the file lacks workflow; expected workflow: its id: small letters, digits and hyphens; "
        "unique in the project; add `workflow:`",
    ]


def test_a_file_that_is_named_is_checked_whatever_it_holds(tmp_path: Path) -> None:
    file = tmp_path / "connections.yaml"
    file.write_text("erp: {type: tryton}\n")
    assert [problem.found for problem in check_files([file, file], OFFICE)] == [
        "the file lacks workflow",
        "the file lacks steps",
        "the file has no erp",
    ]


def test_a_path_that_is_not_there_is_a_mistake_of_the_command(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        check_files([tmp_path / "nowhere"], OFFICE)
    assert str(caught.value) == f"there is no file or folder {tmp_path}/nowhere; check the path"


def test_an_id_is_used_once(tmp_path: Path) -> None:
    text = "workflow: pay\nsteps: [{shop.ping: }]\n"
    assert checked(tmp_path, {"a.yaml": text, "b.yaml": text}) == [
        "b.yaml:1:11: the workflow id pay a second time (first in a.yaml:1:11); expected each id once in a project; give "
        "one of them another id"
    ]


def test_connections_are_known(tmp_path: Path) -> None:
    text = """workflow: pay
triggers: [{mail: {connection: mailbocks}}]
steps:
  - erp.find_bill: {connection: epr, vendor: a, number: b}
  - erp.find_bill: {connection: "${{ item.x }}", vendor: a, number: b}
    on_error: [{erp.find_bill: {connection: nope, vendor: a, number: b}}]
inputs: {x: text}
on_exception: {notify: [chatt]}
"""
    assert checked(tmp_path, {"a.yaml": text}, {"erp", "mailbox", "chat"}) == [
        "a.yaml:2:13: warning: the trigger mail gives no input x, which every item must have; expected x, text; "
        "add `inputs: {x: ...}` to it, or no item can be made",
        "a.yaml:2:13: unknown connection mailbocks; expected one of chat, erp, mailbox; did you mean mailbox?",
        "a.yaml:4:33: unknown connection epr; expected one of chat, erp, mailbox; did you mean erp?",
        "a.yaml:6:45: unknown connection nope; expected one of chat, erp, mailbox; configure nope, or name another one",
        "a.yaml:8:24: unknown connection chatt; expected one of chat, erp, mailbox; did you mean chat?",
    ]
    assert len(checked(tmp_path, {"a.yaml": text})) == 1, "without the list of connections nothing is called unknown"


def test_other_workflows_exist_and_take_what_they_are_given(tmp_path: Path) -> None:
    caller = """workflow: caller
steps:
  - call: {workflow: oder, inputs: {a: 1}}
  - call: {workflow: order, inputs: {numbr: 1}}
  - queue.add: {workflow: order, items: [{number: 1}, {}]}
  - queue.add: {workflow: "${{ 'order' }}", items: "${{ [] }}"}
  - call: {workflow: order, inputs: {number: 1}}
"""
    order = "workflow: order\ninputs: {number: {type: integer, description: which one}}\nsteps: [{shop.ping: }]\n"
    assert checked(tmp_path, {"caller.yaml": caller, "order.yaml": order}) == [
        "caller.yaml:3:22: unknown workflow oder; expected one of caller, order; did you mean order?",
        "caller.yaml:4:37: order is called without its input number; expected number, integer: which one; add `number:`",
        "caller.yaml:4:45: order has no input numbr; expected one of number; did you mean number?",
        "caller.yaml:5:55: order is called without its input number; expected number, integer: which one; add `number:`",
    ]
    alone = check_files([tmp_path / "caller.yaml"], OFFICE)
    assert alone == [], "of one file alone nobody knows which others there are"


def test_an_effect_that_nobody_can_look_up_is_a_warning(tmp_path: Path) -> None:
    assert checked(tmp_path, {"a.yaml": "workflow: a\nsteps:\n  - shop.order: {number: 1}\n"}) == [
        "a.yaml:3:5: warning: after a crash nobody can look up whether shop.order was done, so a person is asked; expected "
        "effect with verify; name a section of `verify` under `effect`, or leave it to the person"
    ]


BROWSER = """workflow: a
steps:
  - browser: {{connection: portal, do: [{lines}]}}
    effect: {{verify: look}}
verify:
  look:
    - browser: {{connection: portal, do: [{{count: {{rows: tr}}}}]}}
      as: found
    - settle: {{done: "${{{{ found.rows == 1 }}}}", not_done: "${{{{ found.rows == 0 }}}}"}}
"""


def test_a_browser_that_does_not_look_whether_it_worked_is_a_warning(tmp_path: Path) -> None:
    warning = (
        "a.yaml:3:5: warning: the browser changes something and does not look whether that took; expected see, url, count "
        "or read at the end; end with `- see: ...` and the text that the page shows then"
    )
    for lines, proven in [
        ("{open: /a}, {click: Save}", False),
        ("{see: Form}, {click: Save}", False),
        ("{click: Save}, {screenshot: a}", False),
        ("{click: Save}, {see: Saved}", True),
        ("{click: Save}, {url: /done}", True),
        ("{click: Save}, {see: Saved}, {screenshot: a}", True),
        ("{click: Save}, {read: {no: '#no'}}", True),
    ]:
        assert checked(tmp_path, {"a.yaml": BROWSER.format(lines=lines)}) == ([] if proven else [warning]), lines


def test_errors_and_warnings_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    problems = checked(
        tmp_path,
        {
            "a.yaml": "workflow: a\nsteps:\n  - shop.order: {number: 1}\n  - set: {a: '${{ b }}'}\noutputs: {c: '${{ d }}'}\n"
        },
    )
    assert [problem.split(":")[1] for problem in problems] == ["3", "4", "5"]


ODD: list[Any] = [
    None,
    5,
    "x",
    "${{ x }}",
    "${{ item.file }}",
    "${{",
    [],
    {},
    [1],
    {"a": 1},
    ["${{ x }}"],
    [[{}]],
    "none",
]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, entry in inner:
        yield (*path, name)
        yield from places(entry, (*path, name))


@pytest.mark.parametrize("seed", range(4))
def test_whatever_stands_in_place_of_a_value_ends_in_problems_and_not_in_a_stack_trace(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    text = INVOICES.read_text()
    for path in chance.sample(list(places(yaml.load(text, yaml.BaseLoader))), 30):
        changed = inner = yaml.load(text, yaml.BaseLoader)
        for name in path[:-1]:
            inner = inner[name]
        inner[path[-1]] = chance.choice(ODD)
        (tmp_path / "odd.yaml").write_text(yaml.safe_dump(changed))
        check_files([tmp_path], OFFICE, CONNECTIONS)
