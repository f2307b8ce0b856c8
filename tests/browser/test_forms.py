"""What is put into a field is read back and must have been kept; what a page does not take is told at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from engine.errors import ApplicationException, BusinessException, Outcome

pytestmark = pytest.mark.browser

OPEN = {"open": "/"}
SEND = ({"click": "Send"}, {"see": "Saved"})


def form(html: str) -> str:
    return (
        f"<form method=post action=/save enctype=application/x-www-form-urlencoded>{html}<button>Send</button></form>"
    )


def test_a_whole_form_is_filled_with_values_of_many_kinds(site: Any, bot: Any) -> None:
    site.page(
        "/",
        form(
            "<label>Vendor <input name=vendor></label><label>Amount <input name=amount type=number step=.01></label>"
            "<label>Due <input name=due type=date></label><label>Note <textarea name=note></textarea></label>"
            "<label>Terms <select name=terms><option value=a>14 days<option value=b>30 days</select></label>"
            "<label>Paid <input type=checkbox name=paid value=1></label>"
        ),
    )
    values = {
        "Vendor": "Müller & Söhne",
        "Amount": Decimal("1234.50"),
        "Due": date(2026, 3, 1),
        "Note": "two\nlines",
        "Terms": "30 days",
        "Paid": True,
    }
    bot.do(OPEN, {"fill": values}, *SEND)
    posted = site.posts[0][1]
    assert posted == {
        "vendor": "Müller & Söhne",
        "amount": "1234.50",
        "due": "2026-03-01",
        "note": "two\r\nlines",
        "terms": "b",
        "paid": "1",
    }


def test_fields_of_several_frames_are_filled_in_their_order(site: Any, bot: Any) -> None:
    field = "<label>{0} <input oninput=\"top.told.textContent += '{0} '\"></label>"
    left, right = field.format("City") + field.format("Zip"), field.format("Vendor")
    site.page("/", "<p id=told></p><iframe src=/left></iframe><iframe src=/right></iframe>")
    site.page("/left", left)
    site.page("/right", right)
    filled = {"Zip": "53111", "Vendor": "ACME", "City": "Bonn"}
    read = bot.do(OPEN, {"fill": filled}, {"read": {"order": "css=#told", **{name.lower(): name for name in filled}}})
    assert (read["order"], read["zip"], read["vendor"], read["city"]) == ("Zip Vendor City", "53111", "ACME", "Bonn")


def test_frameworks_notice_a_fill(site: Any, bot: Any) -> None:
    site.page(
        "/",
        "<label>Vendor <input id=v></label><p id=told></p><script>v.addEventListener('input', () => "
        "{ told.textContent = 'heard ' + v.value }); v.addEventListener('change', () => { told.textContent += ' twice' })"
        "</script>",
    )
    bot.do(OPEN, {"fill": {"Vendor": "ACME"}}, {"see": "heard ACME twice"})


def test_a_value_that_the_page_writes_in_its_own_way_is_the_same_value(site: Any, bot: Any) -> None:
    site.page(
        "/",
        "<label>Amount <input id=a onchange=\"a.value = Number(a.value).toLocaleString('en', "
        '{minimumFractionDigits: 2})"></label>',
    )
    assert bot.do(OPEN, {"fill": {"Amount": Decimal("1234.50")}}, {"read": {"now": "Amount"}})["now"] == "1,234.50"


def test_a_fill_lost_once_is_made_again(site: Any, bot: Any) -> None:
    site.page(
        "/",
        "<label>Vendor <input id=v></label><script>let lost = false; v.oninput = () => "
        "{ if (!lost) { lost = true; v.value = '' } }</script>",
    )
    assert bot.do(OPEN, {"fill": {"Vendor": "ACME"}}, {"read": {"now": "Vendor"}})["now"] == "ACME"


def test_a_value_that_is_not_kept_is_an_exception(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", "<label>Vendor <input id=v oninput=\"v.value = 'NO'\"></label>")
    with pytest.raises(ApplicationException) as caught:
        quick(OPEN, {"fill": {"Vendor": "ACME"}})
    assert (caught.value.code, caught.value.outcome) == ("VALUE_NOT_KEPT", Outcome.NOT_DONE)
    assert caught.value.message == f"the field 'Vendor' shows 'NO' after 'ACME' was filled in twice ({site.url}/)"


def test_a_field_that_appears_after_another_was_filled_is_awaited(site: Any, bot: Any) -> None:
    site.page(
        "/",
        form(
            "<label>Kind <select name=kind id=k><option>Other<option>Bank</select></label><div id=more></div><script>"
            "k.onchange = () => setTimeout(() => more.innerHTML = '<label>IBAN <input name=iban></label>', 150)</script>"
        ),
    )
    bot.do(OPEN, {"fill": {"Kind": "Bank", "IBAN": "DE02"}}, *SEND)
    assert site.posts[0][1] == {"kind": "Bank", "iban": "DE02"}


@pytest.mark.parametrize(
    ("html", "value", "told"),
    [
        ("<input maxlength=3>", "ACME", "the field 'Vendor' takes 3 characters, and the value has 4"),
        ("<select><option>A<option>B</select>", "C", "the list 'Vendor' has no option 'C'; it has 'A', 'B'"),
        ("<input type=number>", "twelve", "a number field does not take 'twelve'"),
        ("<input type=file>", "x", "the field 'Vendor' takes a file: use `upload`"),
    ],
)
def test_a_value_that_the_field_cannot_take_is_a_business_exception(
    html: str, value: str, told: str, site: Any, quick: Callable[..., Any]
) -> None:
    site.page("/", f"<label>Vendor {html}</label>")
    with pytest.raises(BusinessException) as caught:
        quick(OPEN, {"fill": {"Vendor": value}})
    assert caught.value.code == "PAGE_REFUSED"
    assert caught.value.message.startswith(told)


@pytest.mark.parametrize(
    ("verb", "html", "code", "told"),
    [
        ("fill", "<label>Vendor <input readonly value=old></label>", "FIELD_CLOSED", "the field 'Vendor' is read only"),
        ("fill", "<label>Vendor <input disabled></label>", "FIELD_CLOSED", "the field 'Vendor' is disabled"),
        ("fill", "<fieldset disabled>Vendor <input></fieldset>", "FIELD_CLOSED", "the field 'Vendor' is disabled"),
        ("fill", "<div inert><label>Vendor <input></label></div>", "FIELD_CLOSED", "the field 'Vendor' is disabled"),
        ("select", "Vendor <select disabled><option>ACME</select>", "FIELD_CLOSED", "the field 'Vendor' is disabled"),
        ("type", "Vendor <input readonly>", "PAGE_TIMEOUT", r"'Vendor' could not be used in \d s: it stayed read only"),
    ],
)
def test_a_field_that_is_closed_is_refused_by_name(
    verb: str, html: str, code: str, told: str, site: Any, quick: Callable[..., Any]
) -> None:
    site.page("/", html)
    with pytest.raises(ApplicationException, match=told) as caught:
        quick(OPEN, {verb: {"Vendor": "ACME"}}, seconds=0.7)
    assert (caught.value.code, caught.value.outcome) == (code, Outcome.NOT_DONE)


def test_a_field_that_another_one_opens_is_awaited(site: Any, bot: Any) -> None:
    site.page(
        "/",
        form(
            "<label>Kind <input name=kind onchange='setTimeout(() => i.disabled = false, 200)'></label>"
            "<label>IBAN <input name=iban id=i disabled></label>"
        ),
    )
    bot.do(OPEN, {"fill": {"Kind": "Bank", "IBAN": "DE02"}}, *SEND)
    assert site.posts[0][1] == {"kind": "Bank", "iban": "DE02"}


LOOK_UP = """<label>Vendor <input name=vendor id=v></label><label>City <input name=city></label><script>
let opened = 0;
v.onfocus = () => { if (opened++ < %d) setTimeout(() => {
  document.body.insertAdjacentHTML('beforeend', '<div id=popup><input id=q></div>');
  v.value = '';
  q.focus();
  setTimeout(() => popup.remove(), 30);
}, %d) };
</script>"""


@pytest.mark.parametrize("delay", [0, 60])
@pytest.mark.parametrize("pause", [(), ({"see": "City"}, {"wait": 0.2})])
def test_a_fill_lost_to_a_popup_that_opens_on_focus_is_made_again(delay: int, pause: Any, site: Any, bot: Any) -> None:
    site.page("/", form(LOOK_UP % (1, delay)))
    bot.do(OPEN, {"fill": {"Vendor": "ACME", "City": "Bonn"}}, *pause, *SEND)
    bot.do({"see": "Saved"})
    if pause or not delay:  # else it was sent before anything was lost
        assert site.posts == [("/save", {"vendor": "ACME", "city": "Bonn"})]


def test_a_fill_that_a_popup_takes_every_time_is_an_exception_and_nothing_is_sent(
    site: Any, quick: Callable[..., Any]
) -> None:
    site.page("/", form(LOOK_UP % (99, 0)))
    with pytest.raises(ApplicationException, match=r"the field 'Vendor' shows '' after 'ACME' was filled in twice"):
        quick(OPEN, {"fill": {"Vendor": "ACME", "City": "Bonn"}}, *SEND)
    assert site.posts == []


def test_what_is_filled_after_a_field_that_sends_the_form_goes_to_the_page_that_comes(site: Any, bot: Any) -> None:
    page = "<label>Kind <select name=kind onchange='form.submit()'><option>{}</select></label><label>IBAN <input name=iban></label>"
    site.page("/", form(page.format("Other<option>Bank")))
    site.on_post("/save", lambda posted: form(page.format("Bank<option>Other")) if not posted["iban"] else "Saved")
    bot.do(OPEN, {"fill": {"Kind": "Bank"}}, {"fill": {"IBAN": "DE02"}}, *SEND)
    assert [posted for _path, posted in site.posts] == [{"kind": "Bank", "iban": ""}, {"kind": "Bank", "iban": "DE02"}]


def test_select_waits_for_an_option_that_comes_later(site: Any, bot: Any) -> None:
    site.page(
        "/",
        form(
            "<label>City <select name=city id=c></select></label><script>setTimeout(() => c.add(new Option('Bonn')), 200)"
            "</script>"
        ),
    )
    bot.do(OPEN, {"select": {"City": "Bonn"}}, *SEND)
    assert site.posts[0][1] == {"city": "Bonn"}


def test_select_takes_several_and_a_list_drawn_by_the_page(site: Any, bot: Any) -> None:
    site.page(
        "/",
        form(
            "<label>Tags <select name=tags multiple><option>a<option>b<option>c</select></label>"
            "<div role=combobox aria-label=Terms tabindex=0 onclick='l.hidden = false'>choose</div>"
            "<div id=l hidden><div role=option onclick=\"t.value = '30'\">30 days</div></div><input type=hidden name=t id=t>"
        ),
    )
    bot.do(OPEN, {"select": {"Tags": ["c"]}}, {"select": {"Terms": "30 days"}}, *SEND)
    assert site.posts[0][1] == {"tags": "c", "t": "30"}


def test_boxes_are_ticked_and_unticked_also_where_they_are_hidden_behind_their_label(site: Any, bot: Any) -> None:
    site.page(
        "/",
        form(
            "<input type=checkbox name=a> Paid<br><label><input type=checkbox name=b checked> Urgent</label>"
            "<input id=c type=checkbox name=c style='display:none'><label for=c>Hidden</label>"
            "<p>Delivery</p><div><label><input type=radio name=d value=1>Post</label><label><input type=radio name=d value=2>"
            "Mail</label></div>"
        ),
    )
    bot.do(OPEN, {"check": ["Paid", "Hidden"]}, {"uncheck": "Urgent"}, {"choose": {"Delivery": "Mail"}}, *SEND)
    assert site.posts[0][1] == {"a": "on", "c": "on", "d": "2"}


DRAWN_BY_CLICK = """<div id=all></div><script>
let on = false, drawn = 0;
const draw = () => { drawn += 1; all.innerHTML = `<label><input type=checkbox %s ${on ? 'checked' : ''}
  onchange="on = this.checked; setTimeout(draw, 0); draw()">Paid</label><b>drawn ${drawn} times, ${on ? 'paid' : 'open'}</b>` };
