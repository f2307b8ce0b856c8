"""The evidence of an item in one file: what is in it, that it opens from disk, and that no change goes unseen."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from config.secrets import SecretStore
from console.evidence.pack import MANIFEST, PURPOSE
from console.evidence.verify import Verdict, verify_pack
from engine import retention
from engine.audit import lines_of
from engine.errors import UsageError
from engine.store import tables
from engine.store.database import change
from tests.console.conftest import Visit
from tests.console.office import Office, csrf_of, form_of
from tests.console.test_console_in_browser import AXE
from tests.console.test_console_queue import wrong_total

Pack = Callable[..., Path]


@pytest.fixture
def decided(staffed: Office) -> str:
    """An invoice that was read, stopped, approved by a person, and booked."""
    item = wrong_total(staffed)
    with staffed.client("ada") as ada:
        form = form_of(ada.get(f"/exceptions/{item}").text)
        answer = ada.post(f"/exceptions/{item}/approve", data={**form, "reason": "the seller confirmed it"})
        assert answer.status_code == 303, answer.text
    staffed.go_on(item)
    assert staffed.state(item) == "done"
    return item


@pytest.fixture
def pack(staffed: Office, decided: str, tmp_path: Path) -> Pack:
    def make(name: str = "evidence.zip", item: str = "") -> Path:
        with staffed.client("ada") as ada:
            token = csrf_of(ada.get("/").text)
            answer = ada.post(f"/items/{item or decided}/evidence", data={"csrf": token})
            assert answer.status_code == 200, answer.text
            assert answer.headers["content-type"] == "application/zip"
        (tmp_path / name).write_bytes(answer.content)
        return tmp_path / name

    return make


def checked(office: Office, file: Path) -> Verdict:
    return verify_pack(file, SecretStore(office.folder, {}).derived(PURPOSE))


def told(file: Path, name: str) -> Any:
    with zipfile.ZipFile(file) as opened:
        return json.loads(opened.read(name))


def test_all_that_was_read_decided_and_done_is_in_it(staffed: Office, decided: str, pack: Pack) -> None:
    file = pack()
    with zipfile.ZipFile(file) as opened:
        names = opened.namelist()
        page = opened.read("index.html").decode()
        workflow = opened.read(next(name for name in names if name.endswith(".yaml"))).decode()
        picture = opened.read(next(name for name in names if name.endswith(".png")))
        invoice = opened.read(next(name for name in names if name.startswith("files/input-file")))
    assert picture.startswith(b"\x89PNG")
    assert invoice == (staffed.folder / "inv-417.pdf").read_bytes()
    assert "workflow: invoice-intake" in workflow
    (decision,) = told(file, "decisions.json")
    assert (decision["person"], decision["kind"], decision["reason"]) == ("ada", "approve", "the seller confirmed it")
    assert len(decision["seen"]) == 64
    assert [row["status"] for row in told(file, "effects.json")] == ["done"]
    assert told(file, "audit.json")[-1]["act"] == "approve"
    for words in ("the seller confirmed it", "world.post", "ada", "approve", "In the audit log"):
        assert words in page
    manifest = told(file, MANIFEST)
    assert [entry["path"] for entry in manifest["entries"]] == [name for name in names if name != MANIFEST]
    assert checked(staffed, file).problems == []


def test_the_same_evidence_is_the_same_file_but_for_the_time_and_taking_it_is_written_down(
    staffed: Office, decided: str, pack: Pack
) -> None:
    first = told(pack("a.zip"), MANIFEST)
    with staffed.database.read() as transaction:
        line = lines_of(transaction, limit=1)[0]
    assert (line["person"], line["act"], line["about"]) == ("ada", "evidence", f"invoice-intake/{decided}")
    second = told(pack("b.zip"), MANIFEST)
    changed = {
        entry["path"]
        for entry, other in zip(first["entries"], second["entries"], strict=True)
        if entry["sha256"] != other["sha256"]
    }
    assert changed == {"audit.json", "index.html"}  # that the first was taken


def test_it_opens_from_disk_with_the_pages_and_their_boxes(chromium: Browser, pack: Pack, tmp_path: Path) -> None:
    folder = tmp_path / "opened"
    with zipfile.ZipFile(pack()) as opened:
        opened.extractall(folder)
    with chromium.new_context(java_script_enabled=True) as context:
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"file://{folder}/index.html")
        assert page.locator("figure svg rect").count() > 3
        assert all(url.startswith("file://") for url in asked)
        assert any(url.endswith(".png") for url in asked)
        assert complaints == []
        for width in (400, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
    with chromium.new_context(bypass_csp=True) as context:
        page = context.new_page()
        page.goto(f"file://{folder}/index.html")
        page.evaluate(AXE.read_text())
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found = page.evaluate("axe.run().then(done => done.violations)")
            assert not [(rule["id"], node["html"][:120]) for rule in found for node in rule["nodes"]]


def rewritten(file: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """A copy of a pack in which something was changed."""
    with zipfile.ZipFile(file) as opened:
        parts = {name: opened.read(name) for name in opened.namelist()}
    change(parts)
    other = file.with_name("changed.zip")
    with zipfile.ZipFile(other, "w") as written:
        for name, content in parts.items():
            written.writestr(name, content)
    return other


def _edit(parts: dict[str, bytes]) -> None:
    parts["decisions.json"] = parts["decisions.json"].replace(b'"ada"', b'"eve"')


def _take_out(parts: dict[str, bytes]) -> None:
    del parts["effects.json"]


def _add(parts: dict[str, bytes]) -> None:
    parts["more.txt"] = b"what nobody packed"


def _swap(parts: dict[str, bytes]) -> None:
    parts["acts.json"], parts["effects.json"] = parts["effects.json"], parts["acts.json"]


def _make_bomb(parts: dict[str, bytes]) -> None:
    parts["acts.json"] = b"0" * 30_000_000


def _rewrite_manifest(parts: dict[str, bytes]) -> None:
    import hashlib

    _edit(parts)
    manifest = json.loads(parts[MANIFEST])
    entry = next(one for one in manifest["entries"] if one["path"] == "decisions.json")
    entry["sha256"] = hashlib.sha256(parts["decisions.json"]).hexdigest()
    parts[MANIFEST] = json.dumps(manifest).encode()


def _say_another_item(parts: dict[str, bytes]) -> None:
    parts[MANIFEST] = json.dumps({**json.loads(parts[MANIFEST]), "item": "item_of_somebody_else"}).encode()


def _say_another_time(parts: dict[str, bytes]) -> None:
    parts[MANIFEST] = json.dumps({**json.loads(parts[MANIFEST]), "made": "2001-01-01T00:00:00+00:00"}).encode()


def _rewrite_chain(parts: dict[str, bytes]) -> None:
    from console.evidence.pack import chained

    _rewrite_manifest(parts)
    manifest = json.loads(parts[MANIFEST])
    head = "0" * 64
    for entry in manifest["entries"]:
        head = entry["chain"] = chained(head, entry["path"], entry["sha256"])
    manifest["head"] = head
    parts[MANIFEST] = json.dumps(manifest).encode()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (_edit, "decisions.json is not what was packed"),
        (_take_out, "effects.json is missing"),
        (_add, "more.txt was added"),
        (_swap, "acts.json is not what was packed"),
        (_make_bomb, "acts.json is not what was packed"),
        (_rewrite_manifest, "the manifest was changed at decisions.json: its hash does not follow from those before"),
        (_say_another_item, "it is not signed with the key of this project: it was made elsewhere, or changed"),
        (_say_another_time, "it is not signed with the key of this project: it was made elsewhere, or changed"),
        (_rewrite_chain, "it is not signed with the key of this project: it was made elsewhere, or changed"),
    ],
)
def test_every_change_of_a_pack_is_found(
    staffed: Office, pack: Pack, change: Callable[[dict[str, bytes]], None], found: str
) -> None:
    assert checked(staffed, rewritten(pack(), change)).problems[0] == found


def test_what_is_no_pack_is_told(tmp_path: Path) -> None:
    file = tmp_path / "x.zip"
    file.write_text("no zip")
    with pytest.raises(UsageError, match=r"x.zip cannot be read as a zip: .*; give the pack as it was made"):
        verify_pack(file, b"")
    with zipfile.ZipFile(file, "w") as written:
        written.writestr("a.txt", "a")
    with pytest.raises(UsageError, match=r"x.zip has no manifest.json that can be read: .*; give an evidence pack"):
        verify_pack(file, b"")


def test_what_was_forgotten_stays_forgotten(staffed: Office, decided: str, pack: Pack) -> None:
    retention.forget(staffed.database, staffed.surroundings.artifacts, [decided], staffed.clock.now())
    file = pack()
    with zipfile.ZipFile(file) as opened:
        page = opened.read("index.html").decode()
        assert not [name for name in opened.namelist() if name.startswith("files/")]
    assert "What this item held was forgotten on" in page
    assert "the seller confirmed it" not in page
    assert checked(staffed, file).problems == []


def test_attack_22_formula_in_the_table_of_effects_and_attack_11_a_name_that_leads_elsewhere(
    staffed: Office, decided: str, pack: Pack
) -> None:
    with staffed.database.write() as transaction:
        effects, artifacts = tables.effects, tables.artifacts
        change(transaction, effects, {"item": decided}, key='=HYPERLINK("http://elsewhere")')
        transaction.execute(artifacts.update().values(name="../../../etc/cron.d/x"))
    file = pack()
    with zipfile.ZipFile(file) as opened:
        names = opened.namelist()
        lines = list(csv.DictReader(io.StringIO(opened.read("effects.csv").decode())))
    assert lines[0]["key"] == '\'=HYPERLINK("http://elsewhere")'
    assert not [name for name in names if ".." in name or name.startswith("/")]


def test_an_item_that_is_not_there_has_no_evidence(staffed: Office) -> None:
    with staffed.client("ada") as ada:
        token = csrf_of(ada.get("/").text)
        assert ada.post("/items/item_00000000000000000000/evidence", data={"csrf": token}).status_code == 404


def test_the_button_of_the_item_gives_the_file(decided: str, visit: Visit) -> None:
    page = visit("ada", f"/items/{decided}")
    with page.expect_download() as told:
        page.get_by_role("button", name="Evidence").click()
    assert told.value.suggested_filename == f"evidence-{decided}.zip"
