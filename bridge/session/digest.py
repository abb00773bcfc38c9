"""The digest by which the bridge recognises the same content. The ledger stores digests: never change this function."""

from __future__ import annotations

import hashlib
import json


def digest(content: object) -> str:
    """SHA-256, in hex, of the content as JSON with sorted keys; of what JSON does not have, its `repr`."""
    text = json.dumps(content, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
