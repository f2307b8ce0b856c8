"""The zip file that a workbook is: its parts, how they refer to each other, and writing it anew."""

from __future__ import annotations

import io
import posixpath
import zipfile
from pathlib import Path

from bots.spreadsheet import markup
from bots.spreadsheet.markup import BadMarkup, Element
from engine.errors import BusinessException

LARGEST = 2**30
"""Bytes that the parts may take unpacked; more is no ledger but a trap."""
_OFFICE_OLE = b"\xd0\xcf\x11\xe0"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CONTENT_TYPES = "[Content_Types].xml"


def refused(
    path: Path, found: str, advice: str = "open it in Excel or LibreOffice and save it as .xlsx"
) -> BusinessException:
    return BusinessException(
        "NOT_A_SPREADSHEET", f"{path.name} cannot be read as a spreadsheet: {found}", advice=advice
    )


class Package:
    """Reads parts when they are asked for; `put` and `drop` change them; `save` writes the rest as it was.

    `blank` is the content to begin with where there is no file yet.
    """

    def __init__(self, path: Path, blank: bytes | None = None) -> None:
        self.path = path
        self.changed: dict[str, bytes | None] = {}
        try:
            self.zip = zipfile.ZipFile(path if blank is None else io.BytesIO(blank))
        except zipfile.BadZipFile:
            raise refused(path, _kind(path)) from None
        try:
            self._look()
        except BusinessException:
            self.zip.close()
            raise

    def _look(self) -> None:
        if sum(part.file_size for part in self.zip.infolist()) > LARGEST:
            raise refused(self.path, "unpacked it is larger than 1 GB", "split it into several files")
        self.names = set(self.zip.namelist())
        main = self.targets("", "officeDocument")
        if not main or not self.has(main[0]):
            raise refused(self.path, "it is a zip file, but holds no workbook")
        self.workbook = main[0]

    def close(self) -> None:
        self.zip.close()

    def read(self, part: str) -> bytes:
        """What a part holds now; BusinessException if the file is damaged or is no spreadsheet."""
        held = self.changed[part] if part in self.changed else self._stored(part)
        if held is None:
            raise refused(self.path, f"its part {part} is missing")
        return held

    def has(self, part: str) -> bool:
        return part in self.names if part not in self.changed else self.changed[part] is not None

    def parse(self, part: str, leaves: tuple[str, ...] = ()) -> tuple[bytes, Element]:
        data = self.read(part)
        try:
            return data, markup.parse(data, leaves)
        except BadMarkup as error:
            raise refused(self.path, f"its part {part} is damaged ({error})") from error

    def put(self, part: str, data: bytes) -> None:
        self.changed[part] = data

    def edit(self, part: str, *edits: markup.Edit) -> None:
        self.put(part, markup.splice(self.read(part), edits))

    def save(self, target: Path) -> None:
        """Write the package to a new file."""
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
            for entry in self.zip.infolist():
                if entry.filename not in self.changed:
                    out.writestr(entry, self.zip.read(entry), zipfile.ZIP_DEFLATED)
                elif (data := self.changed[entry.filename]) is not None:
                    out.writestr(entry.filename, data)
            for part, held in self.changed.items():
                if part not in self.names and held is not None:
                    out.writestr(part, held)

    def targets(self, part: str, kind: str) -> list[str]:
        """The parts that `part` refers to by relations of this kind (`table`, `worksheet`, ...)."""
        return [target for relation, target in self._relations(part).values() if relation == kind]

    def target(self, part: str, identity: str) -> str | None:
        """The part that `part` calls `identity` (rId1)."""
        return self._relations(part).get(identity, ("", None))[1]

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        name = relations_of(part)
        if not self.has(name):
            return {}
        _, root = self.parse(name)
        return {
            one.attributes["Id"]: (
                one.attributes["Type"].rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", posixpath.dirname(part), one.attributes["Target"])).lstrip("/"),
            )
            for one in root.all("Relationship")
            if one.attributes.get("TargetMode") != "External"
        }

    def relate(self, part: str, kind: str, target: str) -> str:
        """Let `part` refer to `target` (an absolute name); returns the identity it has there."""
        taken = self._relations(part)
        identity = next(f"rId{number}" for number in range(1, len(taken) + 2) if f"rId{number}" not in taken)
        name = relations_of(part)
        data, root = self.parse(name)
        xml = f'<{root.prefix}Relationship Id="{identity}" Type="{RELATIONS}/{kind}" Target="/{target}"/>'
        self.edit(name, markup.inside(data, root, xml.encode()))
        return identity

    def declare(self, part: str, content_type: str) -> None:
        """Say what kind of part a new one is."""
        data, root = self.parse(CONTENT_TYPES)
        xml = f'<{root.prefix}Override PartName="/{part}" ContentType="{content_type}"/>'
        self.edit(CONTENT_TYPES, markup.inside(data, root, xml.encode()))

    def drop(self, part: str, owner: str) -> None:
        """Take a part out, with what `owner` and the table of contents say of it."""
        if not self.has(part):
            return
        self.changed[part] = None
        for name, key, wanted in ((relations_of(owner), "Target", part), (CONTENT_TYPES, "PartName", part)):
            _, root = self.parse(name)
            for one in root.children:
                target = one.attributes.get(key, "")
                if posixpath.join("/", posixpath.dirname(owner), target) == f"/{wanted}":
                    self.edit(name, (one.start, one.end, b""))
                    break

    def _stored(self, part: str) -> bytes | None:
        if part not in self.names:
            return None
        try:
            data = self.zip.read(part)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, ValueError) as error:
            raise refused(self.path, f"its part {part} is damaged ({error})", "take it from the last backup") from error
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return data.decode("utf-16").replace("UTF-16", "UTF-8", 1).replace("utf-16", "UTF-8", 1).encode()
        return data.removeprefix(b"\xef\xbb\xbf")


def relations_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _kind(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(8)
    if not head:
        return "it is empty"
    if head.startswith(_OFFICE_OLE):
        return "it is protected with a password, or in the format of before 2007 (.xls)"
    return "it is no .xlsx file"
