"""`NAME.test.yaml`: what a workflow is given in a test, and what is expected of it.

tests:
  - name: A second copy is not booked
    item: {file: invoice.pdf}
    given: {erp: {erp: {bills: [{party: ACME, number: R-1, total: 119}]}}}
    expect: {outcome: exception, code: DUPLICATE_INVOICE, effects: []}
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from engine.action import Action
from engine.errors import Location, Problem, Problems, UsageError, WorkflowError
from engine.language import Step, Workflow
from engine.loader import every_step, load_workflow
from engine.model_problems import checked
from engine.nearest import listed, suggestion
from engine.place import Place
from engine.yaml_source import read_yaml

ENDS = (".test.yaml", ".test.yml")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Closed(_Strict):
    """When the office works, in a test."""

    days: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]] | None = Field(
        None, description="working days"
    )
    country: str | None = Field(None, description="whose public holidays count, as ISO code")
    region: str | None = Field(None, description="the region of the country")
    closed: list[str] = Field([], description="further days on which nobody works: 2026-12-24")


class Given(_Strict):
    """What the workflow finds."""

    clock: datetime | None = Field(None, description="the time: 2026-03-02T09:00; it stands still but for waiting")
    calendar: Closed | None = Field(None, description="when the office works; the project's own if left out")
    erp: dict[str, dict[str, Any]] = Field({}, description="connection to the state of a fake ERP: its parties, bills")
    web: str | None = Field(None, description="the tape that answers in place of every web system")
    files: dict[str, str] = Field({}, description="path in the project to a file beside the test, copied there before")
    connections: dict[str, dict[str, Any]] = Field({}, description="settings of connections, for this test alone")
    secrets: dict[str, str] = Field({}, description="values of secrets, made up for the test")


class Fault(_Strict):
    """What goes wrong, and where: a step's name, or a verb with its target as in `click Save`."""

    crash_before: str | None = Field(None, alias="crash before", description="the worker dies before this")
    crash_after: str | None = Field(None, alias="crash after", description="the worker dies right after it")
    fail_before: str | None = Field(None, alias="fail before", description="the system is away when this step begins")
    fail_after: str | None = Field(None, alias="fail after", description="it is done, and the answer is lost")
    times: int = Field(1, ge=1, le=100, description="how often")


class Decision(_Strict):
    """What a person says when the item waits for one: `{by: maria, at: Read the invoice, correct: {total: 119}}`."""

    by: str = Field("somebody", description="who says it; the same name is the same person")
    at: str | None = Field(None, description="the step where the item must stand then; any if left out")
    correct: dict[str, Any] | None = Field(None, description="fields of what was read, and their right values")
    approve: bool | str | None = Field(None, description="yes, or why")
    reject: str | None = Field(None, description="why")
    retry: bool | None = Field(None, description="yes: the cause is mended")


class ExpectedEffect(_Strict):
    """An effect as the ledger has it. What is left out is not compared."""

    step: str | None = Field(None, description="the name of the step")
    action: str | None = Field(None, description="the action: erp.create_bill")
    key: str | None = Field(None, description="what makes it unique")
    status: str = Field("done", description="done, intended, uncertain or not_done")
    input: Any = Field(None, description="what it was given: some of its fields")
    result: Any = Field(None, description="what came of it: some of its fields")


class ExpectedRequest(_Strict):
    """A request that changes data, as it reached the tape."""

    request: str = Field(description="method and address: POST /save")
    fields: Any = Field(None, description="some of its fields")


class Expect(_Strict):
    """What must come of it. What is left out is not compared; `effects: []` means that there is none."""

    outcome: Literal["done", "exception", "failed", "waiting", "uncertain"] | None = Field(None, description="the end")
    code: str | None = Field(None, description="the code of the exception")
    message: str | None = Field(None, description="a part of its message")
    step: str | None = Field(None, description="the step where it stopped")
    outputs: dict[str, Any] = Field({}, description="some of the outputs")
    fields: dict[str, Any] = Field({}, description="results of steps: `invoice.total: 119.00`")
    effects: list[ExpectedEffect] | None = Field(None, description="all effects, in their order")
    sent: list[ExpectedRequest] | None = Field(None, description="all requests that change data, in their order")
    erp: dict[str, dict[str, Any]] = Field({}, description="what the fake ERP of a connection has in the end")


