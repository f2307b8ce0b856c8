"""`test`: workflow tests, each on a store and systems of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.check import near
from commands.run import ANSWERED
from commands.session import Session, options
from engine.errors import ExitCode, UsageError, WorkflowError

if TYPE_CHECKING:
    from commands.trial import Verdict
    from engine.run_context import Resources
    from engine.workflow_test import Case


@click.command("test")
@click.argument("paths", nargs=-1, metavar="[PATH...]")
@options
def test(session: Session, paths: Sequence[str]) -> int:
    """Run workflow tests: files NAME.test.yaml, those beside a workflow, or all in folders; without PATH, all.

    Each runs the real engine on a store of its own, with fake systems and recorded pages; nothing outside is reached.
    Exit code 0: all passed, 1: some failed, 2: a file is wrong.
    """
    from commands.registry import load_actions
    from engine.run_context import Resources
    from engine.workflow_test import files_of_tests, read_cases

    places = [Path(path) for path in paths] or [near(one) for one in session.project.workflow_folders if one.is_dir()]
    files = files_of_tests(places)
    if not files:
        raise UsageError("there are no workflow tests", advice="write some into NAME.test.yaml beside NAME.yaml")
    session.log(to_file=False, told_elsewhere=ANSWERED)
    registry = load_actions(session.project)
    problems = []
    cases: list[Case] = []
    for file in files:
        try:
            cases += read_cases(file, registry)
        except WorkflowError as error:
            problems += error.problems
    if problems:
        raise WorkflowError(problems)
    warm = Resources()
    try:
        verdicts = [_run(session, case, warm) for case in cases]
    finally:
        warm.close()
    return _told(session, verdicts)


def _run(session: Session, case: Case, warm: Resources) -> Verdict:
    from commands.registry import load_actions
    from commands.trial import Trial

    verdict = Trial(session.project, case, load_actions(session.project), warm).run()
    if session.as_json:
        report = verdict.report
        session.line(
            {
                "file": case.location.file,
                "line": case.location.line,
                "test": case.test.name,
                "passed": not verdict.differences,
                "seconds": verdict.seconds,
                "outcome": report.outcome if report else None,
                "code": report.code if report else None,
                "differences": [
                    {"where": one.where, "expected": one.expected, "came": one.came} for one in verdict.differences
                ],
            }
        )
    return verdict


def _told(session: Session, verdicts: Sequence[Verdict]) -> int:
    failed = [one for one in verdicts if one.differences]
    if not session.as_json:
        lines = [
            ["FAILED" if one.differences else "passed", one.case.workflow.id, one.case.test.name, f"{one.seconds:.2f}"]
            for one in verdicts
        ]
        session.table(["result", "workflow", "test", "seconds"], lines, none="no tests")
        for one in failed:
            session.say(f"\n{one.case.location}: {one.case.test.name}")
            for difference in one.differences:
                for line in difference.lines():
                    session.say(f"  {line}")
        session.say(f"\n{len(verdicts) - len(failed)} passed, {len(failed)} failed")
    return int(ExitCode.APPLICATION if failed else ExitCode.DONE)
