"""Actions on parties: find one, create one."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from connectors.erp.party import NewParty, Party
from connectors.erp.port import Erp, connect
from engine.action import Done, Effect, NotDone, Preview, Settlement, action
from engine.context import Context
from engine.errors import BusinessException

TAKEN_BACK_SECONDS = 1.0


class FindParty(BaseModel):
    model_config = ConfigDict(extra="forbid")

    connection: str = Field(description="The connection to the ERP.")
    name: str | None = Field(None, description="The party's name, in full; case and spaces do not matter.")
    tax_id: str | None = Field(None, description="Its VAT id or tax number; decides where both are given.")


class FoundParty(BaseModel):
    found: bool
    id: str | None = None
    name: str | None = None
    tax_id: str | None = None
    iban: str | None = None


class CreateParty(BaseModel):
    model_config = ConfigDict(extra="forbid")

    connection: str = Field(description="The connection to the ERP.")
    name: str = Field(min_length=1, description="The party's name, in full.")
    tax_id: str | None = Field(None, description="Its VAT id or tax number.")
    iban: str | None = Field(None, description="Its bank account.")
    country: str | None = Field(None, description="Its country, two letters, as in DE.")
    address: str | None = Field(None, description="Street, postal code and town, as on an envelope.")


class CreatedParty(BaseModel):
    id: str
    name: str
    tax_id: str | None = None
    created: bool


@action("erp.find_party")
def find_party(input: FindParty, context: Context) -> FoundParty:
    """Look a supplier or customer up in the ERP, by tax id or name."""
    party = the_party(context, connect(context, input.connection), input.name, input.tax_id)
    if party is None:
        return FoundParty(found=False)
    return FoundParty(found=True, id=party.id, name=party.name, tax_id=party.tax_id, iban=party.iban)


def the_party(context: Context, erp: Erp, name: str | None, tax_id: str | None) -> Party | None:
    """The one that is meant; BusinessException PARTY_AMBIGUOUS if several could be."""
    if not name and not tax_id:
        raise BusinessException("PARTY_UNNAMED", "a party is looked for by name or tax id, and neither is given")
    found = erp.parties(name, tax_id)
    if len(found) > 1:
        # Two workers that create one party at once both see two for a moment, until the younger is taken back.
        context.sleep(TAKEN_BACK_SECONDS)
        found = erp.parties(name, tax_id)
    if len(found) > 1:
        listed = ", ".join(f"{party.name} (id {party.id})" for party in found[:5])
        raise BusinessException(
            "PARTY_AMBIGUOUS",
            f"the ERP has {len(found)} parties that could be {tax_id or name}: {listed}",
            advice="merge them in the ERP, or give the one that is meant its tax id",
        )
    return found[0] if found else None


def settle_party(input: CreateParty, context: Context) -> Settlement:
    party = the_party(context, connect(context, input.connection), input.name, input.tax_id)
    if party is None:
        return NotDone()
    return Done(CreatedParty(id=party.id, name=party.name, tax_id=party.tax_id, created=False))


def preview_party(input: CreateParty, context: Context) -> Preview:
    if the_party(context, connect(context, input.connection), input.name, input.tax_id) is not None:
        return Preview(f"party {input.name}", {})
    wanted = input.model_dump(exclude={"connection"}, exclude_none=True)
    return Preview(f"new party {input.name}", {name: (None, value) for name, value in wanted.items()})


@action("erp.create_party", effect=Effect.SEARCHABLE, verify=settle_party, preview=preview_party)
def create_party(input: CreateParty, context: Context) -> CreatedParty:
    """Create a supplier or customer in the ERP; one that is there already (same tax id, else same name) is kept."""
    erp = connect(context, input.connection)
    there = the_party(context, erp, input.name, input.tax_id)
    wanted = NewParty(input.name, input.tax_id, input.iban, input.country, input.address)
    party = there or erp.create_party(wanted)
    return CreatedParty(id=party.id, name=party.name, tax_id=party.tax_id, created=there is None)
