"""The payment register in a folder: the legacy web application of the demo and of the tests."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from demo.local_server import LocalServer

USER = "clerkwork"
PAGE = 100


class RegisterServer(LocalServer):
    """`with RegisterServer(folder, password="...") as register: register.url, register.entries()`.

    The folder keeps the entries and the documents. `password` is set at each start.
    """

    title = "the demo's payment register"
    module = "demo.register.serve"
    log_name = "register.log"
    user = USER

    def __init__(self, folder: Path, port: int | None = None, *, password: str) -> None:
        super().__init__(folder, port)
        self.password = password

    @property
    def served(self) -> Path:
        return self.folder / "tracker"

    def first_words(self) -> bytes:
        return f"{self.password}\n".encode()

    def entries(self) -> list[dict[str, Any]]:
        """All entries, oldest first, read over the register's REST interface.

        Keys: `number vendor invoice_number currency erp_bill` (text; an empty one is ""), `amount` (Decimal),
        `due_date` (date or None), `documents` (the number of documents attached).
        """
        import httpx

        fields = "number,vendor,invoice_number,amount,currency,due_date,erp_bill,document"
        found: list[dict[str, Any]] = []
        with httpx.Client(base_url=self.url, auth=(USER, self.password), trust_env=False, timeout=30) as client:
            for page in range(1, 10_000):
                query: dict[str, str | int] = {"@fields": fields, "@verbose": 2, "@sort": "id"}
                answer = client.get("/rest/data/entry", params={**query, "@page_size": PAGE, "@page_index": page})
                answer.raise_for_status()
                rows = answer.json()["data"]["collection"]
                found += [_entry(row) for row in rows]
                if len(rows) < PAGE:
                    break
        return found


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    due = row["due_date"]
    return {
        "number": row["number"] or "",
        "vendor": row["vendor"] or "",
        "invoice_number": row["invoice_number"] or "",
        "amount": Decimal(row["amount"]),
        "currency": row["currency"]["code"] if row["currency"] else "",
        "due_date": date.fromisoformat(due[:10].replace(".", "-")) if due else None,
        "erp_bill": row["erp_bill"] or "",
        "documents": len(row["document"]),
    }
