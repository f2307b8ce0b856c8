"""A web system on tape: recorded from a real server, played back without it."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import pytest

from bots.browser.tape import Asked, Exchange, Playing, Tape, named
from bots.browser.tape_file import read_tape, write_tape
from bots.browser.taping import RESOURCE, Player, Recorder
from engine.errors import BusinessException, ItemError, UsageError

SEARCH = {"open": "/entries?q=INV-1"}
FORM = "<form method=post action=/save><label>Number <input name=number></label><label>Password <input type=password name=password></label><button>Save</button></form>"  # fmt: skip


@pytest.fixture
def office(site: Any) -> list[str]:
    """A register: what is posted is found by a later search; after saving it leads to the entry."""
    entries: list[str] = []

    def page(text: str) -> tuple[int, dict[str, str], bytes]:
        return 200, {"Content-Type": "text/html; charset=utf-8"}, f"<html><body>{text}</body></html>".encode()

    def search(request: Any) -> Any:
        wanted = request.path.partition("q=")[2]
        found = "".join(f"<tr class=entry><td>{html.escape(one)}" for one in entries if one == wanted)
        return page(f"<h1>Found</h1><a href='{site.url}/new'>New</a><table>{found}</table>")

    site.dynamic("/entries", search)
    site.page("/new", FORM)
    site.on_post(
        "/save", lambda form: entries.append(form["number"]) or f"<h1>Saved {html.escape(form['number'])}</h1>"
    )
    return entries


def lines(number: str) -> list[Any]:
    return [
        {"open": f"/entries?q={number}"},
        {"count": {"before": "css=tr.entry"}},
        {"click": "New"},
        {"fill": {"Number": number, "Password": "hunter2"}},
        {"click": "Save"},
        {"see": f"Saved {number}"},
        {"open": f"/entries?q={number}"},
        {"count": {"after": "css=tr.entry"}},
    ]


@pytest.fixture
def tape(bot: Any, site: Any, office: list[str], tmp_path: Path) -> Path:
    file = tmp_path / "register.tape.yaml"
    recorder = Recorder(file)
    context = bot.fresh(
        connections={"portal": {"base_url": site.url, "username": "ann-s3cret"}}, secrets={"pw": "hunter2"}
    )
    context.resources = {**bot.resources, RESOURCE: (recorder, None)}
    context.run = f"{bot.run}/recording"
    read = bot.do(*lines("INV-1"), connection="portal", context=context)
    assert (read["before"], read["after"]) == (0, 1)
    recorder.write()
    bot.resources.update({key: held for key, held in context.resources.items() if key != RESOURCE})
    site.posts.clear()
    site.pages.clear()
    site.answers.clear()
    return file


@pytest.fixture
def play(bot: Any, tape: Path) -> Any:
    def play(*given: Any, player: Player | None = None) -> dict[str, Any]:
        context = bot.fresh(connections={"portal": {"base_url": "http://portal.invalid", "timeout": 3}})
        context.resources = {**bot.resources, RESOURCE: (player or Player.of(tape, tape.name), None)}
        context.run = f"{bot.run}/{given}"
        return dict(bot.do(*given, connection="portal", context=context))

    return play


def test_a_search_after_posting_finds_the_record(play: Any, site: Any) -> None:
    read = play(*lines("INV-1"))
    assert (read["before"], read["after"], site.posts) == (0, 1, [])


def test_what_is_posted_stands_where_the_recorded_value_stood(play: Any, tape: Path) -> None:
    player = Player.of(tape)
    new = [{"open": "/new"}, *lines("B & <7>/2")[3:6]]
    play(*new, {"open": "/entries?q=B%20%26%20%3C7%3E/2"}, {"see": "B & <7>/2"}, player=player)
    assert [(one.request, one.fields["number"]) for one in player.playing.sent] == [("POST /save", "B & <7>/2")]


def test_a_request_the_tape_does_not_know_is_named_with_the_nearest(play: Any) -> None:
    with pytest.raises(ItemError) as told:
        play({"open": "/entry?q=INV-1"}, {"see": "Found"})
    assert told.value.code == "NOT_ON_TAPE"
    assert told.value.message == (
        "register.tape.yaml has no answer to GET /entry?q=INV-1 (before anything was sent); "
        "the nearest it has is GET /entries?q=INV-1"
    )


def test_a_tape_has_no_secrets_and_reads_as_text(tape: Path) -> None:
    text = tape.read_text()
    assert "hunter2" not in text
    assert "- request: POST /save\n  site: portal\n  fields:\n    number: INV-1\n    password: ••••••\n" in text
    assert "after: 1" in text


def test_redirections_are_followed_on_the_tape(bot: Any, tmp_path: Path) -> None:
    exchanges = [
        Exchange(request="GET /", site="p", status=302, location="/home/"),
        Exchange(request="GET /home/", site="p", type="text/html", body="<html><a href=next>Next</a></html>"),
        Exchange(request="GET /home/next", site="p", type="text/html", body="<p>Here</p>"),
    ]
    player = Player(Playing(Tape(sites={"p": "http://x"}, exchanges=exchanges), "a tape"))
    context = bot.fresh(connections={"p": {"base_url": "http://p.invalid"}})
    context.resources = {**bot.resources, RESOURCE: (player, None)}
    read = bot.do({"open": "/"}, {"click": "Next"}, {"see": "Here"}, connection="p", context=context)
    assert read["url"] == "http://p.invalid/home/next"


# -- without a browser ------------------------------------------------------------------------------------------------


def playing(*exchanges: Exchange) -> Playing:
    return Playing(Tape(exchanges=list(exchanges)), "a.yaml")


def test_a_page_that_is_only_there_after_a_posting_says_so() -> None:
    tape = playing(Exchange(request="POST /save", fields={"n": "INV-1"}), Exchange(request="GET /entry", after=1))
    with pytest.raises(BusinessException, match=r"only after POST /save, which this run has not sent"):
        tape.answer(Asked("GET /entry", "", None))
    tape.answer(Asked("POST /save", "", {"n": "INV-1"}))
    assert tape.answer(Asked("GET /entry", "", None)).after == 1


def test_a_value_too_short_to_be_told_from_other_text_is_not_replaced() -> None:
    tape = playing(Exchange(request="POST /save", fields={"qty": "7"}))
    with pytest.raises(BusinessException, match=r"qty is '8', the tape has '7'"):
        tape.answer(Asked("POST /save", "", {"qty": "8"}))


def test_a_form_with_other_fields_is_another_form() -> None:
    tape = playing(Exchange(request="POST /save", fields={"a": "1", "b": "2"}))
    with pytest.raises(BusinessException, match=r"it lacks the fields b and the tape has no field c"):
        tape.answer(Asked("POST /save", "", {"a": "1", "c": "2"}))


def test_the_same_page_twice_has_the_answers_in_their_order_then_the_last() -> None:
    tape = playing(Exchange(request="GET /", body="1"), Exchange(request="GET /", body="2"))
    assert [tape.answer(Asked("GET /", "", None)).body for _ in range(3)] == ["1", "2", "2"]


def test_a_secret_in_an_address_is_masked_and_what_only_breaks_caches_is_left_out() -> None:
    assert named("GET", "http://x/a?token=abc&q=1&_=17", {"x": "http://x"}) == ("GET /a?token=••••••&q=1", "x")


def test_a_tape_is_the_same_after_writing_and_reading(tmp_path: Path) -> None:
    tape = Tape(sites={"x": "http://x"}, exchanges=[Exchange(request="GET /", body="a\n  b: yes\n\nc ü\n", status=200)])
    write_tape(tmp_path / "t.yaml", tape)
    assert read_tape(tmp_path / "t.yaml") == tape


@pytest.mark.parametrize(("text", "told"), [("[", "is no tape"), ("tape: 2\nexchanges: []", "is no tape: tape: ")])
def test_a_file_that_is_no_tape_is_told(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "t.yaml").write_text(text)
    with pytest.raises(UsageError, match=told):
        read_tape(tmp_path / "t.yaml")
