"""Two machines, each with a data folder of its own, sharing PostgreSQL and a bucket: one takes in, the other works."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from peers.bucket import KEY, SECRET, BucketServer
from peers.postgres import PostgresServer, find_binaries

ROOT = Path(__file__).parents[2]
READER = """\
workflow: reader
inputs: {file: file, out: text}
queue: {retry: {attempts: 9, wait: 1s, jitter: false}}
steps:
  - name: Look
    as: looked
    files.read: {file: "${{ item.file }}"}
  - name: Keep a copy
    files.copy: {from: "${{ item.file }}", to: "${{ item.out }}"}
outputs: {sha: "${{ sha256(item.file) }}", size: "${{ looked.size }}"}
"""


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PostgresServer, BucketServer]]:
    if find_binaries() is None:
        pytest.skip("PostgreSQL is not installed (apt install postgresql)")
    store, bucket = PostgresServer(tmp_path_factory.mktemp("postgres")), BucketServer(tmp_path_factory.mktemp("s3"))
    store.start()
    bucket.start()
    bucket.make("office")
    yield store, bucket
    bucket.stop()
    store.stop()


class Machine:
    """A project folder of its own, with its own secrets; `machine("worker", "--until-idle")` is a process of it."""

    def __init__(self, root: Path, database: str, bucket: BucketServer) -> None:
        self.root = root
        (root / "config").mkdir(parents=True)
        (root / "workflows").mkdir()
        (root / "config" / "settings.yaml").write_text(
            f"database: {database}\nartifacts: s3://office/{root.parent.name}\n"
        )
        (root / "config" / "connections.yaml").write_text(
            "artifacts:\n  key: {secret: bucket-key}\n  secret: {secret: bucket-secret}\n"
            f"  endpoint_url: {bucket.endpoint}\n"
        )
        (root / "workflows" / "reader.yaml").write_text(READER)

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("CLERKWORK", "AWS_"))}
        environ |= {"CLERKWORK_SECRET_BUCKET_KEY": KEY, "CLERKWORK_SECRET_BUCKET_SECRET": SECRET}
        command = [sys.executable, str(ROOT / "runner.py"), *arguments, "--json"]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=self.root, env=environ, stdout=pipe, stderr=pipe, text=True)

    def __call__(self, *arguments: str) -> list[dict[str, Any]]:
        with self.begin(*arguments) as process:
            out, err = process.communicate(timeout=90)
        assert process.returncode == 0, err[-2000:] + out[-2000:]
        return [json.loads(line) for line in out.splitlines()]


@pytest.mark.postgres
def test_a_file_taken_in_by_one_machine_is_worked_backed_up_and_restored_by_the_other(
    servers: tuple[PostgresServer, BucketServer], tmp_path: Path
) -> None:
    store, bucket = servers
    url = store.new_database("fleet")
    one, two = Machine(tmp_path / "one", url, bucket), Machine(tmp_path / "two", url, bucket)
    invoice = one.root / "Rechnung März.txt"
    invoice.write_text("100 EUR")
    one("queue", "add", "reader", "--item", f"file={invoice}", "--item", "out=copy.txt")
    invoice.unlink()
    (report,) = two("worker", "--until-idle")
    assert report["outcome"] == "done", report
    assert report["outputs"]["size"] == 7
    assert (two.root / "copy.txt").read_text() == "100 EUR" and not (one.root / "copy.txt").exists()
    two("backup", str(tmp_path / "b.tar.gz"))
    names = bucket.files().find(f"office/{tmp_path.name}")
    assert len(names) == 1
    bucket.files().rm(names)
    one("restore", str(tmp_path / "b.tar.gz"), "--replace")
    assert bucket.files().find(f"office/{tmp_path.name}") == names
    for data in (one.root / "data", two.root / "data"):
        for file in data.rglob("*"):
            assert not file.is_file() or SECRET.encode() not in file.read_bytes(), file


@pytest.mark.postgres
def test_while_the_bucket_is_away_an_item_waits_and_is_tried_again(
    servers: tuple[PostgresServer, BucketServer], tmp_path: Path
) -> None:
    store, _ = servers
    bucket = BucketServer(tmp_path)
    bucket.start()
    bucket.make("office")
    url = store.new_database("away")
    one, two = Machine(tmp_path / "one", url, bucket), Machine(tmp_path / "two", url, bucket)
    invoice = one.root / "a.txt"
    invoice.write_text("100 EUR")
    one("queue", "add", "reader", "--item", f"file={invoice}", "--item", "out=copy.txt")
    kept = {name: bucket.files().cat_file(name) for name in bucket.files().find("office")}
    bucket.stop()
    with two.begin("worker", "--until-idle") as worker:
        assert worker.stderr is not None
        told = next(line for line in worker.stderr if "step.retry" in line)
        bucket.start()
        bucket.make("office")
        for name, content in kept.items():
            bucket.files().pipe_file(name, content)
        out, err = worker.communicate(timeout=90)
    bucket.stop()
    assert "code=ARTIFACTS_UNREACHABLE message=the kept files in s3://office/" in told
    assert [json.loads(line)["outcome"] for line in out.splitlines()] == ["done"], err
    assert (two.root / "copy.txt").read_text() == "100 EUR"
