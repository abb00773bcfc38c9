"""Where the bus may listen. Without CURVE anyone who reaches an endpoint may trade, so only this machine may."""

from __future__ import annotations

import ipaddress


class EndpointRefused(ValueError):
    """An endpoint that may not be bound, and why."""


def check(endpoint: str, *, curve: bool = False) -> str:
    """The endpoint, if it is ipc, or TCP on loopback (anywhere where keys guard it); else raise EndpointRefused."""
    scheme, separator, address = endpoint.partition("://")
    if not separator or scheme not in ("tcp", "ipc"):
        raise EndpointRefused(f"{endpoint}: expected tcp://HOST:PORT or ipc://PATH")
    if scheme == "ipc":
        if not address:
            raise EndpointRefused(f"{endpoint}: a path is missing")
        return endpoint
    host, separator, port = address.rpartition(":")
    if not separator or not (port == "*" or (port.isascii() and port.isdecimal() and int(port) < 65536)):
        raise EndpointRefused(f"{endpoint}: expected a port after the host, as in tcp://127.0.0.1:7501")
    if ":" in host and not (host.startswith("[") and host.endswith("]")):
        raise EndpointRefused(f"{endpoint}: an IPv6 address stands in brackets, as in tcp://[::1]:7501")
    if not curve and not _is_loopback(host.strip("[]")):
        raise EndpointRefused(
            f"{endpoint}: without encryption and keys (CURVE) only loopback and ipc endpoints may be bound, "
            "for whoever reaches the endpoint could place orders"
        )
    return endpoint


def _is_loopback(host: str) -> bool:
    if host in ("localhost", "lo"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
