"""Parts of messages, and results of the bridge's own methods.

`tws-bridge schemas` writes this file. Nobody edits it by hand.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from tws_bridge_client.struct import Data, Day, Moment, OptionalId64, OptionalQuantity, Quantity, Struct, Unbounded

from tws_bridge_client.struct import MomentLike
from tws_bridge_client.values import Number


class ApiConfig(Struct):
    """The API part of the TWS settings."""

    __slots__ = ()

    precautions: ApiPrecautionsConfig | None = None
    """API settings: the warnings on orders that TWS skips without asking a person."""
    settings: ApiSettingsConfig | None = None
    """API settings: the socket, and the data that TWS sends over it. The names are those of TWS's settings window.
    """


class ApiPrecautionsConfig(Struct):
    """API settings: the warnings on orders that TWS skips without asking a person."""

    __slots__ = ()

    bypassOrderPrecautions: bool | None = None
    """Skip the precautionary limits on orders."""
    bypassBondWarning: bool | None = None
    """Skip the warning about bonds."""
    bypassNegativeYieldConfirmation: bool | None = None
    """Skip the question about a negative yield to worst."""
    bypassCalledBondWarning: bool | None = None
    """Skip the warning about called bonds."""
    bypassSameActionPairTradeWarning: bool | None = None
    """Skip the warning about pair trades with the same side twice."""
    bypassFlaggedAccountsWarning: bool | None = None
    """Skip the warning about flagged accounts."""
    bypassPriceBasedVolatilityWarning: bool | None = None
    """Skip the warning about the risk of price-based volatility orders."""
    bypassRedirectOrderWarning: bool | None = None
    """Skip the warning that an order is redirected."""
    bypassNoOverfillProtection: bool | None = None
    """Skip the warning that an order has no overfill protection."""
    bypassRouteMarketableToBBO: bool | None = None
    """Skip the warning about routing marketable orders to the best quote."""


class ApiSettingsConfig(Struct):
    """API settings: the socket, and the data that TWS sends over it. The names are those of TWS's settings window.
    """

    __slots__ = ()

    readOnlyApi: bool | None = None
    """Refuse orders from the API."""
    totalQuantityForMutualFunds: bool | None = None
    """Accept a total quantity in orders for mutual funds."""
    downloadOpenOrdersOnConnection: bool | None = None
    """Send open orders when a client connects."""
    includeVirtualFxPositions: bool | None = None
    """Include virtual currency positions."""
    prepareDailyPnL: bool | None = None
    """Compute daily profit and loss."""
    sendStatusUpdatesForVolatilityOrders: bool | None = None
    """Send status updates for volatility orders."""
    encodeApiMessages: str = ""
    """Encoding of API messages."""
    socketPort: int | None = None
    """TCP port of the API."""
    useNegativeAutoRange: bool | None = None
    """Use negative numbers for orders bound automatically."""
    createApiMessageLogFile: bool | None = None
    """Write a log file of API messages."""
    includeMarketDataInLogFile: bool | None = None
    """Include market data in that log file."""
    exposeTradingScheduleToApi: bool | None = None
    """Send the trading schedule to the API."""
    splitInsuredDepositFromCashBalance: bool | None = None
    """Show insured deposits apart from cash."""
    sendZeroPositionsForTodayOnly: bool | None = None
    """Send positions of zero only if they were closed today."""
    letApiAccountRequestsSwitchSubscription: bool | None = None
    """Let account requests of the API take over a subscription."""
    useAccountGroupsWithAllocationMethods: bool | None = None
    """Advisors: use account groups with allocation methods."""
    loggingLevel: str = ""
    """Level of detail of the log."""
    masterClientId: int | None = None
    """Client ID that gets the orders of all clients."""
    bulkDataTimeout: int | None = None
    """Time-out of large transfers."""
    componentExchSeparator: str = ""
    """Separator of component exchanges."""
    showForexDataIn1_10Pips: bool | None = None
    """Quote currencies in tenths of a pip."""
    allowForexTradingIn1_10Pips: bool | None = None
    """Trade currencies in tenths of a pip."""
    roundAccountValuesToNearestWholeNumber: bool | None = None
    """Round account values to whole numbers."""
    sendMarketDataInLotsForUsStocks: bool | None = None
    """Give sizes of US stocks in lots."""
    showAdvancedOrderRejectInUi: bool | None = None
    """Show advanced order rejects in the window."""
    rejectMessagesAboveMaxRate: bool | None = None
    """Refuse messages above the maximal rate, instead of delaying them."""
    maintainConnectionOnIncorrectFields: bool | None = None
    """Keep the connection when a message has wrong fields."""
    compatibilityModeNasdaqStocks: bool | None = None
    """Call NASDAQ `ISLAND`, as older versions do."""
    sendInstrumentTimezone: str = ""
    """Time zone in which TWS sends times of an instrument."""
    sendForexDataInCompatibilityMode: bool | None = None
    """Send currency data as older versions do."""
    maintainAndResubmitOrdersOnReconnect: bool | None = None
    """Keep orders and submit them again after a reconnect."""
    historicalDataMaxSize: int | None = None
    """Largest size of a historical data answer."""
    autoReportNettingEventContractTrades: bool | None = None
    """Report netting trades of event contracts automatically."""
    optionExerciseRequestType: str = ""
    """Kind of option exercise requests."""
    allowLocalhostOnly: bool | None = None
    """Accept connections from this machine only."""
    trustedIPs: list[str] = []  # noqa: RUF012
    """Addresses from which TWS accepts connections without asking."""


class AttachedOrders(Struct):
    """Stop-loss and profit-taking orders that TWS adds to the order, by its own presets."""

    __slots__ = ()

    slOrderId: int | None = None
    """Order ID for the stop-loss order."""
    slOrderType: str = ""
    """Order type of the stop-loss order; `PRESET` takes TWS's preset."""
    ptOrderId: int | None = None
    """Order ID for the profit-taking order."""
    ptOrderType: str = ""
    """Order type of the profit-taking order; `PRESET` takes TWS's preset."""


class AwaitedOrder(Struct):
    """The answer to `awaitOrder`."""

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
    reached: bool
    """Whether the order reached the state in time."""
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
    reason: str = ""
    """For an unknown order: what is missing, as text for people."""
    position: OrderPosition | None = None
    """The position of an order's account in the order's contract, as TWS sent it. The bridge sends it to the
    order's owner even if the owner has no right to account data.
    """


class BoundFacts(Struct):
    """The bound that is reached."""

    __slots__ = ()

    bound: Literal["openRequests", "openRequestBytes", "clients", "streams", "orderLogReads", "reloads", "requestBytes", "snapshotEvents", "newInstances"]
    """What is bounded. openRequests: requests that have no final reply yet; openRequestBytes: bytes in these
    requests; clients: clients that sent a request within their lease; streams: subscriptions at TWS; orderLogReads:
    reads of the order log under way; reloads: requests to reload the configuration under way; requestBytes: bytes
    of one request; snapshotEvents: events in one reply to `snapshot`; newInstances: new instances in a minute.
    """
    most: int
    """The highest number. Of most things one client may have half."""


class CacheState(Struct):
    """What the bridge has kept of TWS's answers, and what that has saved since its start."""

    __slots__ = ()

    enabled: bool
    """True: the bridge keeps answers (setting `cache_size`)."""
    hits: int
    """Number of requests that the cache answered."""
    misses: int
    """Number of requests that the cache could not answer."""
    shared: int
    """Number of requests that joined an equal one at TWS."""
    series: int
    """Number of series of historical bars in memory."""
    bars: int
    """Number of historical bars in memory."""
    size: int | None = None
    """Bytes that the entries of the cache file take. Absent if there is no file."""
    limit: int | None = None
    """Bytes that they may take. Absent if there is no file."""
    entries: int | None = None
    """Number of entries of the cache file. Absent if there is no file."""


class CancelMineResult(Struct):
    """The result of cancelMine."""

    __slots__ = ()

    orderKeys: list[str]
    """Keys of the orders that the bridge cancels."""


class Cancelled(Struct):
    """The answer to a request that ends another open request of the client."""

    __slots__ = ()

    cancelled: str
    """ID of the request that has ended."""


class Candidates(Struct):
    """The contracts that match."""

    __slots__ = ()

    candidates: list[Contract]
    """Contracts, each with the fields that distinguish it from the others."""


