"""The token of the HTTP server, and its file."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tws_bridge_client.secret_files import is_private, why_unreadable

#: What RFC 6750 allows in a bearer token.
_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]{31,255}[A-Za-z0-9\-._~+/=]")


class TokenFileError(Exception):
    """The token file cannot be used; the text says why. It never has the token."""


def load_token(path: Path) -> str:
    """Read the token from its file. Only its owner may have access to it, as for key files. Raises TokenFileError."""
    try:
        with path.open(encoding="ascii") as file:
            status, text = os.fstat(file.fileno()), file.read(4096).strip()
    except OSError as error:
        raise TokenFileError(f"{path}: {why_unreadable(path, error)}") from None
    except ValueError:
        text = ""
    if not _TOKEN.fullmatch(text):
        raise TokenFileError(f"{path}: expected one line of 32 to 256 letters, digits and -._~+/=")
    if not is_private(path, status):
        raise TokenFileError(f"{path}: others than the owner have access to it: chmod 600 {path}")
    return text
