"""Requests about accounts: values, portfolio, summary, positions, profit and loss; and their updates."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from bridge.simulator.account import Position
from bridge.simulator.balances import MISSPELT_TAGS, SUMMARY_TAGS, account_values, ledger, summary
from bridge.simulator.clients import Client
from bridge.simulator.floor import Floor
from bridge.simulator.handlers.base import Handler, request_id
from bridge.simulator.instruments import Instrument
from bridge.simulator.market import HOME
from bridge.simulator.refusals import Refused, duplicate_ticker, invalid
from bridge.simulator.times import local
from bridge.simulator.values import Data, decimal_text

_SUMMARIES = 2


def _account(floor: Floor, name: str, several: bool = False) -> str:
    """The account meant: the first where none is named; `All` where the request takes it."""
    if several and name in ("", "All"):
        return ""
    if not name:
        return next(iter(floor.accounts))
    if name not in floor.accounts:
        raise invalid(f"Invalid account code '{name}'.")
    return name


def _changed(client: Client, key: tuple[str, int], lines: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The lines whose value (the second word) is not the one told last."""
    told = client.told.setdefault(key, {})
    fresh = [line for line in lines if told.get((line[0], *line[2:])) != line[1]]
    told.update({(line[0], *line[2:]): line[1] for line in fresh})
    return fresh


# reqAccountUpdates


def req_account_updates(floor: Floor, client: Client, data: Data) -> None:
    """Values, portfolio, time and the end; then changes. One account at a time: another one replaces it (2100)."""
    if not data.get("subscribe"):
        client.account = ""
        return
    name = _account(floor, str(data.get("acctCode", "")))
    if client.account and client.account != name:
        text = "New account data requested from TWS.  API client has been unsubscribed from account data."
        floor.error(client.id, -1, 2100, text)
    client.account = name
    client.told.pop(("updates", 0), None)
    _tell_values(floor, client)
    for position in _held(floor, name):
        floor.emit(client.id, "updatePortfolio", _portfolio(floor, name, position))
    _tell_time(floor, client)
    floor.emit(client.id, "accountDownloadEnd", {"accountName": name})


def _tell_values(floor: Floor, client: Client) -> None:
    name = client.account
    lines = account_values(floor.accounts[name], floor.balances(name), floor.mark)
    for key, value, currency in _changed(client, ("updates", 0), lines):
        event = {"key": key, "value": value, "currency": currency, "accountName": name}
        floor.emit(client.id, "updateAccountValue", event)


def _tell_time(floor: Floor, client: Client) -> None:
    floor.emit(client.id, "updateAccountTime", {"timeStamp": f"{local(floor.seconds, HOME):%H:%M}"})


def _held(floor: Floor, name: str) -> list[Position]:
    return [position for position in floor.accounts[name].positions.values() if position.quantity]


def _portfolio(floor: Floor, name: str, position: Position) -> Data:
    mark = floor.mark(position.instrument.conId)
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


def req_positions(floor: Floor, client: Client, data: Data) -> None:
    """Every position of every account and the end; then changes."""
    client.positions = True
    for name in floor.accounts:
        for position in _held(floor, name):
            floor.emit(client.id, "position", _position(name, position))
    floor.emit(client.id, "positionEnd", {})


def cancel_positions(floor: Floor, client: Client, data: Data) -> None:
    """Silent, as TWS is."""
    client.positions = False


def _position(name: str, position: Position) -> Data:
    return {
        "account": name,
        "contract": position.instrument.contract(position.instrument.primaryExch or None),
        "position": decimal_text(position.quantity),
        "avgCost": round(float(position.average_cost), 7),
    }


def req_positions_multi(floor: Floor, client: Client, data: Data) -> None:
    """Positions of one account (or all) under a request id."""
    asked = _fresh(client.positions_multi, data)
    name = _account(floor, str(data.get("account", "")), several=True)
    client.positions_multi[asked] = name
    for each in [name] if name else floor.accounts:
        for position in _held(floor, each):
            floor.emit(client.id, "positionMulti", _position(each, position) | {"reqId": asked, "modelCode": ""})
    floor.emit(client.id, "positionMultiEnd", {"reqId": asked})


def _fresh(running: dict[int, object] | dict[int, str], data: Data) -> int:
    asked = request_id(data)
    if asked in running:
        raise duplicate_ticker()
    return asked


# reqAccountSummary and reqAccountUpdatesMulti


def req_account_summary(floor: Floor, client: Client, data: Data) -> None:
    """The asked tags of every account and the end; then changes each three minutes. At most two at a time."""
    asked = request_id(data)
    if asked in client.summaries:
        raise duplicate_ticker()
    if len(client.summaries) >= _SUMMARIES:
        raise Refused(
            322, "Error processing request.-'bW' : cause - Maximum number of account summary requests exceeded"
        )
    tags = [tag.strip() for tag in str(data.get("tags", "")).split(",") if tag.strip()]
    unknown = [tag for tag in tags if tag not in SUMMARY_TAGS | MISSPELT_TAGS and not tag.startswith("$LEDGER")]
    if not tags or unknown:
        raise invalid(f"Invalid account summary tags: {','.join(unknown)}")
    if str(data.get("group", "")) not in ("All", *floor.accounts):
        raise invalid(f"Invalid account group '{data.get('group', '')}'")
    client.summaries[asked] = tags
    _tell_summary(floor, client, asked)
    floor.emit(client.id, "accountSummaryEnd", {"reqId": asked})