class Test(_Strict):
    """One test: an item or several, what they find, and what comes of each."""

    __test__ = False  # no test of this repository

    name: str = Field(description="what it shows, as a sentence")
    item: dict[str, Any] | None = Field(None, description="the inputs of the item")
    items: list[dict[str, Any]] | None = Field(None, description="the inputs of several; `expect` holds for the last")
    given: Given = Field(default_factory=Given, description="what the workflow finds")
    faults: list[Fault] = Field([], description="what goes wrong")
    decisions: list[Decision] = Field([], description="what people say, one after another, each when an item waits")
    expect: Expect = Field(description="what must come of it")


class TestFile(_Strict):
    """The file beside a workflow."""

    __test__ = False

    workflow: str | None = Field(None, description="the workflow's file; NAME.yaml of NAME.test.yaml if left out")
    tests: list[Test] = Field(min_length=1, description="the tests")


@dataclass(frozen=True)
class Case:
    """A test that is sound: what is written, where, and the workflow it is about."""

    test: Test
    location: Location
    workflow: Workflow
    folder: Path

    @property
    def items(self) -> list[dict[str, Any]]:
        """The inputs of its items, files found from the test's own folder."""
        written = self.test.items if self.test.items is not None else [self.test.item or {}]
        return [{name: self._input(name, value) for name, value in one.items()} for one in written]

    def _input(self, name: str, value: Any) -> Any:
        spec = self.workflow.inputs.get(name)
        return str(self.folder / value) if spec is not None and spec.type == "file" and value else value


def files_of_tests(paths: Iterable[Path]) -> list[Path]:
    """The test files in folders, those named, and those beside the workflows named; UsageError if there is none."""
    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise UsageError(f"there is no file or folder {path}", advice="check the path")
        if path.is_dir():
            inside = (file for end in ENDS for file in path.rglob(f"*{end}"))
            shown = (one for one in inside if not any(part.startswith(".") for part in one.relative_to(path).parts))
            found |= dict.fromkeys(sorted(shown))
        elif path.name.endswith(ENDS):
            found[path] = None
        else:
            beside = [file for end in ENDS if (file := path.with_name(path.stem + end)).is_file()]
            if not beside:
                raise UsageError(
                    f"{path} has no tests", advice=f"write them into {path.with_name(path.stem + ENDS[0])}"
                )
            found |= dict.fromkeys(beside)
    return list(found)


