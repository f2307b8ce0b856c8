"""Items that a person starts: the inputs are a typed form, and `manual` gives what the person does not."""

from __future__ import annotations

from cli_office import Office

PAY = """\
workflow: pay
inputs:
  total: {type: money, min: 0.01, max: 5000}
  terms: {type: text, choices: [now, 30 days]}
  origin: text
triggers:
  - manual: {title: Pay somebody, ask: [total, terms], inputs: {origin: "by hand on ${{ today.year > 2000 }}"}}
steps:
  - set: {a: 1}
outputs: {origin: "${{ item.origin }}"}
"""


def test_what_manual_gives_need_not_be_given(office: Office) -> None:
    office.write("workflows/pay.yaml", PAY)
    assert office("check").code == 0
    (line,) = office("run", "pay", "--item", "total=12.50", "--item", "terms=now", "--json").lines
    assert (line["outcome"], line["outputs"]) == ("done", {"origin": "by hand on true"})
    given = ("--item", "total=1", "--item", "terms=now", "--item", "origin=me")
    (line,) = office("run", "pay", *given, "--json").lines
    assert line["outputs"] == {"origin": "me"}


def test_queue_add_refuses_what_the_form_does_not_allow_and_tells_all_of_it(office: Office) -> None:
    office.write("workflows/pay.yaml", PAY)
    answer = office("queue", "add", "pay", "--item", "total=6000", "--item", "terms=later")
    assert (answer.code, answer.err) == (
        2,
        "clerkwork: item of pay: total is '6000', expected 5000 or less; terms is 'later', expected one of 30 days, now; "
        "give them as --item name=value\n",
    )
    assert office("queue", "list", "--json").lines == []
