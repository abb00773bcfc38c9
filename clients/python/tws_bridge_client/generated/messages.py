"""What TWS and the bridge publish: one class for each event.

`tws-bridge schemas` writes this file. Nobody edits it by hand.
"""

from __future__ import annotations

from typing import Any, Literal

from tws_bridge_client.generated import types as t
from tws_bridge_client.struct import Data, Id64, OptionalId64, OptionalQuantity, Quantity, Struct


class Unknown(Struct):
    """An event that this version of the client does not know."""

    __slots__ = ()


class AccountDownloadEnd(Struct):
    """TWS has sent the whole account. Only changes follow."""

    __slots__ = ()

    accountName: str = ""
    """Account."""


class AccountSummary(Struct):
    """One value of an account summary."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    account: str = ""
    """Account."""
    tag: str = ""
    """Kind of value."""
    value: str = ""
    """The value, as text."""
    currency: str = ""
    """Currency of the value. Empty if it has none."""


class AccountSummaryEnd(Struct):
    """TWS has sent the whole summary. Changes follow every few minutes."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""


class AccountUpdateMulti(Struct):
    """One value of an account or model."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    account: str = ""
    """Account."""
    modelCode: str = ""
    """Model."""
    key: str = ""
    """Kind of value."""
    value: str = ""
    """The value, as text."""
    currency: str = ""
    """Currency of the value. Empty if it has none."""


class AccountUpdateMultiEnd(Struct):
    """TWS has sent all values. Only changes follow."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""


class BondContractDetails(Struct):
    """A bond that matches, with its details."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    contract: t.Contract
    """An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency and the
    other fields that distinguish it.
    """
    contractDetails: t.ContractDetails
    """Details of an instrument: trading hours, price steps, order types, and the fields of its kind of instrument.
    """


class CalculateImpliedVolatility(Struct):
    """Compute the implied volatility of an option for a price. TWS answers with a tick of type 53."""

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""
    contract: t.Contract
    """An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency and the
    other fields that distinguish it.
    """
    optionPrice: float | None = None
    """Price of the option."""
    underPrice: float | None = None
    """Price of the underlying."""
    impliedVolatilityOptions: dict[str, str] = {}  # noqa: RUF012
    """More options by tag, for IBKR's internal use."""


class CalculateOptionPrice(Struct):
    """Compute the price of an option for a volatility. TWS answers with a tick of type 53."""

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""
    contract: t.Contract
    """An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency and the
    other fields that distinguish it.
    """
    volatility: float | None = None
    """Implied volatility, as a fraction."""
    underPrice: float | None = None
    """Price of the underlying."""
    optionPriceOptions: dict[str, str] = {}  # noqa: RUF012
    """More options by tag, for IBKR's internal use."""


class CancelAccountSummary(Struct):
    """End an account summary."""

    __slots__ = ()

    reqId: int
    """ID of the request that ends."""


class CancelAccountUpdatesMulti(Struct):
    """End the updates of an account or model."""

    __slots__ = ()

    reqId: int
    """ID of the request that ends."""


class CancelCalculateImpliedVolatility(Struct):
    """End a computation of implied volatility."""

    __slots__ = ()

    reqId: int
    """ID of the request that ends."""


class CancelCalculateOptionPrice(Struct):
    """End a computation of an option price."""

    __slots__ = ()

    reqId: int
    """ID of the request that ends."""


class CancelContractData(Struct):
    """End a request for contract details."""

    __slots__ = ()

    reqId: int
    """ID of the request that ends."""


class CancelHeadTimeStamp(Struct):
    """End a request for the oldest data."""

    __slots__ = ()

    reqId: int
    """ID of the request that ends."""


class CancelHistogramData(Struct):
    """End a request for a histogram."""

    __slots__ = ()

    reqId: int
    """ID of the request that ends."""


class CancelHistoricalData(Struct):
    """End a request for history, or its updates."""

    __slots__ = ()

    reqId: int
    """ID of the request that ends."""


class CancelHistoricalTicks(Struct):
    """End a request for historical ticks."""

    __slots__ = ()

    reqId: int
    """ID of the request that ends."""


class CancelMktData(Struct):
    """End market data."""

    __slots__ = ()

    reqId: int
    """ID of the request that ends."""


class CancelMktDepth(Struct):
    """End market depth."""

    __slots__ = ()

    reqId: int
    """ID of the request that ends."""
    isSmartDepth: bool | None = None
    """The same value as in the request that ends."""


class CancelNewsBulletins(Struct):
    """End bulletins for the whole connection."""

    __slots__ = ()



class CancelOrder(Struct):
    """Cancel one order by its ID."""

    __slots__ = ()

    orderId: int
    """Number of the order to cancel."""
    orderCancel: t.OrderCancel
    """Data of a cancel. Only regulated and manual order entry needs it."""


class CancelPnL(Struct):
    """End profit and loss of an account."""

    __slots__ = ()

    reqId: int
    """ID of the request that ends."""


class CancelPnLSingle(Struct):
    """End profit and loss of a position."""

    __slots__ = ()

    reqId: int
    """ID of the request that ends."""


class CancelPositions(Struct):
    """End the positions."""

    __slots__ = ()



class CancelPositionsMulti(Struct):
    """End the positions of an account or model."""

    __slots__ = ()

    reqId: int
    """ID of the request that ends."""


class CancelRealTimeBars(Struct):
    """End real-time bars."""

    __slots__ = ()

    reqId: int
    """ID of the request that ends."""


class CancelScannerSubscription(Struct):
    """End a scan."""

    __slots__ = ()

    reqId: int
    """ID of the request that ends."""


class CancelTickByTickData(Struct):
    """End tick-by-tick data."""

    __slots__ = ()

    reqId: int
    """ID of the request that ends."""


class CancelWshEventData(Struct):
    """End a request for calendar events."""

    __slots__ = ()

    reqId: int
    """ID of the request that ends."""


class CancelWshMetaData(Struct):
    """End a request for the calendar's event types."""

    __slots__ = ()

    reqId: int
    """ID of the request that ends."""


class CommissionAndFeesReport(Struct):
    """Cost and realized profit of an execution. TWS sends it after execDetails with the same execId."""

    __slots__ = ()

    execId: str = ""
    """Execution of this report."""
    commissionAndFees: float | None = None
    """Commission and fees."""
    currency: str = ""
    """Currency of the commission and fees."""
    realizedPNL: float | None = None
    """Profit that the execution realized. Absent if it opened a position."""
    bondYield: float | None = None
    """Yield of a bond trade."""
    yieldRedemptionDate: str = ""
    """Redemption date for which the yield holds: yyyymmdd."""


class CompletedOrder(Struct):
    """One order that was filled or cancelled."""

    __slots__ = ()

    contract: t.Contract
    """An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency and the
    other fields that distinguish it.
    """
    order: t.Order
    """An order: its side, quantity, price, lifetime and conditions. An order needs only the fields that its type
    uses.
    """
    orderState: t.OrderState
    """The status of an order, expected margin and fees, warnings, and how the order ended."""


class CompletedOrdersEnd(Struct):
    """TWS has listed all completed orders."""

    __slots__ = ()



class ConfigResponse(Struct):
    """The settings of TWS."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    lockAndExit: t.LockAndExitConfig
    """Settings: when TWS logs off or restarts automatically."""
    api: t.ApiConfig
    """The API part of the TWS settings."""
    orders: t.OrdersConfig
    """Settings: orders."""
    messages: list[t.MessageConfig] = []  # noqa: RUF012
    """Settings for messages of TWS, and for the answers to them."""


class ContractDetails(Struct):
    """An instrument that matches, with its details."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    contract: t.Contract
    """An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency and the
    other fields that distinguish it.
    """
    contractDetails: t.ContractDetails
    """Details of an instrument: trading hours, price steps, order types, and the fields of its kind of instrument.
    """


class ContractDetailsEnd(Struct):
    """TWS has sent all instruments that match."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""


class CurrentTime(Struct):
    """The current time of TWS."""

    __slots__ = ()

    currentTime: int | None = None
    """Seconds since 1970 UTC."""


class CurrentTimeInMillis(Struct):
    """The current time of TWS, in milliseconds."""

    __slots__ = ()

    currentTimeInMillis: int | None = None
    """Milliseconds since 1970 UTC."""


class DeltaNeutralValidation(Struct):
    """The hedge with which TWS accepts a delta-neutral request."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    deltaNeutralContract: t.DeltaNeutralContract
    """The hedge of a delta-neutral combination."""


class DisplayGroupList(Struct):
    """The display groups of TWS."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    groups: str = ""
    """Numbers of the groups, the most used first, joined by `|`."""


class DisplayGroupUpdated(Struct):
    """A display group shows another instrument."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    contractInfo: str = ""
    """Instrument that the group shows: `conId@exchange`, `none`, or `combo`."""


class Error(Struct):
    """An error, a warning or a notice. It concerns a request, an order, or the whole connection (ID -1)."""

    __slots__ = ()

    id: int | None = None
    """ID of the request or number of the order. -1: neither. Order IDs and request IDs share one range."""
    errorTime: int | None = None
    """When the error happened: milliseconds since 1970 UTC. Absent below server version 194."""
    errorCode: int | None = None
    """Code of the error. 2100 to 2169 are notices."""
    errorMsg: str = ""
    """The text."""
    advancedOrderRejectJson: str = ""
    """Details of a rejection that a person may override, as JSON."""


class ExecDetails(Struct):
    """One execution. TWS sends it when it happens (reqId -1), or in answer to reqExecutions."""

    __slots__ = ()

    reqId: int
    """ID of the reqExecutions request that this message answers. -1: TWS sent it when the execution happened."""
    contract: t.Contract
    """An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency and the
    other fields that distinguish it.
    """
    execution: t.Execution
    """One fill of an order, or the exercise, lapse or assignment of an option."""


class ExecDetailsEnd(Struct):
    """TWS has listed all executions that match."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""


class ExerciseOptions(Struct):
    """Exercise an option, or let it lapse. The API cannot undo it."""

    __slots__ = ()

    orderId: int
    """Number of the exercise. It shares the range of order numbers, and TWS answers with it."""
    contract: t.Contract
    """An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency and the
    other fields that distinguish it.
    """
    exerciseAction: Literal[1, 2]
    """Exercise the option, or let it lapse. 1: exercise; 2: let lapse."""
    exerciseQuantity: int
    """Number of contracts."""
    account: str = ""
    """Account that holds the option."""
    override: bool | None = None
    """Act even if TWS advises against it: for example, exercise an option that is out of the money."""
    manualOrderTime: str = ""
    """When the client gave the instruction: `yyyymmdd-hh:mm:ss` UTC, or with a zone."""
    customerAccount: str = ""
    """Customer's account, where regulation requires it."""
    professionalCustomer: bool | None = None
    """True: the customer is a professional by the exchanges' rule."""


class FamilyCodes(Struct):
    """The accounts of the login and their families."""

    __slots__ = ()

    familyCodes: list[t.FamilyCode] = []  # noqa: RUF012
    """Accounts with their families."""


class HeadTimestamp(Struct):
    """How far back the history of an instrument goes."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    headTimestamp: str = ""
    """Time of the oldest data: `yyyymmdd-hh:mm:ss` UTC, or seconds since 1970 UTC, by formatDate."""


class HistogramData(Struct):
    """The volume traded at each price."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    histogramDataEntries: list[t.HistogramDataEntry] = []  # noqa: RUF012
    """Prices, each with the volume traded at it."""


