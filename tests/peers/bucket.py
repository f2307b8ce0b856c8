"""A real S3 server for the tests: moto's, over HTTP, on a free loopback port."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

KEY, SECRET = "clerk", "not-a-real-secret"


class BucketServer:
    """`stop` and `start` again on the same port; moto keeps its objects in memory, so they are gone then."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "moto.log"
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def options(self) -> dict[str, Any]:
        return {"key": KEY, "secret": SECRET, "endpoint_url": self.endpoint}

    def start(self) -> None:
        if not self.port:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]
        with self._log.open("ab") as log:
            command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"{self.endpoint}/moto-api/data.json", timeout=5):
                    return
            except OSError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise TimeoutError(f"moto did not answer:\n{self._log.read_text()[-2000:]}") from None
                time.sleep(0.1)

    def make(self, bucket: str) -> None:
        self.files().makedir(bucket)

    def files(self) -> Any:
        """The server as fsspec sees it, without any cache."""
        import s3fs

        return s3fs.S3FileSystem(**self.options, use_listings_cache=False, skip_instance_cache=True)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
