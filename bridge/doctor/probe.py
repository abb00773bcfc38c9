"""Connects to TWS as the bridge does, and notes what TWS says in the first seconds.

The doctor uses the client id of the bridge, so it may do so only while no bridge runs with this state folder.
"""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass, field

from bridge.session import codes
from bridge.session.verdict_table import Problem
from bridge.tws import Connection
from bridge.tws.events import Connected, Failed, Message, Redirected

#: Seconds to wait for TCP, for the handshake and for the start; and after the start, for TWS's notices.
PATIENCE = 10.0
LISTEN = 2.0


@dataclass(slots=True)
class Probe:
    """What TWS has said. `problem`, `reason`: why the connection did not start; None if it did."""

    problem: Problem | None = None
    reason: str = ""
    addresses: tuple[str, ...] = ()
    has_tcp: bool = False
    #: Whether TWS has ended the connection.
    is_closed: bool = False
    server_version: int | None = None
    connection_time: str = ""
    #: When TWS's answer to the handshake came: seconds since 1970 UTC.
    answered_at: float = 0.0
    accounts: tuple[str, ...] | None = None
    next_order_id: int | None = None
    #: Errors and notices: code and text.
    errors: list[tuple[int, str]] = field(default_factory=list)

    @property
    def is_started(self) -> bool:
        """Whether TWS has sent the accounts and the next order id."""
        return self.accounts is not None and self.next_order_id is not None

    def error_of(self, *wanted: int) -> tuple[int, str] | None:
        """The newest error with one of these codes."""
        return next(((code, text) for code, text in reversed(self.errors) if code in wanted), None)


def probe(host: str, port: int, connection: Connection, patience: float = PATIENCE, listen: float = LISTEN) -> Probe:
    """Connect, send startApi and ask for the open orders, and collect what TWS answers. It places no order."""
    found = Probe()
    try:
        places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        found.problem, found.reason = "unknownHost", f"{host}: {error.strerror or error}"
        return found
    found.addresses = tuple(dict.fromkeys(str(place[4][0]) for place in places))
    try:
        with socket.create_connection((host, port), patience) as tws:
            found.has_tcp = True
            try:
                found.is_closed = _talk(tws, connection, found, patience, listen)
            except OSError:  # what TWS has said before it broke the connection counts
                found.is_closed = True
    except ConnectionRefusedError:
        found.problem, found.reason = "refused", f"nothing listens on {host}:{port}"
    except TimeoutError:
        found.problem, found.reason = "tcpTimeout", f"{host}:{port} did not answer within {patience:g} s"
    except OSError as error:
        found.problem, found.reason = "unreachable", f"{host}:{port}: {error.strerror or error}"
    if found.problem is None and not found.is_started:
        _explain(found, patience)
    return found


def _talk(tws: socket.socket, connection: Connection, found: Probe, patience: float, listen: float) -> bool:
    """Return whether TWS has ended the connection."""
    connection.connect()
    end = time.monotonic() + patience
    has_asked = False
    while True:
        tws.settimeout(max(0.001, end - time.monotonic()))
        tws.sendall(connection.data_to_send())
        try:
            data = tws.recv(65536)
        except TimeoutError:
            return False
        if not data:
            return True
        connection.receive_data(data)
        for event in connection.events_received():
            _take(event, found)
        if connection.closed:
            return False
        if found.is_started and not has_asked:
            has_asked = True
            connection.send("reqAllOpenOrders", {})  # TWS answers with error 321 if its API is read-only
            end = time.monotonic() + listen


def _take(event: object, found: Probe) -> None:
    match event:
        case Connected():
            found.server_version, found.connection_time = event.server_version, event.connection_time
            found.answered_at = time.time()
        case Redirected():
            found.problem, found.reason = "redirected", f"TWS names another address: {event.host}:{event.port}"
        case Failed():
            found.problem, found.reason = ("tooOld" if event.code == 503 else "notTws"), event.reason
        case Message(name="managedAccounts", data=data):
            found.accounts = tuple(account for account in data.get("accountsList", "").split(",") if account)
        case Message(name="nextValidId", data=data):
            found.next_order_id = data.get("orderId")
        case Message(name="error", data=data):
            found.errors.append((data.get("errorCode", 0), data.get("errorMsg", "")))


def _explain(found: Probe, patience: float) -> None:
    """Name the problem of a connection that did not start."""
    if (used := found.error_of(codes.CLIENT_ID_IN_USE)) is not None:
        found.problem, found.reason = "clientIdInUse", used[1]
    elif (moved := found.error_of(codes.PORT_CHANGED)) is not None:
        found.problem, found.reason = "portChanged", moved[1]
    elif found.is_closed and found.server_version is not None:
        found.problem, found.reason = "closedBeforeStart", "TWS closed the connection after the handshake"
    elif found.is_closed:
        found.problem, found.reason = "closedBeforeHandshake", "TWS closed the connection before the handshake"
    elif found.server_version is not None:
        found.problem, found.reason = "notStarted", f"TWS has not sent accounts and order ids within {patience:g} s"
    else:
        found.problem, found.reason = "noHandshake", f"TWS has not answered the handshake within {patience:g} s"
