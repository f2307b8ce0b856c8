"""The tree of errors, drawn first, and the exit codes bound to it. Imports nothing of ours.

Every message speaks to the operator: where it happened, what was found, what was expected, what to do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class ExitCode(IntEnum):
    """What the command line says to scripts; the numbers are the contract."""

    DONE = 0
    APPLICATION = 1
    USAGE = 2
    WAITING = 3
    INTERNAL = 4


class Outcome(StrEnum):
    """What is known of an effect when an action stops with an error."""

    NOT_DONE = "not_done"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a workflow file; line and column count from one."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that `check` found. `severity` is `error` or `warning`."""

    location: Location
    found: str
    expected: str
    advice: str
    severity: str = "error"

    def __str__(self) -> str:
        mark = "warning: " if self.severity == "warning" else ""
        return f"{self.location}: {mark}{self.found}; {self.expected}; {self.advice}"


class ClerkworkError(Exception):
    """The root: a message an operator understands, and the exit code that goes with it."""

    exit_code = ExitCode.INTERNAL

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(f"{message}; {advice}" if advice else message)
        self.message = message
        self.advice = advice


class UsageError(ClerkworkError):
    """The command line or the configuration is wrong."""

    exit_code = ExitCode.USAGE


class ConfigurationError(UsageError):
    """A settings, connection or secrets file is wrong or missing."""


class WorkflowError(UsageError):
    """One or more workflow files are wrong; all their problems at once."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class ExpressionError(ClerkworkError):
    """An expression cannot be parsed or evaluated. `column` counts from one inside the expression.

    `location` is the expression's own place in its file, where it has one.
    """

    exit_code = ExitCode.USAGE

    def __init__(self, message: str, *, advice: str = "", column: int = 1) -> None:
        super().__init__(message, advice=advice)
        self.column = column
        self.location: Location | None = None


class ItemError(ClerkworkError):
    """An error of one work item, with a stable `code` in capitals (DUPLICATE_INVOICE, ERP_UNREACHABLE)."""

    def __init__(self, code: str, message: str, *, advice: str = "", details: dict[str, object] | None = None) -> None:
        super().__init__(message, advice=advice)
        self.code = code
        self.details = details or {}


class BusinessException(ItemError):
    """The data or a rule is at fault: never retried, a person decides. The effect did not happen.

    `draft` is the action's result without its values, where a person may enter them in its stead.
    """

    exit_code = ExitCode.WAITING

    def __init__(
        self,
        code: str,
        message: str,
        *,
        advice: str = "",
        details: dict[str, object] | None = None,
        draft: object | None = None,
    ) -> None:
        super().__init__(code, message, advice=advice, details=details)
        self.draft = draft


class ApplicationException(ItemError):
    """A system is at fault: retried by policy, then a person decides.

    `outcome` says what is known of an effect that was under way: `NOT_DONE` only when it certainly
    did not happen (connection refused, log-in refused). `retry_after` is in seconds, when the system asked.
    """

    exit_code = ExitCode.APPLICATION

    def __init__(
        self,
        code: str,
        message: str,
        *,
        advice: str = "",
        details: dict[str, object] | None = None,
        outcome: Outcome = Outcome.UNKNOWN,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(code, message, advice=advice, details=details)
        self.outcome = outcome
        self.retry_after = retry_after


class LeaseLost(ClerkworkError):
    """Another worker holds the item now; this one stops before its next effect."""


class EffectForbidden(ClerkworkError):
    """A dry run reached an effect. The engine raises this before anything leaves the machine."""


@dataclass
class Problems:
    """Collects problems so that all are told in one go."""

    found: list[Problem] = field(default_factory=list)

    def add(self, location: Location, found: str, expected: str, advice: str, severity: str = "error") -> None:
        self.found.append(Problem(location, found, expected, advice, severity))

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.found if problem.severity == "error"]

    def refuse(self) -> None:
        """Raise all errors found so far, if any."""
        if self.errors:
            raise WorkflowError(self.found)