def _tell_summary(floor: Floor, client: Client, asked: int) -> None:
    for name, account in floor.accounts.items():
        lines = summary(account, floor.balances(name), floor.mark, client.summaries[asked])
        with_name = [(*line, name) for line in lines]
        for tag, value, currency, _ in _changed(client, ("summary", asked), with_name):
            event = {"reqId": asked, "account": name, "tag": tag, "value": value, "currency": currency}
            floor.emit(client.id, "accountSummary", event)


def cancel_account_summary(floor: Floor, client: Client, data: Data) -> None:
    """Silent, as TWS is."""
    client.summaries.pop(request_id(data), None)
    client.told.pop(("summary", request_id(data)), None)


def req_account_updates_multi(floor: Floor, client: Client, data: Data) -> None:
    """Values of one account under a request id, and the end; `ledgerAndNLV` leaves only the ledger."""
    asked = request_id(data)
    if asked in client.updates_multi:
        raise duplicate_ticker()
    name = _account(floor, str(data.get("account", "")))
    client.updates_multi[asked] = (name, bool(data.get("ledgerAndNLV")))
    _tell_multi(floor, client, asked)
    floor.emit(client.id, "accountUpdateMultiEnd", {"reqId": asked})


def _tell_multi(floor: Floor, client: Client, asked: int) -> None:
    name, ledger_only = client.updates_multi[asked]
    tell = ledger if ledger_only else account_values
    lines = tell(floor.accounts[name], floor.balances(name), floor.mark)
    for key, value, currency in _changed(client, ("multi", asked), lines):
        event = {"reqId": asked, "account": name, "modelCode": "", "key": key, "value": value, "currency": currency}
        floor.emit(client.id, "accountUpdateMulti", event)


# Profit and loss


def req_pnl(floor: Floor, client: Client, data: Data) -> None:
    """Profit of an account; again each second in which it changes."""
    asked = _fresh(client.pnl, data)
    client.pnl[asked] = _account(floor, str(data.get("account", "")))
    refresh_pnl(floor, client)


def req_pnl_single(floor: Floor, client: Client, data: Data) -> None:
    """Profit of one position; again each second in which it changes."""
    asked = request_id(data)
    if asked in client.pnl_single:
        raise duplicate_ticker()
    name = _account(floor, str(data.get("account", "")))
    con_id = int(data.get("conId", 0))
    if con_id not in floor.universe.by_id:
        raise invalid(f"Invalid contract id {con_id}")
    client.pnl_single[asked] = (name, con_id)
    refresh_pnl(floor, client)


def refresh_pnl(floor: Floor, client: Client) -> None:
    """Tells what has changed."""
    for asked, name in client.pnl.items():
        sums = floor.balances(name)
        daily = sums.net_liquidation - floor.accounts[name].day_start
        data = {
            "dailyPnL": _cents(daily),
            "unrealizedPnL": _cents(sums.unrealized),
            "realizedPnL": _cents(sums.realized),
        }
        _tell_pnl(floor, client, "pnl", {"reqId": asked, **data})
    for asked, (name, con_id) in client.pnl_single.items():
        _tell_pnl(floor, client, "pnlSingle", {"reqId": asked, **_single(floor, name, con_id)})


def _single(floor: Floor, name: str, con_id: int) -> Data:
    position = floor.accounts[name].positions.get(con_id)
    mark = floor.mark(con_id)
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


def _tell_pnl(floor: Floor, client: Client, event: str, data: Data) -> None:
    if _changed(client, (event, data["reqId"]), [("values", repr(data))]):
        floor.emit(client.id, event, data)


def _cents(amount: Decimal) -> float:
    return round(float(amount), 2)


# Updates


def on_booked(floor: Floor, client: Client, name: str, instrument: Instrument) -> None:
    """A fill has changed an account: positions and values are told at once."""
    position = floor.accounts[name].positions[instrument.conId]
    if client.positions:
        floor.emit(client.id, "position", _position(name, position))
    for asked, which in client.positions_multi.items():
        if which in ("", name):
            floor.emit(client.id, "positionMulti", _position(name, position) | {"reqId": asked, "modelCode": ""})
    if client.account == name:
        floor.emit(client.id, "updatePortfolio", _portfolio(floor, name, position))
        _tell_values(floor, client)
        _tell_time(floor, client)


def refresh_accounts(floor: Floor, client: Client) -> None:
    """Each three minutes: what has changed in values, portfolio and summaries."""
    if client.account:
        _tell_values(floor, client)
        for position in _held(floor, client.account):
            floor.emit(client.id, "updatePortfolio", _portfolio(floor, client.account, position))
        _tell_time(floor, client)
    for asked in client.summaries:
        _tell_summary(floor, client, asked)
    for asked in client.updates_multi:
        _tell_multi(floor, client, asked)


def _cancel(attribute: str, kind: str) -> Handler:
    """Ends a subscription by request id; silent, as TWS is."""

    def cancel(floor: Floor, client: Client, data: Data) -> None:
        getattr(client, attribute).pop(request_id(data), None)
        client.told.pop((kind, request_id(data)), None)

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
