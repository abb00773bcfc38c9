"""A client whose user may not connect to an ipc endpoint is told so, and not that the bridge does not run."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tws_bridge_client.connection import _denied

#: Root may do everything, so root asks in a process of this user.
NOBODY = 65534
IS_ROOT = os.getuid() == 0
#: What neither the owner nor others may write, and what neither may enter.
NO_WRITE, NO_ENTRY = 0o400, 0o600


def asked_by_a_user(endpoint: str) -> str:
    """What the client says of an endpoint, as a user who is not root."""
    if not IS_ROOT:
        return str(_denied(endpoint))
    reader, writer = os.pipe()
    if not (child := os.fork()):
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        os.write(writer, str(_denied(endpoint)).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        text = pipe.read().decode()
    os.waitpid(child, 0)
    return text


@pytest.fixture
def place() -> Iterator[Path]:
    """The path of a socket, in a folder that everybody may enter."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        Path(folder).chmod(0o755)
        path = Path(folder) / "requests"
        listener.bind(str(path))
        yield path
        Path(folder).chmod(0o755)


def test_the_user_learns_that_permission_is_denied_and_what_to_change(place):
    place.chmod(NO_WRITE)
    said = asked_by_a_user(f"ipc://{place}")
    assert said.startswith(f"permission denied on {place}: this program's user (uid ")
    assert 'ipc_access = "group"' in said
    place.chmod(0o666)
    assert asked_by_a_user(f"ipc://{place}") == "None"
    place.parent.chmod(NO_ENTRY)
    assert asked_by_a_user(f"ipc://{place}").startswith(f"permission denied on {place}: ")


def test_other_endpoints_and_missing_ones_are_another_matter(place):
    place.chmod(0o600)
    assert _denied(f"ipc://{place}") is None
    assert _denied(f"ipc://{place}-missing") is None
    assert _denied("ipc://@abstract") is None
    assert _denied("tcp://127.0.0.1:7500") is None
