"""Handlers for account requests: values, portfolio, summary, positions, profit and loss, and their updates."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from bridge.simulator.accounts.account import Position
from bridge.simulator.accounts.balances import MISSPELLED_TAGS, SUMMARY_TAGS, account_values, ledger, summary
from bridge.simulator.core.refusals import Refused, duplicate_ticker, invalid
from bridge.simulator.core.times import EXCHANGE_ZONE, local
from bridge.simulator.core.values import Data, decimal_text
from bridge.simulator.handlers.client import Client
from bridge.simulator.handlers.context import HandlerContext
from bridge.simulator.handlers.handler import Handler, request_id
from bridge.simulator.instruments.instrument import Instrument

_SUMMARIES = 2


def _account(context: HandlerContext, name: str, several: bool = False) -> str:
    """Return the account that a request names: the first account if it names none.

    "" stands for all accounts, if `several` allows that.
    """
    if several and name in ("", "All"):
        return ""
    if not name:
        return next(iter(context.accounts))
    if name not in context.accounts:
        raise invalid(f"Invalid account code '{name}'.")
    return name


def _changed(client: Client, key: tuple[str, int], lines: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return the lines whose value (the second element) differs from the value sent last."""
    sent = client.sent.setdefault(key, {})
    fresh = [line for line in lines if sent.get((line[0], *line[2:])) != line[1]]
    sent.update({(line[0], *line[2:]): line[1] for line in fresh})
    return fresh


# reqAccountUpdates


def req_account_updates(context: HandlerContext, client: Client, data: Data) -> None:
    """Send values, portfolio, time and the end; then send changes.

    A client receives updates of one account: a request for another one replaces it, with error 2100.
    """
    if not data.get("subscribe"):
        client.account = ""
        return
    name = _account(context, str(data.get("acctCode", "")))
    if client.account and client.account != name:
        text = "New account data requested from TWS.  API client has been unsubscribed from account data."
        context.error(client.id, -1, 2100, text)
    client.account = name
    client.sent.pop(("updates", 0), None)
    _send_values(context, client)
    for position in _held(context, name):
        context.emit(client.id, "updatePortfolio", _portfolio(context, name, position))
    _send_time(context, client)
    context.emit(client.id, "accountDownloadEnd", {"accountName": name})


def _send_values(context: HandlerContext, client: Client) -> None:
    name = client.account
    lines = account_values(context.accounts[name], context.balances(name), context.mark)
    for key, value, currency in _changed(client, ("updates", 0), lines):
        event = {"key": key, "value": value, "currency": currency, "accountName": name}
        context.emit(client.id, "updateAccountValue", event)


def _send_time(context: HandlerContext, client: Client) -> None:
    context.emit(client.id, "updateAccountTime", {"timeStamp": f"{local(context.seconds, EXCHANGE_ZONE):%H:%M}"})


def _held(context: HandlerContext, name: str) -> list[Position]:
    return [position for position in context.accounts[name].positions.values() if position.quantity]


def _portfolio(context: HandlerContext, name: str, position: Position) -> Data:
    mark = context.mark(position.instrument.conId)
    contract = position.instrument.contract(position.instrument.primaryExch or None)
    return {
        "contract": contract,
        "position": decimal_text(position.quantity),
        "marketPrice": float(mark),
        "marketValue": round(float(position.value(mark)), 2),
        "averageCost": round(float(position.average_cost), 7),
        "unrealizedPNL": round(float(position.unrealized(mark)), 2),
        "realizedPNL": round(float(position.realized), 2),
        "accountName": name,
    }


# reqPositions and its multi variant


def req_positions(context: HandlerContext, client: Client, data: Data) -> None:
    """Send every position of every account and the end; then send changes."""
    client.positions = True
    for name in context.accounts:
        for position in _held(context, name):
            context.emit(client.id, "position", _position(name, position))
    context.emit(client.id, "positionEnd", {})


def cancel_positions(context: HandlerContext, client: Client, data: Data) -> None:
    """TWS sends no answer."""
    client.positions = False


