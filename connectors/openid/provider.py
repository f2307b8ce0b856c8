"""OpenID Connect from the client's side: the way to the provider, and what it says of the person who comes back.

The authorisation code flow with PKCE and a nonce; tokens count only if they are signed by one of the provider's keys
with an asymmetric algorithm (RFC 9700, OpenID Connect Core 3.1.3.7).
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx

from connectors.address import is_safe
from connectors.openid.connection import OpenIdConnection
from engine.errors import ApplicationException, BusinessException

ALGORITHMS = ("RS256", "PS256", "ES256")
"""A shared secret (HS256) or no signature at all is refused whatever the token's header says."""
LEEWAY_SECONDS = 60
LARGEST_ANSWER = 1_000_000
KEPT = timedelta(hours=1)
KEYS_AGAIN = timedelta(minutes=1)
"""A token with an unknown key has the keys fetched again, but no stream of such tokens makes a stream of requests."""


class OpenIdProvider:
    """One provider. Its own description and its keys are fetched when first needed and kept for an hour."""

    def __init__(self, connection: OpenIdConnection) -> None:
        self.connection = connection
        self._lock = threading.Lock()
        self._described: tuple[datetime, Mapping[str, Any]] | None = None
        self._keys: tuple[datetime, Mapping[str, Any]] | None = None

    def way_to(self, redirect: str, state: str, nonce: str, verifier: str, now: datetime) -> str:
        """The address to send a person to; ApplicationException where the provider does not answer."""
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        asked = {
            "response_type": "code",
            "client_id": self.connection.client_id,
            "redirect_uri": redirect,
            "scope": " ".join(self.connection.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }
        address = self._address("authorization_endpoint", now)
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    def claims(self, code: str, redirect: str, nonce: str, verifier: str, now: datetime) -> Mapping[str, Any]:
        """What the provider says of the person with this code.

        BusinessException (SIGN_IN_REFUSED) if the code or the token is not right, ApplicationException
        (PROVIDER_AWAY) if the provider does not answer as it should.
        """
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "code_verifier": verifier,
        }
        told = self._asked("POST", self._address("token_endpoint", now), given)
        token, access = told.get("id_token"), told.get("access_token")
        if not isinstance(token, str):
            raise _away(self.connection.issuer, "its answer has no id_token")
        return self._checked(token, access if isinstance(access, str) else None, nonce, now)

    def comes_from_it(self, issuer: str | None) -> bool:
        """Whether an answer that names its sender (RFC 9207) is from this provider; most name none."""
        return issuer in (None, self.connection.issuer)

    # -- the token ----------------------------------------------------------------------------------------------------

    def _checked(self, token: str, access: str | None, nonce: str, now: datetime) -> Mapping[str, Any]:
        from authlib.oidc.core import CodeIDToken
        from joserfc.errors import JoseError

        client = self.connection.client_id
        wanted: dict[str, Any] = {
            "iss": {"essential": True, "value": self.connection.issuer},
            "aud": {"essential": True, "value": client},
            "exp": {"essential": True},
            "nonce": {"essential": True, "value": nonce},
        }
        try:
            header, told = self._read(token, now)
            claims = CodeIDToken(told, header, wanted, {"nonce": nonce, "client_id": client, "access_token": access})
            claims.validate(now=int(now.timestamp()), leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError) as error:
            raise refused(f"the provider's token does not hold: {_why(error)}") from error
        return dict(claims)

    def _read(self, token: str, now: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
        from joserfc import jwt
        from joserfc.errors import InvalidKeyIdError, JoseError
        from joserfc.jwk import KeySet

        kept = self._keys
        try:
            read = jwt.decode(token, KeySet.import_key_set(self._key_set(now)), algorithms=ALGORITHMS)
        except (JoseError, ValueError) as error:
            unknown = isinstance(error, (InvalidKeyIdError, ValueError)) and not isinstance(error, UnicodeError)
            if not unknown or kept is None or now - kept[0] < KEYS_AGAIN:
                raise
            self._keys = None  # the provider may have new keys
            read = jwt.decode(token, KeySet.import_key_set(self._key_set(now)), algorithms=ALGORITHMS)
        return dict(read.header), dict(read.claims)

    def _key_set(self, now: datetime) -> Any:
        with self._lock:
            if self._keys is None or now - self._keys[0] >= KEPT:
                self._keys = now, self._asked("GET", self._address_of(self._description(now), "jwks_uri"))
            return self._keys[1]

    # -- the provider -------------------------------------------------------------------------------------------------

    def _address(self, what: str, now: datetime) -> str:
        with self._lock:
            return self._address_of(self._description(now), what)

    def _address_of(self, description: Mapping[str, Any], what: str) -> str:
        address = description.get(what)
        if not isinstance(address, str) or not is_safe(address):
            raise _away(self.connection.issuer, f"it names no {what} that begins with https://")
        return address

    def _description(self, now: datetime) -> Mapping[str, Any]:
        if self._described is None or now - self._described[0] >= KEPT:
            issuer = self.connection.issuer
            told = self._asked("GET", issuer.rstrip("/") + "/.well-known/openid-configuration")
            if told.get("issuer") != issuer:
                raise _away(issuer, f"it calls itself {told.get('issuer')!r}; write that as `issuer`")
            self._described = now, told
        return self._described[1]

    def _asked(self, method: str, address: str, form: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        """One request, following no redirect; the client's secret goes only where a code is exchanged."""
        connection = self.connection
        verify: ssl.SSLContext | bool = True
        if connection.authority is not None:
            verify = ssl.create_default_context(cafile=str(connection.authority))
        auth = (
            httpx.BasicAuth(_escaped(connection.client_id), _escaped(connection.client_secret.get_secret_value()))
            if form is not None
            else None
        )
        try:
            with (
                httpx.Client(timeout=connection.timeout, verify=verify, follow_redirects=False) as client,
                client.stream(method, address, data=form, auth=auth) as answer,
            ):
                body = b""
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > LARGEST_ANSWER:
                        raise _away(connection.issuer, f"its answer is larger than {LARGEST_ANSWER} bytes")
                return _told(connection.issuer, answer, body, exchange=form is not None)
        except httpx.HTTPError as error:
            raise _away(connection.issuer, str(error) or type(error).__name__) from error


def refused(why: str) -> BusinessException:
    """Somebody who came back from the provider may not come in for this reason."""
    return BusinessException("SIGN_IN_REFUSED", why, advice="sign in anew; if it stays so, tell an admin")


def _away(issuer: str, why: str) -> ApplicationException:
    return ApplicationException(
        "PROVIDER_AWAY", f"{issuer} does not answer as an OpenID provider: {why}", advice="try again, or tell an admin"
    )


def _told(issuer: str, answer: httpx.Response, body: bytes, *, exchange: bool) -> Mapping[str, Any]:
    import json

    try:
        told = json.loads(body)
    except ValueError:
        told = None
    if exchange and answer.status_code in (400, 401) and isinstance(told, Mapping):
        if told.get("error") == "invalid_grant":
            raise refused("the provider does not know this sign-in any more")
        raise _away(issuer, f"it refuses this console: {told.get('error')}; see client_id and client_secret")
    if answer.status_code != 200 or not isinstance(told, Mapping):
        raise _away(issuer, f"it answers {answer.status_code}")
    return told


def _escaped(text: str) -> str:
    """As RFC 6749, 2.3.1 has it for a client's name and secret."""
    from urllib.parse import quote_plus

    return quote_plus(text)


def _why(error: Exception) -> str:
    return str(getattr(error, "description", "") or error or type(error).__name__)
