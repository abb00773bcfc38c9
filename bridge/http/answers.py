"""The answers of the HTTP server: JSON and text, all with the same security headers."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aiohttp import web

#: No answer is a page that loads or runs anything, is shown in a frame, is kept, or is read by another site.
SECURITY: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Server": "tws-bridge",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def encoded(body: object) -> bytes:
    """Return the body as JSON."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=str).encode("utf-8", "replace")


def told(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return an answer in JSON."""
    return web.Response(
        body=encoded(body), status=status, content_type="application/json", charset="utf-8",
        headers={**SECURITY, **(headers or {})},
    )  # fmt: skip


def text(body: bytes, content_type: str) -> web.Response:
    """Return an answer in text. `content_type` has its parameters."""
    return web.Response(body=body, headers={**SECURITY, "Content-Type": content_type})
