// `tws-bridge schemas` writes this file. Do not edit it.

/** An integer of 64 bits: a number where a number holds it exactly, and a bigint otherwise. */
export type Int64 = number | bigint;

/** Nanoseconds since 1970-01-01 UTC. They are beyond 2^53, so they are always a bigint. */
export type Nanoseconds = bigint;

/** A decimal number as text, with exactly the digits that TWS sent. */
export type Decimal = string;

/** A decimal number to send: text such as "0.5", or an integer. The bridge refuses a number with a fraction. */
export type DecimalInput = string | number | bigint;

/** A word of a newer bridge, or a word that TWS does not document. */
export type OtherText = string & {};

/** A number of a newer bridge or TWS. */
export type OtherNumber = number & {};

/**
 * An order that TWS never had, by its key or its number.
 *
 * Its key becomes free when TWS answers that it has no such order to cancel.
 */
export interface AbandonParams {
  /** Key of the order. */
  orderKey?: string;
  /** Number of the order at TWS, instead of its key. */
  orderId?: number;
  /** Client that owns the orderKey. An admin needs it for an order of another client. */
  owner?: string;
  /** Abandon the order without proof. Admins only; the bridge logs it. */
  force?: boolean;
}

/** The API part of the TWS settings. */
export interface ApiConfigInput {
  precautions?: ApiPrecautionsConfigInput;
  settings?: ApiSettingsConfigInput;
}

/** API settings: the warnings on orders that TWS skips without asking a person. */
export interface ApiPrecautionsConfigInput {
  /** Skip the precautionary limits on orders. */
  bypassOrderPrecautions?: boolean;
  /** Skip the warning about bonds. */
  bypassBondWarning?: boolean;
  /** Skip the question about a negative yield to worst. */
  bypassNegativeYieldConfirmation?: boolean;
  /** Skip the warning about called bonds. */
  bypassCalledBondWarning?: boolean;
  /** Skip the warning about pair trades with the same side twice. */
  bypassSameActionPairTradeWarning?: boolean;
  /** Skip the warning about flagged accounts. */
  bypassFlaggedAccountsWarning?: boolean;
  /** Skip the warning about the risk of price-based volatility orders. */
  bypassPriceBasedVolatilityWarning?: boolean;
  /** Skip the warning that an order is redirected. */
  bypassRedirectOrderWarning?: boolean;
  /** Skip the warning that an order has no overfill protection. */
  bypassNoOverfillProtection?: boolean;
  /** Skip the warning about routing marketable orders to the best quote. */
  bypassRouteMarketableToBBO?: boolean;
}

/** API settings: the socket, and the data that TWS sends over it. The names are those of TWS's settings window. */
export interface ApiSettingsConfigInput {
  /** Refuse orders from the API. */
  readOnlyApi?: boolean;
  /** Accept a total quantity in orders for mutual funds. */
  totalQuantityForMutualFunds?: boolean;
  /** Send open orders when a client connects. */
  downloadOpenOrdersOnConnection?: boolean;
  /** Include virtual currency positions. */
  includeVirtualFxPositions?: boolean;
  /** Compute daily profit and loss. */
  prepareDailyPnL?: boolean;
  /** Send status updates for volatility orders. */
  sendStatusUpdatesForVolatilityOrders?: boolean;
  /** Encoding of API messages. */
  encodeApiMessages?: string;
  /** TCP port of the API. */
  socketPort?: number;
  /** Use negative numbers for orders bound automatically. */
  useNegativeAutoRange?: boolean;
  /** Write a log file of API messages. */
  createApiMessageLogFile?: boolean;
  /** Include market data in that log file. */
  includeMarketDataInLogFile?: boolean;
  /** Send the trading schedule to the API. */
  exposeTradingScheduleToApi?: boolean;
  /** Show insured deposits apart from cash. */
  splitInsuredDepositFromCashBalance?: boolean;
  /** Send positions of zero only if they were closed today. */
  sendZeroPositionsForTodayOnly?: boolean;
  /** Let account requests of the API take over a subscription. */
  letApiAccountRequestsSwitchSubscription?: boolean;
  /** Advisors: use account groups with allocation methods. */
  useAccountGroupsWithAllocationMethods?: boolean;
  /** Level of detail of the log. */
  loggingLevel?: string;
  /** Client ID that gets the orders of all clients. */
  masterClientId?: number;
  /** Time-out of large transfers. */
  bulkDataTimeout?: number;
  /** Separator of component exchanges. */
  componentExchSeparator?: string;
  /** Quote currencies in tenths of a pip. */
  showForexDataIn1_10Pips?: boolean;
  /** Trade currencies in tenths of a pip. */
  allowForexTradingIn1_10Pips?: boolean;
  /** Round account values to whole numbers. */
  roundAccountValuesToNearestWholeNumber?: boolean;
  /** Give sizes of US stocks in lots. */
  sendMarketDataInLotsForUsStocks?: boolean;
  /** Show advanced order rejects in the window. */
  showAdvancedOrderRejectInUi?: boolean;
  /** Refuse messages above the maximal rate, instead of delaying them. */
  rejectMessagesAboveMaxRate?: boolean;
  /** Keep the connection when a message has wrong fields. */
  maintainConnectionOnIncorrectFields?: boolean;
  /** Call NASDAQ `ISLAND`, as older versions do. */
  compatibilityModeNasdaqStocks?: boolean;
  /** Time zone in which TWS sends times of an instrument. */
  sendInstrumentTimezone?: string;
  /** Send currency data as older versions do. */
  sendForexDataInCompatibilityMode?: boolean;
  /** Keep orders and submit them again after a reconnect. */
  maintainAndResubmitOrdersOnReconnect?: boolean;
  /** Largest size of a historical data answer. */
  historicalDataMaxSize?: number;
  /** Report netting trades of event contracts automatically. */
  autoReportNettingEventContractTrades?: boolean;
  /** Kind of option exercise requests. */
  optionExerciseRequestType?: string;
  /** Accept connections from this machine only. */
  allowLocalhostOnly?: boolean;
  /** Addresses from which TWS accepts connections without asking. */
  trustedIPs?: string[];
}

/** The order, and the state that the client waits for. */
export interface AwaitOrderParams {
  /** Key of the order. */
  orderKey: string;
  /** Client that owns the orderKey. An admin needs it for an order of another client. */
  owner?: string;
  /** Until TWS has acknowledged the order, or until the order has ended. */
  until: AwaitOrderParamsUntil;
  /** Seconds to wait. Default: the timeout of the request. */
  timeout?: number;
}

/** Until TWS has acknowledged the order, or until the order has ended. */
export type AwaitOrderParamsUntil = "acknowledged" | "ended";

/** Compute the implied volatility of an option for a price. TWS answers with a tick of type 53. */
export interface CalculateImpliedVolatilityParams {
  contract: ContractInput;
  /** Price of the option. */
  optionPrice: number;
  /** Price of the underlying. */
  underPrice: number;
  /** More options by tag, for IBKR's internal use. */
  impliedVolatilityOptions?: Record<string, string>;
}

/** Compute the price of an option for a volatility. TWS answers with a tick of type 53. */
export interface CalculateOptionPriceParams {
  contract: ContractInput;
  /** Implied volatility, as a fraction. */
  volatility: number;
  /** Price of the underlying. */
  underPrice: number;
  /** More options by tag, for IBKR's internal use. */
  optionPriceOptions?: Record<string, string>;
}

/** Cancel all orders of the client that may be working. */
export interface CancelMineParams {
  orderCancel?: OrderCancelInput;
}

/** Cancel one order by its ID. */
export interface CancelOrderParams {
  orderCancel?: OrderCancelInput;
  /** Key of the order. */
  orderKey?: string;
  /** Number of the order at TWS, instead of its key. */
  orderId?: number;
  /** Client that owns the orderKey. An admin needs it for an order of another client. */
  owner?: string;
}

/** A stream or an open request of the client. */
export interface CancelParams {
  /** Name or topic prefix of the stream. Not needed if the client holds only one. */
  stream?: string;
  /** ID of the client's open request. */
  id?: string;
}

/** An order as openOrder shows it. The fields that TWS sets must be unchanged. */
export interface ChangedOrder {
  /** Client ID of the connection that placed the order; 0 is TWS itself. */
  clientId?: number;
  /** Number that the client gave to the order. It is unique among that client's orders. */
  orderId?: number;
  /** Permanent number that IBKR gives to the order. It is unique in the account. */
  permId?: DecimalInput;
  /** orderId of the parent. This order waits until the parent is filled. 0 or absent: no parent. */
  parentId?: number;
  /** Side of the order. BUY: buy; SELL: sell; SSHORT: sell short (institutions); SLONG: sell long (institutions). */
  action?: ChangedOrderAction;
  /** Quantity to buy or sell, in shares, contracts or units of currency. */
  totalQuantity?: DecimalInput;
  /** Part of the quantity that the market may see (iceberg order). */
  displaySize?: number;
  /**
   * Order type. TWS has more types than these, by exchange and product. MKT: at market; LMT: limit; STP: stop; STP LMT:
   * stop-limit; TRAIL: trailing stop; TRAIL LIMIT: trailing stop-limit; MIT: market if touched; LIT: limit if touched;
   * MOC: market on close; LOC: limit on close; MTL: market, the rest as limit; MKT PRT: market with protection; STP
   * PRT: stop with protection; REL: relative to the best quote; PEG MKT: pegged to the other side of the market; PEG
   * MID: pegged to the midpoint; PEG BEST: competes with the best price; PEG STK: pegged to the stock; PEG BENCH:
   * pegged to a benchmark; PASSV REL: passive relative; MIDPRICE: midpoint or better; SNAP MKT: starts at the other
   * side of the market; SNAP MID: starts at the midpoint; SNAP PRIM: starts at the own side of the market; VOL: by
   * volatility; BOX TOP: best price, the rest as limit; REL + LMT: combination: relative and limit; REL + MKT:
   * combination: relative and market; LMT + MKT: combination: limit and market.
   */
  orderType?: "MKT" | "LMT" | "STP" | "STP LMT" | "TRAIL" | "TRAIL LIMIT" | "MIT" | "LIT" | "MOC" | "LOC" | "MTL" | "MKT PRT" | "STP PRT" | "REL" | "PEG MKT" | "PEG MID" | "PEG BEST" | "PEG STK" | "PEG BENCH" | "PASSV REL" | "MIDPRICE" | "SNAP MKT" | "SNAP MID" | "SNAP PRIM" | "VOL" | "BOX TOP" | "REL + LMT" | "REL + MKT" | "LMT + MKT" | OtherText;
  /** Limit price. For relative and trailing-limit orders: the limit or cap of that type. */
  lmtPrice?: number;
  /**
   * Second price, by order type: the stop's trigger, the trailing amount, the offset of a relative or pegged order, the
   * touch price of MIT and LIT.
   */
  auxPrice?: number;
  /**
   * How long the order works. `goodTillDate` goes with GTD. DAY: until the end of the day; GTC: until cancelled; IOC:
   * at once, the rest cancelled; GTD: until a date; OPG: at the open; FOK: at once and in full, or not at all; DTC:
   * until the end of the day, then taken from the market; AUC: in the auction; OVERNIGHT: in the overnight session.
   */
  tif?: "DAY" | "GTC" | "IOC" | "GTD" | "OPG" | "FOK" | "DTC" | "AUC" | "OVERNIGHT" | OtherText;
  /** Account that trades. Needed if the login has several accounts. */
  account?: string;
  /** Firm that settles the trade. Institutions only. */
  settlingFirm?: string;
  /** Account of the true beneficiary, if IBKR executes for another clearing firm. */
  clearingAccount?: string;
  /**
   * Who clears the trade. Absent: the account's default. IB: IBKR; AWAY: another firm; PTA: decided after the trade.
   */
  clearingIntent?: "IB" | "AWAY" | "PTA" | OtherText;
  /** Fill the whole quantity at once or not at all. */
  allOrNone?: boolean;
  /** Mark the order as a block order, for large option orders at ISE. */
  blockOrder?: boolean;
  /** Do not show the order in the book (NASDAQ-routed orders). */
  hidden?: boolean;
  /** The order may also trigger and fill outside regular trading hours. */
  outsideRth?: boolean;
  /** Take the displayed liquidity of all venues at once. */
  sweepToFill?: boolean;
  /** Offset of a relative order, as a fraction of the price. */
  percentOffset?: number;
  /** Trailing amount as a percentage. Alternative to auxPrice. */
  trailingPercent?: number;
  /** Starting stop price of a trailing order. */
  trailStopPrice?: number;
  /** Smallest quantity of a fill. */
  minQty?: number;
  /** Time until which TWS holds the order back: `yyyymmdd hh:mm:ss zone`. */
  goodAfterTime?: string;
  /** Time at which TWS cancels an order with tif GTD: `yyyymmdd hh:mm:ss zone`. */
  goodTillDate?: string;
  /** Name of a one-cancels-all group. TWS shares the name across the account. */
  ocaGroup?: string;
  /** The client's own text. TWS keeps it with the order and its executions. */
  orderRef?: string;
  /**
   * Capacity in which the order is entered, by the old NYSE rule 80A. I: individual; A: agency; W: agent for another
   * member; J: individual, program trade with index arbitrage; U: agency, program trade with index arbitrage; M: agent
   * for another member, program trade with index arbitrage; K: individual, program trade; Y: agency, program trade; N:
   * agent for another member, program trade.
   */
  rule80A?: "I" | "A" | "W" | "J" | "U" | "M" | "K" | "Y" | "N" | OtherText;
  /**
   * Effect of a fill on the other orders of the OCA group. 1: cancel the rest, while one order works at a time; 2:
   * reduce the rest, while one order works at a time; 3: reduce the rest, while all orders work.
   */
  ocaType?: number;
  /**
   * Prices that trigger a stop. 0: default of the product; 1: two bids or asks in a row; 2: last price; 3: two last
   * prices in a row; 4: bid or ask; 7: last, or bid or ask; 8: midpoint.
   */
  triggerMethod?: number;
  /** Time at which a GTC order starts to work: `yyyymmdd hh:mm:ss zone`. */
  activeStartTime?: string;
  /** Time at which a GTC order stops working: `yyyymmdd hh:mm:ss zone`. */
  activeStopTime?: string;
  /** Advisors: account group to which TWS allocates the order. */
  faGroup?: string;
  /**
   * Advisors: how TWS allocates the order within the group. Equal: in equal parts; NetLiq: by net liquidation value;
   * AvailableEquity: by available equity; PctChange: by a percentage of the position.
   */
  faMethod?: "Equal" | "NetLiq" | "AvailableEquity" | "PctChange" | OtherText;
  /** Advisors: percentage, for methods that need one. */
  faPercentage?: string;
  /** Volatility orders: the implied volatility to quote, in percent. */
  volatility?: number;
  /** Volatility orders: period of the volatility. 1: daily; 2: annual. */
  volatilityType?: number;
  /** Volatility orders: adjust the limit price when the underlying moves. */
  continuousUpdate?: boolean;
  /**
   * Volatility orders and their hedge: price of the underlying that TWS uses. 1: average of bid and ask; 2: bid or ask.
   */
  referencePriceType?: number;
  /** Order type of the delta-neutral hedge. TWS sends `None` if there is no hedge. */
  deltaNeutralOrderType?: string;
  /** Second price of the hedge order, like auxPrice of the order. */
  deltaNeutralAuxPrice?: number;
  /** Contract ID of the hedge. */
  deltaNeutralConId?: number;
  /** Whether the hedge opens or closes a position. O: opens; C: closes. */
  deltaNeutralOpenClose?: "O" | "C" | OtherText;
  /** Whether the hedge is a short sale. */
  deltaNeutralShortSale?: boolean;
  /**
   * Source of the shares of a short hedge, like shortSaleSlot. 0: does not apply; 1: held by the broker; 2: delivered
   * from elsewhere.
   */
  deltaNeutralShortSaleSlot?: number;
  /** Firm that lends the shares of a short hedge. Needed if deltaNeutralShortSaleSlot is 2. */
  deltaNeutralDesignatedLocation?: string;
  /** Scale orders: size of the first level. */
  scaleInitLevelSize?: number;
  /** Scale orders: size of each further level. */
  scaleSubsLevelSize?: number;
  /** Scale orders: price step between levels. A value above 0 makes the order a scale order. */
  scalePriceIncrement?: number;
  /** Scale orders: change of the starting price in each interval. */
  scalePriceAdjustValue?: number;
  /** Scale orders: seconds between these changes. */
  scalePriceAdjustInterval?: number;
  /** Scale orders: distance of the profit-taking orders. */
  scaleProfitOffset?: number;
  /** Scale orders: restore a level after its profit was taken. */
  scaleAutoReset?: boolean;
  /** Scale orders: position at the start. */
  scaleInitPosition?: number;
  /** Scale orders: quantity already filled at the first level. */
  scaleInitFillQty?: number;
  /** Scale orders: vary the level sizes at random. */
  scaleRandomPercent?: boolean;
  /** Scale orders: levels as a table, instead of the fields above. */
  scaleTable?: string;
  /** How this child order hedges its parent. D: delta; B: beta; F: currency; P: pair. */
  hedgeType?: "D" | "B" | "F" | "P" | OtherText;
  /** Parameter of the hedge: the beta, or the ratio of a pair. For orders with hedgeType only. */
  hedgeParam?: string;
  /** Name of an IBKR or third-party algo, such as `Adaptive`, `Vwap`, `Twap`, `ArrivalPx`, `DarkIce`. */
  algoStrategy?: string;
  /** Parameters of the algo by tag. For orders with algoStrategy only. */
  algoParams?: Record<string, string>;
  /** Identifier of the algorithm that made the order. */
  algoId?: string;
  /** How SMART routes a combination, by tag (`NonGuaranteed` and others). */
  smartComboRoutingParams?: Record<string, string>;
  /** Do not place the order: only compute margin and fees, which TWS sends in orderState. */
  whatIf?: boolean;
  /** Send the order to the market. False: TWS holds the order, as it does with the first orders of a bracket. */
  transmit?: boolean;
  /** Ignore TWS's precautionary limits on price and size. */
  overridePercentageConstraints?: boolean;
  /** Whether the order opens or closes a position. For institutions and some exchanges only. O: opens; C: closes. */
  openClose?: "O" | "C" | OtherText;
  /** Origin of the order. 0: customer; 1: firm. */
  origin?: number;
  /**
   * Short sales of institutions: source of the shares. 0: does not apply; 1: held by the broker; 2: delivered from
   * elsewhere.
   */
  shortSaleSlot?: number;
  /** Firm that lends the shares. Needed if shortSaleSlot is 2. */
  designatedLocation?: string;
  /** Reason for an exemption from the short-sale price test (Reg SHO). -1: none. */
  exemptCode?: number;
  /** Firm that settles the hedge. */
  deltaNeutralSettlingFirm?: string;
  /** Account of the hedge's true beneficiary. */
  deltaNeutralClearingAccount?: string;
  /** Who clears the hedge. IB: IBKR; AWAY: another firm; PTA: decided after the trade. */
  deltaNeutralClearingIntent?: "IB" | "AWAY" | "PTA" | OtherText;
  /** Amount by which a fill may be beyond the limit price, in price units. */
  discretionaryAmt?: number;
  /** Do not use SMART routing for the order. */
  optOutSmartRouting?: boolean;
  /** Auction orders (BOX): starting price. */
  startingPrice?: number;
  /** Pegged-to-stock orders: reference price of the stock. */
  stockRefPrice?: number;
  /** Pegged-to-stock orders: change of the order's price for each unit of the stock's price. */
  delta?: number;
  /** Price of the stock below which TWS cancels the order. */
  stockRangeLower?: number;
  /** Price of the stock above which TWS cancels the order. */
  stockRangeUpper?: number;
  /** Give the broker discretion over time and price. IBDARK only. */
  notHeld?: boolean;
  /** More options by tag, for IBKR's internal use. */
  orderMiscOptions?: Record<string, string>;
  /** True: the broker advised this order. */
  solicited?: boolean;
  /** Vary the displayed size at random, by up to half. For iceberg and similar orders. */
  randomizeSize?: boolean;
  /** Vary the price at random, by up to half the spread. For relative and similar orders. */
  randomizePrice?: boolean;
  /** Pegged-to-benchmark orders: contract ID of the benchmark. */
  referenceContractId?: number;
  /** Pegged-to-benchmark orders: change of the price for each referenceChangeAmount. */
  peggedChangeAmount?: number;
  /** Pegged-to-benchmark orders: the price falls when the benchmark rises. */
  isPeggedChangeAmountDecrease?: boolean;
  /** Pegged-to-benchmark orders: change of the benchmark that changes the price once. */
  referenceChangeAmount?: number;
  /** Pegged-to-benchmark orders: exchange of the benchmark's price. */
  referenceExchangeId?: string;
  /** Adjustable stops: order type after the adjustment. TWS sends `None` if there is none. */
  adjustedOrderType?: string;
  /** Adjustable stops: price that triggers the adjustment. */
  triggerPrice?: number;
  /** Adjustable stops: stop price after the adjustment. */
  adjustedStopPrice?: number;
  /** Adjustable stops: limit price of the stop-limit order after the adjustment. */
  adjustedStopLimitPrice?: number;
  /** Adjustable stops: trailing amount after the adjustment. */
  adjustedTrailingAmount?: number;
  /** Adjustable stops: unit of adjustedTrailingAmount. 0: amount; 1: percent. */
  adjustableTrailingUnit?: number;
  /** Offset of the limit from the stop price of a trailing stop-limit order. */
  lmtPriceOffset?: number;
  /** Conditions of the order, joined by `and` or `or` in their sequence. */
  conditions?: OrderConditionInput[];
  /** The conditions cancel the order instead of sending it. */
  conditionsCancelOrder?: boolean;
  /** Also check the conditions outside regular trading hours. */
  conditionsIgnoreRth?: boolean;
  /** Portfolio model of the order. */
  modelCode?: string;
  /** Person or system that enters the order (CME rule 576 and similar rules). */
  extOperator?: string;
  softDollarTier?: SoftDollarTierInput;
  /** Amount of money to spend instead of a quantity, in the contract's currency. */
  cashQty?: number;
  /** MiFID II: short code of the person who decided. */
  mifid2DecisionMaker?: string;
  /** MiFID II: short code of the algorithm that decided. */
  mifid2DecisionAlgo?: string;
  /** MiFID II: short code of the person who executes. */
  mifid2ExecutionTrader?: string;
  /** MiFID II: short code of the algorithm that executes. */
  mifid2ExecutionAlgo?: string;
  /** Do not let TWS choose the price of the hedge order. */
  dontUseAutoPriceForHedge?: boolean;
  /** Create a ticket in TWS instead of an order in the market. TWS is then an order-management system. */
  isOmsContainer?: boolean;
  /** Relative orders: discretion up to the limit price (D-Peg). */
  discretionaryUpToLimitPrice?: boolean;
  /** When TWS cancels the order automatically. */
  autoCancelDate?: string;
  /** Filled quantity of a completed order. */
  filledQuantity?: DecimalInput;
  /** Contract ID of a future to which the order refers. */
  refFuturesConId?: number;
  /** Cancel the parent when this order is cancelled. */
  autoCancelParent?: boolean;
  /** Shareholder, for exchanges that require it. */
  shareholder?: string;
  /** Auction orders: work only against an imbalance. */
  imbalanceOnly?: boolean;
  /** Route the marketable part straight to the best quote. */
  routeMarketableToBbo?: number;
  /** permId of the parent. */
  parentPermId?: DecimalInput;
  /** Let IBKR's price management algo improve the price. Absent: the account's setting. 0: no; 1: yes. */
  usePriceMgmtAlgo?: number;
  /** Seconds after which TWS cancels the order. */
  duration?: number;
  /** Seconds that a SMART order stays at IBKRATS before TWS routes it on. */
  postToAts?: number;
  /** Advanced rejects to override, by the names in the error's advancedOrderRejectJson. */
  advancedErrorOverride?: string;
  /** When the client gave a manual order: `yyyymmdd-hh:mm:ss` UTC, or with a zone. */
  manualOrderTime?: string;
  /** IBKRATS and PEG BEST: smallest quantity of one trade. */
  minTradeQty?: number;
  /** PEG BEST: smallest size at the best price against which to compete. */
  minCompeteSize?: number;
  /** PEG BEST: amount by which to improve the best price. Infinite: up to the midpoint. */
  competeAgainstBestOffset?: "Infinity" | number;
  /** PEG MID and PEG BEST: offset from the midpoint when the spread is an even number of cents. */
  midOffsetAtWhole?: number;
  /** PEG MID and PEG BEST: offset from the midpoint when the spread is an odd number of cents. */
  midOffsetAtHalf?: number;
  /** Customer's account, where regulation requires it. */
  customerAccount?: string;
  /** True: the customer is a professional by the exchanges' rule. */
  professionalCustomer?: boolean;
  /** Accrued interest of a bond order, as TWS writes it. */
  bondAccruedInterest?: string;
  /** The order may also trade in the overnight session. */
  includeOvernight?: boolean;
  /** Whether a person or a system entered the order (CME rule 536-B). */
  manualOrderIndicator?: number;
  /** User who submitted the order. */
  submitter?: string;
  /** Remove the order from the market but keep it in TWS. */
  deactivate?: boolean;
  /** Only add liquidity. An order that would trade at once is refused or repriced. */
  postOnly?: boolean;
  /** The order may work before the open. */
  allowPreOpen?: boolean;
  /** Do not take part in the opening auction. */
  ignoreOpenAuction?: boolean;
  /** Seek a better price than the best quote. Absent: the account's setting. */
  seekPriceImprovement?: number;
  /** Kind of preview, for orders with whatIf. */
  whatIfType?: number;
  /** Largest size of the hedge. */
  hedgeMaxSize?: number;
  /** Also check the conditions in the overnight session. */
  conditionsIncludeOvernight?: boolean;
  /** Auction orders (BOX): strategy. Text form only. 0: none; 1: match; 2: improvement; 3: transparent. */
  auctionStrategy?: number;
}

/** Side of the order. BUY: buy; SELL: sell; SSHORT: sell short (institutions); SLONG: sell long (institutions). */
export type ChangedOrderAction = "BUY" | "SELL" | "SSHORT" | "SLONG";

/** One leg of a combination. */
export interface ComboLegInput {
  /** Contract ID of the leg. */
  conId?: number;
  /** Number of units of the leg in one unit of the combination. */
  ratio?: number;
  /** Side of the leg when the combination is bought. BUY: buy; SELL: sell; SSHORT: sell short (institutions). */
  action?: ComboLegInputAction;
  /** Exchange of the leg. */
  exchange?: string;
  /** Whether the leg opens or closes a position. 0: same as the combination; 1: opens; 2: closes; 3: unknown. */
  openClose?: number;
  /**
   * Short legs of institutions: source of the shares. 0: does not apply; 1: held by the broker; 2: delivered from
   * elsewhere.
   */
  shortSalesSlot?: number;
  /** Firm that lends the shares. Needed if shortSalesSlot is 2. */
  designatedLocation?: string;
  /** Reason for an exemption from the short-sale price test. -1: none. */
  exemptCode?: number;
  /** Price of this leg, if the order has a price for each leg. */
  perLegPrice?: number;
}

/** Side of the leg when the combination is bought. BUY: buy; SELL: sell; SSHORT: sell short (institutions). */
export type ComboLegInputAction = "BUY" | "SELL" | "SSHORT";

/**
 * An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency and the other
 * fields that distinguish it.
 */
export interface ContractInput {
  /** IBKR's ID of the instrument. It is unique; a request needs only conId and exchange. */
  conId?: number;
  /** Symbol of the instrument, or of its underlying. */
  symbol?: string;
  /**
   * Kind of instrument. STK: stock or ETF; OPT: option; FUT: future; CONTFUT: continuous future (history only);
   * FUT+CONTFUT: futures, and the continuous one; FOP: option on a future; IND: index; CASH: currency pair; CFD:
   * contract for difference; BAG: combination; BOND: bond; BILL: treasury bill; FUND: mutual fund; CMDTY: commodity;
   * WAR: warrant; IOPT: structured product; CRYPTO: cryptocurrency; NEWS: news source; EC: event contract.
   */
  secType?: "STK" | "OPT" | "FUT" | "CONTFUT" | "FUT+CONTFUT" | "FOP" | "IND" | "CASH" | "CFD" | "BAG" | "BOND" | "BILL" | "FUND" | "CMDTY" | "WAR" | "IOPT" | "CRYPTO" | "NEWS" | "EC" | OtherText;
  /**
   * Last trading day (yyyymmdd) or contract month (yyyymm) of a derivative. In protobuf form TWS may add the time and
   * the zone.
   */
  lastTradeDateOrContractMonth?: string;
  /** Strike price of an option. 0: none. */
  strike?: number;
  /** Call or put. C: call; P: put; CALL: call; PUT: put; 0: none. */
  right?: "C" | "P" | "CALL" | "PUT" | "0" | OtherText;
  /** Units of the underlying for one contract. */
  multiplier?: DecimalInput;
  /** Destination of orders and source of quotes: `SMART` or an exchange. */
  exchange?: string;
  /** Listing exchange. It distinguishes stocks with the same symbol. */
  primaryExch?: string;
  /** Trading currency. */
  currency?: string;
  /** Symbol at the exchange. For derivatives it is the whole code. */
  localSymbol?: string;
  /** Trading class. It distinguishes option series of one underlying. */
  tradingClass?: string;
  /** Kind of the identifier in secId. ISIN: ISIN; CUSIP: CUSIP; SEDOL: SEDOL; RIC: Reuters code; FIGI: FIGI. */
  secIdType?: "ISIN" | "CUSIP" | "SEDOL" | "RIC" | "FIGI" | OtherText;
  /** Identifier by which to find the instrument. */
  secId?: string;
  /** Description of the instrument, as text for people. */
  description?: string;
  /** Issuer of a bond. A request with it returns all bonds of the issuer. */
  issuerId?: string;
  deltaNeutralContract?: DeltaNeutralContractInput;
  /** Also find expired futures and options. For history and contract details only. */
  includeExpired?: boolean;
  /** Description of the legs, as text for people. */
  comboLegsDescrip?: string;
  /** Legs of a combination (BAG). */
  comboLegs?: ComboLegInput[];
  /** Last trading day: yyyymmdd. */
  lastTradeDate?: string;
}

/** The hedge of a delta-neutral combination. */
export interface DeltaNeutralContractInput {
  /** Contract ID of the hedge. */
  conId?: number;
  /** Delta of the hedge: number of units of the hedge for one unit of the combination. */
  delta?: number;
  /** Price of the hedge at which the combination is quoted. */
  price?: number;
}

/** Filter for executions. An absent field does not filter. */
export interface ExecutionFilterInput {
  /** Only executions of orders of this client ID. */
  clientId?: number;
  /** Only executions of this account. */
  acctCode?: string;
  /** Only executions after this time: `yyyymmdd-hh:mm:ss` UTC, or with a zone. */
  time?: string;
  /** Only executions with this symbol. */
  symbol?: string;
  /** Only executions with this kind of contract. */
  secType?: string;
  /** Only fills on this exchange. */
  exchange?: string;
  /** Only executions of this side. BUY: bought; SELL: sold; SSHORT: sold short. */
  side?: "BUY" | "SELL" | "SSHORT" | OtherText;
  /** Executions of the last n days, including today, as far back as TWS has them. */
  lastNDays?: number;
  /** Executions of these days, each as the number yyyymmdd. */
  specificDates?: number[];
}

/** Exercise an option, or let it lapse. The API cannot undo it. */
export interface ExerciseOptionsParams {
  contract: ContractInput;
  /** Exercise the option, or let it lapse. 1: exercise; 2: let lapse. */
  exerciseAction: ExerciseOptionsParamsExerciseAction;
  /** Number of contracts. */
  exerciseQuantity: number;
  /** Account that holds the option. */
  account: string;
  /** Act even if TWS advises against it: for example, exercise an option that is out of the money. */
  override?: boolean;
  /** When the client gave the instruction: `yyyymmdd-hh:mm:ss` UTC, or with a zone. */
  manualOrderTime?: string;
  /** Customer's account, where regulation requires it. */
  customerAccount?: string;
  /** True: the customer is a professional by the exchanges' rule. */
  professionalCustomer?: boolean;
  /** Name of the order, which its client chooses. The same key is the same order. Default: the request's ID. */
  orderKey?: string;
  /** What the bridge does before and during a planned restart: `refuse` (the default), or `hold` until it is over. */
  duringRestart?: ExerciseOptionsParamsDuringRestart;
}

/** What the bridge does before and during a planned restart: `refuse` (the default), or `hold` until it is over. */
export type ExerciseOptionsParamsDuringRestart = "refuse" | "hold";

/** Exercise the option, or let it lapse. 1: exercise; 2: let lapse. */
export type ExerciseOptionsParamsExerciseAction = 1 | 2;

/** The reason for the halt. */
export interface HaltParams {
  /** Reason that the bridge gives in its refusals. */
  reason?: string;
}

/** The run of the client. */
export interface HelloParams {
  /** Name of this run. The client must never have used it before. */
  instance: string;
}

/** Settings: when TWS logs off or restarts automatically. */
export interface LockAndExitConfigInput {
  /** Time of day: hh:mm. */
  autoLogoffTime?: string;
  /** AM or PM. */
  autoLogoffPeriod?: string;
  /** Action at that time, such as `logoff`. */
  autoLogoffType?: string;
}

/** Settings: one of TWS's messages, and the answer to it. */
export interface MessageConfigInput {
  /** Number of the message. */
  id?: number;
  /** Title of the message. */
  title?: string;
  /** Text of the message. */
  message?: string;
  /** Answer that TWS gives to the message. */
  defaultAction?: string;
  /** Whether TWS shows the message. */
  enabled?: boolean;
}

/** Change an order. Each change needs a higher revision. */
export interface ModifyOrderParams {
  /** Name of the order, which its client chooses. The same key is the same order. */
  orderKey: string;
  /** Client that owns the orderKey. An admin needs it for an order of another client. */
  owner?: string;
  /** Number of the change, higher than the number of the previous change. */
  revision: number;
  contract?: ContractInput;
  order: ChangedOrder;
  /** What the bridge does before and during a planned restart: `refuse` (the default), or `hold` until it is over. */
  duringRestart?: ModifyOrderParamsDuringRestart;
}

/** What the bridge does before and during a planned restart: `refuse` (the default), or `hold` until it is over. */
export type ModifyOrderParamsDuringRestart = "refuse" | "hold";

/** No params. */
export type NoParams = Record<string, never>;

/** Data of a cancel. Only regulated and manual order entry needs it. */
export interface OrderCancelInput {
  /** When the client cancelled a manual order: `yyyymmdd-hh:mm:ss` UTC, or with a zone. */
  manualOrderCancelTime?: string;
  /** Person or system that cancels the order (CME rule 576 and similar rules). */
  extOperator?: string;
  /** Whether a person or a system cancels the order (CME rule 536-B). */
  manualOrderIndicator?: number;
}

/**
 * One condition of an order. TWS sends the order, or cancels it, when its conditions hold. `type` decides which of the
 * other fields apply.
 */
export interface OrderConditionInput {
  /**
   * What the condition checks. 1: price; 3: time; 4: margin cushion; 5: a trade happens; 6: volume; 7: change in
   * percent.
   */
  type?: OrderConditionInputType;
  /** True: `and` joins this condition with the next one. False: `or`. */
  isConjunctionConnection?: boolean;
  /** True: the condition holds above the value, or after the time. False: below the value, or before the time. */
  isMore?: boolean;
  /** Price, volume and percent conditions: contract ID of the instrument. */
  conId?: number;
  /** Exchange of the instrument. For execution conditions: exchange of the trade. */
  exchange?: string;
  /** Execution conditions: symbol of the trade. */
  symbol?: string;
  /** Execution conditions: kind of contract of the trade. */
  secType?: string;
  /** Margin conditions: margin cushion in percent. */
  percent?: number;
  /** Percent conditions: change of the price in percent. */
  changePercent?: number;
  /** Price conditions: price to pass. */
  price?: number;
  /**
   * Price conditions: prices that TWS checks. 0: default of the product; 1: two bids or asks in a row; 2: last price;
   * 3: two last prices in a row; 4: bid or ask; 7: last, or bid or ask; 8: midpoint.
   */
  triggerMethod?: number;
  /** Time conditions: time to pass, `yyyymmdd hh:mm:ss zone`. */
  time?: string;
  /** Volume conditions: volume to pass. */
  volume?: number;
}

/**
 * What the condition checks. 1: price; 3: time; 4: margin cushion; 5: a trade happens; 6: volume; 7: change in percent.
 */
export type OrderConditionInputType = 1 | 3 | 4 | 5 | 6 | 7;

/** An order: its side, quantity, price, lifetime and conditions. An order needs only the fields that its type uses. */
export interface OrderInput {
  /** Side of the order. BUY: buy; SELL: sell; SSHORT: sell short (institutions); SLONG: sell long (institutions). */
  action?: OrderInputAction;
  /** Quantity to buy or sell, in shares, contracts or units of currency. */
  totalQuantity?: DecimalInput;
  /** Part of the quantity that the market may see (iceberg order). */
  displaySize?: number;
  /**
   * Order type. TWS has more types than these, by exchange and product. MKT: at market; LMT: limit; STP: stop; STP LMT:
   * stop-limit; TRAIL: trailing stop; TRAIL LIMIT: trailing stop-limit; MIT: market if touched; LIT: limit if touched;
   * MOC: market on close; LOC: limit on close; MTL: market, the rest as limit; MKT PRT: market with protection; STP
   * PRT: stop with protection; REL: relative to the best quote; PEG MKT: pegged to the other side of the market; PEG
   * MID: pegged to the midpoint; PEG BEST: competes with the best price; PEG STK: pegged to the stock; PEG BENCH:
   * pegged to a benchmark; PASSV REL: passive relative; MIDPRICE: midpoint or better; SNAP MKT: starts at the other
   * side of the market; SNAP MID: starts at the midpoint; SNAP PRIM: starts at the own side of the market; VOL: by
   * volatility; BOX TOP: best price, the rest as limit; REL + LMT: combination: relative and limit; REL + MKT:
   * combination: relative and market; LMT + MKT: combination: limit and market.
   */
  orderType?: "MKT" | "LMT" | "STP" | "STP LMT" | "TRAIL" | "TRAIL LIMIT" | "MIT" | "LIT" | "MOC" | "LOC" | "MTL" | "MKT PRT" | "STP PRT" | "REL" | "PEG MKT" | "PEG MID" | "PEG BEST" | "PEG STK" | "PEG BENCH" | "PASSV REL" | "MIDPRICE" | "SNAP MKT" | "SNAP MID" | "SNAP PRIM" | "VOL" | "BOX TOP" | "REL + LMT" | "REL + MKT" | "LMT + MKT" | OtherText;
  /** Limit price. For relative and trailing-limit orders: the limit or cap of that type. */
  lmtPrice?: number;
  /**
   * Second price, by order type: the stop's trigger, the trailing amount, the offset of a relative or pegged order, the
   * touch price of MIT and LIT.
   */
  auxPrice?: number;
  /**
   * How long the order works. `goodTillDate` goes with GTD. DAY: until the end of the day; GTC: until cancelled; IOC:
   * at once, the rest cancelled; GTD: until a date; OPG: at the open; FOK: at once and in full, or not at all; DTC:
   * until the end of the day, then taken from the market; AUC: in the auction; OVERNIGHT: in the overnight session.
   */
  tif?: "DAY" | "GTC" | "IOC" | "GTD" | "OPG" | "FOK" | "DTC" | "AUC" | "OVERNIGHT" | OtherText;
  /** Account that trades. Needed if the login has several accounts. */
  account?: string;
  /** Firm that settles the trade. Institutions only. */
  settlingFirm?: string;
  /** Account of the true beneficiary, if IBKR executes for another clearing firm. */
  clearingAccount?: string;
  /**
   * Who clears the trade. Absent: the account's default. IB: IBKR; AWAY: another firm; PTA: decided after the trade.
   */
  clearingIntent?: "IB" | "AWAY" | "PTA" | OtherText;
  /** Fill the whole quantity at once or not at all. */
  allOrNone?: boolean;
  /** Mark the order as a block order, for large option orders at ISE. */
  blockOrder?: boolean;
  /** Do not show the order in the book (NASDAQ-routed orders). */
  hidden?: boolean;
  /** The order may also trigger and fill outside regular trading hours. */
  outsideRth?: boolean;
  /** Take the displayed liquidity of all venues at once. */
  sweepToFill?: boolean;
  /** Offset of a relative order, as a fraction of the price. */
  percentOffset?: number;
  /** Trailing amount as a percentage. Alternative to auxPrice. */
  trailingPercent?: number;
  /** Starting stop price of a trailing order. */
  trailStopPrice?: number;
  /** Smallest quantity of a fill. */
  minQty?: number;
  /** Time until which TWS holds the order back: `yyyymmdd hh:mm:ss zone`. */
  goodAfterTime?: string;
  /** Time at which TWS cancels an order with tif GTD: `yyyymmdd hh:mm:ss zone`. */
  goodTillDate?: string;
  /** Name of a one-cancels-all group. TWS shares the name across the account. */
  ocaGroup?: string;
  /** The client's own text. TWS keeps it with the order and its executions. */
  orderRef?: string;
  /**
   * Capacity in which the order is entered, by the old NYSE rule 80A. I: individual; A: agency; W: agent for another
   * member; J: individual, program trade with index arbitrage; U: agency, program trade with index arbitrage; M: agent
   * for another member, program trade with index arbitrage; K: individual, program trade; Y: agency, program trade; N:
   * agent for another member, program trade.
   */
  rule80A?: "I" | "A" | "W" | "J" | "U" | "M" | "K" | "Y" | "N" | OtherText;
  /**
   * Effect of a fill on the other orders of the OCA group. 1: cancel the rest, while one order works at a time; 2:
   * reduce the rest, while one order works at a time; 3: reduce the rest, while all orders work.
   */
  ocaType?: number;
  /**
   * Prices that trigger a stop. 0: default of the product; 1: two bids or asks in a row; 2: last price; 3: two last
   * prices in a row; 4: bid or ask; 7: last, or bid or ask; 8: midpoint.
   */
  triggerMethod?: number;
  /** Time at which a GTC order starts to work: `yyyymmdd hh:mm:ss zone`. */
  activeStartTime?: string;
  /** Time at which a GTC order stops working: `yyyymmdd hh:mm:ss zone`. */
  activeStopTime?: string;
  /** Advisors: account group to which TWS allocates the order. */
  faGroup?: string;
  /**
   * Advisors: how TWS allocates the order within the group. Equal: in equal parts; NetLiq: by net liquidation value;
   * AvailableEquity: by available equity; PctChange: by a percentage of the position.
   */
  faMethod?: "Equal" | "NetLiq" | "AvailableEquity" | "PctChange" | OtherText;
  /** Advisors: percentage, for methods that need one. */
  faPercentage?: string;
  /** Volatility orders: the implied volatility to quote, in percent. */
  volatility?: number;
  /** Volatility orders: period of the volatility. 1: daily; 2: annual. */
  volatilityType?: number;
  /** Volatility orders: adjust the limit price when the underlying moves. */
  continuousUpdate?: boolean;
  /**
   * Volatility orders and their hedge: price of the underlying that TWS uses. 1: average of bid and ask; 2: bid or ask.
   */
  referencePriceType?: number;
  /** Order type of the delta-neutral hedge. TWS sends `None` if there is no hedge. */
  deltaNeutralOrderType?: string;
  /** Second price of the hedge order, like auxPrice of the order. */
  deltaNeutralAuxPrice?: number;
  /** Contract ID of the hedge. */
  deltaNeutralConId?: number;
  /** Whether the hedge opens or closes a position. O: opens; C: closes. */
  deltaNeutralOpenClose?: "O" | "C" | OtherText;
  /** Whether the hedge is a short sale. */
  deltaNeutralShortSale?: boolean;
  /**
   * Source of the shares of a short hedge, like shortSaleSlot. 0: does not apply; 1: held by the broker; 2: delivered
   * from elsewhere.
   */
  deltaNeutralShortSaleSlot?: number;
  /** Firm that lends the shares of a short hedge. Needed if deltaNeutralShortSaleSlot is 2. */
  deltaNeutralDesignatedLocation?: string;
  /** Scale orders: size of the first level. */
  scaleInitLevelSize?: number;
  /** Scale orders: size of each further level. */
  scaleSubsLevelSize?: number;
  /** Scale orders: price step between levels. A value above 0 makes the order a scale order. */
  scalePriceIncrement?: number;
  /** Scale orders: change of the starting price in each interval. */
  scalePriceAdjustValue?: number;
  /** Scale orders: seconds between these changes. */
  scalePriceAdjustInterval?: number;
  /** Scale orders: distance of the profit-taking orders. */
  scaleProfitOffset?: number;
  /** Scale orders: restore a level after its profit was taken. */
  scaleAutoReset?: boolean;
  /** Scale orders: position at the start. */
  scaleInitPosition?: number;
  /** Scale orders: quantity already filled at the first level. */
  scaleInitFillQty?: number;
  /** Scale orders: vary the level sizes at random. */
  scaleRandomPercent?: boolean;
  /** Scale orders: levels as a table, instead of the fields above. */
  scaleTable?: string;
  /** How this child order hedges its parent. D: delta; B: beta; F: currency; P: pair. */
  hedgeType?: "D" | "B" | "F" | "P" | OtherText;
  /** Parameter of the hedge: the beta, or the ratio of a pair. For orders with hedgeType only. */
  hedgeParam?: string;
  /** Name of an IBKR or third-party algo, such as `Adaptive`, `Vwap`, `Twap`, `ArrivalPx`, `DarkIce`. */
  algoStrategy?: string;
  /** Parameters of the algo by tag. For orders with algoStrategy only. */
  algoParams?: Record<string, string>;
  /** Identifier of the algorithm that made the order. */
  algoId?: string;
  /** How SMART routes a combination, by tag (`NonGuaranteed` and others). */
  smartComboRoutingParams?: Record<string, string>;
  /** Do not place the order: only compute margin and fees, which TWS sends in orderState. */
  whatIf?: boolean;
  /** Send the order to the market. False: TWS holds the order, as it does with the first orders of a bracket. */
  transmit?: boolean;
  /** Ignore TWS's precautionary limits on price and size. */
  overridePercentageConstraints?: boolean;
  /** Whether the order opens or closes a position. For institutions and some exchanges only. O: opens; C: closes. */
  openClose?: "O" | "C" | OtherText;
  /** Origin of the order. 0: customer; 1: firm. */
  origin?: number;
  /**
   * Short sales of institutions: source of the shares. 0: does not apply; 1: held by the broker; 2: delivered from
   * elsewhere.
   */
  shortSaleSlot?: number;
  /** Firm that lends the shares. Needed if shortSaleSlot is 2. */
  designatedLocation?: string;
  /** Reason for an exemption from the short-sale price test (Reg SHO). -1: none. */
  exemptCode?: number;
  /** Firm that settles the hedge. */
  deltaNeutralSettlingFirm?: string;
  /** Account of the hedge's true beneficiary. */
  deltaNeutralClearingAccount?: string;
  /** Who clears the hedge. IB: IBKR; AWAY: another firm; PTA: decided after the trade. */
  deltaNeutralClearingIntent?: "IB" | "AWAY" | "PTA" | OtherText;
  /** Amount by which a fill may be beyond the limit price, in price units. */
  discretionaryAmt?: number;
  /** Do not use SMART routing for the order. */
  optOutSmartRouting?: boolean;
  /** Auction orders (BOX): starting price. */
  startingPrice?: number;
  /** Pegged-to-stock orders: reference price of the stock. */
  stockRefPrice?: number;
  /** Pegged-to-stock orders: change of the order's price for each unit of the stock's price. */
  delta?: number;
  /** Price of the stock below which TWS cancels the order. */
  stockRangeLower?: number;
  /** Price of the stock above which TWS cancels the order. */
  stockRangeUpper?: number;
  /** Give the broker discretion over time and price. IBDARK only. */
  notHeld?: boolean;
  /** More options by tag, for IBKR's internal use. */
  orderMiscOptions?: Record<string, string>;
  /** True: the broker advised this order. */
  solicited?: boolean;
  /** Vary the displayed size at random, by up to half. For iceberg and similar orders. */
  randomizeSize?: boolean;
  /** Vary the price at random, by up to half the spread. For relative and similar orders. */
  randomizePrice?: boolean;
  /** Pegged-to-benchmark orders: contract ID of the benchmark. */
  referenceContractId?: number;
  /** Pegged-to-benchmark orders: change of the price for each referenceChangeAmount. */
  peggedChangeAmount?: number;
  /** Pegged-to-benchmark orders: the price falls when the benchmark rises. */
  isPeggedChangeAmountDecrease?: boolean;
  /** Pegged-to-benchmark orders: change of the benchmark that changes the price once. */
  referenceChangeAmount?: number;
  /** Pegged-to-benchmark orders: exchange of the benchmark's price. */
  referenceExchangeId?: string;
  /** Adjustable stops: order type after the adjustment. TWS sends `None` if there is none. */
  adjustedOrderType?: string;
  /** Adjustable stops: price that triggers the adjustment. */
  triggerPrice?: number;
  /** Adjustable stops: stop price after the adjustment. */
  adjustedStopPrice?: number;
  /** Adjustable stops: limit price of the stop-limit order after the adjustment. */
  adjustedStopLimitPrice?: number;
  /** Adjustable stops: trailing amount after the adjustment. */
  adjustedTrailingAmount?: number;
  /** Adjustable stops: unit of adjustedTrailingAmount. 0: amount; 1: percent. */
  adjustableTrailingUnit?: number;
  /** Offset of the limit from the stop price of a trailing stop-limit order. */
  lmtPriceOffset?: number;
  /** Conditions of the order, joined by `and` or `or` in their sequence. */
  conditions?: OrderConditionInput[];
  /** The conditions cancel the order instead of sending it. */
  conditionsCancelOrder?: boolean;
  /** Also check the conditions outside regular trading hours. */
  conditionsIgnoreRth?: boolean;
  /** Portfolio model of the order. */
  modelCode?: string;
  /** Person or system that enters the order (CME rule 576 and similar rules). */
  extOperator?: string;
  softDollarTier?: SoftDollarTierInput;
  /** Amount of money to spend instead of a quantity, in the contract's currency. */
  cashQty?: number;
  /** MiFID II: short code of the person who decided. */
  mifid2DecisionMaker?: string;
  /** MiFID II: short code of the algorithm that decided. */
  mifid2DecisionAlgo?: string;
  /** MiFID II: short code of the person who executes. */
  mifid2ExecutionTrader?: string;
  /** MiFID II: short code of the algorithm that executes. */
  mifid2ExecutionAlgo?: string;
  /** Do not let TWS choose the price of the hedge order. */
  dontUseAutoPriceForHedge?: boolean;
  /** Create a ticket in TWS instead of an order in the market. TWS is then an order-management system. */
  isOmsContainer?: boolean;
  /** Relative orders: discretion up to the limit price (D-Peg). */
  discretionaryUpToLimitPrice?: boolean;
  /** When TWS cancels the order automatically. */
  autoCancelDate?: string;
  /** Filled quantity of a completed order. */
  filledQuantity?: DecimalInput;
  /** Contract ID of a future to which the order refers. */
  refFuturesConId?: number;
  /** Cancel the parent when this order is cancelled. */
  autoCancelParent?: boolean;
  /** Shareholder, for exchanges that require it. */
  shareholder?: string;
  /** Auction orders: work only against an imbalance. */
  imbalanceOnly?: boolean;
  /** Route the marketable part straight to the best quote. */
  routeMarketableToBbo?: number;
  /** Let IBKR's price management algo improve the price. Absent: the account's setting. 0: no; 1: yes. */
  usePriceMgmtAlgo?: number;
  /** Seconds after which TWS cancels the order. */
  duration?: number;
  /** Seconds that a SMART order stays at IBKRATS before TWS routes it on. */
  postToAts?: number;
  /** Advanced rejects to override, by the names in the error's advancedOrderRejectJson. */
  advancedErrorOverride?: string;
  /** When the client gave a manual order: `yyyymmdd-hh:mm:ss` UTC, or with a zone. */
  manualOrderTime?: string;
  /** IBKRATS and PEG BEST: smallest quantity of one trade. */
  minTradeQty?: number;
  /** PEG BEST: smallest size at the best price against which to compete. */
  minCompeteSize?: number;
  /** PEG BEST: amount by which to improve the best price. Infinite: up to the midpoint. */
  competeAgainstBestOffset?: "Infinity" | number;
  /** PEG MID and PEG BEST: offset from the midpoint when the spread is an even number of cents. */
  midOffsetAtWhole?: number;
  /** PEG MID and PEG BEST: offset from the midpoint when the spread is an odd number of cents. */
  midOffsetAtHalf?: number;
  /** Customer's account, where regulation requires it. */
  customerAccount?: string;
  /** True: the customer is a professional by the exchanges' rule. */
  professionalCustomer?: boolean;
  /** Accrued interest of a bond order, as TWS writes it. */
  bondAccruedInterest?: string;
  /** The order may also trade in the overnight session. */
  includeOvernight?: boolean;
  /** Whether a person or a system entered the order (CME rule 536-B). */
  manualOrderIndicator?: number;
  /** User who submitted the order. */
  submitter?: string;
  /** Remove the order from the market but keep it in TWS. */
  deactivate?: boolean;
  /** Only add liquidity. An order that would trade at once is refused or repriced. */
  postOnly?: boolean;
  /** The order may work before the open. */
  allowPreOpen?: boolean;
  /** Do not take part in the opening auction. */
  ignoreOpenAuction?: boolean;
  /** Seek a better price than the best quote. Absent: the account's setting. */
  seekPriceImprovement?: number;
  /** Kind of preview, for orders with whatIf. */
  whatIfType?: number;
  /** Largest size of the hedge. */
  hedgeMaxSize?: number;
  /** Also check the conditions in the overnight session. */
  conditionsIncludeOvernight?: boolean;
  /** Auction orders (BOX): strategy. Text form only. 0: none; 1: match; 2: improvement; 3: transparent. */
  auctionStrategy?: number;
}

/** Side of the order. BUY: buy; SELL: sell; SSHORT: sell short (institutions); SLONG: sell long (institutions). */
export type OrderInputAction = "BUY" | "SELL" | "SSHORT" | "SLONG";

/** A part of the client's own order log. */
export interface OrderLogParams {
  /** Number of the last event that the client has. 0: from the beginning. */
  after: Int64;
  /** Highest number of events to return. */
  limit?: number;
}

/** Settings: orders. */
export interface OrdersConfigInput {
  smartRouting?: OrdersSmartRoutingConfigInput;
}

/** Settings: SMART routing of orders. */
export interface OrdersSmartRoutingConfigInput {
  /** Seek a better price than the best quote. */
  seekPriceImprovement?: boolean;
  /** Reroute before the open. */
  preOpenReroute?: boolean;
  /** Do not route to dark pools. */
  doNotRouteToDarkPools?: boolean;
  /** Routing algorithm of orders that name none. */
  defaultAlgorithm?: string;
}

/** Place one order. The same key is the same order. */
export interface PlaceOrderParams {
  /** Name of the order, which its client chooses. The same key is the same order. Default: the request's ID. */
  orderKey?: string;
  contract: ContractInput;
  order: OrderInput;
  /** Key of the parent, one of the client's own orders. */
  parentKey?: string;
  /** What the bridge does before and during a planned restart: `refuse` (the default), or `hold` until it is over. */
  duringRestart?: PlaceOrderParamsDuringRestart;
}

/** What the bridge does before and during a planned restart: `refuse` (the default), or `hold` until it is over. */
export type PlaceOrderParamsDuringRestart = "refuse" | "hold";

/** Place a bracket or another group of orders together. */
export interface PlaceOrdersParams {
  /** Orders, each parent before its children. */
  orders: PlacedOrder[];
  /** What the bridge does before and during a planned restart: `refuse` (the default), or `hold` until it is over. */
  duringRestart?: PlaceOrdersParamsDuringRestart;
}

/** What the bridge does before and during a planned restart: `refuse` (the default), or `hold` until it is over. */
export type PlaceOrdersParamsDuringRestart = "refuse" | "hold";

/** One order of a group. */
export interface PlacedOrder {
  /** Name of the order, which its client chooses. The same key is the same order. */
  orderKey: string;
  contract: ContractInput;
  order: OrderInput;
  /** Key of the parent, one of the client's own orders. */
  parentKey?: string;
}

/** Ask for the display groups of TWS. */
export type QueryDisplayGroupsParams = Record<string, never>;

/** The stream that the client releases. */
export interface ReleaseParams {
  /** Name of the stream, from the answer to the subscription, or its topic prefix. */
  stream: string;
  /** Method of the subscription. Needed if two streams have one name. */
  method?: string;
}

/** Whether the bridge only returns what a reload would change. */
export interface ReloadParams {
  /** Return the changes, and take over nothing. */
  dryRun?: boolean;
}

/** Replace one part of the advisor's configuration. */
export interface ReplaceFAParams {
  /**
   * Part of the configuration. From server version 177 on, TWS refuses 2 (profiles). 1: groups; 2: profiles (below
   * server version 177); 3: aliases of accounts.
   */
  faDataType: ReplaceFAParamsFaDataType;
  /** The whole new configuration. */
  xml: string;
  /**
   * Name of the request, which the client chooses. The bridge sends one request for a key. Default: the request's ID.
   */
  onceKey?: string;
}

/**
 * Part of the configuration. From server version 177 on, TWS refuses 2 (profiles). 1: groups; 2: profiles (below server
 * version 177); 3: aliases of accounts.
 */
export type ReplaceFAParamsFaDataType = 1 | 2 | 3;

/** Subscribe to chosen values of all accounts or of a group. TWS serves two of these subscriptions at a time. */
export interface ReqAccountSummaryParams {
  /** `All`, or an advisor's account group. */
  group: string;
  /** Kinds of values, comma-separated, such as `NetLiquidation,BuyingPower`. `$LEDGER:ALL` is cash by currency. */
  tags: string;
}

/** Subscribe to the values of an account or model. */
export interface ReqAccountUpdatesMultiParams {
  /** Account. */
  account?: string;
  /** Only data of this model. */
  modelCode?: string;
  /** True: only cash balances and net liquidation value. */
  ledgerAndNLV?: boolean;
}

/**
 * Subscribe to the values and the portfolio of one account, or end this subscription. TWS serves one account at a time
 * for the whole connection.
 */
export interface ReqAccountUpdatesParams {
  /** True: begin the subscription. False: end it. */
  subscribe: boolean;
  /** Account. Not needed if the login has only one. */
  acctCode?: string;
}

/**
 * List all open orders of the account, from every client and from TWS. TWS sends the list once, without later changes.
 */
export type ReqAllOpenOrdersParams = Record<string, never>;

/** Bind orders placed in TWS to this client from now on. TWS allows this only to client ID 0. */
export interface ReqAutoOpenOrdersParams {
  /** True: bind these orders from now on. False: stop. */
  autoBind: boolean;
}

/** List the orders of the day that were filled or cancelled. */
export interface ReqCompletedOrdersParams {
  /** Omit orders that were placed in TWS. */
  apiOnly?: boolean;
}

/** Ask for the settings of TWS. */
export type ReqConfigParams = Record<string, never>;

/** Ask for all instruments that match a description, with their details. */
export interface ReqContractDetailsParams {
  contract: ContractInput;
}

/** Ask for the time of TWS, in milliseconds. */
export type ReqCurrentTimeInMillisParams = Record<string, never>;

/** Ask for the time of TWS. */
export type ReqCurrentTimeParams = Record<string, never>;

/** List executions, each with its commission report if TWS has it. */
export interface ReqExecutionsParams {
  executionFilter?: ExecutionFilterInput;
}

/** Ask for the accounts of the login and their families. */
export type ReqFamilyCodesParams = Record<string, never>;

/** Cancel all open orders of the account, from every client and from TWS. */
export interface ReqGlobalCancelParams {
  orderCancel?: OrderCancelInput;
}

/** Ask how far back the history of an instrument goes. */
export interface ReqHeadTimeStampParams {
  contract: ContractInput;
  /** True: use only regular trading hours. */
  useRTH?: boolean;
  /**
   * Kind of data. TRADES: trades; MIDPOINT: midpoints; BID: bids; ASK: asks; BID_ASK: average bid as open, highest ask,
   * lowest bid, average ask as close; ADJUSTED_LAST: trades, adjusted for splits and dividends; HISTORICAL_VOLATILITY:
   * historical volatility; OPTION_IMPLIED_VOLATILITY: implied volatility; FEE_RATE: fee for borrowing; YIELD_BID:
   * yields at the bid; YIELD_ASK: yields at the ask; YIELD_BID_ASK: yields at bid and ask; YIELD_LAST: yields of
   * trades; AGGTRADES: trades of all exchanges (cryptocurrencies).
   */
  whatToShow: "TRADES" | "MIDPOINT" | "BID" | "ASK" | "BID_ASK" | "ADJUSTED_LAST" | "HISTORICAL_VOLATILITY" | "OPTION_IMPLIED_VOLATILITY" | "FEE_RATE" | "YIELD_BID" | "YIELD_ASK" | "YIELD_BID_ASK" | "YIELD_LAST" | "AGGTRADES" | OtherText;
  /** Format of times. 1: text; 2: seconds since 1970 UTC. */
  formatDate?: ReqHeadTimeStampParamsFormatDate;
}

/** Format of times. 1: text; 2: seconds since 1970 UTC. */
export type ReqHeadTimeStampParamsFormatDate = 1 | 2;

/** Ask for the volume traded at each price. */
export interface ReqHistogramDataParams {
  contract: ContractInput;
  /** True: use only regular trading hours. */
  useRTH?: boolean;
  /** Length of the period: a number and a unit, such as `3 days`. */
  timePeriod: string;
}

/**
 * Ask for historical bars, and with keepUpToDate also for updates. TWS limits requests for bars of 30 seconds or less:
 * 60 requests in ten minutes, and no two identical requests within 15 seconds.
 */
export interface ReqHistoricalDataParams {
  contract: ContractInput;
  /** End of the period: `yyyymmdd hh:mm:ss zone` or `yyyymmdd-hh:mm:ss` UTC. Empty: now. */
  endDateTime?: string;
  /**
   * Size of a bar. 1 secs: 1 second; 5 secs: 5 seconds; 10 secs: 10 seconds; 15 secs: 15 seconds; 30 secs: 30 seconds;
   * 1 min: 1 minute; 2 mins: 2 minutes; 3 mins: 3 minutes; 5 mins: 5 minutes; 10 mins: 10 minutes; 15 mins: 15 minutes;
   * 20 mins: 20 minutes; 30 mins: 30 minutes; 1 hour: 1 hour; 2 hours: 2 hours; 3 hours: 3 hours; 4 hours: 4 hours; 8
   * hours: 8 hours; 1 day: 1 day; 1 week: 1 week; 1W: 1 week; 1 month: 1 month; 1M: 1 month.
   */
  barSizeSetting: "1 secs" | "5 secs" | "10 secs" | "15 secs" | "30 secs" | "1 min" | "2 mins" | "3 mins" | "5 mins" | "10 mins" | "15 mins" | "20 mins" | "30 mins" | "1 hour" | "2 hours" | "3 hours" | "4 hours" | "8 hours" | "1 day" | "1 week" | "1W" | "1 month" | "1M" | OtherText;
  /** Length of the period: a number and a unit, `S`, `D`, `W`, `M` or `Y`, such as `1 D`. */
  duration: string;
  /** True: use only regular trading hours. */
  useRTH?: boolean;
  /**
   * Kind of data. TRADES: trades; MIDPOINT: midpoints; BID: bids; ASK: asks; BID_ASK: average bid as open, highest ask,
   * lowest bid, average ask as close; ADJUSTED_LAST: trades, adjusted for splits and dividends; HISTORICAL_VOLATILITY:
   * historical volatility; OPTION_IMPLIED_VOLATILITY: implied volatility; FEE_RATE: fee for borrowing; YIELD_BID:
   * yields at the bid; YIELD_ASK: yields at the ask; YIELD_BID_ASK: yields at bid and ask; YIELD_LAST: yields of
   * trades; AGGTRADES: trades of all exchanges (cryptocurrencies); SCHEDULE: trading sessions, in the answer
   * historicalSchedule.
   */
  whatToShow: "TRADES" | "MIDPOINT" | "BID" | "ASK" | "BID_ASK" | "ADJUSTED_LAST" | "HISTORICAL_VOLATILITY" | "OPTION_IMPLIED_VOLATILITY" | "FEE_RATE" | "YIELD_BID" | "YIELD_ASK" | "YIELD_BID_ASK" | "YIELD_LAST" | "AGGTRADES" | "SCHEDULE" | OtherText;
  /** Format of times. 1: text; 2: seconds since 1970 UTC. */
  formatDate?: ReqHistoricalDataParamsFormatDate;
  /** Send the newest bar each time it changes. endDateTime must be empty. */
  keepUpToDate?: boolean;
  /** More options by tag, for IBKR's internal use. */
  chartOptions?: Record<string, string>;
}

/** Format of times. 1: text; 2: seconds since 1970 UTC. */
export type ReqHistoricalDataParamsFormatDate = 1 | 2;

/** Ask for historical headlines about an instrument. */
export interface ReqHistoricalNewsParams {
  /** Contract ID of the instrument. */
  conId: number;
  /** Codes of news providers, joined by `+`. */
  providerCodes: string;
  /** Headlines after: `yyyy-mm-dd hh:mm:ss`. */
  startDateTime?: string;
  /** Headlines before: `yyyy-mm-dd hh:mm:ss`. */
  endDateTime?: string;
  /** Highest number of headlines, at most 300. */
  totalResults: number;
  /** More options by tag, for IBKR's internal use. */
  historicalNewsOptions?: Record<string, string>;
}

/** Ask for historical ticks. whatToShow decides the kind of the answer: TRADES, MIDPOINT or BID_ASK. */
export interface ReqHistoricalTicksParams {
  contract: ContractInput;
  /** Start of the period: `yyyymmdd hh:mm:ss zone` or `yyyymmdd-hh:mm:ss` UTC. Set either this or endDateTime. */
  startDateTime?: string;
  /** End, in the same format. */
  endDateTime?: string;
  /** Number of ticks, at most 1000. */
  numberOfTicks: number;
  /** Kind of data. TRADES: trades; MIDPOINT: midpoints; BID_ASK: bids and asks. */
  whatToShow: "TRADES" | "MIDPOINT" | "BID_ASK" | OtherText;
  /** True: use only regular trading hours. */
  useRTH?: boolean;
  /** For BID_ASK only: omit ticks that change only a size. */
  ignoreSize?: boolean;
  /** More options by tag, for IBKR's internal use. */
  miscOptions?: Record<string, string>;
}

/** Ask for the next order ID. */
export interface ReqIdsParams {
  /** Not used any more: TWS sends one ID. */
  numIds?: number;
}

/** Ask for the accounts of the login. */
export type ReqManagedAcctsParams = Record<string, never>;

/** Choose live, frozen or delayed data for all later market data requests of the whole connection. */
export interface ReqMarketDataTypeParams {
  /** Kind of data. 1: live; 2: frozen: as of the close; 3: delayed by 15 to 20 minutes; 4: delayed and frozen. */
  marketDataType: ReqMarketDataTypeParamsMarketDataType;
}

/** Kind of data. 1: live; 2: frozen: as of the close; 3: delayed by 15 to 20 minutes; 4: delayed and frozen. */
export type ReqMarketDataTypeParamsMarketDataType = 1 | 2 | 3 | 4;

/** Ask for the price steps of a market rule. contractDetails names the rules. */
export interface ReqMarketRuleParams {
  /** Number of the rule, from marketRuleIds of contractDetails. */
  marketRuleId: number;
}

/** Search instruments by symbol or name, at most once a second. */
export interface ReqMatchingSymbolsParams {
  /** Start of a symbol, or part of a company's name. */
  pattern: string;
}

/** Subscribe to ticks of an instrument, or ask for one snapshot. */
export interface ReqMktDataParams {
  contract: ContractInput;
  /** Numbers of generic tick types, comma-separated, such as `233,236`. Not allowed with a snapshot. */
  genericTickList?: string;
  /** Send the current values once, then tickSnapshotEnd, after at most 11 seconds. */
  snapshot?: boolean;
  /** Send a snapshot of the best US quote. Each one costs money. */
  regulatorySnapshot?: boolean;
  /** More options by tag, for IBKR's internal use. */
  marketDataOptions?: Record<string, string>;
  /**
   * Name of the request, which the client chooses. The bridge sends one request for a key. Default: the request's ID.
   */
  onceKey?: string;
}

/** Ask which exchanges offer market depth. */
export type ReqMktDepthExchangesParams = Record<string, never>;

/** Subscribe to an order book. TWS serves three at a time, or more for a login with more market data lines. */
export interface ReqMktDepthParams {
  contract: ContractInput;
  /** Rows on each side. */
  numRows: number;
  /** Combine the books of several exchanges. */
  isSmartDepth?: boolean;
  /** More options by tag, for IBKR's internal use. */
  marketDepthOptions?: Record<string, string>;
}

/** Ask for the text of an article. */
export interface ReqNewsArticleParams {
  /** Source. */
  providerCode: string;
  /** ID of the article. */
  articleId: string;
  /** More options by tag, for IBKR's internal use. */
  newsArticleOptions?: Record<string, string>;
}

/** Subscribe to IBKR's bulletins. */
export interface ReqNewsBulletinsParams {
  /** True: also send today's earlier bulletins. */
  allMessages: boolean;
}

/** Ask for the news providers that the login may read. */
export type ReqNewsProvidersParams = Record<string, never>;

/** List the open orders of this client ID. For client ID 0 the list also has the orders placed in TWS. */
export type ReqOpenOrdersParams = Record<string, never>;

/** Subscribe to profit and loss of an account. */
export interface ReqPnLParams {
  /** Account. */
  account: string;
  /** Only data of this model. */
  modelCode?: string;
}

/** Subscribe to profit and loss of one position. */
export interface ReqPnLSingleParams {
  /** Account. */
  account: string;
  /** Only data of this model. */
  modelCode?: string;
  /** Contract ID of the position. */
  conId: number;
}

/** Subscribe to the positions of an account or model. */
export interface ReqPositionsMultiParams {
  /** Account, or an advisor's account group. */
  account?: string;
  /** Only data of this model. */
  modelCode?: string;
}

/** Subscribe to the positions of all accounts. */
export type ReqPositionsParams = Record<string, never>;

/** Subscribe to bars of five seconds. */
export interface ReqRealTimeBarsParams {
  contract: ContractInput;
  /** Length of a bar in seconds. TWS takes only 5. */
  barSize?: number;
  /** Kind of data. TRADES: trades; MIDPOINT: midpoints; BID: bids; ASK: asks. */
  whatToShow: ReqRealTimeBarsParamsWhatToShow;
  /** True: use only regular trading hours. */
  useRTH?: boolean;
  /** More options by tag, for IBKR's internal use. */
  realTimeBarsOptions?: Record<string, string>;
}

/** Kind of data. TRADES: trades; MIDPOINT: midpoints; BID: bids; ASK: asks. */
export type ReqRealTimeBarsParamsWhatToShow = "TRADES" | "MIDPOINT" | "BID" | "ASK";

/** Ask for everything that a scan can use. */
export type ReqScannerParametersParams = Record<string, never>;

/** Subscribe to a scan. TWS serves ten scans at a time. */
export interface ReqScannerSubscriptionParams {
  scannerSubscription: ScannerSubscriptionInput;
}

/** Ask for the option chains of an underlying: expirations and strikes by exchange and class. */
export interface ReqSecDefOptParamsParams {
  /** Symbol of the underlying. */
  underlyingSymbol: string;
  /** Exchange of the options on a future; empty for all other options. */
  futFopExchange?: string;
  /** Kind of the underlying. */
  underlyingSecType: string;
  /** Contract ID of the underlying. */
  underlyingConId: number;
}

/** Ask for the exchanges that the letters in exchange ticks stand for. */
export interface ReqSmartComponentsParams {
  /** Exchange map, from tickReqParams. */
  bboExchange: string;
}

/** Ask for the commission tiers of the login. */
export type ReqSoftDollarTiersParams = Record<string, never>;

/**
 * Subscribe to every tick of an instrument. Unlike with reqMktData, TWS omits none. With numberOfTicks, TWS first sends
 * historical ticks, as in the answers to reqHistoricalTicks.
 */
export interface ReqTickByTickDataParams {
  contract: ContractInput;
  /**
   * Kind of ticks. Last: trades; AllLast: trades, including combinations and similar trades; BidAsk: bids and asks;
   * MidPoint: midpoints.
   */
  tickType: ReqTickByTickDataParamsTickType;
  /** Number of historical ticks that TWS sends first. 0: none. */
  numberOfTicks?: number;
  /** For BidAsk only: omit ticks that change only a size. */
  ignoreSize?: boolean;
}

/**
 * Kind of ticks. Last: trades; AllLast: trades, including combinations and similar trades; BidAsk: bids and asks;
 * MidPoint: midpoints.
 */
export type ReqTickByTickDataParamsTickType = "Last" | "AllLast" | "BidAsk" | "MidPoint";

/** Ask for information about the login. */
export type ReqUserInfoParams = Record<string, never>;

/**
 * Ask for corporate events from the Wall Street Horizon calendar, by instrument or by filter. The client must send
 * reqWshMetaData first.
 */
export interface ReqWshEventDataParams {
  /** Contract ID of the instrument. Alternative to filter. */
  conId?: number;
  /** Event types and conditions, as JSON. Alternative to conId. */
  filter?: string;
  /** Add the instruments of the watch list. */
  fillWatchlist?: boolean;
  /** Add the instruments of the portfolio. */
  fillPortfolio?: boolean;
  /** Add the competitors of the instruments. */
  fillCompetitors?: boolean;
  /** First day of the events: yyyymmdd. */
  startDate?: string;
  /** Last day of the events: yyyymmdd. */
  endDate?: string;
  /** Highest number of events, at most 100. */
  totalLimit?: number;
}

/** Ask for the event types and filters of the Wall Street Horizon calendar. */
export type ReqWshMetaDataParams = Record<string, never>;

/** Ask for one part of the advisor's configuration. */
export interface RequestFAParams {
  /**
   * Part of the configuration. From server version 177 on, TWS refuses 2 (profiles). 1: groups; 2: profiles (below
   * server version 177); 3: aliases of accounts.
   */
  faDataType: RequestFAParamsFaDataType;
}

/**
 * Part of the configuration. From server version 177 on, TWS refuses 2 (profiles). 1: groups; 2: profiles (below server
 * version 177); 3: aliases of accounts.
 */
export type RequestFAParamsFaDataType = 1 | 2 | 3;

/** The terms of a scan. An absent field does not filter. */
export interface ScannerSubscriptionInput {
  /** Highest number of rows. -1: TWS's limit, which is 50. */
  numberOfRows?: number;
  /** Kind of instrument, from scannerParameters, such as `STK`. */
  instrument?: string;
  /** Location, from scannerParameters, such as `STK.US.MAJOR`. */
  locationCode?: string;
  /** Scan code, from scannerParameters, such as `TOP_PERC_GAIN`. It decides the rank. */
  scanCode?: string;
  /** Only instruments above this price. */
  abovePrice?: number;
  /** Only instruments below this price. */
  belowPrice?: number;
  /** Only instruments above this volume. */
  aboveVolume?: Int64;
  /** Only instruments above this market capitalization. */
  marketCapAbove?: number;
  /** Only instruments below this market capitalization. */
  marketCapBelow?: number;
  /** Only instruments above this Moody's rating. */
  moodyRatingAbove?: string;
  /** Only instruments below this Moody's rating. */
  moodyRatingBelow?: string;
  /** Only instruments above this S&P rating. */
  spRatingAbove?: string;
  /** Only instruments below this S&P rating. */
  spRatingBelow?: string;
  /** Only bonds that mature after this day: yyyymmdd. */
  maturityDateAbove?: string;
  /** Only bonds that mature before this day: yyyymmdd. */
  maturityDateBelow?: string;
  /** Only bonds with a coupon above this rate, in percent. */
  couponRateAbove?: number;
  /** Only bonds with a coupon below this rate, in percent. */
  couponRateBelow?: number;
  /** Omit convertible bonds. */
  excludeConvertible?: boolean;
  /** Only instruments above this average option volume. */
  averageOptionVolumeAbove?: Int64;
  /** Settings of the scan, as text. */
  scannerSettingPairs?: string;
  /** Kind of stock: ALL, STOCK, ETF and others. */
  stockTypeFilter?: string;
  /** Filters by tag, from scannerParameters. */
  scannerSubscriptionFilterOptions?: Record<string, string>;
  /** More options by tag, for IBKR's internal use. */
  scannerSubscriptionOptions?: Record<string, string>;
}

/** The topics whose numbers the client needs. */
export interface SequencesParams {
  /** What the topics begin with. Empty: all topics that the client may hear. */
  prefix: string;
}

/** Choose how much TWS writes to its API log. */
export interface SetServerLogLevelParams {
  /** Log level. 1: system; 2: errors; 3: warnings; 4: information; 5: detail. */
  logLevel: SetServerLogLevelParamsLogLevel;
}

/** Log level. 1: system; 2: errors; 3: warnings; 4: information; 5: detail. */
export type SetServerLogLevelParamsLogLevel = 1 | 2 | 3 | 4 | 5;

/** The topics whose last values the client needs. */
export interface SnapshotParams {
  /** What the topics begin with. Empty: all topics that the client may hear. */
  prefix: string;
  /** The bridge publishes a marker on `sync.<nonce>`, with no event in between. */
  nonce?: string;
}

/** A commission tier that an advisor or institution agreed with IBKR. */
export interface SoftDollarTierInput {
  /** Name of the tier. */
  name?: string;
  /** Value of the tier in orders. */
  value?: string;
  /** Name that TWS shows. */
  displayName?: string;
}

/** Subscribe to the instrument that a display group shows. */
export interface SubscribeToGroupEventsParams {
  /** Number of the group. */
  groupId: number;
}

/** Change settings of TWS. Settings that are absent stay unchanged. */
export interface UpdateConfigParams {
  lockAndExit?: LockAndExitConfigInput;
  /** Settings for messages of TWS, and for the answers to them. */
  messages?: MessageConfigInput[];
  api?: ApiConfigInput;
  orders?: OrdersConfigInput;
  /** Warnings of an earlier attempt that the client accepts now. */
  acceptedWarnings?: UpdateConfigWarningInput[];
  /** Restart the order IDs of the API. */
  resetAPIOrderSequence?: boolean;
  /**
   * Name of the request, which the client chooses. The bridge sends one request for a key. Default: the request's ID.
   */
  onceKey?: string;
}

/** A warning about a change of settings, or a warning that the client accepts. */
export interface UpdateConfigWarningInput {
  /** Number of the warning. */
  messageId?: number;
  /** Title of the warning. */
  title?: string;
  /** Text of the warning. */
  message?: string;
}

/** Make a display group show an instrument. TWS confirms with displayGroupUpdated. */
export interface UpdateDisplayGroupParams {
  /** Instrument to show: `conId@exchange`, or `none`. */
  contractInfo: string;
  /** Name of the client's stream that the request concerns. Needed if it holds several. */
  stream?: string;
}

/** What each event has beside its name and its fields. */
export interface Envelope {
  /** When the bridge read the bytes from TWS: ns since 1970 UTC. */
  ts: Nanoseconds;
  /**
   * Number of the event on its topic, within one epoch. The numbers have no gaps: a missing number is a lost event.
   * They start at 1, or after the floor that `snapshot` and `sequences` return. Absent in the order log.
   */
  seq?: number;
  /** Topic on which the bridge publishes the event. */
  topic: string;
  /** Order events only: number of the event in the owner's order log. */
  n?: number;
  /** Request events only: ID of the request. */
  re?: string;
  /** True: the bridge requested the data from TWS again, so this event may be a repeat. Absent otherwise. */
  replayed?: boolean;
  /**
   * In a snapshot. True: the value may be out of date, because TWS does not serve the stream now, or may not serve it,
   * and has not sent the value again. Absent otherwise.
   */
  stale?: boolean;
  /** In a snapshot: when the value became stale, in ns since 1970 UTC. Absent if it is not stale. */
  staleSince?: Nanoseconds;
  /** Version of this contract. Live events only: elsewhere the reply has it. */
  v?: 1;
  /**
   * Name of the bridge's run. It is new each time the bridge starts, and `seq` then starts again. Live events only:
   * elsewhere the result has it.
   */
  epoch?: string;
}

/** An admin has abandoned this order without proof that TWS never had it. */
export interface AbandonedData {
  /** Number of the order at TWS. Absent if it was cancelled before it got one. */
  orderId?: number;
  /** Key of the order. */
  orderKey: string;
  /**
   * The state of an order. docs/reference/order-states.md has the whole table. queued: The bridge has accepted the
   * order. It is not on disk yet, and the bridge has not sent it; sent: The order is on disk, and the bridge may have
   * sent it. TWS has not answered yet; acknowledged: TWS has the order, and the order is working; inactive: TWS holds
   * the order and does not work it. TWS may work it later: cancel it before you place another order in its place;
   * unknown: The order may be working, or may have been executed. Never place it again with another key. `reason` says
   * what is missing; notFound: The bridge has proof that TWS never had the order. No other order can use its key until
   * `abandon`; filled: The order is executed in full; cancelled: The order has ended. `filled` is the executed
   * quantity, and is final when `fillsFinal` is true; rejected: TWS rejected the order with an error; abandoned: A
   * client has abandoned the order. Its key is free; unsent: The bridge never sent the order. Its key is free.
   */
  state: OrderStage;
  /** IBKR's permanent number of the order. Absent until TWS sends it. */
  permId?: string;
  /** Status that TWS last sent. Absent until TWS sends one. */
  status?: string;
  /** Executed quantity: the larger of TWS's figure and the sum of the executions. Absent if nothing is executed. */
  filled?: Decimal;
  /** For a filled or cancelled order: whether `filled` is final. Place the rest with another key only if it is true. */
  fillsFinal?: boolean;
  /** For an unknown order: when it was placed, in ns since 1970 UTC. */
  sentAt?: Nanoseconds;
  /** In the answer to a cancel. True: the order had already ended. */
  alreadyEnded?: boolean;
  /** Revision of the newest change. Absent if the order was never changed. */
  revision?: number;
  /**
   * State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on disk
   * yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know whether TWS
   * made the change; refused: TWS refused the change; notApplied: TWS has the order without the change; orderEnded: the
   * order ended before TWS showed the change.
   */
  change?: AbandonedDataChange;
  /** Who abandoned the order, as text for people. */
  reason: string;
  /** Client that abandoned the order. */
  by: string;
}

/**
 * State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on disk
 * yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know whether TWS made
 * the change; refused: TWS refused the change; notApplied: TWS has the order without the change; orderEnded: the order
 * ended before TWS showed the change.
 */
export type AbandonedDataChange =
  | "queued"
  | "sent"
  | "unknown"
  | "refused"
  | "notApplied"
  | "orderEnded"
  | OtherText;

/** An admin has abandoned this order without proof that TWS never had it. */
export interface AbandonedEvent extends Envelope {
  event: "abandoned";
  data: AbandonedData;
}

/** TWS has sent the whole account. Only changes follow. */
export interface AccountDownloadEndData {
  /** Account. */
  accountName?: string;
}

/** TWS has sent the whole account. Only changes follow. */
export interface AccountDownloadEndEvent extends Envelope {
  event: "accountDownloadEnd";
  data: AccountDownloadEndData;
}

export interface AccountDownloadEndPart {
  event: "accountDownloadEnd";
  data: AccountDownloadEndData;
}

/** One value of an account summary. */
export interface AccountSummaryData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Account. */
  account?: string;
  /** Kind of value. */
  tag?: string;
  /** The value, as text. */
  value?: string;
  /** Currency of the value. Empty if it has none. */
  currency?: string;
}

/** TWS has sent the whole summary. Changes follow every few minutes. */
export interface AccountSummaryEndData {
  /** ID of the request that this message answers. */
  reqId: number;
}

/** TWS has sent the whole summary. Changes follow every few minutes. */
export interface AccountSummaryEndEvent extends Envelope {
  event: "accountSummaryEnd";
  data: AccountSummaryEndData;
}

export interface AccountSummaryEndPart {
  event: "accountSummaryEnd";
  data: AccountSummaryEndData;
}

/** One value of an account summary. */
export interface AccountSummaryEvent extends Envelope {
  event: "accountSummary";
  data: AccountSummaryData;
}

export interface AccountSummaryPart {
  event: "accountSummary";
  data: AccountSummaryData;
}

/** One value of an account or model. */
export interface AccountUpdateMultiData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Account. */
  account?: string;
  /** Model. */
  modelCode?: string;
  /** Kind of value. */
  key?: string;
  /** The value, as text. */
  value?: string;
  /** Currency of the value. Empty if it has none. */
  currency?: string;
}

/** TWS has sent all values. Only changes follow. */
export interface AccountUpdateMultiEndData {
  /** ID of the request that this message answers. */
  reqId: number;
}

/** TWS has sent all values. Only changes follow. */
export interface AccountUpdateMultiEndEvent extends Envelope {
  event: "accountUpdateMultiEnd";
  data: AccountUpdateMultiEndData;
}

export interface AccountUpdateMultiEndPart {
  event: "accountUpdateMultiEnd";
  data: AccountUpdateMultiEndData;
}

/** One value of an account or model. */
export interface AccountUpdateMultiEvent extends Envelope {
  event: "accountUpdateMulti";
  data: AccountUpdateMultiData;
}

export interface AccountUpdateMultiPart {
  event: "accountUpdateMulti";
  data: AccountUpdateMultiData;
}

/** The client may not use the account, or the request does not make clear which account it means. */
export interface AccountsRule {
  rule: "accounts";
  /** The account. Absent if the request names none. */
  account?: string;
}

/** The API part of the TWS settings. */
export interface ApiConfig {
  precautions?: ApiPrecautionsConfig;
  settings?: ApiSettingsConfig;
}

/** API settings: the warnings on orders that TWS skips without asking a person. */
export interface ApiPrecautionsConfig {
  /** Skip the precautionary limits on orders. */
  bypassOrderPrecautions?: boolean;
  /** Skip the warning about bonds. */
  bypassBondWarning?: boolean;
  /** Skip the question about a negative yield to worst. */
  bypassNegativeYieldConfirmation?: boolean;
  /** Skip the warning about called bonds. */
  bypassCalledBondWarning?: boolean;
  /** Skip the warning about pair trades with the same side twice. */
  bypassSameActionPairTradeWarning?: boolean;
  /** Skip the warning about flagged accounts. */
  bypassFlaggedAccountsWarning?: boolean;
  /** Skip the warning about the risk of price-based volatility orders. */
  bypassPriceBasedVolatilityWarning?: boolean;
  /** Skip the warning that an order is redirected. */
  bypassRedirectOrderWarning?: boolean;
  /** Skip the warning that an order has no overfill protection. */
  bypassNoOverfillProtection?: boolean;
  /** Skip the warning about routing marketable orders to the best quote. */
  bypassRouteMarketableToBBO?: boolean;
}

/** API settings: the socket, and the data that TWS sends over it. The names are those of TWS's settings window. */
export interface ApiSettingsConfig {
  /** Refuse orders from the API. */
  readOnlyApi?: boolean;
  /** Accept a total quantity in orders for mutual funds. */
  totalQuantityForMutualFunds?: boolean;
  /** Send open orders when a client connects. */
  downloadOpenOrdersOnConnection?: boolean;
  /** Include virtual currency positions. */
  includeVirtualFxPositions?: boolean;
  /** Compute daily profit and loss. */
  prepareDailyPnL?: boolean;
  /** Send status updates for volatility orders. */
  sendStatusUpdatesForVolatilityOrders?: boolean;
  /** Encoding of API messages. */
  encodeApiMessages?: string;
  /** TCP port of the API. */
  socketPort?: number;
  /** Use negative numbers for orders bound automatically. */
  useNegativeAutoRange?: boolean;
  /** Write a log file of API messages. */
  createApiMessageLogFile?: boolean;
  /** Include market data in that log file. */
  includeMarketDataInLogFile?: boolean;
  /** Send the trading schedule to the API. */
  exposeTradingScheduleToApi?: boolean;
  /** Show insured deposits apart from cash. */
  splitInsuredDepositFromCashBalance?: boolean;
  /** Send positions of zero only if they were closed today. */
  sendZeroPositionsForTodayOnly?: boolean;
  /** Let account requests of the API take over a subscription. */
  letApiAccountRequestsSwitchSubscription?: boolean;
  /** Advisors: use account groups with allocation methods. */
  useAccountGroupsWithAllocationMethods?: boolean;
  /** Level of detail of the log. */
  loggingLevel?: string;
  /** Client ID that gets the orders of all clients. */
  masterClientId?: number;
  /** Time-out of large transfers. */
  bulkDataTimeout?: number;
  /** Separator of component exchanges. */
  componentExchSeparator?: string;
  /** Quote currencies in tenths of a pip. */
  showForexDataIn1_10Pips?: boolean;
  /** Trade currencies in tenths of a pip. */
  allowForexTradingIn1_10Pips?: boolean;
  /** Round account values to whole numbers. */
  roundAccountValuesToNearestWholeNumber?: boolean;
  /** Give sizes of US stocks in lots. */
  sendMarketDataInLotsForUsStocks?: boolean;
  /** Show advanced order rejects in the window. */
  showAdvancedOrderRejectInUi?: boolean;
  /** Refuse messages above the maximal rate, instead of delaying them. */
  rejectMessagesAboveMaxRate?: boolean;
  /** Keep the connection when a message has wrong fields. */
  maintainConnectionOnIncorrectFields?: boolean;
  /** Call NASDAQ `ISLAND`, as older versions do. */
  compatibilityModeNasdaqStocks?: boolean;
  /** Time zone in which TWS sends times of an instrument. */
  sendInstrumentTimezone?: string;
  /** Send currency data as older versions do. */
  sendForexDataInCompatibilityMode?: boolean;
  /** Keep orders and submit them again after a reconnect. */
  maintainAndResubmitOrdersOnReconnect?: boolean;
  /** Largest size of a historical data answer. */
  historicalDataMaxSize?: number;
  /** Report netting trades of event contracts automatically. */
  autoReportNettingEventContractTrades?: boolean;
  /** Kind of option exercise requests. */
  optionExerciseRequestType?: string;
  /** Accept connections from this machine only. */
  allowLocalhostOnly?: boolean;
  /** Addresses from which TWS accepts connections without asking. */
  trustedIPs?: string[];
}

/** Stop-loss and profit-taking orders that TWS adds to the order, by its own presets. */
export interface AttachedOrders {
  /** Order ID for the stop-loss order. */
  slOrderId?: number;
  /** Order type of the stop-loss order; `PRESET` takes TWS's preset. */
  slOrderType?: string;
  /** Order ID for the profit-taking order. */
  ptOrderId?: number;
  /** Order type of the profit-taking order; `PRESET` takes TWS's preset. */
  ptOrderType?: string;
}

/** The answer to `awaitOrder`. */
export interface AwaitedOrder {
  /** Number of the order at TWS. Absent if it was cancelled before it got one. */
  orderId?: number;
  /** Key of the order. */
  orderKey: string;
  /**
   * The state of an order. docs/reference/order-states.md has the whole table. queued: The bridge has accepted the
   * order. It is not on disk yet, and the bridge has not sent it; sent: The order is on disk, and the bridge may have
   * sent it. TWS has not answered yet; acknowledged: TWS has the order, and the order is working; inactive: TWS holds
   * the order and does not work it. TWS may work it later: cancel it before you place another order in its place;
   * unknown: The order may be working, or may have been executed. Never place it again with another key. `reason` says
   * what is missing; notFound: The bridge has proof that TWS never had the order. No other order can use its key until
   * `abandon`; filled: The order is executed in full; cancelled: The order has ended. `filled` is the executed
   * quantity, and is final when `fillsFinal` is true; rejected: TWS rejected the order with an error; abandoned: A
   * client has abandoned the order. Its key is free; unsent: The bridge never sent the order. Its key is free.
   */
  state: OrderStage;
  /** IBKR's permanent number of the order. Absent until TWS sends it. */
  permId?: string;
  /** Status that TWS last sent. Absent until TWS sends one. */
  status?: string;
  /** Executed quantity: the larger of TWS's figure and the sum of the executions. Absent if nothing is executed. */
  filled?: Decimal;
  /** For a filled or cancelled order: whether `filled` is final. Place the rest with another key only if it is true. */
  fillsFinal?: boolean;
  /** For an unknown order: when it was placed, in ns since 1970 UTC. */
  sentAt?: Nanoseconds;
  /** In the answer to a cancel. True: the order had already ended. */
  alreadyEnded?: boolean;
  /** Revision of the newest change. Absent if the order was never changed. */
  revision?: number;
  /**
   * State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on disk
   * yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know whether TWS
   * made the change; refused: TWS refused the change; notApplied: TWS has the order without the change; orderEnded: the
   * order ended before TWS showed the change.
   */
  change?: AwaitedOrderChange;
  /** For an unknown order: what is missing, as text for people. */
  reason?: string;
  position?: OrderPosition;
  /** Whether the order reached the state in time. */
  reached: boolean;
}

/**
 * State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on disk
 * yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know whether TWS made
 * the change; refused: TWS refused the change; notApplied: TWS has the order without the change; orderEnded: the order
 * ended before TWS showed the change.
 */
export type AwaitedOrderChange =
  | "queued"
  | "sent"
  | "unknown"
  | "refused"
  | "notApplied"
  | "orderEnded"
  | OtherText;

/** A bond that matches, with its details. */
export interface BondContractDetailsData {
  /** ID of the request that this message answers. */
  reqId: number;
  contract?: Contract;
  contractDetails?: ContractDetails;
}

/** A bond that matches, with its details. */
export interface BondContractDetailsEvent extends Envelope {
  event: "bondContractDetails";
  data: BondContractDetailsData;
}

export interface BondContractDetailsPart {
  event: "bondContractDetails";
  data: BondContractDetailsData;
}

/** The bound that is reached. */
export interface BoundFacts {
  /**
   * What is bounded. openRequests: requests that have no final reply yet; openRequestBytes: bytes in these requests;
   * clients: clients that sent a request within their lease; streams: subscriptions at TWS; orderLogReads: reads of the
   * order log under way; reloads: requests to reload the configuration under way; requestBytes: bytes of one request;
   * snapshotEvents: events in one reply to `snapshot`; newInstances: new instances in a minute.
   */
  bound: BoundFactsBound;
  /** The highest number. Of most things one client may have half. */
  most: number;
}

/**
 * What is bounded. openRequests: requests that have no final reply yet; openRequestBytes: bytes in these requests;
 * clients: clients that sent a request within their lease; streams: subscriptions at TWS; orderLogReads: reads of the
 * order log under way; reloads: requests to reload the configuration under way; requestBytes: bytes of one request;
 * snapshotEvents: events in one reply to `snapshot`; newInstances: new instances in a minute.
 */
export type BoundFactsBound =
  | "openRequests"
  | "openRequestBytes"
  | "clients"
  | "streams"
  | "orderLogReads"
  | "reloads"
  | "requestBytes"
  | "snapshotEvents"
  | "newInstances"
  | OtherText;

/** What the bridge has kept of TWS's answers, and what that has saved since its start. */
export interface CacheState {
  /** True: the bridge keeps answers (setting `cache_size`). */
  enabled: boolean;
  /** Number of requests that the cache answered. */
  hits: number;
  /** Number of requests that the cache could not answer. */
  misses: number;
  /** Number of requests that joined an equal one at TWS. */
  shared: number;
  /** Number of series of historical bars in memory. */
  series: number;
  /** Number of historical bars in memory. */
  bars: number;
  /** Bytes that the entries of the cache file take. Absent if there is no file. */
  size?: number;
  /** Bytes that they may take. Absent if there is no file. */
  limit?: number;
  /** Number of entries of the cache file. Absent if there is no file. */
  entries?: number;
}

/** The result of cancelMine. */
export interface CancelMineResult {
  /** Keys of the orders that the bridge cancels. */
  orderKeys: string[];
}

/** The answer to a request that ends another open request of the client. */
export interface Cancelled {
  /** ID of the request that has ended. */
  cancelled: string;
}

/** Details of the error cancelled. */
export interface CancelledErrorData {
  /** Number of the order at TWS. Absent if it was cancelled before it got one. */
  orderId?: number;
  /** Key of the order. */
  orderKey?: string;
  /**
   * The state of an order. docs/reference/order-states.md has the whole table. queued: The bridge has accepted the
   * order. It is not on disk yet, and the bridge has not sent it; sent: The order is on disk, and the bridge may have
   * sent it. TWS has not answered yet; acknowledged: TWS has the order, and the order is working; inactive: TWS holds
   * the order and does not work it. TWS may work it later: cancel it before you place another order in its place;
   * unknown: The order may be working, or may have been executed. Never place it again with another key. `reason` says
   * what is missing; notFound: The bridge has proof that TWS never had the order. No other order can use its key until
   * `abandon`; filled: The order is executed in full; cancelled: The order has ended. `filled` is the executed
   * quantity, and is final when `fillsFinal` is true; rejected: TWS rejected the order with an error; abandoned: A
   * client has abandoned the order. Its key is free; unsent: The bridge never sent the order. Its key is free.
   */
  state?: OrderStage;
  /** IBKR's permanent number of the order. Absent until TWS sends it. */
  permId?: string;
  /** Status that TWS last sent. Absent until TWS sends one. */
  status?: string;
  /** Executed quantity: the larger of TWS's figure and the sum of the executions. Absent if nothing is executed. */
  filled?: Decimal;
  /** For a filled or cancelled order: whether `filled` is final. Place the rest with another key only if it is true. */
  fillsFinal?: boolean;
  /** For an unknown order: when it was placed, in ns since 1970 UTC. */
  sentAt?: Nanoseconds;
  /** In the answer to a cancel. True: the order had already ended. */
  alreadyEnded?: boolean;
  /** Revision of the newest change. Absent if the order was never changed. */
  revision?: number;
  /**
   * State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on disk
   * yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know whether TWS
   * made the change; refused: TWS refused the change; notApplied: TWS has the order without the change; orderEnded: the
   * order ended before TWS showed the change.
   */
  change?: CancelledErrorDataChange;
  /** For an unknown order: what is missing, as text for people. */
  reason?: string;
  position?: OrderPosition;
  /** State of each order. */
  orders?: OrderFacts[];
}

/**
 * State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on disk
 * yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know whether TWS made
 * the change; refused: TWS refused the change; notApplied: TWS has the order without the change; orderEnded: the order
 * ended before TWS showed the change.
 */
export type CancelledErrorDataChange =
  | "queued"
  | "sent"
  | "unknown"
  | "refused"
  | "notApplied"
  | "orderEnded"
  | OtherText;

/** The contracts that match. */
export interface Candidates {
  /** Contracts, each with the fields that distinguish it from the others. */
  candidates: Contract[];
}

/** A newer run of a client has sent `hello`. The bridge refuses orders of older runs from now on. */
export interface ClientFencedData {
  /** Name of the client. */
  client: string;
  /** `instance` of the newest run. */
  newest: string;
}

/** A newer run of a client has sent `hello`. The bridge refuses orders of older runs from now on. */
export interface ClientFencedEvent extends Envelope {
  event: "clientFenced";
  data: ClientFencedData;
}

/** A client that sent a request within its lease. */
export interface ClientInfo {
  /** Name of the client. */
  client: string;
  /** When the bridge received its first request: ns since 1970 UTC. */
  since: Nanoseconds;
  /** When the bridge received its latest request: ns since 1970 UTC. */
  heard: Nanoseconds;
  /** Number of requests that the client has sent. */
  requests: number;
  /**
   * Number of connections on which the client has sent requests within its lease. A client that has restarted or
   * reconnected counts twice for that time. Absent for a client with an `instance`.
   */
  connections?: number;
  /** `instance` of the run that last sent `hello`. Absent if none has. */
  instance?: string;
  /** Topic prefixes of the streams that the client holds. */
  streams: string[];
}

/** The bridge received a request from a client that is new, or that had sent none for a lease. */
export interface ClientJoinedData {
  /** Name of the client. */
  client: string;
  /** When the request arrived: ns since 1970 UTC. */
  since: Nanoseconds;
}

/** The bridge received a request from a client that is new, or that had sent none for a lease. */
export interface ClientJoinedEvent extends Envelope {
  event: "clientJoined";
  data: ClientJoinedData;
}

/**
 * A client has sent no request for a lease (`hello` returns its length), and is not subscribed to events. The bridge
 * releases its streams. Its orders stay open unless the client's setting `when_lost` says otherwise.
 */
export interface ClientLostData {
  /** Name of the client. */
  client: string;
  /** Names of the streams that the client held. */
  released: string[];
  /** Keys of its orders that the bridge cancels now. Absent if it cancels none. */
  cancelling?: string[];
}

/**
 * A client has sent no request for a lease (`hello` returns its length), and is not subscribed to events. The bridge
 * releases its streams. Its orders stay open unless the client's setting `when_lost` says otherwise.
 */
export interface ClientLostEvent extends Envelope {
  event: "clientLost";
  data: ClientLostData;
}

/**
 * A client has sent no request for a lease, but is subscribed to events. It keeps its streams. Its orders stay open
 * unless the client's setting `when_lost` says otherwise.
 */
export interface ClientSilentData {
  /** Name of the client. */
  client: string;
  /** Keys of its orders that the bridge cancels now. Absent if it cancels none. */
  cancelling?: string[];
}

/**
 * A client has sent no request for a lease, but is subscribed to events. It keeps its streams. Its orders stay open
 * unless the client's setting `when_lost` says otherwise.
 */
export interface ClientSilentEvent extends Envelope {
  event: "clientSilent";
  data: ClientSilentData;
}

/** The configuration does not have the client. */
export interface ClientsRule {
  rule: "clients";
}

/** One leg of a combination. */
export interface ComboLeg {
  /** Contract ID of the leg. */
  conId?: number;
  /** Number of units of the leg in one unit of the combination. */
  ratio?: number;
  /** Side of the leg when the combination is bought. BUY: buy; SELL: sell; SSHORT: sell short (institutions). */
  action?: ComboLegAction;
  /** Exchange of the leg. */
  exchange?: string;
  /** Whether the leg opens or closes a position. 0: same as the combination; 1: opens; 2: closes; 3: unknown. */
  openClose?: number;
  /**
   * Short legs of institutions: source of the shares. 0: does not apply; 1: held by the broker; 2: delivered from
   * elsewhere.
   */
  shortSalesSlot?: number;
  /** Firm that lends the shares. Needed if shortSalesSlot is 2. */
  designatedLocation?: string;
  /** Reason for an exemption from the short-sale price test. -1: none. */
  exemptCode?: number;
  /** Price of this leg, if the order has a price for each leg. */
  perLegPrice?: number;
}

/** Side of the leg when the combination is bought. BUY: buy; SELL: sell; SSHORT: sell short (institutions). */
export type ComboLegAction = "BUY" | "SELL" | "SSHORT" | OtherText;

/** Cost and realized profit of an execution. TWS sends it after execDetails with the same execId. */
export interface CommissionAndFeesReportData {
  /** Execution of this report. */
  execId?: string;
  /** Commission and fees. */
  commissionAndFees?: number;
  /** Currency of the commission and fees. */
  currency?: string;
  /** Profit that the execution realized. Absent if it opened a position. */
  realizedPNL?: number;
  /** Yield of a bond trade. */
  bondYield?: number;
  /** Redemption date for which the yield holds: yyyymmdd. */
  yieldRedemptionDate?: string;
}

/** Cost and realized profit of an execution. TWS sends it after execDetails with the same execId. */
export interface CommissionAndFeesReportEvent extends Envelope {
  event: "commissionAndFeesReport";
  data: CommissionAndFeesReportData;
}

export interface CommissionAndFeesReportPart {
  event: "commissionAndFeesReport";
  data: CommissionAndFeesReportData;
}

/** One order that was filled or cancelled. */
export interface CompletedOrderData {
  contract?: Contract;
  order?: Order;
  orderState?: OrderState;
}

/** One order that was filled or cancelled. */
export interface CompletedOrderEvent extends Envelope {
  event: "completedOrder";
  data: CompletedOrderData;
}

export interface CompletedOrderPart {
  event: "completedOrder";
  data: CompletedOrderData;
}

/** TWS has listed all completed orders. */
export interface CompletedOrdersEndData {
}

/** TWS has listed all completed orders. */
export interface CompletedOrdersEndEvent extends Envelope {
  event: "completedOrdersEnd";
  data: CompletedOrdersEndData;
}

export interface CompletedOrdersEndPart {
  event: "completedOrdersEnd";
  data: CompletedOrdersEndData;
}

/** The settings of TWS. */
export interface ConfigResponseData {
  /** ID of the request that this message answers. */
  reqId: number;
  lockAndExit?: LockAndExitConfig;
  /** Settings for messages of TWS, and for the answers to them. */
  messages?: MessageConfig[];
  api?: ApiConfig;
  orders?: OrdersConfig;
}

/** The settings of TWS. */
export interface ConfigResponseEvent extends Envelope {
  event: "configResponse";
  data: ConfigResponseData;
}

export interface ConfigResponsePart {
  event: "configResponse";
  data: ConfigResponseData;
}

/**
 * The bridge has taken over another configuration. A client that the event names may have other rights: `hello` returns
 * its roles. Its connections that were made before hear newly allowed topics after their next subscription.
 */
export interface ConfigurationData {
  /** Names of the settings that have changed. `clients` stands for the clients and their rights. */
  settings: string[];
  /** Names of the clients that are new or gone, or have another key or other rights. */
  clients: string[];
}

/**
 * The bridge has taken over another configuration. A client that the event names may have other rights: `hello` returns
 * its roles. Its connections that were made before hear newly allowed topics after their next subscription.
 */
export interface ConfigurationEvent extends Envelope {
  event: "configuration";
  data: ConfigurationData;
}

/** The mistakes in a configuration. */
export interface ConfigurationProblems {
  /** A line for each mistake, with its place. */
  problems: string[];
}

/**
 * TWS's messages about this order contradict each other: for example, TWS has an order that it did not have before, or
 * several orders with one number. A person must check the order.
 */
export interface ConflictData {
  /** Number of the order at TWS. Absent if it was cancelled before it got one. */
  orderId?: number;
  /** Key of the order. */
  orderKey: string;
  /**
   * The state of an order. docs/reference/order-states.md has the whole table. queued: The bridge has accepted the
   * order. It is not on disk yet, and the bridge has not sent it; sent: The order is on disk, and the bridge may have
   * sent it. TWS has not answered yet; acknowledged: TWS has the order, and the order is working; inactive: TWS holds
   * the order and does not work it. TWS may work it later: cancel it before you place another order in its place;
   * unknown: The order may be working, or may have been executed. Never place it again with another key. `reason` says
   * what is missing; notFound: The bridge has proof that TWS never had the order. No other order can use its key until
   * `abandon`; filled: The order is executed in full; cancelled: The order has ended. `filled` is the executed
   * quantity, and is final when `fillsFinal` is true; rejected: TWS rejected the order with an error; abandoned: A
   * client has abandoned the order. Its key is free; unsent: The bridge never sent the order. Its key is free.
   */
  state: OrderStage;
  /** IBKR's permanent number of the order. Absent until TWS sends it. */
  permId?: string;
  /** Status that TWS last sent. Absent until TWS sends one. */
  status?: string;
  /** Executed quantity: the larger of TWS's figure and the sum of the executions. Absent if nothing is executed. */
  filled?: Decimal;
  /** For a filled or cancelled order: whether `filled` is final. Place the rest with another key only if it is true. */
  fillsFinal?: boolean;
  /** For an unknown order: when it was placed, in ns since 1970 UTC. */
  sentAt?: Nanoseconds;
  /** In the answer to a cancel. True: the order had already ended. */
  alreadyEnded?: boolean;
  /** Revision of the newest change. Absent if the order was never changed. */
  revision?: number;
  /**
   * State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on disk
   * yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know whether TWS
   * made the change; refused: TWS refused the change; notApplied: TWS has the order without the change; orderEnded: the
   * order ended before TWS showed the change.
   */
  change?: ConflictDataChange;
  /** The contradiction, as text for people. */
  reason: string;
}

/**
 * State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on disk
 * yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know whether TWS made
 * the change; refused: TWS refused the change; notApplied: TWS has the order without the change; orderEnded: the order
 * ended before TWS showed the change.
 */
export type ConflictDataChange =
  | "queued"
  | "sent"
  | "unknown"
  | "refused"
  | "notApplied"
  | "orderEnded"
  | OtherText;

/**
 * TWS's messages about this order contradict each other: for example, TWS has an order that it did not have before, or
 * several orders with one number. A person must check the order.
 */
export interface ConflictEvent extends Envelope {
  event: "conflict";
  data: ConflictData;
}

/** The connection to TWS has entered another state, or the reason for its state has changed. */
export interface ConnectionData {
  /** Epoch of the bridge, the same as in the envelope of events. */
  epoch: string;
  /**
   * A state of the connection to TWS. connecting: The bridge is opening the TCP connection; handshaking: The TCP
   * connection is open. TWS has not answered yet; starting: The server version is agreed. The bridge waits for the
   * accounts and the next order ID; ready: TWS is connected to the bridge and to IBKR; degraded: TWS is connected to
   * the bridge, but has reported that it cannot reach IBKR; lost: The connection has ended, or the bridge could not
   * open it; backingOff: The bridge waits before it tries again; stopped: The bridge is stopping.
   */
  state: LinkState;
  /** When the connection entered this state: ns since 1970 UTC. */
  since: Nanoseconds;
  /** The reason, as text for people. Absent if there is none. */
  reason?: string;
  /** Server version of the connection. Absent before TWS has answered. */
  serverVersion?: number;
  /** When the connection began, in TWS's format. Absent before TWS has answered. */
  connectionTime?: string;
  /** Client ID of the bridge at TWS. */
  clientId: number;
  /**
   * Code of TWS's notice, or of the error of IBKR's client libraries, that caused the change. Absent if no code did.
   */
  code?: number;
  /**
   * Name of the planned restart (setting `planned_restarts`) during which the change happened. Absent outside planned
   * restarts.
   */
  planned?: string;
}

/** The connection to TWS has entered another state, or the reason for its state has changed. */
export interface ConnectionEvent extends Envelope {
  event: "connection";
  data: ConnectionData;
}

/** The current state of the connection to TWS. */
export interface ConnectionState {
  /** Epoch of the bridge, the same as in the envelope of events. */
  epoch: string;
  /**
   * A state of the connection to TWS. connecting: The bridge is opening the TCP connection; handshaking: The TCP
   * connection is open. TWS has not answered yet; starting: The server version is agreed. The bridge waits for the
   * accounts and the next order ID; ready: TWS is connected to the bridge and to IBKR; degraded: TWS is connected to
   * the bridge, but has reported that it cannot reach IBKR; lost: The connection has ended, or the bridge could not
   * open it; backingOff: The bridge waits before it tries again; stopped: The bridge is stopping.
   */
  state: LinkState;
  /** When the connection entered this state: ns since 1970 UTC. */
  since: Nanoseconds;
  /** The reason, as text for people. Absent if there is none. */
  reason?: string;
  /** Server version of the connection. Absent before TWS has answered. */
  serverVersion?: number;
  /** When the connection began, in TWS's format. Absent before TWS has answered. */
  connectionTime?: string;
  /** Client ID of the bridge at TWS. */
  clientId: number;
}

/**
 * An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency and the other
 * fields that distinguish it.
 */
export interface Contract {
  /** IBKR's ID of the instrument. It is unique; a request needs only conId and exchange. */
  conId?: number;
  /** Symbol of the instrument, or of its underlying. */
  symbol?: string;
  /**
   * Kind of instrument. STK: stock or ETF; OPT: option; FUT: future; CONTFUT: continuous future (history only);
   * FUT+CONTFUT: futures, and the continuous one; FOP: option on a future; IND: index; CASH: currency pair; CFD:
   * contract for difference; BAG: combination; BOND: bond; BILL: treasury bill; FUND: mutual fund; CMDTY: commodity;
   * WAR: warrant; IOPT: structured product; CRYPTO: cryptocurrency; NEWS: news source; EC: event contract.
   */
  secType?: "STK" | "OPT" | "FUT" | "CONTFUT" | "FUT+CONTFUT" | "FOP" | "IND" | "CASH" | "CFD" | "BAG" | "BOND" | "BILL" | "FUND" | "CMDTY" | "WAR" | "IOPT" | "CRYPTO" | "NEWS" | "EC" | OtherText;
  /**
   * Last trading day (yyyymmdd) or contract month (yyyymm) of a derivative. In protobuf form TWS may add the time and
   * the zone.
   */
  lastTradeDateOrContractMonth?: string;
  /** Strike price of an option. 0: none. */
  strike?: number;
  /** Call or put. C: call; P: put; CALL: call; PUT: put; 0: none. */
  right?: "C" | "P" | "CALL" | "PUT" | "0" | OtherText;
  /** Units of the underlying for one contract. */
  multiplier?: Decimal;
  /** Destination of orders and source of quotes: `SMART` or an exchange. */
  exchange?: string;
  /** Listing exchange. It distinguishes stocks with the same symbol. */
  primaryExch?: string;
  /** Trading currency. */
  currency?: string;
  /** Symbol at the exchange. For derivatives it is the whole code. */
  localSymbol?: string;
  /** Trading class. It distinguishes option series of one underlying. */
  tradingClass?: string;
  /** Kind of the identifier in secId. ISIN: ISIN; CUSIP: CUSIP; SEDOL: SEDOL; RIC: Reuters code; FIGI: FIGI. */
  secIdType?: "ISIN" | "CUSIP" | "SEDOL" | "RIC" | "FIGI" | OtherText;
  /** Identifier by which to find the instrument. */
  secId?: string;
  /** Description of the instrument, as text for people. */
  description?: string;
  /** Issuer of a bond. A request with it returns all bonds of the issuer. */
  issuerId?: string;
  deltaNeutralContract?: DeltaNeutralContract;
  /** Also find expired futures and options. For history and contract details only. */
  includeExpired?: boolean;
  /** Description of the legs, as text for people. */
  comboLegsDescrip?: string;
  /** Legs of a combination (BAG). */
  comboLegs?: ComboLeg[];
  /** Last trading day: yyyymmdd. */
  lastTradeDate?: string;
}

/** An instrument that matches a search, with its kinds of derivatives. */
export interface ContractDescription {
  contract?: Contract;
  /** Kinds of derivatives of the instrument. */
  derivativeSecTypes?: string[];
}

/** Details of an instrument: trading hours, price steps, order types, and the fields of its kind of instrument. */
export interface ContractDetails {
  /** Name of the market. */
  marketName?: string;
  /** Smallest price step on any of its exchanges. Market rules have the steps by price. */
  minTick?: Decimal;
  /** Order types and attributes that the exchange accepts, comma-separated. */
  orderTypes?: string;
  /** Exchanges on which the instrument trades, comma-separated. */
  validExchanges?: string;
  /** Factor between the prices of orders, ticks and history, and the prices of executions and strikes. */
  priceMagnifier?: number;
  /** Contract ID of the underlying. */
  underConId?: number;
  /** Full name. */
  longName?: string;
  /** Contract month: yyyymm. */
  contractMonth?: string;
  /** Industry. */
  industry?: string;
  /** Category within the industry. */
  category?: string;
  /** Subcategory within the category. */
  subcategory?: string;
  /** Time zone of the trading hours. */
  timeZoneId?: string;
  /** Trading hours by day, all sessions: `yyyymmdd:hhmm-yyyymmdd:hhmm;yyyymmdd:CLOSED`. */
  tradingHours?: string;
  /** Regular trading hours by day, in the form of tradingHours. */
  liquidHours?: string;
  /** Economic-value rule: how the price determines the value of a position. */
  evRule?: string;
  /** Economic value of a price unit, by evRule. */
  evMultiplier?: number;
  /** Identifiers by kind, such as ISIN. */
  secIdList?: Record<string, string>;
  /** Group of exchanges whose depth SMART combines. */
  aggGroup?: number;
  /** Symbol of the underlying. */
  underSymbol?: string;
  /** Kind of the underlying. */
  underSecType?: string;
  /** Market rule of each of validExchanges, in their order, comma-separated. */
  marketRuleIds?: string;
  /** Real expiration date: yyyymmdd. */
  realExpirationDate?: string;
  /** Kind of stock, such as COMMON or ETF. */
  stockType?: string;
  /** Smallest order size. */
  minSize?: Decimal;
  /** Step of order sizes. */
  sizeIncrement?: Decimal;
  /** Step of order sizes that TWS suggests. */
  suggestedSizeIncrement?: Decimal;
  /** Funds: name. */
  fundName?: string;
  /** Funds: family. */
  fundFamily?: string;
  /** Funds: type. */
  fundType?: string;
  /** Funds: fee on buying. */
  fundFrontLoad?: string;
  /** Funds: fee on selling. */
  fundBackLoad?: string;
  /** Funds: time after which the fee on selling no longer applies. */
  fundBackLoadTimeInterval?: string;
  /** Funds: yearly fee. */
  fundManagementFee?: string;
  /** Funds: closed. */
  fundClosed?: boolean;
  /** Funds: closed for new investors. */
  fundClosedForNewInvestors?: boolean;
  /** Funds: closed for new money. */
  fundClosedForNewMoney?: boolean;
  /** Funds: amount from which notice is needed. */
  fundNotifyAmount?: string;
  /** Funds: smallest first purchase. */
  fundMinimumInitialPurchase?: string;
  /** Funds: smallest further purchase. */
  fundMinimumSubsequentPurchase?: string;
  /** Funds: US states in which the fund is offered. */
  fundBlueSkyStates?: string;
  /** Funds: US territories in which the fund is offered. */
  fundBlueSkyTerritories?: string;
  /** Funds: whether the fund pays income out. N: accumulates; Y: pays out. */
  fundDistributionPolicyIndicator?: "N" | "Y" | OtherText;
  /**
   * Funds: kind of assets. 000: others; 001: money market; 002: fixed income; 003: several; 004: equity; 005: sector;
   * 006: guaranteed; 007: alternative.
   */
  fundAssetType?: "000" | "001" | "002" | "003" | "004" | "005" | "006" | "007" | OtherText;
  /** Bonds: CUSIP. */
  cusip?: string;
  /** Bonds: day of issue. */
  issueDate?: string;
  /** Bonds: ratings. */
  ratings?: string;
  /** Bonds: type. */
  bondType?: string;
  /** Bonds: coupon in percent. */
  coupon?: number;
  /** Bonds: type of the coupon. */
  couponType?: string;
  /** Bonds: can be converted into stock. */
  convertible?: boolean;
  /** Bonds: the issuer may redeem early. */
  callable?: boolean;
  /** Bonds: the holder may demand early redemption. */
  puttable?: boolean;
  /** Bonds: description, as in TWS. */
  descAppend?: string;
  /** Bonds: day of the next call or put. */
  nextOptionDate?: string;
  /** Bonds: kind of the next option, call or put. */
  nextOptionType?: string;
  /** Bonds: the next option is for a part only. */
  nextOptionPartial?: boolean;
  /** Bonds: notes. */
  bondNotes?: string;
  /** Why the account may not trade the instrument. Empty if it may. */
  ineligibilityReasonList?: IneligibilityReason[];
  /** Event contracts: the event. */
  eventContract1?: string;
  /** Event contracts: first line of the description. */
  eventContractDescription1?: string;
  /** Event contracts: second line of the description. */
  eventContractDescription2?: string;
  /** Smallest size of an algo order. */
  minAlgoSize?: Decimal;
  /** Step of last prices. */
  lastPricePrecision?: Decimal;
  /** Step of last sizes. */
  lastSizePrecision?: Decimal;
  /** How the contract settles, such as by cash. */
  settlementMethod?: string;
}

/** An instrument that matches, with its details. */
export interface ContractDetailsData {
  /** ID of the request that this message answers. */
  reqId: number;
  contract?: Contract;
  contractDetails?: ContractDetails;
}

/** TWS has sent all instruments that match. */
export interface ContractDetailsEndData {
  /** ID of the request that this message answers. */
  reqId: number;
}

/** TWS has sent all instruments that match. */
export interface ContractDetailsEndEvent extends Envelope {
  event: "contractDetailsEnd";
  data: ContractDetailsEndData;
}

export interface ContractDetailsEndPart {
  event: "contractDetailsEnd";
  data: ContractDetailsEndData;
}

/** An instrument that matches, with its details. */
export interface ContractDetailsEvent extends Envelope {
  event: "contractDetails";
  data: ContractDetailsData;
}

export interface ContractDetailsPart {
  event: "contractDetails";
  data: ContractDetailsData;
}

/** The current time of TWS. */
export interface CurrentTimeData {
  /** Seconds since 1970 UTC. */
  currentTime?: Int64;
}

/** The current time of TWS. */
export interface CurrentTimeEvent extends Envelope {
  event: "currentTime";
  data: CurrentTimeData;
}

/** The current time of TWS, in milliseconds. */
export interface CurrentTimeInMillisData {
  /** Milliseconds since 1970 UTC. */
  currentTimeInMillis?: Int64;
}

/** The current time of TWS, in milliseconds. */
export interface CurrentTimeInMillisEvent extends Envelope {
  event: "currentTimeInMillis";
  data: CurrentTimeInMillisData;
}

export interface CurrentTimeInMillisPart {
  event: "currentTimeInMillis";
  data: CurrentTimeInMillisData;
}

export interface CurrentTimePart {
  event: "currentTime";
  data: CurrentTimeData;
}

/** A message from TWS did not match its declaration. The bridge dropped the message and reads on. */
export interface DecodeErrorData {
  /** Name of the message. Absent if the bridge does not know its ID. */
  message?: string;
  /** ID of the message. Absent if the bridge could not read it. */
  id?: number;
  /** Field that the bridge could not read. Absent if no single field is at fault. */
  field?: string;
  /** What was wrong, as text for people. */
  reason: string;
  /** Server version by which the bridge read the message. */
  serverVersion?: number;
  /** The bytes of the message, without the length prefix. */
  payload: Uint8Array;
}

/** A message from TWS did not match its declaration. The bridge dropped the message and reads on. */
export interface DecodeErrorEvent extends Envelope {
  event: "decodeError";
  data: DecodeErrorData;
}

/**
 * The bridge failed to handle a message from TWS, because of a defect in the bridge. The bridge dropped the message and
 * reads on.
 */
export interface DefectData {
  /** Name of the message. */
  message: string;
  /** What went wrong and where, as text for people. */
  reason: string;
}

/**
 * The bridge failed to handle a message from TWS, because of a defect in the bridge. The bridge dropped the message and
 * reads on.
 */
export interface DefectEvent extends Envelope {
  event: "defect";
  data: DefectData;
}

/** The hedge of a delta-neutral combination. */
export interface DeltaNeutralContract {
  /** Contract ID of the hedge. */
  conId?: number;
  /** Delta of the hedge: number of units of the hedge for one unit of the combination. */
  delta?: number;
  /** Price of the hedge at which the combination is quoted. */
  price?: number;
}

/** The hedge with which TWS accepts a delta-neutral request. */
export interface DeltaNeutralValidationData {
  /** ID of the request that this message answers. */
  reqId: number;
  deltaNeutralContract?: DeltaNeutralContract;
}

/** The hedge with which TWS accepts a delta-neutral request. */
export interface DeltaNeutralValidationEvent extends Envelope {
  event: "deltaNeutralValidation";
  data: DeltaNeutralValidationData;
}

export interface DeltaNeutralValidationPart {
  event: "deltaNeutralValidation";
  data: DeltaNeutralValidationData;
}

/** An exchange that offers market depth. */
export interface DepthMarketDataDescription {
  /** Exchange. */
  exchange?: string;
  /** Kind of instrument for which it offers depth. */
  secType?: string;
  /** Listing exchange of these instruments. Absent if it does not matter. */
  listingExch?: string;
  /** Kind of depth: `Deep` (by price) or `Deep2` (by market maker). */
  serviceDataType?: string;
  /** Group of exchanges whose depth SMART combines. */
  aggGroup?: number;
}

/** The display groups of TWS. */
export interface DisplayGroupListData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Numbers of the groups, the most used first, joined by `|`. */
  groups?: string;
}

/** The display groups of TWS. */
export interface DisplayGroupListEvent extends Envelope {
  event: "displayGroupList";
  data: DisplayGroupListData;
}

export interface DisplayGroupListPart {
  event: "displayGroupList";
  data: DisplayGroupListData;
}

/** A display group shows another instrument. */
export interface DisplayGroupUpdatedData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Instrument that the group shows: `conId@exchange`, `none`, or `combo`. */
  contractInfo?: string;
}

/** A display group shows another instrument. */
export interface DisplayGroupUpdatedEvent extends Envelope {
  event: "displayGroupUpdated";
  data: DisplayGroupUpdatedData;
}

export interface DisplayGroupUpdatedPart {
  event: "displayGroupUpdated";
  data: DisplayGroupUpdatedData;
}

/**
 * A stream has ended while a client held it: TWS ended it, or every client that held it was lost. No more of its events
 * follow. A client that still needs the stream must subscribe again.
 */
export interface EndedData {
  /** Name of the stream. */
  stream: string;
  /** Topic prefix of the stream. */
  topic: string;
  /** Method with which the clients subscribed. */
  method: string;
  /** The reason, as text for people. */
  reason: string;
  /** TWS's error code. Absent if the bridge ended the stream. */
  code?: number;
}

/**
 * A stream has ended while a client held it: TWS ended it, or every client that held it was lost. No more of its events
 * follow. A client that still needs the stream must subscribe again.
 */
export interface EndedEvent extends Envelope {
  event: "ended";
  data: EndedData;
}

/** An error, a warning or a notice. It concerns a request, an order, or the whole connection (ID -1). */
export interface ErrorData {
  /** ID of the request or number of the order. -1: neither. Order IDs and request IDs share one range. */
  id?: number;
  /** When the error happened: milliseconds since 1970 UTC. Absent below server version 194. */
  errorTime?: Int64;
  /** Code of the error. 2100 to 2169 are notices. */
  errorCode?: number;
  /** The text. */
  errorMsg?: string;
  /** Details of a rejection that a person may override, as JSON. */
  advancedOrderRejectJson?: string;
}

/**
 * TWS's error message about this order: a warning, a rejection, or the answer to a cancel. TWS's error message about
 * this request: a warning or a refusal. TWS's error message about this stream: a warning, a refusal, or its end
 * (`ended` follows).
 */
export interface ErrorEvent extends Envelope {
  event: "error";
  data: ErrorData;
}

export interface ErrorPart {
  event: "error";
  data: ErrorData;
}

/** One execution. TWS sends it when it happens (reqId -1), or in answer to reqExecutions. */
export interface ExecDetailsData {
  /** ID of the reqExecutions request that this message answers. -1: TWS sent it when the execution happened. */
  reqId: number;
  contract?: Contract;
  execution?: Execution;
}

/** TWS has listed all executions that match. */
export interface ExecDetailsEndData {
  /** ID of the request that this message answers. */
  reqId: number;
}

/** TWS has listed all executions that match. */
export interface ExecDetailsEndEvent extends Envelope {
  event: "execDetailsEnd";
  data: ExecDetailsEndData;
}

export interface ExecDetailsEndPart {
  event: "execDetailsEnd";
  data: ExecDetailsEndData;
}

/** One execution. TWS sends it when it happens (reqId -1), or in answer to reqExecutions. */
export interface ExecDetailsEvent extends Envelope {
  event: "execDetails";
  data: ExecDetailsData;
}

export interface ExecDetailsPart {
  event: "execDetails";
  data: ExecDetailsData;
}

/** One fill of an order, or the exercise, lapse or assignment of an option. */
export interface Execution {
  /** Number of the order at the client that placed it. */
  orderId?: number;
  /** Unique ID of the fill. A correction has the same ID, except for the part after the last dot. */
  execId?: string;
  /** Time of the fill: `yyyymmdd hh:mm:ss zone`. */
  time?: string;
  /** Account that traded. */
  acctNumber?: string;
  /** Exchange of the fill. */
  exchange?: string;
  /** Side of the fill. BOT: bought; SLD: sold. */
  side?: "BOT" | "SLD" | OtherText;
  /** Quantity of this fill. */
  shares?: Decimal;
  /** Price of this fill, without commission. */
  price?: number;
  /** IBKR's own number of the order. */
  permId?: string;
  /** Client ID that placed the order. */
  clientId?: number;
  /** True: IBKR liquidated the position. */
  isLiquidation?: boolean;
  /** Filled quantity of the order so far. */
  cumQty?: Decimal;
  /** Average price of the order's fills so far, without commission. */
  avgPrice?: number;
  /** The client's own text for the order. */
  orderRef?: string;
  /** Economic-value rule: how the price determines the value of the position. */
  evRule?: string;
  /** Economic value of a price unit, by evRule. */
  evMultiplier?: number;
  /** Portfolio model of the order. */
  modelCode?: string;
  /** Whether the fill added or took liquidity. 0: not known; 1: added; 2: removed; 3: routed out. */
  lastLiquidity?: number;
  /** True: the price is provisional, and IBKR will correct it. */
  isPriceRevisionPending?: boolean;
  /** User who submitted the order. */
  submitter?: string;
  /**
   * Kind of option event. Protobuf form only. -1: none; 1: exercised; 2: lapsed; 3: do nothing; 100: assigned; 101:
   * exercised automatically by the clearing house; 102: expired; 103: netted; 200: exercised automatically as a trade.
   */
  optExerciseOrLapseType?: number;
}

/** Filter for executions. An absent field does not filter. */
export interface ExecutionFilter {
  /** Only executions of orders of this client ID. */
  clientId?: number;
  /** Only executions of this account. */
  acctCode?: string;
  /** Only executions after this time: `yyyymmdd-hh:mm:ss` UTC, or with a zone. */
  time?: string;
  /** Only executions with this symbol. */
  symbol?: string;
  /** Only executions with this kind of contract. */
  secType?: string;
  /** Only fills on this exchange. */
  exchange?: string;
  /** Only executions of this side. BUY: bought; SELL: sold; SSHORT: sold short. */
  side?: "BUY" | "SELL" | "SSHORT" | OtherText;
  /** Executions of the last n days, including today, as far back as TWS has them. */
  lastNDays?: number;
  /** Executions of these days, each as the number yyyymmdd. */
  specificDates?: number[];
}

/** Exercise the option, or let it lapse. 1: exercise; 2: let lapse. */
export type ExerciseOptionsDataExerciseAction = 1 | 2 | OtherNumber;

/** Details of the error expired. */
export interface ExpiredErrorData {
  /** Number of the order at TWS. Absent if it was cancelled before it got one. */
  orderId?: number;
  /** Key of the order. */
  orderKey?: string;
  /**
   * The state of an order. docs/reference/order-states.md has the whole table. queued: The bridge has accepted the
   * order. It is not on disk yet, and the bridge has not sent it; sent: The order is on disk, and the bridge may have
   * sent it. TWS has not answered yet; acknowledged: TWS has the order, and the order is working; inactive: TWS holds
   * the order and does not work it. TWS may work it later: cancel it before you place another order in its place;
   * unknown: The order may be working, or may have been executed. Never place it again with another key. `reason` says
   * what is missing; notFound: The bridge has proof that TWS never had the order. No other order can use its key until
   * `abandon`; filled: The order is executed in full; cancelled: The order has ended. `filled` is the executed
   * quantity, and is final when `fillsFinal` is true; rejected: TWS rejected the order with an error; abandoned: A
   * client has abandoned the order. Its key is free; unsent: The bridge never sent the order. Its key is free.
   */
  state?: OrderStage;
  /** IBKR's permanent number of the order. Absent until TWS sends it. */
  permId?: string;
  /** Status that TWS last sent. Absent until TWS sends one. */
  status?: string;
  /** Executed quantity: the larger of TWS's figure and the sum of the executions. Absent if nothing is executed. */
  filled?: Decimal;
  /** For a filled or cancelled order: whether `filled` is final. Place the rest with another key only if it is true. */
  fillsFinal?: boolean;
  /** For an unknown order: when it was placed, in ns since 1970 UTC. */
  sentAt?: Nanoseconds;
  /** In the answer to a cancel. True: the order had already ended. */
  alreadyEnded?: boolean;
  /** Revision of the newest change. Absent if the order was never changed. */
  revision?: number;
  /**
   * State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on disk
   * yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know whether TWS
   * made the change; refused: TWS refused the change; notApplied: TWS has the order without the change; orderEnded: the
   * order ended before TWS showed the change.
   */
  change?: ExpiredErrorDataChange;
  /** For an unknown order: what is missing, as text for people. */
  reason?: string;
  position?: OrderPosition;
  /** State of each order. */
  orders?: OrderFacts[];
  /** Seconds by which the request arrived after its `expires`, by the bridge's clock. */
  secondsLate?: number;
}

/**
 * State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on disk
 * yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know whether TWS made
 * the change; refused: TWS refused the change; notApplied: TWS has the order without the change; orderEnded: the order
 * ended before TWS showed the change.
 */
export type ExpiredErrorDataChange =
  | "queued"
  | "sent"
  | "unknown"
  | "refused"
  | "notApplied"
  | "orderEnded"
  | OtherText;

/** One account and the family it belongs to. */
export interface FamilyCode {
  /** Account. `*`: all accounts. */
  accountId?: string;
  /** Family. Empty if the account belongs to none. */
  familyCode?: string;
}

/** The accounts of the login and their families. */
export interface FamilyCodesData {
  /** Accounts with their families. */
  familyCodes?: FamilyCode[];
}

/** The accounts of the login and their families. */
export interface FamilyCodesEvent extends Envelope {
  event: "familyCodes";
  data: FamilyCodesData;
}

export interface FamilyCodesPart {
  event: "familyCodes";
  data: FamilyCodesData;
}

/** One of IBKR's data farms. */
export interface FarmInfo {
  /** Name of the farm, such as `usfarm`. */
  farm: string;
  /**
   * Kind of data that the farm provides. marketData: live market data; historicalData: historical market data;
   * securityDefinitions: definitions of instruments.
   */
  kind: FarmInfoKind;
  /**
   * State of TWS's connection to the farm. ok: connected (codes 2104, 2106, 2158); connecting: TWS is connecting (code
   * 2119); inactive: not connected, until TWS needs the farm (codes 2107, 2108); broken: the connection is lost (codes
   * 2103, 2105, 2157).
   */
  state: FarmInfoState;
  /** When the farm entered this state: ns since 1970 UTC. */
  since: Nanoseconds;
}

/**
 * Kind of data that the farm provides. marketData: live market data; historicalData: historical market data;
 * securityDefinitions: definitions of instruments.
 */
export type FarmInfoKind = "marketData" | "historicalData" | "securityDefinitions" | OtherText;

/**
 * State of TWS's connection to the farm. ok: connected (codes 2104, 2106, 2158); connecting: TWS is connecting (code
 * 2119); inactive: not connected, until TWS needs the farm (codes 2107, 2108); broken: the connection is lost (codes
 * 2103, 2105, 2157).
 */
export type FarmInfoState = "ok" | "connecting" | "inactive" | "broken" | OtherText;

/**
 * One of IBKR's data farms has entered another state. The event lists all farms that TWS has reported on this
 * connection.
 */
export interface FarmsData {
  /** The farms with their states. */
  farms: FarmInfo[];
}

/**
 * One of IBKR's data farms has entered another state. The event lists all farms that TWS has reported on this
 * connection.
 */
export interface FarmsEvent extends Envelope {
  event: "farms";
  data: FarmsData;
}

/** The parameter that is wrong. */
export interface FieldAtFault {
  /** Path of the parameter. */
  field: string;
}

/** A condition that stops trading, or that limits what clients get. */
export interface Finding {
  /** Code of the condition. */
  code: string;
  /** The reason, as text for people. */
  because: string;
  /** What a person must change, as text for people. */
  remedy: string;
}

/**
 * TWS serves this stream again. A value that TWS has not sent again is no longer valid: take a snapshot. The bridge
 * publishes `fresh` on the stream's own topics.
 */
export interface FreshData {
  /** Name of the stream. */
  stream: string;
  /** Topic prefix of the stream. */
  topic: string;
  /** When the stream became stale: ns since 1970 UTC. */
  since: Nanoseconds;
  /** When TWS served it again: ns since 1970 UTC. */
  until: Nanoseconds;
}

/**
 * TWS serves this stream again. A value that TWS has not sent again is no longer valid: take a snapshot. The bridge
 * publishes `fresh` on the stream's own topics.
 */
export interface FreshEvent extends Envelope {
  event: "fresh";
  data: FreshData;
}

/**
 * An outage of streams has begun: TWS no longer serves them, or may no longer serve them. Snapshots mark their values
 * as stale. The bridge asks TWS for them again, and publishes `recovered` when TWS serves them. For the streams of an
 * account it publishes `gap` on that account's topics.
 */
export interface GapData {
  /** Names of the streams. */
  streams: string[];
  /** Topic prefixes of the streams, in the same order. */
  topics: string[];
  /** The reason, as text for people. */
  reason: string;
  /** TWS's code. Absent if TWS sent none. */
  code?: number;
  /** When the outage began: ns since 1970 UTC. */
  since: Nanoseconds;
}

/**
 * An outage of streams has begun: TWS no longer serves them, or may no longer serve them. Snapshots mark their values
 * as stale. The bridge asks TWS for them again, and publishes `recovered` when TWS serves them. For the streams of an
 * account it publishes `gap` on that account's topics.
 */
export interface GapEvent extends Envelope {
  event: "gap";
  data: GapData;
}

/**
 * After an outage TWS has sent all values of an account, and this one is not among them: for example, a position that
 * was closed during the outage. The event has the value as TWS last sent it.
 */
export interface GoneEvent extends Envelope {
  event: "gone";
  data: Part;
}

/** The orders of a group, in the sequence of the request. */
export interface GroupFacts {
  /** State of each order. */
  orders: OrderFacts[];
}

/** The result of halt. */
export interface HaltResult {
  /** True: the bridge refuses new orders, and changes that add to an order. */
  halted: boolean;
  /** Reasons by source: `admin` or `file`. */
  reasons: Record<string, string>;
  /**
   * True: a restart of the bridge keeps this. False: it holds now, but is not on disk. The bridge writes it again each
   * second.
   */
  stored: boolean;
  /** What a restart of the bridge would forget, and why. Absent if `stored` is true. */
  notStored?: string;
}

/** Trading is halted. */
export interface HaltRule {
  rule: "halt";
  /** Reasons by source: `admin` or `file`. Absent if the bridge refuses `resume`. */
  reasons?: Record<string, string>;
}

/**
 * The newest number of an owner's order log. The bridge publishes it each second for each owner that has a log. A
 * client with a lower number has missed events, and gets them with `orderLog`.
 */
export interface HeadData {
  /** Name of the log. A new name means that the ledger was lost and that the numbers start again. */
  log: string;
  /** Highest `n` that is on disk. */
  head: number;
}

/**
 * The newest number of an owner's order log. The bridge publishes it each second for each owner that has a log. A
 * client with a lower number has missed events, and gets them with `orderLog`.
 */
export interface HeadEvent extends Envelope {
  event: "head";
  data: HeadData;
}

/** How far back the history of an instrument goes. */
export interface HeadTimestampData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Time of the oldest data: `yyyymmdd-hh:mm:ss` UTC, or seconds since 1970 UTC, by formatDate. */
  headTimestamp?: string;
}

/** How far back the history of an instrument goes. */
export interface HeadTimestampEvent extends Envelope {
  event: "headTimestamp";
  data: HeadTimestampData;
}

export interface HeadTimestampPart {
  event: "headTimestamp";
  data: HeadTimestampData;
}

/** The bridge runs. It publishes this event each second, with the state of its connection to TWS. */
export interface HeartbeatData {
  /**
   * A state of the connection to TWS. connecting: The bridge is opening the TCP connection; handshaking: The TCP
   * connection is open. TWS has not answered yet; starting: The server version is agreed. The bridge waits for the
   * accounts and the next order ID; ready: TWS is connected to the bridge and to IBKR; degraded: TWS is connected to
   * the bridge, but has reported that it cannot reach IBKR; lost: The connection has ended, or the bridge could not
   * open it; backingOff: The bridge waits before it tries again; stopped: The bridge is stopping.
   */
  state: LinkState;
  /** When the connection entered this state: ns since 1970 UTC. */
  since: Nanoseconds;
}

/** The bridge runs. It publishes this event each second, with the state of its connection to TWS. */
export interface HeartbeatEvent extends Envelope {
  event: "heartbeat";
  data: HeartbeatData;
}

/** The result of hello. */
export interface HelloResult {
  /** Version of the contract. */
  v: number;
  /** Epoch of the bridge, the same as in the envelope of events. */
  epoch: string;
  /** Seconds without a request after which the bridge treats the client as lost. */
  lease: number;
  /** Name of the client. */
  client: string;
  /** Roles of the client. */
  roles: string[];
  /**
   * True: a restart of the bridge keeps this. False: it holds now, but is not on disk. The bridge writes it again each
   * second.
   */
  stored: boolean;
  /** What a restart of the bridge would forget, and why. Absent if `stored` is true. */
  notStored?: string;
}

/** The volume traded at each price. */
export interface HistogramDataData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Prices, each with the volume traded at it. */
  histogramDataEntries?: HistogramDataEntry[];
}

/** The volume traded at one price. */
export interface HistogramDataEntry {
  /** Price. */
  price?: number;
  /** Volume traded at the price. */
  size?: Decimal;
}

/** The volume traded at each price. */
export interface HistogramDataEvent extends Envelope {
  event: "histogramData";
  data: HistogramDataData;
}

export interface HistogramDataPart {
  event: "histogramData";
  data: HistogramDataData;
}

/** One bar. */
export interface HistoricalDataBar {
  /** Start of the bar, by formatDate: `yyyymmdd`, `yyyymmdd hh:mm:ss zone`, or seconds since 1970 UTC. */
  date?: string;
  /** First price. */
  open?: number;
  /** Highest price. */
  high?: number;
  /** Lowest price. */
  low?: number;
  /** Last price. */
  close?: number;
  /** Volume. For TRADES only; -1 otherwise. */
  volume?: Decimal;
  /** Average price, weighted by volume. For TRADES only. */
  WAP?: Decimal;
  /** Number of trades. For TRADES only; -1 otherwise. */
  barCount?: number;
}

/** All bars of a request in one message. */
export interface HistoricalDataData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Bars, oldest first. */
  historicalDataBars?: HistoricalDataBar[];
  /** Start of the period: `yyyymmdd hh:mm:ss zone`. Present below server version 196 only. */
  startDateStr?: string;
  /** End of the period, in the same format. Present below server version 196 only. */
  endDateStr?: string;
}

/** TWS has sent the whole history. Below server version 196, historicalData itself has the period. */
export interface HistoricalDataEndData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Start of the period: `yyyymmdd hh:mm:ss zone`. */
  startDateStr?: string;
  /** End of the period, in the same format. */
  endDateStr?: string;
}

/** TWS has sent the whole history. Below server version 196, historicalData itself has the period. */
export interface HistoricalDataEndEvent extends Envelope {
  event: "historicalDataEnd";
  data: HistoricalDataEndData;
}

export interface HistoricalDataEndPart {
  event: "historicalDataEnd";
  data: HistoricalDataEndData;
}

/** All bars of a request in one message. */
export interface HistoricalDataEvent extends Envelope {
  event: "historicalData";
  data: HistoricalDataData;
}

export interface HistoricalDataPart {
  event: "historicalData";
  data: HistoricalDataData;
}

/** The newest bar of a request with keepUpToDate. TWS sends it each time the bar changes. */
export interface HistoricalDataUpdateData {
  /** ID of the request that this message answers. */
  reqId: number;
  historicalDataBar?: HistoricalDataBar;
}

/** The newest bar of a request with keepUpToDate. TWS sends it each time the bar changes. */
export interface HistoricalDataUpdateEvent extends Envelope {
  event: "historicalDataUpdate";
  data: HistoricalDataUpdateData;
}

export interface HistoricalDataUpdatePart {
  event: "historicalDataUpdate";
  data: HistoricalDataUpdateData;
}

/** One historical headline. */
export interface HistoricalNewsData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Time of the headline: `yyyy-mm-dd hh:mm:ss.0`. */
  time?: string;
  /** Source. */
  providerCode?: string;
  /** ID of the article, for reqNewsArticle. */
  articleId?: string;
  /** Headline, after metadata in braces. */
  headline?: string;
}

/** TWS has sent all headlines. */
export interface HistoricalNewsEndData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** True: the period has more headlines. */
  hasMore?: boolean;
}

/** TWS has sent all headlines. */
export interface HistoricalNewsEndEvent extends Envelope {
  event: "historicalNewsEnd";
  data: HistoricalNewsEndData;
}

export interface HistoricalNewsEndPart {
  event: "historicalNewsEnd";
  data: HistoricalNewsEndData;
}

/** One historical headline. */
export interface HistoricalNewsEvent extends Envelope {
  event: "historicalNews";
  data: HistoricalNewsData;
}

export interface HistoricalNewsPart {
  event: "historicalNews";
  data: HistoricalNewsData;
}

/** Trading sessions of an instrument: the answer to reqHistoricalData with whatToShow SCHEDULE. */
export interface HistoricalScheduleData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Start of the first session: `yyyymmdd-hh:mm:ss`. */
  startDateTime?: string;
  /** End of the last session. */
  endDateTime?: string;
  /** Time zone of all times. */
  timeZone?: string;
  /** Sessions, oldest first. */
  historicalSessions?: HistoricalSession[];
}

/** Trading sessions of an instrument: the answer to reqHistoricalData with whatToShow SCHEDULE. */
export interface HistoricalScheduleEvent extends Envelope {
  event: "historicalSchedule";
  data: HistoricalScheduleData;
}

export interface HistoricalSchedulePart {
  event: "historicalSchedule";
  data: HistoricalScheduleData;
}

/** One trading session. */
export interface HistoricalSession {
  /** Start: `yyyymmdd-hh:mm:ss` in the schedule's time zone. */
  startDateTime?: string;
  /** End, in the same format. */
  endDateTime?: string;
  /** Trading day of the session: yyyymmdd. */
  refDate?: string;
}

/** One midpoint, historical or live. */
export interface HistoricalTick {
  /** Seconds since 1970 UTC. */
  time?: Int64;
  /** Midpoint. */
  price?: number;
  /** Size; 0 for midpoints. */
  size?: Decimal;
}

/** One pair of best bid and ask, historical or live. */
export interface HistoricalTickBidAsk {
  /** Seconds since 1970 UTC. */
  time?: Int64;
  tickAttribBidAsk?: TickAttribBidAsk;
  /** Bid. */
  priceBid?: number;
  /** Ask. */
  priceAsk?: number;
  /** Size of the bid. */
  sizeBid?: Decimal;
  /** Size of the ask. */
  sizeAsk?: Decimal;
}

/** One trade, historical or live. */
export interface HistoricalTickLast {
  /** Seconds since 1970 UTC. */
  time?: Int64;
  tickAttribLast?: TickAttribLast;
  /** Price. */
  price?: number;
  /** Size. */
  size?: Decimal;
  /** Exchange of the trade. */
  exchange?: string;
  /** Conditions of the trade, in the exchange's codes. */
  specialConditions?: string;
}

/** Historical bids and asks. TWS may send several of these messages; the last has isDone. */
export interface HistoricalTicksBidAskData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Ticks, oldest first. */
  historicalTicksBidAsk?: HistoricalTickBidAsk[];
  /** True: this is the last message. */
  isDone?: boolean;
}

/** Historical bids and asks. TWS may send several of these messages; the last has isDone. */
export interface HistoricalTicksBidAskEvent extends Envelope {
  event: "historicalTicksBidAsk";
  data: HistoricalTicksBidAskData;
}

export interface HistoricalTicksBidAskPart {
  event: "historicalTicksBidAsk";
  data: HistoricalTicksBidAskData;
}

/** Historical midpoints. TWS may send several of these messages; the last has isDone. */
export interface HistoricalTicksData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Ticks, oldest first. */
  historicalTicks?: HistoricalTick[];
  /** True: this is the last message. */
  isDone?: boolean;
}

/** Historical midpoints. TWS may send several of these messages; the last has isDone. */
export interface HistoricalTicksEvent extends Envelope {
  event: "historicalTicks";
  data: HistoricalTicksData;
}

/** Historical trades. TWS may send several of these messages; the last has isDone. */
export interface HistoricalTicksLastData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Ticks, oldest first. */
  historicalTicksLast?: HistoricalTickLast[];
  /** True: this is the last message. */
  isDone?: boolean;
}

/** Historical trades. TWS may send several of these messages; the last has isDone. */
export interface HistoricalTicksLastEvent extends Envelope {
  event: "historicalTicksLast";
  data: HistoricalTicksLastData;
}

export interface HistoricalTicksLastPart {
  event: "historicalTicksLast";
  data: HistoricalTicksLastData;
}

export interface HistoricalTicksPart {
  event: "historicalTicks";
  data: HistoricalTicksData;
}

/** The CURVE key of the connection belongs to another client. */
export interface IdentityRule {
  rule: "identity";
  /** Client that owns the key. */
  client: string;
}

/** Why the account may not trade the instrument. */
export interface IneligibilityReason {
  /** Code of the reason. */
  id?: string;
  /** The reason, as text for people. */
  description?: string;
}

/** A newer run of the client has said `hello`. */
export interface InstanceRule {
  rule: "instance";
  /** The `instance` of the newest run. */
  newest: string;
}

/** Details of the error invalidParams. */
export interface InvalidParamsErrorData {
  /** Path of the parameter. */
  field?: string;
  /** Number of the order at TWS. Absent if it was cancelled before it got one. */
  orderId?: number;
  /** Key of the order. */
  orderKey?: string;
  /**
   * The state of an order. docs/reference/order-states.md has the whole table. queued: The bridge has accepted the
   * order. It is not on disk yet, and the bridge has not sent it; sent: The order is on disk, and the bridge may have
   * sent it. TWS has not answered yet; acknowledged: TWS has the order, and the order is working; inactive: TWS holds
   * the order and does not work it. TWS may work it later: cancel it before you place another order in its place;
   * unknown: The order may be working, or may have been executed. Never place it again with another key. `reason` says
   * what is missing; notFound: The bridge has proof that TWS never had the order. No other order can use its key until
   * `abandon`; filled: The order is executed in full; cancelled: The order has ended. `filled` is the executed
   * quantity, and is final when `fillsFinal` is true; rejected: TWS rejected the order with an error; abandoned: A
   * client has abandoned the order. Its key is free; unsent: The bridge never sent the order. Its key is free.
   */
  state?: OrderStage;
  /** IBKR's permanent number of the order. Absent until TWS sends it. */
  permId?: string;
  /** Status that TWS last sent. Absent until TWS sends one. */
  status?: string;
  /** Executed quantity: the larger of TWS's figure and the sum of the executions. Absent if nothing is executed. */
  filled?: Decimal;
  /** For a filled or cancelled order: whether `filled` is final. Place the rest with another key only if it is true. */
  fillsFinal?: boolean;
  /** For an unknown order: when it was placed, in ns since 1970 UTC. */
  sentAt?: Nanoseconds;
  /** In the answer to a cancel. True: the order had already ended. */
  alreadyEnded?: boolean;
  /** Revision of the newest change. Absent if the order was never changed. */
  revision?: number;
  /**
   * State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on disk
   * yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know whether TWS
   * made the change; refused: TWS refused the change; notApplied: TWS has the order without the change; orderEnded: the
   * order ended before TWS showed the change.
   */
  change?: InvalidParamsErrorDataChange;
  /** For an unknown order: what is missing, as text for people. */
  reason?: string;
  position?: OrderPosition;
  /** State of each order. */
  orders?: OrderFacts[];
}

/**
 * State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on disk
 * yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know whether TWS made
 * the change; refused: TWS refused the change; notApplied: TWS has the order without the change; orderEnded: the order
 * ended before TWS showed the change.
 */
export type InvalidParamsErrorDataChange =
  | "queued"
  | "sent"
  | "unknown"
  | "refused"
  | "notApplied"
  | "orderEnded"
  | OtherText;

/** Details of the error keyConflict. */
export interface KeyConflictErrorData {
  /** Key of the order. Absent if `onceKey` is wrong. */
  orderKey?: string;
  /** Key of a request that must not happen twice. Absent if `orderKey` is wrong. */
  onceKey?: string;
  /** Number of the order at TWS. Absent if it was cancelled before it got one. */
  orderId?: number;
  /**
   * The state of an order. docs/reference/order-states.md has the whole table. queued: The bridge has accepted the
   * order. It is not on disk yet, and the bridge has not sent it; sent: The order is on disk, and the bridge may have
   * sent it. TWS has not answered yet; acknowledged: TWS has the order, and the order is working; inactive: TWS holds
   * the order and does not work it. TWS may work it later: cancel it before you place another order in its place;
   * unknown: The order may be working, or may have been executed. Never place it again with another key. `reason` says
   * what is missing; notFound: The bridge has proof that TWS never had the order. No other order can use its key until
   * `abandon`; filled: The order is executed in full; cancelled: The order has ended. `filled` is the executed
   * quantity, and is final when `fillsFinal` is true; rejected: TWS rejected the order with an error; abandoned: A
   * client has abandoned the order. Its key is free; unsent: The bridge never sent the order. Its key is free.
   */
  state?: OrderStage;
  /** IBKR's permanent number of the order. Absent until TWS sends it. */
  permId?: string;
  /** Status that TWS last sent. Absent until TWS sends one. */
  status?: string;
  /** Executed quantity: the larger of TWS's figure and the sum of the executions. Absent if nothing is executed. */
  filled?: Decimal;
  /** For a filled or cancelled order: whether `filled` is final. Place the rest with another key only if it is true. */
  fillsFinal?: boolean;
  /** For an unknown order: when it was placed, in ns since 1970 UTC. */
  sentAt?: Nanoseconds;
  /** In the answer to a cancel. True: the order had already ended. */
  alreadyEnded?: boolean;
  /** Revision of the newest change. Absent if the order was never changed. */
  revision?: number;
  /**
   * State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on disk
   * yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know whether TWS
   * made the change; refused: TWS refused the change; notApplied: TWS has the order without the change; orderEnded: the
   * order ended before TWS showed the change.
   */
  change?: KeyConflictErrorDataChange;
  /** For an unknown order: what is missing, as text for people. */
  reason?: string;
  position?: OrderPosition;
}

/**
 * State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on disk
 * yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know whether TWS made
 * the change; refused: TWS refused the change; notApplied: TWS has the order without the change; orderEnded: the order
 * ended before TWS showed the change.
 */
export type KeyConflictErrorDataChange =
  | "queued"
  | "sent"
  | "unknown"
  | "refused"
  | "notApplied"
  | "orderEnded"
  | OtherText;

/** The last values of the topics that begin with a prefix, and the sequence numbers of these topics. */
export interface LastValues {
  /** Epoch of the sequence numbers, the same as in the envelope of events. */
  epoch: string;
  /** Newest `seq` of each topic. */
  sequences: Record<string, number>;
  /**
   * By the first token of a topic: the number after which `seq` starts on a topic that is not in `sequences`. Absent
   * means 0.
   */
  floors: Record<string, number>;
  /** Last value of each key. Within a topic the oldest comes first. */
  events: Event[];
  /** Streams that TWS does not serve now, or may not serve. Their values may be out of date until `recovered`. */
  gaps: OpenGap[];
}

/**
 * Whether the bridge can write orders and their events to disk. While it cannot, it refuses orders and holds order
 * events back.
 */
export interface LedgerData {
  /**
   * State of the ledger. failed: the bridge cannot write to the ledger; written: the bridge has written everything that
   * waited.
   */
  state: LedgerDataState;
  /** Why the bridge cannot write. Absent if it can. */
  reason?: string;
}

/**
 * State of the ledger. failed: the bridge cannot write to the ledger; written: the bridge has written everything that
 * waited.
 */
export type LedgerDataState = "failed" | "written" | OtherText;

/**
 * Whether the bridge can write orders and their events to disk. While it cannot, it refuses orders and holds order
 * events back.
 */
export interface LedgerEvent extends Envelope {
  event: "ledger";
  data: LedgerData;
}

/** Details of the error ledgerFailed. */
export interface LedgerFailedErrorData {
  /** Number of the order at TWS. Absent if it was cancelled before it got one. */
  orderId?: number;
  /** Key of the order. */
  orderKey?: string;
  /**
   * The state of an order. docs/reference/order-states.md has the whole table. queued: The bridge has accepted the
   * order. It is not on disk yet, and the bridge has not sent it; sent: The order is on disk, and the bridge may have
   * sent it. TWS has not answered yet; acknowledged: TWS has the order, and the order is working; inactive: TWS holds
   * the order and does not work it. TWS may work it later: cancel it before you place another order in its place;
   * unknown: The order may be working, or may have been executed. Never place it again with another key. `reason` says
   * what is missing; notFound: The bridge has proof that TWS never had the order. No other order can use its key until
   * `abandon`; filled: The order is executed in full; cancelled: The order has ended. `filled` is the executed
   * quantity, and is final when `fillsFinal` is true; rejected: TWS rejected the order with an error; abandoned: A
   * client has abandoned the order. Its key is free; unsent: The bridge never sent the order. Its key is free.
   */
  state?: OrderStage;
  /** IBKR's permanent number of the order. Absent until TWS sends it. */
  permId?: string;
  /** Status that TWS last sent. Absent until TWS sends one. */
  status?: string;
  /** Executed quantity: the larger of TWS's figure and the sum of the executions. Absent if nothing is executed. */
  filled?: Decimal;
  /** For a filled or cancelled order: whether `filled` is final. Place the rest with another key only if it is true. */
  fillsFinal?: boolean;
  /** For an unknown order: when it was placed, in ns since 1970 UTC. */
  sentAt?: Nanoseconds;
  /** In the answer to a cancel. True: the order had already ended. */
  alreadyEnded?: boolean;
  /** Revision of the newest change. Absent if the order was never changed. */
  revision?: number;
  /**
   * State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on disk
   * yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know whether TWS
   * made the change; refused: TWS refused the change; notApplied: TWS has the order without the change; orderEnded: the
   * order ended before TWS showed the change.
   */
  change?: LedgerFailedErrorDataChange;
  /** For an unknown order: what is missing, as text for people. */
  reason?: string;
  position?: OrderPosition;
  /** State of each order. */
  orders?: OrderFacts[];
}

/**
 * State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on disk
 * yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know whether TWS made
 * the change; refused: TWS refused the change; notApplied: TWS has the order without the change; orderEnded: the order
 * ended before TWS showed the change.
 */
export type LedgerFailedErrorDataChange =
  | "queued"
  | "sent"
  | "unknown"
  | "refused"
  | "notApplied"
  | "orderEnded"
  | OtherText;

/** One bound of the bridge, and how much of it is in use. */
export interface LimitState {
  /**
   * What is bounded. openRequests: requests that have no final reply yet; openRequestBytes: bytes in these requests;
   * waitingRequests: requests that wait for TWS; storedReplies: final replies that the bridge keeps for clients that
   * send a request again; storedReplyBytes: bytes of memory in these replies, about; clients: clients that sent a
   * request within their lease; clientInstances: instances that clients have announced with `hello`; streams:
   * subscriptions at TWS; orderLogReads: reads of the order log under way; reloads: requests to reload the
   * configuration under way; topics: topics that have a number or a last value; droppedTopics: topics without a value
   * whose last number the bridge remembers; ordersInMemory: orders in memory: the open ones, and those of the last
   * week; eventConnections: connections to the events endpoint; requestConnections: connections to the requests
   * endpoint; eventQueue: events that may wait for one connection; ZeroMQ does not tell how many do;
   * subscribedPrefixes: prefixes that connections have subscribed to; unreadReplyBytes: bytes in large replies that
   * clients have not read; requestFrames: messages on the requests endpoint that the bridge dropped because of their
   * frames.
   */
  bound: LimitStateBound;
  /** Number in use now. Absent if the bridge cannot know it. */
  used?: number;
  /** The highest number. Absent if it is bounded only by other bounds. */
  most?: number;
  /** How often the bridge has refused, dropped or disconnected something for this bound since it started. */
  refused: number;
}

/**
 * What is bounded. openRequests: requests that have no final reply yet; openRequestBytes: bytes in these requests;
 * waitingRequests: requests that wait for TWS; storedReplies: final replies that the bridge keeps for clients that send
 * a request again; storedReplyBytes: bytes of memory in these replies, about; clients: clients that sent a request
 * within their lease; clientInstances: instances that clients have announced with `hello`; streams: subscriptions at
 * TWS; orderLogReads: reads of the order log under way; reloads: requests to reload the configuration under way;
 * topics: topics that have a number or a last value; droppedTopics: topics without a value whose last number the bridge
 * remembers; ordersInMemory: orders in memory: the open ones, and those of the last week; eventConnections: connections
 * to the events endpoint; requestConnections: connections to the requests endpoint; eventQueue: events that may wait
 * for one connection; ZeroMQ does not tell how many do; subscribedPrefixes: prefixes that connections have subscribed
 * to; unreadReplyBytes: bytes in large replies that clients have not read; requestFrames: messages on the requests
 * endpoint that the bridge dropped because of their frames.
 */
export type LimitStateBound =
  | "openRequests"
  | "openRequestBytes"
  | "waitingRequests"
  | "storedReplies"
  | "storedReplyBytes"
  | "clients"
  | "clientInstances"
  | "streams"
  | "orderLogReads"
  | "reloads"
  | "topics"
  | "droppedTopics"
  | "ordersInMemory"
  | "eventConnections"
  | "requestConnections"
  | "eventQueue"
  | "subscribedPrefixes"
  | "unreadReplyBytes"
  | "requestFrames"
  | OtherText;

/** The lines of one kind, and who uses them. */
export interface LineFacts {
  /**
   * Kind of the line. marketData: market data and real-time bars; marketDepth: order books; tickByTick: tick-by-tick
   * data; accountSummary: account summaries.
   */
  line: LineFactsLine;
  /** Number of lines that TWS has for the bridge. */
  limit: number;
  /** Number of lines that each client uses. */
  holders: Record<string, number>;
}

/**
 * Kind of the line. marketData: market data and real-time bars; marketDepth: order books; tickByTick: tick-by-tick
 * data; accountSummary: account summaries.
 */
export type LineFactsLine = "marketData" | "marketDepth" | "tickByTick" | "accountSummary" | OtherText;

/** The lines of one kind. */
export interface LineState {
  /**
   * Kind of the line. marketData: market data and real-time bars; marketDepth: order books; tickByTick: tick-by-tick
   * data; accountSummary: account summaries.
   */
  line: LineStateLine;
  /** Number of lines that TWS has for the bridge. */
  limit: number;
  /** Number of lines in use. */
  used: number;
  /**
   * Number of those that no client holds any more. The bridge ends them soon, or as soon as a client needs the line.
   */
  unheld: number;
}

/**
 * Kind of the line. marketData: market data and real-time bars; marketDepth: order books; tickByTick: tick-by-tick
 * data; accountSummary: account summaries.
 */
export type LineStateLine = "marketData" | "marketDepth" | "tickByTick" | "accountSummary" | OtherText;

/**
 * A state of the connection to TWS. connecting: The bridge is opening the TCP connection; handshaking: The TCP
 * connection is open. TWS has not answered yet; starting: The server version is agreed. The bridge waits for the
 * accounts and the next order ID; ready: TWS is connected to the bridge and to IBKR; degraded: TWS is connected to the
 * bridge, but has reported that it cannot reach IBKR; lost: The connection has ended, or the bridge could not open it;
 * backingOff: The bridge waits before it tries again; stopped: The bridge is stopping.
 */
export type LinkState =
  | "connecting"
  | "handshaking"
  | "starting"
  | "ready"
  | "degraded"
  | "lost"
  | "backingOff"
  | "stopped"
  | OtherText;

/** Settings: when TWS logs off or restarts automatically. */
export interface LockAndExitConfig {
  /** Time of day: hh:mm. */
  autoLogoffTime?: string;
  /** AM or PM. */
  autoLogoffPeriod?: string;
  /** Action at that time, such as `logoff`. */
  autoLogoffType?: string;
}

/** The accounts of the login. TWS sends them when the connection starts. */
export interface ManagedAccountsData {
  /** Accounts, comma-separated. */
  accountsList?: string;
}

/** The accounts of the login. TWS sends them when the connection starts. */
export interface ManagedAccountsEvent extends Envelope {
  event: "managedAccounts";
  data: ManagedAccountsData;
}

export interface ManagedAccountsPart {
  event: "managedAccounts";
  data: ManagedAccountsData;
}

/** The request would take over orders entered by hand, and the client has no right to do that. */
export interface Manual_ordersRule {
  rule: "manual_orders";
}

/** The kind of the ticks that follow for a request: live, frozen or delayed. */
export interface MarketDataTypeData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Kind of data. 1: live; 2: frozen: as of the close; 3: delayed by 15 to 20 minutes; 4: delayed and frozen. */
  marketDataType?: MarketDataTypeDataMarketDataType;
}

/** Kind of data. 1: live; 2: frozen: as of the close; 3: delayed by 15 to 20 minutes; 4: delayed and frozen. */
export type MarketDataTypeDataMarketDataType = 1 | 2 | 3 | 4 | OtherNumber;

/** The kind of the ticks that follow for a request: live, frozen or delayed. */
export interface MarketDataTypeEvent extends Envelope {
  event: "marketDataType";
  data: MarketDataTypeData;
}

export interface MarketDataTypePart {
  event: "marketDataType";
  data: MarketDataTypeData;
}

/** One change of an order book. */
export interface MarketDepthData {
  /** Row of the book, from 0 at the best price. */
  position?: number;
  /** Change of the row. 0: insert: rows below move down; 1: update; 2: delete: rows below move up. */
  operation?: MarketDepthDataOperation;
  /** Side of the book. 0: ask; 1: bid. */
  side?: MarketDepthDataSide;
  /** Price of the row. */
  price?: number;
  /** Size of the row. */
  size?: Decimal;
  /** Market maker, or the exchange if isSmartDepth is true. Level 2 only. */
  marketMaker?: string;
  /** True: the book combines several exchanges (SMART depth). Level 2 only. */
  isSmartDepth?: boolean;
}

/** Change of the row. 0: insert: rows below move down; 1: update; 2: delete: rows below move up. */
export type MarketDepthDataOperation = 0 | 1 | 2 | OtherNumber;

/** Side of the book. 0: ask; 1: bid. */
export type MarketDepthDataSide = 0 | 1 | OtherNumber;

/** Price steps of a market rule. */
export interface MarketRuleData {
  /** Number of the rule. */
  marketRuleId: number;
  /** Steps, from the lowest price upwards. */
  priceIncrements?: PriceIncrement[];
}

/** Price steps of a market rule. */
export interface MarketRuleEvent extends Envelope {
  event: "marketRule";
  data: MarketRuleData;
}

export interface MarketRulePart {
  event: "marketRule";
  data: MarketRuleData;
}

/** The client uses as many lines of this kind as it may. */
export interface Max_linesRule {
  rule: "max_lines";
  /** Kind of the line. */
  line: string;
  /** Highest value that is allowed. */
  limit: number;
  /** Number of lines that there would be with this request. */
  asked: number;
}

/** The client has too many open orders. */
export interface Max_open_ordersRule {
  rule: "max_open_orders";
  /** Highest value that is allowed. */
  limit: number;
  /** Number of open orders that there would be with this request. */
  asked: number;
}

/**
 * The value of the order is too high, or the bridge cannot know it in advance: for example, because TWS has not sent
 * the contract's details in time.
 */
export interface Max_order_notionalRule {
  rule: "max_order_notional";
  /** Currency of the value. Absent if the bridge does not know it. */
  currency?: string;
  /** Highest value that is allowed. */
  limit?: Decimal;
  /** Highest value that the order may have. */
  asked?: Decimal;
}

/** The order is too large, or the bridge cannot know its size in advance. */
export interface Max_order_sizeRule {
  rule: "max_order_size";
  /** Highest value that is allowed. */
  limit?: Decimal;
  /** Quantity of the order. */
  asked?: Decimal;
}

/** The client has sent too many orders and changes in the last minute. */
export interface Max_orders_per_minuteRule {
  rule: "max_orders_per_minute";
  /** Highest value that is allowed. */
  limit: number;
  /** Seconds until the bridge takes the next one. */
  wait: number;
}

/** Settings: one of TWS's messages, and the answer to it. */
export interface MessageConfig {
  /** Number of the message. */
  id?: number;
  /** Title of the message. */
  title?: string;
  /** Text of the message. */
  message?: string;
  /** Answer that TWS gives to the message. */
  defaultAction?: string;
  /** Whether TWS shows the message. */
  enabled?: boolean;
}

/** One method. */
export interface MethodInfo {
  /** Name of the method. */
  method: string;
  /** What the method does. */
  about: string;
  /** JSON Schema of the method's params. */
  params: Record<string, unknown>;
  /**
   * What completes a request. one: one answer; end: several parts, and an end; stream: a subscription; none: TWS sends
   * no answer; order: TWS's answer for the order.
   */
  completes: MethodInfoCompletes;
  /** Method that ends the subscription or request. Absent if there is none. */
  cancel?: string;
}

/**
 * What completes a request. one: one answer; end: several parts, and an end; stream: a subscription; none: TWS sends no
 * answer; order: TWS's answer for the order.
 */
export type MethodInfoCompletes = "one" | "end" | "stream" | "none" | "order" | OtherText;

/** The exchanges that offer market depth. */
export interface MktDepthExchangesData {
  /** Exchanges. */
  depthMarketDataDescriptions?: DepthMarketDataDescription[];
}

/** The exchanges that offer market depth. */
export interface MktDepthExchangesEvent extends Envelope {
  event: "mktDepthExchanges";
  data: MktDepthExchangesData;
}

export interface MktDepthExchangesPart {
  event: "mktDepthExchanges";
  data: MktDepthExchangesData;
}

/** The text of an article. */
export interface NewsArticleData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Kind of text. 0: text or HTML; 1: a file, such as PDF, in base64. */
  articleType?: NewsArticleDataArticleType;
  /** The text, or the file in base64. */
  articleText?: string;
}

/** Kind of text. 0: text or HTML; 1: a file, such as PDF, in base64. */
export type NewsArticleDataArticleType = 0 | 1 | OtherNumber;

/** The text of an article. */
export interface NewsArticleEvent extends Envelope {
  event: "newsArticle";
  data: NewsArticleData;
}

export interface NewsArticlePart {
  event: "newsArticle";
  data: NewsArticleData;
}

/** A news provider. */
export interface NewsProvider {
  /** Code of the provider in requests. */
  providerCode?: string;
  /** Name of the provider. */
  providerName?: string;
}

/** The news providers that the login may read. */
export interface NewsProvidersData {
  /** Sources. */
  newsProviders?: NewsProvider[];
}

/** The news providers that the login may read. */
export interface NewsProvidersEvent extends Envelope {
  event: "newsProviders";
  data: NewsProvidersData;
}

export interface NewsProvidersPart {
  event: "newsProviders";
  data: NewsProvidersData;
}

/** The lowest order ID that the client may use. TWS sends it when the connection starts. */
export interface NextValidIdData {
  /** Lowest order ID that the client may use. */
  orderId: number;
}

/** The lowest order ID that the client may use. TWS sends it when the connection starts. */
export interface NextValidIdEvent extends Envelope {
  event: "nextValidId";
  data: NextValidIdData;
}

export interface NextValidIdPart {
  event: "nextValidId";
  data: NextValidIdData;
}

/** Details of the error noResponse. */
export interface NoResponseErrorData {
  /** Number of the order at TWS. Absent if it was cancelled before it got one. */
  orderId?: number;
  /** Key of the order. */
  orderKey?: string;
  /** State of the order or request. */
  state: NoResponseErrorDataState;
  /** IBKR's permanent number of the order. Absent until TWS sends it. */
  permId?: string;
  /** Status that TWS last sent. Absent until TWS sends one. */
  status?: string;
  /** Executed quantity: the larger of TWS's figure and the sum of the executions. Absent if nothing is executed. */
  filled?: Decimal;
  /** For a filled or cancelled order: whether `filled` is final. Place the rest with another key only if it is true. */
  fillsFinal?: boolean;
  /** For an unknown order: when it was placed, in ns since 1970 UTC. */
  sentAt?: Nanoseconds;
  /** In the answer to a cancel. True: the order had already ended. */
  alreadyEnded?: boolean;
  /** Revision of the newest change. Absent if the order was never changed. */
  revision?: number;
  /**
   * State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on disk
   * yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know whether TWS
   * made the change; refused: TWS refused the change; notApplied: TWS has the order without the change; orderEnded: the
   * order ended before TWS showed the change.
   */
  change?: NoResponseErrorDataChange;
  /** For an unknown order: what is missing, as text for people. */
  reason?: string;
  position?: OrderPosition;
  /** Key of the order. */
  onceKey?: string;
}

/**
 * State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on disk
 * yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know whether TWS made
 * the change; refused: TWS refused the change; notApplied: TWS has the order without the change; orderEnded: the order
 * ended before TWS showed the change.
 */
export type NoResponseErrorDataChange =
  | "queued"
  | "sent"
  | "unknown"
  | "refused"
  | "notApplied"
  | "orderEnded"
  | OtherText;

/** State of the order or request. */
export type NoResponseErrorDataState =
  | "queued"
  | "sent"
  | "acknowledged"
  | "inactive"
  | "unknown"
  | "notFound"
  | "filled"
  | "cancelled"
  | "rejected"
  | "abandoned"
  | "unsent"
  | OtherText;

/** Details of the error notTradable. */
export interface NotTradableErrorData {
  /** Number of the order at TWS. Absent if it was cancelled before it got one. */
  orderId?: number;
  /** Key of the order. */
  orderKey?: string;
  /** State of the order or request. */
  state?: NotTradableErrorDataState;
  /** IBKR's permanent number of the order. Absent until TWS sends it. */
  permId?: string;
  /** Status that TWS last sent. Absent until TWS sends one. */
  status?: string;
  /** Executed quantity: the larger of TWS's figure and the sum of the executions. Absent if nothing is executed. */
  filled?: Decimal;
  /** For a filled or cancelled order: whether `filled` is final. Place the rest with another key only if it is true. */
  fillsFinal?: boolean;
  /** For an unknown order: when it was placed, in ns since 1970 UTC. */
  sentAt?: Nanoseconds;
  /** In the answer to a cancel. True: the order had already ended. */
  alreadyEnded?: boolean;
  /** Revision of the newest change. Absent if the order was never changed. */
  revision?: number;
  /**
   * State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on disk
   * yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know whether TWS
   * made the change; refused: TWS refused the change; notApplied: TWS has the order without the change; orderEnded: the
   * order ended before TWS showed the change.
   */
  change?: NotTradableErrorDataChange;
  /** For an unknown order: what is missing, as text for people. */
  reason?: string;
  position?: OrderPosition;
  /** State of each order. */
  orders?: OrderFacts[];
  /** Name of the restart in the configuration. */
  name?: string;
  /** When the restart begins: ns since 1970 UTC. */
  begins?: Nanoseconds;
  /** When the restart ends: ns since 1970 UTC. */
  ends?: Nanoseconds;
}

/**
 * State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on disk
 * yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know whether TWS made
 * the change; refused: TWS refused the change; notApplied: TWS has the order without the change; orderEnded: the order
 * ended before TWS showed the change.
 */
export type NotTradableErrorDataChange =
  | "queued"
  | "sent"
  | "unknown"
  | "refused"
  | "notApplied"
  | "orderEnded"
  | OtherText;

/** State of the order or request. */
export type NotTradableErrorDataState =
  | "queued"
  | "sent"
  | "acknowledged"
  | "inactive"
  | "unknown"
  | "notFound"
  | "filled"
  | "cancelled"
  | "rejected"
  | "abandoned"
  | "unsent"
  | "ahead"
  | "begun"
  | "over"
  | OtherText;

/** An error or notice of TWS that concerns TWS as a whole, and no request, stream or order that the bridge knows. */
export interface NoticeEvent extends Envelope {
  event: "notice";
  data: ErrorData;
}

/** A stream that TWS does not serve now, with the fields of its `stale` event. */
export interface OpenGap {
  /** Name of the stream. */
  stream: string;
  /** Topic prefix of the stream. */
  topic: string;
  /** The reason, as text for people. */
  reason: string;
  /** TWS's code. Absent if TWS sent none. */
  code?: number;
  /** When the outage began: ns since 1970 UTC. */
  since: Nanoseconds;
}

/** The current state of one order. TWS sends it in answer to a list of orders, and for each new order or change. */
export interface OpenOrderData {
  /** Number of the order at the client that placed it. 0 or below for orders placed elsewhere. */
  orderId: number;
  contract?: Contract;
  order?: Order;
  orderState?: OrderState;
}

/** TWS has listed all open orders. */
export interface OpenOrderEndData {
}

/** TWS has listed all open orders. */
export interface OpenOrderEndEvent extends Envelope {
  event: "openOrderEnd";
  data: OpenOrderEndData;
}

export interface OpenOrderEndPart {
  event: "openOrderEnd";
  data: OpenOrderEndData;
}

/** The current state of one order. TWS sends it in answer to a list of orders, and for each new order or change. */
export interface OpenOrderEvent extends Envelope {
  event: "openOrder";
  data: OpenOrderData;
}

export interface OpenOrderPart {
  event: "openOrder";
  data: OpenOrderData;
}

/** An order: its side, quantity, price, lifetime and conditions. An order needs only the fields that its type uses. */
export interface Order {
  /** Client ID of the connection that placed the order; 0 is TWS itself. */
  clientId?: number;
  /** Number that the client gave to the order. It is unique among that client's orders. */
  orderId?: number;
  /** Permanent number that IBKR gives to the order. It is unique in the account. */
  permId?: string;
  /** orderId of the parent. This order waits until the parent is filled. 0 or absent: no parent. */
  parentId?: number;
  /** Side of the order. BUY: buy; SELL: sell; SSHORT: sell short (institutions); SLONG: sell long (institutions). */
  action?: OrderAction;
  /** Quantity to buy or sell, in shares, contracts or units of currency. */
  totalQuantity?: Decimal;
  /** Part of the quantity that the market may see (iceberg order). */
  displaySize?: number;
  /**
   * Order type. TWS has more types than these, by exchange and product. MKT: at market; LMT: limit; STP: stop; STP LMT:
   * stop-limit; TRAIL: trailing stop; TRAIL LIMIT: trailing stop-limit; MIT: market if touched; LIT: limit if touched;
   * MOC: market on close; LOC: limit on close; MTL: market, the rest as limit; MKT PRT: market with protection; STP
   * PRT: stop with protection; REL: relative to the best quote; PEG MKT: pegged to the other side of the market; PEG
   * MID: pegged to the midpoint; PEG BEST: competes with the best price; PEG STK: pegged to the stock; PEG BENCH:
   * pegged to a benchmark; PASSV REL: passive relative; MIDPRICE: midpoint or better; SNAP MKT: starts at the other
   * side of the market; SNAP MID: starts at the midpoint; SNAP PRIM: starts at the own side of the market; VOL: by
   * volatility; BOX TOP: best price, the rest as limit; REL + LMT: combination: relative and limit; REL + MKT:
   * combination: relative and market; LMT + MKT: combination: limit and market.
   */
  orderType?: "MKT" | "LMT" | "STP" | "STP LMT" | "TRAIL" | "TRAIL LIMIT" | "MIT" | "LIT" | "MOC" | "LOC" | "MTL" | "MKT PRT" | "STP PRT" | "REL" | "PEG MKT" | "PEG MID" | "PEG BEST" | "PEG STK" | "PEG BENCH" | "PASSV REL" | "MIDPRICE" | "SNAP MKT" | "SNAP MID" | "SNAP PRIM" | "VOL" | "BOX TOP" | "REL + LMT" | "REL + MKT" | "LMT + MKT" | OtherText;
  /** Limit price. For relative and trailing-limit orders: the limit or cap of that type. */
  lmtPrice?: number;
  /**
   * Second price, by order type: the stop's trigger, the trailing amount, the offset of a relative or pegged order, the
   * touch price of MIT and LIT.
   */
  auxPrice?: number;
  /**
   * How long the order works. `goodTillDate` goes with GTD. DAY: until the end of the day; GTC: until cancelled; IOC:
   * at once, the rest cancelled; GTD: until a date; OPG: at the open; FOK: at once and in full, or not at all; DTC:
   * until the end of the day, then taken from the market; AUC: in the auction; OVERNIGHT: in the overnight session.
   */
  tif?: "DAY" | "GTC" | "IOC" | "GTD" | "OPG" | "FOK" | "DTC" | "AUC" | "OVERNIGHT" | OtherText;
  /** Account that trades. Needed if the login has several accounts. */
  account?: string;
  /** Firm that settles the trade. Institutions only. */
  settlingFirm?: string;
  /** Account of the true beneficiary, if IBKR executes for another clearing firm. */
  clearingAccount?: string;
  /**
   * Who clears the trade. Absent: the account's default. IB: IBKR; AWAY: another firm; PTA: decided after the trade.
   */
  clearingIntent?: "IB" | "AWAY" | "PTA" | OtherText;
  /** Fill the whole quantity at once or not at all. */
  allOrNone?: boolean;
  /** Mark the order as a block order, for large option orders at ISE. */
  blockOrder?: boolean;
  /** Do not show the order in the book (NASDAQ-routed orders). */
  hidden?: boolean;
  /** The order may also trigger and fill outside regular trading hours. */
  outsideRth?: boolean;
  /** Take the displayed liquidity of all venues at once. */
  sweepToFill?: boolean;
  /** Offset of a relative order, as a fraction of the price. */
  percentOffset?: number;
  /** Trailing amount as a percentage. Alternative to auxPrice. */
  trailingPercent?: number;
  /** Starting stop price of a trailing order. */
  trailStopPrice?: number;
  /** Smallest quantity of a fill. */
  minQty?: number;
  /** Time until which TWS holds the order back: `yyyymmdd hh:mm:ss zone`. */
  goodAfterTime?: string;
  /** Time at which TWS cancels an order with tif GTD: `yyyymmdd hh:mm:ss zone`. */
  goodTillDate?: string;
  /** Name of a one-cancels-all group. TWS shares the name across the account. */
  ocaGroup?: string;
  /** The client's own text. TWS keeps it with the order and its executions. */
  orderRef?: string;
  /**
   * Capacity in which the order is entered, by the old NYSE rule 80A. I: individual; A: agency; W: agent for another
   * member; J: individual, program trade with index arbitrage; U: agency, program trade with index arbitrage; M: agent
   * for another member, program trade with index arbitrage; K: individual, program trade; Y: agency, program trade; N:
   * agent for another member, program trade.
   */
  rule80A?: "I" | "A" | "W" | "J" | "U" | "M" | "K" | "Y" | "N" | OtherText;
  /**
   * Effect of a fill on the other orders of the OCA group. 1: cancel the rest, while one order works at a time; 2:
   * reduce the rest, while one order works at a time; 3: reduce the rest, while all orders work.
   */
  ocaType?: number;
  /**
   * Prices that trigger a stop. 0: default of the product; 1: two bids or asks in a row; 2: last price; 3: two last
   * prices in a row; 4: bid or ask; 7: last, or bid or ask; 8: midpoint.
   */
  triggerMethod?: number;
  /** Time at which a GTC order starts to work: `yyyymmdd hh:mm:ss zone`. */
  activeStartTime?: string;
  /** Time at which a GTC order stops working: `yyyymmdd hh:mm:ss zone`. */
  activeStopTime?: string;
  /** Advisors: account group to which TWS allocates the order. */
  faGroup?: string;
  /**
   * Advisors: how TWS allocates the order within the group. Equal: in equal parts; NetLiq: by net liquidation value;
   * AvailableEquity: by available equity; PctChange: by a percentage of the position.
   */
  faMethod?: "Equal" | "NetLiq" | "AvailableEquity" | "PctChange" | OtherText;
  /** Advisors: percentage, for methods that need one. */
  faPercentage?: string;
  /** Volatility orders: the implied volatility to quote, in percent. */
  volatility?: number;
  /** Volatility orders: period of the volatility. 1: daily; 2: annual. */
  volatilityType?: number;
  /** Volatility orders: adjust the limit price when the underlying moves. */
  continuousUpdate?: boolean;
  /**
   * Volatility orders and their hedge: price of the underlying that TWS uses. 1: average of bid and ask; 2: bid or ask.
   */
  referencePriceType?: number;
  /** Order type of the delta-neutral hedge. TWS sends `None` if there is no hedge. */
  deltaNeutralOrderType?: string;
  /** Second price of the hedge order, like auxPrice of the order. */
  deltaNeutralAuxPrice?: number;
  /** Contract ID of the hedge. */
  deltaNeutralConId?: number;
  /** Whether the hedge opens or closes a position. O: opens; C: closes. */
  deltaNeutralOpenClose?: "O" | "C" | OtherText;
  /** Whether the hedge is a short sale. */
  deltaNeutralShortSale?: boolean;
  /**
   * Source of the shares of a short hedge, like shortSaleSlot. 0: does not apply; 1: held by the broker; 2: delivered
   * from elsewhere.
   */
  deltaNeutralShortSaleSlot?: number;
  /** Firm that lends the shares of a short hedge. Needed if deltaNeutralShortSaleSlot is 2. */
  deltaNeutralDesignatedLocation?: string;
  /** Scale orders: size of the first level. */
  scaleInitLevelSize?: number;
  /** Scale orders: size of each further level. */
  scaleSubsLevelSize?: number;
  /** Scale orders: price step between levels. A value above 0 makes the order a scale order. */
  scalePriceIncrement?: number;
  /** Scale orders: change of the starting price in each interval. */
  scalePriceAdjustValue?: number;
  /** Scale orders: seconds between these changes. */
  scalePriceAdjustInterval?: number;
  /** Scale orders: distance of the profit-taking orders. */
  scaleProfitOffset?: number;
  /** Scale orders: restore a level after its profit was taken. */
  scaleAutoReset?: boolean;
  /** Scale orders: position at the start. */
  scaleInitPosition?: number;
  /** Scale orders: quantity already filled at the first level. */
  scaleInitFillQty?: number;
  /** Scale orders: vary the level sizes at random. */
  scaleRandomPercent?: boolean;
  /** Scale orders: levels as a table, instead of the fields above. */
  scaleTable?: string;
  /** How this child order hedges its parent. D: delta; B: beta; F: currency; P: pair. */
  hedgeType?: "D" | "B" | "F" | "P" | OtherText;
  /** Parameter of the hedge: the beta, or the ratio of a pair. For orders with hedgeType only. */
  hedgeParam?: string;
  /** Name of an IBKR or third-party algo, such as `Adaptive`, `Vwap`, `Twap`, `ArrivalPx`, `DarkIce`. */
  algoStrategy?: string;
  /** Parameters of the algo by tag. For orders with algoStrategy only. */
  algoParams?: Record<string, string>;
  /** Identifier of the algorithm that made the order. */
  algoId?: string;
  /** How SMART routes a combination, by tag (`NonGuaranteed` and others). */
  smartComboRoutingParams?: Record<string, string>;
  /** Do not place the order: only compute margin and fees, which TWS sends in orderState. */
  whatIf?: boolean;
  /** Send the order to the market. False: TWS holds the order, as it does with the first orders of a bracket. */
  transmit?: boolean;
  /** Ignore TWS's precautionary limits on price and size. */
  overridePercentageConstraints?: boolean;
  /** Whether the order opens or closes a position. For institutions and some exchanges only. O: opens; C: closes. */
  openClose?: "O" | "C" | OtherText;
  /** Origin of the order. 0: customer; 1: firm. */
  origin?: number;
  /**
   * Short sales of institutions: source of the shares. 0: does not apply; 1: held by the broker; 2: delivered from
   * elsewhere.
   */
  shortSaleSlot?: number;
  /** Firm that lends the shares. Needed if shortSaleSlot is 2. */
  designatedLocation?: string;
  /** Reason for an exemption from the short-sale price test (Reg SHO). -1: none. */
  exemptCode?: number;
  /** Firm that settles the hedge. */
  deltaNeutralSettlingFirm?: string;
  /** Account of the hedge's true beneficiary. */
  deltaNeutralClearingAccount?: string;
  /** Who clears the hedge. IB: IBKR; AWAY: another firm; PTA: decided after the trade. */
  deltaNeutralClearingIntent?: "IB" | "AWAY" | "PTA" | OtherText;
  /** Amount by which a fill may be beyond the limit price, in price units. */
  discretionaryAmt?: number;
  /** Do not use SMART routing for the order. */
  optOutSmartRouting?: boolean;
  /** Auction orders (BOX): starting price. */
  startingPrice?: number;
  /** Pegged-to-stock orders: reference price of the stock. */
  stockRefPrice?: number;
  /** Pegged-to-stock orders: change of the order's price for each unit of the stock's price. */
  delta?: number;
  /** Price of the stock below which TWS cancels the order. */
  stockRangeLower?: number;
  /** Price of the stock above which TWS cancels the order. */
  stockRangeUpper?: number;
  /** Give the broker discretion over time and price. IBDARK only. */
  notHeld?: boolean;
  /** More options by tag, for IBKR's internal use. */
  orderMiscOptions?: Record<string, string>;
  /** True: the broker advised this order. */
  solicited?: boolean;
  /** Vary the displayed size at random, by up to half. For iceberg and similar orders. */
  randomizeSize?: boolean;
  /** Vary the price at random, by up to half the spread. For relative and similar orders. */
  randomizePrice?: boolean;
  /** Pegged-to-benchmark orders: contract ID of the benchmark. */
  referenceContractId?: number;
  /** Pegged-to-benchmark orders: change of the price for each referenceChangeAmount. */
  peggedChangeAmount?: number;
  /** Pegged-to-benchmark orders: the price falls when the benchmark rises. */
  isPeggedChangeAmountDecrease?: boolean;
  /** Pegged-to-benchmark orders: change of the benchmark that changes the price once. */
  referenceChangeAmount?: number;
  /** Pegged-to-benchmark orders: exchange of the benchmark's price. */
  referenceExchangeId?: string;
  /** Adjustable stops: order type after the adjustment. TWS sends `None` if there is none. */
  adjustedOrderType?: string;
  /** Adjustable stops: price that triggers the adjustment. */
  triggerPrice?: number;
  /** Adjustable stops: stop price after the adjustment. */
  adjustedStopPrice?: number;
  /** Adjustable stops: limit price of the stop-limit order after the adjustment. */
  adjustedStopLimitPrice?: number;
  /** Adjustable stops: trailing amount after the adjustment. */
  adjustedTrailingAmount?: number;
  /** Adjustable stops: unit of adjustedTrailingAmount. 0: amount; 1: percent. */
  adjustableTrailingUnit?: number;
  /** Offset of the limit from the stop price of a trailing stop-limit order. */
  lmtPriceOffset?: number;
  /** Conditions of the order, joined by `and` or `or` in their sequence. */
  conditions?: OrderCondition[];
  /** The conditions cancel the order instead of sending it. */
  conditionsCancelOrder?: boolean;
  /** Also check the conditions outside regular trading hours. */
  conditionsIgnoreRth?: boolean;
  /** Portfolio model of the order. */
  modelCode?: string;
  /** Person or system that enters the order (CME rule 576 and similar rules). */
  extOperator?: string;
  softDollarTier?: SoftDollarTier;
  /** Amount of money to spend instead of a quantity, in the contract's currency. */
  cashQty?: number;
  /** MiFID II: short code of the person who decided. */
  mifid2DecisionMaker?: string;
  /** MiFID II: short code of the algorithm that decided. */
  mifid2DecisionAlgo?: string;
  /** MiFID II: short code of the person who executes. */
  mifid2ExecutionTrader?: string;
  /** MiFID II: short code of the algorithm that executes. */
  mifid2ExecutionAlgo?: string;
  /** Do not let TWS choose the price of the hedge order. */
  dontUseAutoPriceForHedge?: boolean;
  /** Create a ticket in TWS instead of an order in the market. TWS is then an order-management system. */
  isOmsContainer?: boolean;
  /** Relative orders: discretion up to the limit price (D-Peg). */
  discretionaryUpToLimitPrice?: boolean;
  /** When TWS cancels the order automatically. */
  autoCancelDate?: string;
  /** Filled quantity of a completed order. */
  filledQuantity?: Decimal;
  /** Contract ID of a future to which the order refers. */
  refFuturesConId?: number;
  /** Cancel the parent when this order is cancelled. */
  autoCancelParent?: boolean;
  /** Shareholder, for exchanges that require it. */
  shareholder?: string;
  /** Auction orders: work only against an imbalance. */
  imbalanceOnly?: boolean;
  /** Route the marketable part straight to the best quote. */
  routeMarketableToBbo?: number;
  /** permId of the parent. */
  parentPermId?: string;
  /** Let IBKR's price management algo improve the price. Absent: the account's setting. 0: no; 1: yes. */
  usePriceMgmtAlgo?: number;
  /** Seconds after which TWS cancels the order. */
  duration?: number;
  /** Seconds that a SMART order stays at IBKRATS before TWS routes it on. */
  postToAts?: number;
  /** Advanced rejects to override, by the names in the error's advancedOrderRejectJson. */
  advancedErrorOverride?: string;
  /** When the client gave a manual order: `yyyymmdd-hh:mm:ss` UTC, or with a zone. */
  manualOrderTime?: string;
  /** IBKRATS and PEG BEST: smallest quantity of one trade. */
  minTradeQty?: number;
  /** PEG BEST: smallest size at the best price against which to compete. */
  minCompeteSize?: number;
  /** PEG BEST: amount by which to improve the best price. Infinite: up to the midpoint. */
  competeAgainstBestOffset?: number;
  /** PEG MID and PEG BEST: offset from the midpoint when the spread is an even number of cents. */
  midOffsetAtWhole?: number;
  /** PEG MID and PEG BEST: offset from the midpoint when the spread is an odd number of cents. */
  midOffsetAtHalf?: number;
  /** Customer's account, where regulation requires it. */
  customerAccount?: string;
  /** True: the customer is a professional by the exchanges' rule. */
  professionalCustomer?: boolean;
  /** Accrued interest of a bond order, as TWS writes it. */
  bondAccruedInterest?: string;
  /** The order may also trade in the overnight session. */
  includeOvernight?: boolean;
  /** Whether a person or a system entered the order (CME rule 536-B). */
  manualOrderIndicator?: number;
  /** User who submitted the order. */
  submitter?: string;
  /** Remove the order from the market but keep it in TWS. */
  deactivate?: boolean;
  /** Only add liquidity. An order that would trade at once is refused or repriced. */
  postOnly?: boolean;
  /** The order may work before the open. */
  allowPreOpen?: boolean;
  /** Do not take part in the opening auction. */
  ignoreOpenAuction?: boolean;
  /** Seek a better price than the best quote. Absent: the account's setting. */
  seekPriceImprovement?: number;
  /** Kind of preview, for orders with whatIf. */
  whatIfType?: number;
  /** Largest size of the hedge. */
  hedgeMaxSize?: number;
  /** Also check the conditions in the overnight session. */
  conditionsIncludeOvernight?: boolean;
  /** Auction orders (BOX): strategy. Text form only. 0: none; 1: match; 2: improvement; 3: transparent. */
  auctionStrategy?: number;
}

/** Side of the order. BUY: buy; SELL: sell; SSHORT: sell short (institutions); SLONG: sell long (institutions). */
export type OrderAction = "BUY" | "SELL" | "SSHORT" | "SLONG" | OtherText;

/** The part of one account in an order that an advisor previews. */
export interface OrderAllocation {
  /** Account. */
  account?: string;
  /** Current position of the account. */
  position?: Decimal;
  /** Target position of the allocation. */
  positionDesired?: Decimal;
  /** Position after the order. */
  positionAfter?: Decimal;
  /** Quantity that the account should get. */
  desiredAllocQty?: Decimal;
  /** Quantity that the account may get. */
  allowedAllocQty?: Decimal;
  /** True: the quantities are amounts of money. */
  isMonetary?: boolean;
}

/** TWS has bound an order that was placed elsewhere to an order ID of this client. */
export interface OrderBoundData {
  /** IBKR's own number of the order. */
  permId: string;
  /** Client ID that the order is bound to. */
  clientId?: number;
  /** Number of the order at that client. */
  orderId: number;
}

/** TWS has bound an order that was placed elsewhere to an order ID of this client. */
export interface OrderBoundEvent extends Envelope {
  event: "orderBound";
  data: OrderBoundData;
}

export interface OrderBoundPart {
  event: "orderBound";
  data: OrderBoundData;
}

/** Data of a cancel. Only regulated and manual order entry needs it. */
export interface OrderCancel {
  /** When the client cancelled a manual order: `yyyymmdd-hh:mm:ss` UTC, or with a zone. */
  manualOrderCancelTime?: string;
  /** Person or system that cancels the order (CME rule 576 and similar rules). */
  extOperator?: string;
  /** Whether a person or a system cancels the order (CME rule 536-B). */
  manualOrderIndicator?: number;
}

/**
 * One condition of an order. TWS sends the order, or cancels it, when its conditions hold. `type` decides which of the
 * other fields apply.
 */
export interface OrderCondition {
  /**
   * What the condition checks. 1: price; 3: time; 4: margin cushion; 5: a trade happens; 6: volume; 7: change in
   * percent.
   */
  type?: OrderConditionType;
  /** True: `and` joins this condition with the next one. False: `or`. */
  isConjunctionConnection?: boolean;
  /** True: the condition holds above the value, or after the time. False: below the value, or before the time. */
  isMore?: boolean;
  /** Price, volume and percent conditions: contract ID of the instrument. */
  conId?: number;
  /** Exchange of the instrument. For execution conditions: exchange of the trade. */
  exchange?: string;
  /** Execution conditions: symbol of the trade. */
  symbol?: string;
  /** Execution conditions: kind of contract of the trade. */
  secType?: string;
  /** Margin conditions: margin cushion in percent. */
  percent?: number;
  /** Percent conditions: change of the price in percent. */
  changePercent?: number;
  /** Price conditions: price to pass. */
  price?: number;
  /**
   * Price conditions: prices that TWS checks. 0: default of the product; 1: two bids or asks in a row; 2: last price;
   * 3: two last prices in a row; 4: bid or ask; 7: last, or bid or ask; 8: midpoint.
   */
  triggerMethod?: number;
  /** Time conditions: time to pass, `yyyymmdd hh:mm:ss zone`. */
  time?: string;
  /** Volume conditions: volume to pass. */
  volume?: number;
}

/**
 * What the condition checks. 1: price; 3: time; 4: margin cushion; 5: a trade happens; 6: volume; 7: change in percent.
 */
export type OrderConditionType = 1 | 3 | 4 | 5 | 6 | 7 | OtherNumber;

/** The state of one order; for an unknown order also what is missing. */
export interface OrderFacts {
  /** Number of the order at TWS. Absent if it was cancelled before it got one. */
  orderId?: number;
  /** Key of the order. */
  orderKey: string;
  /**
   * The state of an order. docs/reference/order-states.md has the whole table. queued: The bridge has accepted the
   * order. It is not on disk yet, and the bridge has not sent it; sent: The order is on disk, and the bridge may have
   * sent it. TWS has not answered yet; acknowledged: TWS has the order, and the order is working; inactive: TWS holds
   * the order and does not work it. TWS may work it later: cancel it before you place another order in its place;
   * unknown: The order may be working, or may have been executed. Never place it again with another key. `reason` says
   * what is missing; notFound: The bridge has proof that TWS never had the order. No other order can use its key until
   * `abandon`; filled: The order is executed in full; cancelled: The order has ended. `filled` is the executed
   * quantity, and is final when `fillsFinal` is true; rejected: TWS rejected the order with an error; abandoned: A
   * client has abandoned the order. Its key is free; unsent: The bridge never sent the order. Its key is free.
   */
  state: OrderStage;
  /** IBKR's permanent number of the order. Absent until TWS sends it. */
  permId?: string;
  /** Status that TWS last sent. Absent until TWS sends one. */
  status?: string;
  /** Executed quantity: the larger of TWS's figure and the sum of the executions. Absent if nothing is executed. */
  filled?: Decimal;
  /** For a filled or cancelled order: whether `filled` is final. Place the rest with another key only if it is true. */
  fillsFinal?: boolean;
  /** For an unknown order: when it was placed, in ns since 1970 UTC. */
  sentAt?: Nanoseconds;
  /** In the answer to a cancel. True: the order had already ended. */
  alreadyEnded?: boolean;
  /** Revision of the newest change. Absent if the order was never changed. */
  revision?: number;
  /**
   * State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on disk
   * yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know whether TWS
   * made the change; refused: TWS refused the change; notApplied: TWS has the order without the change; orderEnded: the
   * order ended before TWS showed the change.
   */
  change?: OrderFactsChange;
  /** For an unknown order: what is missing, as text for people. */
  reason?: string;
  position?: OrderPosition;
}

/**
 * State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on disk
 * yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know whether TWS made
 * the change; refused: TWS refused the change; notApplied: TWS has the order without the change; orderEnded: the order
 * ended before TWS showed the change.
 */
export type OrderFactsChange = "queued" | "sent" | "unknown" | "refused" | "notApplied" | "orderEnded" | OtherText;

/** The bridge does not know the outcome of this order, or some of its executions, and TWS can no longer send them. */
export interface OrderGapData {
  /** Number of the order at TWS. Absent if it was cancelled before it got one. */
  orderId?: number;
  /** Key of the order. */
  orderKey: string;
  /**
   * The state of an order. docs/reference/order-states.md has the whole table. queued: The bridge has accepted the
   * order. It is not on disk yet, and the bridge has not sent it; sent: The order is on disk, and the bridge may have
   * sent it. TWS has not answered yet; acknowledged: TWS has the order, and the order is working; inactive: TWS holds
   * the order and does not work it. TWS may work it later: cancel it before you place another order in its place;
   * unknown: The order may be working, or may have been executed. Never place it again with another key. `reason` says
   * what is missing; notFound: The bridge has proof that TWS never had the order. No other order can use its key until
   * `abandon`; filled: The order is executed in full; cancelled: The order has ended. `filled` is the executed
   * quantity, and is final when `fillsFinal` is true; rejected: TWS rejected the order with an error; abandoned: A
   * client has abandoned the order. Its key is free; unsent: The bridge never sent the order. Its key is free.
   */
  state: OrderStage;
  /** IBKR's permanent number of the order. Absent until TWS sends it. */
  permId?: string;
  /** Status that TWS last sent. Absent until TWS sends one. */
  status?: string;
  /** Executed quantity: the larger of TWS's figure and the sum of the executions. Absent if nothing is executed. */
  filled?: Decimal;
  /** For a filled or cancelled order: whether `filled` is final. Place the rest with another key only if it is true. */
  fillsFinal?: boolean;
  /** For an unknown order: when it was placed, in ns since 1970 UTC. */
  sentAt?: Nanoseconds;
  /** In the answer to a cancel. True: the order had already ended. */
  alreadyEnded?: boolean;
  /** Revision of the newest change. Absent if the order was never changed. */
  revision?: number;
  /**
   * State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on disk
   * yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know whether TWS
   * made the change; refused: TWS refused the change; notApplied: TWS has the order without the change; orderEnded: the
   * order ended before TWS showed the change.
   */
  change?: OrderGapDataChange;
  /** What is missing, as text for people. */
  reason: string;
  /** True: the bridge will not learn what is missing. */
  unrecoverable: boolean;
}

/**
 * State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on disk
 * yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know whether TWS made
 * the change; refused: TWS refused the change; notApplied: TWS has the order without the change; orderEnded: the order
 * ended before TWS showed the change.
 */
export type OrderGapDataChange =
  | "queued"
  | "sent"
  | "unknown"
  | "refused"
  | "notApplied"
  | "orderEnded"
  | OtherText;

/** The bridge does not know the outcome of this order, or some of its executions, and TWS can no longer send them. */
export interface OrderGapEvent extends Envelope {
  event: "orderGap";
  data: OrderGapData;
}

/** The result of orderLog. */
export interface OrderLogResult {
  /** Epoch of the bridge, the same as in the envelope of events. */
  epoch: string;
  /** Name of the log. A new name means that the ledger was lost and that the numbers start again. */
  log: string;
  /** Highest `n` that is on disk. 0 if the log is empty. */
  head: number;
  /** Events with a number above `after`, at most `limit` of them. */
  events: Event[];
}

/**
 * The position of an order's account in the order's contract, as TWS sent it. The bridge sends it to the order's owner
 * even if the owner has no right to account data.
 */
export interface OrderPosition {
  /**
   * Position when the order was placed. Absent if the bridge did not know it, or if something was executed after TWS
   * sent it.
   */
  then?: Decimal;
  /** Position that TWS sent last. 0 if TWS has listed all positions without this one. */
  now?: Decimal;
  /** When TWS sent `now`: ns since 1970 UTC. Later executions are not in `now`. */
  at?: Nanoseconds;
}

/**
 * The state of an order. docs/reference/order-states.md has the whole table. queued: The bridge has accepted the order.
 * It is not on disk yet, and the bridge has not sent it; sent: The order is on disk, and the bridge may have sent it.
 * TWS has not answered yet; acknowledged: TWS has the order, and the order is working; inactive: TWS holds the order
 * and does not work it. TWS may work it later: cancel it before you place another order in its place; unknown: The
 * order may be working, or may have been executed. Never place it again with another key. `reason` says what is
 * missing; notFound: The bridge has proof that TWS never had the order. No other order can use its key until `abandon`;
 * filled: The order is executed in full; cancelled: The order has ended. `filled` is the executed quantity, and is
 * final when `fillsFinal` is true; rejected: TWS rejected the order with an error; abandoned: A client has abandoned
 * the order. Its key is free; unsent: The bridge never sent the order. Its key is free.
 */
export type OrderStage =
  | "queued"
  | "sent"
  | "acknowledged"
  | "inactive"
  | "unknown"
  | "notFound"
  | "filled"
  | "cancelled"
  | "rejected"
  | "abandoned"
  | "unsent"
  | OtherText;

/** The status of an order, expected margin and fees, warnings, and how the order ended. */
export interface OrderState {
  /**
   * Status of the order. ApiPending: accepted by the API, not yet by TWS; PendingSubmit: sent, not yet confirmed;
   * PreSubmitted: accepted, but not working yet (stops, conditions, hours); Submitted: working; ApiCancelled: cancelled
   * before it was confirmed; PendingCancel: cancellation sent, not yet confirmed; Cancelled: cancelled, or rejected;
   * Filled: filled in full; Inactive: rejected, or held by TWS or the exchange.
   */
  status?: "ApiPending" | "PendingSubmit" | "PreSubmitted" | "Submitted" | "ApiCancelled" | "PendingCancel" | "Cancelled" | "Filled" | "Inactive" | OtherText;
  /** Initial margin of the account without the order. */
  initMarginBefore?: number;
  /** Maintenance margin of the account without the order. */
  maintMarginBefore?: number;
  /** Equity with loan value of the account without the order. */
  equityWithLoanBefore?: number;
  /** Change of the initial margin through the order. */
  initMarginChange?: number;
  /** Change of the maintenance margin through the order. */
  maintMarginChange?: number;
  /** Change of the equity with loan value through the order. */
  equityWithLoanChange?: number;
  /** Initial margin of the account with the order. */
  initMarginAfter?: number;
  /** Maintenance margin of the account with the order. */
  maintMarginAfter?: number;
  /** Equity with loan value of the account with the order. */
  equityWithLoanAfter?: number;
  /** Expected commission and fees. Absent if TWS gives a range. */
  commissionAndFees?: number;
  /** Lowest expected commission and fees. */
  minCommissionAndFees?: number;
  /** Highest expected commission and fees. */
  maxCommissionAndFees?: number;
  /** Currency of the commission and fees. */
  commissionAndFeesCurrency?: string;
  /** Currency of the margins and equities. */
  marginCurrency?: string;
  /** As initMarginBefore, by the rules outside regular trading hours. */
  initMarginBeforeOutsideRTH?: number;
  /** As maintMarginBefore, by the rules outside regular trading hours. */
  maintMarginBeforeOutsideRTH?: number;
  /** As equityWithLoanBefore, by the rules outside regular trading hours. */
  equityWithLoanBeforeOutsideRTH?: number;
  /** As initMarginChange, by the rules outside regular trading hours. */
  initMarginChangeOutsideRTH?: number;
  /** As maintMarginChange, by the rules outside regular trading hours. */
  maintMarginChangeOutsideRTH?: number;
  /** As equityWithLoanChange, by the rules outside regular trading hours. */
  equityWithLoanChangeOutsideRTH?: number;
  /** As initMarginAfter, by the rules outside regular trading hours. */
  initMarginAfterOutsideRTH?: number;
  /** As maintMarginAfter, by the rules outside regular trading hours. */
  maintMarginAfterOutsideRTH?: number;
  /** As equityWithLoanAfter, by the rules outside regular trading hours. */
  equityWithLoanAfterOutsideRTH?: number;
  /** Size that TWS suggests instead. */
  suggestedSize?: Decimal;
  /** Why TWS would reject the order. */
  rejectReason?: string;
  /** How TWS would allocate an advisor's order. */
  orderAllocations?: OrderAllocation[];
  /** Warning about the order, as text for people. */
  warningText?: string;
  /** When the order was completed: `yyyymmdd hh:mm:ss zone`. */
  completedTime?: string;
  /** How the order ended, as text for people. */
  completedStatus?: string;
}

/** The status of an order. TWS may send the same status twice, and may omit statuses of an order that fills quickly. */
export interface OrderStatusData {
  /** Number of the order at the client that placed it. */
  orderId: number;
  /**
   * Status of the order. ApiPending: accepted by the API, not yet by TWS; PendingSubmit: sent, not yet confirmed;
   * PreSubmitted: accepted, but not working yet (stops, conditions, hours); Submitted: working; ApiCancelled: cancelled
   * before it was confirmed; PendingCancel: cancellation sent, not yet confirmed; Cancelled: cancelled, or rejected;
   * Filled: filled in full; Inactive: rejected, or held by TWS or the exchange.
   */
  status?: "ApiPending" | "PendingSubmit" | "PreSubmitted" | "Submitted" | "ApiCancelled" | "PendingCancel" | "Cancelled" | "Filled" | "Inactive" | OtherText;
  /** Quantity filled. */
  filled?: Decimal;
  /** Quantity that is still open. */
  remaining?: Decimal;
  /** Average price of the fills. */
  avgFillPrice?: number;
  /** IBKR's own number of the order. */
  permId?: string;
  /** Number of the parent order. 0: none. */
  parentId?: number;
  /** Price of the last fill. */
  lastFillPrice?: number;
  /** Client ID that placed the order. */
  clientId?: number;
  /** Why TWS holds the order back: `locate` while it looks for shares to borrow. */
  whyHeld?: string;
  /** Price to which TWS has capped the order. 0: not capped. */
  mktCapPrice?: number;
}

/** The status of an order. TWS may send the same status twice, and may omit statuses of an order that fills quickly. */
export interface OrderStatusEvent extends Envelope {
  event: "orderStatus";
  data: OrderStatusData;
}

export interface OrderStatusPart {
  event: "orderStatus";
  data: OrderStatusData;
}

/** Settings: orders. */
export interface OrdersConfig {
  smartRouting?: OrdersSmartRoutingConfig;
}

/** Settings: SMART routing of orders. */
export interface OrdersSmartRoutingConfig {
  /** Seek a better price than the best quote. */
  seekPriceImprovement?: boolean;
  /** Reroute before the open. */
  preOpenReroute?: boolean;
  /** Do not route to dark pools. */
  doNotRouteToDarkPools?: boolean;
  /** Routing algorithm of orders that name none. */
  defaultAlgorithm?: string;
}

/** TWS has reported that it is asked too fast, and the bridge sends less for a while. */
export interface PacingData {
  /**
   * What TWS counted. messages: Messages per second (error 100). The bridge halves its limit; history: Requests of
   * historical data and of real-time bars (a pacing violation: error 162 or 420). They wait.
   */
  counted: PacingDataCounted;
  /** Messages per second that the bridge sends now at most. Absent for `history`. */
  limit?: number;
  /** Text of TWS. */
  reason: string;
  /** Seconds until the full limit applies again. */
  seconds: number;
}

/**
 * What TWS counted. messages: Messages per second (error 100). The bridge halves its limit; history: Requests of
 * historical data and of real-time bars (a pacing violation: error 162 or 420). They wait.
 */
export type PacingDataCounted = "messages" | "history" | OtherText;

/** TWS has reported that it is asked too fast, and the bridge sends less for a while. */
export interface PacingEvent extends Envelope {
  event: "pacing";
  data: PacingData;
}

/** When TWS may take the request. */
export interface PacingFacts {
  /** Seconds until the bridge may have room for the request. 0 if it is unknown. */
  waitSeconds: number;
}

/** How fast the bridge may send messages to TWS. */
export interface PacingState {
  /** Messages per second that the bridge sends now at most. Absent if there is no limit. */
  limit?: number;
  /** Number of requests that wait, and of messages that wait to leave. */
  queued: number;
}

/** Details of the error parentGone. */
export interface ParentGoneErrorData {
  /** Number of the order at TWS. Absent if it was cancelled before it got one. */
  orderId?: number;
  /** Key of the order. */
  orderKey?: string;
  /**
   * The state of an order. docs/reference/order-states.md has the whole table. queued: The bridge has accepted the
   * order. It is not on disk yet, and the bridge has not sent it; sent: The order is on disk, and the bridge may have
   * sent it. TWS has not answered yet; acknowledged: TWS has the order, and the order is working; inactive: TWS holds
   * the order and does not work it. TWS may work it later: cancel it before you place another order in its place;
   * unknown: The order may be working, or may have been executed. Never place it again with another key. `reason` says
   * what is missing; notFound: The bridge has proof that TWS never had the order. No other order can use its key until
   * `abandon`; filled: The order is executed in full; cancelled: The order has ended. `filled` is the executed
   * quantity, and is final when `fillsFinal` is true; rejected: TWS rejected the order with an error; abandoned: A
   * client has abandoned the order. Its key is free; unsent: The bridge never sent the order. Its key is free.
   */
  state?: OrderStage;
  /** IBKR's permanent number of the order. Absent until TWS sends it. */
  permId?: string;
  /** Status that TWS last sent. Absent until TWS sends one. */
  status?: string;
  /** Executed quantity: the larger of TWS's figure and the sum of the executions. Absent if nothing is executed. */
  filled?: Decimal;
  /** For a filled or cancelled order: whether `filled` is final. Place the rest with another key only if it is true. */
  fillsFinal?: boolean;
  /** For an unknown order: when it was placed, in ns since 1970 UTC. */
  sentAt?: Nanoseconds;
  /** In the answer to a cancel. True: the order had already ended. */
  alreadyEnded?: boolean;
  /** Revision of the newest change. Absent if the order was never changed. */
  revision?: number;
  /**
   * State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on disk
   * yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know whether TWS
   * made the change; refused: TWS refused the change; notApplied: TWS has the order without the change; orderEnded: the
   * order ended before TWS showed the change.
   */
  change?: ParentGoneErrorDataChange;
  /** For an unknown order: what is missing, as text for people. */
  reason?: string;
  position?: OrderPosition;
  /** State of each order. */
  orders?: OrderFacts[];
}

/**
 * State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on disk
 * yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know whether TWS made
 * the change; refused: TWS refused the change; notApplied: TWS has the order without the change; orderEnded: the order
 * ended before TWS showed the change.
 */
export type ParentGoneErrorDataChange =
  | "queued"
  | "sent"
  | "unknown"
  | "refused"
  | "notApplied"
  | "orderEnded"
  | OtherText;

/** One callback of TWS: a part of an answer, or the content of an event. */
export type Part =
  | AccountDownloadEndPart
  | AccountSummaryPart
  | AccountSummaryEndPart
  | AccountUpdateMultiPart
  | AccountUpdateMultiEndPart
  | BondContractDetailsPart
  | CommissionAndFeesReportPart
  | CompletedOrderPart
  | CompletedOrdersEndPart
  | ConfigResponsePart
  | ContractDetailsPart
  | ContractDetailsEndPart
  | CurrentTimePart
  | CurrentTimeInMillisPart
  | DeltaNeutralValidationPart
  | DisplayGroupListPart
  | DisplayGroupUpdatedPart
  | ErrorPart
  | ExecDetailsPart
  | ExecDetailsEndPart
  | FamilyCodesPart
  | HeadTimestampPart
  | HistogramDataPart
  | HistoricalDataPart
  | HistoricalDataEndPart
  | HistoricalDataUpdatePart
  | HistoricalNewsPart
  | HistoricalNewsEndPart
  | HistoricalSchedulePart
  | HistoricalTicksPart
  | HistoricalTicksBidAskPart
  | HistoricalTicksLastPart
  | ManagedAccountsPart
  | MarketDataTypePart
  | MarketRulePart
  | MktDepthExchangesPart
  | NewsArticlePart
  | NewsProvidersPart
  | NextValidIdPart
  | OpenOrderPart
  | OpenOrderEndPart
  | OrderBoundPart
  | OrderStatusPart
  | PnlPart
  | PnlSinglePart
  | PositionPart
  | PositionEndPart
  | PositionMultiPart
  | PositionMultiEndPart
  | RealtimeBarPart
  | ReceiveFAPart
  | ReplaceFAEndPart
  | RerouteMktDataReqPart
  | RerouteMktDepthReqPart
  | ScannerDataPart
  | ScannerParametersPart
  | SecurityDefinitionOptionParameterPart
  | SecurityDefinitionOptionParameterEndPart
  | SmartComponentsPart
  | SoftDollarTiersPart
  | SymbolSamplesPart
  | TickByTickAllLastPart
  | TickByTickBidAskPart
  | TickByTickMidPointPart
  | TickEFPPart
  | TickGenericPart
  | TickNewsPart
  | TickOptionComputationPart
  | TickPricePart
  | TickReqParamsPart
  | TickSizePart
  | TickSnapshotEndPart
  | TickStringPart
  | UpdateAccountTimePart
  | UpdateAccountValuePart
  | UpdateConfigResponsePart
  | UpdateMktDepthPart
  | UpdateMktDepthL2Part
  | UpdateNewsBulletinPart
  | UpdatePortfolioPart
  | UserInfoPart
  | VerifyAndAuthCompletedPart
  | VerifyAndAuthMessageAPIPart
  | VerifyCompletedPart
  | VerifyMessageAPIPart
  | WshEventDataPart
  | WshMetaDataPart;

/** The result of ping. */
export interface PingResult {
  /** Current time of the bridge: ns since 1970 UTC. */
  ts: Nanoseconds;
}

/** A planned restart of TWS, or reset of IBKR. */
export interface PlannedRestart {
  /**
   * A state of a planned restart. ahead: The restart begins soon. The bridge sends no new order; begun: The restart is
   * in progress. The bridge sends no new order, and a lost connection is normal; over: The restart is over.
   */
  state: RestartState;
  /** Name of the restart in the configuration. */
  name: string;
  /** When the restart begins: ns since 1970 UTC. */
  begins: Nanoseconds;
  /** When the restart ends: ns since 1970 UTC. */
  ends: Nanoseconds;
}

/**
 * A planned restart has entered another state. While it is `ahead` or has `begun`, the bridge sends no new order to
 * TWS.
 */
export interface PlannedRestartData {
  /**
   * A state of a planned restart. ahead: The restart begins soon. The bridge sends no new order; begun: The restart is
   * in progress. The bridge sends no new order, and a lost connection is normal; over: The restart is over.
   */
  state: RestartState;
  /** Name of the restart in the configuration. */
  name: string;
  /** When the restart begins: ns since 1970 UTC. */
  begins: Nanoseconds;
  /** When the restart ends: ns since 1970 UTC. */
  ends: Nanoseconds;
}

/**
 * A planned restart has entered another state. While it is `ahead` or has `begun`, the bridge sends no new order to
 * TWS.
 */
export interface PlannedRestartEvent extends Envelope {
  event: "plannedRestart";
  data: PlannedRestartData;
}

/** Profit and loss of an account, about once a second. */
export interface PnlData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Profit and loss since the start of the day. */
  dailyPnL?: number;
  /** Profit and loss of open positions. */
  unrealizedPnL?: number;
  /** Profit and loss of the positions closed today. */
  realizedPnL?: number;
}

/** Profit and loss of an account, about once a second. */
export interface PnlEvent extends Envelope {
  event: "pnl";
  data: PnlData;
}

export interface PnlPart {
  event: "pnl";
  data: PnlData;
}

/** Profit and loss of one position, about once a second. */
export interface PnlSingleData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Size of the position. */
  position?: Decimal;
  /** Profit and loss since the start of the day. */
  dailyPnL?: number;
  /** Profit and loss of open positions. */
  unrealizedPnL?: number;
  /** Profit and loss of the positions closed today. */
  realizedPnL?: number;
  /** Market value of the position. */
  value?: number;
}

/** Profit and loss of one position, about once a second. */
export interface PnlSingleEvent extends Envelope {
  event: "pnlSingle";
  data: PnlSingleData;
}

export interface PnlSinglePart {
  event: "pnlSingle";
  data: PnlSingleData;
}

/** One position of an account. */
export interface PositionData {
  /** Account. */
  account?: string;
  contract?: Contract;
  /** Size of the position: negative for a short position, 0 for a closed one. */
  position?: Decimal;
  /** Average cost of one unit. For derivatives it includes the multiplier. */
  avgCost?: number;
}

/** TWS has sent all positions. Only changes follow. */
export interface PositionEndData {
}

/** TWS has sent all positions. Only changes follow. */
export interface PositionEndEvent extends Envelope {
  event: "positionEnd";
  data: PositionEndData;
}

export interface PositionEndPart {
  event: "positionEnd";
  data: PositionEndData;
}

/** One position of an account. */
export interface PositionEvent extends Envelope {
  event: "position";
  data: PositionData;
}

/** One position of an account or model. */
export interface PositionMultiData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Account. */
  account?: string;
  contract?: Contract;
  /** Size of the position: negative for a short position, 0 for a closed one. */
  position?: Decimal;
  /** Average cost of one unit. For derivatives it includes the multiplier. */
  avgCost?: number;
  /** Model. */
  modelCode?: string;
}

/** TWS has sent all positions. Only changes follow. */
export interface PositionMultiEndData {
  /** ID of the request that this message answers. */
  reqId: number;
}

/** TWS has sent all positions. Only changes follow. */
export interface PositionMultiEndEvent extends Envelope {
  event: "positionMultiEnd";
  data: PositionMultiEndData;
}

export interface PositionMultiEndPart {
  event: "positionMultiEnd";
  data: PositionMultiEndData;
}

/** One position of an account or model. */
export interface PositionMultiEvent extends Envelope {
  event: "positionMulti";
  data: PositionMultiData;
}

export interface PositionMultiPart {
  event: "positionMulti";
  data: PositionMultiData;
}

export interface PositionPart {
  event: "position";
  data: PositionData;
}

/** The answer to an order with `whatIf`. TWS places no order. */
export interface Preview {
  /** Order number that the bridge used for the preview. */
  orderId: number;
  orderState: OrderState;
}

/** The smallest price step above a price. */
export interface PriceIncrement {
  /** Price from which the step applies. */
  lowEdge?: number;
  /** Price step. */
  increment?: number;
}

/** A request of the client waits, because TWS takes only so many messages per second. */
export interface QueuedData {
  /** Method of the request. */
  method: string;
  /** About the most seconds that the request waits, if nothing more urgent comes. */
  waitSeconds: number;
}

/** A request of the client waits, because TWS takes only so many messages per second. */
export interface QueuedEvent extends Envelope {
  event: "queued";
  data: QueuedData;
}

/** A bar of five seconds. TWS sends it when the bar ends. */
export interface RealtimeBarData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Start of the bar: seconds since 1970 UTC. */
  time?: Int64;
  /** First price. */
  open?: number;
  /** Highest price. */
  high?: number;
  /** Lowest price. */
  low?: number;
  /** Last price. */
  close?: number;
  /** Volume. For TRADES only; -1 otherwise. */
  volume?: Decimal;
  /** Average price, weighted by volume. For TRADES only. */
  WAP?: Decimal;
  /** Number of trades. For TRADES only. */
  count?: number;
}

/** A bar of five seconds. TWS sends it when the bar ends. */
export interface RealtimeBarEvent extends Envelope {
  event: "realtimeBar";
  data: RealtimeBarData;
}

export interface RealtimeBarPart {
  event: "realtimeBar";
  data: RealtimeBarData;
}

/** One part of the advisor's configuration. */
export interface ReceiveFAData {
  /** Part of the configuration. 1: groups; 2: profiles (below server version 177); 3: aliases of accounts. */
  faDataType: ReceiveFADataFaDataType;
  /** The configuration. */
  xml?: string;
}

/** Part of the configuration. 1: groups; 2: profiles (below server version 177); 3: aliases of accounts. */
export type ReceiveFADataFaDataType = 1 | 2 | 3 | OtherNumber;

/** One part of the advisor's configuration. */
export interface ReceiveFAEvent extends Envelope {
  event: "receiveFA";
  data: ReceiveFAData;
}

export interface ReceiveFAPart {
  event: "receiveFA";
  data: ReceiveFAData;
}

/**
 * An outage is over: TWS serves these streams again. Events from the time of the outage are lost. A snapshot has the
 * current values.
 */
export interface RecoveredData {
  /** Names of the streams, without those that ended during the outage. */
  streams: string[];
  /** Topic prefixes of the streams, in the same order. */
  topics: string[];
  /** When the outage began, the same as in its `gap`: ns since 1970 UTC. */
  since: Nanoseconds;
  /** When the outage ended: ns since 1970 UTC. */
  until: Nanoseconds;
}

/**
 * An outage is over: TWS serves these streams again. Events from the time of the outage are lost. A snapshot has the
 * current values.
 */
export interface RecoveredEvent extends Envelope {
  event: "recovered";
  data: RecoveredData;
}

/** The client has no right to regulatory snapshots, which cost money. */
export interface Regulatory_snapshotsRule {
  rule: "regulatory_snapshots";
}

/** Details of the error rejectedByTws. */
export interface RejectedByTwsErrorData {
  /** Number of the order at TWS. Absent if it was cancelled before it got one. */
  orderId?: number;
  /** Key of the order. */
  orderKey?: string;
  /**
   * The state of an order. docs/reference/order-states.md has the whole table. queued: The bridge has accepted the
   * order. It is not on disk yet, and the bridge has not sent it; sent: The order is on disk, and the bridge may have
   * sent it. TWS has not answered yet; acknowledged: TWS has the order, and the order is working; inactive: TWS holds
   * the order and does not work it. TWS may work it later: cancel it before you place another order in its place;
   * unknown: The order may be working, or may have been executed. Never place it again with another key. `reason` says
   * what is missing; notFound: The bridge has proof that TWS never had the order. No other order can use its key until
   * `abandon`; filled: The order is executed in full; cancelled: The order has ended. `filled` is the executed
   * quantity, and is final when `fillsFinal` is true; rejected: TWS rejected the order with an error; abandoned: A
   * client has abandoned the order. Its key is free; unsent: The bridge never sent the order. Its key is free.
   */
  state?: OrderStage;
  /** IBKR's permanent number of the order. Absent until TWS sends it. */
  permId?: string;
  /** Status that TWS last sent. Absent until TWS sends one. */
  status?: string;
  /** Executed quantity: the larger of TWS's figure and the sum of the executions. Absent if nothing is executed. */
  filled?: Decimal;
  /** For a filled or cancelled order: whether `filled` is final. Place the rest with another key only if it is true. */
  fillsFinal?: boolean;
  /** For an unknown order: when it was placed, in ns since 1970 UTC. */
  sentAt?: Nanoseconds;
  /** In the answer to a cancel. True: the order had already ended. */
  alreadyEnded?: boolean;
  /** Revision of the newest change. Absent if the order was never changed. */
  revision?: number;
  /**
   * State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on disk
   * yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know whether TWS
   * made the change; refused: TWS refused the change; notApplied: TWS has the order without the change; orderEnded: the
   * order ended before TWS showed the change.
   */
  change?: RejectedByTwsErrorDataChange;
  /** For an unknown order: what is missing, as text for people. */
  reason?: string;
  position?: OrderPosition;
  /** State of each order. */
  orders?: OrderFacts[];
}

/**
 * State of that change. Absent if TWS has made it. queued: the bridge has accepted the change, which is not on disk
 * yet; sent: the change is on disk, and the bridge may have sent it; unknown: the bridge does not know whether TWS made
 * the change; refused: TWS refused the change; notApplied: TWS has the order without the change; orderEnded: the order
 * ended before TWS showed the change.
 */
export type RejectedByTwsErrorDataChange =
  | "queued"
  | "sent"
  | "unknown"
  | "refused"
  | "notApplied"
  | "orderEnded"
  | OtherText;

/** The answer to a request that ends the client's hold on a stream. */
export interface Released {
  /** Name of the stream. */
  released: string;
}

/** The result of reload. */
export interface ReloadResult {
  /** True: the bridge has taken over the changes. False: the request was a `dryRun`. */
  applied: boolean;
  /** Settings that the reload changes. */
  changes: SettingChange[];
  /** Settings that the bridge takes over only when it starts. `before` is still in force. */
  needRestart: SettingChange[];
}

/**
 * Part of the configuration. From server version 177 on, TWS refuses 2 (profiles). 1: groups; 2: profiles (below server
 * version 177); 3: aliases of accounts.
 */
export type ReplaceFADataFaDataType = 1 | 2 | 3 | OtherNumber;

/** TWS has replaced the advisor's configuration. */
export interface ReplaceFAEndData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** TWS's message about the result. */
  text?: string;
}

/** TWS has replaced the advisor's configuration. */
export interface ReplaceFAEndEvent extends Envelope {
  event: "replaceFAEnd";
  data: ReplaceFAEndData;
}

export interface ReplaceFAEndPart {
  event: "replaceFAEnd";
  data: ReplaceFAEndData;
}

/** Format of times. 1: text; 2: seconds since 1970 UTC. */
export type ReqHeadTimeStampDataFormatDate = 1 | 2 | OtherNumber;

/** Format of times. 1: text; 2: seconds since 1970 UTC. */
export type ReqHistoricalDataDataFormatDate = 1 | 2 | OtherNumber;

/** Kind of data. 1: live; 2: frozen: as of the close; 3: delayed by 15 to 20 minutes; 4: delayed and frozen. */
export type ReqMarketDataTypeDataMarketDataType = 1 | 2 | 3 | 4 | OtherNumber;

/** Kind of data. TRADES: trades; MIDPOINT: midpoints; BID: bids; ASK: asks. */
export type ReqRealTimeBarsDataWhatToShow = "TRADES" | "MIDPOINT" | "BID" | "ASK" | OtherText;

/**
 * Kind of ticks. Last: trades; AllLast: trades, including combinations and similar trades; BidAsk: bids and asks;
 * MidPoint: midpoints.
 */
export type ReqTickByTickDataDataTickType = "Last" | "AllLast" | "BidAsk" | "MidPoint" | OtherText;

/**
 * Part of the configuration. From server version 177 on, TWS refuses 2 (profiles). 1: groups; 2: profiles (below server
 * version 177); 3: aliases of accounts.
 */
export type RequestFADataFaDataType = 1 | 2 | 3 | OtherNumber;

/** TWS has no market data for the CFD of the request. Send the request again with the same ID, for this contract. */
export interface RerouteMktDataReqData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Contract ID to request instead. */
  conId?: number;
  /** Exchange to request instead. */
  exchange?: string;
}

/** TWS has no market data for the CFD of the request. Send the request again with the same ID, for this contract. */
export interface RerouteMktDataReqEvent extends Envelope {
  event: "rerouteMktDataReq";
  data: RerouteMktDataReqData;
}

export interface RerouteMktDataReqPart {
  event: "rerouteMktDataReq";
  data: RerouteMktDataReqData;
}

/** TWS has no market depth for the CFD of the request. Send the request again with the same ID, for this contract. */
export interface RerouteMktDepthReqData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Contract ID to request instead. */
  conId?: number;
  /** Exchange to request instead. */
  exchange?: string;
}

/** TWS has no market depth for the CFD of the request. Send the request again with the same ID, for this contract. */
export interface RerouteMktDepthReqEvent extends Envelope {
  event: "rerouteMktDepthReq";
  data: RerouteMktDepthReqData;
}

export interface RerouteMktDepthReqPart {
  event: "rerouteMktDepthReq";
  data: RerouteMktDepthReqData;
}

/** The method starts the connection to TWS. Only the bridge may use it. */
export interface ReservedRule {
  rule: "reserved";
}

/**
 * A state of a planned restart. ahead: The restart begins soon. The bridge sends no new order; begun: The restart is in
 * progress. The bridge sends no new order, and a lost connection is normal; over: The restart is over.
 */
export type RestartState = "ahead" | "begun" | "over" | OtherText;

/** The result of resume. */
export interface ResumeResult {
  /** True: the bridge refuses new orders, and changes that add to an order. */
  halted: boolean;
  /** Reasons by source: `admin` or `file`. */
  reasons: Record<string, string>;
  /**
   * True: a restart of the bridge keeps this. False: it holds now, but is not on disk. The bridge writes it again each
   * second.
   */
  stored: boolean;
  /** What a restart of the bridge would forget, and why. Absent if `stored` is true. */
  notStored?: string;
}

/** The client lacks a role. */
export interface RolesRule {
  rule: "roles";
  /** Role that the method needs. observe: any role; account: accounts; trade: orders; admin: everything. */
  role: RolesRuleRole;
}

/** Role that the method needs. observe: any role; account: accounts; trade: orders; admin: everything. */
export type RolesRuleRole = "observe" | "account" | "trade" | "admin" | OtherText;

export type RuleBroken =
  | IdentityRule
  | ClientsRule
  | RolesRule
  | InstanceRule
  | ReservedRule
  | HaltRule
  | AccountsRule
  | SymbolsRule
  | Max_order_sizeRule
  | Max_order_notionalRule
  | Max_open_ordersRule
  | Max_linesRule
  | Max_orders_per_minuteRule
  | Regulatory_snapshotsRule
  | Manual_ordersRule;

/** The whole result of a scan. TWS sends it each time it repeats the scan. */
export interface ScannerDataData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Rows, in the order of their rank. */
  scannerDataElement?: ScannerDataElement[];
}

/** One row of a scan. */
export interface ScannerDataElement {
  /** Rank in the scan, from 0. */
  rank?: number;
  contract?: Contract;
  /** Name of the instrument's market. */
  marketName?: string;
  /** Another value of the row. Its meaning depends on the scan. */
  distance?: string;
  /** Another value of the row. Its meaning depends on the scan. */
  benchmark?: string;
  /** Another value of the row. Its meaning depends on the scan. */
  projection?: string;
  /** Legs of a combination, as text. */
  comboKey?: string;
}

/** The whole result of a scan. TWS sends it each time it repeats the scan. */
export interface ScannerDataEvent extends Envelope {
  event: "scannerData";
  data: ScannerDataData;
}

export interface ScannerDataPart {
  event: "scannerData";
  data: ScannerDataData;
}

/** Everything that a scan can use: instruments, locations, scan codes, filters. */
export interface ScannerParametersData {
  /** XML, about two megabytes long. */
  xml?: string;
}

/** Everything that a scan can use: instruments, locations, scan codes, filters. */
export interface ScannerParametersEvent extends Envelope {
  event: "scannerParameters";
  data: ScannerParametersData;
}

export interface ScannerParametersPart {
  event: "scannerParameters";
  data: ScannerParametersData;
}

/** The terms of a scan. An absent field does not filter. */
export interface ScannerSubscription {
  /** Highest number of rows. -1: TWS's limit, which is 50. */
  numberOfRows?: number;
  /** Kind of instrument, from scannerParameters, such as `STK`. */
  instrument?: string;
  /** Location, from scannerParameters, such as `STK.US.MAJOR`. */
  locationCode?: string;
  /** Scan code, from scannerParameters, such as `TOP_PERC_GAIN`. It decides the rank. */
  scanCode?: string;
  /** Only instruments above this price. */
  abovePrice?: number;
  /** Only instruments below this price. */
  belowPrice?: number;
  /** Only instruments above this volume. */
  aboveVolume?: Int64;
  /** Only instruments above this market capitalization. */
  marketCapAbove?: number;
  /** Only instruments below this market capitalization. */
  marketCapBelow?: number;
  /** Only instruments above this Moody's rating. */
  moodyRatingAbove?: string;
  /** Only instruments below this Moody's rating. */
  moodyRatingBelow?: string;
  /** Only instruments above this S&P rating. */
  spRatingAbove?: string;
  /** Only instruments below this S&P rating. */
  spRatingBelow?: string;
  /** Only bonds that mature after this day: yyyymmdd. */
  maturityDateAbove?: string;
  /** Only bonds that mature before this day: yyyymmdd. */
  maturityDateBelow?: string;
  /** Only bonds with a coupon above this rate, in percent. */
  couponRateAbove?: number;
  /** Only bonds with a coupon below this rate, in percent. */
  couponRateBelow?: number;
  /** Omit convertible bonds. */
  excludeConvertible?: boolean;
  /** Only instruments above this average option volume. */
  averageOptionVolumeAbove?: Int64;
  /** Settings of the scan, as text. */
  scannerSettingPairs?: string;
  /** Kind of stock: ALL, STOCK, ETF and others. */
  stockTypeFilter?: string;
  /** Filters by tag, from scannerParameters. */
  scannerSubscriptionFilterOptions?: Record<string, string>;
  /** More options by tag, for IBKR's internal use. */
  scannerSubscriptionOptions?: Record<string, string>;
}

/** One option chain: an exchange, a trading class, a multiplier. */
export interface SecurityDefinitionOptionParameterData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Exchange of the options. */
  exchange?: string;
  /** Contract ID of the underlying. */
  underlyingConId?: number;
  /** Trading class of the options. */
  tradingClass?: string;
  /** Multiplier of the options. */
  multiplier?: string;
  /** Expirations: yyyymmdd each. */
  expirations?: string[];
  /** Strikes. A strike may not exist for every expiration. */
  strikes?: number[];
}

/** TWS has sent all option chains. */
export interface SecurityDefinitionOptionParameterEndData {
  /** ID of the request that this message answers. */
  reqId: number;
}

/** TWS has sent all option chains. */
export interface SecurityDefinitionOptionParameterEndEvent extends Envelope {
  event: "securityDefinitionOptionParameterEnd";
  data: SecurityDefinitionOptionParameterEndData;
}

export interface SecurityDefinitionOptionParameterEndPart {
  event: "securityDefinitionOptionParameterEnd";
  data: SecurityDefinitionOptionParameterEndData;
}

/** One option chain: an exchange, a trading class, a multiplier. */
export interface SecurityDefinitionOptionParameterEvent extends Envelope {
  event: "securityDefinitionOptionParameter";
  data: SecurityDefinitionOptionParameterData;
}

export interface SecurityDefinitionOptionParameterPart {
  event: "securityDefinitionOptionParameter";
  data: SecurityDefinitionOptionParameterData;
}

/** The answer to a request that TWS does not answer. */
export interface Sent {
  /** True: the bridge has sent the request to TWS. */
  sent: boolean;
}

/** The result of sequences. */
export interface SequencesResult {
  /** Epoch of the bridge, the same as in the envelope of events. */
  epoch: string;
  /** Newest `seq` of each topic. */
  sequences: Record<string, number>;
  /**
   * By the first token of a topic: the number after which `seq` starts on a topic that is not in `sequences`. Absent
   * means 0.
   */
  floors: Record<string, number>;
}

/** Log level. 1: system; 2: errors; 3: warnings; 4: information; 5: detail. */
export type SetServerLogLevelDataLogLevel = 1 | 2 | 3 | 4 | 5 | OtherNumber;

/** A setting that differs between the running bridge and its configuration. */
export interface SettingChange {
  /** Name of the setting, such as `lease` or `clients.momentum.roles`. */
  setting: string;
  /** Value of the running bridge, as the configuration file has it. Absent if it is not set. */
  before?: string;
  /** Value of the configuration that was read. Absent if it is not set. */
  after?: string;
}

/** One exchange of the SMART quotes. */
export interface SmartComponent {
  /** Bit of the exchange in a mask of exchanges. */
  bitNumber?: number;
  /** Exchange. */
  exchange?: string;
  /** Letter of the exchange in exchange ticks (32, 33, 84). */
  exchangeLetter?: string;
}

/** The exchanges that the letters in exchange ticks stand for. */
export interface SmartComponentsData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Exchanges. */
  smartComponents?: SmartComponent[];
}

/** The exchanges that the letters in exchange ticks stand for. */
export interface SmartComponentsEvent extends Envelope {
  event: "smartComponents";
  data: SmartComponentsData;
}

export interface SmartComponentsPart {
  event: "smartComponents";
  data: SmartComponentsData;
}

/** The result of snapshot. */
export interface SnapshotResult {
  /** Epoch of the sequence numbers, the same as in the envelope of events. */
  epoch: string;
  /** Newest `seq` of each topic. */
  sequences: Record<string, number>;
  /**
   * By the first token of a topic: the number after which `seq` starts on a topic that is not in `sequences`. Absent
   * means 0.
   */
  floors: Record<string, number>;
  /** Last value of each key. Within a topic the oldest comes first. */
  events: Event[];
  /** Streams that TWS does not serve now, or may not serve. Their values may be out of date until `recovered`. */
  gaps: OpenGap[];
  /** Prefix of the request. */
  prefix: string;
}

/** A commission tier that an advisor or institution agreed with IBKR. */
export interface SoftDollarTier {
  /** Name of the tier. */
  name?: string;
  /** Value of the tier in orders. */
  value?: string;
  /** Name that TWS shows. */
  displayName?: string;
}

/** The commission tiers of the login. */
export interface SoftDollarTiersData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Tiers. */
  softDollarTiers?: SoftDollarTier[];
}

/** The commission tiers of the login. */
export interface SoftDollarTiersEvent extends Envelope {
  event: "softDollarTiers";
  data: SoftDollarTiersData;
}

export interface SoftDollarTiersPart {
  event: "softDollarTiers";
  data: SoftDollarTiersData;
}

/**
 * TWS no longer serves this stream, or may no longer serve it. Its earlier values may be out of date. The bridge
 * publishes `stale` on the stream's own topics, and `gap` for all streams of the same outage.
 */
export interface StaleData {
  /** Name of the stream. */
  stream: string;
  /** Topic prefix of the stream. */
  topic: string;
  /** The reason, as text for people. */
  reason: string;
  /** TWS's code. Absent if TWS sent none. */
  code?: number;
  /** When the outage began: ns since 1970 UTC. */
  since: Nanoseconds;
}

/**
 * TWS no longer serves this stream, or may no longer serve it. Its earlier values may be out of date. The bridge
 * publishes `stale` on the stream's own topics, and `gap` for all streams of the same outage.
 */
export interface StaleEvent extends Envelope {
  event: "stale";
  data: StaleData;
}

/** The result of status. */
export interface StatusResult {
  /** Version of the contract. */
  v: number;
  /** Version of the bridge. */
  version: string;
  /** When the bridge started: ns since 1970 UTC. */
  started: Nanoseconds;
  /** Current time of the bridge: ns since 1970 UTC. */
  ts: Nanoseconds;
  connection: ConnectionState;
  /** Accounts of the login. */
  accounts: string[];
  verdict: Verdict;
  trading: TradingState;
  orders: Tradable;
  plannedRestart?: PlannedRestart;
  /** Number of clients that sent a request within their lease. */
  clients: number;
  /** Number of requests that the bridge has not answered yet. */
  openRequests: number;
  /** IBKR's data farms that TWS has reported on this connection. */
  farms: FarmInfo[];
  pacing: PacingState;
  cache: CacheState;
  /** Lines at TWS, by kind. A kind without a limit is absent. */
  lines: LineState[];
  /** Bounds of the bridge, and how much of each is in use. */
  limits: LimitState[];
  /** Number of messages from TWS that the bridge could not read. */
  undecoded: number;
  /** Number of messages, by name, that had more fields than declared. TWS is probably newer than the bridge. */
  longerThanDeclared: Record<string, number>;
  /** Subscriptions at TWS. */
  streams: StreamInfo[];
}

/** One subscription at TWS. */
export interface StreamInfo {
  /** Name of the stream. */
  stream: string;
  /** Prefix of the stream's topics. */
  topic: string;
  /** Method with which the clients subscribed. */
  method: string;
  /**
   * State of the stream. asking: TWS has not answered yet; live: TWS serves the stream; cut: TWS cannot reach IBKR or
   * the data farm, so the stream's values are stale; doubtful: the bridge does not know whether TWS serves the stream,
   * so its values are stale; lost: TWS does not serve the stream, and the bridge subscribes again.
   */
  state: StreamInfoState;
  /** Whether the client of this request holds the stream. */
  held: boolean;
  /** Number of clients that hold the stream. */
  holderCount: number;
  /** Clients that hold the stream. Only admins get this field. */
  holders?: string[];
  /** When TWS sent the stream's newest value: ns since 1970 UTC. Absent before the first value. */
  lastValue?: Nanoseconds;
}

/**
 * State of the stream. asking: TWS has not answered yet; live: TWS serves the stream; cut: TWS cannot reach IBKR or the
 * data farm, so the stream's values are stale; doubtful: the bridge does not know whether TWS serves the stream, so its
 * values are stale; lost: TWS does not serve the stream, and the bridge subscribes again.
 */
export type StreamInfoState = "asking" | "live" | "cut" | "doubtful" | "lost" | OtherText;

/** The answer to a subscription. */
export interface Subscription {
  /** Name of the stream, for `release`. */
  stream: string;
  /** Prefix of the stream's topics. The client subscribes to it. */
  topic: string;
  snapshot: LastValues;
  /**
   * Whether TWS serves the stream now. False if TWS has not answered yet (the instrument is quiet, or TWS will refuse),
   * or may no longer serve it.
   */
  confirmed: boolean;
  /**
   * Whether the client's hold is on disk, so that it outlives a restart of the bridge. False if the disk fails: after a
   * restart the client must subscribe again.
   */
  kept: boolean;
}

/** Instruments that match a search. */
export interface SymbolSamplesData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Up to 16 instruments that match. */
  contractDescriptions?: ContractDescription[];
}

/** Instruments that match a search. */
export interface SymbolSamplesEvent extends Envelope {
  event: "symbolSamples";
  data: SymbolSamplesData;
}

export interface SymbolSamplesPart {
  event: "symbolSamples";
  data: SymbolSamplesData;
}

/** The client may not trade the symbol, or TWS has not named the contract's symbol in time. */
export interface SymbolsRule {
  rule: "symbols";
  /** The symbol. Absent if the bridge does not know it. */
  symbol?: string;
}

/**
 * The marker of a snapshot. The bridge publishes it on `sync.<nonce>`, with the nonce of the `snapshot` request. A
 * client that receives it receives every event after the snapshot. It has no fields, because every client may hear it.
 */
export interface SyncData {
}

/**
 * The marker of a snapshot. The bridge publishes it on `sync.<nonce>`, with the nonce of the `snapshot` request. A
 * client that receives it receives every event after the snapshot. It has no fields, because every client may hear it.
 */
export interface SyncEvent extends Envelope {
  event: "sync";
  data: SyncData;
}

/** Flags of a bid and ask. */
export interface TickAttribBidAsk {
  /** True: the bid is below the low of the day. */
  bidPastLow?: boolean;
  /** True: the ask is above the high of the day. */
  askPastHigh?: boolean;
}

/** Flags of a trade. */
export interface TickAttribLast {
  /** True: the price is beyond the limit of the day. */
  pastLimit?: boolean;
  /** True: the trade is unreported, like late trades and odd lots. It does not count towards last price and volume. */
  unreported?: boolean;
}

/** One tick of a tick-by-tick subscription: a trade, a bid and ask, or a midpoint, by tickType. */
export interface TickByTickAllLastData {
  /** ID of the request that this message answers. */
  reqId: number;
  /**
   * Kind of tick. It decides which of the other fields is present. 1: trade; 2: trade, including combinations and
   * similar trades; 3: bid and ask; 4: midpoint.
   */
  tickType: TickByTickAllLastDataTickType;
  historicalTickLast?: HistoricalTickLast;
  historicalTickBidAsk?: HistoricalTickBidAsk;
  historicalTickMidPoint?: HistoricalTick;
}

/**
 * Kind of tick. It decides which of the other fields is present. 1: trade; 2: trade, including combinations and similar
 * trades; 3: bid and ask; 4: midpoint.
 */
export type TickByTickAllLastDataTickType = 1 | 2 | 3 | 4 | OtherNumber;

/** One tick of a tick-by-tick subscription: a trade, a bid and ask, or a midpoint, by tickType. */
export interface TickByTickAllLastEvent extends Envelope {
  event: "tickByTickAllLast";
  data: TickByTickAllLastData;
}

export interface TickByTickAllLastPart {
  event: "tickByTickAllLast";
  data: TickByTickAllLastData;
}

/** One tick of a tick-by-tick subscription: a trade, a bid and ask, or a midpoint, by tickType. */
export interface TickByTickBidAskData {
  /** ID of the request that this message answers. */
  reqId: number;
  /**
   * Kind of tick. It decides which of the other fields is present. 1: trade; 2: trade, including combinations and
   * similar trades; 3: bid and ask; 4: midpoint.
   */
  tickType: TickByTickBidAskDataTickType;
  historicalTickLast?: HistoricalTickLast;
  historicalTickBidAsk?: HistoricalTickBidAsk;
  historicalTickMidPoint?: HistoricalTick;
}

/**
 * Kind of tick. It decides which of the other fields is present. 1: trade; 2: trade, including combinations and similar
 * trades; 3: bid and ask; 4: midpoint.
 */
export type TickByTickBidAskDataTickType = 1 | 2 | 3 | 4 | OtherNumber;

/** One tick of a tick-by-tick subscription: a trade, a bid and ask, or a midpoint, by tickType. */
export interface TickByTickBidAskEvent extends Envelope {
  event: "tickByTickBidAsk";
  data: TickByTickBidAskData;
}

export interface TickByTickBidAskPart {
  event: "tickByTickBidAsk";
  data: TickByTickBidAskData;
}

/** One tick of a tick-by-tick subscription: a trade, a bid and ask, or a midpoint, by tickType. */
export interface TickByTickMidPointData {
  /** ID of the request that this message answers. */
  reqId: number;
  /**
   * Kind of tick. It decides which of the other fields is present. 1: trade; 2: trade, including combinations and
   * similar trades; 3: bid and ask; 4: midpoint.
   */
  tickType: TickByTickMidPointDataTickType;
  historicalTickLast?: HistoricalTickLast;
  historicalTickBidAsk?: HistoricalTickBidAsk;
  historicalTickMidPoint?: HistoricalTick;
}

/**
 * Kind of tick. It decides which of the other fields is present. 1: trade; 2: trade, including combinations and similar
 * trades; 3: bid and ask; 4: midpoint.
 */
export type TickByTickMidPointDataTickType = 1 | 2 | 3 | 4 | OtherNumber;

/** One tick of a tick-by-tick subscription: a trade, a bid and ask, or a midpoint, by tickType. */
export interface TickByTickMidPointEvent extends Envelope {
  event: "tickByTickMidPoint";
  data: TickByTickMidPointData;
}

export interface TickByTickMidPointPart {
  event: "tickByTickMidPoint";
  data: TickByTickMidPointData;
}

/** Exchange for physical: basis and dividends against the future. Text form only. */
export interface TickEFPData {
  /** ID of the request that this message answers. */
  reqId: number;
  /**
   * Kind of value. 38: exchange for physical, bid; 39: exchange for physical, ask; 40: exchange for physical, last; 41:
   * exchange for physical, open; 42: exchange for physical, high; 43: exchange for physical, low; 44: exchange for
   * physical, close.
   */
  tickType: number;
  /** Financing rate a year, in basis points. */
  basisPoints?: number;
  /** The same as text, in percent. */
  formattedBasisPoints?: string;
  /** Total dividends, by the field's name. IBKR's manual calls this value the implied price of the future. */
  totalDividends?: number;
  /** Days until the last trading day of the future. */
  holdDays?: number;
  /** Last trading day of the future. */
  futureLastTradeDate?: string;
  /** Effect of the dividends on the rate, in basis points. */
  dividendImpact?: number;
  /** Dividends expected until the last trading day. */
  dividendsToLastTradeDate?: number;
}

/** Exchange for physical: basis and dividends against the future. Text form only. */
export interface TickEFPEvent extends Envelope {
  event: "tickEFP";
  data: TickEFPData;
}

export interface TickEFPPart {
  event: "tickEFP";
  data: TickEFPData;
}

/** A tick with a numeric value. */
export interface TickGenericData {
  /** ID of the request that this message answers. */
  reqId: number;
  /**
   * Kind of value. 23: historical volatility of 30 days; 24: implied volatility of 30 days; 31: premium of the index
   * future; 46: availability for short sale: above 2.5 easy, above 1.5 hard, otherwise not available; 49: halted: -1
   * unknown, 0 no, 1 yes, 2 for volatility; 54: number of trades of the day; 55: trades a minute; 56: volume a minute;
   * 58: historical volatility of 30 days, in real time; 60: factor of the bond's multiplier; 90: delayed: halted; 101:
   * price range of an IPO: midpoint; 102: price of an IPO: final.
   */
  tickType: number;
  /** The value. */
  value?: number;
}

/** A tick with a numeric value. */
export interface TickGenericEvent extends Envelope {
  event: "tickGeneric";
  data: TickGenericData;
}

export interface TickGenericPart {
  event: "tickGeneric";
  data: TickGenericData;
}

/** A headline about an instrument. TWS sends it when it appears, if reqMktData requests generic tick 292. */
export interface TickNewsData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Milliseconds since 1970 UTC. */
  timestamp?: Int64;
  /** Source. */
  providerCode?: string;
  /** ID of the article, for reqNewsArticle. */
  articleId?: string;
  /** Headline. */
  headline?: string;
  /** More information as text, such as language and sentiment. */
  extraData?: string;
}

/** A headline about an instrument. TWS sends it when it appears, if reqMktData requests generic tick 292. */
export interface TickNewsEvent extends Envelope {
  event: "tickNews";
  data: TickNewsData;
}

export interface TickNewsPart {
  event: "tickNews";
  data: TickNewsData;
}

/** Volatility, price and greeks of an option. */
export interface TickOptionComputationData {
  /** ID of the request that this message answers. */
  reqId: number;
  /**
   * Kind of value. 10: option, computed from the bid; 11: option, computed from the ask; 12: option, computed from the
   * last price; 13: option, computed by the model; 53: option, computed on request; 80: delayed option, computed from
   * the bid; 81: delayed option, computed from the ask; 82: delayed option, computed from the last price; 83: delayed
   * option, computed by the model.
   */
  tickType: number;
  /** How TWS computed the values. 0: from returns; 1: from prices. */
  tickAttrib?: number;
  /** Implied volatility, as a fraction. Below 0: not computed. */
  impliedVol?: number;
  /** Delta. -2: not computed. */
  delta?: number;
  /** Price of the option. -1: not computed. */
  optPrice?: number;
  /** Present value of the dividends until expiry. -1: not computed. */
  pvDividend?: number;
  /** Gamma. -2: not computed. */
  gamma?: number;
  /** Vega. -2: not computed. */
  vega?: number;
  /** Theta. -2: not computed. */
  theta?: number;
  /** Price of the underlying. -1: not computed. */
  undPrice?: number;
}

/** Volatility, price and greeks of an option. */
export interface TickOptionComputationEvent extends Envelope {
  event: "tickOptionComputation";
  data: TickOptionComputationData;
}

export interface TickOptionComputationPart {
  event: "tickOptionComputation";
  data: TickOptionComputationData;
}

/** A price, and its size for bid, ask and last. */
export interface TickPriceData {
  /** ID of the request that this message answers. */
  reqId: number;
  /**
   * Kind of value. 1: bid; 2: ask; 4: last price; 6: high of the day; 7: low of the day; 9: close of the day before;
   * 14: open of the day; 15: low of 13 weeks; 16: high of 13 weeks; 17: low of 26 weeks; 18: high of 26 weeks; 19: low
   * of 52 weeks; 20: high of 52 weeks; 35: price of the auction; 37: mark price; 50: yield at the bid; 51: yield at the
   * ask; 52: yield at the last price; 57: last price in regular trading hours; 66: delayed bid; 67: delayed ask; 68:
   * delayed last price; 72: delayed high of the day; 73: delayed low of the day; 75: delayed close of the day before;
   * 76: delayed open of the day; 78: mark price of Creditman; 79: slow mark price of Creditman; 92: ETF net asset
   * value: close; 93: ETF net asset value: close before; 94: ETF net asset value: bid; 95: ETF net asset value: ask;
   * 96: ETF net asset value: last; 97: ETF net asset value: last, frozen; 98: ETF net asset value: high; 99: ETF net
   * asset value: low; 103: delayed yield at the bid; 104: delayed yield at the ask; 105: odd lot: bid; 106: odd lot:
   * ask.
   */
  tickType: number;
  /** The price. -1: there is none now. */
  price?: number;
  /** Size at the price, for bid, ask and last. */
  size?: Decimal;
  /** Flags: 1 can fill automatically, 2 past the limit of the day, 4 before the open. */
  attrMask?: number;
}

/** A price, and its size for bid, ask and last. */
export interface TickPriceEvent extends Envelope {
  event: "tickPrice";
  data: TickPriceData;
}

export interface TickPricePart {
  event: "tickPrice";
  data: TickPriceData;
}

/** Parameters of a request's ticks: price step, exchange map, permissions. */
export interface TickReqParamsData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Smallest price step. */
  minTick?: Decimal;
  /** Exchange map, for reqSmartComponents. */
  bboExchange?: string;
  /** Code for the snapshots that the login may request. */
  snapshotPermissions?: number;
  /** Step of last prices. */
  lastPricePrecision?: Decimal;
  /** Step of last sizes. */
  lastSizePrecision?: Decimal;
}

/** Parameters of a request's ticks: price step, exchange map, permissions. */
export interface TickReqParamsEvent extends Envelope {
  event: "tickReqParams";
  data: TickReqParamsData;
}

export interface TickReqParamsPart {
  event: "tickReqParams";
  data: TickReqParamsData;
}

/** A size. */
export interface TickSizeData {
  /** ID of the request that this message answers. */
  reqId: number;
  /**
   * Kind of value. 0: size of the bid; 3: size of the ask; 5: size of the last trade; 8: volume of the day; 21: average
   * daily volume of 90 days; 22: open interest; 27: open interest of calls; 28: open interest of puts; 29: volume of
   * calls; 30: volume of puts; 34: volume that would trade in the auction; 36: imbalance of the auction; 61: imbalance
   * by regulation; 63: volume of 3 minutes; 64: volume of 5 minutes; 65: volume of 10 minutes; 69: delayed size of the
   * bid; 70: delayed size of the ask; 71: delayed size of the last trade; 74: delayed volume of the day; 86: open
   * interest of futures; 87: average volume of options; 89: shares that can be borrowed; 107: odd lot: size of the bid;
   * 108: odd lot: size of the ask.
   */
  tickType: number;
  /** The size. */
  size?: Decimal;
}

/** A size. */
export interface TickSizeEvent extends Envelope {
  event: "tickSize";
  data: TickSizeData;
}

export interface TickSizePart {
  event: "tickSize";
  data: TickSizeData;
}

/** TWS has sent the whole snapshot. */
export interface TickSnapshotEndData {
  /** ID of the request that this message answers. */
  reqId: number;
}

/** TWS has sent the whole snapshot. */
export interface TickSnapshotEndEvent extends Envelope {
  event: "tickSnapshotEnd";
  data: TickSnapshotEndData;
}

export interface TickSnapshotEndPart {
  event: "tickSnapshotEnd";
  data: TickSnapshotEndData;
}

/** A tick with a text value: a time, exchanges, or several values together. */
export interface TickStringData {
  /** ID of the request that this message answers. */
  reqId: number;
  /**
   * Kind of value. 25: exchange of the option bid; 26: exchange of the option ask; 32: exchanges of the bid, by letter;
   * 33: exchanges of the ask, by letter; 45: time of the last trade, seconds since 1970 UTC; 47: not used; 48: each
   * trade: price;size;time in ms;volume;VWAP;single market maker; 59: dividends: past 12 months,next 12 months,next
   * date,next amount; 62: news; 77: each trade that counts towards the volume: price;size;time in ms;volume;VWAP;single
   * market maker; 84: exchange of the last trade, by letter; 85: time of the last trade by regulation; 88: delayed time
   * of the last trade, seconds since 1970 UTC; 91: mutual funds of Reuters; 100: analytics of social media; 109: odd
   * lot: exchange of the bid; 110: odd lot: exchange of the ask.
   */
  tickType: number;
  /** The text. */
  value?: string;
}

/** A tick with a text value: a time, exchanges, or several values together. */
export interface TickStringEvent extends Envelope {
  event: "tickString";
  data: TickStringData;
}

export interface TickStringPart {
  event: "tickString";
  data: TickStringData;
}

/** Whether the bridge may send orders to TWS now. */
export interface Tradable {
  /** True: the bridge may send orders. */
  tradable: boolean;
  /** Why the bridge may not send orders. Absent if it may. */
  reason?: string;
}

/** Trading was halted or resumed, or the reasons for a halt have changed. */
export interface TradingData {
  /** True: the bridge refuses new orders, and changes that add to an order. */
  halted: boolean;
  /** Reasons by source: `admin` or `file`. */
  reasons: Record<string, string>;
}

/** Trading was halted or resumed, or the reasons for a halt have changed. */
export interface TradingEvent extends Envelope {
  event: "trading";
  data: TradingData;
}

/** Whether trading is halted, and why. */
export interface TradingState {
  /** True: the bridge refuses new orders, and changes that add to an order. */
  halted: boolean;
  /** Reasons by source: `admin` or `file`. */
  reasons: Record<string, string>;
}

/** A callback that answers no request and belongs to no stream of this bridge. */
export interface UnexpectedEvent extends Envelope {
  event: "unexpected";
  data: Part;
}

/** TWS has sent a message with an ID that the bridge does not know. TWS is probably newer than the bridge. */
export interface UnknownMessageData {
  /** ID of the message. */
  id: number;
  /** The bytes of the message, without the length prefix. */
  payload: Uint8Array;
}

/** TWS has sent a message with an ID that the bridge does not know. TWS is probably newer than the bridge. */
export interface UnknownMessageEvent extends Envelope {
  event: "unknownMessage";
  data: UnknownMessageData;
}

/** When TWS last updated the account. */
export interface UpdateAccountTimeData {
  /** Time of day: hh:mm. */
  timeStamp?: string;
}

/** When TWS last updated the account. */
export interface UpdateAccountTimeEvent extends Envelope {
  event: "updateAccountTime";
  data: UpdateAccountTimeData;
}

export interface UpdateAccountTimePart {
  event: "updateAccountTime";
  data: UpdateAccountTimeData;
}

/** One value of the account. */
export interface UpdateAccountValueData {
  /** Kind of value. */
  key?: string;
  /** The value, as text. */
  value?: string;
  /** Currency of the value. Empty if it has none. */
  currency?: string;
  /** Account. */
  accountName?: string;
}

/** One value of the account. */
export interface UpdateAccountValueEvent extends Envelope {
  event: "updateAccountValue";
  data: UpdateAccountValueData;
}

export interface UpdateAccountValuePart {
  event: "updateAccountValue";
  data: UpdateAccountValueData;
}

/** The result of a change of settings. */
export interface UpdateConfigResponseData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Whether TWS made the change. */
  status?: string;
  /** TWS's message about the result. */
  message?: string;
  /** Settings that have changed. */
  changedFields?: string[];
  /** Errors of the request. */
  errors?: string[];
  /** Warnings that the client must accept before TWS makes the change. */
  warnings?: UpdateConfigWarning[];
}

/** The result of a change of settings. */
export interface UpdateConfigResponseEvent extends Envelope {
  event: "updateConfigResponse";
  data: UpdateConfigResponseData;
}

export interface UpdateConfigResponsePart {
  event: "updateConfigResponse";
  data: UpdateConfigResponseData;
}

/** A warning about a change of settings, or a warning that the client accepts. */
export interface UpdateConfigWarning {
  /** Number of the warning. */
  messageId?: number;
  /** Title of the warning. */
  title?: string;
  /** Text of the warning. */
  message?: string;
}

/** One change of an order book, level 1: rows by price. */
export interface UpdateMktDepthData {
  /** ID of the request that this message answers. */
  reqId: number;
  marketDepthData?: MarketDepthData;
}

/** One change of an order book, level 1: rows by price. */
export interface UpdateMktDepthEvent extends Envelope {
  event: "updateMktDepth";
  data: UpdateMktDepthData;
}

/** One change of an order book, level 2: rows by market maker or exchange. */
export interface UpdateMktDepthL2Data {
  /** ID of the request that this message answers. */
  reqId: number;
  marketDepthData?: MarketDepthData;
}

/** One change of an order book, level 2: rows by market maker or exchange. */
export interface UpdateMktDepthL2Event extends Envelope {
  event: "updateMktDepthL2";
  data: UpdateMktDepthL2Data;
}

export interface UpdateMktDepthL2Part {
  event: "updateMktDepthL2";
  data: UpdateMktDepthL2Data;
}

export interface UpdateMktDepthPart {
  event: "updateMktDepth";
  data: UpdateMktDepthData;
}

/** A bulletin from IBKR. */
export interface UpdateNewsBulletinData {
  /** Number of the bulletin. */
  newsMsgId?: number;
  /** Subject of the bulletin. 1: news; 2: an exchange is not available; 3: an exchange is available again. */
  newsMsgType?: number;
  /** The text. */
  newsMessage?: string;
  /** Exchange that issued the bulletin. */
  originatingExch?: string;
}

/** A bulletin from IBKR. */
export interface UpdateNewsBulletinEvent extends Envelope {
  event: "updateNewsBulletin";
  data: UpdateNewsBulletinData;
}

export interface UpdateNewsBulletinPart {
  event: "updateNewsBulletin";
  data: UpdateNewsBulletinData;
}

/** One position of the account, with its market value. */
export interface UpdatePortfolioData {
  contract?: Contract;
  /** Size of the position: negative for a short position, 0 for a closed one. */
  position?: Decimal;
  /** Price of one unit. */
  marketPrice?: number;
  /** Value of the position. */
  marketValue?: number;
  /** Average cost of one unit. For derivatives it includes the multiplier. */
  averageCost?: number;
  /** Profit and loss of the open position. */
  unrealizedPNL?: number;
  /** Profit and loss of the positions closed today. */
  realizedPNL?: number;
  /** Account. */
  accountName?: string;
}

/** One position of the account, with its market value. */
export interface UpdatePortfolioEvent extends Envelope {
  event: "updatePortfolio";
  data: UpdatePortfolioData;
}

export interface UpdatePortfolioPart {
  event: "updatePortfolio";
  data: UpdatePortfolioData;
}

/** Information about the login. */
export interface UserInfoData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** ID of the white-branded broker; empty for IBKR's own. */
  whiteBrandingId?: string;
}

/** Information about the login. */
export interface UserInfoEvent extends Envelope {
  event: "userInfo";
  data: UserInfoData;
}

export interface UserInfoPart {
  event: "userInfo";
  data: UserInfoData;
}

/** Whether the bridge trades now, and if not, why, and what a person must change. */
export interface Verdict {
  /** True: the bridge sends new orders, and as far as it knows TWS takes them. */
  trading: boolean;
  /** When the bridge began or ceased to trade: ns since 1970 UTC. */
  since: Nanoseconds;
  /** Code of the condition that stops trading. `docs/reference/symptoms.md` lists all. Absent if the bridge trades. */
  code?: string;
  /** The reason, as text for people. Absent if the bridge trades. */
  because?: string;
  /** What a person must change, as text for people. Absent if the bridge trades. */
  remedy?: string;
  /** The other conditions that hold now, the gravest first. */
  also: Finding[];
}

/** The bridge has begun or ceased to trade, or another condition limits what clients get. */
export interface VerdictData {
  /** True: the bridge sends new orders, and as far as it knows TWS takes them. */
  trading: boolean;
  /** When the bridge began or ceased to trade: ns since 1970 UTC. */
  since: Nanoseconds;
  /** Code of the condition that stops trading. `docs/reference/symptoms.md` lists all. Absent if the bridge trades. */
  code?: string;
  /** The reason, as text for people. Absent if the bridge trades. */
  because?: string;
  /** What a person must change, as text for people. Absent if the bridge trades. */
  remedy?: string;
  /** The other conditions that hold now, the gravest first. */
  also: Finding[];
}

/** The bridge has begun or ceased to trade, or another condition limits what clients get. */
export interface VerdictEvent extends Envelope {
  event: "verdict";
  data: VerdictData;
}

/** Whether TWS accepts the program. Text form only. */
export interface VerifyAndAuthCompletedData {
  /** Accepted. */
  isSuccessful?: boolean;
  /** Why TWS does not accept it. */
  errorText?: string;
}

/** Whether TWS accepts the program. Text form only. */
export interface VerifyAndAuthCompletedEvent extends Envelope {
  event: "verifyAndAuthCompleted";
  data: VerifyAndAuthCompletedData;
}

export interface VerifyAndAuthCompletedPart {
  event: "verifyAndAuthCompleted";
  data: VerifyAndAuthCompletedData;
}

/** TWS's challenge to a program. Text form only. */
export interface VerifyAndAuthMessageAPIData {
  /** Data of TWS. */
  apiData?: string;
  /** The challenge. IBKR spells the field's name this way. */
  xyzChallange?: string;
}

/** TWS's challenge to a program. Text form only. */
export interface VerifyAndAuthMessageAPIEvent extends Envelope {
  event: "verifyAndAuthMessageAPI";
  data: VerifyAndAuthMessageAPIData;
}

export interface VerifyAndAuthMessageAPIPart {
  event: "verifyAndAuthMessageAPI";
  data: VerifyAndAuthMessageAPIData;
}

/** Whether TWS accepts the program. */
export interface VerifyCompletedData {
  /** Accepted. */
  isSuccessful?: boolean;
  /** Why TWS does not accept it. */
  errorText?: string;
}

/** Whether TWS accepts the program. */
export interface VerifyCompletedEvent extends Envelope {
  event: "verifyCompleted";
  data: VerifyCompletedData;
}

export interface VerifyCompletedPart {
  event: "verifyCompleted";
  data: VerifyCompletedData;
}

/** TWS's data for a program that identifies itself. */
export interface VerifyMessageAPIData {
  /** Data of TWS. */
  apiData?: string;
}

/** TWS's data for a program that identifies itself. */
export interface VerifyMessageAPIEvent extends Envelope {
  event: "verifyMessageAPI";
  data: VerifyMessageAPIData;
}

export interface VerifyMessageAPIPart {
  event: "verifyMessageAPI";
  data: VerifyMessageAPIData;
}

/** Corporate events. */
export interface WshEventDataData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** The events, as JSON. */
  dataJson?: string;
}

/** Corporate events. */
export interface WshEventDataEvent extends Envelope {
  event: "wshEventData";
  data: WshEventDataData;
}

export interface WshEventDataPart {
  event: "wshEventData";
  data: WshEventDataData;
}

/** The event types and filters of the calendar. */
export interface WshMetaDataData {
  /** ID of the request that this message answers. */
  reqId: number;
  /** Event types and filters, as JSON. */
  dataJson?: string;
}

/** The event types and filters of the calendar. */
export interface WshMetaDataEvent extends Envelope {
  event: "wshMetaData";
  data: WshMetaDataData;
}

export interface WshMetaDataPart {
  event: "wshMetaData";
  data: WshMetaDataData;
}

/** Any event: live, in a snapshot, and in the order log. */
export type Event =
  | AbandonedEvent
  | AccountDownloadEndEvent
  | AccountSummaryEndEvent
  | AccountSummaryEvent
  | AccountUpdateMultiEndEvent
  | AccountUpdateMultiEvent
  | BondContractDetailsEvent
  | ClientFencedEvent
  | ClientJoinedEvent
  | ClientLostEvent
  | ClientSilentEvent
  | CommissionAndFeesReportEvent
  | CompletedOrderEvent
  | CompletedOrdersEndEvent
  | ConfigResponseEvent
  | ConfigurationEvent
  | ConflictEvent
  | ConnectionEvent
  | ContractDetailsEndEvent
  | ContractDetailsEvent
  | CurrentTimeEvent
  | CurrentTimeInMillisEvent
  | DecodeErrorEvent
  | DefectEvent
  | DeltaNeutralValidationEvent
  | DisplayGroupListEvent
  | DisplayGroupUpdatedEvent
  | EndedEvent
  | ErrorEvent
  | ExecDetailsEndEvent
  | ExecDetailsEvent
  | FamilyCodesEvent
  | FarmsEvent
  | FreshEvent
  | GapEvent
  | GoneEvent
  | HeadEvent
  | HeadTimestampEvent
  | HeartbeatEvent
  | HistogramDataEvent
  | HistoricalDataEndEvent
  | HistoricalDataEvent
  | HistoricalDataUpdateEvent
  | HistoricalNewsEndEvent
  | HistoricalNewsEvent
  | HistoricalScheduleEvent
  | HistoricalTicksBidAskEvent
  | HistoricalTicksEvent
  | HistoricalTicksLastEvent
  | LedgerEvent
  | ManagedAccountsEvent
  | MarketDataTypeEvent
  | MarketRuleEvent
  | MktDepthExchangesEvent
  | NewsArticleEvent
  | NewsProvidersEvent
  | NextValidIdEvent
  | NoticeEvent
  | OpenOrderEndEvent
  | OpenOrderEvent
  | OrderBoundEvent
  | OrderGapEvent
  | OrderStatusEvent
  | PacingEvent
  | PlannedRestartEvent
  | PnlEvent
  | PnlSingleEvent
  | PositionEndEvent
  | PositionEvent
  | PositionMultiEndEvent
  | PositionMultiEvent
  | QueuedEvent
  | RealtimeBarEvent
  | ReceiveFAEvent
  | RecoveredEvent
  | ReplaceFAEndEvent
  | RerouteMktDataReqEvent
  | RerouteMktDepthReqEvent
  | ScannerDataEvent
  | ScannerParametersEvent
  | SecurityDefinitionOptionParameterEndEvent
  | SecurityDefinitionOptionParameterEvent
  | SmartComponentsEvent
  | SoftDollarTiersEvent
  | StaleEvent
  | SymbolSamplesEvent
  | SyncEvent
  | TickByTickAllLastEvent
  | TickByTickBidAskEvent
  | TickByTickMidPointEvent
  | TickEFPEvent
  | TickGenericEvent
  | TickNewsEvent
  | TickOptionComputationEvent
  | TickPriceEvent
  | TickReqParamsEvent
  | TickSizeEvent
  | TickSnapshotEndEvent
  | TickStringEvent
  | TradingEvent
  | UnexpectedEvent
  | UnknownMessageEvent
  | UpdateAccountTimeEvent
  | UpdateAccountValueEvent
  | UpdateConfigResponseEvent
  | UpdateMktDepthEvent
  | UpdateMktDepthL2Event
  | UpdateNewsBulletinEvent
  | UpdatePortfolioEvent
  | UserInfoEvent
  | VerdictEvent
  | VerifyAndAuthCompletedEvent
  | VerifyAndAuthMessageAPIEvent
  | VerifyCompletedEvent
  | VerifyMessageAPIEvent
  | WshEventDataEvent
  | WshMetaDataEvent;

/** What `data` of an error has, by the code of the error. */
export interface ErrorDetails {
  invalidRequest: FieldAtFault;
  tooLarge: BoundFacts;
  invalidParams: InvalidParamsErrorData;
  notPermitted: RuleBroken;
  fenced: RuleBroken;
  connectionLost: OrderFacts;
  noResponse: NoResponseErrorData;
  rejectedByTws: RejectedByTwsErrorData;
  cancelled: CancelledErrorData;
  unknownContract: Candidates;
  ambiguousContract: Candidates;
  unknownOrder: FieldAtFault;
  notTradable: NotTradableErrorData;
  parentGone: ParentGoneErrorData;
  ledgerFailed: LedgerFailedErrorData;
  keyConflict: KeyConflictErrorData;
  staleRevision: OrderFacts;
  changePending: OrderFacts;
  orderUnknown: OrderFacts;
  orderClosed: OrderFacts;
  orderKnown: OrderFacts;
  paced: PacingFacts;
  linesExhausted: LineFacts;
  limitReached: BoundFacts;
  configurationInvalid: ConfigurationProblems;
  expired: ExpiredErrorData;
}

/** The codes of errors that the bridge answers with. A newer bridge has others. */
export type ErrorCode =
  | "invalidRequest"
  | "tooLarge"
  | "unknownMethod"
  | "invalidParams"
  | "idConflict"
  | "notPermitted"
  | "fenced"
  | "notConnected"
  | "connectionLost"
  | "noResponse"
  | "rejectedByTws"
  | "cancelled"
  | "unknownRequest"
  | "unknownStream"
  | "streamConflict"
  | "unknownContract"
  | "ambiguousContract"
  | "unknownOrder"
  | "notTradable"
  | "parentGone"
  | "ledgerFailed"
  | "keyConflict"
  | "staleRevision"
  | "changePending"
  | "orderUnknown"
  | "orderClosed"
  | "orderKnown"
  | "paced"
  | "linesExhausted"
  | "limitReached"
  | "configurationInvalid"
  | "expired";

/** The methods whose requests must have `expires`: late, they would do what nobody wants any more. */
export const EXPIRING: ReadonlySet<string> = new Set(["exerciseOptions", "modifyOrder", "placeOrder", "placeOrders", "reload", "replaceFA", "reqAutoOpenOrders", "reqMarketDataType", "resume", "setServerLogLevel", "updateConfig", "updateDisplayGroup"]);

/** The params and the result of each method. */
export interface Methods {
  /**
   * Abandon an order that is `notFound`. The bridge sends a cancel, and the key becomes free when TWS answers that it
   * has no such order. With `force` an admin abandons an order that is `unknown`; if a part of it was executed, it
   * becomes `cancelled` and no other order can use its key. For an order that has ended without `fillsFinal`, an admin
   * confirms with `force` that no more of it was executed.
   */
  abandon: { params: AbandonParams; result: OrderFacts };
  /**
   * Wait until TWS has acknowledged an order (`acknowledged`), or until the order has ended (`ended`). When the time
   * runs out, or when the order cannot reach that state by itself, the bridge answers with the order's current state
   * and `reached` false.
   */
  awaitOrder: { params: AwaitOrderParams; result: AwaitedOrder };
  /** Compute the implied volatility of an option for a price. TWS answers with a tick of type 53. */
  calculateImpliedVolatility: { params: CalculateImpliedVolatilityParams; result: TickOptionComputationData };
  /** Compute the price of an option for a volatility. TWS answers with a tick of type 53. */
  calculateOptionPrice: { params: CalculateOptionPriceParams; result: TickOptionComputationData };
  /** End an account summary. */
  cancelAccountSummary: { params: CancelParams; result: Released | Cancelled };
  /** End the updates of an account or model. */
  cancelAccountUpdatesMulti: { params: CancelParams; result: Released | Cancelled };
  /** End a computation of implied volatility. */
  cancelCalculateImpliedVolatility: { params: CancelParams; result: Released | Cancelled };
  /** End a computation of an option price. */
  cancelCalculateOptionPrice: { params: CancelParams; result: Released | Cancelled };
  /** End a request for contract details. */
  cancelContractData: { params: CancelParams; result: Released | Cancelled };
  /** End a request for the oldest data. */
  cancelHeadTimeStamp: { params: CancelParams; result: Released | Cancelled };
  /** End a request for a histogram. */
  cancelHistogramData: { params: CancelParams; result: Released | Cancelled };
  /** End a request for history, or its updates. */
  cancelHistoricalData: { params: CancelParams; result: Released | Cancelled };
  /** End a request for historical ticks. */
  cancelHistoricalTicks: { params: CancelParams; result: Released | Cancelled };
  /** Cancel all orders of the client that may be working. The bridge answers when it has sent the cancels. */
  cancelMine: { params: CancelMineParams; result: CancelMineResult };
  /** End market data. */
  cancelMktData: { params: CancelParams; result: Released | Cancelled };
  /** End market depth. */
  cancelMktDepth: { params: CancelParams; result: Released | Cancelled };
  /** End bulletins for the whole connection. */
  cancelNewsBulletins: { params: CancelParams; result: Released | Cancelled };
  /**
   * Cancel one order, by its key or its number. The bridge answers when TWS has answered the cancel. For an order that
   * has ended, it answers at once with `alreadyEnded`.
   */
  cancelOrder: { params: CancelOrderParams; result: OrderFacts };
  /** End profit and loss of an account. */
  cancelPnL: { params: CancelParams; result: Released | Cancelled };
  /** End profit and loss of a position. */
  cancelPnLSingle: { params: CancelParams; result: Released | Cancelled };
  /** End the positions. */
  cancelPositions: { params: CancelParams; result: Released | Cancelled };
  /** End the positions of an account or model. */
  cancelPositionsMulti: { params: CancelParams; result: Released | Cancelled };
  /** End real-time bars. */
  cancelRealTimeBars: { params: CancelParams; result: Released | Cancelled };
  /** End a scan. */
  cancelScannerSubscription: { params: CancelParams; result: Released | Cancelled };
  /** End tick-by-tick data. */
  cancelTickByTickData: { params: CancelParams; result: Released | Cancelled };
  /** End a request for calendar events. */
  cancelWshEventData: { params: CancelParams; result: Released | Cancelled };
  /** End a request for the calendar's event types. */
  cancelWshMetaData: { params: CancelParams; result: Released | Cancelled };
  /** Return the clients that sent a request within their lease. */
  clients: { params: NoParams; result: ClientInfo[] };
  /** Exercise options, or let them lapse. The same key is the same exercise. */
  exerciseOptions: { params: ExerciseOptionsParams; result: OrderFacts };
  /** Refuse new orders, and changes that add to an order, until `resume`. The bridge still sends cancels. */
  halt: { params: HaltParams; result: HaltResult };
  /**
   * Announce a new run of the client. The bridge takes orders from the newest run only, and refuses those of older runs
   * (`fenced`).
   */
  hello: { params: HelloParams; result: HelloResult };
  /** Return all methods, each with the JSON Schema of its params. */
  methods: { params: NoParams; result: MethodInfo[] };
  /** Change an order. The bridge answers when TWS shows the change. Each change needs a higher `revision`. */
  modifyOrder: { params: ModifyOrderParams; result: OrderFacts };
  /** Return events of the client's own order log, in order. */
  orderLog: { params: OrderLogParams; result: OrderLogResult };
  /** Check that the bridge answers. Like every request, it renews the client's lease. */
  ping: { params: NoParams; result: PingResult };
  /** Place one order. The bridge answers when TWS first answers for the order. The same key is the same order. */
  placeOrder: { params: PlaceOrderParams; result: OrderFacts | Preview };
  /**
   * Place a bracket or another group of orders together. The bridge writes them to disk together, and TWS holds them
   * until it has the last one.
   */
  placeOrders: { params: PlaceOrdersParams; result: GroupFacts | Preview };
  /** Ask for the display groups of TWS. */
  queryDisplayGroups: { params: QueryDisplayGroupsParams; result: DisplayGroupListData };
  /** End the client's hold on a stream. When no client holds the stream, the bridge ends it at TWS. */
  release: { params: ReleaseParams; result: Released };
  /**
   * Read the configuration again, check it as a whole, and take it over as a whole. If it has a mistake, the bridge
   * changes nothing and answers `configurationInvalid`.
   */
  reload: { params: ReloadParams; result: ReloadResult };
  /** Replace one part of the advisor's configuration. */
  replaceFA: { params: ReplaceFAParams; result: ReplaceFAEndData };
  /** Subscribe to chosen values of all accounts or of a group. TWS serves two of these subscriptions at a time. */
  reqAccountSummary: { params: ReqAccountSummaryParams; result: Subscription };
  /**
   * Subscribe to the values and the portfolio of one account, or end this subscription. TWS serves one account at a
   * time for the whole connection.
   */
  reqAccountUpdates: { params: ReqAccountUpdatesParams; result: Subscription | Released };
  /** Subscribe to the values of an account or model. */
  reqAccountUpdatesMulti: { params: ReqAccountUpdatesMultiParams; result: Subscription };
  /**
   * List all open orders of the account, from every client and from TWS. TWS sends the list once, without later
   * changes.
   */
  reqAllOpenOrders: { params: ReqAllOpenOrdersParams; result: (OpenOrderPart | OpenOrderEndPart | OrderStatusPart)[] };
  /** Bind orders placed in TWS to this client from now on. TWS allows this only to client ID 0. */
  reqAutoOpenOrders: { params: ReqAutoOpenOrdersParams; result: Sent };
  /** List the orders of the day that were filled or cancelled. */
  reqCompletedOrders: { params: ReqCompletedOrdersParams; result: (CompletedOrderPart | CompletedOrdersEndPart)[] };
  /** Ask for the settings of TWS. */
  reqConfig: { params: ReqConfigParams; result: ConfigResponseData };
  /** Ask for all instruments that match a description, with their details. */
  reqContractDetails: { params: ReqContractDetailsParams; result: (BondContractDetailsPart | ContractDetailsPart | ContractDetailsEndPart)[] };
  /** Ask for the time of TWS. */
  reqCurrentTime: { params: ReqCurrentTimeParams; result: CurrentTimeData };
  /** Ask for the time of TWS, in milliseconds. */
  reqCurrentTimeInMillis: { params: ReqCurrentTimeInMillisParams; result: CurrentTimeInMillisData };
  /** List executions, each with its commission report if TWS has it. */
  reqExecutions: { params: ReqExecutionsParams; result: (CommissionAndFeesReportPart | ExecDetailsPart | ExecDetailsEndPart)[] };
  /** Ask for the accounts of the login and their families. */
  reqFamilyCodes: { params: ReqFamilyCodesParams; result: FamilyCodesData };
  /** Cancel all open orders of the account, from every client and from TWS. */
  reqGlobalCancel: { params: ReqGlobalCancelParams; result: Sent };
  /** Ask how far back the history of an instrument goes. */
  reqHeadTimeStamp: { params: ReqHeadTimeStampParams; result: HeadTimestampData };
  /** Ask for the volume traded at each price. */
  reqHistogramData: { params: ReqHistogramDataParams; result: HistogramDataData };
  /**
   * Ask for historical bars, and with keepUpToDate also for updates. TWS limits requests for bars of 30 seconds or
   * less: 60 requests in ten minutes, and no two identical requests within 15 seconds.
   */
  reqHistoricalData: { params: ReqHistoricalDataParams; result: Subscription | (HistoricalDataPart | HistoricalDataEndPart | HistoricalDataUpdatePart | HistoricalSchedulePart)[] };
  /** Ask for historical headlines about an instrument. */
  reqHistoricalNews: { params: ReqHistoricalNewsParams; result: (HistoricalNewsPart | HistoricalNewsEndPart)[] };
  /** Ask for historical ticks. whatToShow decides the kind of the answer: TRADES, MIDPOINT or BID_ASK. */
  reqHistoricalTicks: { params: ReqHistoricalTicksParams; result: (HistoricalTicksPart | HistoricalTicksBidAskPart | HistoricalTicksLastPart)[] };
  /** Ask for the next order ID. */
  reqIds: { params: ReqIdsParams; result: NextValidIdData };
  /** Ask for the accounts of the login. */
  reqManagedAccts: { params: ReqManagedAcctsParams; result: ManagedAccountsData };
  /** Choose live, frozen or delayed data for all later market data requests of the whole connection. */
  reqMarketDataType: { params: ReqMarketDataTypeParams; result: Sent };
  /** Ask for the price steps of a market rule. contractDetails names the rules. */
  reqMarketRule: { params: ReqMarketRuleParams; result: MarketRuleData };
  /** Search instruments by symbol or name, at most once a second. */
  reqMatchingSymbols: { params: ReqMatchingSymbolsParams; result: SymbolSamplesData };
  /** Subscribe to ticks of an instrument, or ask for one snapshot. */
  reqMktData: { params: ReqMktDataParams; result: Subscription | (DeltaNeutralValidationPart | MarketDataTypePart | RerouteMktDataReqPart | TickEFPPart | TickGenericPart | TickNewsPart | TickOptionComputationPart | TickPricePart | TickReqParamsPart | TickSizePart | TickSnapshotEndPart | TickStringPart)[] };
  /** Subscribe to an order book. TWS serves three at a time, or more for a login with more market data lines. */
  reqMktDepth: { params: ReqMktDepthParams; result: Subscription };
  /** Ask which exchanges offer market depth. */
  reqMktDepthExchanges: { params: ReqMktDepthExchangesParams; result: MktDepthExchangesData };
  /** Ask for the text of an article. */
  reqNewsArticle: { params: ReqNewsArticleParams; result: NewsArticleData };
  /** Subscribe to IBKR's bulletins. */
  reqNewsBulletins: { params: ReqNewsBulletinsParams; result: Subscription };
  /** Ask for the news providers that the login may read. */
  reqNewsProviders: { params: ReqNewsProvidersParams; result: NewsProvidersData };
  /** List the open orders of this client ID. For client ID 0 the list also has the orders placed in TWS. */
  reqOpenOrders: { params: ReqOpenOrdersParams; result: (OpenOrderPart | OpenOrderEndPart | OrderStatusPart)[] };
  /** Subscribe to profit and loss of an account. */
  reqPnL: { params: ReqPnLParams; result: Subscription };
  /** Subscribe to profit and loss of one position. */
  reqPnLSingle: { params: ReqPnLSingleParams; result: Subscription };
  /** Subscribe to the positions of all accounts. */
  reqPositions: { params: ReqPositionsParams; result: Subscription };
  /** Subscribe to the positions of an account or model. */
  reqPositionsMulti: { params: ReqPositionsMultiParams; result: Subscription };
  /** Subscribe to bars of five seconds. */
  reqRealTimeBars: { params: ReqRealTimeBarsParams; result: Subscription };
  /** Ask for everything that a scan can use. */
  reqScannerParameters: { params: ReqScannerParametersParams; result: ScannerParametersData };
  /** Subscribe to a scan. TWS serves ten scans at a time. */
  reqScannerSubscription: { params: ReqScannerSubscriptionParams; result: Subscription };
  /** Ask for the option chains of an underlying: expirations and strikes by exchange and class. */
  reqSecDefOptParams: { params: ReqSecDefOptParamsParams; result: (SecurityDefinitionOptionParameterPart | SecurityDefinitionOptionParameterEndPart)[] };
  /** Ask for the exchanges that the letters in exchange ticks stand for. */
  reqSmartComponents: { params: ReqSmartComponentsParams; result: SmartComponentsData };
  /** Ask for the commission tiers of the login. */
  reqSoftDollarTiers: { params: ReqSoftDollarTiersParams; result: SoftDollarTiersData };
  /**
   * Subscribe to every tick of an instrument. Unlike with reqMktData, TWS omits none. With numberOfTicks, TWS first
   * sends historical ticks, as in the answers to reqHistoricalTicks.
   */
  reqTickByTickData: { params: ReqTickByTickDataParams; result: Subscription };
  /** Ask for information about the login. */
  reqUserInfo: { params: ReqUserInfoParams; result: UserInfoData };
  /**
   * Ask for corporate events from the Wall Street Horizon calendar, by instrument or by filter. The client must send
   * reqWshMetaData first.
   */
  reqWshEventData: { params: ReqWshEventDataParams; result: WshEventDataData };
  /** Ask for the event types and filters of the Wall Street Horizon calendar. */
  reqWshMetaData: { params: ReqWshMetaDataParams; result: WshMetaDataData };
  /** Ask for one part of the advisor's configuration. */
  requestFA: { params: RequestFAParams; result: ReceiveFAData };
  /** Take new orders again. The bridge refuses this while the file `halt` is in the state folder. */
  resume: { params: NoParams; result: ResumeResult };
  /**
   * Return the newest `seq` of each topic that begins with a prefix. A client that has received nothing for a while can
   * check whether it missed the last event.
   */
  sequences: { params: SequencesParams; result: SequencesResult };
  /** Choose how much TWS writes to its API log. */
  setServerLogLevel: { params: SetServerLogLevelParams; result: Sent };
  /**
   * Return the last values of the topics that begin with a prefix. With `nonce`, the bridge also publishes a marker on
   * `sync.<nonce>`, with no event between the snapshot and the marker.
   */
  snapshot: { params: SnapshotParams; result: SnapshotResult };
  /** Return the state of the bridge. The lists of accounts and streams have only those that the client may see. */
  status: { params: NoParams; result: StatusResult };
  /** Subscribe to the instrument that a display group shows. */
  subscribeToGroupEvents: { params: SubscribeToGroupEventsParams; result: Subscription };
  /** End the subscription to a display group. */
  unsubscribeFromGroupEvents: { params: CancelParams; result: Released | Cancelled };
  /** Change settings of TWS. Settings that are absent stay unchanged. */
  updateConfig: { params: UpdateConfigParams; result: UpdateConfigResponseData };
  /** Make a display group show an instrument. TWS confirms with displayGroupUpdated. */
  updateDisplayGroup: { params: UpdateDisplayGroupParams; result: Sent };
}

/** Methods whose result depends on a flag in the params, as they are without the flag. */
export interface UsualMethods {
  placeOrder: { params: PlaceOrderParams & { order: { whatIf?: false } }; result: OrderFacts };
  reqHistoricalData: { params: ReqHistoricalDataParams & { keepUpToDate?: false }; result: (HistoricalDataPart | HistoricalDataEndPart | HistoricalDataUpdatePart | HistoricalSchedulePart)[] };
  reqMktData: { params: ReqMktDataParams & { snapshot?: false; regulatorySnapshot?: false }; result: Subscription };
}

/** A call of each method. `call` sends the request. */
export abstract class MethodCalls<Options> {
  protected abstract call<M extends keyof Methods>(
    method: M, params: Methods[M]["params"] | undefined, options: Options | undefined,
  ): Promise<Methods[M]["result"]>;

  /**
   * Abandon an order that is `notFound`. The bridge sends a cancel, and the key becomes free when TWS answers that it
   * has no such order. With `force` an admin abandons an order that is `unknown`; if a part of it was executed, it
   * becomes `cancelled` and no other order can use its key. For an order that has ended without `fillsFinal`, an admin
   * confirms with `force` that no more of it was executed.
   */
  abandon(params?: AbandonParams, options?: Options): Promise<Methods["abandon"]["result"]> {
    return this.call("abandon", params, options);
  }

  /**
   * Wait until TWS has acknowledged an order (`acknowledged`), or until the order has ended (`ended`). When the time
   * runs out, or when the order cannot reach that state by itself, the bridge answers with the order's current state
   * and `reached` false.
   */
  awaitOrder(params: AwaitOrderParams, options?: Options): Promise<Methods["awaitOrder"]["result"]> {
    return this.call("awaitOrder", params, options);
  }

  /** Compute the implied volatility of an option for a price. TWS answers with a tick of type 53. */
  calculateImpliedVolatility(params: CalculateImpliedVolatilityParams, options?: Options): Promise<Methods["calculateImpliedVolatility"]["result"]> {
    return this.call("calculateImpliedVolatility", params, options);
  }

  /** Compute the price of an option for a volatility. TWS answers with a tick of type 53. */
  calculateOptionPrice(params: CalculateOptionPriceParams, options?: Options): Promise<Methods["calculateOptionPrice"]["result"]> {
    return this.call("calculateOptionPrice", params, options);
  }

  /** End an account summary. */
  cancelAccountSummary(params?: CancelParams, options?: Options): Promise<Methods["cancelAccountSummary"]["result"]> {
    return this.call("cancelAccountSummary", params, options);
  }

  /** End the updates of an account or model. */
  cancelAccountUpdatesMulti(params?: CancelParams, options?: Options): Promise<Methods["cancelAccountUpdatesMulti"]["result"]> {
    return this.call("cancelAccountUpdatesMulti", params, options);
  }

  /** End a computation of implied volatility. */
  cancelCalculateImpliedVolatility(params?: CancelParams, options?: Options): Promise<Methods["cancelCalculateImpliedVolatility"]["result"]> {
    return this.call("cancelCalculateImpliedVolatility", params, options);
  }

  /** End a computation of an option price. */
  cancelCalculateOptionPrice(params?: CancelParams, options?: Options): Promise<Methods["cancelCalculateOptionPrice"]["result"]> {
    return this.call("cancelCalculateOptionPrice", params, options);
  }

  /** End a request for contract details. */
  cancelContractData(params?: CancelParams, options?: Options): Promise<Methods["cancelContractData"]["result"]> {
    return this.call("cancelContractData", params, options);
  }

  /** End a request for the oldest data. */
  cancelHeadTimeStamp(params?: CancelParams, options?: Options): Promise<Methods["cancelHeadTimeStamp"]["result"]> {
    return this.call("cancelHeadTimeStamp", params, options);
  }

  /** End a request for a histogram. */
  cancelHistogramData(params?: CancelParams, options?: Options): Promise<Methods["cancelHistogramData"]["result"]> {
    return this.call("cancelHistogramData", params, options);
  }

  /** End a request for history, or its updates. */
  cancelHistoricalData(params?: CancelParams, options?: Options): Promise<Methods["cancelHistoricalData"]["result"]> {
    return this.call("cancelHistoricalData", params, options);
  }

  /** End a request for historical ticks. */
  cancelHistoricalTicks(params?: CancelParams, options?: Options): Promise<Methods["cancelHistoricalTicks"]["result"]> {
    return this.call("cancelHistoricalTicks", params, options);
  }

  /** Cancel all orders of the client that may be working. The bridge answers when it has sent the cancels. */
  cancelMine(params?: CancelMineParams, options?: Options): Promise<Methods["cancelMine"]["result"]> {
    return this.call("cancelMine", params, options);
  }

  /** End market data. */
  cancelMktData(params?: CancelParams, options?: Options): Promise<Methods["cancelMktData"]["result"]> {
    return this.call("cancelMktData", params, options);
  }

  /** End market depth. */
  cancelMktDepth(params?: CancelParams, options?: Options): Promise<Methods["cancelMktDepth"]["result"]> {
    return this.call("cancelMktDepth", params, options);
  }

  /** End bulletins for the whole connection. */
  cancelNewsBulletins(params?: CancelParams, options?: Options): Promise<Methods["cancelNewsBulletins"]["result"]> {
    return this.call("cancelNewsBulletins", params, options);
  }

  /**
   * Cancel one order, by its key or its number. The bridge answers when TWS has answered the cancel. For an order that
   * has ended, it answers at once with `alreadyEnded`.
   */
  cancelOrder(params?: CancelOrderParams, options?: Options): Promise<Methods["cancelOrder"]["result"]> {
    return this.call("cancelOrder", params, options);
  }

  /** End profit and loss of an account. */
  cancelPnL(params?: CancelParams, options?: Options): Promise<Methods["cancelPnL"]["result"]> {
    return this.call("cancelPnL", params, options);
  }

  /** End profit and loss of a position. */
  cancelPnLSingle(params?: CancelParams, options?: Options): Promise<Methods["cancelPnLSingle"]["result"]> {
    return this.call("cancelPnLSingle", params, options);
  }

  /** End the positions. */
  cancelPositions(params?: CancelParams, options?: Options): Promise<Methods["cancelPositions"]["result"]> {
    return this.call("cancelPositions", params, options);
  }

  /** End the positions of an account or model. */
  cancelPositionsMulti(params?: CancelParams, options?: Options): Promise<Methods["cancelPositionsMulti"]["result"]> {
    return this.call("cancelPositionsMulti", params, options);
  }

  /** End real-time bars. */
  cancelRealTimeBars(params?: CancelParams, options?: Options): Promise<Methods["cancelRealTimeBars"]["result"]> {
    return this.call("cancelRealTimeBars", params, options);
  }

  /** End a scan. */
  cancelScannerSubscription(params?: CancelParams, options?: Options): Promise<Methods["cancelScannerSubscription"]["result"]> {
    return this.call("cancelScannerSubscription", params, options);
  }

  /** End tick-by-tick data. */
  cancelTickByTickData(params?: CancelParams, options?: Options): Promise<Methods["cancelTickByTickData"]["result"]> {
    return this.call("cancelTickByTickData", params, options);
  }

  /** End a request for calendar events. */
  cancelWshEventData(params?: CancelParams, options?: Options): Promise<Methods["cancelWshEventData"]["result"]> {
    return this.call("cancelWshEventData", params, options);
  }

  /** End a request for the calendar's event types. */
  cancelWshMetaData(params?: CancelParams, options?: Options): Promise<Methods["cancelWshMetaData"]["result"]> {
    return this.call("cancelWshMetaData", params, options);
  }

  /** Return the clients that sent a request within their lease. */
  clients(params?: NoParams, options?: Options): Promise<Methods["clients"]["result"]> {
    return this.call("clients", params, options);
  }

  /** Exercise options, or let them lapse. The same key is the same exercise. */
  exerciseOptions(params: ExerciseOptionsParams, options?: Options): Promise<Methods["exerciseOptions"]["result"]> {
    return this.call("exerciseOptions", params, options);
  }

  /** Refuse new orders, and changes that add to an order, until `resume`. The bridge still sends cancels. */
  halt(params?: HaltParams, options?: Options): Promise<Methods["halt"]["result"]> {
    return this.call("halt", params, options);
  }

  /**
   * Announce a new run of the client. The bridge takes orders from the newest run only, and refuses those of older runs
   * (`fenced`).
   */
  hello(params: HelloParams, options?: Options): Promise<Methods["hello"]["result"]> {
    return this.call("hello", params, options);
  }

  /** Return all methods, each with the JSON Schema of its params. */
  methods(params?: NoParams, options?: Options): Promise<Methods["methods"]["result"]> {
    return this.call("methods", params, options);
  }

  /** Change an order. The bridge answers when TWS shows the change. Each change needs a higher `revision`. */
  modifyOrder(params: ModifyOrderParams, options?: Options): Promise<Methods["modifyOrder"]["result"]> {
    return this.call("modifyOrder", params, options);
  }

  /** Return events of the client's own order log, in order. */
  orderLog(params: OrderLogParams, options?: Options): Promise<Methods["orderLog"]["result"]> {
    return this.call("orderLog", params, options);
  }

  /** Check that the bridge answers. Like every request, it renews the client's lease. */
  ping(params?: NoParams, options?: Options): Promise<Methods["ping"]["result"]> {
    return this.call("ping", params, options);
  }

  /** Place one order. The bridge answers when TWS first answers for the order. The same key is the same order. */
  placeOrder(params: PlaceOrderParams & { order: { whatIf?: false } }, options?: Options): Promise<OrderFacts>;
  placeOrder(params: PlaceOrderParams, options?: Options): Promise<Methods["placeOrder"]["result"]>;
  placeOrder(params: PlaceOrderParams, options?: Options): Promise<Methods["placeOrder"]["result"]> {
    return this.call("placeOrder", params, options);
  }

  /**
   * Place a bracket or another group of orders together. The bridge writes them to disk together, and TWS holds them
   * until it has the last one.
   */
  placeOrders(params: PlaceOrdersParams, options?: Options): Promise<Methods["placeOrders"]["result"]> {
    return this.call("placeOrders", params, options);
  }

  /** Ask for the display groups of TWS. */
  queryDisplayGroups(params?: QueryDisplayGroupsParams, options?: Options): Promise<Methods["queryDisplayGroups"]["result"]> {
    return this.call("queryDisplayGroups", params, options);
  }

  /** End the client's hold on a stream. When no client holds the stream, the bridge ends it at TWS. */
  release(params: ReleaseParams, options?: Options): Promise<Methods["release"]["result"]> {
    return this.call("release", params, options);
  }

  /**
   * Read the configuration again, check it as a whole, and take it over as a whole. If it has a mistake, the bridge
   * changes nothing and answers `configurationInvalid`.
   */
  reload(params?: ReloadParams, options?: Options): Promise<Methods["reload"]["result"]> {
    return this.call("reload", params, options);
  }

  /** Replace one part of the advisor's configuration. */
  replaceFA(params: ReplaceFAParams, options?: Options): Promise<Methods["replaceFA"]["result"]> {
    return this.call("replaceFA", params, options);
  }

  /** Subscribe to chosen values of all accounts or of a group. TWS serves two of these subscriptions at a time. */
  reqAccountSummary(params: ReqAccountSummaryParams, options?: Options): Promise<Methods["reqAccountSummary"]["result"]> {
    return this.call("reqAccountSummary", params, options);
  }

  /**
   * Subscribe to the values and the portfolio of one account, or end this subscription. TWS serves one account at a
   * time for the whole connection.
   */
  reqAccountUpdates(params: ReqAccountUpdatesParams, options?: Options): Promise<Methods["reqAccountUpdates"]["result"]> {
    return this.call("reqAccountUpdates", params, options);
  }

  /** Subscribe to the values of an account or model. */
  reqAccountUpdatesMulti(params?: ReqAccountUpdatesMultiParams, options?: Options): Promise<Methods["reqAccountUpdatesMulti"]["result"]> {
    return this.call("reqAccountUpdatesMulti", params, options);
  }

  /**
   * List all open orders of the account, from every client and from TWS. TWS sends the list once, without later
   * changes.
   */
  reqAllOpenOrders(params?: ReqAllOpenOrdersParams, options?: Options): Promise<Methods["reqAllOpenOrders"]["result"]> {
    return this.call("reqAllOpenOrders", params, options);
  }

  /** Bind orders placed in TWS to this client from now on. TWS allows this only to client ID 0. */
  reqAutoOpenOrders(params: ReqAutoOpenOrdersParams, options?: Options): Promise<Methods["reqAutoOpenOrders"]["result"]> {
    return this.call("reqAutoOpenOrders", params, options);
  }

  /** List the orders of the day that were filled or cancelled. */
  reqCompletedOrders(params?: ReqCompletedOrdersParams, options?: Options): Promise<Methods["reqCompletedOrders"]["result"]> {
    return this.call("reqCompletedOrders", params, options);
  }

  /** Ask for the settings of TWS. */
  reqConfig(params?: ReqConfigParams, options?: Options): Promise<Methods["reqConfig"]["result"]> {
    return this.call("reqConfig", params, options);
  }

  /** Ask for all instruments that match a description, with their details. */
  reqContractDetails(params: ReqContractDetailsParams, options?: Options): Promise<Methods["reqContractDetails"]["result"]> {
    return this.call("reqContractDetails", params, options);
  }

  /** Ask for the time of TWS. */
  reqCurrentTime(params?: ReqCurrentTimeParams, options?: Options): Promise<Methods["reqCurrentTime"]["result"]> {
    return this.call("reqCurrentTime", params, options);
  }

  /** Ask for the time of TWS, in milliseconds. */
  reqCurrentTimeInMillis(params?: ReqCurrentTimeInMillisParams, options?: Options): Promise<Methods["reqCurrentTimeInMillis"]["result"]> {
    return this.call("reqCurrentTimeInMillis", params, options);
  }

  /** List executions, each with its commission report if TWS has it. */
  reqExecutions(params?: ReqExecutionsParams, options?: Options): Promise<Methods["reqExecutions"]["result"]> {
    return this.call("reqExecutions", params, options);
  }

  /** Ask for the accounts of the login and their families. */
  reqFamilyCodes(params?: ReqFamilyCodesParams, options?: Options): Promise<Methods["reqFamilyCodes"]["result"]> {
    return this.call("reqFamilyCodes", params, options);
  }

  /** Cancel all open orders of the account, from every client and from TWS. */
  reqGlobalCancel(params?: ReqGlobalCancelParams, options?: Options): Promise<Methods["reqGlobalCancel"]["result"]> {
    return this.call("reqGlobalCancel", params, options);
  }

  /** Ask how far back the history of an instrument goes. */
  reqHeadTimeStamp(params: ReqHeadTimeStampParams, options?: Options): Promise<Methods["reqHeadTimeStamp"]["result"]> {
    return this.call("reqHeadTimeStamp", params, options);
  }

  /** Ask for the volume traded at each price. */
  reqHistogramData(params: ReqHistogramDataParams, options?: Options): Promise<Methods["reqHistogramData"]["result"]> {
    return this.call("reqHistogramData", params, options);
  }

  /**
   * Ask for historical bars, and with keepUpToDate also for updates. TWS limits requests for bars of 30 seconds or
   * less: 60 requests in ten minutes, and no two identical requests within 15 seconds.
   */
  reqHistoricalData(params: ReqHistoricalDataParams & { keepUpToDate?: false }, options?: Options): Promise<(HistoricalDataPart | HistoricalDataEndPart | HistoricalDataUpdatePart | HistoricalSchedulePart)[]>;
  reqHistoricalData(params: ReqHistoricalDataParams, options?: Options): Promise<Methods["reqHistoricalData"]["result"]>;
  reqHistoricalData(params: ReqHistoricalDataParams, options?: Options): Promise<Methods["reqHistoricalData"]["result"]> {
    return this.call("reqHistoricalData", params, options);
  }

  /** Ask for historical headlines about an instrument. */
  reqHistoricalNews(params: ReqHistoricalNewsParams, options?: Options): Promise<Methods["reqHistoricalNews"]["result"]> {
    return this.call("reqHistoricalNews", params, options);
  }

  /** Ask for historical ticks. whatToShow decides the kind of the answer: TRADES, MIDPOINT or BID_ASK. */
  reqHistoricalTicks(params: ReqHistoricalTicksParams, options?: Options): Promise<Methods["reqHistoricalTicks"]["result"]> {
    return this.call("reqHistoricalTicks", params, options);
  }

  /** Ask for the next order ID. */
  reqIds(params?: ReqIdsParams, options?: Options): Promise<Methods["reqIds"]["result"]> {
    return this.call("reqIds", params, options);
  }

  /** Ask for the accounts of the login. */
  reqManagedAccts(params?: ReqManagedAcctsParams, options?: Options): Promise<Methods["reqManagedAccts"]["result"]> {
    return this.call("reqManagedAccts", params, options);
  }

  /** Choose live, frozen or delayed data for all later market data requests of the whole connection. */
  reqMarketDataType(params: ReqMarketDataTypeParams, options?: Options): Promise<Methods["reqMarketDataType"]["result"]> {
    return this.call("reqMarketDataType", params, options);
  }

  /** Ask for the price steps of a market rule. contractDetails names the rules. */
  reqMarketRule(params: ReqMarketRuleParams, options?: Options): Promise<Methods["reqMarketRule"]["result"]> {
    return this.call("reqMarketRule", params, options);
  }

  /** Search instruments by symbol or name, at most once a second. */
  reqMatchingSymbols(params: ReqMatchingSymbolsParams, options?: Options): Promise<Methods["reqMatchingSymbols"]["result"]> {
    return this.call("reqMatchingSymbols", params, options);
  }

  /** Subscribe to ticks of an instrument, or ask for one snapshot. */
  reqMktData(params: ReqMktDataParams & { snapshot?: false; regulatorySnapshot?: false }, options?: Options): Promise<Subscription>;
  reqMktData(params: ReqMktDataParams, options?: Options): Promise<Methods["reqMktData"]["result"]>;
  reqMktData(params: ReqMktDataParams, options?: Options): Promise<Methods["reqMktData"]["result"]> {
    return this.call("reqMktData", params, options);
  }

  /** Subscribe to an order book. TWS serves three at a time, or more for a login with more market data lines. */
  reqMktDepth(params: ReqMktDepthParams, options?: Options): Promise<Methods["reqMktDepth"]["result"]> {
    return this.call("reqMktDepth", params, options);
  }

  /** Ask which exchanges offer market depth. */
  reqMktDepthExchanges(params?: ReqMktDepthExchangesParams, options?: Options): Promise<Methods["reqMktDepthExchanges"]["result"]> {
    return this.call("reqMktDepthExchanges", params, options);
  }

  /** Ask for the text of an article. */
  reqNewsArticle(params: ReqNewsArticleParams, options?: Options): Promise<Methods["reqNewsArticle"]["result"]> {
    return this.call("reqNewsArticle", params, options);
  }

  /** Subscribe to IBKR's bulletins. */
  reqNewsBulletins(params: ReqNewsBulletinsParams, options?: Options): Promise<Methods["reqNewsBulletins"]["result"]> {
    return this.call("reqNewsBulletins", params, options);
  }

  /** Ask for the news providers that the login may read. */
  reqNewsProviders(params?: ReqNewsProvidersParams, options?: Options): Promise<Methods["reqNewsProviders"]["result"]> {
    return this.call("reqNewsProviders", params, options);
  }

  /** List the open orders of this client ID. For client ID 0 the list also has the orders placed in TWS. */
  reqOpenOrders(params?: ReqOpenOrdersParams, options?: Options): Promise<Methods["reqOpenOrders"]["result"]> {
    return this.call("reqOpenOrders", params, options);
  }

  /** Subscribe to profit and loss of an account. */
  reqPnL(params: ReqPnLParams, options?: Options): Promise<Methods["reqPnL"]["result"]> {
    return this.call("reqPnL", params, options);
  }

  /** Subscribe to profit and loss of one position. */
  reqPnLSingle(params: ReqPnLSingleParams, options?: Options): Promise<Methods["reqPnLSingle"]["result"]> {
    return this.call("reqPnLSingle", params, options);
  }

  /** Subscribe to the positions of all accounts. */
  reqPositions(params?: ReqPositionsParams, options?: Options): Promise<Methods["reqPositions"]["result"]> {
    return this.call("reqPositions", params, options);
  }

  /** Subscribe to the positions of an account or model. */
  reqPositionsMulti(params?: ReqPositionsMultiParams, options?: Options): Promise<Methods["reqPositionsMulti"]["result"]> {
    return this.call("reqPositionsMulti", params, options);
  }

  /** Subscribe to bars of five seconds. */
  reqRealTimeBars(params: ReqRealTimeBarsParams, options?: Options): Promise<Methods["reqRealTimeBars"]["result"]> {
    return this.call("reqRealTimeBars", params, options);
  }

  /** Ask for everything that a scan can use. */
  reqScannerParameters(params?: ReqScannerParametersParams, options?: Options): Promise<Methods["reqScannerParameters"]["result"]> {
    return this.call("reqScannerParameters", params, options);
  }

  /** Subscribe to a scan. TWS serves ten scans at a time. */
  reqScannerSubscription(params: ReqScannerSubscriptionParams, options?: Options): Promise<Methods["reqScannerSubscription"]["result"]> {
    return this.call("reqScannerSubscription", params, options);
  }

  /** Ask for the option chains of an underlying: expirations and strikes by exchange and class. */
  reqSecDefOptParams(params: ReqSecDefOptParamsParams, options?: Options): Promise<Methods["reqSecDefOptParams"]["result"]> {
    return this.call("reqSecDefOptParams", params, options);
  }

  /** Ask for the exchanges that the letters in exchange ticks stand for. */
  reqSmartComponents(params: ReqSmartComponentsParams, options?: Options): Promise<Methods["reqSmartComponents"]["result"]> {
    return this.call("reqSmartComponents", params, options);
  }

  /** Ask for the commission tiers of the login. */
  reqSoftDollarTiers(params?: ReqSoftDollarTiersParams, options?: Options): Promise<Methods["reqSoftDollarTiers"]["result"]> {
    return this.call("reqSoftDollarTiers", params, options);
  }

  /**
   * Subscribe to every tick of an instrument. Unlike with reqMktData, TWS omits none. With numberOfTicks, TWS first
   * sends historical ticks, as in the answers to reqHistoricalTicks.
   */
  reqTickByTickData(params: ReqTickByTickDataParams, options?: Options): Promise<Methods["reqTickByTickData"]["result"]> {
    return this.call("reqTickByTickData", params, options);
  }

  /** Ask for information about the login. */
  reqUserInfo(params?: ReqUserInfoParams, options?: Options): Promise<Methods["reqUserInfo"]["result"]> {
    return this.call("reqUserInfo", params, options);
  }

  /**
   * Ask for corporate events from the Wall Street Horizon calendar, by instrument or by filter. The client must send
   * reqWshMetaData first.
   */
  reqWshEventData(params?: ReqWshEventDataParams, options?: Options): Promise<Methods["reqWshEventData"]["result"]> {
    return this.call("reqWshEventData", params, options);
  }

  /** Ask for the event types and filters of the Wall Street Horizon calendar. */
  reqWshMetaData(params?: ReqWshMetaDataParams, options?: Options): Promise<Methods["reqWshMetaData"]["result"]> {
    return this.call("reqWshMetaData", params, options);
  }

  /** Ask for one part of the advisor's configuration. */
  requestFA(params: RequestFAParams, options?: Options): Promise<Methods["requestFA"]["result"]> {
    return this.call("requestFA", params, options);
  }

  /** Take new orders again. The bridge refuses this while the file `halt` is in the state folder. */
  resume(params?: NoParams, options?: Options): Promise<Methods["resume"]["result"]> {
    return this.call("resume", params, options);
  }

  /**
   * Return the newest `seq` of each topic that begins with a prefix. A client that has received nothing for a while can
   * check whether it missed the last event.
   */
  sequences(params: SequencesParams, options?: Options): Promise<Methods["sequences"]["result"]> {
    return this.call("sequences", params, options);
  }

  /** Choose how much TWS writes to its API log. */
  setServerLogLevel(params: SetServerLogLevelParams, options?: Options): Promise<Methods["setServerLogLevel"]["result"]> {
    return this.call("setServerLogLevel", params, options);
  }

  /**
   * Return the last values of the topics that begin with a prefix. With `nonce`, the bridge also publishes a marker on
   * `sync.<nonce>`, with no event between the snapshot and the marker.
   */
  snapshot(params: SnapshotParams, options?: Options): Promise<Methods["snapshot"]["result"]> {
    return this.call("snapshot", params, options);
  }

  /** Return the state of the bridge. The lists of accounts and streams have only those that the client may see. */
  status(params?: NoParams, options?: Options): Promise<Methods["status"]["result"]> {
    return this.call("status", params, options);
  }

  /** Subscribe to the instrument that a display group shows. */
  subscribeToGroupEvents(params: SubscribeToGroupEventsParams, options?: Options): Promise<Methods["subscribeToGroupEvents"]["result"]> {
    return this.call("subscribeToGroupEvents", params, options);
  }

  /** End the subscription to a display group. */
  unsubscribeFromGroupEvents(params?: CancelParams, options?: Options): Promise<Methods["unsubscribeFromGroupEvents"]["result"]> {
    return this.call("unsubscribeFromGroupEvents", params, options);
  }

  /** Change settings of TWS. Settings that are absent stay unchanged. */
  updateConfig(params?: UpdateConfigParams, options?: Options): Promise<Methods["updateConfig"]["result"]> {
    return this.call("updateConfig", params, options);
  }

  /** Make a display group show an instrument. TWS confirms with displayGroupUpdated. */
  updateDisplayGroup(params: UpdateDisplayGroupParams, options?: Options): Promise<Methods["updateDisplayGroup"]["result"]> {
    return this.call("updateDisplayGroup", params, options);
  }
}