draw();
</script>"""


@pytest.mark.parametrize("style", ["", "style='display:none'"])
def test_a_box_that_its_own_click_draws_anew_is_ticked_once(style: str, site: Any, bot: Any) -> None:
    site.page("/", DRAWN_BY_CLICK % style)
    bot.do(OPEN, {"check": "Paid"}, {"see": "drawn 3 times, paid"}, {"check": "Paid"}, {"see": "drawn 3 times, paid"})
    bot.do({"uncheck": "Paid"}, {"see": "drawn 5 times, open"})


def test_a_list_drawn_anew_while_an_option_is_selected_gets_it(site: Any, bot: Any) -> None:
    site.page(
        "/",
        "<form method=post action=/save><div id=all></div><button>Send</button></form><script>"
        "let drawn = 0; const draw = () => { drawn += 1; all.innerHTML = "
        "'<label>City <select name=city><option>Bonn<option>Rome</select></label>' }; draw();"
        "const own = Element.prototype.getBoundingClientRect;"
        "Element.prototype.getBoundingClientRect = function () "
        "{ if (drawn < 3) setTimeout(draw, 0); return own.apply(this) }</script>",
    )
    bot.do(OPEN, {"select": {"City": "Rome"}}, *SEND)
    assert site.posts[0][1] == {"city": "Rome"}


def test_dates_are_written_as_the_page_wants_them(site: Any, bot: Any) -> None:
    site.page("/", form("<label>Due <input name=due></label><label>From <input type=date name=from></label>"))
    bot.do(OPEN, {"date": {"Due": "2026-03-01", "format": "%d.%m.%Y"}}, {"date": {"From": date(2026, 1, 2)}}, *SEND)
    assert site.posts[0][1] == {"due": "01.03.2026", "from": "2026-01-02"}


def test_type_gives_each_key_and_clear_empties(site: Any, bot: Any) -> None:
    site.page(
        "/",
        form("<label>Vendor <input name=vendor value=old onkeypress='n.value++'></label><input name=n id=n value=0>"
             "<label>Note <input name=note value=old></label>"),
    )  # fmt: skip
    bot.do(OPEN, {"type": {"Vendor": "ACME"}}, {"clear": "Note"}, *SEND)
    assert site.posts[0][1] == {"vendor": "ACME", "n": "4", "note": ""}


def test_upload_gives_the_file_under_its_own_name(site: Any, bot: Any, tmp_path: Any) -> None:
    (tmp_path / "invoice.pdf").write_bytes(b"%PDF-")
    site.page(
        "/",
        "<label>Document <input type=file id=f></label><p id=told></p>"
        "<script>f.onchange = async () => told.textContent = f.files[0].name + ' ' + await f.files[0].text()</script>",
    )
    bot.do(OPEN, {"upload": {"Document": "invoice.pdf"}}, {"see": "invoice.pdf %PDF-"})
    kept = {"path": str(tmp_path / "invoice.pdf"), "name": "scan 1.pdf", "sha256": "0"}
    bot.do(OPEN, {"upload": {"Document": kept}}, {"see": "scan 1.pdf %PDF-"})
    with pytest.raises(BusinessException, match=r"there is no file nowhere\.pdf to upload"):
        bot.do(OPEN, {"upload": {"Document": "nowhere.pdf"}})


def test_a_secret_value_is_not_told(site: Any, bot: Any) -> None:
    site.page("/", "<label>Password <input></label><label>Key <input type=password></label><label>User <input></label>")
    bot.do(OPEN, {"fill": {"Password": "hunter2", "Key": "k-123", "User": "eve"}})
    filled = next(data for name, data in bot.context.events if name == "browser.fill")
    assert [field["value"] for field in filled["fields"]] == ["••••••", "••••••", "eve"]


FORMATTED = """<style>input.off { display: none }</style>
<label id=q>Quantity</label><div><input class="shown" aria-labelledby=q><input class="raw off" aria-labelledby=q></div>
<button onclick="fetch('/save', {method: 'POST', body: new URLSearchParams({q: document.querySelector('.raw').value})})
  .then(() => document.body.append('Saved'))">Send</button><script>
