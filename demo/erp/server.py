"""A real Tryton server in a folder: the ERP of the demo and of the tests."""

from __future__ import annotations

from pathlib import Path

from demo.erp.database import API_USER, NAME, copy_database, set_password
from demo.local_server import LocalServer


class TrytonServer(LocalServer):
    """`with TrytonServer(folder, password="...") as erp: erp.url, erp.database, erp.user`.

    The folder keeps the database. `password` is the API user's, `admin_password` the administrator's; None leaves
    what the database has (at first: nobody can log in with it). `parallel` serves requests at the same time, as
    `trytond` does; see `demo.erp.serve` for why not by default.
    """

    title = "the demo's ERP"
    module = "demo.erp.serve"
    log_name = "tryton.log"
    database = NAME
    user = API_USER

    def __init__(
        self,
        folder: Path,
        *,
        password: str | None = None,
        admin_password: str | None = None,
        port: int | None = None,
        parallel: bool = False,
    ) -> None:
        super().__init__(folder, port)
        self.password = password
        self.admin_password = admin_password
        self.parallel = parallel

    @property
    def file(self) -> Path:
        return self.folder / f"{NAME}.sqlite"

    @property
    def served(self) -> Path:
        return self.folder / "tryton.conf"

    def prepare(self) -> None:
        """Put the database and the settings into the folder; leaves a database that is there."""
        super().prepare()
        if not self.file.exists():
            copy_database(self.file)
        self.served.write_text(f"[database]\nuri = sqlite://\npath = {self.folder}\nlist = False\n")

    def before_launch(self) -> None:
        for login, password in ((API_USER, self.password), ("admin", self.admin_password)):
            if password is not None:
                set_password(self.file, login, password)

    def options(self) -> list[str]:
        return ["--parallel"] if self.parallel else []
