"""Kept files that lie in a bucket: shown from it, and a page that says so while it does not answer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from office import Office

from engine.bucket import ArtifactBucket
from engine.store import tables


def test_evidence_comes_from_the_bucket_and_its_outage_is_told(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"memory://{tmp_path.name}"
    digest = ArtifactBucket(url, tmp_path / "worker", dict, 10**7).put(b"seen")
    kept = {"id": "art_1", "path": "steps.0", "name": "log.txt", "media_type": "text/plain", "sha256": digest}
    with office.database.write() as transaction:
        run = {"id": "run_1", "item": "item_1", "workflow": "w", "digest": "d", "started": office.clock.now()}
        transaction.execute(tables.runs.insert(), run)
        transaction.execute(
            tables.artifacts.insert(), {**kept, "run": "run_1", "size": 4, "created": office.clock.now()}
        )
    near = ArtifactBucket(url, tmp_path / "console", dict, 10**7)
    office.services = replace(office.services, artifacts=near)
    office.add_user("ada", "viewer")
    with office.client("ada") as client:
        assert client.get("/artifacts/art_1").text == "seen"
        near.path(digest).unlink()

        def refuse() -> None:
            raise OSError("connection refused")

        monkeypatch.setattr(near, "_place", refuse)
        answer = client.get("/artifacts/art_1")
    assert answer.status_code == 503
    assert f"The kept files in {url} cannot be reached to read" in answer.text
    assert "nothing was decided; try again in a while" in answer.text.lower()
