"""What `record` writes is run by `run` on the same system, and does the same there: old systems and new ones."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml
from peers.intranet import Intranet

from bots.browser.find_chromium import find_executable, launch_arguments
from bots.browser.recorded_workflow import items_of, workflow_of
from bots.browser.recording import Recorder, Recording

pytestmark = pytest.mark.browser

RUNNER = Path(__file__).parents[2] / "runner.py"
MODERN = """<!doctype html><h1>New subscription</h1><form id=f>
<label>Company <input name=company></label><label>Start <input type=date name=start></label>
<label>Seats <input type=range name=seats min=0 max=100 value=10></label>
<fieldset><legend>Plan</legend><label><input type=radio name=plan value=m> Monthly</label>
<label><input type=radio name=plan value=y> Yearly</label></fieldset>
<label><input type=checkbox name=terms value=yes> I agree</label>
<span id=news role=switch tabindex=0 aria-checked=false aria-label=Newsletter>o</span>
<label>Contract <input type=file name=contract></label>
<div id=note contenteditable=true aria-label=Remark style="min-height:1em"></div>
<label>New PIN <input type=password name=pin></label><label>Repeat PIN <input type=password name=again></label>
<button>Subscribe</button></form><p role=status></p><script>
news.onclick = () => news.setAttribute("aria-checked", news.getAttribute("aria-checked") !== "true");
f.onsubmit = async (event) => {
  event.preventDefault();
  const contract = f.contract.files[0]?.name || "";
  const form = new URLSearchParams([...new FormData(f)].filter(([name]) => name !== "contract"));
  form.set("news", news.getAttribute("aria-checked")); form.set("note", note.innerText.trim()); form.set("file", contract);
  const by = prompt("Who asked for it, " + f.company.value + "?", "nobody");
  form.set("by", by);
  await fetch("/subscribe", {method: "POST", body: form});
  document.querySelector("[role=status]").textContent = "Subscription 4711 of " + f.company.value + " begins";
};</script>"""


def recorded(url: str, work: Callable[[Any], None], accept: bool | None = True) -> Recording:
    """What comes of `work`, done by mouse and keyboard in a thread of its own: each has one Playwright."""

    def done() -> Recording:
        from playwright.sync_api import sync_playwright

        with sync_playwright() as driver:
            headless = accept is not None
            browser = driver.chromium.launch(
                executable_path=find_executable(headless), headless=headless, args=launch_arguments()
            )
            recorder = Recorder(browser, url, accept=accept)
            work(recorder.page)
            recorder.page.wait_for_timeout(150)
            recording = recorder.end()
            browser.close()
            return recording

    with ThreadPoolExecutor(1) as other:
        return other.submit(done).result(60)


def project(folder: Path, text: str, connections: str = "") -> Path:
    """A project whose only workflow is what was recorded."""
    (folder / "config").mkdir()
    (folder / "config" / "settings.yaml").write_text("timezone: UTC\n")
    (folder / "config" / "connections.yaml").write_text(connections)
    (folder / "workflows").mkdir()
    (folder / "workflows" / "job.yaml").write_text(text)
    return folder


def command(folder: Path, *words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, str(RUNNER), *words, "--project", str(folder)]
    return subprocess.run(call, capture_output=True, text=True, timeout=120, input=given)


def run(folder: Path, item: dict[str, str]) -> dict[str, Any]:
    given = [word for name, value in item.items() for word in ("--item", f"{name}={value}")]
    told = command(folder, "run", "job", "--json", *given)
    assert told.stdout, told.stderr
    return dict(json.loads(told.stdout))


def subscribe(page: Any) -> None:
    page.locator("[name=company]").click()
    page.keyboard.type("ACME")
    page.locator("[name=start]").focus()
    page.keyboard.type("03022026")
    page.locator("[name=seats]").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.locator("[value=y]").click()
    page.locator("[name=terms]").focus()
    page.keyboard.press("Space")
    page.locator("#news").click()
    page.locator("[name=contract]").set_input_files([{"name": "c.pdf", "mimeType": "", "buffer": b"%PDF"}])
    page.locator("#note").click()
    page.keyboard.type("call first")
    for name in ("pin", "again"):
        page.locator(f"[name={name}]").click()
        page.keyboard.type("pin-90210")
    page.locator("button").focus()
    page.keyboard.press("Space")
    page.get_by_text("begins").wait_for()


def test_a_modern_form_round_trips_for_another_item_too(site: Any, tmp_path: Path) -> None:
    site.page("/", MODERN)
    recording = recorded(site.url, subscribe)
    text, item = workflow_of(recording, "job", None), items_of(recording)
    assert "90210" not in text + str(item)
    verbs = yaml.safe_load(text)["steps"][0]["browser"]["do"]
    typed = {label: value for line in verbs for label, value in line.get("fill", {}).items()}
    assert typed["New PIN"] == {"secret": "recorded-new-pin"}
    assert typed["Remark"] == "${{ item.remark }}"
    assert verbs[-2:] == [
        {"dialog": {"answer": "accept", "says": "Who asked for it, ${{ item.company }}?", "text": "nobody"}},
        {"see": "of ${{ item.company }} begins"},
    ]
    folder = project(tmp_path, text)
    for name in ("recorded-new-pin", "recorded-repeat-pin"):
        set_ = command(folder, "secret", "set", name, given="pin-90210\n")
        assert set_.returncode == 0, set_.stderr
    (folder / "c.pdf").write_bytes(b"%PDF")
    told = run(folder, {**item, "contract": str(folder / "c.pdf")})
    assert told["outcome"] == "done", told["message"]
    other = run(folder, {**item, "contract": str(folder / "c.pdf"), "company": "Bolt & Co", "seats": "40"})
    assert other["outcome"] == "done", other
    first, second, third = (form for _path, form in site.posts)
    assert first == second
    assert (third["company"], third["seats"], third["plan"], third["news"]) == ("Bolt & Co", "40", "y", "true")


def enter_voucher(page: Any) -> None:
    page.locator("[name=u]").click()
    page.keyboard.type("clerk")
    page.locator("[name=p]").click()
    page.keyboard.type("letmein")
    page.keyboard.press("Enter")
    page.frame_locator("[name=menu]").get_by_text("New voucher").click()
    main = page.frame_locator("[name=main]")
    with page.expect_popup() as popup:
        main.locator("[value='...']").click()
    look_up = popup.value
    look_up.locator("[name=q]").click()
    look_up.keyboard.type("acme w")
    look_up.locator("[value=Go]").click()
    with look_up.expect_event("close"):
        look_up.get_by_text("V100").click()
    for name, value in (("f3", "R-100"), ("f4", "01.03.2026"), ("f5", "1.190,00")):
        main.locator(f"[name={name}]").click()
        page.keyboard.type(value)
    main.locator("[name=f6]").focus()
    page.keyboard.press("ArrowDown")
    main.locator("[name=f8]").click()
    main.locator("[value=C]").click()
    main.locator("[value=' Save ']").click()
    page.wait_for_timeout(300)


CONNECTION = """recorded:
  type: browser
  base_url: {url}
  username: clerk
  password: {{secret: recorded}}
  login: {login}
