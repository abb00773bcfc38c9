"""The digest by which the bridge recognises equal content. The ledger stores digests: never change this function."""

from __future__ import annotations

import hashlib
import json


def digest(content: object) -> str:
    """Return the SHA-256, in hex, of the content as JSON with sorted keys. Other types count as `repr`."""
    text = json.dumps(content, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
