"""The troubles of a bridge that runs, by their codes in docs/reference/symptoms.md: each begins, and ends."""

from __future__ import annotations

import contextlib
import resource
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from bridge.session.request_ids import FIRST_REQUEST_ID
from bridge.tws import Connection
from bridge.tws.framing import frame
from tests.scenarios.scripted import Word, error
from tests.troubles.site import AAPL, Site
from tws_bridge_client import BridgeError

Trouble = Callable[[Site], Iterator[None]]
TROUBLES: dict[str, Trouble] = {}
SHOWN = "20261128 08:00:00 UTC"


def trouble(code: str) -> Callable[[Trouble], Trouble]:
    """Declare a trouble: the function brings it about, yields, and ends it."""

    def declare(function: Trouble) -> Trouble:
        assert code not in TROUBLES
        TROUBLES[code] = function
        return function

    return declare


def waits(client: socket.socket) -> None:
    """Read, and say nothing."""
    while client.recv(65536):
        pass


def says(data: bytes) -> Callable[[socket.socket], None]:
    """Read something, and say these bytes."""

    def talk(client: socket.socket) -> None:
        client.recv(65536)
        client.sendall(data)
        waits(client)

    return talk


def starts(*words: Word, closes: bool = False) -> Callable[[socket.socket], None]:
    """Answer the handshake, and say these words to startApi."""

    def talk(client: socket.socket) -> None:
        tws = Connection.server(213, SHOWN)
        while not tws.server_version:
            tws.receive_data(client.recv(65536))
            client.sendall(tws.data_to_send())
        client.recv(65536)
        for name, data in words:
            tws.send(name, data)
        client.sendall(tws.data_to_send())
        if not closes:
            waits(client)

    return talk


def _behind(site: Site, talk: Callable[[Any], None]) -> Iterator[None]:
    site.front(talk)
    yield
    site.front(None)


# What stops trading


@trouble("halted")
def halted(site: Site) -> Iterator[None]:
    (site.folder / "state" / "halt").write_text("the desk is closed\n")
    yield
    (site.folder / "state" / "halt").unlink()


@trouble("wrongAccounts")
def wrong_accounts(site: Site) -> Iterator[None]:
    site.tws.accounts = "U1"
    site.reconnect()
    yield
    site.tws.accounts = "DU1"
    site.reconnect()


@trouble("badOrderIds")
def bad_order_ids(site: Site) -> Iterator[None]:
    site.tws.next_order_id = FIRST_REQUEST_ID + 7
    site.reconnect()
    yield
    site.tws.next_order_id = 1
    site.reconnect()


@trouble("plannedRestart")
def planned_restart(site: Site) -> Iterator[None]:
    now = datetime.now(UTC)
    begins, ends = now - timedelta(minutes=2), now + timedelta(minutes=20)
    site.configure(
        f'[[planned_restarts]]\nname = "night"\nbegins = "{begins:%H:%M}"\nends = "{ends:%H:%M}"\nzone = "UTC"\n'
    )
    yield
    site.configure()


@trouble("refused")
def refused(site: Site) -> Iterator[None]:
    site.tws.listener.refuse()
    site.reconnect()
    yield
    site.tws.listener.listen()


@trouble("closedBeforeHandshake")
def closed_before_handshake(site: Site) -> Iterator[None]:
    yield from _behind(site, lambda client: None)


@trouble("noHandshake")
def no_handshake(site: Site) -> Iterator[None]:
    yield from _behind(site, _until(site, waits))