"""


def test_a_job_in_an_intranet_of_2004_round_trips_with_its_log_in_frames_and_popup(tmp_path: Path) -> None:
    with Intranet() as intranet:
        recording = recorded(intranet.url, enter_voucher)
        text, item = workflow_of(recording, "job", None), items_of(recording)
        assert "letmein" not in text + str(item)
        assert "frame=" not in text  # no other frame has these words
        noted = yaml.safe_load("\n".join(line[1:] for line in text.splitlines() if line.startswith("#   ")))
        assert noted["recorded"]["login"] == {"signed_in": "Log off"}
        folder = project(tmp_path, text, CONNECTION.format(url=intranet.url, login="{signed_in: Log off}"))
        set_ = command(folder, "secret", "set", "recorded", given="letmein\n")
        assert set_.returncode == 0, set_.stderr
        told = run(folder, item)
        assert told["outcome"] == "done", told
        told = run(folder, {**item, "document_no": "R-200"})
        assert told["outcome"] == "done", told
        documents = [
            (one.document, one.vendor, one.amount, one.tax, one.blocked, one.kind) for one in intranet.vouchers
        ]
        assert [one[0] for one in documents] == ["R-100", "R-100", "R-200"]
        assert {one[1:] for one in documents} == {documents[0][1:]}


@pytest.fixture
def screen() -> Iterator[str]:
    """A screen of its own, as `:7`, with nothing on it."""
    if shutil.which("Xvfb") is None or shutil.which("xdotool") is None:
        pytest.skip("Xvfb and xdotool are not installed: apt install xvfb xdotool")
    number, told = os.pipe()
    call = ["Xvfb", "-displayfd", str(told), "-screen", "0", "1280x1000x24", "-nolisten", "tcp"]
    server = subprocess.Popen(call, pass_fds=[told], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(told)
    with os.fdopen(number) as pipe:
        name = f":{pipe.readline().strip()}"
    yield name
    server.terminate()
    server.wait(10)


class Hand:
    """The mouse and the keyboard of a screen. A page tells where it shows a thing."""

    def __init__(self, screen: str) -> None:
        self._surroundings = {**os.environ, "DISPLAY": screen}

    def does(self, *words: str) -> str:
        return subprocess.run(
            ["xdotool", *words], env=self._surroundings, capture_output=True, text=True, timeout=20, check=True
        ).stdout

    def window(self) -> str:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            found = subprocess.run(
                ["xdotool", "search", "--onlyvisible", "--name", "Ask - Chromium"],
                env=self._surroundings, capture_output=True, text=True, timeout=20,
            ).stdout.split()  # fmt: skip
            if found:
                return found[-1]
            time.sleep(0.1)
        raise AssertionError("no window came up")


ASK = """<!doctype html><title>Ask</title><style>* {font-size: 24px}</style>
<body style="margin:0"><input aria-label="Vendor" autofocus><p id=told>nothing</p><script>
const tell = (text) => fetch("/told", {method: "POST", body: new URLSearchParams({text})});
addEventListener("load", () => tell("ready"));
document.querySelector("input").onkeydown = (event) => {
  if (event.key !== "Enter") return;
  const answers = [confirm("Delete it?"), confirm("Keep it?"), prompt("Why?", "so")];
  told.textContent = "Told"; tell(answers.join());
};</script>"""


def test_a_person_at_the_window_answers_dialogs_and_they_are_answered_so_again(
    site: Any, tmp_path: Path, screen: str
) -> None:
    site.page("/", ASK)
    out = tmp_path / "job.yaml"
    call = [sys.executable, str(RUNNER), "record", site.url + "/", "-o", str(out), "--json"]
    recording = subprocess.Popen(
        call, env={**os.environ, "DISPLAY": screen}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    hand = Hand(screen)
    window = hand.window()
    until = time.monotonic() + 20
    while not site.posts and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(1)
    hand.does("windowfocus", window)
    hand.does("type", "--delay", "30", "ACME")
    for answer in (("Return",), ("Escape",), ("Return",), ("n", "o", "w", "Return")):
        hand.does("key", "--delay", "60", *answer)
        time.sleep(0.7)
    hand.does("key", "ctrl+w")
    told, problems = recording.communicate(timeout=30)
    assert recording.returncode == 0, problems
    assert site.posts.pop() == ("/told", {"text": "false,true,now"})
    (step,) = yaml.safe_load(out.read_text())["steps"]
    assert step["browser"]["do"] == [
        {"open": "/"},
        {"see": "nothing"},
        {"fill": {"Vendor": "${{ item.vendor }}"}},
        {"press": {"key": "Enter", "on": "Vendor"}},
        {"dialog": {"answer": "dismiss", "says": "Delete it?"}},
        {"dialog": {"answer": "accept", "says": "Keep it?"}},
        {"dialog": {"answer": "accept", "says": "Why?", "text": "now"}},
        {"see": "Told"},
    ]
    project(tmp_path, out.read_text())
    item = json.loads(told)["item"]
    assert item == {"vendor": "ACME"}
    done = run(tmp_path, item)
    assert done["outcome"] == "done", done["message"]
    assert site.posts.pop() == ("/told", {"text": "false,true,now"})
