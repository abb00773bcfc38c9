"""CURVE keys: how a program reads the files that `tws-bridge keys` writes. This module knows no socket.

`NAME.secret` is a TOML file with the name, the public key and the secret key; only its owner may read it. `NAME.public`
has the name and the public key. Keys are z85 text of 40 characters, as in ZeroMQ.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path

import zmq

from tws_bridge_client.secret_files import is_private, why_unreadable

_Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
_DIGITS = {character: digit for digit, character in enumerate(_Z85)}


class KeyFileError(Exception):
    """A key file cannot be used or written; the text says why."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """The keys of one side: a client or the bridge. `name` is the name in the file.

    `public` and `secret` are z85 text of 40 characters. `repr` does not show the secret key.
    """

    name: str
    public: str
    secret: str = field(repr=False)


def is_key(text: str) -> bool:
    """Whether the text is a key: 40 characters of z85, of which each 5 are a 32-bit number, and not all zero."""
    if len(text) != 40 or not _DIGITS.keys() >= set(text):
        return False
    words = [_word(text[start : start + 5]) for start in range(0, 40, 5)]
    return any(words) and all(word < 2**32 for word in words)


def _word(five: str) -> int:
    return reduce(lambda value, character: value * 85 + _DIGITS[character], five, 0)


def load(path: Path) -> KeyPair:
    """Read the pair from a `.secret` file.

    Raises KeyFileError, with the path and the mistake, if the file cannot be read, has no valid keys, or is readable or
    writable by others than its owner. A secret as a container mounts it may be readable by others: see `is_private`.
    """
    found = _read(path)
    name, public, secret = (found.get(key) for key in ("name", "public", "secret"))
    if not isinstance(secret, str) or not is_key(secret):
        raise KeyFileError(f"{path}: secret: expected a key of 40 characters, as `tws-bridge keys new` writes it")
    if not isinstance(public, str) or zmq.curve_public(secret.encode("ascii")).decode("ascii") != public:
        raise KeyFileError(f"{path}: public: does not match the secret key")
    status = path.stat()
    if not is_private(path, status):
        raise KeyFileError(f"{path}: others than the owner have access to it: chmod 600 {path}")
    return KeyPair(name if isinstance(name, str) else path.stem, public, secret)


def load_public(text: str) -> str:
    """Returns the public key `text`, or the one in the `.public` file at the path `text`.

    A path can look like a key, because z85 has letters, digits, dots and slashes. So an existing file, and a name that
    ends with `.public`, is a path. Raises KeyFileError if the file has no valid public key.
    """
    if is_key(text) and not text.endswith(".public") and not Path(text).exists():
        return text
    public = _read(Path(text)).get("public")
    if not isinstance(public, str) or not is_key(public):
        raise KeyFileError(f"{text}: public: expected a key of 40 characters, as `tws-bridge keys new` writes it")
    return public


def _read(path: Path) -> dict[str, object]:
    import tomllib  # noqa: PLC0415 - only clients with keys need it

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise KeyFileError(f"{path}: {why_unreadable(path, error)}") from None
    except ValueError:
        raise KeyFileError(f"{path}: is not a key file, as `tws-bridge keys new` writes it") from None