def _position(name: str, position: Position) -> Data:
    return {
        "account": name,
        "contract": position.instrument.contract(position.instrument.primaryExch or None),
        "position": decimal_text(position.quantity),
        "avgCost": round(float(position.average_cost), 7),
    }


def req_positions_multi(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the positions of one account, or of all accounts, with a request id."""
    asked = _fresh(client.positions_multi, data)
    name = _account(context, str(data.get("account", "")), several=True)
    client.positions_multi[asked] = name
    for each in [name] if name else context.accounts:
        for position in _held(context, each):
            context.emit(client.id, "positionMulti", _position(each, position) | {"reqId": asked, "modelCode": ""})
    context.emit(client.id, "positionMultiEnd", {"reqId": asked})


def _fresh(running: dict[int, object] | dict[int, str], data: Data) -> int:
    asked = request_id(data)
    if asked in running:
        raise duplicate_ticker()
    return asked


# reqAccountSummary and reqAccountUpdatesMulti


def req_account_summary(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the requested tags of every account and the end; then send changes every three minutes.

    A client may have two such requests at a time.
    """
    asked = request_id(data)
    if asked in client.summaries:
        raise duplicate_ticker()
    if len(client.summaries) >= _SUMMARIES:
        raise Refused(
            322, "Error processing request.-'bW' : cause - Maximum number of account summary requests exceeded"
        )
    tags = [tag.strip() for tag in str(data.get("tags", "")).split(",") if tag.strip()]
    unknown = [tag for tag in tags if tag not in SUMMARY_TAGS | MISSPELLED_TAGS and not tag.startswith("$LEDGER")]
    if not tags or unknown:
        raise invalid(f"Invalid account summary tags: {','.join(unknown)}")
    if str(data.get("group", "")) not in ("All", *context.accounts):
        raise invalid(f"Invalid account group '{data.get('group', '')}'")
    client.summaries[asked] = tags
    _send_summary(context, client, asked)
    context.emit(client.id, "accountSummaryEnd", {"reqId": asked})


def _send_summary(context: HandlerContext, client: Client, asked: int) -> None:
    for name, account in context.accounts.items():
        lines = summary(account, context.balances(name), context.mark, client.summaries[asked])
        with_name = [(*line, name) for line in lines]
        for tag, value, currency, _ in _changed(client, ("summary", asked), with_name):
            event = {"reqId": asked, "account": name, "tag": tag, "value": value, "currency": currency}
            context.emit(client.id, "accountSummary", event)


def cancel_account_summary(context: HandlerContext, client: Client, data: Data) -> None:
    """TWS sends no answer."""
    client.summaries.pop(request_id(data), None)
    client.sent.pop(("summary", request_id(data)), None)


def req_account_updates_multi(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the values of one account with a request id, and the end.

    `ledgerAndNLV` reduces them to the values by currency.
    """
    asked = request_id(data)
    if asked in client.updates_multi:
        raise duplicate_ticker()
    name = _account(context, str(data.get("account", "")))
    client.updates_multi[asked] = (name, bool(data.get("ledgerAndNLV")))
    _send_multi(context, client, asked)
    context.emit(client.id, "accountUpdateMultiEnd", {"reqId": asked})


def _send_multi(context: HandlerContext, client: Client, asked: int) -> None:
    name, ledger_only = client.updates_multi[asked]
    send = ledger if ledger_only else account_values
    lines = send(context.accounts[name], context.balances(name), context.mark)
    for key, value, currency in _changed(client, ("multi", asked), lines):
        event = {"reqId": asked, "account": name, "modelCode": "", "key": key, "value": value, "currency": currency}
        context.emit(client.id, "accountUpdateMulti", event)


# Profit and loss


def req_pnl(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the profit of an account now, and after each second in which it has changed."""
    asked = _fresh(client.pnl, data)
    client.pnl[asked] = _account(context, str(data.get("account", "")))
    refresh_pnl(context, client)


def req_pnl_single(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the profit of one position now, and after each second in which it has changed."""
    asked = request_id(data)
    if asked in client.pnl_single:
        raise duplicate_ticker()
    name = _account(context, str(data.get("account", "")))
    con_id = int(data.get("conId", 0))
    if con_id not in context.universe.by_id:
        raise invalid(f"Invalid contract id {con_id}")
    client.pnl_single[asked] = (name, con_id)
    refresh_pnl(context, client)


def refresh_pnl(context: HandlerContext, client: Client) -> None:
    """Send the profits that have changed."""
    for asked, name in client.pnl.items():
        sums = context.balances(name)
        daily = sums.net_liquidation - context.accounts[name].day_start
        data = {
            "dailyPnL": _cents(daily),
            "unrealizedPnL": _cents(sums.unrealized),
            "realizedPnL": _cents(sums.realized),
        }
        _send_pnl(context, client, "pnl", {"reqId": asked, **data})
    for asked, (name, con_id) in client.pnl_single.items():
        _send_pnl(context, client, "pnlSingle", {"reqId": asked, **_single(context, name, con_id)})


def _single(context: HandlerContext, name: str, con_id: int) -> Data:
    position = context.accounts[name].positions.get(con_id)
    mark = context.mark(con_id)
    if position is None:
        return {"position": "0", "dailyPnL": 0.0, "unrealizedPnL": 0.0, "realizedPnL": 0.0, "value": 0.0}
    profit = position.realized + position.unrealized(mark)
    return {
        "position": decimal_text(position.quantity),
        "dailyPnL": _cents(profit - position.day_start),
        "unrealizedPnL": _cents(position.unrealized(mark)),
        "realizedPnL": _cents(position.realized),
        "value": _cents(position.value(mark)),
    }


def _send_pnl(context: HandlerContext, client: Client, event: str, data: Data) -> None:
    if _changed(client, (event, data["reqId"]), [("values", repr(data))]):
        context.emit(client.id, event, data)


def _cents(amount: Decimal) -> float:
    return round(float(amount), 2)


# Updates


def on_booked(context: HandlerContext, client: Client, name: str, instrument: Instrument) -> None:
    """Send positions and values of an account after a fill has changed them."""
    position = context.accounts[name].positions[instrument.conId]
    if client.positions:
        context.emit(client.id, "position", _position(name, position))
    for asked, which in client.positions_multi.items():
        if which in ("", name):
            context.emit(client.id, "positionMulti", _position(name, position) | {"reqId": asked, "modelCode": ""})
    if client.account == name:
        context.emit(client.id, "updatePortfolio", _portfolio(context, name, position))
        _send_values(context, client)
        _send_time(context, client)


def refresh_accounts(context: HandlerContext, client: Client) -> None:
    """Send the values, portfolio lines and summaries that have changed. The exchange calls this every three minutes."""
    if client.account:
        _send_values(context, client)
        for position in _held(context, client.account):
            context.emit(client.id, "updatePortfolio", _portfolio(context, client.account, position))
        _send_time(context, client)
    for asked in client.summaries:
        _send_summary(context, client, asked)
    for asked in client.updates_multi:
        _send_multi(context, client, asked)


def _cancel(attribute: str, kind: str) -> Handler:
    """Return a handler that ends a subscription by request id. TWS sends no answer."""

    def cancel(context: HandlerContext, client: Client, data: Data) -> None:
        getattr(client, attribute).pop(request_id(data), None)
        client.sent.pop((kind, request_id(data)), None)

    return cancel


HANDLERS: dict[str, Handler] = {
    "reqAccountUpdates": req_account_updates,
    "reqPositions": req_positions,
    "cancelPositions": cancel_positions,
    "reqPositionsMulti": req_positions_multi,
    "cancelPositionsMulti": _cancel("positions_multi", "positions"),
    "reqAccountSummary": req_account_summary,
    "cancelAccountSummary": cancel_account_summary,
    "reqAccountUpdatesMulti": req_account_updates_multi,
    "cancelAccountUpdatesMulti": _cancel("updates_multi", "multi"),
    "reqPnL": req_pnl,
    "cancelPnL": _cancel("pnl", "pnl"),
    "reqPnLSingle": req_pnl_single,
    "cancelPnLSingle": _cancel("pnl_single", "pnlSingle"),
}
