"""The endpoints to which the bridge may bind.

Without CURVE every process that reaches an endpoint can trade, so the bridge then binds only to ipc and loopback.
"""

from __future__ import annotations

import ipaddress
import os


class EndpointRefused(ValueError):
    """The bridge must not bind to this endpoint; the text says why."""


def check(endpoint: str, *, curve: bool = False) -> str:
    """Returns the endpoint if the bridge may bind to it. Raises EndpointRefused otherwise.

    ipc and TCP on loopback are always allowed. With `curve` every TCP address is allowed.
    """
    scheme, separator, address = endpoint.partition("://")
    if not separator or scheme not in ("tcp", "ipc"):
        raise EndpointRefused(f"{endpoint}: expected tcp://HOST:PORT or ipc://PATH")
    if scheme == "ipc":
        if not address:
            raise EndpointRefused(f"{endpoint}: expected a path after ipc://")
        return endpoint
    host, separator, port = address.rpartition(":")
    if not separator or not (port == "*" or (port.isascii() and port.isdecimal() and int(port) < 65536)):
        raise EndpointRefused(f"{endpoint}: expected a port after the host, as in tcp://127.0.0.1:7501")
    if ":" in host and not (host.startswith("[") and host.endswith("]")):
        raise EndpointRefused(f"{endpoint}: put an IPv6 address into brackets, as in tcp://[::1]:7501")
    if not curve and not is_loopback(host.strip("[]")):
        raise EndpointRefused(
            f"{endpoint}: without a CURVE key the bridge binds only to loopback and ipc endpoints, "
            "because everyone who reaches the endpoint can place orders"
        )
    return endpoint


def ipc_path(endpoint: str) -> str | None:
    """The file of an ipc endpoint; None for another endpoint, and for one in Linux's abstract namespace (`ipc://@`)."""
    path = endpoint.removeprefix("ipc://")
    return None if path == endpoint or path.startswith("@") else path


def admit(endpoint: str, *, group: bool) -> None:
    """Let the owner of a bound ipc endpoint's file connect, and with `group` its group; others never.

    To connect to a Unix socket a process must have the right to write to its file.
    """
    if (path := ipc_path(endpoint)) is not None:
        os.chmod(path, 0o660 if group else 0o600)


def http_address(text: str) -> tuple[str, int]:
    """Returns host and port of HOST:PORT. Port 0 is any free port. Raises EndpointRefused."""
    host, separator, port = text.rpartition(":")
    if not separator or not host or not (port.isascii() and port.isdecimal() and int(port) < 65536):
        raise EndpointRefused(f"'{text}' is not HOST:PORT")
    if ":" in host and not (host.startswith("[") and host.endswith("]")):
        raise EndpointRefused(f"'{text}': put an IPv6 address into brackets, as in [::1]:7502")
    return host.strip("[]"), int(port)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    if host in ("localhost", "lo"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