class ChangedOrder(Struct):
    """An order as openOrder shows it. The fields that TWS sets must be unchanged."""

    __slots__ = ()

    clientId: int | None = None
    """Client ID of the connection that placed the order; 0 is TWS itself."""
    orderId: int | None = None
    """Number that the client gave to the order. It is unique among that client's orders."""
    permId: OptionalId64 = OptionalId64()
    """Permanent number that IBKR gives to the order. It is unique in the account."""
    parentId: int | None = None
    """orderId of the parent. This order waits until the parent is filled. 0 or absent: no parent."""
    action: Literal["BUY", "SELL", "SSHORT", "SLONG"] | None = None
    """Side of the order. BUY: buy; SELL: sell; SSHORT: sell short (institutions); SLONG: sell long (institutions).
    """
    totalQuantity: OptionalQuantity = OptionalQuantity()
    """Quantity to buy or sell, in shares, contracts or units of currency."""
    displaySize: int | None = None
    """Part of the quantity that the market may see (iceberg order)."""
    orderType: str = ""
    """Order type. TWS has more types than these, by exchange and product. MKT: at market; LMT: limit; STP: stop;
    STP LMT: stop-limit; TRAIL: trailing stop; TRAIL LIMIT: trailing stop-limit; MIT: market if touched; LIT: limit
    if touched; MOC: market on close; LOC: limit on close; MTL: market, the rest as limit; MKT PRT: market with
    protection; STP PRT: stop with protection; REL: relative to the best quote; PEG MKT: pegged to the other side of
    the market; PEG MID: pegged to the midpoint; PEG BEST: competes with the best price; PEG STK: pegged to the
    stock; PEG BENCH: pegged to a benchmark; PASSV REL: passive relative; MIDPRICE: midpoint or better; SNAP MKT:
    starts at the other side of the market; SNAP MID: starts at the midpoint; SNAP PRIM: starts at the own side of
    the market; VOL: by volatility; BOX TOP: best price, the rest as limit; REL + LMT: combination: relative and
    limit; REL + MKT: combination: relative and market; LMT + MKT: combination: limit and market.
    """
    lmtPrice: float | None = None
    """Limit price. For relative and trailing-limit orders: the limit or cap of that type."""
    auxPrice: float | None = None
    """Second price, by order type: the stop's trigger, the trailing amount, the offset of a relative or pegged
    order, the touch price of MIT and LIT.
    """
    tif: str = ""
    """How long the order works. `goodTillDate` goes with GTD. DAY: until the end of the day; GTC: until cancelled;
    IOC: at once, the rest cancelled; GTD: until a date; OPG: at the open; FOK: at once and in full, or not at all;
    DTC: until the end of the day, then taken from the market; AUC: in the auction; OVERNIGHT: in the overnight
    session.
    """
    account: str = ""
    """Account that trades. Needed if the login has several accounts."""
    settlingFirm: str = ""
    """Firm that settles the trade. Institutions only."""
    clearingAccount: str = ""
    """Account of the true beneficiary, if IBKR executes for another clearing firm."""
    clearingIntent: str = ""
    """Who clears the trade. Absent: the account's default. IB: IBKR; AWAY: another firm; PTA: decided after the
    trade.
    """
    allOrNone: bool | None = None
    """Fill the whole quantity at once or not at all."""
    blockOrder: bool | None = None
    """Mark the order as a block order, for large option orders at ISE."""
    hidden: bool | None = None
    """Do not show the order in the book (NASDAQ-routed orders)."""
    outsideRth: bool | None = None
    """The order may also trigger and fill outside regular trading hours."""
    sweepToFill: bool | None = None
    """Take the displayed liquidity of all venues at once."""
    percentOffset: float | None = None
    """Offset of a relative order, as a fraction of the price."""
    trailingPercent: float | None = None
    """Trailing amount as a percentage. Alternative to auxPrice."""
    trailStopPrice: float | None = None
    """Starting stop price of a trailing order."""
    minQty: int | None = None
    """Smallest quantity of a fill."""
    goodAfterTime: Moment = Moment()
    """Time until which TWS holds the order back: `yyyymmdd hh:mm:ss zone`."""
    goodTillDate: Moment = Moment()
    """Time at which TWS cancels an order with tif GTD: `yyyymmdd hh:mm:ss zone`."""
    ocaGroup: str = ""
    """Name of a one-cancels-all group. TWS shares the name across the account."""
    orderRef: str = ""
    """The client's own text. TWS keeps it with the order and its executions."""
    rule80A: str = ""
    """Capacity in which the order is entered, by the old NYSE rule 80A. I: individual; A: agency; W: agent for
    another member; J: individual, program trade with index arbitrage; U: agency, program trade with index
    arbitrage; M: agent for another member, program trade with index arbitrage; K: individual, program trade; Y:
    agency, program trade; N: agent for another member, program trade.
    """
    ocaType: int | None = None
    """Effect of a fill on the other orders of the OCA group. 1: cancel the rest, while one order works at a time;
    2: reduce the rest, while one order works at a time; 3: reduce the rest, while all orders work.
    """
    triggerMethod: int | None = None
    """Prices that trigger a stop. 0: default of the product; 1: two bids or asks in a row; 2: last price; 3: two
    last prices in a row; 4: bid or ask; 7: last, or bid or ask; 8: midpoint.
    """
    activeStartTime: Moment = Moment()
    """Time at which a GTC order starts to work: `yyyymmdd hh:mm:ss zone`."""
    activeStopTime: Moment = Moment()
    """Time at which a GTC order stops working: `yyyymmdd hh:mm:ss zone`."""
    faGroup: str = ""
    """Advisors: account group to which TWS allocates the order."""
    faMethod: str = ""
    """Advisors: how TWS allocates the order within the group. Equal: in equal parts; NetLiq: by net liquidation
    value; AvailableEquity: by available equity; PctChange: by a percentage of the position.
    """
    faPercentage: str = ""
    """Advisors: percentage, for methods that need one."""
    volatility: float | None = None
    """Volatility orders: the implied volatility to quote, in percent."""
    volatilityType: int | None = None
    """Volatility orders: period of the volatility. 1: daily; 2: annual."""
    continuousUpdate: bool | None = None
    """Volatility orders: adjust the limit price when the underlying moves."""
    referencePriceType: int | None = None
    """Volatility orders and their hedge: price of the underlying that TWS uses. 1: average of bid and ask; 2: bid
    or ask.
    """
    deltaNeutralOrderType: str = ""
    """Order type of the delta-neutral hedge. TWS sends `None` if there is no hedge."""
    deltaNeutralAuxPrice: float | None = None
    """Second price of the hedge order, like auxPrice of the order."""
    deltaNeutralConId: int | None = None
    """Contract ID of the hedge."""
    deltaNeutralOpenClose: str = ""
    """Whether the hedge opens or closes a position. O: opens; C: closes."""
    deltaNeutralShortSale: bool | None = None
    """Whether the hedge is a short sale."""
    deltaNeutralShortSaleSlot: int | None = None
    """Source of the shares of a short hedge, like shortSaleSlot. 0: does not apply; 1: held by the broker; 2:
    delivered from elsewhere.
    """
    deltaNeutralDesignatedLocation: str = ""
    """Firm that lends the shares of a short hedge. Needed if deltaNeutralShortSaleSlot is 2."""
    scaleInitLevelSize: int | None = None
    """Scale orders: size of the first level."""
    scaleSubsLevelSize: int | None = None
    """Scale orders: size of each further level."""
    scalePriceIncrement: float | None = None
    """Scale orders: price step between levels. A value above 0 makes the order a scale order."""
    scalePriceAdjustValue: float | None = None
    """Scale orders: change of the starting price in each interval."""
    scalePriceAdjustInterval: int | None = None
    """Scale orders: seconds between these changes."""
    scaleProfitOffset: float | None = None
    """Scale orders: distance of the profit-taking orders."""
    scaleAutoReset: bool | None = None
    """Scale orders: restore a level after its profit was taken."""
    scaleInitPosition: int | None = None
    """Scale orders: position at the start."""
    scaleInitFillQty: int | None = None
    """Scale orders: quantity already filled at the first level."""
    scaleRandomPercent: bool | None = None
    """Scale orders: vary the level sizes at random."""
    scaleTable: str = ""
    """Scale orders: levels as a table, instead of the fields above."""
    hedgeType: str = ""
    """How this child order hedges its parent. D: delta; B: beta; F: currency; P: pair."""
    hedgeParam: str = ""
    """Parameter of the hedge: the beta, or the ratio of a pair. For orders with hedgeType only."""
    algoStrategy: str = ""
    """Name of an IBKR or third-party algo, such as `Adaptive`, `Vwap`, `Twap`, `ArrivalPx`, `DarkIce`."""
    algoParams: dict[str, str] = {}  # noqa: RUF012
    """Parameters of the algo by tag. For orders with algoStrategy only."""
    algoId: str = ""
    """Identifier of the algorithm that made the order."""
    smartComboRoutingParams: dict[str, str] = {}  # noqa: RUF012
    """How SMART routes a combination, by tag (`NonGuaranteed` and others)."""
    whatIf: bool | None = None
    """Do not place the order: only compute margin and fees, which TWS sends in orderState."""
    transmit: bool | None = None
    """Send the order to the market. False: TWS holds the order, as it does with the first orders of a bracket."""
    overridePercentageConstraints: bool | None = None
    """Ignore TWS's precautionary limits on price and size."""
    openClose: str = ""
    """Whether the order opens or closes a position. For institutions and some exchanges only. O: opens; C: closes.
    """
    origin: int | None = None
    """Origin of the order. 0: customer; 1: firm."""
    shortSaleSlot: int | None = None
    """Short sales of institutions: source of the shares. 0: does not apply; 1: held by the broker; 2: delivered
    from elsewhere.
    """
    designatedLocation: str = ""
    """Firm that lends the shares. Needed if shortSaleSlot is 2."""
    exemptCode: int | None = None
    """Reason for an exemption from the short-sale price test (Reg SHO). -1: none."""
    deltaNeutralSettlingFirm: str = ""
    """Firm that settles the hedge."""
    deltaNeutralClearingAccount: str = ""
    """Account of the hedge's true beneficiary."""
    deltaNeutralClearingIntent: str = ""
    """Who clears the hedge. IB: IBKR; AWAY: another firm; PTA: decided after the trade."""
    discretionaryAmt: float | None = None
    """Amount by which a fill may be beyond the limit price, in price units."""
    optOutSmartRouting: bool | None = None
    """Do not use SMART routing for the order."""
    startingPrice: float | None = None
    """Auction orders (BOX): starting price."""
    stockRefPrice: float | None = None
    """Pegged-to-stock orders: reference price of the stock."""
    delta: float | None = None
    """Pegged-to-stock orders: change of the order's price for each unit of the stock's price."""
    stockRangeLower: float | None = None
    """Price of the stock below which TWS cancels the order."""
    stockRangeUpper: float | None = None
    """Price of the stock above which TWS cancels the order."""
    notHeld: bool | None = None
    """Give the broker discretion over time and price. IBDARK only."""
    orderMiscOptions: dict[str, str] = {}  # noqa: RUF012
    """More options by tag, for IBKR's internal use."""
    solicited: bool | None = None
    """True: the broker advised this order."""
    randomizeSize: bool | None = None
    """Vary the displayed size at random, by up to half. For iceberg and similar orders."""
    randomizePrice: bool | None = None
    """Vary the price at random, by up to half the spread. For relative and similar orders."""
    referenceContractId: int | None = None
    """Pegged-to-benchmark orders: contract ID of the benchmark."""
    peggedChangeAmount: float | None = None
    """Pegged-to-benchmark orders: change of the price for each referenceChangeAmount."""
    isPeggedChangeAmountDecrease: bool | None = None
    """Pegged-to-benchmark orders: the price falls when the benchmark rises."""
    referenceChangeAmount: float | None = None
    """Pegged-to-benchmark orders: change of the benchmark that changes the price once."""
    referenceExchangeId: str = ""
    """Pegged-to-benchmark orders: exchange of the benchmark's price."""
    adjustedOrderType: str = ""
    """Adjustable stops: order type after the adjustment. TWS sends `None` if there is none."""
    triggerPrice: float | None = None
    """Adjustable stops: price that triggers the adjustment."""
    adjustedStopPrice: float | None = None
    """Adjustable stops: stop price after the adjustment."""
    adjustedStopLimitPrice: float | None = None
    """Adjustable stops: limit price of the stop-limit order after the adjustment."""
    adjustedTrailingAmount: float | None = None
    """Adjustable stops: trailing amount after the adjustment."""
    adjustableTrailingUnit: int | None = None
    """Adjustable stops: unit of adjustedTrailingAmount. 0: amount; 1: percent."""
    lmtPriceOffset: float | None = None
    """Offset of the limit from the stop price of a trailing stop-limit order."""
    conditions: list[OrderCondition] = []  # noqa: RUF012
    """Conditions of the order, joined by `and` or `or` in their sequence."""
    conditionsCancelOrder: bool | None = None
    """The conditions cancel the order instead of sending it."""
    conditionsIgnoreRth: bool | None = None
    """Also check the conditions outside regular trading hours."""
    modelCode: str = ""
    """Portfolio model of the order."""
    extOperator: str = ""
    """Person or system that enters the order (CME rule 576 and similar rules)."""
    softDollarTier: SoftDollarTier | None = None
    """A commission tier that an advisor or institution agreed with IBKR."""
    cashQty: float | None = None
    """Amount of money to spend instead of a quantity, in the contract's currency."""
    mifid2DecisionMaker: str = ""
    """MiFID II: short code of the person who decided."""
    mifid2DecisionAlgo: str = ""
    """MiFID II: short code of the algorithm that decided."""
    mifid2ExecutionTrader: str = ""
    """MiFID II: short code of the person who executes."""
    mifid2ExecutionAlgo: str = ""
    """MiFID II: short code of the algorithm that executes."""
    dontUseAutoPriceForHedge: bool | None = None
    """Do not let TWS choose the price of the hedge order."""
    isOmsContainer: bool | None = None
    """Create a ticket in TWS instead of an order in the market. TWS is then an order-management system."""
    discretionaryUpToLimitPrice: bool | None = None
    """Relative orders: discretion up to the limit price (D-Peg)."""
    autoCancelDate: str = ""
    """When TWS cancels the order automatically."""
    filledQuantity: OptionalQuantity = OptionalQuantity()
    """Filled quantity of a completed order."""
    refFuturesConId: int | None = None
    """Contract ID of a future to which the order refers."""
    autoCancelParent: bool | None = None
    """Cancel the parent when this order is cancelled."""
    shareholder: str = ""
    """Shareholder, for exchanges that require it."""
    imbalanceOnly: bool | None = None
    """Auction orders: work only against an imbalance."""
    routeMarketableToBbo: int | None = None
    """Route the marketable part straight to the best quote."""
    parentPermId: OptionalId64 = OptionalId64()
    """permId of the parent."""
    usePriceMgmtAlgo: int | None = None
    """Let IBKR's price management algo improve the price. Absent: the account's setting. 0: no; 1: yes."""
    duration: int | None = None
    """Seconds after which TWS cancels the order."""
    postToAts: int | None = None
    """Seconds that a SMART order stays at IBKRATS before TWS routes it on."""
    advancedErrorOverride: str = ""
    """Advanced rejects to override, by the names in the error's advancedOrderRejectJson."""
    manualOrderTime: Moment = Moment()
    """When the client gave a manual order: `yyyymmdd-hh:mm:ss` UTC, or with a zone."""
    minTradeQty: int | None = None
    """IBKRATS and PEG BEST: smallest quantity of one trade."""
    minCompeteSize: int | None = None
    """PEG BEST: smallest size at the best price against which to compete."""
    competeAgainstBestOffset: Unbounded | None = None
    """PEG BEST: amount by which to improve the best price. Infinite: up to the midpoint."""
    midOffsetAtWhole: float | None = None
    """PEG MID and PEG BEST: offset from the midpoint when the spread is an even number of cents."""
    midOffsetAtHalf: float | None = None
    """PEG MID and PEG BEST: offset from the midpoint when the spread is an odd number of cents."""
    customerAccount: str = ""
    """Customer's account, where regulation requires it."""
    professionalCustomer: bool | None = None
    """True: the customer is a professional by the exchanges' rule."""
    bondAccruedInterest: str = ""
    """Accrued interest of a bond order, as TWS writes it."""
    includeOvernight: bool | None = None
    """The order may also trade in the overnight session."""
    manualOrderIndicator: int | None = None
    """Whether a person or a system entered the order (CME rule 536-B)."""
    submitter: str = ""
    """User who submitted the order."""
    deactivate: bool | None = None
    """Remove the order from the market but keep it in TWS."""
    postOnly: bool | None = None
    """Only add liquidity. An order that would trade at once is refused or repriced."""
    allowPreOpen: bool | None = None
    """The order may work before the open."""
    ignoreOpenAuction: bool | None = None
    """Do not take part in the opening auction."""
    seekPriceImprovement: int | None = None
    """Seek a better price than the best quote. Absent: the account's setting."""
    whatIfType: int | None = None
    """Kind of preview, for orders with whatIf."""
    hedgeMaxSize: int | None = None
    """Largest size of the hedge."""
    conditionsIncludeOvernight: bool | None = None
    """Also check the conditions in the overnight session."""
    auctionStrategy: int | None = None
    """Auction orders (BOX): strategy. Text form only. 0: none; 1: match; 2: improvement; 3: transparent."""


