"""One-time codes, against the table of RFC 6238."""

from __future__ import annotations

import base64

import pytest

from bots.browser.one_time_code import code_maker
from engine.errors import ConfigurationError

SEEDS = {"SHA1": b"12345678901234567890", "SHA256": b"12345678901234567890123456789012", "SHA512": b"1234567890" * 6 + b"1234"}  # fmt: skip
TABLE = [
    (59, "SHA1", "94287082"),
    (59, "SHA256", "46119246"),
    (59, "SHA512", "90693936"),
    (1111111109, "SHA1", "07081804"),
    (1111111111, "SHA256", "67062674"),
    (1234567890, "SHA512", "93441116"),
    (2000000000, "SHA1", "69279037"),
    (20000000000, "SHA1", "65353130"),
    (20000000000, "SHA256", "77737706"),
    (20000000000, "SHA512", "47863826"),
]


@pytest.mark.parametrize(("moment", "digest", "code"), TABLE)
def test_the_codes_of_the_rfc(moment: int, digest: str, code: str) -> None:
    seed = base64.b32encode(SEEDS[digest]).decode().rstrip("=")
    maker = code_maker(f"otpauth://totp/ACME:eve?secret={seed}&algorithm={digest}&digits=8&issuer=ACME", "portal-otp")
    assert maker.code(maker.window(moment)) == code


def test_the_letters_alone_as_people_write_them() -> None:
    maker = code_maker("gezd gnbv-GY3T QOJQ GEZD GNBV GY3T QOJQ", "portal-otp")
    assert maker.code(maker.window(59)) == "287082"
    assert maker.window(59) == 1
    assert maker.window(60) == 2


@pytest.mark.parametrize(
    "secret", ["", "not base32!", "12345", "otpauth://hotp/x?secret=GEZDGNBV", "otpauth://totp/x?secret=GEZDGNBV&digits=0",
               "otpauth://totp/x?secret=GEZDGNBV&algorithm=MD5", "otpauth://totp/x?secret=GEZDGNBV&period=0"],
)  # fmt: skip
def test_what_makes_no_codes_is_told_without_the_secret(secret: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        code_maker(secret, "the secret portal-otp")
    assert str(caught.value) == (
        "the secret portal-otp makes no one-time codes: it is neither letters in base32 nor an otpauth://totp/ address; "
        "set it to what the system shows as the key when the second factor is set up"
    )
