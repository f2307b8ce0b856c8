"""Addresses that may be spoken to: what goes there cannot be read on the way."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def is_here(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_safe(address: str) -> bool:
    """Whether an address is https, or a server on this machine."""
    parts = urlsplit(address)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and is_here(parts.hostname or "")
