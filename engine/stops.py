"""How a run unwinds: parked, put off or failed; and where in the run a step of the file stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.errors import ItemError
from engine.exceptions import Standstill
from engine.items import State
from engine.language import Step


@dataclass(frozen=True, slots=True)
class Place:
    """Maps a step's place in the file to its place in the run: loops and calls put more before it."""

    file: str = ""
    run: str = ""

    def of(self, step: Step) -> str:
        return self.run + step.path[len(self.file) :]


class Stop(Exception):
    """Ends the work on the item for now. Not an error: the run unwinds to its end."""


class Parked(Stop):
    def __init__(self, standstill: Standstill) -> None:
        super().__init__(standstill.message)
        self.standstill = standstill


class PutOff(Stop):
    """Taken up again at a time: another attempt (READY), or what `wait` asks for (WAITING)."""

    def __init__(self, until: datetime, state: State, message: str, step: str) -> None:
        super().__init__(message)
        self.until, self.state, self.message, self.step = until, state, message, step


class StepFailed(Exception):
    """A step's error that no further attempt will mend."""

    def __init__(self, step: Step, path: str, error: ItemError) -> None:
        super().__init__(str(error))
        self.step, self.path, self.error = step, path, error