class HistoricalData(Struct):
    """All bars of a request in one message."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    historicalDataBars: list[t.HistoricalDataBar] = []  # noqa: RUF012
    """Bars, oldest first."""
    startDateStr: str = ""
    """Start of the period: `yyyymmdd hh:mm:ss zone`. Present below server version 196 only."""
    endDateStr: str = ""
    """End of the period, in the same format. Present below server version 196 only."""


class HistoricalDataEnd(Struct):
    """TWS has sent the whole history. Below server version 196, historicalData itself has the period."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    startDateStr: str = ""
    """Start of the period: `yyyymmdd hh:mm:ss zone`."""
    endDateStr: str = ""
    """End of the period, in the same format."""


class HistoricalDataUpdate(Struct):
    """The newest bar of a request with keepUpToDate. TWS sends it each time the bar changes."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    historicalDataBar: t.HistoricalDataBar
    """One bar."""


class HistoricalNews(Struct):
    """One historical headline."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    time: str = ""
    """Time of the headline: `yyyy-mm-dd hh:mm:ss.0`."""
    providerCode: str = ""
    """Source."""
    articleId: str = ""
    """ID of the article, for reqNewsArticle."""
    headline: str = ""
    """Headline, after metadata in braces."""


class HistoricalNewsEnd(Struct):
    """TWS has sent all headlines."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    hasMore: bool | None = None
    """True: the period has more headlines."""


class HistoricalSchedule(Struct):
    """Trading sessions of an instrument: the answer to reqHistoricalData with whatToShow SCHEDULE."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    startDateTime: str = ""
    """Start of the first session: `yyyymmdd-hh:mm:ss`."""
    endDateTime: str = ""
    """End of the last session."""
    timeZone: str = ""
    """Time zone of all times."""
    historicalSessions: list[t.HistoricalSession] = []  # noqa: RUF012
    """Sessions, oldest first."""


class HistoricalTicks(Struct):
    """Historical midpoints. TWS may send several of these messages; the last has isDone."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    historicalTicks: list[t.HistoricalTick] = []  # noqa: RUF012
    """Ticks, oldest first."""
    isDone: bool | None = None
    """True: this is the last message."""


class HistoricalTicksBidAsk(Struct):
    """Historical bids and asks. TWS may send several of these messages; the last has isDone."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    historicalTicksBidAsk: list[t.HistoricalTickBidAsk] = []  # noqa: RUF012
    """Ticks, oldest first."""
    isDone: bool | None = None
    """True: this is the last message."""


class HistoricalTicksLast(Struct):
    """Historical trades. TWS may send several of these messages; the last has isDone."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    historicalTicksLast: list[t.HistoricalTickLast] = []  # noqa: RUF012
    """Ticks, oldest first."""
    isDone: bool | None = None
    """True: this is the last message."""


class ManagedAccounts(Struct):
    """The accounts of the login. TWS sends them when the connection starts."""

    __slots__ = ()

    accountsList: str = ""
    """Accounts, comma-separated."""


class MarketDataType(Struct):
    """The kind of the ticks that follow for a request: live, frozen or delayed."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    marketDataType: Literal[1, 2, 3, 4] | None = None
    """Kind of data. 1: live; 2: frozen: as of the close; 3: delayed by 15 to 20 minutes; 4: delayed and frozen."""


class MarketRule(Struct):
    """Price steps of a market rule."""

    __slots__ = ()

    marketRuleId: int
    """Number of the rule."""
    priceIncrements: list[t.PriceIncrement] = []  # noqa: RUF012
    """Steps, from the lowest price upwards."""


class MktDepthExchanges(Struct):
    """The exchanges that offer market depth."""

    __slots__ = ()

    depthMarketDataDescriptions: list[t.DepthMarketDataDescription] = []  # noqa: RUF012
    """Exchanges."""


class NewsArticle(Struct):
    """The text of an article."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    articleType: Literal[0, 1] | None = None
    """Kind of text. 0: text or HTML; 1: a file, such as PDF, in base64."""
    articleText: str = ""
    """The text, or the file in base64."""


class NewsProviders(Struct):
    """The news providers that the login may read."""

    __slots__ = ()

    newsProviders: list[t.NewsProvider] = []  # noqa: RUF012
    """Sources."""


class NextValidId(Struct):
    """The lowest order ID that the client may use. TWS sends it when the connection starts."""

    __slots__ = ()

    orderId: int
    """Lowest order ID that the client may use."""


class OpenOrder(Struct):
    """The current state of one order. TWS sends it in answer to a list of orders, and for each new order or change.
    """

    __slots__ = ()

    orderId: int
    """Number of the order at the client that placed it. 0 or below for orders placed elsewhere."""
    contract: t.Contract
    """An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency and the
    other fields that distinguish it.
    """
    order: t.Order
    """An order: its side, quantity, price, lifetime and conditions. An order needs only the fields that its type
    uses.
    """
    orderState: t.OrderState
    """The status of an order, expected margin and fees, warnings, and how the order ended."""


class OpenOrderEnd(Struct):
    """TWS has listed all open orders."""

    __slots__ = ()



class OrderBound(Struct):
    """TWS has bound an order that was placed elsewhere to an order ID of this client."""

    __slots__ = ()

    permId: Id64
    """IBKR's own number of the order."""
    orderId: int
    """Number of the order at that client."""
    clientId: int | None = None
    """Client ID that the order is bound to."""


class OrderStatus(Struct):
    """The status of an order. TWS may send the same status twice, and may omit statuses of an order that fills
    quickly.
    """

    __slots__ = ()

    orderId: int
    """Number of the order at the client that placed it."""
    status: str = ""
    """Status of the order. ApiPending: accepted by the API, not yet by TWS; PendingSubmit: sent, not yet confirmed;
    PreSubmitted: accepted, but not working yet (stops, conditions, hours); Submitted: working; ApiCancelled:
    cancelled before it was confirmed; PendingCancel: cancellation sent, not yet confirmed; Cancelled: cancelled, or
    rejected; Filled: filled in full; Inactive: rejected, or held by TWS or the exchange.
    """
    filled: OptionalQuantity = OptionalQuantity()
    """Quantity filled."""
    remaining: OptionalQuantity = OptionalQuantity()
    """Quantity that is still open."""
    avgFillPrice: float | None = None
    """Average price of the fills."""
    permId: OptionalId64 = OptionalId64()
    """IBKR's own number of the order."""
    parentId: int | None = None
    """Number of the parent order. 0: none."""
    lastFillPrice: float | None = None
    """Price of the last fill."""
    clientId: int | None = None
    """Client ID that placed the order."""
    whyHeld: str = ""
    """Why TWS holds the order back: `locate` while it looks for shares to borrow."""
    mktCapPrice: float | None = None
    """Price to which TWS has capped the order. 0: not capped."""


class PlaceOrder(Struct):
    """Place an order, or change the order that has this number."""

    __slots__ = ()

    orderId: int
    """Number of the order. The client chooses a number above all that it has used. The same number again changes
    the order.
    """
    contract: t.Contract
    """An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency and the
    other fields that distinguish it.
    """
    order: t.Order
    """An order: its side, quantity, price, lifetime and conditions. An order needs only the fields that its type
    uses.
    """
    attachedOrders: t.AttachedOrders
    """Stop-loss and profit-taking orders that TWS adds to the order, by its own presets."""


class Pnl(Struct):
    """Profit and loss of an account, about once a second."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    dailyPnL: float | None = None
    """Profit and loss since the start of the day."""
    unrealizedPnL: float | None = None
    """Profit and loss of open positions."""
    realizedPnL: float | None = None
    """Profit and loss of the positions closed today."""


class PnlSingle(Struct):
    """Profit and loss of one position, about once a second."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    position: OptionalQuantity = OptionalQuantity()
    """Size of the position."""
    dailyPnL: float | None = None
    """Profit and loss since the start of the day."""
    unrealizedPnL: float | None = None
    """Profit and loss of open positions."""
    realizedPnL: float | None = None
    """Profit and loss of the positions closed today."""
    value: float | None = None
    """Market value of the position."""


class Position(Struct):
    """One position of an account."""

    __slots__ = ()

    contract: t.Contract
    """An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency and the
    other fields that distinguish it.
    """
    account: str = ""
    """Account."""
    position: OptionalQuantity = OptionalQuantity()
    """Size of the position: negative for a short position, 0 for a closed one."""
    avgCost: float | None = None
    """Average cost of one unit. For derivatives it includes the multiplier."""


class PositionEnd(Struct):
    """TWS has sent all positions. Only changes follow."""

    __slots__ = ()



class PositionMulti(Struct):
    """One position of an account or model."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    contract: t.Contract
    """An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency and the
    other fields that distinguish it.
    """
    account: str = ""
    """Account."""
    position: OptionalQuantity = OptionalQuantity()
    """Size of the position: negative for a short position, 0 for a closed one."""
    avgCost: float | None = None
    """Average cost of one unit. For derivatives it includes the multiplier."""
    modelCode: str = ""
    """Model."""


class PositionMultiEnd(Struct):
    """TWS has sent all positions. Only changes follow."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""


class QueryDisplayGroups(Struct):
    """Ask for the display groups of TWS."""

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""


class RealtimeBar(Struct):
    """A bar of five seconds. TWS sends it when the bar ends."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    time: int | None = None
    """Start of the bar: seconds since 1970 UTC."""
    open: float | None = None
    """First price."""
    high: float | None = None
    """Highest price."""
    low: float | None = None
    """Lowest price."""
    close: float | None = None
    """Last price."""
    volume: OptionalQuantity = OptionalQuantity()
    """Volume. For TRADES only; -1 otherwise."""
    WAP: OptionalQuantity = OptionalQuantity()
    """Average price, weighted by volume. For TRADES only."""
    count: int | None = None
    """Number of trades. For TRADES only."""


class ReceiveFA(Struct):
    """One part of the advisor's configuration."""

    __slots__ = ()

    faDataType: Literal[1, 2, 3]
    """Part of the configuration. 1: groups; 2: profiles (below server version 177); 3: aliases of accounts."""
    xml: str = ""
    """The configuration."""


class ReplaceFA(Struct):
    """Replace one part of the advisor's configuration."""

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""
    faDataType: Literal[1, 2, 3]
    """Part of the configuration. From server version 177 on, TWS refuses 2 (profiles). 1: groups; 2: profiles
    (below server version 177); 3: aliases of accounts.
    """
    xml: str = ""
    """The whole new configuration."""


class ReplaceFAEnd(Struct):
    """TWS has replaced the advisor's configuration."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    text: str = ""
    """TWS's message about the result."""


class ReqAccountSummary(Struct):
    """Subscribe to chosen values of all accounts or of a group. TWS serves two of these subscriptions at a time."""

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""
    group: str = ""
    """`All`, or an advisor's account group."""
    tags: str = ""
    """Kinds of values, comma-separated, such as `NetLiquidation,BuyingPower`. `$LEDGER:ALL` is cash by currency."""


class ReqAccountUpdates(Struct):
    """Subscribe to the values and the portfolio of one account, or end this subscription. TWS serves one account at
    a time for the whole connection.
    """

    __slots__ = ()

    subscribe: bool | None = None
    """True: begin the subscription. False: end it."""
    acctCode: str = ""
    """Account. Not needed if the login has only one."""


