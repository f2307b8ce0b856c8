"""The settings of a project: `config/settings.yaml`, each overridden by a variable CLERKWORK_<NAME>.

A setting of a section is CLERKWORK_<SECTION>__<NAME>, for example CLERKWORK_CONSOLE__PORT=8700.
"""

from __future__ import annotations

import os
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config.measures import Measures, Report
from config.yaml_file import YamlFile, yaml_file
from engine.errors import ConfigurationError
from engine.nearest import listed, nearest

PREFIX = "CLERKWORK_"
Weekday: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Ocr: TypeAlias = Literal["auto", "tesseract", "rapidocr", "never", "always"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Hours(_Section):
    """When the office works: what a business hour and a business day are."""

    days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
    start: time = time(9)
    end: time = time(17)
    country: str | None = Field(default=None, description="whose public holidays count, as ISO code, e.g. DE")
    region: str | None = Field(default=None, description="the region of the country, e.g. BE for Berlin")
    closed: tuple[date, ...] = Field(default=(), description="further days on which nobody works")
    worked: tuple[date, ...] = Field(default=(), description="days that are worked although they would be free")
    cut_off: time | None = Field(default=None, description="what comes later counts as come at the next opening")


RoleName: TypeAlias = Literal["viewer", "supervisor", "approver", "author", "operator", "admin"]


class CompanyAccount(_Section):
    """Sign-in with the company's account, by OpenID Connect."""

    connection: str = Field(description="the connection of the provider, whose system is openid")
    label: str = Field(default="Company account", min_length=1, description="the words on the button")
    name: str = Field(default="email", description="the claim that is a person's name here")
    groups: str = Field(default="groups", description="the claim with a person's groups")
    roles: dict[str, RoleName] = Field(
        default={}, description="the role that a group gives, the most important first; default: who was added comes in"
    )
    teams: dict[str, str] = Field(default={}, description="the team that a group puts its members in")


class SecondFactor(_Section):
    """Who has to have a second factor, and for what it is asked again."""

    required: tuple[RoleName, ...] = Field(default=(), description="the roles that may do nothing without one")
    approvals: Decimal | None = Field(
        default=None, ge=0, description="an approval that shows this number or a larger one asks for it; default: none"
    )
    minutes: int = Field(default=10, ge=1, le=720, description="so long it is not asked for again")


class Console(_Section):
    """Where the web console listens, and who may sign in besides those with a password."""

    host: str = "127.0.0.1"
    port: int = Field(default=8600, ge=0, le=65535)
    company: CompanyAccount | None = None
    second_factor: SecondFactor = SecondFactor()


class Metrics(_Section):
    """Where each process answers `/metrics`, `/healthz` and `/readyz`. Children of one command take the next ports."""

    host: str = "127.0.0.1"
    port: int | None = Field(default=None, ge=0, le=65535, description="the first port; without one: no metrics")


class Traces(_Section):
    """Where traces go, by OTLP over HTTP."""

    endpoint: str | None = Field(
        default=None, pattern="^https?://", description="for example http://127.0.0.1:4318; without one: no traces"
    )


What: TypeAlias = Literal["failed", "uncertain", "paused", "connection", "schedule", "workers", "due", "disk"]
EVERYTHING: tuple[What, ...] = ("failed", "uncertain", "paused", "connection", "schedule", "workers", "due", "disk")


class QuietHours(_Section):
    """No alert is sent between these times, in the office's zone; it is sent when they end."""

    start: time
    end: time


class AlertChannel(_Section):
    """To whom alerts go, and which."""

    connection: str = Field(description="the connection that takes them: slack, teams or smtp")
    what: tuple[What, ...] = Field(default=EVERYTHING, min_length=1, description="what is told of")
    workflows: tuple[str, ...] = Field(default=(), description="only what these workflows are in; default: all")
    teams: tuple[str, ...] = Field(default=(), description="only exceptions that are assigned to these teams")
    remind: int = Field(default=240, ge=1, description="minutes after which what lasts is told of again")
    quiet: QuietHours | None = None


Happening: TypeAlias = Literal["item.closed", "exception.opened", "exception.closed"]
HAPPENINGS: tuple[Happening, ...] = ("item.closed", "exception.opened", "exception.closed")


class Hook(_Section):
    """Another system that is called when something has happened, and with what."""

    connection: str = Field(description="the connection that takes the calls, whose system is webhook")
    what: tuple[Happening, ...] = Field(default=HAPPENINGS, min_length=1, description="what it is told of")
    workflows: tuple[str, ...] = Field(default=(), description="only of these workflows; default: of all")
    outputs: bool = Field(default=False, description="whether the outputs of an item that is closed are told too")


class Retention(_Section):
    """How long things are kept, in days."""

    logs: int = Field(default=30, ge=1)
    items: int | None = Field(
        default=None, ge=1, description="after it is closed, what an item held is forgotten; default: never"
    )
    logs_size: int = Field(default=500, ge=1, description="MB that a day's log may have; past that a new file begins")

    @property
    def kept(self) -> timedelta | None:
        """How long what an item held is kept after it is closed; None: for ever."""
        return timedelta(days=self.items) if self.items is not None else None


class Settings(BaseSettings):
    """All settings, with the values used where the file says nothing."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    data: Path = Field(default=Path("data"), description="the folder of the store, the artifacts and the logs")
    database: str | None = Field(default=None, description="sqlite:///FILE or postgresql://USER@HOST/NAME")
    artifacts: str | None = Field(
        default=None, description="a folder for kept files, or s3://BUCKET/PREFIX; default: artifacts in data"
    )
    artifacts_cache: int = Field(
        default=2000, ge=10, description="MB that a machine may hold of kept files that lie in a bucket"
    )
    audit_anchors: Path | None = Field(
        default=None, description="the file that holds the heads of the audit log; default: audit.anchors in data"
    )
    workflows: tuple[Path, ...] = Field(default=(Path("workflows"),), description="folders with workflow files")
    allowed_folders: tuple[Path, ...] = Field(default=(), description="folders outside the project that steps may use")
    timezone: str = Field(default="UTC", description="the office's time zone, e.g. Europe/Berlin")
    business: Hours = Hours()
    console: Console = Console()
    workers: int = Field(default=2, ge=1, le=256, description="worker processes of `start`")
    able: tuple[str, ...] = Field(
        default=(), description="what the workers of this machine offer to `queue.needs` of workflows, e.g. region=eu"
    )
    worker_memory: int = Field(
        default=2000, ge=200, description="MB that a worker may hold, browser and all; past that it is replaced"
    )
    worker_most: int | None = Field(
        default=None, ge=200, description="MB past which a worker is killed at its item; default: twice worker_memory"
    )
    worker_time: float | None = Field(
        default=None, gt=0, description="minutes that a worker may be at one item; past that it is killed"
    )
    retention: Retention = Retention()
    metrics: Metrics = Metrics()
    traces: Traces = Traces()
    alerts: dict[str, AlertChannel] = Field(default={}, description="who is told of trouble: a name for each channel")
    hooks: dict[str, Hook] = Field(default={}, description="systems that are called: a name for each")
    measures: Measures = Measures()
    reports: dict[str, Report] = Field(default={}, description="figures that go out by themselves: a name for each")
    ocr: Ocr = Field(default="auto", description="how `read` treats documents without text")
    plugins: Path | None = Field(default=None, description="a folder with further actions in Python files")
    packages: tuple[str, ...] = Field(default=(), description="installed packages whose actions may be used")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("there is no such time zone; expected a name such as Europe/Berlin") from error
        return name

    @field_validator("database")
    @classmethod
    def _known_database(cls, url: str | None) -> str | None:
        if url and not url.startswith(("sqlite:///", "postgresql://")):
            raise ValueError("expected sqlite:///FILE or postgresql://USER@HOST/NAME")
        return url or None

    @field_validator("artifacts")
    @classmethod
    def _known_place(cls, place: str | None) -> str | None:
        protocol, is_url, rest = (place or "").partition("://")
        if is_url and protocol in ("file", "local"):
            raise ValueError("expected the folder itself, without file://")
        if is_url and "@" in rest.partition("/")[0]:
            raise ValueError("expected a place without a password; it goes to the connection `artifacts` as a secret")
        if is_url and not rest.strip("/"):
            raise ValueError("expected the name of a bucket after it, as in s3://BUCKET/PREFIX")
        return place or None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # The environment wins over the file, so that one file serves the laptop and the fleet.
        return env_settings, init_settings


_IN_WORDS = {
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "string_type": "text",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "list_type": "a list such as [one, two]",
    "tuple_type": "a list such as [one, two]",
    "model_type": "a mapping, its settings indented below",
    "model_attributes_type": "a mapping, its settings indented below",
    "date_from_datetime_parsing": "a date such as 2026-12-24",
    "time_parsing": 'a time in quotes such as "09:00"',
}


def load_settings(file: Path) -> Settings:
    """The settings of this file (all defaults where there is none); ConfigurationError with every problem in it."""
    source = yaml_file(file)
    try:
        return Settings(**source.values)
    except ValidationError as error:
        raise ConfigurationError("\n".join(_told(source, problem) for problem in error.errors())) from error


def _told(source: YamlFile, problem: Any) -> str:
    path = tuple(problem["loc"])
    name = ".".join(str(part) for part in path)
    variable = PREFIX + "__".join(str(part) for part in path).upper()
    where = f"the variable {variable}" if variable in os.environ else source.location(path)
    if problem["type"] == "extra_forbidden":
        known = _names(path[:-1])
        near = nearest(str(path[-1]), known)
        advice = f"did you mean {near}?" if near else f"the settings here are {listed(known)}"
        where = where if where.startswith("the variable") else source.location(path, key=True)
        return f"{where}: {name} is not a setting; {advice}"
    if problem["type"] in _IN_WORDS:
        return f"{where}: {name} is {problem['input']!r}; expected {_IN_WORDS[problem['type']]}"
    expected = problem["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    expected = expected if expected.startswith(("expected", "there is")) else f"expected {_lower_first(expected)}"
    return f"{where}: {name} is {problem['input']!r}; {expected}"


class _Named(BaseModel):
    """Stands for a name of the user's own between a section and its settings."""

    alerts: AlertChannel
    hooks: Hook
    reports: Report


def _names(path: tuple[str | int, ...]) -> list[str]:
    model: type[BaseModel] = Settings
    section = ""
    for part in path:
        if model is Settings and part in _Named.model_fields:
            model, section = _Named, str(part)
            continue
        found = model.model_fields.get(str(part)) if model is not _Named else _Named.model_fields[section]
        if found is None or not (isinstance(found.annotation, type) and issubclass(found.annotation, BaseModel)):
            return []
        model = found.annotation
    return list(model.model_fields)


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
