"""CURVE key pairs and the files that they lie in. Knows no socket, and prints no secret.

`NAME.secret` is TOML with name, public and secret key, for its owner's eyes only; `NAME.public` is what goes into the
bridge's configuration. Keys are z85 text of 40 characters, as ZeroMQ has them.
"""

from __future__ import annotations

import contextlib
import os
import tomllib
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path

import zmq

from bridge.session.topic_names import CLIENT

_Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
_DIGITS = {character: digit for digit, character in enumerate(_Z85)}


class KeyFileError(Exception):
    """A key file that cannot be used or written, and why."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """One side's keys. `name` as the file tells it: the client's, or whatever the bridge's was called."""

    name: str
    public: str
    secret: str = field(repr=False)


def is_key(text: str) -> bool:
    """Whether this is the text of a key: 40 characters of z85, each five of them 32 bits, and not all bits 0."""
    if len(text) != 40 or not _DIGITS.keys() >= set(text):
        return False
    words = [_word(text[start : start + 5]) for start in range(0, 40, 5)]
    return any(words) and all(word < 2**32 for word in words)


def _word(five: str) -> int:
    return reduce(lambda value, character: value * 85 + _DIGITS[character], five, 0)


def fresh(name: str) -> KeyPair:
    """A new pair, in memory only."""
    public, secret = zmq.curve_keypair()
    return KeyPair(name, public.decode("ascii"), secret.decode("ascii"))


def write_new(folder: Path, name: str) -> tuple[KeyPair, Path, Path]:
    """Make a pair and write `NAME.secret` (mode 0600) and `NAME.public`; nothing is ever overwritten.

    Raises KeyFileError where a file is there already or cannot be written, or the name is none.
    """
    if not CLIENT.fullmatch(name) or name == "external":
        raise KeyFileError(f"{name}: a name has 1 to 64 of A-Z a-z 0-9 _ -, and is not 'external'")
    pair = fresh(name)
    secret, public = folder / f"{name}.secret", folder / f"{name}.public"
    for path in (secret, public):
        if path.exists():
            raise KeyFileError(f"{path}: is there already; keys are never overwritten")
    shown = f'name = "{pair.name}"\npublic = "{pair.public}"\n'
    _write(secret, f'# Secret: who has this file can speak as {name}.\n{shown}secret = "{pair.secret}"\n', 0o600)
    try:
        _write(public, f"# May be known to anyone.\n{shown}", 0o644)
    except KeyFileError:
        with contextlib.suppress(OSError):
            secret.unlink()
        raise
    return pair, secret, public


def _write(path: Path, text: str, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    except FileExistsError:
        raise KeyFileError(f"{path}: is there already; keys are never overwritten") from None
    except OSError as error:
        raise KeyFileError(f"{path}: {os.strerror(error.errno or 0)}") from None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        os.fchmod(descriptor, mode)
        file.write(text)


def load(path: Path) -> KeyPair:
    """The pair in a `.secret` file. Raises KeyFileError with the path and what is wrong there.

    A file that others than its owner may read or write is refused: whoever has its key speaks in its owner's name.
    """
    found = _read(path)
    name, public, secret = (found.get(key) for key in ("name", "public", "secret"))
    if not isinstance(secret, str) or not is_key(secret):
        raise KeyFileError(f"{path}: secret: expected a key of 40 characters, as `tws-bridge keys new` writes it")
    if not isinstance(public, str) or zmq.curve_public(secret.encode("ascii")).decode("ascii") != public:
        raise KeyFileError(f"{path}: public: does not belong to the secret key beside it")
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise KeyFileError(f"{path}: is open to others than its owner: chmod 600 {path}")
    return KeyPair(name if isinstance(name, str) else path.stem, public, secret)


def load_public(text: str) -> str:
    """A public key: the text itself, or the one in the `.public` file of that path. Raises KeyFileError.

    A path may look like a key: letters, digits, dots and slashes are z85, too.
    """
    if is_key(text) and not text.endswith(".public") and not Path(text).exists():
        return text
    public = _read(Path(text)).get("public")
    if not isinstance(public, str) or not is_key(public):
        raise KeyFileError(f"{text}: public: expected a key of 40 characters, as `tws-bridge keys new` writes it")
    return public


def _read(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise KeyFileError(f"{path}: {os.strerror(error.errno or 0)}") from None
    except ValueError:
        raise KeyFileError(f"{path}: is no key file, as `tws-bridge keys new` writes it") from None