class ReqAccountUpdatesMulti(Struct):
    """Subscribe to the values of an account or model."""

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""
    account: str = ""
    """Account."""
    modelCode: str = ""
    """Only data of this model."""
    ledgerAndNLV: bool | None = None
    """True: only cash balances and net liquidation value."""


class ReqAllOpenOrders(Struct):
    """List all open orders of the account, from every client and from TWS. TWS sends the list once, without later
    changes.
    """

    __slots__ = ()



class ReqAutoOpenOrders(Struct):
    """Bind orders placed in TWS to this client from now on. TWS allows this only to client ID 0."""

    __slots__ = ()

    autoBind: bool | None = None
    """True: bind these orders from now on. False: stop."""


class ReqCompletedOrders(Struct):
    """List the orders of the day that were filled or cancelled."""

    __slots__ = ()

    apiOnly: bool | None = None
    """Omit orders that were placed in TWS."""


class ReqConfig(Struct):
    """Ask for the settings of TWS."""

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""


class ReqContractDetails(Struct):
    """Ask for all instruments that match a description, with their details."""

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""
    contract: t.Contract
    """An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency and the
    other fields that distinguish it.
    """


class ReqCurrentTime(Struct):
    """Ask for the time of TWS."""

    __slots__ = ()



class ReqCurrentTimeInMillis(Struct):
    """Ask for the time of TWS, in milliseconds."""

    __slots__ = ()



class ReqExecutions(Struct):
    """List executions, each with its commission report if TWS has it."""

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""
    executionFilter: t.ExecutionFilter
    """Filter for executions. An absent field does not filter."""


class ReqFamilyCodes(Struct):
    """Ask for the accounts of the login and their families."""

    __slots__ = ()



class ReqGlobalCancel(Struct):
    """Cancel all open orders of the account, from every client and from TWS."""

    __slots__ = ()

    orderCancel: t.OrderCancel
    """Data of a cancel. Only regulated and manual order entry needs it."""


class ReqHeadTimeStamp(Struct):
    """Ask how far back the history of an instrument goes."""

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""
    contract: t.Contract
    """An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency and the
    other fields that distinguish it.
    """
    useRTH: bool | None = None
    """True: use only regular trading hours."""
    whatToShow: str = ""
    """Kind of data. TRADES: trades; MIDPOINT: midpoints; BID: bids; ASK: asks; BID_ASK: average bid as open,
    highest ask, lowest bid, average ask as close; ADJUSTED_LAST: trades, adjusted for splits and dividends;
    HISTORICAL_VOLATILITY: historical volatility; OPTION_IMPLIED_VOLATILITY: implied volatility; FEE_RATE: fee for
    borrowing; YIELD_BID: yields at the bid; YIELD_ASK: yields at the ask; YIELD_BID_ASK: yields at bid and ask;
    YIELD_LAST: yields of trades; AGGTRADES: trades of all exchanges (cryptocurrencies).
    """
    formatDate: Literal[1, 2] | None = None
    """Format of times. 1: text; 2: seconds since 1970 UTC."""


class ReqHistogramData(Struct):
    """Ask for the volume traded at each price."""

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""
    contract: t.Contract
    """An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency and the
    other fields that distinguish it.
    """
    useRTH: bool | None = None
    """True: use only regular trading hours."""
    timePeriod: str = ""
    """Length of the period: a number and a unit, such as `3 days`."""


class ReqHistoricalData(Struct):
    """Ask for historical bars, and with keepUpToDate also for updates. TWS limits requests for bars of 30 seconds
    or less: 60 requests in ten minutes, and no two identical requests within 15 seconds.
    """

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""
    contract: t.Contract
    """An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency and the
    other fields that distinguish it.
    """
    endDateTime: str = ""
    """End of the period: `yyyymmdd hh:mm:ss zone` or `yyyymmdd-hh:mm:ss` UTC. Empty: now."""
    barSizeSetting: str = ""
    """Size of a bar. 1 secs: 1 second; 5 secs: 5 seconds; 10 secs: 10 seconds; 15 secs: 15 seconds; 30 secs: 30
    seconds; 1 min: 1 minute; 2 mins: 2 minutes; 3 mins: 3 minutes; 5 mins: 5 minutes; 10 mins: 10 minutes; 15 mins:
    15 minutes; 20 mins: 20 minutes; 30 mins: 30 minutes; 1 hour: 1 hour; 2 hours: 2 hours; 3 hours: 3 hours; 4
    hours: 4 hours; 8 hours: 8 hours; 1 day: 1 day; 1 week: 1 week; 1W: 1 week; 1 month: 1 month; 1M: 1 month.
    """
    duration: str = ""
    """Length of the period: a number and a unit, `S`, `D`, `W`, `M` or `Y`, such as `1 D`."""
    useRTH: bool | None = None
    """True: use only regular trading hours."""
    whatToShow: str = ""
    """Kind of data. TRADES: trades; MIDPOINT: midpoints; BID: bids; ASK: asks; BID_ASK: average bid as open,
    highest ask, lowest bid, average ask as close; ADJUSTED_LAST: trades, adjusted for splits and dividends;
    HISTORICAL_VOLATILITY: historical volatility; OPTION_IMPLIED_VOLATILITY: implied volatility; FEE_RATE: fee for
    borrowing; YIELD_BID: yields at the bid; YIELD_ASK: yields at the ask; YIELD_BID_ASK: yields at bid and ask;
    YIELD_LAST: yields of trades; AGGTRADES: trades of all exchanges (cryptocurrencies); SCHEDULE: trading sessions,
    in the answer historicalSchedule.
    """
    formatDate: Literal[1, 2] | None = None
    """Format of times. 1: text; 2: seconds since 1970 UTC."""
    keepUpToDate: bool | None = None
    """Send the newest bar each time it changes. endDateTime must be empty."""
    chartOptions: dict[str, str] = {}  # noqa: RUF012
    """More options by tag, for IBKR's internal use."""


class ReqHistoricalNews(Struct):
    """Ask for historical headlines about an instrument."""

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""
    conId: int | None = None
    """Contract ID of the instrument."""
    providerCodes: str = ""
    """Codes of news providers, joined by `+`."""
    startDateTime: str = ""
    """Headlines after: `yyyy-mm-dd hh:mm:ss`."""
    endDateTime: str = ""
    """Headlines before: `yyyy-mm-dd hh:mm:ss`."""
    totalResults: int | None = None
    """Highest number of headlines, at most 300."""
    historicalNewsOptions: dict[str, str] = {}  # noqa: RUF012
    """More options by tag, for IBKR's internal use."""


class ReqHistoricalTicks(Struct):
    """Ask for historical ticks. whatToShow decides the kind of the answer: TRADES, MIDPOINT or BID_ASK."""

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""
    contract: t.Contract
    """An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency and the
    other fields that distinguish it.
    """
    startDateTime: str = ""
    """Start of the period: `yyyymmdd hh:mm:ss zone` or `yyyymmdd-hh:mm:ss` UTC. Set either this or endDateTime."""
    endDateTime: str = ""
    """End, in the same format."""
    numberOfTicks: int | None = None
    """Number of ticks, at most 1000."""
    whatToShow: str = ""
    """Kind of data. TRADES: trades; MIDPOINT: midpoints; BID_ASK: bids and asks."""
    useRTH: bool | None = None
    """True: use only regular trading hours."""
    ignoreSize: bool | None = None
    """For BID_ASK only: omit ticks that change only a size."""
    miscOptions: dict[str, str] = {}  # noqa: RUF012
    """More options by tag, for IBKR's internal use."""


class ReqIds(Struct):
    """Ask for the next order ID."""

    __slots__ = ()

    numIds: int | None = None
    """Not used any more: TWS sends one ID."""


class ReqManagedAccts(Struct):
    """Ask for the accounts of the login."""

    __slots__ = ()



class ReqMarketDataType(Struct):
    """Choose live, frozen or delayed data for all later market data requests of the whole connection."""

    __slots__ = ()

    marketDataType: Literal[1, 2, 3, 4]
    """Kind of data. 1: live; 2: frozen: as of the close; 3: delayed by 15 to 20 minutes; 4: delayed and frozen."""


class ReqMarketRule(Struct):
    """Ask for the price steps of a market rule. contractDetails names the rules."""

    __slots__ = ()

    marketRuleId: int
    """Number of the rule, from marketRuleIds of contractDetails."""


class ReqMatchingSymbols(Struct):
    """Search instruments by symbol or name, at most once a second."""

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""
    pattern: str = ""
    """Start of a symbol, or part of a company's name."""


class ReqMktData(Struct):
    """Subscribe to ticks of an instrument, or ask for one snapshot."""

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""
    contract: t.Contract
    """An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency and the
    other fields that distinguish it.
    """
    genericTickList: str = ""
    """Numbers of generic tick types, comma-separated, such as `233,236`. Not allowed with a snapshot."""
    snapshot: bool | None = None
    """Send the current values once, then tickSnapshotEnd, after at most 11 seconds."""
    regulatorySnapshot: bool | None = None
    """Send a snapshot of the best US quote. Each one costs money."""
    marketDataOptions: dict[str, str] = {}  # noqa: RUF012
    """More options by tag, for IBKR's internal use."""


class ReqMktDepth(Struct):
    """Subscribe to an order book. TWS serves three at a time, or more for a login with more market data lines."""

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""
    contract: t.Contract
    """An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency and the
    other fields that distinguish it.
    """
    numRows: int | None = None
    """Rows on each side."""
    isSmartDepth: bool | None = None
    """Combine the books of several exchanges."""
    marketDepthOptions: dict[str, str] = {}  # noqa: RUF012
    """More options by tag, for IBKR's internal use."""


class ReqMktDepthExchanges(Struct):
    """Ask which exchanges offer market depth."""

    __slots__ = ()



class ReqNewsArticle(Struct):
    """Ask for the text of an article."""

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""
    providerCode: str = ""
    """Source."""
    articleId: str = ""
    """ID of the article."""
    newsArticleOptions: dict[str, str] = {}  # noqa: RUF012
    """More options by tag, for IBKR's internal use."""


class ReqNewsBulletins(Struct):
    """Subscribe to IBKR's bulletins."""

    __slots__ = ()

    allMessages: bool | None = None
    """True: also send today's earlier bulletins."""


class ReqNewsProviders(Struct):
    """Ask for the news providers that the login may read."""

    __slots__ = ()



class ReqOpenOrders(Struct):
    """List the open orders of this client ID. For client ID 0 the list also has the orders placed in TWS."""

    __slots__ = ()



class ReqPnL(Struct):
    """Subscribe to profit and loss of an account."""

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""
    account: str = ""
    """Account."""
    modelCode: str = ""
    """Only data of this model."""


class ReqPnLSingle(Struct):
    """Subscribe to profit and loss of one position."""

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""
    conId: int
    """Contract ID of the position."""
    account: str = ""
    """Account."""
    modelCode: str = ""
    """Only data of this model."""


class ReqPositions(Struct):
    """Subscribe to the positions of all accounts."""

    __slots__ = ()



class ReqPositionsMulti(Struct):
    """Subscribe to the positions of an account or model."""

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""
    account: str = ""
    """Account, or an advisor's account group."""
    modelCode: str = ""
    """Only data of this model."""


class ReqRealTimeBars(Struct):
    """Subscribe to bars of five seconds."""

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""
    contract: t.Contract
    """An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency and the
    other fields that distinguish it.
    """
    barSize: int | None = None
    """Length of a bar in seconds. TWS takes only 5."""
    whatToShow: Literal["TRADES", "MIDPOINT", "BID", "ASK"] | None = None
    """Kind of data. TRADES: trades; MIDPOINT: midpoints; BID: bids; ASK: asks."""
    useRTH: bool | None = None
    """True: use only regular trading hours."""
    realTimeBarsOptions: dict[str, str] = {}  # noqa: RUF012
    """More options by tag, for IBKR's internal use."""


class ReqScannerParameters(Struct):
    """Ask for everything that a scan can use."""

    __slots__ = ()



class ReqScannerSubscription(Struct):
    """Subscribe to a scan. TWS serves ten scans at a time."""

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""
    scannerSubscription: t.ScannerSubscription
    """The terms of a scan. An absent field does not filter."""


class ReqSecDefOptParams(Struct):
    """Ask for the option chains of an underlying: expirations and strikes by exchange and class."""

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""
    underlyingSymbol: str = ""
    """Symbol of the underlying."""
    futFopExchange: str = ""
    """Exchange of the options on a future; empty for all other options."""
    underlyingSecType: str = ""
    """Kind of the underlying."""
    underlyingConId: int | None = None
    """Contract ID of the underlying."""


class ReqSmartComponents(Struct):
    """Ask for the exchanges that the letters in exchange ticks stand for."""

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""
    bboExchange: str = ""
    """Exchange map, from tickReqParams."""


class ReqSoftDollarTiers(Struct):
    """Ask for the commission tiers of the login."""

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""


class ReqTickByTickData(Struct):
    """Subscribe to every tick of an instrument. Unlike with reqMktData, TWS omits none. With numberOfTicks, TWS
    first sends historical ticks, as in the answers to reqHistoricalTicks.
    """

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""
    contract: t.Contract
    """An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency and the
    other fields that distinguish it.
    """
    tickType: Literal["Last", "AllLast", "BidAsk", "MidPoint"]
    """Kind of ticks. Last: trades; AllLast: trades, including combinations and similar trades; BidAsk: bids and
    asks; MidPoint: midpoints.
    """
    numberOfTicks: int | None = None
    """Number of historical ticks that TWS sends first. 0: none."""
    ignoreSize: bool | None = None
    """For BidAsk only: omit ticks that change only a size."""


class ReqUserInfo(Struct):
    """Ask for information about the login."""

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""


class ReqWshEventData(Struct):
    """Ask for corporate events from the Wall Street Horizon calendar, by instrument or by filter. The client must
    send reqWshMetaData first.
    """

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""
    conId: int | None = None
    """Contract ID of the instrument. Alternative to filter."""
    filter: str = ""
    """Event types and conditions, as JSON. Alternative to conId."""
    fillWatchlist: bool | None = None
    """Add the instruments of the watch list."""
    fillPortfolio: bool | None = None
    """Add the instruments of the portfolio."""
    fillCompetitors: bool | None = None
    """Add the competitors of the instruments."""
    startDate: str = ""
    """First day of the events: yyyymmdd."""
    endDate: str = ""
    """Last day of the events: yyyymmdd."""
    totalLimit: int | None = None
    """Highest number of events, at most 100."""


class ReqWshMetaData(Struct):
    """Ask for the event types and filters of the Wall Street Horizon calendar."""

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""


class RequestFA(Struct):
    """Ask for one part of the advisor's configuration."""

    __slots__ = ()

    faDataType: Literal[1, 2, 3]
    """Part of the configuration. From server version 177 on, TWS refuses 2 (profiles). 1: groups; 2: profiles
    (below server version 177); 3: aliases of accounts.
    """


class RerouteMktDataReq(Struct):
    """TWS has no market data for the CFD of the request. Send the request again with the same ID, for this
    contract.
    """

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    conId: int | None = None
    """Contract ID to request instead."""
    exchange: str = ""
    """Exchange to request instead."""


class RerouteMktDepthReq(Struct):
    """TWS has no market depth for the CFD of the request. Send the request again with the same ID, for this
    contract.
    """

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    conId: int | None = None
    """Contract ID to request instead."""
    exchange: str = ""
    """Exchange to request instead."""


class ScannerData(Struct):
    """The whole result of a scan. TWS sends it each time it repeats the scan."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    scannerDataElement: list[t.ScannerDataElement] = []  # noqa: RUF012
    """Rows, in the order of their rank."""


class ScannerParameters(Struct):
    """Everything that a scan can use: instruments, locations, scan codes, filters."""

    __slots__ = ()

    xml: str = ""
    """XML, about two megabytes long."""


class SecurityDefinitionOptionParameter(Struct):
    """One option chain: an exchange, a trading class, a multiplier."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    exchange: str = ""
    """Exchange of the options."""
    underlyingConId: int | None = None
    """Contract ID of the underlying."""
    tradingClass: str = ""
    """Trading class of the options."""
    multiplier: str = ""
    """Multiplier of the options."""
    expirations: list[str] = []  # noqa: RUF012
    """Expirations: yyyymmdd each."""
    strikes: list[float] = []  # noqa: RUF012
    """Strikes. A strike may not exist for every expiration."""


class SecurityDefinitionOptionParameterEnd(Struct):
    """TWS has sent all option chains."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""


class SetServerLogLevel(Struct):
    """Choose how much TWS writes to its API log."""

    __slots__ = ()

    logLevel: Literal[1, 2, 3, 4, 5]
    """Log level. 1: system; 2: errors; 3: warnings; 4: information; 5: detail."""


class SmartComponents(Struct):
    """The exchanges that the letters in exchange ticks stand for."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    smartComponents: list[t.SmartComponent] = []  # noqa: RUF012
    """Exchanges."""


class SoftDollarTiers(Struct):
    """The commission tiers of the login."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    softDollarTiers: list[t.SoftDollarTier] = []  # noqa: RUF012
    """Tiers."""


class StartApi(Struct):
    """The first message of a client, with its client ID. TWS answers with managedAccounts and nextValidId."""

    __slots__ = ()

    clientId: int
    """Client ID, unique among the connected clients. 0 also gets the orders placed in TWS."""
    optionalCapabilities: str = ""
    """More capabilities of the client, as text."""


class SubscribeToGroupEvents(Struct):
    """Subscribe to the instrument that a display group shows."""

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""
    groupId: int
    """Number of the group."""


class SymbolSamples(Struct):
    """Instruments that match a search."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    contractDescriptions: list[t.ContractDescription] = []  # noqa: RUF012
    """Up to 16 instruments that match."""


class TickByTickAllLast(Struct):
    """One tick of a tick-by-tick subscription: a trade, a bid and ask, or a midpoint, by tickType."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    tickType: Literal[1, 2, 3, 4]
    """Kind of tick. It decides which of the other fields is present. 1: trade; 2: trade, including combinations and
    similar trades; 3: bid and ask; 4: midpoint.
    """
    historicalTickLast: t.HistoricalTickLast
    """One trade, historical or live."""
    historicalTickBidAsk: t.HistoricalTickBidAsk
    """One pair of best bid and ask, historical or live."""
    historicalTickMidPoint: t.HistoricalTick
    """One midpoint, historical or live."""


class TickByTickBidAsk(Struct):
    """One tick of a tick-by-tick subscription: a trade, a bid and ask, or a midpoint, by tickType."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    tickType: Literal[1, 2, 3, 4]
    """Kind of tick. It decides which of the other fields is present. 1: trade; 2: trade, including combinations and
    similar trades; 3: bid and ask; 4: midpoint.
    """
    historicalTickLast: t.HistoricalTickLast
    """One trade, historical or live."""
    historicalTickBidAsk: t.HistoricalTickBidAsk
    """One pair of best bid and ask, historical or live."""
    historicalTickMidPoint: t.HistoricalTick
    """One midpoint, historical or live."""


class TickByTickMidPoint(Struct):
    """One tick of a tick-by-tick subscription: a trade, a bid and ask, or a midpoint, by tickType."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    tickType: Literal[1, 2, 3, 4]
    """Kind of tick. It decides which of the other fields is present. 1: trade; 2: trade, including combinations and
    similar trades; 3: bid and ask; 4: midpoint.
    """
    historicalTickLast: t.HistoricalTickLast
    """One trade, historical or live."""
    historicalTickBidAsk: t.HistoricalTickBidAsk
    """One pair of best bid and ask, historical or live."""
    historicalTickMidPoint: t.HistoricalTick
    """One midpoint, historical or live."""


class TickEFP(Struct):
    """Exchange for physical: basis and dividends against the future. Text form only."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    tickType: int
    """Kind of value. 38: exchange for physical, bid; 39: exchange for physical, ask; 40: exchange for physical,
    last; 41: exchange for physical, open; 42: exchange for physical, high; 43: exchange for physical, low; 44:
    exchange for physical, close.
    """
    basisPoints: float | None = None
    """Financing rate a year, in basis points."""
    formattedBasisPoints: str = ""
    """The same as text, in percent."""
    totalDividends: float | None = None
    """Total dividends, by the field's name. IBKR's manual calls this value the implied price of the future."""
    holdDays: int | None = None
    """Days until the last trading day of the future."""
    futureLastTradeDate: str = ""
    """Last trading day of the future."""
    dividendImpact: float | None = None
    """Effect of the dividends on the rate, in basis points."""
    dividendsToLastTradeDate: float | None = None
    """Dividends expected until the last trading day."""


class TickGeneric(Struct):
    """A tick with a numeric value."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    tickType: int
    """Kind of value. 23: historical volatility of 30 days; 24: implied volatility of 30 days; 31: premium of the
    index future; 46: availability for short sale: above 2.5 easy, above 1.5 hard, otherwise not available; 49:
    halted: -1 unknown, 0 no, 1 yes, 2 for volatility; 54: number of trades of the day; 55: trades a minute; 56:
    volume a minute; 58: historical volatility of 30 days, in real time; 60: factor of the bond's multiplier; 90:
    delayed: halted; 101: price range of an IPO: midpoint; 102: price of an IPO: final.
    """
    value: float | None = None
    """The value."""


class TickNews(Struct):
    """A headline about an instrument. TWS sends it when it appears, if reqMktData requests generic tick 292."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    timestamp: int | None = None
    """Milliseconds since 1970 UTC."""
    providerCode: str = ""
    """Source."""
    articleId: str = ""
    """ID of the article, for reqNewsArticle."""
    headline: str = ""
    """Headline."""
    extraData: str = ""
    """More information as text, such as language and sentiment."""


