"""A real OpenID provider on loopback: the npm package of the lock file in `openid/`, run by node."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
from peers.npm import fetched

PINNED = Path(__file__).parent / "openid"


class OpenIdServer(AbstractContextManager["OpenIdServer"]):
    """`issuer` is its address. Its accounts sign in with `sub` as their name and any password."""

    client, secret = "clerkwork", "a secret of the client's, for tests"

    def __init__(self, accounts: Sequence[dict[str, Any]], redirects: Sequence[str]) -> None:
        node = shutil.which("node")
        if node is None:
            pytest.skip("the OpenID provider needs node (apt-get install nodejs)")
        settings = {"accounts": accounts, "client": self.client, "secret": self.secret, "redirects": redirects}
        self._process = subprocess.Popen(
            [node, "provider.mjs", json.dumps(settings)],
            cwd=fetched(PINNED),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "NODE_ENV": "test"},
        )
        assert self._process.stdout is not None
        self.issuer = self._process.stdout.readline().strip()
        assert self.issuer.startswith("http://127.0.0.1:"), "the OpenID provider did not start"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
