"""The name and the keys of this client, from the environment, for a bridge that has a key. Needs pyzmq only.

TWS_BRIDGE_CLIENT_KEY is the path of the client's NAME.secret. TWS_BRIDGE_SERVER_KEY is the path of bridge.public, or
the public key itself. TWS_BRIDGE_CLIENT is the name of the client, if it is not the name in the file.
"""

import os
import re
import sys
import tomllib
from pathlib import Path

import zmq

OWN, SERVER, GIVEN = (os.environ.get(f"TWS_BRIDGE_{word}", "") for word in ("CLIENT_KEY", "SERVER_KEY", "CLIENT"))
KEY = re.compile(r"[0-9A-Za-z.:+=^!/*?&<>()\[\]{}@%$#-]{40}")


def read(path: str, word: str) -> str:
    """Read one value of a key file that `tws-bridge keys new` has written."""
    found = tomllib.loads(Path(path).read_text(encoding="ascii"))
    if word not in found:
        sys.exit(f"{path}: {word} is missing: is it a key file?")
    return str(found[word])


def name() -> str:
    """The name of this client."""
    return GIVEN or (read(OWN, "name") if OWN else "python-example")


def apply(socket: zmq.Socket[bytes]) -> None:
    """Set the keys on a socket before it connects. Without keys this does nothing."""
    if bool(OWN) != bool(SERVER):
        sys.exit("TWS_BRIDGE_CLIENT_KEY and TWS_BRIDGE_SERVER_KEY go together")
    if OWN:
        is_key = KEY.fullmatch(SERVER) and not Path(SERVER).exists()
        socket.curve_publickey = read(OWN, "public").encode()
        socket.curve_secretkey = read(OWN, "secret").encode()
        socket.curve_serverkey = (SERVER if is_key else read(SERVER, "public")).encode()
