"""Tokens and loopback addresses: two checks that clients and servers share."""

from __future__ import annotations

import ipaddress
import re

from progressnb.errors import InputError

__all__ = ["checked_token", "is_loopback"]

_TOKEN = re.compile(r"[!-~]{1,1000}")


def checked_token(token: str | None) -> str | None:
    """Return a token, or None if there is no token.

    Raises `InputError` for a token that an HTTP header can't carry, such as an empty one.
    """
    if token is None or _TOKEN.fullmatch(str(token)):
        return token
    raise InputError(
        "a token of letters, digits and signs, without spaces", "another one", "Use secrets.token_urlsafe()."
    )


def is_loopback(host: str) -> bool:
    """Tell whether a host, given as a name or an address, is this machine."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback
