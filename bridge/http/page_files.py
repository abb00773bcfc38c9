"""The files of the console's page. They are public: they hold no data of the bridge."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from aiohttp import web

from bridge.http.answers import SECURITY

_FOLDER = Path(__file__).with_name("page")
#: The page runs its own script, uses its own style sheet and asks its own server. All else is forbidden.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
)


class PageFile(NamedTuple):
    """One file, read at the start of the server."""

    body: bytes
    content_type: str

    def answer(self) -> web.Response:
        """Return the file as an answer."""
        headers = {**SECURITY, "Content-Security-Policy": POLICY, "Content-Type": self.content_type}
        return web.Response(body=self.body, headers=headers)


_TYPES: Mapping[str, tuple[str, str]] = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/console.js": ("console.js", "text/javascript; charset=utf-8"),
    "/console.css": ("console.css", "text/css; charset=utf-8"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}
PAGE_PATHS = frozenset(_TYPES)


def page_files() -> dict[str, PageFile]:
    """Read the files. Returns them by their path at the server."""
    return {path: PageFile((_FOLDER / name).read_bytes(), kind) for path, (name, kind) in _TYPES.items()}
