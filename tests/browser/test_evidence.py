"""What a step leaves behind, and that no secret is in it; what it holds back when it only reads."""

from __future__ import annotations

import os
import signal
import threading
import time
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bots.browser.pool import warm_pool
from bots.browser.processes import tree
from engine.errors import ApplicationException, Outcome

pytestmark = pytest.mark.browser

OPEN = {"open": "/"}
FORM = "<form method=post action=/save>Vendor <input name=v><button>Save</button></form>"


def test_each_verb_is_an_event_with_its_target_as_found(site: Any, bot: Any) -> None:
    site.page("/", FORM)
    bot.do(OPEN, {"fill": {"Vendor": "ACME"}}, {"click": "Save"}, {"see": "Saved"})
    events = dict(bot.context.events)
    assert list(events) == ["browser.open", "browser.fill", "browser.click", "browser.see"]
    assert events["browser.fill"]["value"] == "ACME"
    click = events["browser.click"]
    assert (click["target"], click["found"], click["called"], len(click["box"])) == ("Save", "role and name", "Save", 4)
    assert click["url"] == f"{site.url}/save"
    assert click["duration_ms"] > 0
    assert [path.name.split("-")[1] for path in bot.context.artifacts.values()] == [
        "before.jpg",
        "after.jpg",
        "pages.json",
    ]


def test_a_failure_leaves_picture_page_console_requests_and_trace_without_secrets(site: Any, bot: Any) -> None:
    site.page("/", "<frameset cols='*'><frame src=/work></frameset>")
    site.page("/work", f"<p>token s3cret</p>{FORM}<script>console.log('s3cret in the console')</script>")
    bot.fresh(secrets={"api": "s3cret"})
    bot.context.connections = {"portal": {"base_url": site.url, "timeout": 1.5}}
    lines = (OPEN, {"fill": {"Vendor": "s3cret"}}, {"click": "Nothing s3cret"})
    with pytest.raises(ApplicationException) as caught:
        bot.do(*lines, connection="portal")
    assert "s3cret" not in caught.value.message
    kept = {path.name.split("-", 1)[1]: path.read_bytes() for path in bot.context.artifacts.values()}
    assert sorted(kept) == [
        "before.jpg", "console.txt", "failure.html", "failure.jpg", "pages.json", "requests.txt", "trace.zip",
    ]  # fmt: skip
    assert b"token ***" in kept["failure.html"]
    assert b"200 GET" in kept["requests.txt"]
    assert b"in the console" in kept["console.txt"]
    trace = next(path for path in bot.context.artifacts.values() if path.suffix == ".zip")
    with zipfile.ZipFile(trace) as archive:
        texts = b"".join(archive.read(name) for name in archive.namelist())
    assert b"*** in the console" in texts
    for content in (*kept.values(), texts, str(bot.context.events).encode()):
        assert b"s3cret" not in content


def test_a_step_that_only_reads_cannot_change_anything(site: Any, bot: Any) -> None:
    site.page("/", FORM)
    bot.context = bot.fresh(connections={"portal": {"base_url": site.url, "timeout": 1.5}})
    with pytest.raises(ApplicationException, match=r"held back, as this step only reads: POST http://.*/save"):
        bot.do(OPEN, {"click": "Save"}, {"see": "Saved"}, connection="portal", reads=True)
    assert site.posts == []


def test_a_dry_run_holds_back_what_a_page_sends_by_itself(site: Any, bot: Any) -> None:
    site.page("/", "<p>Seen</p><script>fetch('/save', {method: 'POST', body: 'a=1'})</script>")
    bot.do(OPEN, {"see": "Seen"}, {"count": {"rows": "css=p"}}, context=bot.fresh(dry_run=True))
    assert site.posts == []


