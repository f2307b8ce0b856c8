"""A workflow file becomes a checked workflow."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from language.office import OFFICE

from engine.action import Effect
from engine.errors import WorkflowError
from engine.language import InputSpec, RetryPolicy, Workflow
from engine.loader import every_step, load_source, load_workflow

INVOICES = Path(__file__).with_name("invoice_intake.yaml")


def loaded(text: str) -> Workflow:
    return load_source(f"workflow: w\ninputs: {{n: integer, rows: list}}\n{text}", "w.yaml", OFFICE)


def test_the_workflow_of_the_contract_is_read_whole() -> None:
    flow = load_workflow(INVOICES, OFFICE)
    assert (flow.id, flow.title, flow.owner) == (
        "invoice-intake",
        "Supplier invoices, from the scan to the ERP",
        "ap-team",
    )
    assert flow.digest == hashlib.sha256(INVOICES.read_bytes()).hexdigest()
    assert flow.inputs == {"file": InputSpec("file", "file", "PDF or image of one invoice")}
    assert [trigger.kind for trigger in flow.triggers] == ["folder", "mail", "schedule"]
    assert flow.triggers[2].options["cron"] == "0 7 * * mon-fri"
    assert [step.kind for step in flow.steps] == [
        "document.read",
        "erp.find_bill",
        "fail",
        "approve",
        "erp.create_bill",
        "browser",
        "spreadsheet.upsert",
    ]
    assert [step.path for step in flow.steps] == [f"steps.{number}" for number in range(7)]
    assert [str(step.effect_kind) for step in flow.steps[3:]] == ["none", "searchable", "manual", "idempotent"]
    assert flow.steps[0].title == "Read the invoice" and flow.steps[2].title == "fail (line 33)"
    assert flow.queue.stop_after == 5 and flow.queue.concurrency == 2 and flow.queue.priority == "normal"
    assert flow.queue.retry == RetryPolicy(3, 30.0, 2.0, True)
    assert flow.queue.due is not None and flow.queue.due.business and flow.queue.due.length == timedelta(hours=4)
    assert flow.on_exception.assign == "ap-clerks" and flow.on_exception.notify == ("finance-chat",)
    assert [step.kind for step in flow.verify["find_entry"]] == ["browser", "settle"]


def test_the_templates_of_the_contract_give_what_they_say() -> None:
    flow = load_workflow(INVOICES, OFFICE)
    invoice: dict[str, Any] = {"number": "RE-1", "total": Decimal("120.00"), "confidence": 0.85, "problems": []}
    invoice["seller"] = {"name": "Acme", "tax_id": "DE1"}
    scope: dict[str, Any] = {
        "item": {"file": {"path": "/a.pdf", "name": "a.pdf", "sha256": "ab12"}},
        "invoice": invoice,
        "existing": {"found": False, "id": None},
        "bill": {"id": "7"},
        "found": {"rows": 1},
        "today": date(2026, 3, 31),
        "now": datetime(2026, 3, 31, tzinfo=UTC),
    }

    def value(template: Any) -> Any:
        return template.evaluate(scope)

    review, effect = flow.steps[0].review, flow.steps[4].effect
    assert review is not None and effect is not None
    assert value(flow.queue.key) == "ab12"
    assert value(review.when) is True
    assert value(flow.steps[2].condition) is False
    assert value(flow.steps[4].input) == {"connection": "erp", "bill": invoice, "attach": scope["item"]["file"]}
    assert value(effect.key) == "DE1/RE-1"
    assert value(flow.steps[6].input)["sheet"] == 2026
    assert value(flow.steps[6].input)["row"] == {"number": "RE-1", "total": Decimal("120.00"), "erp": "7"}
    assert value(flow.verify["find_entry"][1].input) == {"done": True, "not_done": False}
    assert value(flow.outputs["bill"]) == "7"


def test_a_step_has_all_that_stands_beside_its_action() -> None:
    (step,) = loaded("""steps:
  - name: Order it
    for_each: ${{ item.rows }}
    each: row
    if: ${{ item.n > 1 }}
    timeout: 2 minutes
    retry: {attempts: 5, wait: 1m, factor: 1, jitter: false}
    secrets: [shop-key]
    on_error: continue
    effect: {key: "${{ row.number }}"}
    shop.order: {number: "${{ row.number }}"}
    as: order
""").steps
    assert (step.name, step.bind, step.each, step.timeout) == ("Order it", "order", "row", 120.0)
    assert step.retry == RetryPolicy(5, 60.0, 1.0, False)
    assert (step.secrets, step.on_error, step.effect_kind) == (("shop-key",), (), Effect.MANUAL)
    assert step.effect is not None and step.effect.key is not None and step.effect.verify is None


def test_groups_and_handlers_have_places_of_their_own() -> None:
    flow = loaded("""steps:
  - group:
      steps:
        - shop.ping:
        - group: [{shop.ping: }]
      finally:
        - shop.ping:
    on_error:
      - set: {code: "${{ error.code }}"}
  - group:
      - shop.ping:
    finally:
      - shop.ping:
  - parallel:
      - shop.ping:
