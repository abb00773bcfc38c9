"""Connects to TWS as the bridge does, and notes what TWS says in the first seconds.

The doctor uses the client id of the bridge, so it may do so only while no bridge runs with this state folder. The probe
follows the connection with the bridge's own `Link`, `Farms` and `Signs`. So it judges as the bridge would.
"""

from __future__ import annotations

import contextlib
import math
import queue
import socket
import threading
import time
from collections.abc import Callable

from bridge.doctor.probed import Probed
from bridge.session.effects import Connect
from bridge.session.link import LinkTiming
from bridge.session.link_table import OPEN, WAITING
from bridge.session.orders.list_downloads import QUERIES
from bridge.session.request_ids import FIRST_REQUEST_ID
from bridge.session.values import Instant
from bridge.tws import Connection
from bridge.tws.errors import EncodeError

#: Seconds to wait for the address, for TCP, for the handshake, for the start, and for TWS's lists of orders.
PATIENCE = 10.0
#: Seconds after the start in which the probe takes TWS's notices, also if TWS has sent all its lists.
LISTEN = 2.0
#: The probe ends after so many times its patience, whatever TWS does.
_MOST = 5


def probe(
    host: str, port: int, connect: Callable[[], Connection], patience: float = PATIENCE, listen: float = LISTEN
) -> Probed:
    """Connect, send startApi, request the lists of orders that the bridge requests, and note what TWS answers.

    It places no order. `connect`: makes the protocol state of one connection. TWS may name another address; the probe
    follows it as the bridge does.
    """
    told = Probed(host, port, LinkTiming(connect=patience, handshake=patience, start=patience, patience=math.inf))
    visits = _Visits(told, connect, patience, listen)
    told.link.start(now())
    while (target := _target(told)) is not None:
        visits.visit(target.host, target.port)
    return told


def now() -> Instant:
    """The time of both clocks."""
    return Instant(time.monotonic(), time.time_ns())


def _target(told: Probed) -> Connect | None:
    """Where the link connects next; None if it does not connect again at once."""
    targets = [effect for effect in told.link.effects() if isinstance(effect, Connect)]
    return targets[-1] if targets else None


class _Visits:
    """The connections of one probe: the first, and those to which TWS redirects it."""

    def __init__(self, told: Probed, connect: Callable[[], Connection], patience: float, listen: float) -> None:
        self._told = told
        self._connect = connect
        self._patience = patience
        self._listen = listen
        self._most = time.monotonic() + _MOST * patience

    def visit(self, host: str, port: int) -> None:
        """Talk to this address until the connection ends, names another address, or has told enough."""
        told, link = self._told, self._told.link
        told.begin()
        try:
            places = _addresses(host, port, self._patience)
        except (OSError, ValueError) as error:
            link.lost(f"{host}: {_reason(error)}", now(), 502, "unknownHost")
            return
        told.addresses = tuple(dict.fromkeys(place[0] for place in places))
        try:
            tws = _open(places, min(now().clock + self._patience, self._most))
        except TimeoutError:
            reason = f"{host}:{port} did not answer within {self._patience:g} s"
            link.lost(reason, now(), 502, "tcpTimeout")
        except ConnectionRefusedError:
            link.lost(f"nothing listens on {host}:{port}", now(), 502, "refused")
        except OSError as error:
            link.lost(f"{host}:{port}: {_reason(error)}", now(), 502, "unreachable")
        else:
            with tws:
                told.has_tcp = True
                link.opened(now())
                self._talk(tws, self._connect())

    def _talk(self, tws: socket.socket, connection: Connection) -> None:
        told, link = self._told, self._told.link
        connection.connect()
        has_asked = False
        while link.state in OPEN and not connection.closed and (end := self._end()) > now().clock:
            tws.settimeout(max(0.001, end - now().clock))
            try:
                tws.sendall(connection.data_to_send())
                data = tws.recv(65536)
            except TimeoutError:
                continue
            except OSError as error:
                link.lost(f"the connection to TWS is broken: {_reason(error)}", now())
                return
            if not data:
                link.lost("TWS closed the connection", now())
                return
            connection.receive_data(data)
            for event in connection.events_received():
                told.take(event, now())
            if link.usable and not has_asked:
                has_asked = True
                told.started_at = now().clock
                _ask(connection, told)
        if link.state in WAITING and (due := link.deadline()) is not None:
            link.on_timer(Instant(max(due, now().clock), time.time_ns()))  # the link says what TWS has not answered

    def _end(self) -> float:
        """Until when the probe waits for TWS now, on the steady clock."""
        told = self._told
        if not told.link.usable:
            due = told.link.deadline()
            return min(self._most, math.inf if due is None else due)
        seconds = self._patience if told.waits_for_lists else self._listen
        return min(self._most, told.started_at + seconds)


def _ask(connection: Connection, told: Probed) -> None:
    """Request the lists that the bridge requests after each start. A read-only API refuses some of them with 321."""
    for method, params in (query for step in QUERIES for query in step):
        more = {"reqId": FIRST_REQUEST_ID} if method == "reqExecutions" else {}
        with contextlib.suppress(EncodeError):  # this version of TWS does not have the request
            connection.send(method, {**more, **params})
            told.unanswered.append(method)


def _addresses(host: str, port: int, seconds: float) -> list[tuple[str, int]]:
    """The addresses of the host. Raises OSError or ValueError; also if the name service does not answer in time."""
    answers: queue.Queue[list[tuple[str, int]] | OSError | ValueError] = queue.Queue()

    def resolve() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put([(str(place[4][0]), int(place[4][1])) for place in found])
        except (OSError, ValueError) as error:  # ValueError: a name that cannot be one, such as `gate..way`
            answers.put(error)

    threading.Thread(target=resolve, daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise OSError(f"the name service has not answered within {seconds:g} s") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _open(places: list[tuple[str, int]], end: float) -> socket.socket:
    """Open TCP to the first address that accepts. Raises OSError."""
    failure: OSError = TimeoutError()
    for place in places:
        try:
            return socket.create_connection(place, max(0.001, end - time.monotonic()))
        except OSError as error:
            failure = error
    raise failure


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
