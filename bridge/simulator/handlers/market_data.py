"""Handlers for quotes: subscriptions, snapshots, and the market data type."""

from __future__ import annotations

from bridge.simulator.core.refusals import Refused, duplicate_ticker, invalid, unknown_ticker
from bridge.simulator.core.values import Data
from bridge.simulator.handlers.client import DELAYED, DELAYED_FROZEN, FROZEN, LIVE, Client
from bridge.simulator.handlers.context import HandlerContext
from bridge.simulator.handlers.handler import Handler, request_id
from bridge.simulator.instruments.lookup import one_contract
from bridge.simulator.market.newswire import NEWS_TICK
from bridge.simulator.market.subscriptions import QuoteSubscription
from bridge.simulator.market.ticks import GENERIC, first_ticks, request_params

LINES = 100
_SNAPSHOT = 100_000_000
"""Time until the end of a snapshot, in ns."""


def req_mkt_data(context: HandlerContext, client: Client, data: Data) -> None:
    """Send parameters, data type and current values; then send each change, or the end of a snapshot."""
    asked = request_id(data)
    if asked in client.quote_subscriptions:
        raise duplicate_ticker()
    if len(client.quote_subscriptions) >= LINES:
        raise Refused(101, "Max number of tickers has been reached")
    if data.get("regulatorySnapshot"):
        raise Refused(354, "Requested market data is not subscribed. Regulatory snapshots are not offered.")
    generic = _generic(data)
    instrument = one_contract(context.universe, data.get("contract", {}))
    if instrument.secType == "CFD":
        there = {"conId": instrument.underConId, "exchange": "SMART"}
        context.emit(client.id, "rerouteMktDataReq", {"reqId": asked, **there})
        return
    feed = context.market.feeds[instrument.conId]
    delayed = client.data_type in (DELAYED, DELAYED_FROZEN)
    subscription = QuoteSubscription(client.id, asked, feed, delayed, generic, providers=_providers(data))
    _validate_hedge(context, client, data)
    context.emit(client.id, "tickReqParams", request_params(instrument, asked))
    context.emit(client.id, "marketDataType", {"reqId": asked, "marketDataType": client.data_type})
    for name, event in first_ticks(subscription):
        context.emit(client.id, name, event)
    if not data.get("snapshot"):
        context.subscribe_quotes(client, subscription)
        return
    client.quote_subscriptions[asked] = subscription
    context.later(_SNAPSHOT, lambda: _end_snapshot(context, client, subscription))


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
    """Return the news providers in a generic tick such as `292:BRFG+DJNL`."""
    words = (word.strip().partition(":") for word in str(data.get("genericTickList", "")).split(","))
    return frozenset(
        code for number, _, codes in words if number == str(NEWS_TICK) for code in codes.split("+") if code
    )


def _validate_hedge(context: HandlerContext, client: Client, data: Data) -> None:
    """Confirm the delta-neutral hedge of a contract. Raises Refused 321 if the hedge does not exist."""
    hedge = data.get("contract", {}).get("deltaNeutralContract")
    if not hedge:
        return
    if hedge.get("conId") not in context.universe.by_id:
        raise invalid("Invalid delta neutral contract")
    confirmed = {"delta": 0.0, "price": 0.0, **hedge}
    event = {"reqId": request_id(data), "deltaNeutralContract": confirmed}
    context.emit(client.id, "deltaNeutralValidation", event)


def _end_snapshot(context: HandlerContext, client: Client, subscription: QuoteSubscription) -> None:
    if client.quote_subscriptions.get(subscription.request_id) is subscription:
        del client.quote_subscriptions[subscription.request_id]
        context.emit(client.id, "tickSnapshotEnd", {"reqId": subscription.request_id})


def cancel_mkt_data(context: HandlerContext, client: Client, data: Data) -> None:
    """End a subscription. TWS sends no answer, or error 300 if there is no such request."""
    asked = request_id(data)
    if asked not in client.quote_subscriptions:
        raise unknown_ticker(asked)
    context.unsubscribe_quotes(client, asked)


def req_market_data_type(context: HandlerContext, client: Client, data: Data) -> None:
    """Set the data type of later subscriptions. Each of them reports it."""
    kind = data.get("marketDataType")
    if kind not in (LIVE, FROZEN, DELAYED, DELAYED_FROZEN):
        raise invalid(f"Invalid market data type: {kind}")
    client.data_type = kind


HANDLERS: dict[str, Handler] = {
    "reqMktData": req_mkt_data,
    "cancelMktData": cancel_mkt_data,
    "reqMarketDataType": req_market_data_type,
}