class ClientInfo(Struct):
    """A client that sent a request within its lease."""

    __slots__ = ()

    client: str
    """Name of the client."""
    since: int
    """When the bridge received its first request: ns since 1970 UTC."""
    heard: int
    """When the bridge received its latest request: ns since 1970 UTC."""
    requests: int
    """Number of requests that the client has sent."""
    streams: list[str]
    """Topic prefixes of the streams that the client holds."""
    connections: int | None = None
    """Number of connections on which the client has sent requests within its lease. A client that has restarted or
    reconnected counts twice for that time. Absent for a client with an `instance`.
    """
    instance: str = ""
    """`instance` of the run that last sent `hello`. Absent if none has."""


class ComboLeg(Struct):
    """One leg of a combination."""

    __slots__ = ()

    conId: int | None = None
    """Contract ID of the leg."""
    ratio: int | None = None
    """Number of units of the leg in one unit of the combination."""
    action: Literal["BUY", "SELL", "SSHORT"] | None = None
    """Side of the leg when the combination is bought. BUY: buy; SELL: sell; SSHORT: sell short (institutions)."""
    exchange: str = ""
    """Exchange of the leg."""
    openClose: int | None = None
    """Whether the leg opens or closes a position. 0: same as the combination; 1: opens; 2: closes; 3: unknown."""
    shortSalesSlot: int | None = None
    """Short legs of institutions: source of the shares. 0: does not apply; 1: held by the broker; 2: delivered from
    elsewhere.
    """
    designatedLocation: str = ""
    """Firm that lends the shares. Needed if shortSalesSlot is 2."""
    exemptCode: int | None = None
    """Reason for an exemption from the short-sale price test. -1: none."""
    perLegPrice: float | None = None
    """Price of this leg, if the order has a price for each leg."""


class ConfigurationProblems(Struct):
    """The mistakes in a configuration."""

    __slots__ = ()

    problems: list[str]
    """A line for each mistake, with its place."""


class ConnectionState(Struct):
    """The current state of the connection to TWS."""

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


class Contract(Struct):
    """An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency and the
    other fields that distinguish it.
    """

    __slots__ = ()

    conId: int | None = None
    """IBKR's ID of the instrument. It is unique; a request needs only conId and exchange."""
    symbol: str = ""
    """Symbol of the instrument, or of its underlying."""
    secType: str = ""
    """Kind of instrument. STK: stock or ETF; OPT: option; FUT: future; CONTFUT: continuous future (history only);
    FUT+CONTFUT: futures, and the continuous one; FOP: option on a future; IND: index; CASH: currency pair; CFD:
    contract for difference; BAG: combination; BOND: bond; BILL: treasury bill; FUND: mutual fund; CMDTY: commodity;
    WAR: warrant; IOPT: structured product; CRYPTO: cryptocurrency; NEWS: news source; EC: event contract.
    """
    lastTradeDateOrContractMonth: Day = Day()
    """Last trading day (yyyymmdd) or contract month (yyyymm) of a derivative. In protobuf form TWS may add the time
    and the zone.
    """
    strike: float | None = None
    """Strike price of an option. 0: none."""
    right: str = ""
    """Call or put. C: call; P: put; CALL: call; PUT: put; 0: none."""
    multiplier: OptionalQuantity = OptionalQuantity()
    """Units of the underlying for one contract."""
    exchange: str = ""
    """Destination of orders and source of quotes: `SMART` or an exchange."""
    primaryExch: str = ""
    """Listing exchange. It distinguishes stocks with the same symbol."""
    currency: str = ""
    """Trading currency."""
    localSymbol: str = ""
    """Symbol at the exchange. For derivatives it is the whole code."""
    tradingClass: str = ""
    """Trading class. It distinguishes option series of one underlying."""
    secIdType: str = ""
    """Kind of the identifier in secId. ISIN: ISIN; CUSIP: CUSIP; SEDOL: SEDOL; RIC: Reuters code; FIGI: FIGI."""
    secId: str = ""
    """Identifier by which to find the instrument."""
    description: str = ""
    """Description of the instrument, as text for people."""
    issuerId: str = ""
    """Issuer of a bond. A request with it returns all bonds of the issuer."""
    deltaNeutralContract: DeltaNeutralContract | None = None
    """The hedge of a delta-neutral combination."""
    includeExpired: bool | None = None
    """Also find expired futures and options. For history and contract details only."""
    comboLegsDescrip: str = ""
    """Description of the legs, as text for people."""
    comboLegs: list[ComboLeg] = []  # noqa: RUF012
    """Legs of a combination (BAG)."""
    lastTradeDate: str = ""
    """Last trading day: yyyymmdd."""


class ContractDescription(Struct):
    """An instrument that matches a search, with its kinds of derivatives."""

    __slots__ = ()

    contract: Contract | None = None
    """An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency and the
    other fields that distinguish it.
    """
    derivativeSecTypes: list[str] = []  # noqa: RUF012
    """Kinds of derivatives of the instrument."""


class ContractDetails(Struct):
    """Details of an instrument: trading hours, price steps, order types, and the fields of its kind of instrument.
    """

    __slots__ = ()

    marketName: str = ""
    """Name of the market."""
    minTick: OptionalQuantity = OptionalQuantity()
    """Smallest price step on any of its exchanges. Market rules have the steps by price."""
    orderTypes: str = ""
    """Order types and attributes that the exchange accepts, comma-separated."""
    validExchanges: str = ""
    """Exchanges on which the instrument trades, comma-separated."""
    priceMagnifier: int | None = None
    """Factor between the prices of orders, ticks and history, and the prices of executions and strikes."""
    underConId: int | None = None
    """Contract ID of the underlying."""
    longName: str = ""
    """Full name."""
    contractMonth: str = ""
    """Contract month: yyyymm."""
    industry: str = ""
    """Industry."""
    category: str = ""
    """Category within the industry."""
    subcategory: str = ""
    """Subcategory within the category."""
    timeZoneId: str = ""
    """Time zone of the trading hours."""
    tradingHours: str = ""
    """Trading hours by day, all sessions: `yyyymmdd:hhmm-yyyymmdd:hhmm;yyyymmdd:CLOSED`."""
    liquidHours: str = ""
    """Regular trading hours by day, in the form of tradingHours."""
    evRule: str = ""
    """Economic-value rule: how the price determines the value of a position."""
    evMultiplier: float | None = None
    """Economic value of a price unit, by evRule."""
    secIdList: dict[str, str] = {}  # noqa: RUF012
    """Identifiers by kind, such as ISIN."""
    aggGroup: int | None = None
    """Group of exchanges whose depth SMART combines."""
    underSymbol: str = ""
    """Symbol of the underlying."""
    underSecType: str = ""
    """Kind of the underlying."""
    marketRuleIds: str = ""
    """Market rule of each of validExchanges, in their order, comma-separated."""
    realExpirationDate: str = ""
    """Real expiration date: yyyymmdd."""
    stockType: str = ""
    """Kind of stock, such as COMMON or ETF."""
    minSize: OptionalQuantity = OptionalQuantity()
    """Smallest order size."""
    sizeIncrement: OptionalQuantity = OptionalQuantity()
    """Step of order sizes."""
    suggestedSizeIncrement: OptionalQuantity = OptionalQuantity()
    """Step of order sizes that TWS suggests."""
    fundName: str = ""
    """Funds: name."""
    fundFamily: str = ""
    """Funds: family."""
    fundType: str = ""
    """Funds: type."""
    fundFrontLoad: str = ""
    """Funds: fee on buying."""
    fundBackLoad: str = ""
    """Funds: fee on selling."""
    fundBackLoadTimeInterval: str = ""
    """Funds: time after which the fee on selling no longer applies."""
    fundManagementFee: str = ""
    """Funds: yearly fee."""
    fundClosed: bool | None = None
    """Funds: closed."""
    fundClosedForNewInvestors: bool | None = None
    """Funds: closed for new investors."""
    fundClosedForNewMoney: bool | None = None
    """Funds: closed for new money."""
    fundNotifyAmount: str = ""
    """Funds: amount from which notice is needed."""
    fundMinimumInitialPurchase: str = ""
    """Funds: smallest first purchase."""
    fundMinimumSubsequentPurchase: str = ""
    """Funds: smallest further purchase."""
    fundBlueSkyStates: str = ""
    """Funds: US states in which the fund is offered."""
    fundBlueSkyTerritories: str = ""
    """Funds: US territories in which the fund is offered."""
    fundDistributionPolicyIndicator: str = ""
    """Funds: whether the fund pays income out. N: accumulates; Y: pays out."""
    fundAssetType: str = ""
    """Funds: kind of assets. 000: others; 001: money market; 002: fixed income; 003: several; 004: equity; 005:
    sector; 006: guaranteed; 007: alternative.
    """
    cusip: str = ""
    """Bonds: CUSIP."""
    issueDate: str = ""
    """Bonds: day of issue."""
    ratings: str = ""
    """Bonds: ratings."""
    bondType: str = ""
    """Bonds: type."""
    coupon: float | None = None
    """Bonds: coupon in percent."""
    couponType: str = ""
    """Bonds: type of the coupon."""
    convertible: bool | None = None
    """Bonds: can be converted into stock."""
    callable: bool | None = None
    """Bonds: the issuer may redeem early."""
    puttable: bool | None = None
    """Bonds: the holder may demand early redemption."""
    descAppend: str = ""
    """Bonds: description, as in TWS."""
    nextOptionDate: str = ""
    """Bonds: day of the next call or put."""
    nextOptionType: str = ""
    """Bonds: kind of the next option, call or put."""
    nextOptionPartial: bool | None = None
    """Bonds: the next option is for a part only."""
    bondNotes: str = ""
    """Bonds: notes."""
    ineligibilityReasonList: list[IneligibilityReason] = []  # noqa: RUF012
    """Why the account may not trade the instrument. Empty if it may."""
    eventContract1: str = ""
    """Event contracts: the event."""
    eventContractDescription1: str = ""
    """Event contracts: first line of the description."""
    eventContractDescription2: str = ""
    """Event contracts: second line of the description."""
    minAlgoSize: OptionalQuantity = OptionalQuantity()
    """Smallest size of an algo order."""
    lastPricePrecision: OptionalQuantity = OptionalQuantity()
    """Step of last prices."""
    lastSizePrecision: OptionalQuantity = OptionalQuantity()
    """Step of last sizes."""
    settlementMethod: str = ""
    """How the contract settles, such as by cash."""