class TickOptionComputation(Struct):
    """Volatility, price and greeks of an option."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    tickType: int
    """Kind of value. 10: option, computed from the bid; 11: option, computed from the ask; 12: option, computed
    from the last price; 13: option, computed by the model; 53: option, computed on request; 80: delayed option,
    computed from the bid; 81: delayed option, computed from the ask; 82: delayed option, computed from the last
    price; 83: delayed option, computed by the model.
    """
    tickAttrib: int | None = None
    """How TWS computed the values. 0: from returns; 1: from prices."""
    impliedVol: float | None = None
    """Implied volatility, as a fraction. Below 0: not computed."""
    delta: float | None = None
    """Delta. -2: not computed."""
    optPrice: float | None = None
    """Price of the option. -1: not computed."""
    pvDividend: float | None = None
    """Present value of the dividends until expiry. -1: not computed."""
    gamma: float | None = None
    """Gamma. -2: not computed."""
    vega: float | None = None
    """Vega. -2: not computed."""
    theta: float | None = None
    """Theta. -2: not computed."""
    undPrice: float | None = None
    """Price of the underlying. -1: not computed."""


class TickPrice(Struct):
    """A price, and its size for bid, ask and last."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    tickType: int
    """Kind of value. 1: bid; 2: ask; 4: last price; 6: high of the day; 7: low of the day; 9: close of the day
    before; 14: open of the day; 15: low of 13 weeks; 16: high of 13 weeks; 17: low of 26 weeks; 18: high of 26
    weeks; 19: low of 52 weeks; 20: high of 52 weeks; 35: price of the auction; 37: mark price; 50: yield at the
    bid; 51: yield at the ask; 52: yield at the last price; 57: last price in regular trading hours; 66: delayed
    bid; 67: delayed ask; 68: delayed last price; 72: delayed high of the day; 73: delayed low of the day; 75:
    delayed close of the day before; 76: delayed open of the day; 78: mark price of Creditman; 79: slow mark price
    of Creditman; 92: ETF net asset value: close; 93: ETF net asset value: close before; 94: ETF net asset value:
    bid; 95: ETF net asset value: ask; 96: ETF net asset value: last; 97: ETF net asset value: last, frozen; 98: ETF
    net asset value: high; 99: ETF net asset value: low; 103: delayed yield at the bid; 104: delayed yield at the
    ask; 105: odd lot: bid; 106: odd lot: ask.
    """
    price: float | None = None
    """The price. -1: there is none now."""
    size: OptionalQuantity = OptionalQuantity()
    """Size at the price, for bid, ask and last."""
    attrMask: int | None = None
    """Flags: 1 can fill automatically, 2 past the limit of the day, 4 before the open."""


class TickReqParams(Struct):
    """Parameters of a request's ticks: price step, exchange map, permissions."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    minTick: OptionalQuantity = OptionalQuantity()
    """Smallest price step."""
    bboExchange: str = ""
    """Exchange map, for reqSmartComponents."""
    snapshotPermissions: int | None = None
    """Code for the snapshots that the login may request."""
    lastPricePrecision: OptionalQuantity = OptionalQuantity()
    """Step of last prices."""
    lastSizePrecision: OptionalQuantity = OptionalQuantity()
    """Step of last sizes."""


class TickSize(Struct):
    """A size."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    tickType: int
    """Kind of value. 0: size of the bid; 3: size of the ask; 5: size of the last trade; 8: volume of the day; 21:
    average daily volume of 90 days; 22: open interest; 27: open interest of calls; 28: open interest of puts; 29:
    volume of calls; 30: volume of puts; 34: volume that would trade in the auction; 36: imbalance of the auction;
    61: imbalance by regulation; 63: volume of 3 minutes; 64: volume of 5 minutes; 65: volume of 10 minutes; 69:
    delayed size of the bid; 70: delayed size of the ask; 71: delayed size of the last trade; 74: delayed volume of
    the day; 86: open interest of futures; 87: average volume of options; 89: shares that can be borrowed; 107: odd
    lot: size of the bid; 108: odd lot: size of the ask.
    """
    size: OptionalQuantity = OptionalQuantity()
    """The size."""


class TickSnapshotEnd(Struct):
    """TWS has sent the whole snapshot."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""


class TickString(Struct):
    """A tick with a text value: a time, exchanges, or several values together."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    tickType: int
    """Kind of value. 25: exchange of the option bid; 26: exchange of the option ask; 32: exchanges of the bid, by
    letter; 33: exchanges of the ask, by letter; 45: time of the last trade, seconds since 1970 UTC; 47: not used;
    48: each trade: price;size;time in ms;volume;VWAP;single market maker; 59: dividends: past 12 months,next 12
    months,next date,next amount; 62: news; 77: each trade that counts towards the volume: price;size;time in
    ms;volume;VWAP;single market maker; 84: exchange of the last trade, by letter; 85: time of the last trade by
    regulation; 88: delayed time of the last trade, seconds since 1970 UTC; 91: mutual funds of Reuters; 100:
    analytics of social media; 109: odd lot: exchange of the bid; 110: odd lot: exchange of the ask.
    """
    value: str = ""
    """The text."""


class UnsubscribeFromGroupEvents(Struct):
    """End the subscription to a display group."""

    __slots__ = ()

    reqId: int
    """ID of the request that ends."""


class UpdateAccountTime(Struct):
    """When TWS last updated the account."""

    __slots__ = ()

    timeStamp: str = ""
    """Time of day: hh:mm."""


class UpdateAccountValue(Struct):
    """One value of the account."""

    __slots__ = ()

    key: str = ""
    """Kind of value."""
    value: str = ""
    """The value, as text."""
    currency: str = ""
    """Currency of the value. Empty if it has none."""
    accountName: str = ""
    """Account."""


class UpdateConfig(Struct):
    """Change settings of TWS. Settings that are absent stay unchanged."""

    __slots__ = ()

    reqId: int
    """ID of this request. TWS puts it into the answers and errors."""
    lockAndExit: t.LockAndExitConfig
    """Settings: when TWS logs off or restarts automatically."""
    api: t.ApiConfig
    """The API part of the TWS settings."""
    orders: t.OrdersConfig
    """Settings: orders."""
    messages: list[t.MessageConfig] = []  # noqa: RUF012
    """Settings for messages of TWS, and for the answers to them."""
    acceptedWarnings: list[t.UpdateConfigWarning] = []  # noqa: RUF012
    """Warnings of an earlier attempt that the client accepts now."""
    resetAPIOrderSequence: bool | None = None
    """Restart the order IDs of the API."""


class UpdateConfigResponse(Struct):
    """The result of a change of settings."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    status: str = ""
    """Whether TWS made the change."""
    message: str = ""
    """TWS's message about the result."""
    changedFields: list[str] = []  # noqa: RUF012
    """Settings that have changed."""
    errors: list[str] = []  # noqa: RUF012
    """Errors of the request."""
    warnings: list[t.UpdateConfigWarning] = []  # noqa: RUF012
    """Warnings that the client must accept before TWS makes the change."""


class UpdateDisplayGroup(Struct):
    """Make a display group show an instrument. TWS confirms with displayGroupUpdated."""

    __slots__ = ()

    reqId: int
    """ID of the subscribeToGroupEvents request for the group."""
    contractInfo: str = ""
    """Instrument to show: `conId@exchange`, or `none`."""


class UpdateMktDepth(Struct):
    """One change of an order book, level 1: rows by price."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    marketDepthData: t.MarketDepthData
    """One change of an order book."""


class UpdateMktDepthL2(Struct):
    """One change of an order book, level 2: rows by market maker or exchange."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    marketDepthData: t.MarketDepthData
    """One change of an order book."""


class UpdateNewsBulletin(Struct):
    """A bulletin from IBKR."""

    __slots__ = ()

    newsMsgId: int | None = None
    """Number of the bulletin."""
    newsMsgType: int | None = None
    """Subject of the bulletin. 1: news; 2: an exchange is not available; 3: an exchange is available again."""
    newsMessage: str = ""
    """The text."""
    originatingExch: str = ""
    """Exchange that issued the bulletin."""


class UpdatePortfolio(Struct):
    """One position of the account, with its market value."""

    __slots__ = ()

    contract: t.Contract
    """An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency and the
    other fields that distinguish it.
    """
    position: OptionalQuantity = OptionalQuantity()
    """Size of the position: negative for a short position, 0 for a closed one."""
    marketPrice: float | None = None
    """Price of one unit."""
    marketValue: float | None = None
    """Value of the position."""
    averageCost: float | None = None
    """Average cost of one unit. For derivatives it includes the multiplier."""
    unrealizedPNL: float | None = None
    """Profit and loss of the open position."""
    realizedPNL: float | None = None
    """Profit and loss of the positions closed today."""
    accountName: str = ""
    """Account."""


class UserInfo(Struct):
    """Information about the login."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    whiteBrandingId: str = ""
    """ID of the white-branded broker; empty for IBKR's own."""


class VerifyAndAuthCompleted(Struct):
    """Whether TWS accepts the program. Text form only."""

    __slots__ = ()

    isSuccessful: bool | None = None
    """Accepted."""
    errorText: str = ""
    """Why TWS does not accept it."""


class VerifyAndAuthMessage(Struct):
    """The program's answer to TWS's challenge. Text form only."""

    __slots__ = ()

    apiData: str = ""
    """Data of the program."""
    xyzResponse: str = ""
    """Answer to the challenge."""


class VerifyAndAuthMessageAPI(Struct):
    """TWS's challenge to a program. Text form only."""

    __slots__ = ()

    apiData: str = ""
    """Data of TWS."""
    xyzChallange: str = ""
    """The challenge. IBKR spells the field's name this way."""


class VerifyAndAuthRequest(Struct):
    """Start to identify the program to TWS, with a vendor's key. Text form only."""

    __slots__ = ()

    apiName: str = ""
    """Name of the program."""
    apiVersion: str = ""
    """Version of the program."""
    opaqueIsvKey: str = ""
    """Key of the vendor."""


class VerifyCompleted(Struct):
    """Whether TWS accepts the program."""

    __slots__ = ()

    isSuccessful: bool | None = None
    """Accepted."""
    errorText: str = ""
    """Why TWS does not accept it."""


class VerifyMessage(Struct):
    """The program's answer to verifyMessageAPI."""

    __slots__ = ()

    apiData: str = ""
    """Data of the program."""


class VerifyMessageAPI(Struct):
    """TWS's data for a program that identifies itself."""

    __slots__ = ()

    apiData: str = ""
    """Data of TWS."""


class VerifyRequest(Struct):
    """Start to identify the program to TWS."""

    __slots__ = ()

    apiName: str = ""
    """Name of the program."""
    apiVersion: str = ""
    """Version of the program."""


class WshEventData(Struct):
    """Corporate events."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    dataJson: str = ""
    """The events, as JSON."""


class WshMetaData(Struct):
    """The event types and filters of the calendar."""

    __slots__ = ()

    reqId: int
    """ID of the request that this message answers."""
    dataJson: str = ""
    """Event types and filters, as JSON."""


class Connection(Struct):
    """The connection to TWS has entered another state, or the reason for its state has changed."""

    __slots__ = ()

    epoch: str
    """Epoch of the bridge, the same as in the envelope of events."""
    state: Literal["connecting", "handshaking", "starting", "ready", "degraded", "lost", "backingOff", "stopped"]
    """A state of the connection to TWS. connecting: The bridge is opening the TCP connection; handshaking: The TCP
    connection is open. TWS has not answered yet; starting: The server version is agreed. The bridge waits for the
    accounts and the next order ID; ready: TWS is connected to the bridge and to IBKR; degraded: TWS is connected to
    the bridge, but has reported that it cannot reach IBKR; lost: The connection has ended, or the bridge could not
    open it; backingOff: The bridge waits before it tries again; stopped: The bridge is stopping.
    """
    since: int
    """When the connection entered this state: ns since 1970 UTC."""
    clientId: int
    """Client ID of the bridge at TWS."""
    reason: str = ""
    """The reason, as text for people. Absent if there is none."""
    serverVersion: int | None = None
    """Server version of the connection. Absent before TWS has answered."""
    connectionTime: str = ""
    """When the connection began, in TWS's format. Absent before TWS has answered."""
    code: int | None = None
    """Code of TWS's notice, or of the error of IBKR's client libraries, that caused the change. Absent if no code
    did.
    """
    planned: str = ""
    """Name of the planned restart (setting `planned_restarts`) during which the change happened. Absent outside
    planned restarts.
    """


