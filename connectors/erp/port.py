"""The ERP port: one vocabulary, an adapter for each system, chosen by the connection's `system`."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Protocol

from connectors.erp.bill import Attachment, Bill, NewBill
from connectors.erp.caller import Caller
from connectors.erp.connection import ErpConnection
from connectors.erp.party import NewParty, Party
from engine.context import Context
from engine.errors import ConfigurationError


class Erp(Protocol):
    """What an adapter must do. Each call keeps the step's deadline.

    Raises BusinessException ERP_REFUSED where the ERP refuses the data, ApplicationException ERP_UNREACHABLE,
    ERP_LOGIN_REFUSED, ERP_NO_ANSWER, ERP_BUSY or ERP_ERROR where the system is at fault.
    """

    settle_after: float
    """Seconds after which a request that was never answered is certainly over."""

    def parties(self, name: str | None, tax_id: str | None) -> list[Party]:
        """Those with this tax id, else those with this name and no other tax id; oldest first."""

    def create_party(self, party: NewParty) -> Party:
        """A new one; if another worker created the same at the same moment, that one."""

    def tax_rates(self) -> list[Decimal]:
        """The rates of the purchase taxes, per cent."""

    def currencies(self) -> list[str]:
        """The ISO 4217 codes bills can be booked in."""

    def bills(self, *, parties: Sequence[Party] = (), vendor_number: str = "", key: str = "") -> list[Bill]:
        """Bills of these parties with this number of the vendor's, or made with this key, or all that we made."""

    def bill(self, bill: str) -> Bill:
        """The bill with this id."""

    def draft_bill(self, bill: NewBill, party: Party, key: str) -> str:
        """Create it, not posted, and give its id. The request that creates it is the last, and writes the key too."""

    def post_bill(self, bill: str) -> None:
        """Book it for good; it gets its number. BusinessException DUPLICATE_BILL if the ERP knows a similar one."""

    def discard_bill(self, bill: str) -> None:
        """Remove a draft that cannot be posted."""

    def attachments(self, bill: str) -> list[Attachment]: ...

    def attach(self, bill: str, name: str, content: bytes) -> None: ...


Adapter = Callable[[str, ErpConnection, Caller], Erp]
"""Makes the port from the connection's name, its settings, and who calls."""

ADAPTERS: dict[str, Adapter] = {}
BUILT_IN = {"tryton": "connectors.erp.tryton"}


def adapter(system: str) -> Callable[[Adapter], Adapter]:
    """Register an adapter under the name that connections use as `system`."""

    def register(make: Adapter) -> Adapter:
        ADAPTERS[system] = make
        return make

    return register


def connect(context: Context, name: str) -> Erp:
    """The ERP behind a connection; ConfigurationError if its system is unknown."""
    return open_erp(name, context.connection(name, ErpConnection), context)


def open_erp(name: str, connection: ErpConnection, caller: Caller) -> Erp:
    """The same for settings that are at hand; `name` is what messages call the connection."""
    if connection.system not in ADAPTERS and connection.system in BUILT_IN:
        importlib.import_module(BUILT_IN[connection.system])
    if connection.system not in ADAPTERS:
        known = ", ".join(sorted({*ADAPTERS, *BUILT_IN}))
        raise ConfigurationError(
            f"connection {name}: system is {connection.system!r}, which is no ERP known here",
            advice=f"write one of: {known}",
        )
    return ADAPTERS[connection.system](name, connection, caller)