class DeltaNeutralContract(Struct):
    """The hedge of a delta-neutral combination."""

    __slots__ = ()

    conId: int | None = None
    """Contract ID of the hedge."""
    delta: float | None = None
    """Delta of the hedge: number of units of the hedge for one unit of the combination."""
    price: float | None = None
    """Price of the hedge at which the combination is quoted."""


class DepthMarketDataDescription(Struct):
    """An exchange that offers market depth."""

    __slots__ = ()

    exchange: str = ""
    """Exchange."""
    secType: str = ""
    """Kind of instrument for which it offers depth."""
    listingExch: str = ""
    """Listing exchange of these instruments. Absent if it does not matter."""
    serviceDataType: str = ""
    """Kind of depth: `Deep` (by price) or `Deep2` (by market maker)."""
    aggGroup: int | None = None
    """Group of exchanges whose depth SMART combines."""


class Execution(Struct):
    """One fill of an order, or the exercise, lapse or assignment of an option."""

    __slots__ = ()

    orderId: int | None = None
    """Number of the order at the client that placed it."""
    execId: str = ""
    """Unique ID of the fill. A correction has the same ID, except for the part after the last dot."""
    time: str = ""
    """Time of the fill: `yyyymmdd hh:mm:ss zone`."""
    acctNumber: str = ""
    """Account that traded."""
    exchange: str = ""
    """Exchange of the fill."""
    side: str = ""
    """Side of the fill. BOT: bought; SLD: sold."""
    shares: OptionalQuantity = OptionalQuantity()
    """Quantity of this fill."""
    price: float | None = None
    """Price of this fill, without commission."""
    permId: OptionalId64 = OptionalId64()
    """IBKR's own number of the order."""
    clientId: int | None = None
    """Client ID that placed the order."""
    isLiquidation: bool | None = None
    """True: IBKR liquidated the position."""
    cumQty: OptionalQuantity = OptionalQuantity()
    """Filled quantity of the order so far."""
    avgPrice: float | None = None
    """Average price of the order's fills so far, without commission."""
    orderRef: str = ""
    """The client's own text for the order."""
    evRule: str = ""
    """Economic-value rule: how the price determines the value of the position."""
    evMultiplier: float | None = None
    """Economic value of a price unit, by evRule."""
    modelCode: str = ""
    """Portfolio model of the order."""
    lastLiquidity: int | None = None
    """Whether the fill added or took liquidity. 0: not known; 1: added; 2: removed; 3: routed out."""
    isPriceRevisionPending: bool | None = None
    """True: the price is provisional, and IBKR will correct it."""
    submitter: str = ""
    """User who submitted the order."""
    optExerciseOrLapseType: int | None = None
    """Kind of option event. Protobuf form only. -1: none; 1: exercised; 2: lapsed; 3: do nothing; 100: assigned;
    101: exercised automatically by the clearing house; 102: expired; 103: netted; 200: exercised automatically as a
    trade.
    """


class ExecutionFilter(Struct):
    """Filter for executions. An absent field does not filter."""

    __slots__ = ()

    clientId: int | None = None
    """Only executions of orders of this client ID."""
    acctCode: str = ""
    """Only executions of this account."""
    time: Moment = Moment()
    """Only executions after this time: `yyyymmdd-hh:mm:ss` UTC, or with a zone."""
    symbol: str = ""
    """Only executions with this symbol."""
    secType: str = ""
    """Only executions with this kind of contract."""
    exchange: str = ""
    """Only fills on this exchange."""
    side: str = ""
    """Only executions of this side. BUY: bought; SELL: sold; SSHORT: sold short."""
    lastNDays: int | None = None
    """Executions of the last n days, including today, as far back as TWS has them."""
    specificDates: list[int] = []  # noqa: RUF012
    """Executions of these days, each as the number yyyymmdd."""


class FamilyCode(Struct):
    """One account and the family it belongs to."""

    __slots__ = ()

    accountId: str = ""
    """Account. `*`: all accounts."""
    familyCode: str = ""
    """Family. Empty if the account belongs to none."""


class FarmInfo(Struct):
    """One of IBKR's data farms."""

    __slots__ = ()

    farm: str
    """Name of the farm, such as `usfarm`."""
    kind: Literal["marketData", "historicalData", "securityDefinitions"]
    """Kind of data that the farm provides. marketData: live market data; historicalData: historical market data;
    securityDefinitions: definitions of instruments.
    """
    state: Literal["ok", "connecting", "inactive", "broken"]
    """State of TWS's connection to the farm. ok: connected (codes 2104, 2106, 2158); connecting: TWS is connecting
    (code 2119); inactive: not connected, until TWS needs the farm (codes 2107, 2108); broken: the connection is
    lost (codes 2103, 2105, 2157).
    """
    since: int
    """When the farm entered this state: ns since 1970 UTC."""


class FieldAtFault(Struct):
    """The parameter that is wrong."""

    __slots__ = ()

    field: str
    """Path of the parameter."""


class Finding(Struct):
    """A condition that stops trading, or that limits what clients get."""

    __slots__ = ()

    code: str
    """Code of the condition."""
    because: str
    """The reason, as text for people."""
    remedy: str
    """What a person must change, as text for people."""


class GroupFacts(Struct):
    """The orders of a group, in the sequence of the request."""

    __slots__ = ()

    orders: list[OrderFacts]
    """State of each order."""


class HaltResult(Struct):
    """The result of halt."""

    __slots__ = ()

    halted: bool
    """True: the bridge refuses new orders, and changes that add to an order."""
    reasons: dict[str, str]
    """Reasons by source: `admin` or `file`."""
    stored: bool
    """True: a restart of the bridge keeps this. False: it holds now, but is not on disk. The bridge writes it again
    each second.
    """
    notStored: str = ""
    """What a restart of the bridge would forget, and why. Absent if `stored` is true."""


class HelloResult(Struct):
    """The result of hello."""

    __slots__ = ()

    v: int
    """Version of the contract."""
    epoch: str
    """Epoch of the bridge, the same as in the envelope of events."""
    lease: float
    """Seconds without a request after which the bridge treats the client as lost."""
    client: str
    """Name of the client."""
    roles: list[str]
    """Roles of the client."""
    stored: bool
    """True: a restart of the bridge keeps this. False: it holds now, but is not on disk. The bridge writes it again
    each second.
    """
    notStored: str = ""
    """What a restart of the bridge would forget, and why. Absent if `stored` is true."""


class HistogramDataEntry(Struct):
    """The volume traded at one price."""

    __slots__ = ()

    price: float | None = None
    """Price."""
    size: OptionalQuantity = OptionalQuantity()
    """Volume traded at the price."""


class HistoricalDataBar(Struct):
    """One bar."""

    __slots__ = ()

    date: str = ""
    """Start of the bar, by formatDate: `yyyymmdd`, `yyyymmdd hh:mm:ss zone`, or seconds since 1970 UTC."""
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
    barCount: int | None = None
    """Number of trades. For TRADES only; -1 otherwise."""


class HistoricalSession(Struct):
    """One trading session."""

    __slots__ = ()

    startDateTime: str = ""
    """Start: `yyyymmdd-hh:mm:ss` in the schedule's time zone."""
    endDateTime: str = ""
    """End, in the same format."""
    refDate: str = ""
    """Trading day of the session: yyyymmdd."""


class HistoricalTick(Struct):
    """One midpoint, historical or live."""

    __slots__ = ()

    time: int | None = None
    """Seconds since 1970 UTC."""
    price: float | None = None
    """Midpoint."""
    size: OptionalQuantity = OptionalQuantity()
    """Size; 0 for midpoints."""


class HistoricalTickBidAsk(Struct):
    """One pair of best bid and ask, historical or live."""

    __slots__ = ()

    time: int | None = None
    """Seconds since 1970 UTC."""
    tickAttribBidAsk: TickAttribBidAsk | None = None
    """Flags of a bid and ask."""
    priceBid: float | None = None
    """Bid."""
    priceAsk: float | None = None
    """Ask."""
    sizeBid: OptionalQuantity = OptionalQuantity()
    """Size of the bid."""
    sizeAsk: OptionalQuantity = OptionalQuantity()
    """Size of the ask."""


class HistoricalTickLast(Struct):
    """One trade, historical or live."""

    __slots__ = ()

    time: int | None = None
    """Seconds since 1970 UTC."""
    tickAttribLast: TickAttribLast | None = None
    """Flags of a trade."""
    price: float | None = None
    """Price."""
    size: OptionalQuantity = OptionalQuantity()
    """Size."""
    exchange: str = ""
    """Exchange of the trade."""
    specialConditions: str = ""
    """Conditions of the trade, in the exchange's codes."""


class IneligibilityReason(Struct):
    """Why the account may not trade the instrument."""

    __slots__ = ()

    id: str = ""
    """Code of the reason."""
    description: str = ""
    """The reason, as text for people."""


class LastValues(Struct):
    """The last values of the topics that begin with a prefix, and the sequence numbers of these topics."""

    __slots__ = ()

    epoch: str
    """Epoch of the sequence numbers, the same as in the envelope of events."""
    sequences: dict[str, int]
    """Newest `seq` of each topic."""
    floors: dict[str, int]
    """By the first token of a topic: the number after which `seq` starts on a topic that is not in `sequences`.
    Absent means 0.
    """
    events: list[dict[str, Any]]
    """Last value of each key. Within a topic the oldest comes first."""
    gaps: list[OpenGap]
    """Streams that TWS does not serve now, or may not serve. Their values may be out of date until `recovered`."""


class LimitState(Struct):
    """One bound of the bridge, and how much of it is in use."""

    __slots__ = ()

    bound: Literal["openRequests", "openRequestBytes", "waitingRequests", "storedReplies", "storedReplyBytes", "clients", "clientInstances", "streams", "orderLogReads", "reloads", "topics", "droppedTopics", "ordersInMemory", "eventConnections", "requestConnections", "eventQueue", "subscribedPrefixes", "unreadReplyBytes", "requestFrames"]
    """What is bounded. openRequests: requests that have no final reply yet; openRequestBytes: bytes in these
    requests; waitingRequests: requests that wait for TWS; storedReplies: final replies that the bridge keeps for
    clients that send a request again; storedReplyBytes: bytes of memory in these replies, about; clients: clients
    that sent a request within their lease; clientInstances: instances that clients have announced with `hello`;
    streams: subscriptions at TWS; orderLogReads: reads of the order log under way; reloads: requests to reload the
    configuration under way; topics: topics that have a number or a last value; droppedTopics: topics without a
    value whose last number the bridge remembers; ordersInMemory: orders in memory: the open ones, and those of the
    last week; eventConnections: connections to the events endpoint; requestConnections: connections to the requests
    endpoint; eventQueue: events that may wait for one connection; ZeroMQ does not tell how many do;
    subscribedPrefixes: prefixes that connections have subscribed to; unreadReplyBytes: bytes in large replies that
    clients have not read; requestFrames: messages on the requests endpoint that the bridge dropped because of their
    frames.
    """
    refused: int
    """How often the bridge has refused, dropped or disconnected something for this bound since it started."""
    used: int | None = None
    """Number in use now. Absent if the bridge cannot know it."""
    most: int | None = None
    """The highest number. Absent if it is bounded only by other bounds."""