class PlannedRestart(Struct):
    """A planned restart has entered another state. While it is `ahead` or has `begun`, the bridge sends no new
    order to TWS.
    """

    __slots__ = ()

    state: Literal["ahead", "begun", "over"]
    """A state of a planned restart. ahead: The restart begins soon. The bridge sends no new order; begun: The
    restart is in progress. The bridge sends no new order, and a lost connection is normal; over: The restart is
    over.
    """
    name: str
    """Name of the restart in the configuration."""
    begins: int
    """When the restart begins: ns since 1970 UTC."""
    ends: int
    """When the restart ends: ns since 1970 UTC."""


class Heartbeat(Struct):
    """The bridge runs. It publishes this event each second, with the state of its connection to TWS."""

    __slots__ = ()

    state: Literal["connecting", "handshaking", "starting", "ready", "degraded", "lost", "backingOff", "stopped"]
    """A state of the connection to TWS. connecting: The bridge is opening the TCP connection; handshaking: The TCP
    connection is open. TWS has not answered yet; starting: The server version is agreed. The bridge waits for the
    accounts and the next order ID; ready: TWS is connected to the bridge and to IBKR; degraded: TWS is connected to
    the bridge, but has reported that it cannot reach IBKR; lost: The connection has ended, or the bridge could not
    open it; backingOff: The bridge waits before it tries again; stopped: The bridge is stopping.
    """
    since: int
    """When the connection entered this state: ns since 1970 UTC."""


class Notice(Struct):
    """An error, a warning or a notice. It concerns a request, an order, or the whole connection (ID -1)."""

    __slots__ = ()

    id: int | None = None
    """ID of the request or number of the order. -1: neither. Order IDs and request IDs share one range."""
    errorTime: int | None = None
    """When the error happened: milliseconds since 1970 UTC. Absent below server version 194."""
    errorCode: int | None = None
    """Code of the error. 2100 to 2169 are notices."""
    errorMsg: str = ""
    """The text."""
    advancedOrderRejectJson: str = ""
    """Details of a rejection that a person may override, as JSON."""


class Gap(Struct):
    """An outage of streams has begun: TWS no longer serves them, or may no longer serve them. Snapshots mark their
    values as stale. The bridge asks TWS for them again, and publishes `recovered` when TWS serves them. For the
    streams of an account it publishes `gap` on that account's topics.
    """

    __slots__ = ()

    streams: list[str]
    """Names of the streams."""
    topics: list[str]
    """Topic prefixes of the streams, in the same order."""
    reason: str
    """The reason, as text for people."""
    since: int
    """When the outage began: ns since 1970 UTC."""
    code: int | None = None
    """TWS's code. Absent if TWS sent none."""


class Recovered(Struct):
    """An outage is over: TWS serves these streams again. Events from the time of the outage are lost. A snapshot
    has the current values.
    """

    __slots__ = ()

    streams: list[str]
    """Names of the streams, without those that ended during the outage."""
    topics: list[str]
    """Topic prefixes of the streams, in the same order."""
    since: int
    """When the outage began, the same as in its `gap`: ns since 1970 UTC."""
    until: int
    """When the outage ended: ns since 1970 UTC."""


class Stale(Struct):
    """TWS no longer serves this stream, or may no longer serve it. Its earlier values may be out of date. The
    bridge publishes `stale` on the stream's own topics, and `gap` for all streams of the same outage.
    """

    __slots__ = ()

    stream: str
    """Name of the stream."""
    topic: str
    """Topic prefix of the stream."""
    reason: str
    """The reason, as text for people."""
    since: int
    """When the outage began: ns since 1970 UTC."""
    code: int | None = None
    """TWS's code. Absent if TWS sent none."""


class Fresh(Struct):
    """TWS serves this stream again. A value that TWS has not sent again is no longer valid: take a snapshot. The
    bridge publishes `fresh` on the stream's own topics.
    """

    __slots__ = ()

    stream: str
    """Name of the stream."""
    topic: str
    """Topic prefix of the stream."""
    since: int
    """When the stream became stale: ns since 1970 UTC."""
    until: int
    """When TWS served it again: ns since 1970 UTC."""


class Ended(Struct):
    """A stream has ended while a client held it: TWS ended it, or every client that held it was lost. No more of
    its events follow. A client that still needs the stream must subscribe again.
    """

    __slots__ = ()

    stream: str
    """Name of the stream."""
    topic: str
    """Topic prefix of the stream."""
    method: str
    """Method with which the clients subscribed."""
    reason: str
    """The reason, as text for people."""
    code: int | None = None
    """TWS's error code. Absent if the bridge ended the stream."""


class Gone(Struct):
    """One callback of TWS: a part of an answer, or the content of an event."""

    __slots__ = ()



class ClientJoined(Struct):
    """The bridge received a request from a client that is new, or that had sent none for a lease."""

    __slots__ = ()

    client: str
    """Name of the client."""
    since: int
    """When the request arrived: ns since 1970 UTC."""


class ClientLost(Struct):
    """A client has sent no request for a lease (`hello` returns its length), and is not subscribed to events. The
    bridge releases its streams. Its orders stay open unless the client's setting `when_lost` says otherwise.
    """

    __slots__ = ()

    client: str
    """Name of the client."""
    released: list[str]
    """Names of the streams that the client held."""
    cancelling: list[str] = []  # noqa: RUF012
    """Keys of its orders that the bridge cancels now. Absent if it cancels none."""


class ClientSilent(Struct):
    """A client has sent no request for a lease, but is subscribed to events. It keeps its streams. Its orders stay
    open unless the client's setting `when_lost` says otherwise.
    """

    __slots__ = ()

    client: str
    """Name of the client."""
    cancelling: list[str] = []  # noqa: RUF012
    """Keys of its orders that the bridge cancels now. Absent if it cancels none."""


class ClientFenced(Struct):
    """A newer run of a client has sent `hello`. The bridge refuses orders of older runs from now on."""

    __slots__ = ()

    client: str
    """Name of the client."""
    newest: str
    """`instance` of the newest run."""


class Configuration(Struct):
    """The bridge has taken over another configuration. A client that the event names may have other rights: `hello`
    returns its roles. Its connections that were made before hear newly allowed topics after their next
    subscription.
    """

    __slots__ = ()

    settings: list[str]
    """Names of the settings that have changed. `clients` stands for the clients and their rights."""
    clients: list[str]
    """Names of the clients that are new or gone, or have another key or other rights."""


class Trading(Struct):
    """Trading was halted or resumed, or the reasons for a halt have changed."""

    __slots__ = ()

    halted: bool
    """True: the bridge refuses new orders, and changes that add to an order."""
    reasons: dict[str, str]
    """Reasons by source: `admin` or `file`."""


class Verdict(Struct):
    """The bridge has begun or ceased to trade, or another condition limits what clients get."""

    __slots__ = ()

    trading: bool
    """True: the bridge sends new orders, and as far as it knows TWS takes them."""
    since: int
    """When the bridge began or ceased to trade: ns since 1970 UTC."""
    also: list[t.Finding]
    """The other conditions that hold now, the gravest first."""
    code: str = ""
    """Code of the condition that stops trading. `docs/reference/symptoms.md` lists all. Absent if the bridge
    trades.
    """
    because: str = ""
    """The reason, as text for people. Absent if the bridge trades."""
    remedy: str = ""
    """What a person must change, as text for people. Absent if the bridge trades."""


class Farms(Struct):
    """One of IBKR's data farms has entered another state. The event lists all farms that TWS has reported on this
    connection.
    """

    __slots__ = ()

    farms: list[t.FarmInfo]
    """The farms with their states."""


class Pacing(Struct):
    """TWS has reported that it is asked too fast, and the bridge sends less for a while."""

    __slots__ = ()

    counted: Literal["messages", "history"]
    """What TWS counted. messages: Messages per second (error 100). The bridge halves its limit; history: Requests
    of historical data and of real-time bars (a pacing violation: error 162 or 420). They wait.
    """
    reason: str
    """Text of TWS."""
    seconds: float
    """Seconds until the full limit applies again."""
    limit: int | None = None
    """Messages per second that the bridge sends now at most. Absent for `history`."""


class Queued(Struct):
    """A request of the client waits, because TWS takes only so many messages per second."""

    __slots__ = ()

    method: str
    """Method of the request."""
    waitSeconds: float
    """About the most seconds that the request waits, if nothing more urgent comes."""


class Ledger(Struct):
    """Whether the bridge can write orders and their events to disk. While it cannot, it refuses orders and holds
    order events back.
    """

    __slots__ = ()

    state: Literal["failed", "written"]
    """State of the ledger. failed: the bridge cannot write to the ledger; written: the bridge has written
    everything that waited.
    """
    reason: str = ""
    """Why the bridge cannot write. Absent if it can."""


class DecodeError(Struct):
    """A message from TWS did not match its declaration. The bridge dropped the message and reads on."""

    __slots__ = ()

    reason: str
    """What was wrong, as text for people."""
    payload: bytes
    """The bytes of the message, without the length prefix."""
    message: str = ""
    """Name of the message. Absent if the bridge does not know its ID."""
    id: int | None = None
    """ID of the message. Absent if the bridge could not read it."""
    field: str = ""
    """Field that the bridge could not read. Absent if no single field is at fault."""
    serverVersion: int | None = None
    """Server version by which the bridge read the message."""


class Defect(Struct):
    """The bridge failed to handle a message from TWS, because of a defect in the bridge. The bridge dropped the
    message and reads on.
    """

    __slots__ = ()

    message: str
    """Name of the message."""
    reason: str
    """What went wrong and where, as text for people."""


class UnknownMessage(Struct):
    """TWS has sent a message with an ID that the bridge does not know. TWS is probably newer than the bridge."""

    __slots__ = ()

    id: int
    """ID of the message."""
    payload: bytes
    """The bytes of the message, without the length prefix."""


class Unexpected(Struct):
    """One callback of TWS: a part of an answer, or the content of an event."""

    __slots__ = ()



class Head(Struct):
    """The newest number of an owner's order log. The bridge publishes it each second for each owner that has a log.
    A client with a lower number has missed events, and gets them with `orderLog`.
    """

    __slots__ = ()

    log: str
    """Name of the log. A new name means that the ledger was lost and that the numbers start again."""
    head: int
    """Highest `n` that is on disk."""


