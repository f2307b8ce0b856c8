"""A real Tryton server in a folder: the ERP of the demo and of the tests."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from demo.erp.database import API_USER, NAME, ROOT, copy_database, set_password
from engine.errors import ConfigurationError

START_SECONDS = 60.0
STOP_SECONDS = 10.0


class TrytonServer:
    """`with TrytonServer(folder, password="...") as erp: erp.url, erp.database, erp.user`.

    The folder keeps the database, the address of the last start and `tryton.log`; starting again on the same
    folder goes on with the same database on the same port. `password` is the API user's, `admin_password` the
    administrator's; None leaves what the database has (at first: nobody can log in with it).
    `parallel` serves requests at the same time, as `trytond` does; see `demo.erp.serve` for why not by default.
    """

    database = NAME
    user = API_USER

    def __init__(
        self,
        folder: Path,
        *,
        password: str | None = None,
        admin_password: str | None = None,
        port: int | None = None,
        parallel: bool = False,
    ) -> None:
        self.folder = folder
        self.password = password
        self.admin_password = admin_password
        self.parallel = parallel
        self.port = port or 0
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    @property
    def log(self) -> Path:
        return self.folder / "tryton.log"

    @property
    def file(self) -> Path:
        return self.folder / f"{NAME}.sqlite"

    def start(self) -> TrytonServer:
        """Returns when the server answers (two seconds); ConfigurationError with the end of its log if it does not."""
        self.prepare()
        self._end_what_is_left()
        known = self.port or self._last_port()
        for port in dict.fromkeys((known, 0 if self.port == 0 else known)):
            if self._launch(port):
                return self
        raise ConfigurationError(
            f"the demo's ERP did not start: {self._last_words()}",
            advice=f"read {self.log}; if the port is taken, stop what holds it",
        )

    def stop(self) -> None:
        """End the server and wait for it; what it has answered is in the database."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._forget()

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self._forget()

    def __enter__(self) -> TrytonServer:
        return self.start()

    def __exit__(self, *failure: object) -> None:
        self.stop()

    def prepare(self) -> None:
        """Put the database and the settings into the folder; leaves a database that is there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.file.exists():
            copy_database(self.file)
        settings = f"[database]\nuri = sqlite://\npath = {self.folder.resolve()}\nlist = False\n"
        (self.folder / "tryton.conf").write_text(settings)

    def _set_passwords(self) -> None:
        for login, password in ((API_USER, self.password), ("admin", self.admin_password)):
            if password is not None:
                set_password(self.file, login, password)

    def _launch(self, port: int) -> bool:
        self._set_passwords()
        command = [sys.executable, "-m", "demo.erp.serve", str(self._settings), str(self._address)]
        command += ["--port", str(port), *(["--parallel"] if self.parallel else [])]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
            )
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
    def _settings(self) -> Path:
        return (self.folder / "tryton.conf").resolve()

    @property
    def _address(self) -> Path:
        return (self.folder / "address.json").resolve()

    def _read_address(self) -> dict[str, int]:
        with suppress(FileNotFoundError):
            address: dict[str, int] = json.loads(self._address.read_text())
            return address
        return {}

    def _last_port(self) -> int:
        return self._read_address().get("port", 0)

    def _end_what_is_left(self) -> None:
        """A server of this very folder may outlive its starter for a moment; two on one database must not be."""
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
        return b"demo.erp.serve" in command and str(self._settings).encode() in command

    def _forget(self) -> None:
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()
        self.process = None

    def _last_words(self) -> str:
        return self.log.read_text(errors="replace").strip()[-1500:] if self.log.exists() else "no log was written"