class LineFacts(Struct):
    """The lines of one kind, and who uses them."""

    __slots__ = ()

    line: Literal["marketData", "marketDepth", "tickByTick", "accountSummary"]
    """Kind of the line. marketData: market data and real-time bars; marketDepth: order books; tickByTick:
    tick-by-tick data; accountSummary: account summaries.
    """
    limit: int
    """Number of lines that TWS has for the bridge."""
    holders: dict[str, int]
    """Number of lines that each client uses."""


class LineState(Struct):
    """The lines of one kind."""

    __slots__ = ()

    line: Literal["marketData", "marketDepth", "tickByTick", "accountSummary"]
    """Kind of the line. marketData: market data and real-time bars; marketDepth: order books; tickByTick:
    tick-by-tick data; accountSummary: account summaries.
    """
    limit: int
    """Number of lines that TWS has for the bridge."""
    used: int
    """Number of lines in use."""
    unheld: int
    """Number of those that no client holds any more. The bridge ends them soon, or as soon as a client needs the
    line.
    """


class LockAndExitConfig(Struct):
    """Settings: when TWS logs off or restarts automatically."""

    __slots__ = ()

    autoLogoffTime: str = ""
    """Time of day: hh:mm."""
    autoLogoffPeriod: str = ""
    """AM or PM."""
    autoLogoffType: str = ""
    """Action at that time, such as `logoff`."""


class MarketDepthData(Struct):
    """One change of an order book."""

    __slots__ = ()

    position: int | None = None
    """Row of the book, from 0 at the best price."""
    operation: Literal[0, 1, 2] | None = None
    """Change of the row. 0: insert: rows below move down; 1: update; 2: delete: rows below move up."""
    side: Literal[0, 1] | None = None
    """Side of the book. 0: ask; 1: bid."""
    price: float | None = None
    """Price of the row."""
    size: OptionalQuantity = OptionalQuantity()
    """Size of the row."""
    marketMaker: str = ""
    """Market maker, or the exchange if isSmartDepth is true. Level 2 only."""
    isSmartDepth: bool | None = None
    """True: the book combines several exchanges (SMART depth). Level 2 only."""


class MessageConfig(Struct):
    """Settings: one of TWS's messages, and the answer to it."""

    __slots__ = ()

    id: int | None = None
    """Number of the message."""
    title: str = ""
    """Title of the message."""
    message: str = ""
    """Text of the message."""
    defaultAction: str = ""
    """Answer that TWS gives to the message."""
    enabled: bool | None = None
    """Whether TWS shows the message."""


class MethodInfo(Struct):
    """One method."""

    __slots__ = ()

    method: str
    """Name of the method."""
    about: str
    """What the method does."""
    params: dict[str, Any]
    """JSON Schema of the method's params."""
    completes: Literal["one", "end", "stream", "none", "order"]
    """What completes a request. one: one answer; end: several parts, and an end; stream: a subscription; none: TWS
    sends no answer; order: TWS's answer for the order.
    """
    cancel: str = ""
    """Method that ends the subscription or request. Absent if there is none."""


class NewsProvider(Struct):
    """A news provider."""

    __slots__ = ()

    providerCode: str = ""
    """Code of the provider in requests."""
    providerName: str = ""
    """Name of the provider."""


class OpenGap(Struct):
    """A stream that TWS does not serve now, with the fields of its `stale` event."""

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


