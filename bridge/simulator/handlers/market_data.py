"""Requests for quotes: subscriptions, snapshots, the data type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.simulator.checks import one_contract
from bridge.simulator.clients import DELAYED, DELAYED_FROZEN, FROZEN, LIVE, Client, Watch
from bridge.simulator.handlers.base import Handler, request_id
from bridge.simulator.refusals import Refused, duplicate_ticker, invalid, unknown_ticker
from bridge.simulator.ticks import GENERIC, first_ticks, request_params
from bridge.simulator.values import Data

if TYPE_CHECKING:
    from bridge.simulator.exchange import Exchange

LINES = 100
_SNAPSHOT = 100_000_000
"""ns until a snapshot ends."""


def req_mkt_data(exchange: Exchange, client: Client, data: Data) -> None:
    """Parameters, data type, all that stands; then every change, or the end of the snapshot."""
    asked = request_id(data)
    if asked in client.watches:
        raise duplicate_ticker()
    if len(client.watches) >= LINES:
        raise Refused(101, "Max number of tickers has been reached")
    if data.get("regulatorySnapshot"):
        raise Refused(354, "Requested market data is not subscribed. Regulatory snapshots are not offered.")
    generic = _generic(data)
    instrument = one_contract(exchange.universe, data.get("contract", {}))
    feed = exchange.market.feeds[instrument.conId]
    watch = Watch(client.id, asked, feed, client.data_type in (DELAYED, DELAYED_FROZEN), generic)
    exchange.emit(client.id, "tickReqParams", request_params(instrument, asked))
    exchange.emit(client.id, "marketDataType", {"reqId": asked, "marketDataType": client.data_type})
    for name, event in first_ticks(watch):
        exchange.emit(client.id, name, event)
    if not data.get("snapshot"):
        exchange.watch(client, watch)
        return
    client.watches[asked] = watch
    exchange.later(_SNAPSHOT, lambda: _end_snapshot(exchange, client, watch))


def _generic(data: Data) -> frozenset[int]:
    words = [word.split(":")[0].strip() for word in str(data.get("genericTickList", "")).split(",") if word.strip()]
    if words and data.get("snapshot"):
        raise invalid("Snapshot market data subscription is not applicable to generic ticks")
    wrong = [word for word in words if word != "mdoff" and (not word.isdigit() or int(word) not in GENERIC)]
    if wrong:
        legal = ",".join(str(number) for number in sorted(GENERIC))
        raise invalid(f"Incorrect generic tick list of {','.join(wrong)}. Legal ones are: {legal}")
    return frozenset(int(word) for word in words if word.isdigit())


def _end_snapshot(exchange: Exchange, client: Client, watch: Watch) -> None:
    if client.watches.get(watch.request_id) is watch:
        del client.watches[watch.request_id]
        exchange.emit(client.id, "tickSnapshotEnd", {"reqId": watch.request_id})


def cancel_mkt_data(exchange: Exchange, client: Client, data: Data) -> None:
    """TWS is silent about a cancel that finds its request."""
    asked = request_id(data)
    watch = client.watches.get(asked)
    if watch is None:
        raise unknown_ticker(asked)
    if watch in exchange.watches.get(watch.feed.instrument.conId, ()):
        exchange.unwatch(client, asked)
    else:
        del client.watches[asked]


def req_market_data_type(exchange: Exchange, client: Client, data: Data) -> None:
    """For the subscriptions that follow; told with each of them."""
    kind = data.get("marketDataType")
    if kind not in (LIVE, FROZEN, DELAYED, DELAYED_FROZEN):
        raise invalid(f"Invalid market data type: {kind}")
    client.data_type = kind


HANDLERS: dict[str, Handler] = {
    "reqMktData": req_mkt_data,
    "cancelMktData": cancel_mkt_data,
    "reqMarketDataType": req_market_data_type,
}
