"""The demo's project folder: settings, workflow, connections, secrets, and the servers' data beside them.

Everything in it is made anew or kept so that a start after any kill finds what it needs.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from bots import atomic_write
from config.project import Project, find_project
from config.secrets import SecretStore
from engine.errors import UsageError

ROOT = Path(__file__).resolve().parents[1]
WORKFLOW = ROOT / "workflows" / "finance" / "invoice_intake.yaml"
INBOX = Path("inbox", "invoices")
SAMPLE_OFFICE = Path(__file__).parent / "sample_office"
PLUGINS = "plugins"
LEDGER = "ledger.xlsx"
CONSOLE_PORT = 8600


class DemoProject:
    """`folder` is the project's root; `prepare` before anything else."""

    def __init__(self, folder: Path) -> None:
        self.root = folder.resolve()
        self.secrets = SecretStore(self.root / "data", os.environ)

    @property
    def ledger(self) -> Path:
        return self.root / LEDGER

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder; UsageError while another demo works in it. The kernel frees it when its holder dies."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UsageError(
                    f"a demo is running in {self.root} already", advice="end it with Ctrl-C, or use another folder"
                ) from None
            yield

    def prepare(self, *, sample: bool = False) -> None:
        """Write settings, workflow and folders; what was worked before stays.

        With `sample` (or where it was given before) the sample office's workflows and its old system are there too.
        """
        for folder in (self.root / "data", self.root / INBOX, self.root / "config", self.root / "workflows"):
            folder.mkdir(parents=True, exist_ok=True)
        sample = sample or (self.root / PLUGINS).is_dir()
        settings = SETTINGS.format(port=free_port(CONSOLE_PORT)) + (f"plugins: {PLUGINS}\n" if sample else "")
        self._write(Path("config", "settings.yaml"), settings)
        if sample:
            self._add_sample_office()
        self._write(Path("workflows", WORKFLOW.name), WORKFLOW.read_text(encoding="utf-8"))

    def _add_sample_office(self) -> None:
        (self.root / PLUGINS).mkdir(exist_ok=True)
        for name in ("workflows", PLUGINS):
            for file in sorted((SAMPLE_OFFICE / name).glob("*.*")):
                self._write(Path(name, file.name), file.read_text(encoding="utf-8"))

    def open(self) -> Project:
        return find_project(self.root, os.environ, Path.cwd())

    def secret(self, name: str) -> str:
        """The secret of this name; drawn and sealed at the first call."""
        if not self.secrets.has(name):
            self.secrets.set(name, secrets.token_urlsafe(18))
        return self.secrets.get(name)

    def connect(self, erp: str, register: str) -> None:
        """Write the connections, with the addresses at which the two servers answer this time."""
        connections = {
            "erp": {
                "system": "tryton",
                "url": erp,
                "database": "tryton",
                "user": "clerkwork",
                "password": {"secret": "erp-password"},
            },
            "payment-register": {
                "type": "browser",
                "base_url": register,
                "username": "clerkwork",
                "password": {"secret": "register-password"},
                "login": {
                    "url": "/",
                    "do": [{"fill": {"User name": "{username}", "Password": "{password}"}}, {"click": "Log in"}],
                    "signed_in": "Signed in as",
                    "expired": "Please log in.",
                },
                "error_texts": ["Error:", "Invalid login"],
            },
        }
        text = "# The demo's connections; written anew at each start, with the servers' addresses.\n"
        self._write(Path("config", "connections.yaml"), text + yaml.safe_dump(connections, sort_keys=False))

    def _write(self, file: Path, text: str) -> None:
        """Whole or not at all, also when killed meanwhile."""
        target = self.root / file
        if target.exists() and target.read_text(encoding="utf-8") == text:
            return
        atomic_write.write(target, text.encode())


def free_port(wanted: int) -> int:
    """The wanted port if nobody listens there, else one that is free."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise UsageError("no port of 127.0.0.1 is free", advice="close what holds them and try again")


SETTINGS = """\
# The demo's settings; written anew at each start.
timezone: Europe/Berlin
business: {{country: DE, region: HH}}
console: {{port: {port}}}
workers: 1
"""