class Order(Struct):
    """An order: its side, quantity, price, lifetime and conditions. An order needs only the fields that its type
    uses.
    """

    __slots__ = ()

    clientId: int | None = None
    """Client ID of the connection that placed the order; 0 is TWS itself."""
    orderId: int | None = None
    """Number that the client gave to the order. It is unique among that client's orders."""
    permId: OptionalId64 = OptionalId64()
    """Permanent number that IBKR gives to the order. It is unique in the account."""
    parentId: int | None = None
    """orderId of the parent. This order waits until the parent is filled. 0 or absent: no parent."""
    action: Literal["BUY", "SELL", "SSHORT", "SLONG"] | None = None
    """Side of the order. BUY: buy; SELL: sell; SSHORT: sell short (institutions); SLONG: sell long (institutions).
    """
    totalQuantity: OptionalQuantity = OptionalQuantity()
    """Quantity to buy or sell, in shares, contracts or units of currency."""
    displaySize: int | None = None
    """Part of the quantity that the market may see (iceberg order)."""
    orderType: str = ""
    """Order type. TWS has more types than these, by exchange and product. MKT: at market; LMT: limit; STP: stop;
    STP LMT: stop-limit; TRAIL: trailing stop; TRAIL LIMIT: trailing stop-limit; MIT: market if touched; LIT: limit
    if touched; MOC: market on close; LOC: limit on close; MTL: market, the rest as limit; MKT PRT: market with
    protection; STP PRT: stop with protection; REL: relative to the best quote; PEG MKT: pegged to the other side of
    the market; PEG MID: pegged to the midpoint; PEG BEST: competes with the best price; PEG STK: pegged to the
    stock; PEG BENCH: pegged to a benchmark; PASSV REL: passive relative; MIDPRICE: midpoint or better; SNAP MKT:
    starts at the other side of the market; SNAP MID: starts at the midpoint; SNAP PRIM: starts at the own side of
    the market; VOL: by volatility; BOX TOP: best price, the rest as limit; REL + LMT: combination: relative and
    limit; REL + MKT: combination: relative and market; LMT + MKT: combination: limit and market.
    """
    lmtPrice: float | None = None
    """Limit price. For relative and trailing-limit orders: the limit or cap of that type."""
    auxPrice: float | None = None
    """Second price, by order type: the stop's trigger, the trailing amount, the offset of a relative or pegged
    order, the touch price of MIT and LIT.
    """
    tif: str = ""
    """How long the order works. `goodTillDate` goes with GTD. DAY: until the end of the day; GTC: until cancelled;
    IOC: at once, the rest cancelled; GTD: until a date; OPG: at the open; FOK: at once and in full, or not at all;
    DTC: until the end of the day, then taken from the market; AUC: in the auction; OVERNIGHT: in the overnight
    session.
    """
    account: str = ""
    """Account that trades. Needed if the login has several accounts."""
    settlingFirm: str = ""
    """Firm that settles the trade. Institutions only."""
    clearingAccount: str = ""
    """Account of the true beneficiary, if IBKR executes for another clearing firm."""
    clearingIntent: str = ""
    """Who clears the trade. Absent: the account's default. IB: IBKR; AWAY: another firm; PTA: decided after the
    trade.
    """
    allOrNone: bool | None = None
    """Fill the whole quantity at once or not at all."""
    blockOrder: bool | None = None
    """Mark the order as a block order, for large option orders at ISE."""
    hidden: bool | None = None
    """Do not show the order in the book (NASDAQ-routed orders)."""
    outsideRth: bool | None = None
    """The order may also trigger and fill outside regular trading hours."""
    sweepToFill: bool | None = None
    """Take the displayed liquidity of all venues at once."""
    percentOffset: float | None = None
    """Offset of a relative order, as a fraction of the price."""
    trailingPercent: float | None = None
    """Trailing amount as a percentage. Alternative to auxPrice."""
    trailStopPrice: float | None = None
    """Starting stop price of a trailing order."""
    minQty: int | None = None
    """Smallest quantity of a fill."""
    goodAfterTime: Moment = Moment()
    """Time until which TWS holds the order back: `yyyymmdd hh:mm:ss zone`."""
    goodTillDate: Moment = Moment()
    """Time at which TWS cancels an order with tif GTD: `yyyymmdd hh:mm:ss zone`."""
    ocaGroup: str = ""
    """Name of a one-cancels-all group. TWS shares the name across the account."""
    orderRef: str = ""
    """The client's own text. TWS keeps it with the order and its executions."""
    rule80A: str = ""
    """Capacity in which the order is entered, by the old NYSE rule 80A. I: individual; A: agency; W: agent for
    another member; J: individual, program trade with index arbitrage; U: agency, program trade with index
    arbitrage; M: agent for another member, program trade with index arbitrage; K: individual, program trade; Y:
    agency, program trade; N: agent for another member, program trade.
    """
    ocaType: int | None = None
    """Effect of a fill on the other orders of the OCA group. 1: cancel the rest, while one order works at a time;
    2: reduce the rest, while one order works at a time; 3: reduce the rest, while all orders work.
    """
    triggerMethod: int | None = None
    """Prices that trigger a stop. 0: default of the product; 1: two bids or asks in a row; 2: last price; 3: two
    last prices in a row; 4: bid or ask; 7: last, or bid or ask; 8: midpoint.
    """
    activeStartTime: Moment = Moment()
    """Time at which a GTC order starts to work: `yyyymmdd hh:mm:ss zone`."""
    activeStopTime: Moment = Moment()
    """Time at which a GTC order stops working: `yyyymmdd hh:mm:ss zone`."""
    faGroup: str = ""
    """Advisors: account group to which TWS allocates the order."""
    faMethod: str = ""
    """Advisors: how TWS allocates the order within the group. Equal: in equal parts; NetLiq: by net liquidation
    value; AvailableEquity: by available equity; PctChange: by a percentage of the position.
    """
    faPercentage: str = ""
    """Advisors: percentage, for methods that need one."""
    volatility: float | None = None
    """Volatility orders: the implied volatility to quote, in percent."""
    volatilityType: int | None = None
    """Volatility orders: period of the volatility. 1: daily; 2: annual."""
    continuousUpdate: bool | None = None
    """Volatility orders: adjust the limit price when the underlying moves."""
    referencePriceType: int | None = None
    """Volatility orders and their hedge: price of the underlying that TWS uses. 1: average of bid and ask; 2: bid
    or ask.
    """
    deltaNeutralOrderType: str = ""
    """Order type of the delta-neutral hedge. TWS sends `None` if there is no hedge."""
    deltaNeutralAuxPrice: float | None = None
    """Second price of the hedge order, like auxPrice of the order."""
    deltaNeutralConId: int | None = None
    """Contract ID of the hedge."""
    deltaNeutralOpenClose: str = ""
    """Whether the hedge opens or closes a position. O: opens; C: closes."""
    deltaNeutralShortSale: bool | None = None
    """Whether the hedge is a short sale."""
    deltaNeutralShortSaleSlot: int | None = None
    """Source of the shares of a short hedge, like shortSaleSlot. 0: does not apply; 1: held by the broker; 2:
    delivered from elsewhere.
    """
    deltaNeutralDesignatedLocation: str = ""
    """Firm that lends the shares of a short hedge. Needed if deltaNeutralShortSaleSlot is 2."""
    scaleInitLevelSize: int | None = None
    """Scale orders: size of the first level."""
    scaleSubsLevelSize: int | None = None
    """Scale orders: size of each further level."""
    scalePriceIncrement: float | None = None
    """Scale orders: price step between levels. A value above 0 makes the order a scale order."""
    scalePriceAdjustValue: float | None = None
    """Scale orders: change of the starting price in each interval."""
    scalePriceAdjustInterval: int | None = None
    """Scale orders: seconds between these changes."""
    scaleProfitOffset: float | None = None
    """Scale orders: distance of the profit-taking orders."""
    scaleAutoReset: bool | None = None
    """Scale orders: restore a level after its profit was taken."""
    scaleInitPosition: int | None = None
    """Scale orders: position at the start."""
    scaleInitFillQty: int | None = None
    """Scale orders: quantity already filled at the first level."""
    scaleRandomPercent: bool | None = None
    """Scale orders: vary the level sizes at random."""
    scaleTable: str = ""
    """Scale orders: levels as a table, instead of the fields above."""
    hedgeType: str = ""
    """How this child order hedges its parent. D: delta; B: beta; F: currency; P: pair."""
    hedgeParam: str = ""
    """Parameter of the hedge: the beta, or the ratio of a pair. For orders with hedgeType only."""
    algoStrategy: str = ""
    """Name of an IBKR or third-party algo, such as `Adaptive`, `Vwap`, `Twap`, `ArrivalPx`, `DarkIce`."""
    algoParams: dict[str, str] = {}  # noqa: RUF012
    """Parameters of the algo by tag. For orders with algoStrategy only."""
    algoId: str = ""
    """Identifier of the algorithm that made the order."""
    smartComboRoutingParams: dict[str, str] = {}  # noqa: RUF012
    """How SMART routes a combination, by tag (`NonGuaranteed` and others)."""
    whatIf: bool | None = None
    """Do not place the order: only compute margin and fees, which TWS sends in orderState."""
    transmit: bool | None = None
    """Send the order to the market. False: TWS holds the order, as it does with the first orders of a bracket."""
    overridePercentageConstraints: bool | None = None
    """Ignore TWS's precautionary limits on price and size."""
    openClose: str = ""
    """Whether the order opens or closes a position. For institutions and some exchanges only. O: opens; C: closes.
    """
    origin: int | None = None
    """Origin of the order. 0: customer; 1: firm."""
    shortSaleSlot: int | None = None
    """Short sales of institutions: source of the shares. 0: does not apply; 1: held by the broker; 2: delivered
    from elsewhere.
    """
    designatedLocation: str = ""
    """Firm that lends the shares. Needed if shortSaleSlot is 2."""
    exemptCode: int | None = None
    """Reason for an exemption from the short-sale price test (Reg SHO). -1: none."""
    deltaNeutralSettlingFirm: str = ""
    """Firm that settles the hedge."""
    deltaNeutralClearingAccount: str = ""
    """Account of the hedge's true beneficiary."""
    deltaNeutralClearingIntent: str = ""
    """Who clears the hedge. IB: IBKR; AWAY: another firm; PTA: decided after the trade."""
    discretionaryAmt: float | None = None
    """Amount by which a fill may be beyond the limit price, in price units."""
    optOutSmartRouting: bool | None = None
    """Do not use SMART routing for the order."""
    startingPrice: float | None = None
    """Auction orders (BOX): starting price."""
    stockRefPrice: float | None = None
    """Pegged-to-stock orders: reference price of the stock."""
    delta: float | None = None
    """Pegged-to-stock orders: change of the order's price for each unit of the stock's price."""
    stockRangeLower: float | None = None
    """Price of the stock below which TWS cancels the order."""
    stockRangeUpper: float | None = None
    """Price of the stock above which TWS cancels the order."""
    notHeld: bool | None = None
    """Give the broker discretion over time and price. IBDARK only."""
    orderMiscOptions: dict[str, str] = {}  # noqa: RUF012
    """More options by tag, for IBKR's internal use."""
    solicited: bool | None = None
    """True: the broker advised this order."""
    randomizeSize: bool | None = None
    """Vary the displayed size at random, by up to half. For iceberg and similar orders."""
    randomizePrice: bool | None = None
    """Vary the price at random, by up to half the spread. For relative and similar orders."""
    referenceContractId: int | None = None
    """Pegged-to-benchmark orders: contract ID of the benchmark."""
    peggedChangeAmount: float | None = None
    """Pegged-to-benchmark orders: change of the price for each referenceChangeAmount."""
    isPeggedChangeAmountDecrease: bool | None = None
    """Pegged-to-benchmark orders: the price falls when the benchmark rises."""
    referenceChangeAmount: float | None = None
    """Pegged-to-benchmark orders: change of the benchmark that changes the price once."""
    referenceExchangeId: str = ""
    """Pegged-to-benchmark orders: exchange of the benchmark's price."""
    adjustedOrderType: str = ""
    """Adjustable stops: order type after the adjustment. TWS sends `None` if there is none."""
    triggerPrice: float | None = None
    """Adjustable stops: price that triggers the adjustment."""
    adjustedStopPrice: float | None = None
    """Adjustable stops: stop price after the adjustment."""
    adjustedStopLimitPrice: float | None = None
    """Adjustable stops: limit price of the stop-limit order after the adjustment."""
    adjustedTrailingAmount: float | None = None
    """Adjustable stops: trailing amount after the adjustment."""
    adjustableTrailingUnit: int | None = None
    """Adjustable stops: unit of adjustedTrailingAmount. 0: amount; 1: percent."""
    lmtPriceOffset: float | None = None
    """Offset of the limit from the stop price of a trailing stop-limit order."""
    conditions: list[OrderCondition] = []  # noqa: RUF012
    """Conditions of the order, joined by `and` or `or` in their sequence."""
    conditionsCancelOrder: bool | None = None
    """The conditions cancel the order instead of sending it."""
    conditionsIgnoreRth: bool | None = None
    """Also check the conditions outside regular trading hours."""
    modelCode: str = ""
    """Portfolio model of the order."""
    extOperator: str = ""
    """Person or system that enters the order (CME rule 576 and similar rules)."""
    softDollarTier: SoftDollarTier | None = None
    """A commission tier that an advisor or institution agreed with IBKR."""
    cashQty: float | None = None
    """Amount of money to spend instead of a quantity, in the contract's currency."""
    mifid2DecisionMaker: str = ""
    """MiFID II: short code of the person who decided."""
    mifid2DecisionAlgo: str = ""
    """MiFID II: short code of the algorithm that decided."""
    mifid2ExecutionTrader: str = ""
    """MiFID II: short code of the person who executes."""
    mifid2ExecutionAlgo: str = ""
    """MiFID II: short code of the algorithm that executes."""
    dontUseAutoPriceForHedge: bool | None = None
    """Do not let TWS choose the price of the hedge order."""
    isOmsContainer: bool | None = None
    """Create a ticket in TWS instead of an order in the market. TWS is then an order-management system."""
    discretionaryUpToLimitPrice: bool | None = None
    """Relative orders: discretion up to the limit price (D-Peg)."""
    autoCancelDate: str = ""
    """When TWS cancels the order automatically."""
    filledQuantity: OptionalQuantity = OptionalQuantity()
    """Filled quantity of a completed order."""
    refFuturesConId: int | None = None
    """Contract ID of a future to which the order refers."""
    autoCancelParent: bool | None = None
    """Cancel the parent when this order is cancelled."""
    shareholder: str = ""
    """Shareholder, for exchanges that require it."""
    imbalanceOnly: bool | None = None
    """Auction orders: work only against an imbalance."""
    routeMarketableToBbo: int | None = None
    """Route the marketable part straight to the best quote."""
    parentPermId: OptionalId64 = OptionalId64()
    """permId of the parent."""
    usePriceMgmtAlgo: int | None = None
    """Let IBKR's price management algo improve the price. Absent: the account's setting. 0: no; 1: yes."""
    duration: int | None = None
    """Seconds after which TWS cancels the order."""
    postToAts: int | None = None
    """Seconds that a SMART order stays at IBKRATS before TWS routes it on."""
    advancedErrorOverride: str = ""
    """Advanced rejects to override, by the names in the error's advancedOrderRejectJson."""
    manualOrderTime: Moment = Moment()
    """When the client gave a manual order: `yyyymmdd-hh:mm:ss` UTC, or with a zone."""
    minTradeQty: int | None = None
    """IBKRATS and PEG BEST: smallest quantity of one trade."""
    minCompeteSize: int | None = None
    """PEG BEST: smallest size at the best price against which to compete."""
    competeAgainstBestOffset: Unbounded | None = None
    """PEG BEST: amount by which to improve the best price. Infinite: up to the midpoint."""
    midOffsetAtWhole: float | None = None
    """PEG MID and PEG BEST: offset from the midpoint when the spread is an even number of cents."""
    midOffsetAtHalf: float | None = None
    """PEG MID and PEG BEST: offset from the midpoint when the spread is an odd number of cents."""
    customerAccount: str = ""
    """Customer's account, where regulation requires it."""
    professionalCustomer: bool | None = None
    """True: the customer is a professional by the exchanges' rule."""
    bondAccruedInterest: str = ""
    """Accrued interest of a bond order, as TWS writes it."""
    includeOvernight: bool | None = None
    """The order may also trade in the overnight session."""
    manualOrderIndicator: int | None = None
    """Whether a person or a system entered the order (CME rule 536-B)."""
    submitter: str = ""
    """User who submitted the order."""
    deactivate: bool | None = None
    """Remove the order from the market but keep it in TWS."""
    postOnly: bool | None = None
    """Only add liquidity. An order that would trade at once is refused or repriced."""
    allowPreOpen: bool | None = None
    """The order may work before the open."""
    ignoreOpenAuction: bool | None = None
    """Do not take part in the opening auction."""
    seekPriceImprovement: int | None = None
    """Seek a better price than the best quote. Absent: the account's setting."""
    whatIfType: int | None = None
    """Kind of preview, for orders with whatIf."""
    hedgeMaxSize: int | None = None
    """Largest size of the hedge."""
    conditionsIncludeOvernight: bool | None = None
    """Also check the conditions in the overnight session."""
    auctionStrategy: int | None = None
    """Auction orders (BOX): strategy. Text form only. 0: none; 1: match; 2: improvement; 3: transparent."""


class OrderAllocation(Struct):
    """The part of one account in an order that an advisor previews."""

    __slots__ = ()

    account: str = ""
    """Account."""
    position: OptionalQuantity = OptionalQuantity()
    """Current position of the account."""
    positionDesired: OptionalQuantity = OptionalQuantity()
    """Target position of the allocation."""
    positionAfter: OptionalQuantity = OptionalQuantity()
    """Position after the order."""
    desiredAllocQty: OptionalQuantity = OptionalQuantity()
    """Quantity that the account should get."""
    allowedAllocQty: OptionalQuantity = OptionalQuantity()
    """Quantity that the account may get."""
    isMonetary: bool | None = None
    """True: the quantities are amounts of money."""


class OrderCancel(Struct):
    """Data of a cancel. Only regulated and manual order entry needs it."""

    __slots__ = ()

    manualOrderCancelTime: Moment = Moment()
    """When the client cancelled a manual order: `yyyymmdd-hh:mm:ss` UTC, or with a zone."""
    extOperator: str = ""
    """Person or system that cancels the order (CME rule 576 and similar rules)."""
    manualOrderIndicator: int | None = None
    """Whether a person or a system cancels the order (CME rule 536-B)."""


class OrderCondition(Struct):
    """One condition of an order. TWS sends the order, or cancels it, when its conditions hold. `type` decides which
    of the other fields apply.
    """

    __slots__ = ()

    type: Literal[1, 3, 4, 5, 6, 7] | None = None
    """What the condition checks. 1: price; 3: time; 4: margin cushion; 5: a trade happens; 6: volume; 7: change in
    percent.
    """
    isConjunctionConnection: bool | None = None
    """True: `and` joins this condition with the next one. False: `or`."""
    isMore: bool | None = None
    """True: the condition holds above the value, or after the time. False: below the value, or before the time."""
    conId: int | None = None
    """Price, volume and percent conditions: contract ID of the instrument."""
    exchange: str = ""
    """Exchange of the instrument. For execution conditions: exchange of the trade."""
    symbol: str = ""
    """Execution conditions: symbol of the trade."""
    secType: str = ""
    """Execution conditions: kind of contract of the trade."""
    percent: int | None = None
    """Margin conditions: margin cushion in percent."""
    changePercent: float | None = None
    """Percent conditions: change of the price in percent."""
    price: float | None = None
    """Price conditions: price to pass."""
    triggerMethod: int | None = None
    """Price conditions: prices that TWS checks. 0: default of the product; 1: two bids or asks in a row; 2: last
    price; 3: two last prices in a row; 4: bid or ask; 7: last, or bid or ask; 8: midpoint.
    """
    time: Moment = Moment()
    """Time conditions: time to pass, `yyyymmdd hh:mm:ss zone`."""
    volume: int | None = None
    """Volume conditions: volume to pass."""


