"""A server of the demo: a child process on loopback that keeps all it has in one folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import ClassVar, Self

from engine.errors import ConfigurationError

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 60.0
STOP_SECONDS = 10.0


class LocalServer:
    """`with SomeServer(folder) as server: server.url`.

    The folder keeps the address of the last start and the log; starting again on the same folder goes on with the
    same data, on `port` if one is given, else on the same port where it is free. The server ends with its starter,
    also when that is killed: it reads a pipe that closes then.
    """

    title: ClassVar[str]  # as in "the demo's ERP did not start"
    module: ClassVar[str]  # run as `python -m MODULE SERVED ADDRESS_FILE --port N`
    log_name: ClassVar[str]

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.folder = folder.resolve()
        self.port = port or 0
        self.process: subprocess.Popen[bytes] | None = None
        self._wanted = port

    @property
    def served(self) -> Path:
        """The file or folder that tells this server from others of its kind."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Put into the folder what the server needs; leaves what is there."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def before_launch(self) -> None:
        """What must be done while no server runs on the folder."""

    def options(self) -> list[str]:
        """Further options of the server's command."""
        return []

    def first_words(self) -> bytes:
        """What the server reads from its starter, so that it stands in no list of processes."""
        return b""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    @property
    def log(self) -> Path:
        return self.folder / self.log_name

    def start(self) -> Self:
        """Returns when the server answers (a second or two); ConfigurationError with the end of its log if not."""
        self.prepare()
        self._end_what_is_left()
        ports = [self._wanted] if self._wanted else [self._read_address().get("port", 0), 0]
        if any(self._launch(port) for port in dict.fromkeys(ports)):
            return self
        words = self.log.read_text(errors="replace").strip()[-1500:]
        raise ConfigurationError(
            f"{self.title} did not start: {words or 'it wrote no log'}",
            advice=f"read {self.log}; if the port is taken, stop what holds it",
        )

    def stop(self) -> None:
        """End the server and wait for it; what it has answered is in the folder."""
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

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *failure: object) -> None:
        self.stop()

    def _launch(self, port: int) -> bool:
        self.before_launch()
        command = [sys.executable, "-m", self.module, str(self.served), str(self._address)]
        command += ["--port", str(port), *self.options()]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
            )
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):  # it has ended already; its log says why
            self.process.stdin.write(self.first_words())
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
    def _address(self) -> Path:
        return self.folder / "address.json"

    def _read_address(self) -> dict[str, int]:
        with suppress(FileNotFoundError):
            address: dict[str, int] = json.loads(self._address.read_text())
            return address
        return {}

    def _end_what_is_left(self) -> None:
        """A server of this very folder may outlive its starter for a moment; two on the same data must not be."""
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
        return self.module.encode() in command and str(self.served).encode() in command

    def _forget(self) -> None:
        if self.process is None:
            return
        self.process.wait()
        if self.process.stdin is not None:
            with suppress(BrokenPipeError):
                self.process.stdin.close()
        self.process = None
