"""The token of the HTTP server, and its file. This module needs no library, because the settings read it."""

from __future__ import annotations

import hmac
import os
import re
from pathlib import Path

#: What RFC 6750 allows in a bearer token.
_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]{31,255}[A-Za-z0-9\-._~+/=]")


class TokenFileError(Exception):
    """The token file cannot be used; the text says why. It never has the token."""


def load_token(path: Path) -> str:
    """Read the token from its file. Raises TokenFileError."""
    try:
        with path.open(encoding="ascii") as file:
            mode, text = os.fstat(file.fileno()).st_mode, file.read(4096).strip()
    except OSError as error:
        raise TokenFileError(f"{path}: {os.strerror(error.errno or 0)}") from None
    except ValueError:
        text, mode = "", 0
    if not _TOKEN.fullmatch(text):
        raise TokenFileError(f"{path}: expected one line of 32 to 256 letters, digits and -._~+/=")
    if mode & 0o077:
        raise TokenFileError(f"{path}: others than the owner have access to it: chmod 600 {path}")
    return text


def is_valid(authorization: str | None, token: str) -> bool:
    """Whether the header `Authorization` has the token. The time that this takes tells nothing about the token."""
    scheme, _, given = (authorization or "").partition(" ")
    return hmac.compare_digest(given.strip().encode("utf-8", "replace"), token.encode()) and scheme.lower() == "bearer"
