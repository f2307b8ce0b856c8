"""The parts of `settings.yaml` about figures: what an office says of itself, and the reports that it wants."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Measures(BaseModel):
    """What no store can know: minutes by hand, costs, and what workflows are for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    minutes: dict[str, float] = Field(default={}, description="by workflow: the minutes that an item takes by hand")
    currency: str = Field(default="EUR", max_length=10, description="of the costs")
    hour: float | None = Field(default=None, ge=0, description="what an hour of a person costs")
    month: float | None = Field(default=None, ge=0, description="what Clerkwork costs a month, machines included")
    rework: float | None = Field(default=None, ge=0, description="hours a month in which people mend what it did wrong")
    upkeep: float | None = Field(default=None, ge=0, description="hours a month that go into workflows and machines")
    payslips: tuple[str, ...] = Field(default=(), description="the workflows that issue payslips")
    queries: tuple[str, ...] = Field(default=(), description="the workflows whose items are queries of customers")
    payments: tuple[str, ...] = Field(default=(), description="the workflows that pay by a date")

    @field_validator("minutes")
    @classmethod
    def _not_below_nothing(cls, minutes: dict[str, float]) -> dict[str, float]:
        if any(value < 0 for value in minutes.values()):
            raise ValueError("expected minutes of 0 or more")
        return minutes


class Report(BaseModel):
    """Tiles of the dashboard that go out by themselves."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cron: str = Field(description="when: minute, hour, day, month, weekday, such as 0 7 * * mon")
    timezone: str | None = Field(default=None, description="the zone of these times; default: the office's")
    to: tuple[str, ...] = Field(min_length=1, description="connections that take it: smtp, slack or teams")
    days: int = Field(default=7, ge=1, le=366, description="so many whole days before the day it goes out")
    tiles: tuple[str, ...] = Field(default=(), description="which tiles, in this order; default: all")
    workflows: tuple[str, ...] = Field(default=(), description="only of these workflows; default: of all")
    vendor: str = Field(default="", description="only of this vendor")

    @field_validator("cron")
    @classmethod
    def _fires(cls, cron: str) -> str:
        from cronsim import CronSim, CronSimError

        try:
            if len(cron.split()) != 5:
                raise CronSimError(f"it has {len(cron.split())} fields")
            next(CronSim(cron, datetime(2026, 1, 1, tzinfo=UTC)))
        except (CronSimError, StopIteration) as error:
            told = str(error) or "it never fires"
            raise ValueError(f"expected minute, hour, day, month, weekday, such as 0 7 * * mon ({told})") from None
        return cron

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str | None) -> str | None:
        try:
            return ZoneInfo(name).key if name is not None else None
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("there is no such time zone; expected a name such as Europe/Berlin") from None
