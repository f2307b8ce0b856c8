"""A connection as the browser wants it: proxy, certificates, basic authentication, language, and the session kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bots.browser.connection import BrowserConnection, ClientCertificate
from engine.context import Context
from engine.errors import ConfigurationError

if TYPE_CHECKING:
    from playwright.sync_api import StorageState


def context_options(connection: BrowserConnection, storage: StorageState | None, context: Context) -> dict[str, Any]:
    """What Playwright's `new_context` is given. ConfigurationError for a certificate that cannot be read."""
    options: dict[str, Any] = {
        "viewport": connection.viewport.model_dump(),
        "ignore_https_errors": connection.self_signed,
        "accept_downloads": True,
        "service_workers": "block",  # they would hide requests from the log and from a dry run
    }
    if connection.headers:
        options["extra_http_headers"] = connection.headers
    if connection.proxy is not None:
        options["proxy"] = {"server": connection.proxy}
    if connection.locale is not None:
        options["locale"] = connection.locale
    if connection.timezone is not None:
        options["timezone_id"] = connection.timezone
    if connection.basic_auth and connection.password is not None:
        options["http_credentials"] = {
            "username": connection.username or "",
            "password": connection.password.get_secret_value(),
            "origin": _origin(connection.base_url),
        }
    if connection.client_certificate is not None:
        options["client_certificates"] = [_certificate(connection.client_certificate, connection.base_url, context)]
    if storage is not None:
        options["storage_state"] = storage
    return options


def _certificate(given: ClientCertificate, base_url: str, context: Context) -> dict[str, Any]:
    told: dict[str, Any] = {"origin": _origin(base_url)}
    if given.pfx is not None:
        told["pfx"] = _file(given.pfx, context)
    if given.cert is not None and given.key is not None:
        told |= {"cert": _pem(given.cert, context), "key": _pem(given.key.get_secret_value(), context)}
    if given.passphrase is not None:
        told["passphrase"] = given.passphrase.get_secret_value()
    return told


def _pem(given: str, context: Context) -> bytes:
    """The text itself (a secret holds it), or the file that it names."""
    return given.encode() if given.lstrip().startswith("-----BEGIN") else _file(given, context)


def _file(name: str, context: Context) -> bytes:
    path = context.path(name)
    if not path.is_file():
        raise ConfigurationError(
            f"the client certificate's file {name} is not there",
            advice="correct the path, or put the PEM text into a secret and name that",
        )
    return path.read_bytes()


def _origin(url: str) -> str:
    place = urlsplit(url)
    return f"{place.scheme}://{place.netloc}"
