"""The gate: which HTTP requests the server takes. It is pure: it knows methods and headers, and no socket.

Without a token only this machine reaches the server. But a web page of somebody else, open in a browser on this
machine, may try to reach it, too:

* by DNS rebinding: the page's own name suddenly resolves to 127.0.0.1. Then `Host` has that name, and is refused.
* by requests across sites: the browser says so in `Origin` or `Sec-Fetch-Site`. The server sends no CORS headers, so
  that no page of another site reads an answer. A request that changes something also needs a header that no page can
  send across sites without CORS.

A link on a page of another site, such as a Grafana dashboard, may open the console in a tab of its own: the other page
sees nothing of it.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import NamedTuple

from bridge.bus.endpoints import is_loopback

#: A request that changes something must have this header, with any value.
CUSTOM_HEADER = "X-TWS-Bridge"
_READING = frozenset({"GET", "HEAD"})


class Refusal(NamedTuple):
    """The answer to a request that the server does not take."""

    status: int
    message: str


class Gate:
    """See the module. `token`: what clients must send; None: the server is on loopback only."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def judge(self, method: str, headers: Mapping[str, str], *, is_public: bool) -> Refusal | None:
        """Return why the server refuses the request; None if it takes it. `is_public`: the path needs no token."""
        host = headers.get("Host")
        if host is None:
            return Refusal(400, "the header Host is missing")
        if self._token is None and not is_loopback(_host_of(host).lower()):
            return Refusal(421, "the header Host must name a loopback address or localhost")
        is_link = is_public and method == "GET" and _opens_a_tab(headers)
        if not is_link and not _is_same_site(headers, host):
            return Refusal(403, "requests from pages of other sites are refused")
        if not is_public and not self.is_known(headers):
            return Refusal(401, "expected the header Authorization: Bearer TOKEN")
        if method not in _READING and CUSTOM_HEADER not in headers:
            return Refusal(403, f"{method} needs the header {CUSTOM_HEADER}")
        return None

    def is_known(self, headers: Mapping[str, str]) -> bool:
        """Whether the request has the token, or needs none."""
        return self._token is None or is_valid(headers.get("Authorization"), self._token)


def _is_same_site(headers: Mapping[str, str], host: str) -> bool:
    """Whether the request is not from a page of another site, as far as its browser says."""
    if headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        return False
    origin = headers.get("Origin")
    return origin is None or origin.lower() in (f"http://{host}".lower(), f"https://{host}".lower())


def _opens_a_tab(headers: Mapping[str, str]) -> bool:
    """Whether a browser opens the page as a whole, and not within another page."""
    return headers.get("Sec-Fetch-Mode") == "navigate" and headers.get("Sec-Fetch-Dest") == "document"


def _host_of(header: str) -> str:
    """The host of a header `Host`, without port and brackets; empty if it is not one."""
    host, separator, port = header.rpartition(":")
    if not separator or header.endswith("]"):
        host, port = header, ""
    if port and not (port.isascii() and port.isdecimal()):
        return ""
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def is_valid(authorization: str | None, token: str) -> bool:
    """Whether the header `Authorization` has the token. The time that this takes tells nothing about the token."""
    scheme, _, given = (authorization or "").partition(" ")
    return hmac.compare_digest(given.strip().encode("utf-8", "replace"), token.encode()) and scheme.lower() == "bearer"
