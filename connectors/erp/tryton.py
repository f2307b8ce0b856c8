"""The ERP port on Tryton (8.0, modules party and account_invoice).

A bill is one `account.invoice` of type `in`, made with its lines and taxes in one request. The idempotency key
stands in its comment, so that a bill whose making was never answered can be found. Taxes are given to the cent: Tryton
keeps an amount that was entered as long as its base is right, so that the total is the one on paper.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from connectors.erp.bill import Attachment, Bill, BillLine, NewBill
from connectors.erp.caller import Caller
from connectors.erp.connection import ErpConnection
from connectors.erp.party import NewParty, Party, compact, same_name
from connectors.erp.port import adapter
from connectors.erp.tryton_session import TrytonSession, TrytonWarning
from engine.errors import ApplicationException, BusinessException, Outcome

CENT = Decimal("0.01")
PRICE_DIGITS = 4
"""Decimals of a unit price in a Tryton as it comes (`[product] price_decimal`)."""
MARK = re.compile(r"\[clerkwork (.*?)\]")
BILL_FIELDS = [
    "number",
    "reference",
    "state",
    "comment",
    "party.rec_name",
    "currency.code",
    "untaxed_amount",
    "tax_amount",
    "total_amount",
]


def mark(key: str) -> str:
    return f"[clerkwork {key}]"


@adapter("tryton")
class Tryton:
    """One step's view of a warm session."""

    def __init__(self, name: str, connection: ErpConnection, context: Caller) -> None:
        self.name = name
        self.connection = connection
        self.context = context
        self.settle_after = connection.settle_after
        address = f"{connection.url}/{connection.database}/{connection.user}/{connection.company or ''}"
        self.session = context.resource(
            f"erp:{name}:{address}", lambda: TrytonSession(name, connection), TrytonSession.close
        )
        self.session.connection = connection  # the password may have been set anew since the session was opened

    def parties(self, name: str | None, tax_id: str | None) -> list[Party]:
        if tax_id and (
            by_number := self._parties(
                ["identifiers.code_compact", "in", [compact(tax_id), _identifier(tax_id)["code"]]]
            )
        ):
            return by_number
        if not name:
            return []
        return [
            party
            for party in self._parties(["name", "ilike", _escaped(" ".join(name.split()))])
            if same_name(party.name, name) and not (tax_id and party.tax_id)
        ]

    def _parties(self, clause: list[Any]) -> list[Party]:
        fields = ["name", "identifiers.code_compact", "contact_mechanisms.name", "contact_mechanisms.value"]
        rows = self._read("party.party", [clause], [*fields, "replaced_by"])
        return [self._party(row) for row in rows if row["replaced_by"] is None]

    def _party(self, row: dict[str, Any]) -> Party:
        codes = [code["code_compact"] for code in row["identifiers."]]
        ibans = [entry["value"] for entry in row["contact_mechanisms."] if entry["name"] == "IBAN"]
        return Party(
            id=str(row["id"]),
            name=row["name"] or "",
            tax_id=codes[0] if codes else None,
            iban=ibans[0] if ibans else None,
            ours=row["id"] == self._books()["party"],
        )

    def create_party(self, party: NewParty) -> Party:
        values: dict[str, Any] = {
            "name": " ".join(party.name.split()),
            "addresses": [["create", [self._address(party)]]],
        }
        if party.tax_id:
            values["identifiers"] = [["create", [_identifier(party.tax_id)]]]
        if party.iban:
            iban = {"type": "other", "name": "IBAN", "value": compact(party.iban)}
            values["contact_mechanisms"] = [["create", [iban]]]
        (made,) = self._call("party.party", "create", [values], effect=True)
        first = self.parties(party.name, party.tax_id)[0]
        if first.id != str(made):
            # Another worker created the same party at the same moment. Both see both now, and both keep the older one.
            self._call("party.party", "delete", [made], effect=True)
        return first

    def _address(self, party: NewParty) -> dict[str, Any]:
        address: dict[str, Any] = {"street": party.address} if party.address else {}
        if party.country:
            countries = self._read("country.country", [["code", "=", party.country.upper()]], ["code"])
            if not countries:
                raise BusinessException(
                    "COUNTRY_UNKNOWN",
                    f"the ERP has no country {party.country!r}",
                    advice="write its two letters, as in DE, or add the country in the ERP",
                )
            address["country"] = countries[0]["id"]
        return address

    def tax_rates(self) -> list[Decimal]:
        return sorted({tax["rate"] * 100 for tax in self._taxes()})

    def currencies(self) -> list[str]:
        return sorted(self._currencies())

    def bills(self, *, parties: Sequence[Party] = (), vendor_number: str = "", key: str = "") -> list[Bill]:
        clauses: list[Any] = [["type", "=", "in"], ["company", "=", self._books()["company"]]]
        if parties:
            clauses.append(["party", "in", [int(party.id) for party in parties]])
        if vendor_number:
            clauses.append(["reference", "ilike", _escaped(vendor_number.strip())])
        if not parties:
            clauses.append(["comment", "like", f"%{_escaped(mark(key) if key else '[clerkwork ')}%"])
        rows = self._read("account.invoice", clauses, BILL_FIELDS)
        return [_bill(row) for row in rows if not key or mark(key) in row["comment"]]

    def bill(self, bill: str) -> Bill:
        (row,) = self._call("account.invoice", "read", [int(bill)], BILL_FIELDS)
        return _bill(row)

    def draft_bill(self, bill: NewBill, party: Party, key: str) -> str:
        books = self._books()
        (owner,) = self._call("party.party", "read", [int(party.id)], ["addresses", "account_payable"])
        addresses = owner["addresses"]
        if not addresses:
            addresses = self._call("party.address", "create", [{"party": int(party.id)}], effect=True)
        values = {
            "type": "in",
            "company": books["company"],
            "party": int(party.id),
            "invoice_address": addresses[0],
            "account": owner["account_payable"] or books["payable"],
            "journal": books["journal"],
            "currency": self._currencies()[bill.currency],
            "reference": bill.number,
            "comment": mark(key),
            "invoice_date": bill.issue_date,
            "payment_term_date": bill.due_date,
            "source_untaxed_amount": bill.net,
            "source_tax_amount": bill.tax,
            "source_total_amount": bill.total,
            "lines": [["create", [self._line(line, bill, party) for line in bill.lines]]],
            "taxes": [["create", self._tax_amounts(bill)]],
        }
        made = self._call("account.invoice", "create", [values], effect=True)
        return str(made[0])

    def _line(self, line: BillLine, bill: NewBill, party: Party) -> dict[str, Any]:
        quantity, price = _exact(line)
        description = line.description
        if (quantity, price) != (line.quantity, line.unit_price) and line.quantity and line.unit_price:
            description = f"{description} ({line.quantity} x {line.unit_price})"
        return {
            "type": "line",
            "invoice_type": "in",
            "company": self._books()["company"],
            "party": int(party.id),
            "currency": self._currencies()[bill.currency],
            "account": self._books()["expense"],
            "description": description,
            "quantity": float(quantity),  # Tryton's own type for quantities; _exact has checked the product
            "unit_price": price,
            "taxes": [["add", [self._tax(line.rate)["id"]]]],
        }

    def _tax_amounts(self, bill: NewBill) -> list[dict[str, Any]]:
        amounts = []
        for entry in bill.taxes:
            tax = self._tax(entry.rate)
            account = tax["invoice_account"] if entry.base >= 0 else tax["credit_note_account"]
            values = {"tax": tax["id"], "account": account, "base": entry.base, "amount": entry.amount}
            amounts.append({**values, "manual": False, "description": tax["name"]})
        return amounts

    def post_bill(self, bill: str) -> None:
        try:
            self._call("account.invoice", "post", [int(bill)], effect=True)
        except TrytonWarning as warning:
            if warning.kind != "invoice_similar":
                raise
            raise BusinessException(
                "DUPLICATE_BILL", warning.message, advice="reject this one if it is a duplicate", details={"bill": bill}
            ) from warning

    def discard_bill(self, bill: str) -> None:
        self._call("account.invoice", "delete", [int(bill)], effect=True)

    def attachments(self, bill: str) -> list[Attachment]:
        rows = self._read("ir.attachment", [["resource", "=", f"account.invoice,{bill}"]], ["name", "data_size"])
        return [Attachment(row["name"], row["data_size"]) for row in rows]

    def attach(self, bill: str, name: str, content: bytes) -> None:
        values = {"name": name, "type": "data", "data": content, "resource": f"account.invoice,{bill}"}
        self._call("ir.attachment", "create", [values], effect=True)

    def _call(self, model: str, method: str, *parameters: Any, effect: bool = False) -> Any:
        return self.session.call(self.context, f"model.{model}.{method}", *parameters, effect=effect)

    def _read(self, model: str, clauses: list[Any], fields: list[str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._call(model, "search_read", clauses, 0, None, [["id", "ASC"]], fields)
        return found

    def _known(self, name: str, read: Any) -> Any:
        """Master data, read once for each log-in."""
        if name not in self.session.known:
            self.session.known[name] = read()
        return self.session.known[name]

    def _books(self) -> dict[str, int]:
        """The company, its party, and the accounts and the journal that a bill goes to."""
        books: dict[str, int] = self._known("books", self._read_books)
        return books

    def _read_books(self) -> dict[str, int]:
        fields = ["default_account_payable", "default_category_account_expense"]
        (accounts,) = self._call("account.configuration", "read", [1], fields)
        journals = self._read("account.journal", [["type", "=", "expense"]], ["name"])
        company = self.session.preferences["company"]
        (own,) = self._call("company.company", "read", [company], ["party"])
        books = {
            "company": company,
            "party": own["party"],
            "payable": accounts["default_account_payable"],
            "expense": accounts["default_category_account_expense"],
            "journal": journals[0]["id"] if journals else None,
        }
        if missing := [name for name, value in books.items() if value is None]:
            raise ApplicationException(
                "ERP_NOT_SET_UP",
                f"connection {self.name}: the ERP has no default for: {', '.join(missing)}",
                advice="set the default accounts and an expense journal in the ERP's accounting configuration",
                outcome=Outcome.NOT_DONE,
            )
        return books

    def _currencies(self) -> dict[str, int]:
        read = lambda: {row["code"]: row["id"] for row in self._read("currency.currency", [], ["code"])}  # noqa: E731
        currencies: dict[str, int] = self._known("currencies", read)
        return currencies

    def _taxes(self) -> list[dict[str, Any]]:
        taxes: list[dict[str, Any]] = self._known("taxes", self._read_taxes)
        return taxes

    def _read_taxes(self) -> list[dict[str, Any]]:
        clauses = [
            ["company", "=", self._books()["company"]],
            ["type", "=", "percentage"],
            ["parent", "=", None],
            ["OR", ["group", "=", None], ["group.kind", "in", ["purchase", "both"]]],
        ]
        return self._read("account.tax", clauses, ["name", "rate", "invoice_account", "credit_note_account"])

    def _tax(self, rate: Decimal) -> dict[str, Any]:
        chosen = {Decimal(key): name for key, name in self.connection.taxes.items()}.get(rate)
        taxes = [tax for tax in self._taxes() if tax["rate"] * 100 == rate and chosen in (None, tax["name"])]
        if len(taxes) != 1:
            names = ", ".join(str(tax["name"]) for tax in taxes) or "none"
            raise BusinessException(
                "TAX_AMBIGUOUS",
                f"connection {self.name}: the ERP has {len(taxes)} purchase taxes for {rate.normalize():f} %: {names}",
                advice=f"name the right one in the connection, as in taxes: {{'{rate.normalize():f}': NAME}}",
            )
        return taxes[0]


def _bill(row: dict[str, Any]) -> Bill:
    found = MARK.search(row["comment"] or "")
    return Bill(
        id=str(row["id"]),
        number=row["number"],
        vendor_number=row["reference"] or "",
        party=row["party."]["rec_name"],
        state=row["state"],
        currency=row["currency."]["code"],
        net=row["untaxed_amount"],
        tax=row["tax_amount"],
        total=row["total_amount"],
        key=found[1] if found else "",
    )


def _exact(line: BillLine) -> tuple[Decimal, Decimal]:
    """Quantity and price whose product, rounded as Tryton does, is the line's amount; else one of the whole amount."""
    quantity, price = line.quantity, line.unit_price
    if quantity is not None and price is not None and -int(price.as_tuple().exponent) <= PRICE_DIGITS:
        product = Decimal(str(float(quantity))) * price
        if product.quantize(CENT, ROUND_HALF_EVEN) == line.net:
            return quantity, price
    return Decimal(1), line.net


def _identifier(tax_id: str) -> dict[str, Any]:
    """A VAT id that holds its checksum is typed as one; any other number is kept as it is."""
    from stdnum.eu import vat

    number = compact(tax_id)
    if not vat.is_valid(number):
        return {"type": None, "code": number}
    return {"type": "eu_vat", "code": vat.compact(number)}


def _escaped(text: str) -> str:
    """Text for a `like` search that matches only itself."""
    return re.sub(r"([\\%_])", r"\\\1", text)