class OrderGap(Struct):
    """The bridge does not know the outcome of this order, or some of its executions, and TWS can no longer send
    them.
    """

    __slots__ = ()

    orderKey: str
    """Key of the order."""
    state: Literal["queued", "sent", "acknowledged", "inactive", "unknown", "notFound", "filled", "cancelled", "rejected", "abandoned", "unsent"]
    """The state of an order. docs/reference/order-states.md has the whole table. queued: The bridge has accepted
    the order. It is not on disk yet, and the bridge has not sent it; sent: The order is on disk, and the bridge may
    have sent it. TWS has not answered yet; acknowledged: TWS has the order, and the order is working; inactive: TWS
    holds the order and does not work it. TWS may work it later: cancel it before you place another order in its
    place; unknown: The order may be working, or may have been executed. Never place it again with another key.
    `reason` says what is missing; notFound: The bridge has proof that TWS never had the order. No other order can
    use its key until `abandon`; filled: The order is executed in full; cancelled: The order has ended. `filled` is
    the executed quantity, and is final when `fillsFinal` is true; rejected: TWS rejected the order with an error;
    abandoned: A client has abandoned the order. Its key is free; unsent: The bridge never sent the order. Its key
    is free.
    """
    reason: str
    """What is missing, as text for people."""
    unrecoverable: bool
    """True: the bridge will not learn what is missing."""
    orderId: int | None = None
    """Number of the order at TWS. Absent if it was cancelled before it got one."""
    permId: OptionalId64 = OptionalId64()
    """IBKR's permanent number of the order. Absent until TWS sends it."""
    status: str = ""
    """Status that TWS last sent. Absent until TWS sends one."""
    filled: OptionalQuantity = OptionalQuantity()
    """Executed quantity: the larger of TWS's figure and the sum of the executions. Absent if nothing is executed.
    """
    fillsFinal: bool | None = None
    """For a filled or cancelled order: whether `filled` is final. Place the rest with another key only if it is
    true.
    """
    sentAt: int | None = None
    """For an unknown order: when it was placed, in ns since 1970 UTC."""
    alreadyEnded: bool | None = None
    """In the answer to a cancel. True: the order had already ended."""
    revision: int | None = None
    """Revision of the newest change. Absent if the order was never changed."""
    change: Literal["queued", "sent", "unknown", "refused", "notApplied", "orderEnded"] | None = None
    """State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on
    disk yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know
    whether TWS made the change; refused: TWS refused the change; notApplied: TWS has the order without the change;
    orderEnded: the order ended before TWS showed the change.
    """


class Conflict(Struct):
    """TWS's messages about this order contradict each other: for example, TWS has an order that it did not have
    before, or several orders with one number. A person must check the order.
    """

    __slots__ = ()

    orderKey: str
    """Key of the order."""
    state: Literal["queued", "sent", "acknowledged", "inactive", "unknown", "notFound", "filled", "cancelled", "rejected", "abandoned", "unsent"]
    """The state of an order. docs/reference/order-states.md has the whole table. queued: The bridge has accepted
    the order. It is not on disk yet, and the bridge has not sent it; sent: The order is on disk, and the bridge may
    have sent it. TWS has not answered yet; acknowledged: TWS has the order, and the order is working; inactive: TWS
    holds the order and does not work it. TWS may work it later: cancel it before you place another order in its
    place; unknown: The order may be working, or may have been executed. Never place it again with another key.
    `reason` says what is missing; notFound: The bridge has proof that TWS never had the order. No other order can
    use its key until `abandon`; filled: The order is executed in full; cancelled: The order has ended. `filled` is
    the executed quantity, and is final when `fillsFinal` is true; rejected: TWS rejected the order with an error;
    abandoned: A client has abandoned the order. Its key is free; unsent: The bridge never sent the order. Its key
    is free.
    """
    reason: str
    """The contradiction, as text for people."""
    orderId: int | None = None
    """Number of the order at TWS. Absent if it was cancelled before it got one."""
    permId: OptionalId64 = OptionalId64()
    """IBKR's permanent number of the order. Absent until TWS sends it."""
    status: str = ""
    """Status that TWS last sent. Absent until TWS sends one."""
    filled: OptionalQuantity = OptionalQuantity()
    """Executed quantity: the larger of TWS's figure and the sum of the executions. Absent if nothing is executed.
    """
    fillsFinal: bool | None = None
    """For a filled or cancelled order: whether `filled` is final. Place the rest with another key only if it is
    true.
    """
    sentAt: int | None = None
    """For an unknown order: when it was placed, in ns since 1970 UTC."""
    alreadyEnded: bool | None = None
    """In the answer to a cancel. True: the order had already ended."""
    revision: int | None = None
    """Revision of the newest change. Absent if the order was never changed."""
    change: Literal["queued", "sent", "unknown", "refused", "notApplied", "orderEnded"] | None = None
    """State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on
    disk yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know
    whether TWS made the change; refused: TWS refused the change; notApplied: TWS has the order without the change;
    orderEnded: the order ended before TWS showed the change.
    """


class Abandoned(Struct):
    """An admin has abandoned this order without proof that TWS never had it."""

    __slots__ = ()

    orderKey: str
    """Key of the order."""
    state: Literal["queued", "sent", "acknowledged", "inactive", "unknown", "notFound", "filled", "cancelled", "rejected", "abandoned", "unsent"]
    """The state of an order. docs/reference/order-states.md has the whole table. queued: The bridge has accepted
    the order. It is not on disk yet, and the bridge has not sent it; sent: The order is on disk, and the bridge may
    have sent it. TWS has not answered yet; acknowledged: TWS has the order, and the order is working; inactive: TWS
    holds the order and does not work it. TWS may work it later: cancel it before you place another order in its
    place; unknown: The order may be working, or may have been executed. Never place it again with another key.
    `reason` says what is missing; notFound: The bridge has proof that TWS never had the order. No other order can
    use its key until `abandon`; filled: The order is executed in full; cancelled: The order has ended. `filled` is
    the executed quantity, and is final when `fillsFinal` is true; rejected: TWS rejected the order with an error;
    abandoned: A client has abandoned the order. Its key is free; unsent: The bridge never sent the order. Its key
    is free.
    """
    reason: str
    """Who abandoned the order, as text for people."""
    by: str
    """Client that abandoned the order."""
    orderId: int | None = None
    """Number of the order at TWS. Absent if it was cancelled before it got one."""
    permId: OptionalId64 = OptionalId64()
    """IBKR's permanent number of the order. Absent until TWS sends it."""
    status: str = ""
    """Status that TWS last sent. Absent until TWS sends one."""
    filled: OptionalQuantity = OptionalQuantity()
    """Executed quantity: the larger of TWS's figure and the sum of the executions. Absent if nothing is executed.
    """
    fillsFinal: bool | None = None
    """For a filled or cancelled order: whether `filled` is final. Place the rest with another key only if it is
    true.
    """
    sentAt: int | None = None
    """For an unknown order: when it was placed, in ns since 1970 UTC."""
    alreadyEnded: bool | None = None
    """In the answer to a cancel. True: the order had already ended."""
    revision: int | None = None
    """Revision of the newest change. Absent if the order was never changed."""
    change: Literal["queued", "sent", "unknown", "refused", "notApplied", "orderEnded"] | None = None
    """State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on
    disk yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know
    whether TWS made the change; refused: TWS refused the change; notApplied: TWS has the order without the change;
    orderEnded: the order ended before TWS showed the change.
    """


class Sync(Struct):
    """The marker of a snapshot. The bridge publishes it on `sync.<nonce>`, with the nonce of the `snapshot`
    request. A client that receives it receives every event after the snapshot. It has no fields, because every
    client may hear it.
    """

    __slots__ = ()



#: Any message, for `match`.
Message = (
    Unknown
    | AccountDownloadEnd
    | AccountSummary
    | AccountSummaryEnd
    | AccountUpdateMulti
    | AccountUpdateMultiEnd
    | BondContractDetails
    | CalculateImpliedVolatility
    | CalculateOptionPrice
    | CancelAccountSummary
    | CancelAccountUpdatesMulti
    | CancelCalculateImpliedVolatility
    | CancelCalculateOptionPrice
    | CancelContractData
    | CancelHeadTimeStamp
    | CancelHistogramData
    | CancelHistoricalData
    | CancelHistoricalTicks
    | CancelMktData
    | CancelMktDepth
    | CancelNewsBulletins
    | CancelOrder
    | CancelPnL
    | CancelPnLSingle
    | CancelPositions
    | CancelPositionsMulti
    | CancelRealTimeBars
    | CancelScannerSubscription
    | CancelTickByTickData
    | CancelWshEventData
    | CancelWshMetaData
    | CommissionAndFeesReport
    | CompletedOrder
    | CompletedOrdersEnd
    | ConfigResponse
    | ContractDetails
    | ContractDetailsEnd
    | CurrentTime
    | CurrentTimeInMillis
    | DeltaNeutralValidation
    | DisplayGroupList
    | DisplayGroupUpdated
    | Error
    | ExecDetails
    | ExecDetailsEnd
    | ExerciseOptions
    | FamilyCodes
    | HeadTimestamp
    | HistogramData
    | HistoricalData
    | HistoricalDataEnd
    | HistoricalDataUpdate
    | HistoricalNews
    | HistoricalNewsEnd
    | HistoricalSchedule
    | HistoricalTicks
    | HistoricalTicksBidAsk
    | HistoricalTicksLast
    | ManagedAccounts
    | MarketDataType
    | MarketRule
    | MktDepthExchanges
    | NewsArticle
    | NewsProviders
    | NextValidId
    | OpenOrder
    | OpenOrderEnd
    | OrderBound
    | OrderStatus
    | PlaceOrder
    | Pnl
    | PnlSingle
    | Position
    | PositionEnd
    | PositionMulti
    | PositionMultiEnd
    | QueryDisplayGroups
    | RealtimeBar
    | ReceiveFA
    | ReplaceFA
    | ReplaceFAEnd
    | ReqAccountSummary
    | ReqAccountUpdates
    | ReqAccountUpdatesMulti
    | ReqAllOpenOrders
    | ReqAutoOpenOrders
    | ReqCompletedOrders
    | ReqConfig
    | ReqContractDetails
    | ReqCurrentTime
    | ReqCurrentTimeInMillis
    | ReqExecutions
    | ReqFamilyCodes
    | ReqGlobalCancel
    | ReqHeadTimeStamp
    | ReqHistogramData
    | ReqHistoricalData
    | ReqHistoricalNews
    | ReqHistoricalTicks
    | ReqIds
    | ReqManagedAccts
    | ReqMarketDataType
    | ReqMarketRule
    | ReqMatchingSymbols
    | ReqMktData
    | ReqMktDepth
    | ReqMktDepthExchanges
    | ReqNewsArticle
    | ReqNewsBulletins
    | ReqNewsProviders
    | ReqOpenOrders
    | ReqPnL
    | ReqPnLSingle
    | ReqPositions
    | ReqPositionsMulti
    | ReqRealTimeBars
    | ReqScannerParameters
    | ReqScannerSubscription
    | ReqSecDefOptParams
    | ReqSmartComponents
    | ReqSoftDollarTiers
    | ReqTickByTickData
    | ReqUserInfo
    | ReqWshEventData
    | ReqWshMetaData
    | RequestFA
    | RerouteMktDataReq
    | RerouteMktDepthReq
    | ScannerData
    | ScannerParameters
    | SecurityDefinitionOptionParameter
    | SecurityDefinitionOptionParameterEnd
    | SetServerLogLevel
    | SmartComponents
    | SoftDollarTiers
    | StartApi
    | SubscribeToGroupEvents
    | SymbolSamples
    | TickByTickAllLast
    | TickByTickBidAsk
    | TickByTickMidPoint
    | TickEFP
    | TickGeneric
    | TickNews
    | TickOptionComputation
    | TickPrice
    | TickReqParams
    | TickSize
    | TickSnapshotEnd
    | TickString
    | UnsubscribeFromGroupEvents
    | UpdateAccountTime
    | UpdateAccountValue
    | UpdateConfig
    | UpdateConfigResponse
    | UpdateDisplayGroup
    | UpdateMktDepth
    | UpdateMktDepthL2
    | UpdateNewsBulletin
    | UpdatePortfolio
    | UserInfo
    | VerifyAndAuthCompleted
    | VerifyAndAuthMessage
    | VerifyAndAuthMessageAPI
    | VerifyAndAuthRequest
    | VerifyCompleted
    | VerifyMessage
    | VerifyMessageAPI
    | VerifyRequest
    | WshEventData
    | WshMetaData
    | Connection
    | PlannedRestart
    | Heartbeat
    | Notice
    | Gap
    | Recovered
    | Stale
    | Fresh
    | Ended
    | Gone
    | ClientJoined
    | ClientLost
    | ClientSilent
    | ClientFenced
    | Configuration
    | Trading
    | Verdict
    | Farms
    | Pacing
    | Queued
    | Ledger
    | DecodeError
    | Defect
    | UnknownMessage
    | Unexpected
    | Head
    | OrderGap
    | Conflict
    | Abandoned
    | Sync
)

