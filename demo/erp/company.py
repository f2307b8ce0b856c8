"""The company in the demo's ERP: what an accountant sets up once before the first bill can be booked.

Runs inside the process that builds the database (see `demo.erp.build`), with `proteus` on the very modules that
the server will use. The modules' own set-up tools are used where there are some.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from proteus import Model, Wizard
from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, create_tax, get_accounts
from trytond.modules.account_invoice.tests.tools import set_fiscalyear_invoice_sequences
from trytond.modules.company.tests.tools import create_company, get_company

COMPANY = "Nordwind Handels GmbH"
MODULES = (
    "party",
    "company",
    "currency",
    "country",
    "account",
    "account_invoice",
    "account_product",
    "product",
    "purchase",
    "stock",
)
YEARS = (2025, 2026, 2027)
RATES = {"EUR": "1", "USD": "1.10", "GBP": "0.85", "CHF": "0.95"}
"""Units of the currency for one euro, held constant: the demo's totals must not depend on the day."""
CURRENCIES = {
    "EUR": ("Euro", "€"),
    "USD": ("US dollar", "$"),
    "GBP": ("Pound sterling", "£"),
    "CHF": ("Swiss franc", "CHF"),
}
COUNTRIES = {
    "AT": "Austria",
    "BE": "Belgium",
    "CH": "Switzerland",
    "DE": "Germany",
    "DK": "Denmark",
    "ES": "Spain",
    "FR": "France",
    "GB": "United Kingdom",
    "IE": "Ireland",
    "IT": "Italy",
    "LU": "Luxembourg",
    "NL": "Netherlands",
    "PL": "Poland",
    "US": "United States",
}
TAX_RATES = (Decimal("0.19"), Decimal("0.07"), Decimal("0.20"), Decimal("0"))
API_USER = "clerkwork"
API_GROUPS = ("Accounting", "Accounting Party", "Party Administration", "Purchase", "Stock")


def set_up(config: Any) -> None:
    """Modules, company, chart of accounts, fiscal years, taxes, and the user that Clerkwork logs in with."""
    activate_modules(config)
    create_currencies()
    create_countries()
    company = found_company(config)
    create_chart(company=company, config=config)
    name_exchange_accounts(company)
    for year in YEARS:
        open_year(company, year)
    for rate in TAX_RATES:
        create_supplier_tax(company, rate)
    create_api_user(company)


def activate_modules(config: Any) -> None:
    module = Model.get("ir.module", config=config)
    module.click(module.find([("name", "in", list(MODULES))]), "activate")
    Wizard("ir.module.activate_upgrade", config=config).execute("upgrade")


def create_currencies() -> None:
    currency, rate = Model.get("currency.currency"), Model.get("currency.currency.rate")
    for code, (name, symbol) in CURRENCIES.items():
        record = currency(name=name, symbol=symbol, code=code, rounding=Decimal("0.01"), digits=2)
        record.save()
        rate(date=date(2000, 1, 1), rate=Decimal(RATES[code]), currency=record).save()


def create_countries() -> None:
    country = Model.get("country.country")
    for code, name in COUNTRIES.items():
        country(code=code, name=name).save()


def found_company(config: Any) -> Any:
    party = Model.get("party.party")(name=COMPANY)
    address = party.addresses[0]
    address.street, address.postal_code, address.city = "Speicherstraße 12", "20457", "Hamburg"
    address.country = Model.get("country.country").find([("code", "=", "DE")])[0]
    identifier = party.identifiers.new()
    identifier.type, identifier.code = "eu_vat", "DE136695976"
    party.save()
    create_company(party=party, currency="EUR", config=config)
    company = get_company(config=config)
    company.timezone = "Europe/Berlin"
    company.save()
    return company


def name_exchange_accounts(company: Any) -> None:
    """Where the cent goes that rounding leaves when a bill in another currency is booked in euros."""
    accounts = get_accounts(company)
    configuration = Model.get("account.configuration")(1)
    configuration.currency_exchange_credit_account = accounts["revenue"]
    configuration.currency_exchange_debit_account = accounts["expense"]
    configuration.save()


def open_year(company: Any, year: int) -> None:
    span = (date(year, 1, 1), date(year, 12, 31))
    fiscal_year = set_fiscalyear_invoice_sequences(create_fiscalyear(company, today=span))
    for sequences in fiscal_year.invoice_sequences:
        sequence = sequences.in_invoice_sequence
        sequence.prefix, sequence.padding = f"{year}-", 5
        sequence.save()
    fiscal_year.save()
    fiscal_year.click("create_period")


def create_supplier_tax(company: Any, rate: Decimal) -> None:
    percent = f"{(rate * 100).normalize():f} %"
    tax = create_tax(rate, company=company)
    tax.name = tax.description = f"Input tax {percent}"
    group = Model.get("account.tax.group")
    kind = group.find([("code", "=", "PURCHASE")]) or [group(name="Purchase", code="PURCHASE", kind="purchase")]
    kind[0].save()
    tax.group = kind[0]
    tax.save()


def create_api_user(company: Any) -> None:
    """A user with the rights of a bookkeeper and no more; its password is set with each copy of the database."""
    user = Model.get("res.user")(name="Clerkwork", login=API_USER)
    user.companies.append(company)
    user.company = company
    for group in Model.get("res.group").find([("name", "in", list(API_GROUPS))]):
        user.groups.append(group)
    user.save()
