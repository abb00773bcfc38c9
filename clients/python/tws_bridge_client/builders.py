"""Contracts and orders in one line: `Stock("AAPL")`, `limit("BUY", 100, 187.5)`.

Each function returns an object of `generated.types`, which can be changed afterwards (`order.tif = "GTC"`). Fields have
IBKR's names, and every other field of a contract or order can be given by its name:

    Stock("AAPL", primaryExch="NASDAQ")
    limit("BUY", 100, 187.5, tif="GTC", outsideRth=True)

The sources are IBKR's pages on contracts, order types, conditions and algos.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict, Unpack

from tws_bridge_client.generated.types import ComboLeg, Contract, Order, OrderCondition, PlacedOrder
from tws_bridge_client.likes import ContractLike, OrderLike, contract_of, key_of, order_of
from tws_bridge_client.struct import DayLike, MomentLike
from tws_bridge_client.values import Number, boolean, decimal, number, text

Side = Literal["BUY", "SELL"]
Right = Literal["C", "P", "CALL", "PUT"]


class MoreFuture(TypedDict, total=False):
    """Other fields of a future that a builder takes."""

    conId: int
    primaryExch: str
    tradingClass: str
    includeExpired: bool


class MoreContract(MoreFuture, total=False):
    """Other fields of a contract that a builder takes."""

    localSymbol: str


class MoreOrder(TypedDict, total=False):
    """Other fields of an order that a builder takes."""

    tif: str
    goodTillDate: MomentLike
    goodAfterTime: MomentLike
    outsideRth: bool
    account: str
    faGroup: str
    faMethod: str
    modelCode: str
    ocaGroup: str
    ocaType: int
    triggerMethod: int
    allOrNone: bool
    hidden: bool
    displaySize: int
    minQty: int
    cashQty: float
    discretionaryAmt: float
    openClose: str
    notHeld: bool
    postOnly: bool
    whatIf: bool
    usePriceMgmtAlgo: int
    conditions: list[OrderCondition]
    conditionsCancelOrder: bool
    conditionsIgnoreRth: bool


# Contracts


def Stock(symbol: str, exchange: str = "SMART", currency: str = "USD", **more: Unpack[MoreContract]) -> Contract:
    """A stock or ETF."""
    return Contract(secType="STK", symbol=symbol, exchange=exchange, currency=currency, **more)


def Option(  # noqa: PLR0917 - the positions that an ib_async user knows
    symbol: str,
    expiry: DayLike,
    strike: float,
    right: Right,
    exchange: str = "SMART",
    multiplier: Number | None = None,
    currency: str = "USD",
    **more: Unpack[MoreContract],
) -> Contract:
    """An option on a stock or index. `expiry`: the last trading day (yyyymmdd) or the month (yyyymm)."""
    return Contract(
        secType="OPT", symbol=symbol, lastTradeDateOrContractMonth=expiry, strike=strike, right=right,
        exchange=exchange, **_given(multiplier=multiplier), currency=currency, **more,
    )  # fmt: skip


def Future(  # noqa: PLR0917 - the positions that an ib_async user knows
    symbol: str,
    expiry: DayLike,
    exchange: str,
    localSymbol: str | None = None,
    multiplier: Number | None = None,
    currency: str = "USD",
    **more: Unpack[MoreFuture],
) -> Contract:
    """A future. `expiry`: the last trading day (yyyymmdd) or the month (yyyymm)."""
    return Contract(
        secType="FUT", symbol=symbol, lastTradeDateOrContractMonth=expiry, exchange=exchange,
        **_given(localSymbol=localSymbol, multiplier=multiplier), currency=currency, **more,
    )  # fmt: skip


def ContFuture(
    symbol: str,
    exchange: str,
    localSymbol: str | None = None,
    multiplier: Number | None = None,
    currency: str = "USD",
    **more: Unpack[MoreFuture],
) -> Contract:
    """The continuous future of a symbol. TWS serves history for it, and no orders."""
    return Contract(
        secType="CONTFUT", symbol=symbol, exchange=exchange, **_given(localSymbol=localSymbol, multiplier=multiplier),
        currency=currency, **more,
    )  # fmt: skip


def _given(**fields: Number | None) -> dict[str, Any]:
    """The fields that are given, and not empty as the defaults of ib_async are."""
    return {name: value for name, value in fields.items() if value is not None and value != ""}


def FuturesOption(  # noqa: PLR0917 - the positions that an ib_async user knows
    symbol: str,
    expiry: DayLike,
    strike: float,
    right: Right,
    exchange: str,
    multiplier: Number | None = None,
    currency: str = "USD",
    **more: Unpack[MoreContract],
) -> Contract:
    """An option on a future."""
    return Contract(
        secType="FOP", symbol=symbol, lastTradeDateOrContractMonth=expiry, strike=strike, right=right,
        exchange=exchange, **_given(multiplier=multiplier), currency=currency, **more,
    )  # fmt: skip


def Forex(pair: str, exchange: str = "IDEALPRO", **more: Unpack[MoreContract]) -> Contract:
    """A currency pair, such as `EURUSD`: six letters, the base currency first.

    Raises ValueError if it has not six letters.
    """
    letters = pair.replace(".", "").replace("/", "")
    if len(letters) != 6 or not letters.isalpha():
        raise ValueError(f"{pair}: a currency pair has six letters, such as EURUSD")
    return Contract(secType="CASH", symbol=letters[:3], currency=letters[3:], exchange=exchange, **more)


def Index(symbol: str, exchange: str, currency: str = "USD", **more: Unpack[MoreContract]) -> Contract:
    """An index, such as `Index("SPX", "CBOE")`."""
    return Contract(secType="IND", symbol=symbol, exchange=exchange, currency=currency, **more)


def CFD(symbol: str, exchange: str = "SMART", currency: str = "USD", **more: Unpack[MoreContract]) -> Contract:
    """A contract for difference."""
    return Contract(secType="CFD", symbol=symbol, exchange=exchange, currency=currency, **more)


def Crypto(symbol: str, exchange: str, currency: str = "USD", **more: Unpack[MoreContract]) -> Contract:
    """A cryptocurrency, such as `Crypto("BTC", "PAXOS")`."""
    return Contract(secType="CRYPTO", symbol=symbol, exchange=exchange, currency=currency, **more)


def Commodity(symbol: str, exchange: str = "SMART", currency: str = "USD", **more: Unpack[MoreContract]) -> Contract:
    """A commodity, such as `Commodity("XAUUSD")`."""
    return Contract(secType="CMDTY", symbol=symbol, exchange=exchange, currency=currency, **more)


def Bond(
    secId: str, secIdType: str = "CUSIP", exchange: str = "SMART", currency: str = "USD", **more: Unpack[MoreContract]
) -> Contract:
    """A bond, by its CUSIP or ISIN."""
    return Contract(
        secType="BOND", symbol=secId, secId=secId, secIdType=secIdType, exchange=exchange, currency=currency, **more
    )


def Fund(symbol: str, exchange: str = "FUNDSERV", currency: str = "USD", **more: Unpack[MoreContract]) -> Contract:
    """A mutual fund."""
    return Contract(secType="FUND", symbol=symbol, exchange=exchange, currency=currency, **more)


def Bag(
    symbol: str, *legs: ComboLeg, exchange: str = "SMART", currency: str = "USD", **more: Unpack[MoreContract]
) -> Contract:
    """A combination, made of legs: `Bag("SPY", leg(near, "SELL"), leg(far, "BUY"))`."""
    return Contract(secType="BAG", symbol=symbol, comboLegs=list(legs), exchange=exchange, currency=currency, **more)


def leg(contract: ContractLike, action: Side, ratio: int = 1, exchange: str = "") -> ComboLeg:
    """A leg of a combination. The contract needs its conId: `client.qualify` finds it.

    Raises ValueError if the contract has no conId.
    """
    ours = contract_of(contract)
    if not ours.conId:
        raise ValueError(f"conId: the leg {ours.symbol} has none; client.qualify finds it")
    return ComboLeg(conId=ours.conId, ratio=ratio, action=action, exchange=exchange or ours.exchange or "SMART")


# Orders


def market(action: Side, quantity: Number, **more: Unpack[MoreOrder]) -> Order:
    """Execute at once, at the market."""
    return _order("MKT", action, quantity, {**more})


def limit(action: Side, quantity: Number, price: float, **more: Unpack[MoreOrder]) -> Order:
    """Execute at the price or a better one."""
    return _order("LMT", action, quantity, {"lmtPrice": price, **more})


def stop(action: Side, quantity: Number, price: float, **more: Unpack[MoreOrder]) -> Order:
    """A market order from the moment when the market reaches the price."""
    return _order("STP", action, quantity, {"auxPrice": price, **more})


def stop_limit(
    action: Side, quantity: Number, limit_price: float, stop_price: float, **more: Unpack[MoreOrder]
) -> Order:
    """A limit order from the moment when the market reaches the stop price."""
    return _order("STP LMT", action, quantity, {"lmtPrice": limit_price, "auxPrice": stop_price, **more})


def trailing(
    action: Side,
    quantity: Number,
    *,
    amount: float | None = None,
    percent: float | None = None,
    **more: Unpack[MoreOrder],
) -> Order:
    """A stop that follows the market at a distance: an amount, or a percentage.

    Raises ValueError if not exactly one of both is given.
    """
    return _order("TRAIL", action, quantity, {**_distance(amount, percent), **more})


def trailing_limit(
    action: Side,
    quantity: Number,
    stop_price: float,
    limit_offset: float,
    *,
    amount: float | None = None,
    percent: float | None = None,
    **more: Unpack[MoreOrder],
) -> Order:
    """A trailing stop that becomes a limit order, `limit_offset` away from the stop. `stop_price`: where it begins.

    Raises ValueError if not exactly one of `amount` and `percent` is given.
    """
    fields = {"trailStopPrice": stop_price, "lmtPriceOffset": limit_offset, **_distance(amount, percent), **more}
    return _order("TRAIL LIMIT", action, quantity, fields)


def _order(kind: str, action: Side, quantity: Number, fields: dict[str, Any]) -> Order:
    return Order(**{"orderType": kind, "action": action, "totalQuantity": quantity, **fields})


def _distance(amount: float | None, percent: float | None) -> dict[str, float]:
    if amount is not None and percent is None:
        return {"auxPrice": amount}
    if percent is not None and amount is None:
        return {"trailingPercent": percent}
    raise ValueError("give either amount or percent")


def opposite(action: Side) -> Side:
    """The other side. Raises ValueError if it is neither BUY nor SELL."""
    if action not in ("BUY", "SELL"):
        raise ValueError(f"action: expected BUY or SELL, not {action!r:.80}")
    return "SELL" if action == "BUY" else "BUY"


# Groups of orders, for `client.place_orders(...)`


#: What the exits of a bracket take from its entry.
_INHERITED = ("tif", "goodTillDate", "outsideRth", "account", "faGroup", "faMethod", "faPercentage", "modelCode")


def bracket(
    key: str,
    contract: ContractLike,
    entry: OrderLike,
    *,
    take_profit: float | None = None,
    stop_loss: float | None = None,
) -> list[PlacedOrder]:
    """An entry, and the orders that close its position: a limit at `take_profit`, a stop at `stop_loss`, or both.

    The keys are `key`, `key-profit` and `key-stop`. TWS works the children when the entry is executed, and cancels the
    other one when one of them is. They have the account, model, allocation and `outsideRth` of the entry, and its `tif`
    unless that ends at once (IOC, FOK, OPG).

    A BUY takes its profit above its own price and its loss below it, a SELL the other way round. The own price is the
    limit of a limit order, and the trigger of a stop or of a market order if touched. Prices may be negative.

    Raises ValueError if neither price is given or one is on the wrong side, or if the entry has no action or quantity.
    """
    key_of(key, "key")
    if take_profit is None and stop_loss is None:
        raise ValueError("give take_profit, stop_loss or both")
    entry = order_of(entry).copy()
    if entry.action not in ("BUY", "SELL") or entry.totalQuantity is None:
        raise ValueError("the entry needs an action, BUY or SELL, and a totalQuantity")
    _check_sides(entry, take_profit, stop_loss)
    ours, exit_side, quantity = contract_of(contract), opposite(entry.action), entry.totalQuantity
    inherited = {name: getattr(entry, name) for name in _INHERITED if name in entry}
    if entry.tif in ("IOC", "FOK", "OPG"):  # the exits must stay until the position is closed
        del inherited["tif"]
    members = [PlacedOrder(orderKey=key, contract=ours, order=entry)]
    if take_profit is not None:
        order = limit(exit_side, quantity, take_profit, **inherited)
        members.append(PlacedOrder(orderKey=f"{key}-profit", contract=ours, order=order, parentKey=key))
    if stop_loss is not None:
        order = stop(exit_side, quantity, stop_loss, **inherited)
        members.append(PlacedOrder(orderKey=f"{key}-stop", contract=ours, order=order, parentKey=key))
    return members


#: The field with the price at which an order is executed or begins, by its type. Other types have none.
_OWN_PRICE = {
    **dict.fromkeys(("LMT", "LOC", "LIT", "STP LMT"), "lmtPrice"),
    **dict.fromkeys(("STP", "STP PRT", "MIT"), "auxPrice"),
}


def _check_sides(entry: Order, take_profit: float | None, stop_loss: float | None) -> None:
    """Raise ValueError if the exits do not enclose the price of the entry, or the profit is not beyond the loss."""
    profit = None if take_profit is None else number(take_profit, "take_profit")
    loss = None if stop_loss is None else number(stop_loss, "stop_loss")
    field = _OWN_PRICE.get(entry.orderType.upper())
    own = None if field is None else getattr(entry, field)
    up, down = ("above", "below") if entry.action == "BUY" else ("below", "above")
    sign = 1 if entry.action == "BUY" else -1

    because = f"because the entry is a {entry.action}"
    if profit is not None and loss is not None and sign * profit <= sign * loss:
        raise ValueError(f"take_profit: {profit} must be {up} stop_loss, {loss}, {because}")
    if profit is not None and own is not None and sign * profit < sign * own:
        raise ValueError(f"take_profit: {profit} must be {up} the entry's {field}, {own}, {because}")
    if loss is not None and own is not None and sign * loss > sign * own:
        raise ValueError(f"stop_loss: {loss} must be {down} the entry's {field}, {own}, {because}")


def oca(group: str, *orders: OrderLike, kind: Literal[1, 2, 3] = 1) -> list[Order]:
    """Orders of which one cancels the others.

    `kind`: what a fill does with the rest. 1: cancel it; 2: reduce it; in both cases one order works at a time. 3:
    reduce it, while all orders work. Returns copies.

    Raises ValueError for an empty group: the orders would not belong together.
    """
    if text(group, "group") == "":
        raise ValueError("group: expected a name of the group; with an empty one each order stands alone")
    if kind not in (1, 2, 3):
        raise ValueError(f"kind: expected 1, 2 or 3, not {kind!r:.80}")
    return [order_of(order).copy(ocaGroup=group, ocaType=kind) for order in orders]


# Conditions: `order.conditions = [price_condition(...), ...]`


def price_condition(
    conId: int, price: float, *, above: bool, exchange: str = "SMART", triggerMethod: int = 0, either: bool = False
) -> OrderCondition:
    """The price of an instrument is above or below a value. `either`: joined with the next condition by "or"."""
    return _condition(1, either, conId=conId, exchange=exchange, isMore=above, price=price, triggerMethod=triggerMethod)


def time_condition(time: MomentLike, *, after: bool = True, either: bool = False) -> OrderCondition:
    """The time, a datetime with a time zone or `yyyymmdd hh:mm:ss zone`, is over or not."""
    return _condition(3, either, time=time, isMore=after)


def margin_condition(percent: int, *, above: bool, either: bool = False) -> OrderCondition:
    """The margin cushion of the account is above or below a percentage."""
    return _condition(4, either, percent=percent, isMore=above)


def execution_condition(symbol: str, secType: str, exchange: str, *, either: bool = False) -> OrderCondition:
    """The account trades the symbol."""
    return _condition(5, either, symbol=symbol, secType=secType, exchange=exchange)


def volume_condition(
    conId: int, volume: int, *, above: bool, exchange: str = "SMART", either: bool = False
) -> OrderCondition:
    """The volume of an instrument is above or below a value."""
    return _condition(6, either, conId=conId, exchange=exchange, isMore=above, volume=volume)


def percent_condition(
    conId: int, change: float, *, above: bool, exchange: str = "SMART", either: bool = False
) -> OrderCondition:
    """The price of an instrument has changed by more or less than a percentage since the close before."""
    return _condition(7, either, conId=conId, exchange=exchange, isMore=above, changePercent=change)


def _condition(kind: Literal[1, 3, 4, 5, 6, 7], either: bool, **fields: Any) -> OrderCondition:
    return OrderCondition(type=kind, isConjunctionConnection=not either, **fields)


# Algos: each returns a copy of the order that IBKR's algo works. The tags are those of IBKR's page "IB Algos".


def adaptive(order: OrderLike, priority: Literal["Urgent", "Normal", "Patient"] = "Normal") -> Order:
    """IBKR's Adaptive algo, for a market or limit order."""
    return algo(order, "Adaptive", adaptivePriority=priority)


