"""One-time codes from a secret (TOTP, RFC 6238), as an authenticator app shows them."""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from engine.errors import ConfigurationError

_DIGESTS = ("sha1", "sha256", "sha512")


@dataclass(frozen=True, slots=True)
class CodeMaker:
    """Makes the codes of one account. `period` is how many seconds a code is good for."""

    key: bytes
    digits: int = 6
    period: int = 30
    digest: str = "sha1"

    def window(self, now: float) -> int:
        """The number of the period that this moment (seconds since 1970) lies in."""
        return int(now // self.period)

    def code(self, window: int) -> str:
        """The code of that period."""
        told = hmac.digest(self.key, window.to_bytes(8, "big"), self.digest)
        start = told[-1] & 15
        number = int.from_bytes(told[start : start + 4], "big") & 0x7FFFFFFF
        return str(number % 10**self.digits).zfill(self.digits)


def code_maker(secret: str, name: str) -> CodeMaker:
    """From what a system shows when the second factor is set up: letters in base32, or an otpauth:// address.

    ConfigurationError, with `name` and not the secret, if it is neither.
    """
    if not secret.startswith("otpauth://"):
        return CodeMaker(_key(secret, name))
    given = {key: values[0] for key, values in parse_qs(urlsplit(secret).query).items()}
    digest = given.get("algorithm", "SHA1").lower().replace("-", "")
    digits, period = given.get("digits", "6"), given.get("period", "30")
    is_totp = urlsplit(secret).netloc == "totp" and digits in ("6", "7", "8")
    if not is_totp or digest not in _DIGESTS or not (period.isdigit() and int(period) > 0):
        raise _unusable(name)
    return CodeMaker(_key(given.get("secret", ""), name), int(digits), int(period), digest)


def _key(letters: str, name: str) -> bytes:
    bare = letters.replace(" ", "").replace("-", "").rstrip("=").upper()
    try:
        key = base64.b32decode(bare + "=" * (-len(bare) % 8))
    except binascii.Error:
        raise _unusable(name) from None
    if not key:
        raise _unusable(name)
    return key


def _unusable(name: str) -> ConfigurationError:
    return ConfigurationError(
        f"{name} makes no one-time codes: it is neither letters in base32 nor an otpauth://totp/ address",
        advice="set it to what the system shows as the key when the second factor is set up",
    )