class OrderFacts(Struct):
    """The state of one order; for an unknown order also what is missing."""

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
    reason: str = ""
    """For an unknown order: what is missing, as text for people."""
    position: OrderPosition | None = None
    """The position of an order's account in the order's contract, as TWS sent it. The bridge sends it to the
    order's owner even if the owner has no right to account data.
    """


class OrderLogResult(Struct):
    """The result of orderLog."""

    __slots__ = ()

    epoch: str
    """Epoch of the bridge, the same as in the envelope of events."""
    log: str
    """Name of the log. A new name means that the ledger was lost and that the numbers start again."""
    head: int
    """Highest `n` that is on disk. 0 if the log is empty."""
    events: list[dict[str, Any]]
    """Events with a number above `after`, at most `limit` of them."""


class OrderPosition(Struct):
    """The position of an order's account in the order's contract, as TWS sent it. The bridge sends it to the
    order's owner even if the owner has no right to account data.
    """

    __slots__ = ()

    then: OptionalQuantity = OptionalQuantity()
    """Position when the order was placed. Absent if the bridge did not know it, or if something was executed after
    TWS sent it.
    """
    now: OptionalQuantity = OptionalQuantity()
    """Position that TWS sent last. 0 if TWS has listed all positions without this one."""
    at: int | None = None
    """When TWS sent `now`: ns since 1970 UTC. Later executions are not in `now`."""


class OrderState(Struct):
    """The status of an order, expected margin and fees, warnings, and how the order ended."""

    __slots__ = ()

    status: str = ""
    """Status of the order. ApiPending: accepted by the API, not yet by TWS; PendingSubmit: sent, not yet confirmed;
    PreSubmitted: accepted, but not working yet (stops, conditions, hours); Submitted: working; ApiCancelled:
    cancelled before it was confirmed; PendingCancel: cancellation sent, not yet confirmed; Cancelled: cancelled, or
    rejected; Filled: filled in full; Inactive: rejected, or held by TWS or the exchange.
    """
    initMarginBefore: float | None = None
    """Initial margin of the account without the order."""
    maintMarginBefore: float | None = None
    """Maintenance margin of the account without the order."""
    equityWithLoanBefore: float | None = None
    """Equity with loan value of the account without the order."""
    initMarginChange: float | None = None
    """Change of the initial margin through the order."""
    maintMarginChange: float | None = None
    """Change of the maintenance margin through the order."""
    equityWithLoanChange: float | None = None
    """Change of the equity with loan value through the order."""
    initMarginAfter: float | None = None
    """Initial margin of the account with the order."""
    maintMarginAfter: float | None = None
    """Maintenance margin of the account with the order."""
    equityWithLoanAfter: float | None = None
    """Equity with loan value of the account with the order."""
    commissionAndFees: float | None = None
    """Expected commission and fees. Absent if TWS gives a range."""
    minCommissionAndFees: float | None = None
    """Lowest expected commission and fees."""
    maxCommissionAndFees: float | None = None
    """Highest expected commission and fees."""
    commissionAndFeesCurrency: str = ""
    """Currency of the commission and fees."""
    marginCurrency: str = ""
    """Currency of the margins and equities."""
    initMarginBeforeOutsideRTH: float | None = None
    """As initMarginBefore, by the rules outside regular trading hours."""
    maintMarginBeforeOutsideRTH: float | None = None
    """As maintMarginBefore, by the rules outside regular trading hours."""
    equityWithLoanBeforeOutsideRTH: float | None = None
    """As equityWithLoanBefore, by the rules outside regular trading hours."""
    initMarginChangeOutsideRTH: float | None = None
    """As initMarginChange, by the rules outside regular trading hours."""
    maintMarginChangeOutsideRTH: float | None = None
    """As maintMarginChange, by the rules outside regular trading hours."""
    equityWithLoanChangeOutsideRTH: float | None = None
    """As equityWithLoanChange, by the rules outside regular trading hours."""
    initMarginAfterOutsideRTH: float | None = None
    """As initMarginAfter, by the rules outside regular trading hours."""
    maintMarginAfterOutsideRTH: float | None = None
    """As maintMarginAfter, by the rules outside regular trading hours."""
    equityWithLoanAfterOutsideRTH: float | None = None
    """As equityWithLoanAfter, by the rules outside regular trading hours."""
    suggestedSize: OptionalQuantity = OptionalQuantity()
    """Size that TWS suggests instead."""
    rejectReason: str = ""
    """Why TWS would reject the order."""
    orderAllocations: list[OrderAllocation] = []  # noqa: RUF012
    """How TWS would allocate an advisor's order."""
    warningText: str = ""
    """Warning about the order, as text for people."""
    completedTime: str = ""
    """When the order was completed: `yyyymmdd hh:mm:ss zone`."""
    completedStatus: str = ""
    """How the order ended, as text for people."""


class OrdersConfig(Struct):
    """Settings: orders."""

    __slots__ = ()

    smartRouting: OrdersSmartRoutingConfig | None = None
    """Settings: SMART routing of orders."""


class OrdersSmartRoutingConfig(Struct):
    """Settings: SMART routing of orders."""

    __slots__ = ()

    seekPriceImprovement: bool | None = None
    """Seek a better price than the best quote."""
    preOpenReroute: bool | None = None
    """Reroute before the open."""
    doNotRouteToDarkPools: bool | None = None
    """Do not route to dark pools."""
    defaultAlgorithm: str = ""
    """Routing algorithm of orders that name none."""


class PacingFacts(Struct):
    """When TWS may take the request."""

    __slots__ = ()

    waitSeconds: float
    """Seconds until the bridge may have room for the request. 0 if it is unknown."""


class PacingState(Struct):
    """How fast the bridge may send messages to TWS."""

    __slots__ = ()

    queued: int
    """Number of requests that wait, and of messages that wait to leave."""
    limit: int | None = None
    """Messages per second that the bridge sends now at most. Absent if there is no limit."""


class PingResult(Struct):
    """The result of ping."""

    __slots__ = ()

    ts: int
    """Current time of the bridge: ns since 1970 UTC."""


class PlacedOrder(Struct):
    """One order of a group."""

    __slots__ = ()

    orderKey: str
    """Name of the order, which its client chooses. The same key is the same order."""
    contract: Contract
    """An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency and the
    other fields that distinguish it.
    """
    order: Order
    """An order: its side, quantity, price, lifetime and conditions. An order needs only the fields that its type
    uses.
    """
    parentKey: str = ""
    """Key of the parent, one of the client's own orders."""


class PlannedRestart(Struct):
    """A planned restart of TWS, or reset of IBKR."""

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


class Preview(Struct):
    """The answer to an order with `whatIf`. TWS places no order."""

    __slots__ = ()

    orderId: int
    """Order number that the bridge used for the preview."""
    orderState: OrderState
    """The status of an order, expected margin and fees, warnings, and how the order ended."""


class PriceIncrement(Struct):
    """The smallest price step above a price."""

    __slots__ = ()

    lowEdge: float | None = None
    """Price from which the step applies."""
    increment: float | None = None
    """Price step."""


class Released(Struct):
    """The answer to a request that ends the client's hold on a stream."""

    __slots__ = ()

    released: str
    """Name of the stream."""


class ReloadResult(Struct):
    """The result of reload."""

    __slots__ = ()

    applied: bool
    """True: the bridge has taken over the changes. False: the request was a `dryRun`."""
    changes: list[SettingChange]
    """Settings that the reload changes."""
    needRestart: list[SettingChange]
    """Settings that the bridge takes over only when it starts. `before` is still in force."""


class ResumeResult(Struct):
    """The result of resume."""

    __slots__ = ()

    halted: bool
    """True: the bridge refuses new orders, and changes that add to an order."""
    reasons: dict[str, str]
    """Reasons by source: `admin` or `file`."""
    stored: bool
    """True: a restart of the bridge keeps this. False: it holds now, but is not on disk. The bridge writes it again
    each second.
    """
    notStored: str = ""
    """What a restart of the bridge would forget, and why. Absent if `stored` is true."""


class ScannerDataElement(Struct):
    """One row of a scan."""

    __slots__ = ()

    rank: int | None = None
    """Rank in the scan, from 0."""
    contract: Contract | None = None
    """An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency and the
    other fields that distinguish it.
    """
    marketName: str = ""
    """Name of the instrument's market."""
    distance: str = ""
    """Another value of the row. Its meaning depends on the scan."""
    benchmark: str = ""
    """Another value of the row. Its meaning depends on the scan."""
    projection: str = ""
    """Another value of the row. Its meaning depends on the scan."""
    comboKey: str = ""
    """Legs of a combination, as text."""


class ScannerSubscription(Struct):
    """The terms of a scan. An absent field does not filter."""

    __slots__ = ()

    numberOfRows: int | None = None
    """Highest number of rows. -1: TWS's limit, which is 50."""
    instrument: str = ""
    """Kind of instrument, from scannerParameters, such as `STK`."""
    locationCode: str = ""
    """Location, from scannerParameters, such as `STK.US.MAJOR`."""
    scanCode: str = ""
    """Scan code, from scannerParameters, such as `TOP_PERC_GAIN`. It decides the rank."""
    abovePrice: float | None = None
    """Only instruments above this price."""
    belowPrice: float | None = None
    """Only instruments below this price."""
    aboveVolume: int | None = None
    """Only instruments above this volume."""
    marketCapAbove: float | None = None
    """Only instruments above this market capitalization."""
    marketCapBelow: float | None = None
    """Only instruments below this market capitalization."""
    moodyRatingAbove: str = ""
    """Only instruments above this Moody's rating."""
    moodyRatingBelow: str = ""
    """Only instruments below this Moody's rating."""
    spRatingAbove: str = ""
    """Only instruments above this S&P rating."""
    spRatingBelow: str = ""
    """Only instruments below this S&P rating."""
    maturityDateAbove: Day = Day()
    """Only bonds that mature after this day: yyyymmdd."""
    maturityDateBelow: Day = Day()
    """Only bonds that mature before this day: yyyymmdd."""
    couponRateAbove: float | None = None
    """Only bonds with a coupon above this rate, in percent."""
    couponRateBelow: float | None = None
    """Only bonds with a coupon below this rate, in percent."""
    excludeConvertible: bool | None = None
    """Omit convertible bonds."""
    averageOptionVolumeAbove: int | None = None
    """Only instruments above this average option volume."""
    scannerSettingPairs: str = ""
    """Settings of the scan, as text."""
    stockTypeFilter: str = ""
    """Kind of stock: ALL, STOCK, ETF and others."""
    scannerSubscriptionFilterOptions: dict[str, str] = {}  # noqa: RUF012
    """Filters by tag, from scannerParameters."""
    scannerSubscriptionOptions: dict[str, str] = {}  # noqa: RUF012
    """More options by tag, for IBKR's internal use."""


class Sent(Struct):
    """The answer to a request that TWS does not answer."""

    __slots__ = ()

    sent: bool
    """True: the bridge has sent the request to TWS."""


class SequencesResult(Struct):
    """The result of sequences."""

    __slots__ = ()

    epoch: str
    """Epoch of the bridge, the same as in the envelope of events."""
    sequences: dict[str, int]
    """Newest `seq` of each topic."""
    floors: dict[str, int]
    """By the first token of a topic: the number after which `seq` starts on a topic that is not in `sequences`.
    Absent means 0.
    """


