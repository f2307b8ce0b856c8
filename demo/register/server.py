"""The payment register in a folder: the legacy web application of the demo and of the tests."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from engine.errors import ConfigurationError

ROOT = Path(__file__).resolve().parents[2]
USER = "clerkwork"
START_SECONDS = 60.0
STOP_SECONDS = 10.0
PAGE = 100


class RegisterServer:
    """`with RegisterServer(folder, password="...") as register: register.url, register.entries()`.

    The folder keeps the entries, the documents, the address of the last start and `register.log`; starting again on
    the same folder goes on with the same entries, on the same port where it is free. `password` is set at each start.
    """

    user = USER

    def __init__(self, folder: Path, port: int | None = None, *, password: str) -> None:
        self.folder = folder.resolve()
        self.password = password
        self.port = port or 0
        self._wanted = port
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    @property
    def log(self) -> Path:
        return self.folder / "register.log"

    def start(self) -> RegisterServer:
        """Returns when the server answers (a second or two); ConfigurationError with the end of its log if not."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._end_what_is_left()
        ports = [self._wanted] if self._wanted else [self._read_address().get("port", 0), 0]
        if any(self._launch(port) for port in dict.fromkeys(ports)):
            return self
        words = self.log.read_text(errors="replace").strip()[-1500:]
        raise ConfigurationError(
            f"the demo's payment register did not start: {words or 'it wrote no log'}",
            advice=f"read {self.log}; if the port is taken, stop what holds it",
        )

    def stop(self) -> None:
        """End the server and wait for it; what was saved stays in the folder."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self._forget()

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self._forget()

    def __enter__(self) -> RegisterServer:
        return self.start()

    def __exit__(self, *failure: object) -> None:
        self.stop()

    def entries(self) -> list[dict[str, Any]]:
        """All entries, oldest first, read over the register's REST interface.

        Keys: `number vendor invoice_number currency erp_bill` (text; an empty one is ""), `amount` (Decimal),
        `due_date` (date or None), `documents` (the number of documents attached).
        """
        import httpx

        fields = "number,vendor,invoice_number,amount,currency,due_date,erp_bill,document"
        found: list[dict[str, Any]] = []
        with httpx.Client(base_url=self.url, auth=(USER, self.password), trust_env=False, timeout=30) as client:
            for page in range(1, 10_000):
                query: dict[str, str | int] = {"@fields": fields, "@verbose": 2, "@sort": "id"}
                answer = client.get("/rest/data/entry", params={**query, "@page_size": PAGE, "@page_index": page})
                answer.raise_for_status()
                rows = answer.json()["data"]["collection"]
                found += [_entry(row) for row in rows]
                if len(rows) < PAGE:
                    break
        return found

    def _launch(self, port: int) -> bool:
        command = [sys.executable, "-m", "demo.register.serve", str(self._home), str(self._address)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--port", str(port)],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):  # it has ended already; its log says why
            self.process.stdin.write(f"{self.password}\n".encode())
            self.process.stdin.flush()
        end = time.monotonic() + START_SECONDS
        while self.process.poll() is None and time.monotonic() < end:
            address = self._read_address()
            if address.get("pid") == self.process.pid:
                self.port = address["port"]
                return True
            time.sleep(0.05)
        self.kill()
        return False

    @property
    def _home(self) -> Path:
        return self.folder / "tracker"

    @property
    def _address(self) -> Path:
        return self.folder / "address.json"

    def _read_address(self) -> dict[str, int]:
        with suppress(FileNotFoundError):
            address: dict[str, int] = json.loads(self._address.read_text())
            return address
        return {}

    def _end_what_is_left(self) -> None:
        """A server of this very folder may outlive its starter for a moment; two on one register must not be."""
        pid = self._read_address().get("pid", 0)
        end = time.monotonic() + STOP_SECONDS
        while pid and self._serves_here(pid) and time.monotonic() < end:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            time.sleep(0.05)

    def _serves_here(self, pid: int) -> bool:
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return False
        return b"demo.register.serve" in command and str(self._home).encode() in command

    def _forget(self) -> None:
        if self.process is None:
            return
        self.process.wait()
        if self.process.stdin is not None:
            with suppress(BrokenPipeError):
                self.process.stdin.close()
        self.process = None


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    due = row["due_date"]
    return {
        "number": row["number"] or "",
        "vendor": row["vendor"] or "",
        "invoice_number": row["invoice_number"] or "",
        "amount": Decimal(row["amount"]),
        "currency": row["currency"]["code"] if row["currency"] else "",
        "due_date": date.fromisoformat(due[:10].replace(".", "-")) if due else None,
        "erp_bill": row["erp_bill"] or "",
        "documents": len(row["document"]),
    }