@trouble("notTws")
def not_tws(site: Site) -> Iterator[None]:
    yield from _behind(site, says(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n" * 9))


@trouble("tooOld")
def too_old(site: Site) -> Iterator[None]:
    yield from _behind(site, says(frame(b"100\x0020261128 08:00:00 UTC\x00")))


@trouble("redirected")
def redirected(site: Site) -> Iterator[None]:
    yield from _behind(site, says(frame(b"-1\x00" + site.tws.address.encode() + b"\x00")))


@trouble("portChanged")
def port_changed(site: Site) -> Iterator[None]:
    port = site.tws.address.rpartition(":")[2]
    words = error(-1, 1300, f"TWS socket port has been reset. The new port is {port}.")
    yield from _behind(site, starts(words, closes=True))


@trouble("notStarted")
def not_started(site: Site) -> Iterator[None]:
    yield from _behind(site, _until(site, starts()))


@trouble("closedBeforeStart")
def closed_before_start(site: Site) -> Iterator[None]:
    yield from _behind(site, starts(closes=True))


@trouble("clientIdInUse")
def client_id_in_use(site: Site) -> Iterator[None]:
    words = error(-1, 326, "Unable to connect as the client id is already in use.")
    yield from _behind(site, starts(words, closes=True))


@trouble("closed")
def closed(site: Site) -> Iterator[None]:
    """TWS has gone, and its port is open still: the next connection has not told the bridge anything yet."""
    site.configure(handshake_timeout=600.0)
    yield from _behind(site, _until(site, waits))
    site.configure()


@trouble("silent")
def silent(site: Site) -> Iterator[None]:
    site.configure(handshake_timeout=600.0)
    site.tws.front = _until(site, waits)
    site.tws.go_deaf()
    yield
    site.front(None)
    site.configure()


@trouble("outOfReach")
def out_of_reach(site: Site) -> Iterator[None]:
    site.tws.say(error(-1, 1100, "Connectivity between IBKR and Trader Workstation has been lost."))
    yield
    site.tws.say(error(-1, 1102, "Connectivity between IBKR and Trader Workstation has been restored"))


@trouble("serverBroken")
def server_broken(site: Site) -> Iterator[None]:
    site.tws.say(error(-1, 2110, "Connectivity between Trader Workstation and server is broken."))
    yield
    site.tws.say(error(-1, 1102, "Connectivity between IBKR and Trader Workstation has been restored"))


@trouble("reconciling")
def reconciling(site: Site) -> Iterator[None]:
    with site.tws.holding():
        site.reconnect()
        yield


@trouble("readOnlyApi")
def read_only_api(site: Site) -> Iterator[None]:
    text = "Error validating request.-'bN' : cause - The API interface is currently in Read-Only mode."
    site.tws.reactions["placeOrder"] = lambda data: [error(data["orderId"], 321, text)]
    site.place()
    yield
    del site.tws.reactions["placeOrder"]
    site.reconnect()


@trouble("ordersUnanswered")
def orders_unanswered(site: Site) -> Iterator[None]:
    key, _ = site.place()
    yield
    end(site, key)


@trouble("unreadable")
def unreadable(site: Site) -> Iterator[None]:
    site.configure(handshake_timeout=600.0)
    site.tws.front = _until(site, waits)
    site.tws.say_bytes(b"\xff\xff\xff\xff" * 9)
    yield
    site.front(None)
    site.configure()


@trouble("ledgerUnwritable")
def ledger_unwritable(site: Site) -> Iterator[None]:
    """The disk is full, as far as the bridge can see: no file of its may grow."""
    process = site.served.bridge.process.pid
    soft, hard = resource.prlimit(process, resource.RLIMIT_FSIZE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (0, hard))
    assert site.place()[1] == "ledgerFailed"
    yield
    resource.prlimit(process, resource.RLIMIT_FSIZE, (soft, hard))


# What limits the bridge while it trades


@trouble("changesUnanswered")
def changes_unanswered(site: Site) -> Iterator[None]:
    """TWS takes the order, and does not answer its cancel."""
    key, _ = site.place()
    order = site.tws.order(key)
    site.tws.say(order.shown("Submitted"), order.stands("Submitted"))
    with contextlib.suppress(BridgeError):
        site.request("cancelOrder", {"orderKey": key})
    yield
    end(site, key)


@trouble("ordersInDoubt")
def orders_in_doubt(site: Site) -> Iterator[None]:
    """TWS answers the second order, and not the first."""
    in_doubt, _ = site.place()
    answered, _ = site.place()
    end(site, answered)
    yield
    end(site, in_doubt)


def end(site: Site, key: str) -> None:
    order = site.tws.order(key)
    site.tws.say(order.shown("Cancelled"), order.stands("Cancelled"))


@trouble("farmsDown")
def farms_down(site: Site) -> Iterator[None]:
    site.tws.say(error(-1, 2103, "Market data farm connection is broken:usfarm"))
    yield
    site.tws.say(error(-1, 2104, "Market data farm connection is OK:usfarm"))


@trouble("competingSession")
def competing_session(site: Site) -> Iterator[None]:
    yield from _sign(site, 10197, "No market data during competing live session")


@trouble("notSubscribed")
def not_subscribed(site: Site) -> Iterator[None]:
    yield from _sign(site, 354, "Requested market data is not subscribed.")


@trouble("tooFast")
def too_fast(site: Site) -> Iterator[None]:
    yield from _sign(site, 100, "Max rate of messages per second has been exceeded")


@trouble("streamsWaiting")
def streams_waiting(site: Site) -> Iterator[None]:
    """TWS says after an outage that it has kept the stream, and the stream sends nothing."""
    site.tws.reactions["reqMktData"] = lambda data: [tick(data["reqId"])]
    with site.served.bridge.client("holder") as holder:
        holder.request("reqMktData", {"contract": AAPL}, 20)
        site.tws.say(error(-1, 1100, "lost"), error(-1, 1102, "restored, data maintained"))
        yield
    del site.tws.reactions["reqMktData"]
    site.reconnect()


@trouble("clocksDiffer")
def clocks_differ(site: Site) -> Iterator[None]:
    site.tws.ahead = timedelta(hours=1)
    site.reconnect()
    yield
    site.tws.ahead = timedelta()
    site.reconnect()


def _sign(site: Site, code: int, text: str) -> Iterator[None]:
    site.tws.say(error(-1, code, text))
    yield
    site.reconnect()  # TWS does not say when the cause is over: a new connection has not heard it


def tick(req_id: int) -> Word:
    return "tickPrice", {"reqId": req_id, "tickType": 1, "price": 5.0, "size": "1", "attrMask": 0}


def _until(site: Site, talk: Callable[[socket.socket], None]) -> Callable[[socket.socket], None]:
    """Talk like this until the trouble is over; then end the connection, as a TWS that a person restarts."""

    def bounded(client: socket.socket) -> None:
        client.settimeout(0.1)
        with contextlib.suppress(ConnectionError):
            while site.tws.front is bounded:
                with contextlib.suppress(TimeoutError):
                    talk(client)
                    return
                time.sleep(0.01)

    return bounded
