"""Twenty secrets, typed, shown and echoed by the server in every encoding: a run that fails leaves none behind."""

from __future__ import annotations

import base64
import html
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from config.secrets import SecretStore

pytestmark = pytest.mark.browser

RUNNER = Path(__file__).parents[2] / "runner.py"
MARKS = ("", "/", "&", '"', "'", "<b>", "ä", "ß€", " ", "\\", "+", "%", "#", "=", "🔑", "{x}", "$", ";", "é,", "|")
SECRETS = [f"Zq{number:02}{mark}kW{number * 7919:05}{mark}Lt" for number, mark in enumerate(MARKS)]
FIELDS = "".join(f"<label>Field {number:02} <input name=f{number:02}></label><br>" for number in range(len(SECRETS)))


def forms(secret: str) -> dict[str, bytes]:
    """The six encodings, as bytes; of base64 what does not depend on what stands after it."""
    return {
        "plain": secret.encode(),
        "url": quote(secret, safe="").encode(),
        "url of a form": quote_plus(secret).encode(),
        "html": html.escape(secret).encode(),
        "json": json.dumps(secret)[1:-1].encode(),
        "base64": base64.b64encode(secret.encode())[: len(secret.encode()) // 3 * 4],
        "hex": secret.encode().hex().encode(),
        "utf-16": secret.encode("utf-16-le"),
        "utf-16 in hex": secret.encode("utf-16-le").hex().encode(),
    }


def echo(values: list[str]) -> str:
    """A page that shows what was sent, in the text, in fields, in scripts and in comments, and tells the console."""
    shown = []
    for number, value in enumerate(values):
        raw = value.encode()
        coded = [quote(value, safe=""), quote_plus(value), base64.b64encode(raw).decode(), raw.hex()]
        coded += [json.dumps(value), value.encode("utf-16-le").hex()]
        texts = "".join(f"<p>{html.escape(text)}</p>" for text in (value, *coded))
        script = json.dumps([value, *coded]).replace("<", "\\u003c")
        shown.append(f"<section><label>Key {number:02} <input value='{html.escape(value)}'></label>{texts}</section>"
                     f"<script>console.log('told', ...{script}); console.error({script}.join(' '));"
                     f"fetch('/echo?q=' + encodeURIComponent({script}[0]))</script>")  # fmt: skip
    return (
        f"<!doctype html><meta charset=utf-8><h1>Welcome</h1>{''.join(shown)}<!-- {html.escape(' '.join(values))} -->"
    )


def texts_of(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        yield str(path.relative_to(folder)), content
        if zipfile.is_zipfile(io.BytesIO(content)):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                for name in archive.namelist():
                    yield f"{path.name}!{name}", name.encode() + archive.read(name)


@pytest.fixture
def project(tmp_path: Path, site: Any) -> Path:
    site.page("/", f"<!doctype html><meta charset=utf-8><form method=post action=/login>{FIELDS}"
                   "<input type=password name=p><button>Sign in</button></form>")  # fmt: skip
    site.on_post("/login", lambda form: echo([form[f"f{number:02}"] for number in range(len(SECRETS))]))
    site.dynamic("/echo", lambda request: (200, {"X-Asked": request.path[-60:]}, request.path.encode()))
    (tmp_path / "config").mkdir()
    (tmp_path / "workflows").mkdir()
    (tmp_path / "tmp").mkdir()
    (tmp_path / "config" / "settings.yaml").write_text("")
    store = SecretStore(tmp_path / "data", {})
    for number, secret in enumerate(SECRETS):
        store.set(f"s{number:02}", secret)
    named = [{"secret": f"s{number:02}"} for number in range(len(SECRETS))]
    typed = {f"Field {number:02}": one for number, one in enumerate(named)}
    verbs = [{"fill": typed}, {"click": "Sign in"}]
    own = {"type": "browser", "base_url": site.url, "username": "eve", "password": named[0], "timeout": 3}
    own |= {"login": {"url": "/", "do": verbs, "signed_in": "Welcome"}, "headers": {"X-Key": named[1]}}
    (tmp_path / "config" / "connections.yaml").write_text(json.dumps({"portal": own}))
    read = {f"key{number:02}": f"Key {number:02}" for number in range(len(SECRETS))}
    fails = [{"fill": {"Key 05": "${{ page.key03 }}"}}, {"click": "No button"}]
    steps = [
        {
            "browser": {"connection": "portal", "do": [{"login": None}, {"see": "Welcome"}, {"read": read}]},
            "as": "page",
        },
        {"browser": {"connection": "portal", "do": fails}},
    ]
    flow = {"workflow": "planted", "queue": {"retry": {"attempts": 1}}, "steps": steps}
    (tmp_path / "workflows" / "planted.yaml").write_text(json.dumps(flow))
    return tmp_path


def test_attack_18_secrets_in_traces_har_dom_and_logs_a_failing_run_leaves_no_secret_in_any_encoding(
    project: Path, site: Any
) -> None:
    surroundings = {**os.environ, "TMPDIR": str(project / "tmp")}
    done = subprocess.run(
        [sys.executable, str(RUNNER), "--project", str(project), "run", "planted", "--json"],
        capture_output=True, timeout=90, cwd=project, env=surroundings, check=False,
    )  # fmt: skip
    told = done.stdout + done.stderr
    assert b"ELEMENT_NOT_FOUND" in told, told.decode()
    assert len(site.posts) == 1, "the secrets were typed and sent"
    assert sorted(value for name, value in site.posts[0][1].items() if name != "p") == sorted(SECRETS)
    left = dict(texts_of(project))
    assert any(name.startswith("data/artifacts") for name in left)
    assert any(name.endswith("!trace.trace") for name in left)
    assert any(b"***" in content for name, content in left.items() if name.endswith("!trace.trace"))
    hits = [
        (where, secret, coding)
        for where, content in {**left, "(output)": told}.items()
        for secret in SECRETS
        for coding, form in forms(secret).items()
        if form in content
    ]
    assert hits == []
