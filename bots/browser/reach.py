"""Where a browser may go: what an address in somebody's data names must not reach this machine or its cloud's keys."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

NEVER = tuple(
    ipaddress.ip_network(text)
    for text in ("169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128", "100.100.100.200/32", "192.0.0.192/32")
)
"""Link-local addresses and those where clouds give out the keys of a machine."""
_WHOLE = re.compile(r"\s*([a-z][a-z0-9+.-]*://|(about|data|javascript|view-source|blob|file):)", re.IGNORECASE)


def is_whole(address: str) -> bool:
    """Whether it says by itself where it leads, and is no path of a system."""
    return _WHOLE.match(address) is not None


def is_web(address: str) -> bool:
    """Whether it is a page of the web (or none): not a file, nor what a browser says of itself."""
    return address == "about:blank" or urlsplit(address).scheme in ("http", "https")


def is_out_of_reach(ip: str, host: str, base_url: str) -> bool:
    """Whether the page that came from `ip` under the name `host` is one that no step may see.

    `ip` is where the browser really went, after redirections and whatever a name was resolved to. The host of the
    connection's `base_url` is the author's own word.
    """
    base = urlsplit(base_url).hostname
    if base is not None and host == base:
        return False
    found = ipaddress.ip_address(ip.strip("[]").partition("%")[0])
    found = getattr(found, "ipv4_mapped", None) or found
    if found.is_unspecified or any(found in network for network in NEVER if network.version == found.version):
        return True
    return found.is_loopback and base is not None and not _is_here(base)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