""")
    assert [step.path for step in every_step(flow.steps)] == [
        "steps.0",
        "steps.0.group.0",
        "steps.0.group.1",
        "steps.0.group.1.group.0",
        "steps.0.finally.0",
        "steps.0.on_error.0",
        "steps.1",
        "steps.1.group.0",
        "steps.1.finally.0",
        "steps.2",
        "steps.2.parallel.0",
    ]


def test_an_action_without_input_may_stand_alone() -> None:
    (step,) = loaded("steps:\n  - shop.ping:\n").steps
    assert step.input.evaluate({}) == {}


def test_the_author_may_declare_that_a_step_only_reads_where_that_depends_on_its_input() -> None:
    (step,) = loaded("steps:\n  - browser: {connection: a, do: [{click: Search}]}\n    effect: none\n").steps
    assert step.effect_kind is Effect.NONE and step.effect is None


def test_what_always_changes_something_cannot_be_declared_to_read() -> None:
    with pytest.raises(WorkflowError) as caught:
        loaded("steps:\n  - shop.order: {number: 1}\n    effect: none\n")
    assert str(caught.value) == (
        "w.yaml:5:5: effect: none on shop.order, which always changes something; "
        "expected it where it depends on the input; remove it"
    )


@pytest.mark.parametrize(
    "action",
    [
        "shop.order: {number: '${{ item.n }}'}",
        "shop.order: {number: 1, lines: [{text: a, amount: '${{ item.n }}'}]}",
        "shop.order: {number: 1, target: '${{ item.n }}'}",
        "shop.order: ${{ item.rows[0] }}",
        "browser: ${{ item.rows[0] }}",
        "browser: {connection: a, do: [{click: '${{ item.n }}'}]}",
    ],
)
def test_an_effect_is_one_also_where_its_input_waits_for_the_run(action: str) -> None:
    (step,) = loaded(f"steps:\n  - {action}\n").steps
    assert step.effect_kind is Effect.MANUAL


def test_a_result_keeps_its_fields_where_the_input_waits_for_the_run() -> None:
    find = "erp.find_bill: {connection: c, vendor: v, number: '${{ item.n }}'}"
    with pytest.raises(WorkflowError, match="bill has no field fund; expected one of found, id; did you mean found?"):
        loaded(f"steps:\n  - {find}\n    as: bill\n  - set: {{a: '${{{{ bill.fund }}}}'}}\n")


def test_a_list_is_no_mapping_whatever_its_expressions_give() -> None:
    with pytest.raises(WorkflowError, match="browser was given a list of 1; expected a mapping; correct the value"):
        loaded("steps:\n  - browser: ['${{ item.n }}']\n")


def test_a_review_may_be_a_step_of_its_own() -> None:
    (step,) = loaded("steps:\n  - name: Look\n    review: {when: '${{ item.rows or item.n }}', assign: clerks}\n").steps
    assert (step.kind, step.review) == ("review", None)
    assert step.input.evaluate({"item": {"rows": [1], "n": 0}}) == {"when": True, "assign": "clerks"}


def test_short_forms() -> None:
    flow = load_source(
        "workflow: w\ninputs: {a: money, b: {type: text, default: x}}\n"
        "triggers: [{every: 5m}, {folder: inbox}, {schedule: 0 7 * * mon-fri}]\n"
        "queue: {stop_after: 3}\non_exception: {notify: chat}\n"
        "steps: [{retry: 2, shop.ping: }, {approve: {by: a, show: item.a}}]\n",
        "w.yaml",
        OFFICE,
    )
    assert flow.inputs["b"] == InputSpec("b", "text", required=False, default="x")
    assert flow.steps[0].retry == RetryPolicy(attempts=2)
    assert flow.queue.stop_after == 3 and flow.on_exception.notify == ("chat",)
    assert [dict(trigger.options) for trigger in flow.triggers] == [
        {"every": "5m"},
        {"path": "inbox"},
        {"cron": "0 7 * * mon-fri"},
    ]


@pytest.mark.parametrize(
    "steps",
    [
        "- set: {a: 1}\n- if: ${{ item.n > 1 }}\n  set: {a: 2}\n- set: {b: '${{ a }}'}",
        "- if: ${{ item.n > 1 }}\n  shop.ping:\n  as: a\n- set: {b: '${{ a }}'}",
        "- shop.ping:\n  as: a\n  on_error: continue\n- set: {b: '${{ a }}'}",
        "- group:\n    - set: {a: 1}\n- set: {b: '${{ a }}'}",
        "- for_each: ${{ item.rows }}\n  erp.find_bill: {connection: c, vendor: v, number: '${{ each.number }}'}\n  as: bills\n"
        "- set: {b: '${{ [x.anything for x in bills] }}'}",
        "- set: {a: {b: '${{ item.n }}'}}\n- set: {c: '${{ a.b.c }}'}",
        "- call: {workflow: other}\n  as: a\n- set: {b: '${{ a.whatever }}'}",
        "- approve: {by: x}\n  as: yes_from\n- set: {b: '${{ yes_from.by }}'}",
        "- set: {b: '${{ run.id }} ${{ now.hour }} ${{ today.week }}'}",
    ],
)
def test_names_that_are_bound_are_known(steps: str) -> None:
    loaded("steps:\n" + "".join(f"  {line}\n" for line in steps.split("\n")))


def test_a_wrong_value_hides_no_other_problem() -> None:
    with pytest.raises(WorkflowError) as caught:
        load_source("workflow: W W\nsteps:\n  - shop.pong:\n  - set: {a: '${{ b }}'}\n", "w.yaml", OFFICE)
    assert [problem.location.line for problem in caught.value.problems] == [1, 3, 4]


def test_the_source_stays_with_the_workflow() -> None:
    text = "workflow: w\nsteps: [{shop.ping: }]\n"
    flow = load_source(text, "somewhere.yaml", OFFICE)
    assert (flow.source, flow.file) == (text, "somewhere.yaml")


def test_a_workflow_of_hundreds_of_lines_is_read_whole() -> None:
    text = INVOICES.read_text()
    head, rest = text.split("steps:\n", 1)
    steps, tail = rest.split("\nverify:", 1)
    long = f"{head}steps:\n{steps * 12}\nverify:{tail}"
    assert long.count("\n") > 450
    assert len(load_source(long, "long.yaml", OFFICE).steps) == 84