def test_a_download_is_kept_with_the_run(site: Any, bot: Any, tmp_path: Any) -> None:
    headers = {"Content-Type": "application/pdf", "Content-Disposition": "attachment; filename=may.pdf"}
    site.dynamic("/report", lambda _request: (200, headers, b"%PDF- May"))
    site.page("/", "<a href=/report>Report</a>")
    got = bot.do(OPEN, {"download": {"report": {"click": "Report", "to": "reports/may.pdf"}}})["report"]
    assert got["name"] == "may.pdf"
    assert (tmp_path / "reports/may.pdf").read_bytes() == b"%PDF- May"
    assert bot.context.artifacts[got["artifact"]].read_bytes() == b"%PDF- May"


def test_an_address_that_does_not_answer_is_told(bot: Any, site: Any) -> None:
    with pytest.raises(ApplicationException) as caught:
        bot.do({"open": "http://127.0.0.1:9/x"})
    assert (caught.value.code, caught.value.outcome) == ("PAGE_NOT_FOUND", Outcome.NOT_DONE)
    assert caught.value.message.startswith("http://127.0.0.1:9/x cannot be opened: ")
    with pytest.raises(ApplicationException, match="/nowhere answered 404 Not Found"):
        bot.do({"open": "/nowhere"})


def test_a_step_without_a_page_is_told(bot: Any) -> None:
    with pytest.raises(ApplicationException, match="no page is open when this step begins; begin it with `open:`"):
        bot.do({"see": "x"})


def test_a_run_stays_on_its_page_from_step_to_step_and_another_run_does_not_see_it(site: Any, bot: Any) -> None:
    site.page("/", FORM)
    bot.do(OPEN, {"fill": {"Vendor": "ACME"}})
    assert bot.do({"read": {"vendor": "Vendor"}})["vendor"] == "ACME"
    bot.run = "another"
    bot.fresh()
    with pytest.raises(ApplicationException, match="no page is open"):
        bot.do({"read": {"vendor": "Vendor"}})


def test_a_browser_that_was_killed_is_replaced(site: Any, bot: Any) -> None:
    site.page("/", "<p>Seen</p>")
    bot.do(OPEN, {"see": "Seen"})
    pool = warm_pool(bot.context, True)
    killer = threading.Timer(0.5, pool.kill)
    killer.start()
    with pytest.raises(ApplicationException) as caught:
        bot.do(OPEN, {"see": "Never"})
    killer.join()
    assert (caught.value.code, caught.value.outcome) == ("BROWSER_CRASHED", Outcome.NOT_DONE)
    assert bot.do(OPEN, {"see": "Seen"})["url"] == f"{site.url}/"


def test_a_page_that_hangs_ends_with_the_steps_time(site: Any, bot: Any) -> None:
    site.page("/", "<button onclick='for (;;);'>Save</button>")
    context = bot.fresh(seconds=2.0)
    began = time.monotonic()
    with pytest.raises(ApplicationException) as caught:
        bot.do(OPEN, {"click": "Save"}, {"see": "Saved"}, context=context)
    assert time.monotonic() - began < 8
    assert (caught.value.code, caught.value.outcome) == ("PAGE_TIMEOUT", Outcome.UNKNOWN)
    site.page("/", "<p>Seen</p>")
    bot.fresh()
    bot.do(OPEN, {"see": "Seen"})


def test_a_page_that_crashes_is_told(site: Any, bot: Any) -> None:
    site.page("/", "<p>Seen</p>")
    bot.do(OPEN, {"see": "Seen"})
    killer = threading.Timer(0.5, kill_renderers)
    killer.start()
    with pytest.raises(ApplicationException) as caught:
        bot.do({"see": "Never"})
    killer.join()
    assert caught.value.code == "BROWSER_CRASHED"


def kill_renderers() -> None:
    """The processes of this test's browser that draw pages, and no other's."""
    for pid in tree(os.getpid()):
        with suppress(OSError):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").split()
            if b"--type=renderer" in words:
                os.kill(pid, signal.SIGKILL)
