"""A page changes under a workflow: what is found again, what waits for a person, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bots.browser.healing import remembered
from bots.browser.healing.remembered import State
from engine.errors import ApplicationException
from tests.browser.conftest import Bot, Site

FORM = """<h1>Invoice entry</h1><form method=post action=/save>
<table><tr><td>Invoice no.</td><td><input name=invno id=invno></td></tr>
<tr><td>Customer</td><td><input name=cust id=cust></td></tr>
<tr><td>Amount</td><td><input name=amt id=amt></td></tr></table>
<button id=ok name=ok>Save</button> <button id=cancel name=cancel type=button>Cancel</button>
<a href=/list>All invoices</a> <a href=/delete id=del>Delete invoice</a></form>
<table><tr><td>Total</td><td id=balance>120.00</td></tr><tr><td>Open items</td><td id=open>3</td></tr></table>"""
JOB = ({"open": "/"}, {"fill": {"Invoice no.": "4711"}}, {"click": "Save"}, {"see": "Saved"})


@pytest.fixture
def changing(bot: Bot, site: Site, request: pytest.FixtureRequest) -> Callable[..., dict[str, Any]]:
    """Runs the lines as one workflow's step, on the page as given; the connection waits a second only."""

    def run(page: str, *lines: Any, **settings: Any) -> dict[str, Any]:
        site.page("/", page)
        site.page("/list", "<h1>All invoices</h1>")
        context = bot.fresh(connections={"portal": {"base_url": site.url, "timeout": 1.2}}, **settings)
        context.workflow = request.node.name
        return bot.do(*lines, connection="portal")

    return run


def proposals(bot: Bot) -> list[Any]:
    with bot.context.memory() as memory:
        return remembered.proposals(memory, bot.context.workflow, bot.context.step)


def healed(bot: Bot) -> list[dict[str, Any]]:
    return [data for name, data in bot.context.events if name == "browser.healed"]


def test_a_field_and_a_button_with_new_names_are_found_again_and_proved(
    changing: Callable[..., Any], bot: Bot, site: Site
) -> None:
    changing(FORM, *JOB)
    changing(FORM.replace("Invoice no.", "Document number").replace(">Save<", ">Store<"), *JOB)
    assert [form["invno"] for _path, form in site.posts] == ["4711", "4711"]
    assert [(one["target"], one["locator"]) for one in healed(bot)] == [
        ("Invoice no.", "Document number"),
        ("Save", "Store"),
    ]
    assert [(one.name, one.state, one.data["locator"], one.data["used"]) for one in proposals(bot)] == [
        ("Invoice no.", State.PROPOSED, "Document number", True),
        ("Save", State.PROPOSED, "Store", True),
    ]


def test_an_effect_without_a_proof_waits_for_a_person(changing: Callable[..., Any], bot: Bot, site: Site) -> None:
    changing(FORM, *JOB[:3])
    with pytest.raises(ApplicationException) as raised:
        changing(FORM.replace(">Save<", ">Store<"), *JOB[:3])
    assert raised.value.code == "ELEMENT_NOT_FOUND"
    (proposal,) = proposals(bot)
    assert raised.value.message.endswith(
        "; it is probably 'Store' now, but no later verb of the step would prove it (`see:`, `url:`, `count:`), "
        f"so it waits for a person: `heal show {proposal.id}`"
    )
    assert len(site.posts) == 1 and not proposal.data["used"]


def test_what_cannot_be_taken_back_waits_for_a_person_though_it_is_proved(
    changing: Callable[..., Any], bot: Bot, site: Site
) -> None:
    lines = ({"open": "/"}, {"click": "css=#del"}, {"see": "gone"})
    site.page("/delete", "<p>gone</p>")
    changing(FORM, *lines)
    with pytest.raises(
        ApplicationException, match=r"it is probably 'Delete invoice' now, and what cannot be taken back"
    ):
        changing(FORM.replace("id=del", "id=remove"), *lines)


def test_a_reading_verb_goes_on(changing: Callable[..., Any], bot: Bot) -> None:
    lines = ({"open": "/"}, {"read": {"balance": "Total"}})
    assert changing(FORM, *lines)["balance"] == "120.00"
    assert changing(FORM.replace("Total", "Gesamt").replace("120.00", "75.50"), *lines)["balance"] == "75.50"
    assert healed(bot)[0]["locator"] == "Gesamt"


def test_a_button_that_is_gone_is_replaced_by_no_other(changing: Callable[..., Any], bot: Bot, site: Site) -> None:
    changing(FORM, *JOB)
    with pytest.raises(ApplicationException, match="nothing stands in for it"):
        changing(FORM.replace("<button id=ok name=ok>Save</button>", ""), *JOB)
    assert len(site.posts) == 1 and not proposals(bot)


def test_a_path_that_leads_to_another_element_is_not_followed(
    changing: Callable[..., Any], bot: Bot, site: Site
) -> None:
    lines = ({"open": "/"}, {"fill": {"css=table tr:nth-child(3) input": "9.50"}}, {"click": "Save"}, {"see": "Saved"})
    changing(FORM, *lines)
    row = "<tr><td>Amount</td><td><input name=amt id=amt></td></tr>"
    moved = FORM.replace(row, "").replace("<table><tr><td>Invoice", f"<table>{row}<tr><td>Invoice")
    with pytest.raises(ApplicationException) as raised:
        changing(moved, *lines)
    assert raised.value.code == "ELEMENT_CHANGED"
    assert raised.value.message.startswith("'css=table tr:nth-child(3) input' finds 'Customer' on ")
    assert raised.value.message.endswith(", where it was 'Amount' before; that is 'Amount' now")
    assert len(site.posts) == 1


def test_nothing_is_remembered_of_a_dry_run_or_a_failed_step(
    changing: Callable[..., Any], bot: Bot, site: Site
) -> None:
    changing(FORM, *JOB[:2], dry_run=True)
    with pytest.raises(ApplicationException):
        changing(FORM, *JOB[:3], {"see": "never"})
    assert remembered.fingerprints(bot.context.memory, bot.context.workflow, bot.context.step) == {}


def test_what_a_person_refused_is_not_used_again(changing: Callable[..., Any], bot: Bot, site: Site) -> None:
    changing(FORM, *JOB)
    changed = FORM.replace(">Save<", ">Store<")
    changing(changed, *JOB)
    with bot.context.memory(change=True) as memory:
        (proposal,) = remembered.proposals(memory, bot.context.workflow, bot.context.step)
        memory.set_state(proposal.id, State.REJECTED, "another button", bot.context.now())
    with pytest.raises(ApplicationException, match="it is probably 'Store' now, but a person said that it is not"):
        changing(changed, *JOB)
    assert len(site.posts) == 2


def test_the_first_of_a_list_may_be_called_otherwise_every_day(changing: Callable[..., Any], bot: Bot) -> None:
    lines = ({"open": "/"}, {"click": "css=li:first-child a"}, {"see": "taken"})
    page = (
        "<ul><li><a href='#' onclick=\"told.textContent='taken'\">{0}</a><li><a href='#'>Ferry</a></ul><p id=told></p>"
    )
    for name in ("Train 9 h 38", "Bus 14 h 18", "Plane 2 h 05"):
        changing(page.format(name), *lines)
