"""`replay RUN` of a page with frames: each frame in its place, inert."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bots.browser.find_chromium import find_executable

pytestmark = pytest.mark.browser

RUNNER = Path(__file__).parents[2] / "runner.py"
FRAMES = "<title>Orders</title><frameset cols='30%,*'><frame name=menu src=/menu><frame name=work src=/work></frameset>"
WORK = """<style>p {color: green}</style><p>New order</p><script>document.title = 'ran'</script>
<form method=post action=/save>Vendor <input name=v><button>Save</button></form>"""
JOB = """workflow: order
title: An order
steps:
  - name: Enter the order
    browser:
      base_url: "{url}"
      do:
        - open: /
        - fill: {{Vendor: "<b>ACME</b>"}}
        - click: Save
        - see: "{proof}"
    timeout: 20s
    retry: {{attempts: 1}}
    effect: {{key: one}}
"""


def command(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, str(RUNNER), *words, "--project", str(project)]
    return subprocess.run(call, capture_output=True, text=True, timeout=90)


def replayed(project: Path, site: Any, proof: str) -> tuple[Path, dict[str, Any]]:
    site.page("/", FRAMES)
    site.page("/menu", "<p>Menu</p>")
    site.page("/work", WORK)
    (project / "config").mkdir()
    (project / "config" / "settings.yaml").write_text("timezone: UTC\n")
    (project / "workflows").mkdir()
    (project / "workflows" / "order.yaml").write_text(JOB.format(url=site.url, proof=proof))
    run = json.loads(command(project, "run", "order", "--json").stdout)
    out = project / "replay.html"
    told = command(project, "replay", str(run["run"]), "--out", str(out), "--json")
    assert told.returncode == 0, told.stderr
    return out, json.loads(told.stdout)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_executable(True), args=["--no-sandbox"])
        yield browser
        browser.close()


def test_a_finished_run_is_gone_through_with_the_arrow_keys_without_network_or_scripts(
    site: Any, tmp_path: Path, browser: Any
) -> None:
    out, told = replayed(tmp_path, site, "Saved")
    assert told["steps"] == 4
    page = browser.new_page()
    asked: list[str] = []
    problems: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(out.as_uri())
    assert page.title() == "Replay of order"
    page.keyboard.press("ArrowRight")
    assert page.locator("[aria-current=step] span").first.inner_text() == "fill Vendor"
    assert "<b>ACME</b>" in page.locator("#told").inner_text()
    assert page.locator(".stage i").count() == 1
    mark = page.locator(".stage i").bounding_box()
    (work,) = [frame for frame in page.frames if frame.locator("[name=v]").count()]
    field = work.locator("[name=v]").bounding_box()
    assert field["x"] > 0.3 * page.locator(".stage").bounding_box()["width"]
    assert all(abs(mark[side] - field[side]) < 6 for side in ("x", "y", "width", "height")), (mark, field)
    inner = [frame.content() for frame in page.frames[1:]]
    assert any("New order" in html and 'value="&lt;b&gt;ACME' in html and "color: green" in html for html in inner)
    assert not any("<script" in html for html in inner)
    assert {one.get_attribute("sandbox") for one in page.locator("iframe").all()} == {""}
    page.keyboard.press("End")
    assert page.locator("[aria-current=step] span").first.inner_text() == "see Saved"
    page.keyboard.press("ArrowLeft")
    assert "Took" in page.locator("#told").inner_text()
    assert [url for url in asked if not url.startswith(("file:", "about:", "data:"))] == []
    assert problems == []
    page.close()
