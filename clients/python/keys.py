"""Who this client is, from the environment, for a bridge with keys. Needs pyzmq only.

TWS_BRIDGE_CLIENT_KEY is the path of its NAME.secret, TWS_BRIDGE_SERVER_KEY the path of bridge.public or the key itself.
TWS_BRIDGE_CLIENT is its name, if not the file's.
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
    """What a key file, as `tws-bridge keys new` writes it, says under a word."""
    found = tomllib.loads(Path(path).read_text(encoding="ascii"))
    if word not in found:
        sys.exit(f"{path}: {word} is missing: is it a key file?")
    return str(found[word])


def name() -> str:
    return GIVEN or (read(OWN, "name") if OWN else "python-example")


def apply(socket: zmq.Socket[bytes]) -> None:
    """Give a socket that is not connected yet its keys; without keys leave it as it is."""
    if bool(OWN) != bool(SERVER):
        sys.exit("TWS_BRIDGE_CLIENT_KEY and TWS_BRIDGE_SERVER_KEY go together")
    if OWN:
        is_key = KEY.fullmatch(SERVER) and not Path(SERVER).exists()
        socket.curve_publickey = read(OWN, "public").encode()
        socket.curve_secretkey = read(OWN, "secret").encode()
        socket.curve_serverkey = (SERVER if is_key else read(SERVER, "public")).encode()
