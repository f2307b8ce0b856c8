"""The workflows of a project by id, loaded from their folders and read again when a file changes."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from engine.action import Action
from engine.errors import Problem, UsageError, WorkflowError
from engine.language import Workflow
from engine.loader import load_source, load_workflow


def workflow_files(folders: Iterable[Path]) -> list[Path]:
    """The workflow files in the folders (or the files themselves), sorted; tests and connections are not workflows."""
    found: list[Path] = []
    for folder in folders:
        if folder.is_file():
            found.append(folder)
            continue
        for file in sorted(folder.rglob("*.y*ml")):
            if file.suffix in (".yaml", ".yml") and not file.name.endswith((".test.yaml", ".test.yml")):
                found.append(file)
    return found


class Library:
    """Finds a workflow by its id. A file that is wrong is left out and its problems are kept."""

    def __init__(self, folders: Iterable[Path], registry: Mapping[str, Action]) -> None:
        self.folders = list(folders)
        self.registry = registry
        self.problems: list[Problem] = []
        self.version = 0  # another number whenever a file came, went or changed
        self._by_file: dict[Path, tuple[tuple[int, int], Workflow | None]] = {}
        self._by_digest: dict[str, Workflow] = {}
        self._by_id: dict[str, Workflow] = {}
        self._whole: Library | None = None
        self._shown: frozenset[str] = frozenset()
        self.refresh()

    def only(self, shown: frozenset[str]) -> Library:
        """The same library as one sees it who knows of no other workflows than these."""
        part = copy.copy(self)
        part._whole, part._shown = self._whole or self, shown
        part._take_over()
        return part

    def _take_over(self) -> None:
        whole = self._whole
        assert whole is not None
        self.version = whole.version
        self._by_id = {name: workflow for name, workflow in whole._by_id.items() if name in self._shown}
        mine = {problem for name in self._shown for problem in whole._problems_of(name)} if whole.problems else set()
        self.problems = [problem for problem in whole.problems if problem in mine]

    def refresh(self) -> None:
        """Read what is new or changed."""
        if self._whole is not None:
            self._whole.refresh()
            self._take_over()
            return
        files = workflow_files(self.folders)
        for gone in set(self._by_file) - set(files):
            del self._by_file[gone]
            self.version += 1
        for file in files:
            status = file.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            if self._by_file.get(file, (None,))[0] != stamp:
                self._by_file[file] = (stamp, self._load(file))
                self.version += 1
        self._by_id = {workflow.id: workflow for _, workflow in self._by_file.values() if workflow is not None}

    def _load(self, file: Path) -> Workflow | None:
        self.problems = [problem for problem in self.problems if problem.location.file != str(file)]
        try:
            workflow = load_workflow(file, self.registry)
        except WorkflowError as error:
            self.problems.extend(error.problems)
            return None
        self._by_digest[workflow.digest] = workflow
        return workflow

    def ids(self) -> list[str]:
        return sorted(self._by_id)

    def get(self, workflow: str) -> Workflow:
        """The workflow with this id; WorkflowError if its file is wrong, UsageError naming the known ones."""
        found = self._by_id.get(workflow)
        if found is None:
            wrong = self._problems_of(workflow)
            if wrong:
                raise WorkflowError(wrong)
            known = ", ".join(self.ids()) or "none"
            raise UsageError(f"no workflow {workflow}", advice=f"known: {known}; `check` shows what is wrong in a file")
        return found

    def _problems_of(self, workflow: str) -> list[Problem]:
        """What is wrong with the file of this id, as far as a file that is wrong tells its id."""
        if self._whole is not None and workflow not in self._shown:
            return []
        says = re.compile(rf"^workflow:[ ]*['\"]?{re.escape(workflow)}['\"]?[ ]*(#.*)?$", re.MULTILINE)
        for file, (_, loaded) in self._by_file.items():
            if loaded is None and says.search(file.read_text(encoding="utf-8", errors="replace")):
                return [problem for problem in self.problems if problem.location.file == str(file)]
        return []

    def all(self) -> list[Workflow]:
        return [self._by_id[name] for name in self.ids()]

    def from_source(self, digest: str, file: str, source: str) -> Workflow:
        """The workflow as it was when a run began with it."""
        if digest not in self._by_digest:
            self._by_digest[digest] = load_source(source, file, self.registry)
        return self._by_digest[digest]