#: The class of each event, by its name.
BY_EVENT: dict[str, type[Struct]] = {
    "accountDownloadEnd": AccountDownloadEnd,
    "accountSummary": AccountSummary,
    "accountSummaryEnd": AccountSummaryEnd,
    "accountUpdateMulti": AccountUpdateMulti,
    "accountUpdateMultiEnd": AccountUpdateMultiEnd,
    "bondContractDetails": BondContractDetails,
    "calculateImpliedVolatility": CalculateImpliedVolatility,
    "calculateOptionPrice": CalculateOptionPrice,
    "cancelAccountSummary": CancelAccountSummary,
    "cancelAccountUpdatesMulti": CancelAccountUpdatesMulti,
    "cancelCalculateImpliedVolatility": CancelCalculateImpliedVolatility,
    "cancelCalculateOptionPrice": CancelCalculateOptionPrice,
    "cancelContractData": CancelContractData,
    "cancelHeadTimeStamp": CancelHeadTimeStamp,
    "cancelHistogramData": CancelHistogramData,
    "cancelHistoricalData": CancelHistoricalData,
    "cancelHistoricalTicks": CancelHistoricalTicks,
    "cancelMktData": CancelMktData,
    "cancelMktDepth": CancelMktDepth,
    "cancelNewsBulletins": CancelNewsBulletins,
    "cancelOrder": CancelOrder,
    "cancelPnL": CancelPnL,
    "cancelPnLSingle": CancelPnLSingle,
    "cancelPositions": CancelPositions,
    "cancelPositionsMulti": CancelPositionsMulti,
    "cancelRealTimeBars": CancelRealTimeBars,
    "cancelScannerSubscription": CancelScannerSubscription,
    "cancelTickByTickData": CancelTickByTickData,
    "cancelWshEventData": CancelWshEventData,
    "cancelWshMetaData": CancelWshMetaData,
    "commissionAndFeesReport": CommissionAndFeesReport,
    "completedOrder": CompletedOrder,
    "completedOrdersEnd": CompletedOrdersEnd,
    "configResponse": ConfigResponse,
    "contractDetails": ContractDetails,
    "contractDetailsEnd": ContractDetailsEnd,
    "currentTime": CurrentTime,
    "currentTimeInMillis": CurrentTimeInMillis,
    "deltaNeutralValidation": DeltaNeutralValidation,
    "displayGroupList": DisplayGroupList,
    "displayGroupUpdated": DisplayGroupUpdated,
    "error": Error,
    "execDetails": ExecDetails,
    "execDetailsEnd": ExecDetailsEnd,
    "exerciseOptions": ExerciseOptions,
    "familyCodes": FamilyCodes,
    "headTimestamp": HeadTimestamp,
    "histogramData": HistogramData,
    "historicalData": HistoricalData,
    "historicalDataEnd": HistoricalDataEnd,
    "historicalDataUpdate": HistoricalDataUpdate,
    "historicalNews": HistoricalNews,
    "historicalNewsEnd": HistoricalNewsEnd,
    "historicalSchedule": HistoricalSchedule,
    "historicalTicks": HistoricalTicks,
    "historicalTicksBidAsk": HistoricalTicksBidAsk,
    "historicalTicksLast": HistoricalTicksLast,
    "managedAccounts": ManagedAccounts,
    "marketDataType": MarketDataType,
    "marketRule": MarketRule,
    "mktDepthExchanges": MktDepthExchanges,
    "newsArticle": NewsArticle,
    "newsProviders": NewsProviders,
    "nextValidId": NextValidId,
    "openOrder": OpenOrder,
    "openOrderEnd": OpenOrderEnd,
    "orderBound": OrderBound,
    "orderStatus": OrderStatus,
    "placeOrder": PlaceOrder,
    "pnl": Pnl,
    "pnlSingle": PnlSingle,
    "position": Position,
    "positionEnd": PositionEnd,
    "positionMulti": PositionMulti,
    "positionMultiEnd": PositionMultiEnd,
    "queryDisplayGroups": QueryDisplayGroups,
    "realtimeBar": RealtimeBar,
    "receiveFA": ReceiveFA,
    "replaceFA": ReplaceFA,
    "replaceFAEnd": ReplaceFAEnd,
    "reqAccountSummary": ReqAccountSummary,
    "reqAccountUpdates": ReqAccountUpdates,
    "reqAccountUpdatesMulti": ReqAccountUpdatesMulti,
    "reqAllOpenOrders": ReqAllOpenOrders,
    "reqAutoOpenOrders": ReqAutoOpenOrders,
    "reqCompletedOrders": ReqCompletedOrders,
    "reqConfig": ReqConfig,
    "reqContractDetails": ReqContractDetails,
    "reqCurrentTime": ReqCurrentTime,
    "reqCurrentTimeInMillis": ReqCurrentTimeInMillis,
    "reqExecutions": ReqExecutions,
    "reqFamilyCodes": ReqFamilyCodes,
    "reqGlobalCancel": ReqGlobalCancel,
    "reqHeadTimeStamp": ReqHeadTimeStamp,
    "reqHistogramData": ReqHistogramData,
    "reqHistoricalData": ReqHistoricalData,
    "reqHistoricalNews": ReqHistoricalNews,
    "reqHistoricalTicks": ReqHistoricalTicks,
    "reqIds": ReqIds,
    "reqManagedAccts": ReqManagedAccts,
    "reqMarketDataType": ReqMarketDataType,
    "reqMarketRule": ReqMarketRule,
    "reqMatchingSymbols": ReqMatchingSymbols,
    "reqMktData": ReqMktData,
    "reqMktDepth": ReqMktDepth,
    "reqMktDepthExchanges": ReqMktDepthExchanges,
    "reqNewsArticle": ReqNewsArticle,
    "reqNewsBulletins": ReqNewsBulletins,
    "reqNewsProviders": ReqNewsProviders,
    "reqOpenOrders": ReqOpenOrders,
    "reqPnL": ReqPnL,
    "reqPnLSingle": ReqPnLSingle,
    "reqPositions": ReqPositions,
    "reqPositionsMulti": ReqPositionsMulti,
    "reqRealTimeBars": ReqRealTimeBars,
    "reqScannerParameters": ReqScannerParameters,
    "reqScannerSubscription": ReqScannerSubscription,
    "reqSecDefOptParams": ReqSecDefOptParams,
    "reqSmartComponents": ReqSmartComponents,
    "reqSoftDollarTiers": ReqSoftDollarTiers,
    "reqTickByTickData": ReqTickByTickData,
    "reqUserInfo": ReqUserInfo,
    "reqWshEventData": ReqWshEventData,
    "reqWshMetaData": ReqWshMetaData,
    "requestFA": RequestFA,
    "rerouteMktDataReq": RerouteMktDataReq,
    "rerouteMktDepthReq": RerouteMktDepthReq,
    "scannerData": ScannerData,
    "scannerParameters": ScannerParameters,
    "securityDefinitionOptionParameter": SecurityDefinitionOptionParameter,
    "securityDefinitionOptionParameterEnd": SecurityDefinitionOptionParameterEnd,
    "setServerLogLevel": SetServerLogLevel,
    "smartComponents": SmartComponents,
    "softDollarTiers": SoftDollarTiers,
    "startApi": StartApi,
    "subscribeToGroupEvents": SubscribeToGroupEvents,
    "symbolSamples": SymbolSamples,
    "tickByTickAllLast": TickByTickAllLast,
    "tickByTickBidAsk": TickByTickBidAsk,
    "tickByTickMidPoint": TickByTickMidPoint,
    "tickEFP": TickEFP,
    "tickGeneric": TickGeneric,
    "tickNews": TickNews,
    "tickOptionComputation": TickOptionComputation,
    "tickPrice": TickPrice,
    "tickReqParams": TickReqParams,
    "tickSize": TickSize,
    "tickSnapshotEnd": TickSnapshotEnd,
    "tickString": TickString,
    "unsubscribeFromGroupEvents": UnsubscribeFromGroupEvents,
    "updateAccountTime": UpdateAccountTime,
    "updateAccountValue": UpdateAccountValue,
    "updateConfig": UpdateConfig,
    "updateConfigResponse": UpdateConfigResponse,
    "updateDisplayGroup": UpdateDisplayGroup,
    "updateMktDepth": UpdateMktDepth,
    "updateMktDepthL2": UpdateMktDepthL2,
    "updateNewsBulletin": UpdateNewsBulletin,
    "updatePortfolio": UpdatePortfolio,
    "userInfo": UserInfo,
    "verifyAndAuthCompleted": VerifyAndAuthCompleted,
    "verifyAndAuthMessage": VerifyAndAuthMessage,
    "verifyAndAuthMessageAPI": VerifyAndAuthMessageAPI,
    "verifyAndAuthRequest": VerifyAndAuthRequest,
    "verifyCompleted": VerifyCompleted,
    "verifyMessage": VerifyMessage,
    "verifyMessageAPI": VerifyMessageAPI,
    "verifyRequest": VerifyRequest,
    "wshEventData": WshEventData,
    "wshMetaData": WshMetaData,
    "connection": Connection,
    "plannedRestart": PlannedRestart,
    "heartbeat": Heartbeat,
    "notice": Notice,
    "gap": Gap,
    "recovered": Recovered,
    "stale": Stale,
    "fresh": Fresh,
    "ended": Ended,
    "gone": Gone,
    "clientJoined": ClientJoined,
    "clientLost": ClientLost,
    "clientSilent": ClientSilent,
    "clientFenced": ClientFenced,
    "configuration": Configuration,
    "trading": Trading,
    "verdict": Verdict,
    "farms": Farms,
    "pacing": Pacing,
    "queued": Queued,
    "ledger": Ledger,
    "decodeError": DecodeError,
    "defect": Defect,
    "unknownMessage": UnknownMessage,
    "unexpected": Unexpected,
    "head": Head,
    "orderGap": OrderGap,
    "conflict": Conflict,
    "abandoned": Abandoned,
    "sync": Sync,
}