class SettingChange(Struct):
    """A setting that differs between the running bridge and its configuration."""

    __slots__ = ()

    setting: str
    """Name of the setting, such as `lease` or `clients.momentum.roles`."""
    before: str = ""
    """Value of the running bridge, as the configuration file has it. Absent if it is not set."""
    after: str = ""
    """Value of the configuration that was read. Absent if it is not set."""


class SmartComponent(Struct):
    """One exchange of the SMART quotes."""

    __slots__ = ()

    bitNumber: int | None = None
    """Bit of the exchange in a mask of exchanges."""
    exchange: str = ""
    """Exchange."""
    exchangeLetter: str = ""
    """Letter of the exchange in exchange ticks (32, 33, 84)."""


class SnapshotResult(Struct):
    """The result of snapshot."""

    __slots__ = ()

    epoch: str
    """Epoch of the sequence numbers, the same as in the envelope of events."""
    sequences: dict[str, int]
    """Newest `seq` of each topic."""
    floors: dict[str, int]
    """By the first token of a topic: the number after which `seq` starts on a topic that is not in `sequences`.
    Absent means 0.
    """
    events: list[dict[str, Any]]
    """Last value of each key. Within a topic the oldest comes first."""
    gaps: list[OpenGap]
    """Streams that TWS does not serve now, or may not serve. Their values may be out of date until `recovered`."""
    prefix: str
    """Prefix of the request."""


class SoftDollarTier(Struct):
    """A commission tier that an advisor or institution agreed with IBKR."""

    __slots__ = ()

    name: str = ""
    """Name of the tier."""
    value: str = ""
    """Value of the tier in orders."""
    displayName: str = ""
    """Name that TWS shows."""


class StatusResult(Struct):
    """The result of status."""

    __slots__ = ()

    v: int
    """Version of the contract."""
    version: str
    """Version of the bridge."""
    started: int
    """When the bridge started: ns since 1970 UTC."""
    ts: int
    """Current time of the bridge: ns since 1970 UTC."""
    connection: ConnectionState
    """The current state of the connection to TWS."""
    accounts: list[str]
    """Accounts of the login."""
    verdict: Verdict
    """Whether the bridge trades now, and if not, why, and what a person must change."""
    trading: TradingState
    """Whether trading is halted, and why."""
    orders: Tradable
    """Whether the bridge may send orders to TWS now."""
    clients: int
    """Number of clients that sent a request within their lease."""
    openRequests: int
    """Number of requests that the bridge has not answered yet."""
    farms: list[FarmInfo]
    """IBKR's data farms that TWS has reported on this connection."""
    pacing: PacingState
    """How fast the bridge may send messages to TWS."""
    cache: CacheState
    """What the bridge has kept of TWS's answers, and what that has saved since its start."""
    lines: list[LineState]
    """Lines at TWS, by kind. A kind without a limit is absent."""
    limits: list[LimitState]
    """Bounds of the bridge, and how much of each is in use."""
    undecoded: int
    """Number of messages from TWS that the bridge could not read."""
    longerThanDeclared: dict[str, int]
    """Number of messages, by name, that had more fields than declared. TWS is probably newer than the bridge."""
    streams: list[StreamInfo]
    """Subscriptions at TWS."""
    plannedRestart: PlannedRestart | None = None
    """A planned restart of TWS, or reset of IBKR."""


class StreamInfo(Struct):
    """One subscription at TWS."""

    __slots__ = ()

    stream: str
    """Name of the stream."""
    topic: str
    """Prefix of the stream's topics."""
    method: str
    """Method with which the clients subscribed."""
    state: Literal["asking", "live", "cut", "doubtful", "lost"]
    """State of the stream. asking: TWS has not answered yet; live: TWS serves the stream; cut: TWS cannot reach
    IBKR or the data farm, so the stream's values are stale; doubtful: the bridge does not know whether TWS serves
    the stream, so its values are stale; lost: TWS does not serve the stream, and the bridge subscribes again.
    """
    held: bool
    """Whether the client of this request holds the stream."""
    holderCount: int
    """Number of clients that hold the stream."""
    holders: list[str] = []  # noqa: RUF012
    """Clients that hold the stream. Only admins get this field."""
    lastValue: int | None = None
    """When TWS sent the stream's newest value: ns since 1970 UTC. Absent before the first value."""


class Subscription(Struct):
    """The answer to a subscription."""

    __slots__ = ()

    stream: str
    """Name of the stream, for `release`."""
    topic: str
    """Prefix of the stream's topics. The client subscribes to it."""
    snapshot: LastValues
    """The last values of the topics that begin with a prefix, and the sequence numbers of these topics."""
    confirmed: bool
    """Whether TWS serves the stream now. False if TWS has not answered yet (the instrument is quiet, or TWS will
    refuse), or may no longer serve it.
    """
    kept: bool
    """Whether the client's hold is on disk, so that it outlives a restart of the bridge. False if the disk fails:
    after a restart the client must subscribe again.
    """


class TickAttribBidAsk(Struct):
    """Flags of a bid and ask."""

    __slots__ = ()

    bidPastLow: bool | None = None
    """True: the bid is below the low of the day."""
    askPastHigh: bool | None = None
    """True: the ask is above the high of the day."""


class TickAttribLast(Struct):
    """Flags of a trade."""

    __slots__ = ()

    pastLimit: bool | None = None
    """True: the price is beyond the limit of the day."""
    unreported: bool | None = None
    """True: the trade is unreported, like late trades and odd lots. It does not count towards last price and
    volume.
    """


class Tradable(Struct):
    """Whether the bridge may send orders to TWS now."""

    __slots__ = ()

    tradable: bool
    """True: the bridge may send orders."""
    reason: str = ""
    """Why the bridge may not send orders. Absent if it may."""


class TradingState(Struct):
    """Whether trading is halted, and why."""

    __slots__ = ()

    halted: bool
    """True: the bridge refuses new orders, and changes that add to an order."""
    reasons: dict[str, str]
    """Reasons by source: `admin` or `file`."""


class UpdateConfigWarning(Struct):
    """A warning about a change of settings, or a warning that the client accepts."""

    __slots__ = ()

    messageId: int | None = None
    """Number of the warning."""
    title: str = ""
    """Title of the warning."""
    message: str = ""
    """Text of the warning."""


class Verdict(Struct):
    """Whether the bridge trades now, and if not, why, and what a person must change."""

    __slots__ = ()

    trading: bool
    """True: the bridge sends new orders, and as far as it knows TWS takes them."""
    since: int
    """When the bridge began or ceased to trade: ns since 1970 UTC."""
    also: list[Finding]
    """The other conditions that hold now, the gravest first."""
    code: str = ""
    """Code of the condition that stops trading. `docs/reference/symptoms.md` lists all. Absent if the bridge
    trades.
    """
    because: str = ""
    """The reason, as text for people. Absent if the bridge trades."""
    remedy: str = ""
    """What a person must change, as text for people. Absent if the bridge trades."""


class OrderChanges(TypedDict, total=False):
    """The fields of an order that a change gives. None removes one."""

    clientId: int | None
    orderId: int | None
    permId: int | str | None
    parentId: int | None
    action: Literal["BUY", "SELL", "SSHORT", "SLONG"] | None
    totalQuantity: Number | None
    displaySize: int | None
    orderType: str | None
    lmtPrice: float | None
    auxPrice: float | None
    tif: str | None
    account: str | None
    settlingFirm: str | None
    clearingAccount: str | None
    clearingIntent: str | None
    allOrNone: bool | None
    blockOrder: bool | None
    hidden: bool | None
    outsideRth: bool | None
    sweepToFill: bool | None
    percentOffset: float | None
    trailingPercent: float | None
    trailStopPrice: float | None
    minQty: int | None
    goodAfterTime: MomentLike | None
    goodTillDate: MomentLike | None
    ocaGroup: str | None
    orderRef: str | None
    rule80A: str | None
    ocaType: int | None
    triggerMethod: int | None
    activeStartTime: MomentLike | None
    activeStopTime: MomentLike | None
    faGroup: str | None
    faMethod: str | None
    faPercentage: str | None
    volatility: float | None
    volatilityType: int | None
    continuousUpdate: bool | None
    referencePriceType: int | None
    deltaNeutralOrderType: str | None
    deltaNeutralAuxPrice: float | None
    deltaNeutralConId: int | None
    deltaNeutralOpenClose: str | None
    deltaNeutralShortSale: bool | None
    deltaNeutralShortSaleSlot: int | None
    deltaNeutralDesignatedLocation: str | None
    scaleInitLevelSize: int | None
    scaleSubsLevelSize: int | None
    scalePriceIncrement: float | None
    scalePriceAdjustValue: float | None
    scalePriceAdjustInterval: int | None
    scaleProfitOffset: float | None
    scaleAutoReset: bool | None
    scaleInitPosition: int | None
    scaleInitFillQty: int | None
    scaleRandomPercent: bool | None
    scaleTable: str | None
    hedgeType: str | None
    hedgeParam: str | None
    algoStrategy: str | None
    algoParams: dict[str, str] | None
    algoId: str | None
    smartComboRoutingParams: dict[str, str] | None
    whatIf: bool | None
    transmit: bool | None
    overridePercentageConstraints: bool | None
    openClose: str | None
    origin: int | None
    shortSaleSlot: int | None
    designatedLocation: str | None
    exemptCode: int | None
    deltaNeutralSettlingFirm: str | None
    deltaNeutralClearingAccount: str | None
    deltaNeutralClearingIntent: str | None
    discretionaryAmt: float | None
    optOutSmartRouting: bool | None
    startingPrice: float | None
    stockRefPrice: float | None
    delta: float | None
    stockRangeLower: float | None
    stockRangeUpper: float | None
    notHeld: bool | None
    orderMiscOptions: dict[str, str] | None
    solicited: bool | None
    randomizeSize: bool | None
    randomizePrice: bool | None
    referenceContractId: int | None
    peggedChangeAmount: float | None
    isPeggedChangeAmountDecrease: bool | None
    referenceChangeAmount: float | None
    referenceExchangeId: str | None
    adjustedOrderType: str | None
    triggerPrice: float | None
    adjustedStopPrice: float | None
    adjustedStopLimitPrice: float | None
    adjustedTrailingAmount: float | None
    adjustableTrailingUnit: int | None
    lmtPriceOffset: float | None
    conditions: list[OrderCondition] | None
    conditionsCancelOrder: bool | None
    conditionsIgnoreRth: bool | None
    modelCode: str | None
    extOperator: str | None
    softDollarTier: SoftDollarTier | None
    cashQty: float | None
    mifid2DecisionMaker: str | None
    mifid2DecisionAlgo: str | None
    mifid2ExecutionTrader: str | None
    mifid2ExecutionAlgo: str | None
    dontUseAutoPriceForHedge: bool | None
    isOmsContainer: bool | None
    discretionaryUpToLimitPrice: bool | None
    autoCancelDate: str | None
    filledQuantity: Number | None
    refFuturesConId: int | None
    autoCancelParent: bool | None
    shareholder: str | None
    imbalanceOnly: bool | None
    routeMarketableToBbo: int | None
    parentPermId: int | str | None
    usePriceMgmtAlgo: int | None
    duration: int | None
    postToAts: int | None
    advancedErrorOverride: str | None
    manualOrderTime: MomentLike | None
    minTradeQty: int | None
    minCompeteSize: int | None
    competeAgainstBestOffset: Unbounded | None
    midOffsetAtWhole: float | None
    midOffsetAtHalf: float | None
    customerAccount: str | None
    professionalCustomer: bool | None
    bondAccruedInterest: str | None
    includeOvernight: bool | None
    manualOrderIndicator: int | None
    submitter: str | None
    deactivate: bool | None
    postOnly: bool | None
    allowPreOpen: bool | None
    ignoreOpenAuction: bool | None
    seekPriceImprovement: int | None
    whatIfType: int | None
    hedgeMaxSize: int | None
    conditionsIncludeOvernight: bool | None
    auctionStrategy: int | None