def schema_of_tests() -> dict[str, Any]:
    """The JSON Schema of test files, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **TestFile.model_json_schema(by_alias=True),
        "title": "Clerkwork workflow tests",
    }


def read_cases(file: Path, registry: Mapping[str, Action]) -> list[Case]:
    """The tests of a file; WorkflowError with every problem of it and of its workflow."""
    problems = Problems()
    cases = _read(file, registry, problems)
    problems.found.sort(key=lambda problem: (problem.location.line, problem.location.column))
    problems.refuse()
    return cases


def check_tests(paths: Iterable[Path], registry: Mapping[str, Action]) -> list[Problem]:
    """All problems of the test files among these paths, those of their workflows left out: `check` tells these."""
    found: list[Problem] = []
    for file in files_of_tests(path for path in paths if path.is_dir() or path.name.endswith(ENDS)):
        try:
            read_cases(file, registry)
        except WorkflowError as error:
            found += [problem for problem in error.problems if problem.location.file == str(file)]
    return found


def _read(file: Path, registry: Mapping[str, Action], problems: Problems) -> list[Case]:
    source = read_yaml(file)
    top = Place.top(source)
    if not isinstance(top.value, dict):
        problems.add(top.location, "no tests", "expected a mapping with tests", "begin with `tests:`")
        return []
    whole = checked(TestFile, top, "the file", problems, expressions=False)
    if whole is None:
        return []
    stem = next(file.name.removesuffix(end) for end in ENDS if file.name.endswith(end))
    path = file.parent / (whole.workflow or f"{stem}.yaml")
    if not path.is_file():
        place = top.at("workflow").location if whole.workflow else top.location
        problems.add(place, f"no workflow {path.name}", "expected it beside its tests", "name its file as `workflow:`")
        return []
    try:
        workflow = load_workflow(path, registry)
    except WorkflowError as error:
        problems.found.extend(error.problems)
        return []
    cases = []
    for number, test in enumerate(whole.tests):
        written = top.at("tests").at(number)
        _check(written, test, workflow, file.parent, problems)
        cases.append(Case(test, written.location, workflow, file.parent))
    return cases


def _check(place: Place, test: Test, workflow: Workflow, folder: Path, problems: Problems) -> None:
    if (test.item is None) == (test.items is None) and workflow.inputs and not _optional(workflow):
        problems.add(place.location, "a test without its item", "expected item, or items", "add `item:`")
    items = [place.at("item")] if test.item is not None else list(place.at("items").entries())
    for item in items:
        for name, value in item.items():
            _known(name, workflow.inputs, item.key(name), f"an input of {workflow.id}", problems)
            spec = workflow.inputs.get(name)
            if spec is not None and spec.type == "file" and isinstance(value.value, str):
                _file(folder / value.value, value, problems)
    given = place.at("given")
    if test.given.web is not None:
        _file(folder / test.given.web, given.at("web"), problems)
    for _, value in given.at("files").items():
        _file(folder / str(value.value), value, problems)
    for number, fault in enumerate(test.faults):
        _fault(place.at("faults").at(number), fault, workflow, problems)
    bound = set(names_bound(workflow))
    for number, decision in enumerate(test.decisions):
        _decision(place.at("decisions").at(number), decision, workflow, problems)
    expected = place.at("expect")
    for name, _ in expected.at("fields").items():
        where = expected.at("fields").key(name)
        _known(name.partition(".")[0], bound, where, "the result of a step (`as`)", problems)
    for name, _ in expected.at("outputs").items():
        _known(name, workflow.outputs, expected.at("outputs").key(name), "an output of the workflow", problems)
    if test.expect.sent is not None and test.given.web is None:
        where = expected.key("sent")
        problems.add(where, "`sent` without a tape", "expected given.web", "only a tape can tell what was sent")


def _optional(workflow: Workflow) -> bool:
    return not any(spec.required for spec in workflow.inputs.values())


def _fault(place: Place, fault: Fault, workflow: Workflow, problems: Problems) -> None:
    kinds = [name for name, _ in place.items() if name != "times"]
    if len(kinds) != 1:
        found = f"a fault with {len(kinds)} kinds"
        problems.add(place.location, found, "expected one", "write `- crash after: click Save`")
        return
    (kind,) = kinds
    target = str(place.at(kind).value)
    titles = {step.title for step in every_step(workflow.steps)}
    if target in titles or (kind == "crash after" and target in dict.fromkeys(verbs_of(workflow))):
        return
    known = [*titles, *(verbs_of(workflow) if kind == "crash after" else [])]
    advice = suggestion(target, known, "write the name of a step, or a verb as `click Save`")
    problems.add(place.at(kind).location, f"{target!r} is nowhere in the workflow", f"expected {listed(known)}", advice)


def _decision(place: Place, decision: Decision, workflow: Workflow, problems: Problems) -> None:
    kinds = [name for name, value in place.items() if name not in ("by", "at") and value.value is not False]
    if len(kinds) != 1:
        found = f"a decision that says {' and '.join(kinds) or 'nothing'}"
        problems.add(place.location, found, "expected one of correct, approve, reject, retry", "write `- approve: yes`")
    if decision.at is not None:
        titles = {step.title for step in every_step(workflow.steps)}
        _known(decision.at, titles, place.at("at").location, f"a step of {workflow.id}", problems)


def _known(name: str, known: Collection[str], where: Location, what: str, problems: Problems) -> None:
    if name not in known:
        expected = f"expected one of {listed(known)}" if known else "there is none"
        problems.add(where, f"{name} is not {what}", expected, suggestion(name, known, "write one of those"))


def _file(path: Path, place: Place, problems: Problems) -> None:
    if not path.is_file():
        problems.add(place.location, f"no file {path}", "expected it, from the test's own folder", "correct the path")


def names_bound(workflow: Workflow) -> Iterator[str]:
    """The names that steps bind, those inside other steps included."""
    for step in every_step(workflow.steps):
        if step.bind is not None:
            yield step.bind


def verbs_of(workflow: Workflow) -> list[str]:
    """`click Save` of each verb with one plain target, as faults name them."""
    found = []
    for step in every_step(workflow.steps):
        for line in _lines(step):
            for verb, target in line.items():
                told = target.get("target") if isinstance(target, Mapping) else target
                if isinstance(told, str):
                    found.append(f"{verb} {told}")
    return found


def _lines(step: Step) -> Iterator[Mapping[str, Any]]:
    from engine.check import raw_input

    raw = raw_input(step)
    lines = raw.get("do") if isinstance(raw, Mapping) else None
    for line in lines if isinstance(lines, list) else []:
        if isinstance(line, Mapping):
            yield line
