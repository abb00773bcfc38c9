"""Requests for quotes: subscriptions, snapshots, the data type."""

from __future__ import annotations

from bridge.simulator.checks import one_contract
from bridge.simulator.clients import DELAYED, DELAYED_FROZEN, FROZEN, LIVE, Client, Watch
from bridge.simulator.floor import Floor
from bridge.simulator.handlers.base import Handler, request_id
from bridge.simulator.newswire import NEWS_TICK
from bridge.simulator.refusals import Refused, duplicate_ticker, invalid, unknown_ticker
from bridge.simulator.ticks import GENERIC, first_ticks, request_params
from bridge.simulator.values import Data

LINES = 100
_SNAPSHOT = 100_000_000
"""ns until a snapshot ends."""


def req_mkt_data(floor: Floor, client: Client, data: Data) -> None:
    """Parameters, data type, all that stands; then every change, or the end of the snapshot."""
    asked = request_id(data)
    if asked in client.watches:
        raise duplicate_ticker()
    if len(client.watches) >= LINES:
        raise Refused(101, "Max number of tickers has been reached")
    if data.get("regulatorySnapshot"):
        raise Refused(354, "Requested market data is not subscribed. Regulatory snapshots are not offered.")
    generic = _generic(data)
    instrument = one_contract(floor.universe, data.get("contract", {}))
    if instrument.secType == "CFD":
        there = {"conId": instrument.underConId, "exchange": "SMART"}
        floor.emit(client.id, "rerouteMktDataReq", {"reqId": asked, **there})
        return
    feed = floor.market.feeds[instrument.conId]
    delayed = client.data_type in (DELAYED, DELAYED_FROZEN)
    watch = Watch(client.id, asked, feed, delayed, generic, providers=_providers(data))
    _validate_hedge(floor, client, data)
    floor.emit(client.id, "tickReqParams", request_params(instrument, asked))
    floor.emit(client.id, "marketDataType", {"reqId": asked, "marketDataType": client.data_type})
    for name, event in first_ticks(watch):
        floor.emit(client.id, name, event)
    if not data.get("snapshot"):
        floor.watch(client, watch)
        return
    client.watches[asked] = watch
    floor.later(_SNAPSHOT, lambda: _end_snapshot(floor, client, watch))


def _generic(data: Data) -> frozenset[int]:
    words = [word.split(":")[0].strip() for word in str(data.get("genericTickList", "")).split(",") if word.strip()]
    if words and data.get("snapshot"):
        raise invalid("Snapshot market data subscription is not applicable to generic ticks")
    wrong = [word for word in words if word != "mdoff" and (not word.isdecimal() or int(word) not in GENERIC)]
    if wrong:
        legal = ",".join(str(number) for number in sorted(GENERIC))
        raise invalid(f"Incorrect generic tick list of {','.join(wrong)}. Legal ones are: {legal}")
    return frozenset(int(word) for word in words if word.isdecimal())


def _providers(data: Data) -> frozenset[str]:
    """Of the generic tick `292:BRFG+DJNL`."""
    words = (word.strip().partition(":") for word in str(data.get("genericTickList", "")).split(","))
    return frozenset(
        code for number, _, codes in words if number == str(NEWS_TICK) for code in codes.split("+") if code
    )


def _validate_hedge(floor: Floor, client: Client, data: Data) -> None:
    """A contract with a delta-neutral hedge has it confirmed. Raises Refused 321 for a hedge that does not exist."""
    hedge = data.get("contract", {}).get("deltaNeutralContract")
    if not hedge:
        return
    if hedge.get("conId") not in floor.universe.by_id:
        raise invalid("Invalid delta neutral contract")
    confirmed = {"delta": 0.0, "price": 0.0, **hedge}
    event = {"reqId": request_id(data), "deltaNeutralContract": confirmed}
    floor.emit(client.id, "deltaNeutralValidation", event)


def _end_snapshot(floor: Floor, client: Client, watch: Watch) -> None:
    if client.watches.get(watch.request_id) is watch:
        del client.watches[watch.request_id]
        floor.emit(client.id, "tickSnapshotEnd", {"reqId": watch.request_id})


def cancel_mkt_data(floor: Floor, client: Client, data: Data) -> None:
    """TWS is silent about a cancel that finds its request."""
    asked = request_id(data)
    if asked not in client.watches:
        raise unknown_ticker(asked)
    floor.unwatch(client, asked)


def req_market_data_type(floor: Floor, client: Client, data: Data) -> None:
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
