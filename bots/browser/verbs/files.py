"""Files: into a page and out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, RootModel

from bots.browser.values import file_path
from bots.browser.verbs.registry import Read, verb
from engine.context import File

if TYPE_CHECKING:
    from bots.browser.session import Session


class Upload(RootModel[dict[str, File | str | list[File | str]]]):
    """Label to file, or to a list of files: `{Document: "${{ item.file }}"}`."""


@verb("upload", sends=True)
def upload(input: Upload, session: Session) -> Read:
    """Give a file to a file field, under its own name."""
    for label, value in input.root.items():
        files = value if isinstance(value, list) else [value]
        session.forms.upload(label, [(_name(file), file_path(file, session.context)) for file in files])
    return None


class Source(BaseModel):
    model_config = ConfigDict(extra="forbid")

    click: str = Field(description="What starts the download: a link or a button")
    to: str | None = Field(default=None, description="Where to keep it in the project's files; else only as evidence")


class Download(RootModel[dict[str, Source | str]]):
    """Name to link or button: `{report: Export}` gives `report.name`, `report.path`, `report.sha256`."""


def _names(raw: Any) -> list[str]:
    return list(raw) if isinstance(raw, dict) else []


@verb("download", sends=True, names=_names)
def download(input: Download, session: Session) -> Read:
    """Click what starts a download, and keep the file with the run."""
    return {
        name: session.downloads.download(*((source, None) if isinstance(source, str) else (source.click, source.to)))
        for name, source in input.root.items()
    }


class Print(RootModel[str | dict[str, str]]):
    """A name: `pdf: receipt`; or a name and where to keep the file: `{receipt: archive/receipt.pdf}`."""


def _printed(raw: Any) -> list[str]:
    return [raw] if isinstance(raw, str) else _names(raw)


@verb("pdf", reads=True, names=_printed)
def pdf(input: Print, session: Session) -> Read:
    """Print the page as it is to a PDF, and keep it with the run."""
    wanted = {input.root: None} if isinstance(input.root, str) else input.root
    return {name: session.downloads.print_page(name, to) for name, to in wanted.items()}


def _name(file: File | str) -> str:
    return file.name if isinstance(file, File) else file.replace("\\", "/").rsplit("/", 1)[-1]
