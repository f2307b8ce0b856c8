"""Passkeys: a key that a device keeps and uses for this address only (WebAuthn)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.errors import UsageError
from engine.store import tables
from engine.store.database import Row, Transaction, change, find, insert_once, rows

MOST = 20


@dataclass(frozen=True, slots=True)
class Site:
    """The console as a browser names it: `origin` with scheme and port, `host` without."""

    origin: str
    host: str


def keys_of(transaction: Transaction, user: str) -> list[Row]:
    """A user's passkeys, the oldest first."""
    table = tables.passkeys
    return rows(transaction, table.select().where(table.c.user == user).order_by(table.c.created))


def creation_options(site: Site, user: str, known: Sequence[Row], challenge: bytes) -> str:
    """What the browser needs to make a passkey, as JSON."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    options = generate_registration_options(
        rp_id=site.host,
        rp_name="Clerkwork",
        user_name=user,
        user_id=user.encode()[:64],
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=_bytes(row["id"])) for row in known],
    )
    return options_to_json(options)


def request_options(site: Site, known: Sequence[Row], challenge: bytes) -> str:
    """What the browser needs to use a passkey, as JSON; `known` is empty where the passkey says who it is."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=site.host,
        challenge=challenge,
        allow_credentials=[PublicKeyCredentialDescriptor(id=_bytes(row["id"])) for row in known],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def add_key(
    transaction: Transaction, site: Site, user: str, name: str, challenge: bytes, answer: str, now: datetime
) -> None:
    """Keep a new passkey; UsageError where the browser's answer is not right."""
    from webauthn import verify_registration_response
    from webauthn.helpers.exceptions import WebAuthnException

    if len(keys_of(transaction, user)) >= MOST:
        raise UsageError(f"you have {MOST} passkeys already", advice="take one away first")
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise UsageError("this passkey was not taken", advice=f"try again; the browser's answer: {error}") from error
    row = {"id": _text(made.credential_id), "user": user, "name": name.strip()[:100] or "passkey", "created": now}
    row |= {"key": _text(made.credential_public_key), "uses": made.sign_count}
    if not insert_once(transaction, tables.passkeys, row):
        raise UsageError("this passkey is kept already", advice="use it to sign in")


def user_of(transaction: Transaction, site: Site, challenge: bytes, answer: str, now: datetime) -> str | None:
    """Whose passkey has signed this challenge; None if none has, or if a copy of it was used."""
    import json

    from webauthn import verify_authentication_response
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        credential = json.loads(answer)
        row = find(transaction, tables.passkeys, lock=True, id=str(credential["id"]).rstrip("="))
        if row is None:
            return None
        proved = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=_bytes(row["key"]),
            credential_current_sign_count=row["uses"],
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return None
    change(transaction, tables.passkeys, {"id": row["id"]}, uses=proved.new_sign_count, used=now)
    return str(row["user"])


def remove_key(transaction: Transaction, user: str, key: str) -> None:
    table = tables.passkeys
    if transaction.execute(table.delete().where(table.c.id == key, table.c.user == user)).rowcount != 1:
        raise UsageError("there is no such passkey", advice="reload the page")


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
