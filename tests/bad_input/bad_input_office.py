"""The command line as a person calls it: a process of its own in a project of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RUNNER = Path(__file__).parents[2] / "runner.py"
KEYS = ["item", "key", "outcome", "code", "message", "step", "outputs", "run", "seconds"]


@dataclass(frozen=True)
class Answer:
    """What a call came to."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The JSON lines on standard output."""
        return [json.loads(line) for line in self.out.splitlines()]


class Office:
    """`office("run", "w", "--json")` in the project's folder; nobody may ever see a stack trace."""

    def __init__(self, root: Path, bytecode: Path) -> None:
        self.root = root
        self._bytecode = bytecode
        self.write("config/settings.yaml", "workers: 1\n")
        (root / "workflows").mkdir()

    def write(self, name: str, content: str | bytes) -> Path:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a call and do not wait for it; `end` tells what it came to."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(("CLERKWORK_", "PYTHON"))}
        own["PYTHONPYCACHEPREFIX"] = str(self._bytecode)  # compiling it all anew would be half the time of a call
        command = [sys.executable, str(RUNNER), *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=self.root, env=own, stdin=pipe, stdout=pipe, stderr=pipe, text=True)

    def end(self, process: subprocess.Popen[str], stdin: str = "") -> Answer:
        out, err = process.communicate(stdin, timeout=120)
        assert "Traceback" not in out + err
        return Answer(process.returncode, out, err)

    def __call__(self, *arguments: str, stdin: str = "") -> Answer:
        return self.end(self.begin(*arguments), stdin)

    def run(self, workflow: str, *, code: int, **inputs: str) -> dict[str, Any]:
        """Run one item and give its line, whose shape is the contract; `code` is the exit code expected."""
        given = [part for name, value in inputs.items() for part in ("--item", f"{name}={value}")]
        answer = self("run", workflow, *given, "--json")
        assert answer.code == code, answer
        assert answer.err == ""
        (line,) = answer.lines
        assert list(line) == KEYS
        return line

    def retry(self, item: str) -> dict[str, Any]:
        """What an operator does once the cause is mended: let the item go on, and a worker take it up."""
        told = self("queue", "retry", item)
        assert (told.code, told.out, told.err) == (0, f"{item}  goes on\n", "")
        answer = self("worker", "--until-idle", "--json")
        (line,) = answer.lines
        assert list(line) == KEYS
        assert (line["item"], answer.code) == (item, {"done": 0, "failed": 1}.get(line["outcome"], 3))
        return line

    def states(self) -> list[str]:
        """The state of every item there is, the oldest first."""
        return [row["state"] for row in self("queue", "list", "--json").lines]

    def ledger(self, file: str = "ledger.xlsx") -> list[dict[str, Any]]:
        """The rows of a workbook's first sheet."""
        import openpyxl

        rows = list(openpyxl.load_workbook(self.root / file).worksheets[0].values)
        return [dict(zip(map(str, rows[0]), row, strict=True)) for row in rows[1:]]