def twap(
    order: OrderLike, *, start: str = "", end: str = "", past_end: bool = False, strategy: str = "Marketable"
) -> Order:
    """Average price over time. `start` and `end`: `hh:mm:ss zone` or `yyyymmdd-hh:mm:ss` in UTC."""
    return algo(
        order, "Twap", strategyType=strategy, startTime=start, endTime=end, allowPastEndTime=_flag(past_end, "past_end")
    )


def vwap(
    order: OrderLike,
    *,
    share: float,
    start: str = "",
    end: str = "",
    past_end: bool = False,
    take_liquidity: bool = True,
) -> Order:
    """Volume-weighted average price. `share`: of the volume at most, 0.01 to 0.5."""
    return algo(
        order, "Vwap", maxPctVol=_share(share), startTime=start, endTime=end,
        allowPastEndTime=_flag(past_end, "past_end"),
        noTakeLiq=_flag(not boolean(take_liquidity, "take_liquidity"), "take_liquidity"),
    )  # fmt: skip


def arrival_price(
    order: OrderLike,
    *,
    share: float,
    risk: Literal["Get Done", "Aggressive", "Neutral", "Passive"] = "Neutral",
    start: str = "",
    end: str = "",
    past_end: bool = False,
    force_completion: bool = False,
) -> Order:
    """The midpoint at the time of the order, as near as possible. `share`: of the volume at most, 0.01 to 0.5."""
    return algo(
        order, "ArrivalPx", maxPctVol=_share(share), riskAversion=risk, startTime=start, endTime=end,
        allowPastEndTime=_flag(past_end, "past_end"), forceCompletion=_flag(force_completion, "force_completion"),
    )  # fmt: skip


def percent_of_volume(order: OrderLike, *, share: float, start: str = "", end: str = "") -> Order:
    """A share of the volume, 0.01 to 0.5."""
    return algo(order, "PctVol", pctVol=_share(share), startTime=start, endTime=end)


def algo(order: OrderLike, strategy: str, **params: str) -> Order:
    """A copy of the order for an algo of IBKR, with its parameters by tag. A parameter "" is left out."""
    return order_of(order).copy(
        algoStrategy=strategy, algoParams={tag: value for tag, value in params.items() if value != ""}
    )


def _flag(value: bool, name: str) -> str:
    return "1" if boolean(value, name) else "0"


def _share(share: float) -> str:
    if not 0 < number(share, "share") <= 1:
        raise ValueError(f"share: {share} is not between 0 and 1")
    return decimal(share, "share")