const shown = document.querySelector(".shown"), raw = document.querySelector(".raw");
shown.onfocus = () => { shown.classList.add("off"); raw.classList.remove("off"); raw.focus(); };
raw.onblur = () => setTimeout(() => {
  raw.classList.add("off"); shown.classList.remove("off"); shown.value = (+raw.value).toFixed(2);
}, 60);
</script>"""


def test_a_field_that_hands_over_to_another_one_when_it_gets_the_focus_is_filled_there(site: Any, bot: Any) -> None:
    site.page("/", FORMATTED)
    told = bot.do(OPEN, {"fill": {"Quantity": "2"}}, *SEND, {"read": {"quantity": "Quantity"}})
    assert told["quantity"] == "2.00"
    assert site.posts == [("/save", {"q": "2"})]


def test_keys_do_not_go_to_the_field_that_the_page_moves_the_focus_to(site: Any, bot: Any) -> None:
    other = "<label>Other <input id=other></label>"
    site.page("/", f"<label>City <input id=city oninput='if (!this.n) {{ this.n = 1; other.focus() }}'></label>{other}")
    told = bot.do(OPEN, {"type": {"City": "Bonn"}}, {"read": {"city": "City", "other": "Other"}})
    assert (told["city"], told["other"]) == ("Bonn", "")


def test_what_is_filled_waits_for_an_answer_that_draws_the_form_anew(site: Any, bot: Any) -> None:
    def answer(_request: Any) -> Any:
        time.sleep(0.3)
        return 200, {"Content-Type": "text/plain"}, b"drawn"

    site.dynamic("/slow", answer)
    field = "<label>Name <input></label>"
    draw = f"fetch('/slow').then(r => r.text()).then(t => {{ place.innerHTML = '{field}' + t }})"
    site.page("/", f'<div id=place>{field}</div><button onclick="{draw}">New</button>')
    told = bot.do(OPEN, {"click": "New"}, {"fill": {"Name": "ACME"}}, {"see": "drawn"}, {"read": {"name": "Name"}})
    assert told["name"] == "ACME"


def test_what_is_read_after_a_click_is_what_the_answer_to_it_brings(site: Any, bot: Any) -> None:
    def answer(_request: Any) -> Any:
        time.sleep(0.3)
        return 200, {"Content-Type": "text/plain"}, b"fresh"

    site.dynamic("/slow", answer)
    ask = "fetch('/slow').then(r => r.text()).then(t => { place.textContent = t })"
    site.page("/", f'<p id=place>stale</p><button onclick="{ask}">Search</button>')
    assert bot.do(OPEN, {"click": "Search"}, {"read": {"place": "css=#place"}})["place"] == "fresh"
