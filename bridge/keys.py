"""New CURVE key pairs, and their files. This module knows no socket and prints no secret.

The client package has the format of the files and how to read them; the names here are the same objects.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import zmq

from bridge.session.topic_names import CLIENT
from tws_bridge_client.keys import KeyFileError, KeyPair, is_key, load, load_public

__all__ = ["KeyFileError", "KeyPair", "fresh", "is_key", "load", "load_public", "write_new"]


def fresh(name: str) -> KeyPair:
    """Make a new pair, in memory only."""
    public, secret = zmq.curve_keypair()
    return KeyPair(name, public.decode("ascii"), secret.decode("ascii"))


def write_new(folder: Path, name: str) -> tuple[KeyPair, Path, Path]:
    """Make a pair and write `NAME.secret` (mode 0600) and `NAME.public` into `folder`. It never overwrites a file.

    Returns the pair and the paths of both files. Raises KeyFileError if a file exists or cannot be written, or if the
    name is not allowed.
    """
    if not CLIENT.fullmatch(name) or name == "external":
        raise KeyFileError(f"{name}: a name must have 1 to 64 of A-Z a-z 0-9 _ -, and must not be 'external'")
    pair = fresh(name)
    secret, public = folder / f"{name}.secret", folder / f"{name}.public"
    for path in (secret, public):
        if path.exists():
            raise KeyFileError(f"{path}: exists already; keys are never overwritten")
    shown = f'name = "{pair.name}"\npublic = "{pair.public}"\n'
    _write(secret, f'# Secret: everyone who has this file can act as {name}.\n{shown}secret = "{pair.secret}"\n', 0o600)
    try:
        _write(public, f"# Public: you may give this file to anyone.\n{shown}", 0o644)
    except KeyFileError:
        with contextlib.suppress(OSError):
            secret.unlink()
        raise
    return pair, secret, public


def _write(path: Path, text: str, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    except FileExistsError:
        raise KeyFileError(f"{path}: exists already; keys are never overwritten") from None
    except OSError as error:
        raise KeyFileError(f"{path}: {os.strerror(error.errno or 0)}") from None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        os.fchmod(descriptor, mode)
        file.write(text)
