"""What a person does is recorded as a workflow, and that workflow does the same again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from bots.browser.find_chromium import find_executable, launch_arguments
from bots.browser.recorded_workflow import items_of, workflow_of
from bots.browser.recording import Recorder, Recording

pytestmark = pytest.mark.browser

FORM = """<h1>New order</h1><form method=post action=/save onsubmit="return confirm('Save it?')"><table>
<tr><td>Customer no.</td><td><input name=c></td></tr><tr><td>Remarks</td><td><textarea name=r></textarea></td></tr></table>
<label>Terms <select name=t><option>now<option>30 days</select></label>
<label><input type=checkbox name=u value=yes> Urgent</label>
<label><input type=radio name=k value=p> Person</label><label><input type=radio name=k value=f> Firm</label>
<button>Save</button><button type=reset>Empty</button></form>"""
FRAMES = "<frameset cols='30%,*'><frame name=menu src=/menu><frame name=work src=/work></frameset>"
LOG_IN = (
    "<form method=post action=/in>User <input name=u> Password <input type=password name=p><button>Go</button></form>"
)


def recorded(site: Any, work: Callable[[Any], None], **settings: Any) -> tuple[str, dict[str, str]]:
    """The workflow that comes out of `work`, done by mouse and keyboard, and what was typed."""
    with ThreadPoolExecutor(1) as other:  # a thread has one Playwright, and the bot's is in this one
        recording = other.submit(_record, site.url, work, settings).result(40)
    return workflow_of(recording, "order", None), items_of(recording)


def _record(url: str, work: Callable[[Any], None], settings: dict[str, Any]) -> Recording:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_executable(True), args=launch_arguments())
        recorder = Recorder(browser, url, **settings)
        work(recorder.page)
        recorder.page.wait_for_timeout(150)
        recording = recorder.end()
        browser.close()
        return recording


def lines_of(text: str, item: dict[str, str]) -> list[Any]:
    """The verbs, with the inputs put in as the engine would."""
    for name, value in item.items():
        text = text.replace(f"${{{{ item.{name} }}}}", value)
    return list(yaml.safe_load(text)["steps"][0]["browser"]["do"])


def enter(page: Any) -> None:
    page.locator("[name=c]").click()
    page.keyboard.type("4711")
    page.locator("[name=r]").click()
    page.keyboard.type("two lines")
    page.locator("[name=t]").focus()
    page.keyboard.press("ArrowDown")
    page.locator("[name=u]").click()
    page.locator("[value=f]").click()
    page.get_by_text("Save", exact=True).click()
    page.get_by_text("Saved").wait_for()


def test_a_form_round_trips_with_its_dialog(site: Any, bot: Any) -> None:
    site.page("/", FORM)
    site.on_post("/save", lambda form: "<p>Saved as 17</p>")
    text, item = recorded(site, enter)
    assert item == {"customer_no": "4711", "remarks": "two lines"}
    assert yaml.safe_load(text)["steps"][0]["browser"]["do"] == [
        {"open": "/"}, {"see": "New order"},
        {"fill": {"Customer no.": "${{ item.customer_no }}", "Remarks": "${{ item.remarks }}"}},
        {"select": {"Terms": "30 days"}}, {"check": "Urgent"}, {"choose": "Firm"}, {"click": "Save"},
        {"dialog": {"answer": "accept", "says": "Save it?"}}, {"see": "Saved as"},
    ]  # fmt: skip
    bot.do(*lines_of(text, item))
    assert len(site.posts) == 2
    assert site.posts[0] == site.posts[1]


def test_a_dialog_that_was_dismissed_is_dismissed_again(site: Any, bot: Any) -> None:
    site.page("/", FORM)

    def work(page: Any) -> None:
        page.locator("[name=c]").fill("1")
        page.get_by_text("Save", exact=True).click()

    text, item = recorded(site, work, accept=False)
    assert "answer: dismiss" in text
    bot.do(*lines_of(text, item))
    assert site.posts == []


def test_frames_and_popups_round_trip(site: Any, bot: Any) -> None:
    site.page("/", FRAMES)
    site.page("/menu", "<a href=/work target=work>Orders</a>")
    site.page(
        "/work",
        "<table><tr><td>Vendor</td><td><input name=v></td></tr></table><button onclick=\"window.open('/pop')\">...</button>",
    )
    site.page("/pop", LOG_IN.replace("type=password ", "").replace("/in", "/look"))

    def work(page: Any) -> None:
        page.frame("menu").locator("a").click()
        page.frame("work").locator("[name=v]").click()
        page.keyboard.type("ACME")
        with page.expect_popup() as popup:
            page.frame("work").locator("button").click()
        popup.value.locator("[name=u]").click()
        popup.value.keyboard.type("bolt")
        popup.value.locator("button").click()
        popup.value.get_by_text("Saved").wait_for()

    text, item = recorded(site, work)
    assert {"tab": "new"} in lines_of(text, item)
    bot.do(*lines_of(text, item))
    assert len(site.posts) == 2
    assert site.posts[0] == site.posts[1]


def test_a_password_is_never_kept(site: Any) -> None:
    site.page("/", LOG_IN)
    site.on_post("/in", lambda form: "<h1>Welcome</h1><a href=/>Out</a>")

    def work(page: Any) -> None:
        page.locator("[name=u]").click()
        page.keyboard.type("clerk")
        page.keyboard.press("Tab")
        page.keyboard.type("letmein-9")
        page.keyboard.press("Enter")
        page.get_by_text("Welcome").wait_for()

    text, item = recorded(site, work)
    assert site.posts == [("/in", {"u": "clerk", "p": "letmein-9"})]
    assert "letmein" not in text + str(item)
    assert lines_of(text, item) == [{"open": "/"}, {"login": {}}, {"see": "Welcome"}]
    assert "password: {secret: recorded}" in text


def test_a_recorded_workflow_passes_the_check(site: Any, tmp_path: Path) -> None:
    site.page("/", FORM)
    text, _ = recorded(site, enter)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.yaml").write_text("timezone: UTC\n")
    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows" / "order.yaml").write_text(text)
    runner = str(Path(__file__).parents[2] / "runner.py")
    told = subprocess.run([sys.executable, runner, "check", "--project", str(tmp_path)], capture_output=True, text=True)
    assert told.returncode == 0, told.stdout + told.stderr


def test_the_command_writes_the_workflow(site: Any, tmp_path: Path) -> None:
    site.page("/", FORM)
    out = tmp_path / "new-order.yaml"
    runner = str(Path(__file__).parents[2] / "runner.py")
    call = [sys.executable, runner, "record", "--headless", "--json"]
    told = subprocess.run([*call, "--seconds", "0.3", "-o", str(out), site.url], capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["workflow"] == out.read_text()
    assert yaml.safe_load(out.read_text())["workflow"] == "new-order"
    refused = subprocess.run([*call, "/orders"], capture_output=True, text=True)
    assert (refused.returncode, "'/orders' is no address" in refused.stderr) == (2, True)
