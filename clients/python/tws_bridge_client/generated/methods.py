"""The requests of the blocking client: a method for each, with typed parameters.

`tws-bridge schemas` writes this file. Nobody edits it by hand.
"""

from __future__ import annotations

from typing import Any, Literal, overload

from tws_bridge_client.answers import many, one
from tws_bridge_client.generated import messages as m
from tws_bridge_client.generated import types as t
from tws_bridge_client.likes import REQUEST_ID, ContractLike, OrderLike, given
from tws_bridge_client.naming import checks_names
from tws_bridge_client.struct import DayLike, MomentLike
from tws_bridge_client.values import Number


class Methods:
    """The requests. A method has the name of its request, and the same name in lower case with underscores.

    `timeout`: how many seconds the call lasts at most. `wait`: False if the bridge must refuse the request (`paced`)
    when TWS takes no more messages now. `fresh`: True if the answer must come from TWS.

    Each raises BridgeError if the bridge answers with an error, and BridgeTimeout if it does not answer.
    """

    def request(
        self,
        method: str,
        params: dict[str, Any] | None = None,
        timeout: float = 30.0,
        *,
        id: str | None = None,
        wait: bool = True,
        fresh: bool = False,
    ) -> Any:
        """Send a request, and wait for its result as it is on the wire."""
        raise NotImplementedError

    @checks_names
    def abandon(
        self,
        *,
        orderKey: str | None = None,
        orderId: int | None = None,
        owner: str | None = None,
        force: bool | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.OrderFacts:
        """Abandon an order that is `notFound`. The bridge sends a cancel, and the key becomes free when TWS answers
        that it has no such order. With `force` an admin abandons an order that is `unknown`; if a part of it was
        executed, it becomes `cancelled` and no other order can use its key. For an order that has ended without
        `fillsFinal`, an admin confirms with `force` that no more of it was executed.

        Parameters:
            orderKey: Key of the order.
            orderId: Number of the order at TWS, instead of its key.
            owner: Client that owns the orderKey. An admin needs it for an order of another client.
            force: Abandon the order without proof. Admins only; the bridge logs it.
        """
        found: t.OrderFacts = t.OrderFacts.from_dict(self.request("abandon", given("abandon", {"orderKey": orderKey, "orderId": orderId, "owner": owner, "force": force}), timeout, wait=wait, fresh=fresh))
        return found

    @checks_names
    def await_order(
        self,
        orderKey: str,
        until: Literal["acknowledged", "ended"],
        *,
        owner: str | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.AwaitedOrder:
        """Wait until TWS has acknowledged an order (`acknowledged`), or until the order has ended (`ended`). When the
        time runs out, or when the order cannot reach that state by itself, the bridge answers with the order's current
        state and `reached` false.

        Parameters:
            orderKey: Key of the order.
            until: Until TWS has acknowledged the order, or until the order has ended.
            owner: Client that owns the orderKey. An admin needs it for an order of another client.
        """
        found: t.AwaitedOrder = t.AwaitedOrder.from_dict(self.request("awaitOrder", given("awaitOrder", {"orderKey": orderKey, "until": until, "owner": owner}), timeout, wait=wait, fresh=fresh))
        return found

    awaitOrder = await_order

    @checks_names
    def calculate_implied_volatility(
        self,
        contract: ContractLike,
        optionPrice: float,
        underPrice: float,
        *,
        impliedVolatilityOptions: dict[str, str] | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> m.TickOptionComputation:
        """Compute the implied volatility of an option for a price. TWS answers with a tick of type 53.

        Parameters:
            contract: An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency
                and the other fields that distinguish it.
            optionPrice: Price of the option.
            underPrice: Price of the underlying.
            impliedVolatilityOptions: More options by tag, for IBKR's internal use.
        """
        found: m.TickOptionComputation = m.TickOptionComputation.from_dict(self.request("calculateImpliedVolatility", given("calculateImpliedVolatility", {"contract": contract, "optionPrice": optionPrice, "underPrice": underPrice, "impliedVolatilityOptions": impliedVolatilityOptions}), timeout, wait=wait, fresh=fresh))
        return found

    calculateImpliedVolatility = calculate_implied_volatility

    @checks_names
    def calculate_option_price(
        self,
        contract: ContractLike,
        volatility: float,
        underPrice: float,
        *,
        optionPriceOptions: dict[str, str] | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> m.TickOptionComputation:
        """Compute the price of an option for a volatility. TWS answers with a tick of type 53.

        Parameters:
            contract: An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency
                and the other fields that distinguish it.
            volatility: Implied volatility, as a fraction.
            underPrice: Price of the underlying.
            optionPriceOptions: More options by tag, for IBKR's internal use.
        """
        found: m.TickOptionComputation = m.TickOptionComputation.from_dict(self.request("calculateOptionPrice", given("calculateOptionPrice", {"contract": contract, "volatility": volatility, "underPrice": underPrice, "optionPriceOptions": optionPriceOptions}), timeout, wait=wait, fresh=fresh))
        return found

    calculateOptionPrice = calculate_option_price

    @checks_names
    def cancel_account_summary(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Released | t.Cancelled:
        """End an account summary."""
        found: t.Released | t.Cancelled = one(self.request("cancelAccountSummary", given("cancelAccountSummary", {}), timeout, wait=wait, fresh=fresh), t.Released, t.Cancelled)
        return found

    cancelAccountSummary = cancel_account_summary

    @checks_names
    def cancel_account_updates_multi(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Released | t.Cancelled:
        """End the updates of an account or model."""
        found: t.Released | t.Cancelled = one(self.request("cancelAccountUpdatesMulti", given("cancelAccountUpdatesMulti", {}), timeout, wait=wait, fresh=fresh), t.Released, t.Cancelled)
        return found

    cancelAccountUpdatesMulti = cancel_account_updates_multi

    @checks_names
    def cancel_calculate_implied_volatility(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Released | t.Cancelled:
        """End a computation of implied volatility."""
        found: t.Released | t.Cancelled = one(self.request("cancelCalculateImpliedVolatility", given("cancelCalculateImpliedVolatility", {}), timeout, wait=wait, fresh=fresh), t.Released, t.Cancelled)
        return found

    cancelCalculateImpliedVolatility = cancel_calculate_implied_volatility

    @checks_names
    def cancel_calculate_option_price(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Released | t.Cancelled:
        """End a computation of an option price."""
        found: t.Released | t.Cancelled = one(self.request("cancelCalculateOptionPrice", given("cancelCalculateOptionPrice", {}), timeout, wait=wait, fresh=fresh), t.Released, t.Cancelled)
        return found

    cancelCalculateOptionPrice = cancel_calculate_option_price

    @checks_names
    def cancel_contract_data(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Released | t.Cancelled:
        """End a request for contract details."""
        found: t.Released | t.Cancelled = one(self.request("cancelContractData", given("cancelContractData", {}), timeout, wait=wait, fresh=fresh), t.Released, t.Cancelled)
        return found

    cancelContractData = cancel_contract_data

    @checks_names
    def cancel_head_time_stamp(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Released | t.Cancelled:
        """End a request for the oldest data."""
        found: t.Released | t.Cancelled = one(self.request("cancelHeadTimeStamp", given("cancelHeadTimeStamp", {}), timeout, wait=wait, fresh=fresh), t.Released, t.Cancelled)
        return found

    cancelHeadTimeStamp = cancel_head_time_stamp

    @checks_names
    def cancel_histogram_data(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Released | t.Cancelled:
        """End a request for a histogram."""
        found: t.Released | t.Cancelled = one(self.request("cancelHistogramData", given("cancelHistogramData", {}), timeout, wait=wait, fresh=fresh), t.Released, t.Cancelled)
        return found

    cancelHistogramData = cancel_histogram_data

    @checks_names
    def cancel_historical_data(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Released | t.Cancelled:
        """End a request for history, or its updates."""
        found: t.Released | t.Cancelled = one(self.request("cancelHistoricalData", given("cancelHistoricalData", {}), timeout, wait=wait, fresh=fresh), t.Released, t.Cancelled)
        return found

    cancelHistoricalData = cancel_historical_data

    @checks_names
    def cancel_historical_ticks(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Released | t.Cancelled:
        """End a request for historical ticks."""
        found: t.Released | t.Cancelled = one(self.request("cancelHistoricalTicks", given("cancelHistoricalTicks", {}), timeout, wait=wait, fresh=fresh), t.Released, t.Cancelled)
        return found

    cancelHistoricalTicks = cancel_historical_ticks

    @checks_names
    def cancel_mine(
        self,
        *,
        orderCancel: t.OrderCancel | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.CancelMineResult:
        """Cancel all orders of the client that may be working. The bridge answers when it has sent the cancels.

        Parameters:
            orderCancel: Data of a cancel. Only regulated and manual order entry needs it.
        """
        found: t.CancelMineResult = t.CancelMineResult.from_dict(self.request("cancelMine", given("cancelMine", {"orderCancel": orderCancel}), timeout, wait=wait, fresh=fresh))
        return found

    cancelMine = cancel_mine

    @checks_names
    def cancel_mkt_data(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Released | t.Cancelled:
        """End market data."""
        found: t.Released | t.Cancelled = one(self.request("cancelMktData", given("cancelMktData", {}), timeout, wait=wait, fresh=fresh), t.Released, t.Cancelled)
        return found

    cancelMktData = cancel_mkt_data

    @checks_names
    def cancel_mkt_depth(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Released | t.Cancelled:
        """End market depth."""
        found: t.Released | t.Cancelled = one(self.request("cancelMktDepth", given("cancelMktDepth", {}), timeout, wait=wait, fresh=fresh), t.Released, t.Cancelled)
        return found

    cancelMktDepth = cancel_mkt_depth

    @checks_names
    def cancel_news_bulletins(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Released | t.Cancelled:
        """End bulletins for the whole connection."""
        found: t.Released | t.Cancelled = one(self.request("cancelNewsBulletins", given("cancelNewsBulletins", {}), timeout, wait=wait, fresh=fresh), t.Released, t.Cancelled)
        return found

    cancelNewsBulletins = cancel_news_bulletins

    @checks_names
    def cancel_order(
        self,
        *,
        orderCancel: t.OrderCancel | None = None,
        orderKey: str | None = None,
        orderId: int | None = None,
        owner: str | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.OrderFacts:
        """Cancel one order, by its key or its number. The bridge answers when TWS has answered the cancel. For an order
        that has ended, it answers at once with `alreadyEnded`.

        Parameters:
            orderCancel: Data of a cancel. Only regulated and manual order entry needs it.
            orderKey: Key of the order.
            orderId: Number of the order at TWS, instead of its key.
            owner: Client that owns the orderKey. An admin needs it for an order of another client.
        """
        found: t.OrderFacts = t.OrderFacts.from_dict(self.request("cancelOrder", given("cancelOrder", {"orderCancel": orderCancel, "orderKey": orderKey, "orderId": orderId, "owner": owner}), timeout, wait=wait, fresh=fresh))
        return found

    cancelOrder = cancel_order

    @checks_names
    def cancel_pnl(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Released | t.Cancelled:
        """End profit and loss of an account."""
        found: t.Released | t.Cancelled = one(self.request("cancelPnL", given("cancelPnL", {}), timeout, wait=wait, fresh=fresh), t.Released, t.Cancelled)
        return found

    cancelPnL = cancel_pnl

    @checks_names
    def cancel_pnl_single(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Released | t.Cancelled:
        """End profit and loss of a position."""
        found: t.Released | t.Cancelled = one(self.request("cancelPnLSingle", given("cancelPnLSingle", {}), timeout, wait=wait, fresh=fresh), t.Released, t.Cancelled)
        return found

    cancelPnLSingle = cancel_pnl_single

    @checks_names
    def cancel_positions(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Released | t.Cancelled:
        """End the positions."""
        found: t.Released | t.Cancelled = one(self.request("cancelPositions", given("cancelPositions", {}), timeout, wait=wait, fresh=fresh), t.Released, t.Cancelled)
        return found

    cancelPositions = cancel_positions

    @checks_names
    def cancel_positions_multi(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Released | t.Cancelled:
        """End the positions of an account or model."""
        found: t.Released | t.Cancelled = one(self.request("cancelPositionsMulti", given("cancelPositionsMulti", {}), timeout, wait=wait, fresh=fresh), t.Released, t.Cancelled)
        return found

    cancelPositionsMulti = cancel_positions_multi

    @checks_names
    def cancel_real_time_bars(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Released | t.Cancelled:
        """End real-time bars."""
        found: t.Released | t.Cancelled = one(self.request("cancelRealTimeBars", given("cancelRealTimeBars", {}), timeout, wait=wait, fresh=fresh), t.Released, t.Cancelled)
        return found

    cancelRealTimeBars = cancel_real_time_bars

    @checks_names
    def cancel_scanner_subscription(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Released | t.Cancelled:
        """End a scan."""
        found: t.Released | t.Cancelled = one(self.request("cancelScannerSubscription", given("cancelScannerSubscription", {}), timeout, wait=wait, fresh=fresh), t.Released, t.Cancelled)
        return found

    cancelScannerSubscription = cancel_scanner_subscription

    @checks_names
    def cancel_tick_by_tick_data(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Released | t.Cancelled:
        """End tick-by-tick data."""
        found: t.Released | t.Cancelled = one(self.request("cancelTickByTickData", given("cancelTickByTickData", {}), timeout, wait=wait, fresh=fresh), t.Released, t.Cancelled)
        return found

    cancelTickByTickData = cancel_tick_by_tick_data

    @checks_names
    def cancel_wsh_event_data(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Released | t.Cancelled:
        """End a request for calendar events."""
        found: t.Released | t.Cancelled = one(self.request("cancelWshEventData", given("cancelWshEventData", {}), timeout, wait=wait, fresh=fresh), t.Released, t.Cancelled)
        return found

    cancelWshEventData = cancel_wsh_event_data

    @checks_names
    def cancel_wsh_meta_data(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Released | t.Cancelled:
        """End a request for the calendar's event types."""
        found: t.Released | t.Cancelled = one(self.request("cancelWshMetaData", given("cancelWshMetaData", {}), timeout, wait=wait, fresh=fresh), t.Released, t.Cancelled)
        return found

    cancelWshMetaData = cancel_wsh_meta_data

    @checks_names
    def clients(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> list[t.ClientInfo]:
        """Return the clients that sent a request within their lease."""
        found: list[t.ClientInfo] = [t.ClientInfo.from_dict(item) for item in self.request("clients", given("clients", {}), timeout, wait=wait, fresh=fresh)]
        return found

    @checks_names
    def exercise_options(
        self,
        contract: ContractLike,
        exerciseAction: Literal[1, 2],
        exerciseQuantity: int,
        account: str,
        *,
        override: bool | None = None,
        manualOrderTime: MomentLike | None = None,
        customerAccount: str | None = None,
        professionalCustomer: bool | None = None,
        orderKey: str = REQUEST_ID,
        duringRestart: Literal["refuse", "hold"] | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.OrderFacts:
        """Exercise options, or let them lapse. The same key is the same exercise.

        Parameters:
            contract: An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency
                and the other fields that distinguish it.
            exerciseAction: Exercise the option, or let it lapse. 1: exercise; 2: let lapse.
            exerciseQuantity: Number of contracts.
            account: Account that holds the option.
            override: Act even if TWS advises against it: for example, exercise an option that is out of the money.
            manualOrderTime: When the client gave the instruction: `yyyymmdd-hh:mm:ss` UTC, or with a zone.
            customerAccount: Customer's account, where regulation requires it.
            professionalCustomer: True: the customer is a professional by the exchanges' rule.
            orderKey: Name of the order, which its client chooses. The same key is the same order. Default: the
                request's ID.
            duringRestart: What the bridge does before and during a planned restart: `refuse` (the default), or `hold`
                until it is over.
        """
        found: t.OrderFacts = t.OrderFacts.from_dict(self.request("exerciseOptions", given("exerciseOptions", {"contract": contract, "exerciseAction": exerciseAction, "exerciseQuantity": exerciseQuantity, "account": account, "override": override, "manualOrderTime": manualOrderTime, "customerAccount": customerAccount, "professionalCustomer": professionalCustomer, "orderKey": orderKey, "duringRestart": duringRestart}), timeout, wait=wait, fresh=fresh))
        return found

    exerciseOptions = exercise_options

    @checks_names
    def halt(
        self,
        *,
        reason: str | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.HaltResult:
        """Refuse new orders, and changes that add to an order, until `resume`. The bridge still sends cancels.

        Parameters:
            reason: Reason that the bridge gives in its refusals.
        """
        found: t.HaltResult = t.HaltResult.from_dict(self.request("halt", given("halt", {"reason": reason}), timeout, wait=wait, fresh=fresh))
        return found

    @checks_names
    def hello(
        self,
        instance: str,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.HelloResult:
        """Announce a new run of the client. The bridge takes orders from the newest run only, and refuses those of
        older runs (`fenced`).

        Parameters:
            instance: Name of this run. The client must never have used it before.
        """
        found: t.HelloResult = t.HelloResult.from_dict(self.request("hello", given("hello", {"instance": instance}), timeout, wait=wait, fresh=fresh))
        return found

    @checks_names
    def methods(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> list[t.MethodInfo]:
        """Return all methods, each with the JSON Schema of its params."""
        found: list[t.MethodInfo] = [t.MethodInfo.from_dict(item) for item in self.request("methods", given("methods", {}), timeout, wait=wait, fresh=fresh)]
        return found

    @checks_names
    def modify_order(
        self,
        orderKey: str,
        revision: int,
        order: OrderLike | t.ChangedOrder,
        *,
        owner: str | None = None,
        contract: ContractLike | None = None,
        duringRestart: Literal["refuse", "hold"] | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.OrderFacts:
        """Change an order. The bridge answers when TWS shows the change. Each change needs a higher `revision`.

        Parameters:
            orderKey: Name of the order, which its client chooses. The same key is the same order.
            revision: Number of the change, higher than the number of the previous change.
            order: An order as openOrder shows it. The fields that TWS sets must be unchanged.
            owner: Client that owns the orderKey. An admin needs it for an order of another client.
            contract: An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency
                and the other fields that distinguish it.
            duringRestart: What the bridge does before and during a planned restart: `refuse` (the default), or `hold`
                until it is over.
        """
        found: t.OrderFacts = t.OrderFacts.from_dict(self.request("modifyOrder", given("modifyOrder", {"orderKey": orderKey, "revision": revision, "order": order, "owner": owner, "contract": contract, "duringRestart": duringRestart}), timeout, wait=wait, fresh=fresh))
        return found

    modifyOrder = modify_order

    @checks_names
    def order_log(
        self,
        after: int,
        *,
        limit: int | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.OrderLogResult:
        """Return events of the client's own order log, in order.

        Parameters:
            after: Number of the last event that the client has. 0: from the beginning.
            limit: Highest number of events to return.
        """
        found: t.OrderLogResult = t.OrderLogResult.from_dict(self.request("orderLog", given("orderLog", {"after": after, "limit": limit}), timeout, wait=wait, fresh=fresh))
        return found

    orderLog = order_log

    @checks_names
    def ping(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.PingResult:
        """Check that the bridge answers. Like every request, it renews the client's lease."""
        found: t.PingResult = t.PingResult.from_dict(self.request("ping", given("ping", {}), timeout, wait=wait, fresh=fresh))
        return found

    @checks_names
    def place_order(
        self,
        contract: ContractLike,
        order: OrderLike,
        *,
        orderKey: str = REQUEST_ID,
        parentKey: str | None = None,
        duringRestart: Literal["refuse", "hold"] | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.OrderFacts | t.Preview:
        """Place one order. The bridge answers when TWS first answers for the order. The same key is the same order.

        Parameters:
            contract: An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency
                and the other fields that distinguish it.
            order: An order: its side, quantity, price, lifetime and conditions. An order needs only the fields that its
                type uses.
            orderKey: Name of the order, which its client chooses. The same key is the same order. Default: the
                request's ID.
            parentKey: Key of the parent, one of the client's own orders.
            duringRestart: What the bridge does before and during a planned restart: `refuse` (the default), or `hold`
                until it is over.
        """
        found: t.OrderFacts | t.Preview = one(self.request("placeOrder", given("placeOrder", {"contract": contract, "order": order, "orderKey": orderKey, "parentKey": parentKey, "duringRestart": duringRestart}), timeout, wait=wait, fresh=fresh), t.OrderFacts, t.Preview)
        return found

    placeOrder = place_order

    @checks_names
    def place_orders(
        self,
        orders: list[t.PlacedOrder],
        *,
        duringRestart: Literal["refuse", "hold"] | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.GroupFacts | t.Preview:
        """Place a bracket or another group of orders together. The bridge writes them to disk together, and TWS holds
        them until it has the last one.

        Parameters:
            orders: Orders, each parent before its children.
            duringRestart: What the bridge does before and during a planned restart: `refuse` (the default), or `hold`
                until it is over.
        """
        found: t.GroupFacts | t.Preview = one(self.request("placeOrders", given("placeOrders", {"orders": orders, "duringRestart": duringRestart}), timeout, wait=wait, fresh=fresh), t.GroupFacts, t.Preview)
        return found

    placeOrders = place_orders

    @checks_names
    def query_display_groups(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> m.DisplayGroupList:
        """Ask for the display groups of TWS."""
        found: m.DisplayGroupList = m.DisplayGroupList.from_dict(self.request("queryDisplayGroups", given("queryDisplayGroups", {}), timeout, wait=wait, fresh=fresh))
        return found

    queryDisplayGroups = query_display_groups

    @checks_names
    def release(
        self,
        stream: str,
        *,
        method: str | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Released:
        """End the client's hold on a stream. When no client holds the stream, the bridge ends it at TWS.

        Parameters:
            stream: Name of the stream, from the answer to the subscription, or its topic prefix.
            method: Method of the subscription. Needed if two streams have one name.
        """
        found: t.Released = t.Released.from_dict(self.request("release", given("release", {"stream": stream, "method": method}), timeout, wait=wait, fresh=fresh))
        return found

    @checks_names
    def reload(
        self,
        *,
        dryRun: bool | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.ReloadResult:
        """Read the configuration again, check it as a whole, and take it over as a whole. If it has a mistake, the
        bridge changes nothing and answers `configurationInvalid`.

        Parameters:
            dryRun: Return the changes, and take over nothing.
        """
        found: t.ReloadResult = t.ReloadResult.from_dict(self.request("reload", given("reload", {"dryRun": dryRun}), timeout, wait=wait, fresh=fresh))
        return found

    @checks_names
    def replace_fa(
        self,
        faDataType: Literal[1, 2, 3],
        xml: str,
        *,
        onceKey: str = REQUEST_ID,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> m.ReplaceFAEnd:
        """Replace one part of the advisor's configuration.

        Parameters:
            faDataType: Part of the configuration. From server version 177 on, TWS refuses 2 (profiles). 1: groups; 2:
                profiles (below server version 177); 3: aliases of accounts.
            xml: The whole new configuration.
            onceKey: Name of the request, which the client chooses. The bridge sends one request for a key. Default: the
                request's ID.
        """
        found: m.ReplaceFAEnd = m.ReplaceFAEnd.from_dict(self.request("replaceFA", given("replaceFA", {"faDataType": faDataType, "xml": xml, "onceKey": onceKey}), timeout, wait=wait, fresh=fresh))
        return found

    replaceFA = replace_fa

    @checks_names
    def req_account_summary(
        self,
        group: str,
        tags: str,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Subscription:
        """Subscribe to chosen values of all accounts or of a group. TWS serves two of these subscriptions at a time.

        Parameters:
            group: `All`, or an advisor's account group.
            tags: Kinds of values, comma-separated, such as `NetLiquidation,BuyingPower`. `$LEDGER:ALL` is cash by
                currency.
        """
        found: t.Subscription = t.Subscription.from_dict(self.request("reqAccountSummary", given("reqAccountSummary", {"group": group, "tags": tags}), timeout, wait=wait, fresh=fresh))
        return found

    reqAccountSummary = req_account_summary

    @overload
    def req_account_updates(
        self,
        subscribe: Literal[True],
        *,
        acctCode: str | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Subscription: ...
    @overload
    def req_account_updates(
        self,
        subscribe: Literal[False],
        *,
        acctCode: str | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Released: ...
    @checks_names
    def req_account_updates(
        self,
        subscribe: bool,
        *,
        acctCode: str | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Subscription | t.Released:
        """Subscribe to the values and the portfolio of one account, or end this subscription. TWS serves one account at
        a time for the whole connection.

        Parameters:
            subscribe: True: begin the subscription. False: end it.
            acctCode: Account. Not needed if the login has only one.
        """
        found: t.Subscription | t.Released = one(self.request("reqAccountUpdates", given("reqAccountUpdates", {"subscribe": subscribe, "acctCode": acctCode}), timeout, wait=wait, fresh=fresh), t.Subscription, t.Released)
        return found

    reqAccountUpdates = req_account_updates

    @checks_names
    def req_account_updates_multi(
        self,
        *,
        account: str | None = None,
        modelCode: str | None = None,
        ledgerAndNLV: bool | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Subscription:
        """Subscribe to the values of an account or model.

        Parameters:
            account: Account.
            modelCode: Only data of this model.
            ledgerAndNLV: True: only cash balances and net liquidation value.
        """
        found: t.Subscription = t.Subscription.from_dict(self.request("reqAccountUpdatesMulti", given("reqAccountUpdatesMulti", {"account": account, "modelCode": modelCode, "ledgerAndNLV": ledgerAndNLV}), timeout, wait=wait, fresh=fresh))
        return found

    reqAccountUpdatesMulti = req_account_updates_multi

    @checks_names
    def req_all_open_orders(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> list[m.OpenOrder | m.OpenOrderEnd | m.OrderStatus]:
        """List all open orders of the account, from every client and from TWS. TWS sends the list once, without later
        changes.
        """
        found: list[m.OpenOrder | m.OpenOrderEnd | m.OrderStatus] = many(self.request("reqAllOpenOrders", given("reqAllOpenOrders", {}), timeout, wait=wait, fresh=fresh))
        return found

    reqAllOpenOrders = req_all_open_orders

    @checks_names
    def req_auto_open_orders(
        self,
        autoBind: bool,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Sent:
        """Bind orders placed in TWS to this client from now on. TWS allows this only to client ID 0.

        Parameters:
            autoBind: True: bind these orders from now on. False: stop.
        """
        found: t.Sent = t.Sent.from_dict(self.request("reqAutoOpenOrders", given("reqAutoOpenOrders", {"autoBind": autoBind}), timeout, wait=wait, fresh=fresh))
        return found

    reqAutoOpenOrders = req_auto_open_orders

    @checks_names
    def req_completed_orders(
        self,
        *,
        apiOnly: bool | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> list[m.CompletedOrder | m.CompletedOrdersEnd]:
        """List the orders of the day that were filled or cancelled.

        Parameters:
            apiOnly: Omit orders that were placed in TWS.
        """
        found: list[m.CompletedOrder | m.CompletedOrdersEnd] = many(self.request("reqCompletedOrders", given("reqCompletedOrders", {"apiOnly": apiOnly}), timeout, wait=wait, fresh=fresh))
        return found

    reqCompletedOrders = req_completed_orders

    @checks_names
    def req_config(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> m.ConfigResponse:
        """Ask for the settings of TWS."""
        found: m.ConfigResponse = m.ConfigResponse.from_dict(self.request("reqConfig", given("reqConfig", {}), timeout, wait=wait, fresh=fresh))
        return found

    reqConfig = req_config

    @checks_names
    def req_contract_details(
        self,
        contract: ContractLike,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> list[m.BondContractDetails | m.ContractDetails | m.ContractDetailsEnd]:
        """Ask for all instruments that match a description, with their details.

        Parameters:
            contract: An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency
                and the other fields that distinguish it.
        """
        found: list[m.BondContractDetails | m.ContractDetails | m.ContractDetailsEnd] = many(self.request("reqContractDetails", given("reqContractDetails", {"contract": contract}), timeout, wait=wait, fresh=fresh))
        return found

    reqContractDetails = req_contract_details

    @checks_names
    def req_current_time(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> m.CurrentTime:
        """Ask for the time of TWS."""
        found: m.CurrentTime = m.CurrentTime.from_dict(self.request("reqCurrentTime", given("reqCurrentTime", {}), timeout, wait=wait, fresh=fresh))
        return found

    reqCurrentTime = req_current_time

    @checks_names
    def req_current_time_in_millis(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> m.CurrentTimeInMillis:
        """Ask for the time of TWS, in milliseconds."""
        found: m.CurrentTimeInMillis = m.CurrentTimeInMillis.from_dict(self.request("reqCurrentTimeInMillis", given("reqCurrentTimeInMillis", {}), timeout, wait=wait, fresh=fresh))
        return found

    reqCurrentTimeInMillis = req_current_time_in_millis

    @checks_names
    def req_executions(
        self,
        *,
        executionFilter: t.ExecutionFilter | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> list[m.CommissionAndFeesReport | m.ExecDetails | m.ExecDetailsEnd]:
        """List executions, each with its commission report if TWS has it.

        Parameters:
            executionFilter: Filter for executions. An absent field does not filter.
        """
        found: list[m.CommissionAndFeesReport | m.ExecDetails | m.ExecDetailsEnd] = many(self.request("reqExecutions", given("reqExecutions", {"executionFilter": executionFilter}), timeout, wait=wait, fresh=fresh))
        return found

    reqExecutions = req_executions

    @checks_names
    def req_family_codes(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> m.FamilyCodes:
        """Ask for the accounts of the login and their families."""
        found: m.FamilyCodes = m.FamilyCodes.from_dict(self.request("reqFamilyCodes", given("reqFamilyCodes", {}), timeout, wait=wait, fresh=fresh))
        return found

    reqFamilyCodes = req_family_codes

    @checks_names
    def req_global_cancel(
        self,
        *,
        orderCancel: t.OrderCancel | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Sent:
        """Cancel all open orders of the account, from every client and from TWS.

        Parameters:
            orderCancel: Data of a cancel. Only regulated and manual order entry needs it.
        """
        found: t.Sent = t.Sent.from_dict(self.request("reqGlobalCancel", given("reqGlobalCancel", {"orderCancel": orderCancel}), timeout, wait=wait, fresh=fresh))
        return found

    reqGlobalCancel = req_global_cancel

    @checks_names
    def req_head_time_stamp(
        self,
        contract: ContractLike,
        whatToShow: str,
        *,
        useRTH: bool | None = None,
        formatDate: Literal[1, 2] | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> m.HeadTimestamp:
        """Ask how far back the history of an instrument goes.

        Parameters:
            contract: An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency
                and the other fields that distinguish it.
            whatToShow: Kind of data. TRADES: trades; MIDPOINT: midpoints; BID: bids; ASK: asks; BID_ASK: average bid as
                open, highest ask, lowest bid, average ask as close; ADJUSTED_LAST: trades, adjusted for splits and
                dividends; HISTORICAL_VOLATILITY: historical volatility; OPTION_IMPLIED_VOLATILITY: implied volatility;
                FEE_RATE: fee for borrowing; YIELD_BID: yields at the bid; YIELD_ASK: yields at the ask; YIELD_BID_ASK:
                yields at bid and ask; YIELD_LAST: yields of trades; AGGTRADES: trades of all exchanges
                (cryptocurrencies).
            useRTH: True: use only regular trading hours.
            formatDate: Format of times. 1: text; 2: seconds since 1970 UTC.
        """
        found: m.HeadTimestamp = m.HeadTimestamp.from_dict(self.request("reqHeadTimeStamp", given("reqHeadTimeStamp", {"contract": contract, "whatToShow": whatToShow, "useRTH": useRTH, "formatDate": formatDate}), timeout, wait=wait, fresh=fresh))
        return found

    reqHeadTimeStamp = req_head_time_stamp

    @checks_names
    def req_histogram_data(
        self,
        contract: ContractLike,
        timePeriod: str,
        *,
        useRTH: bool | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> m.HistogramData:
        """Ask for the volume traded at each price.

        Parameters:
            contract: An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency
                and the other fields that distinguish it.
            timePeriod: Length of the period: a number and a unit, such as `3 days`.
            useRTH: True: use only regular trading hours.
        """
        found: m.HistogramData = m.HistogramData.from_dict(self.request("reqHistogramData", given("reqHistogramData", {"contract": contract, "timePeriod": timePeriod, "useRTH": useRTH}), timeout, wait=wait, fresh=fresh))
        return found

    reqHistogramData = req_histogram_data

    @overload
    def req_historical_data(
        self,
        contract: ContractLike,
        barSizeSetting: str,
        duration: str,
        whatToShow: str,
        *,
        endDateTime: MomentLike | None = None,
        useRTH: bool | None = None,
        formatDate: Literal[1, 2] | None = None,
        keepUpToDate: Literal[True],
        chartOptions: dict[str, str] | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Subscription: ...
    @overload
    def req_historical_data(
        self,
        contract: ContractLike,
        barSizeSetting: str,
        duration: str,
        whatToShow: str,
        *,
        endDateTime: MomentLike | None = None,
        useRTH: bool | None = None,
        formatDate: Literal[1, 2] | None = None,
        keepUpToDate: Literal[False] | None = None,
        chartOptions: dict[str, str] | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> list[m.HistoricalData | m.HistoricalDataEnd | m.HistoricalDataUpdate | m.HistoricalSchedule]: ...
    @checks_names
    def req_historical_data(
        self,
        contract: ContractLike,
        barSizeSetting: str,
        duration: str,
        whatToShow: str,
        *,
        endDateTime: MomentLike | None = None,
        useRTH: bool | None = None,
        formatDate: Literal[1, 2] | None = None,
        keepUpToDate: bool | None = None,
        chartOptions: dict[str, str] | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Subscription | list[m.HistoricalData | m.HistoricalDataEnd | m.HistoricalDataUpdate | m.HistoricalSchedule]:
        """Ask for historical bars, and with keepUpToDate also for updates. TWS limits requests for bars of 30 seconds
        or less: 60 requests in ten minutes, and no two identical requests within 15 seconds.

        Parameters:
            contract: An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency
                and the other fields that distinguish it.
            barSizeSetting: Size of a bar. 1 secs: 1 second; 5 secs: 5 seconds; 10 secs: 10 seconds; 15 secs: 15
                seconds; 30 secs: 30 seconds; 1 min: 1 minute; 2 mins: 2 minutes; 3 mins: 3 minutes; 5 mins: 5 minutes;
                10 mins: 10 minutes; 15 mins: 15 minutes; 20 mins: 20 minutes; 30 mins: 30 minutes; 1 hour: 1 hour; 2
                hours: 2 hours; 3 hours: 3 hours; 4 hours: 4 hours; 8 hours: 8 hours; 1 day: 1 day; 1 week: 1 week; 1W:
                1 week; 1 month: 1 month; 1M: 1 month.
            duration: Length of the period: a number and a unit, `S`, `D`, `W`, `M` or `Y`, such as `1 D`.
            whatToShow: Kind of data. TRADES: trades; MIDPOINT: midpoints; BID: bids; ASK: asks; BID_ASK: average bid as
                open, highest ask, lowest bid, average ask as close; ADJUSTED_LAST: trades, adjusted for splits and
                dividends; HISTORICAL_VOLATILITY: historical volatility; OPTION_IMPLIED_VOLATILITY: implied volatility;
                FEE_RATE: fee for borrowing; YIELD_BID: yields at the bid; YIELD_ASK: yields at the ask; YIELD_BID_ASK:
                yields at bid and ask; YIELD_LAST: yields of trades; AGGTRADES: trades of all exchanges
                (cryptocurrencies); SCHEDULE: trading sessions, in the answer historicalSchedule.
            endDateTime: End of the period: `yyyymmdd hh:mm:ss zone` or `yyyymmdd-hh:mm:ss` UTC. Empty: now.
            useRTH: True: use only regular trading hours.
            formatDate: Format of times. 1: text; 2: seconds since 1970 UTC.
            keepUpToDate: Send the newest bar each time it changes. endDateTime must be empty.
            chartOptions: More options by tag, for IBKR's internal use.
        """
        found: t.Subscription | list[m.HistoricalData | m.HistoricalDataEnd | m.HistoricalDataUpdate | m.HistoricalSchedule] = one(self.request("reqHistoricalData", given("reqHistoricalData", {"contract": contract, "barSizeSetting": barSizeSetting, "duration": duration, "whatToShow": whatToShow, "endDateTime": endDateTime, "useRTH": useRTH, "formatDate": formatDate, "keepUpToDate": keepUpToDate, "chartOptions": chartOptions}), timeout, wait=wait, fresh=fresh), t.Subscription)
        return found

    reqHistoricalData = req_historical_data

    @checks_names
    def req_historical_news(
        self,
        conId: int,
        providerCodes: str,
        totalResults: int,
        *,
        startDateTime: str | None = None,
        endDateTime: str | None = None,
        historicalNewsOptions: dict[str, str] | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> list[m.HistoricalNews | m.HistoricalNewsEnd]:
        """Ask for historical headlines about an instrument.

        Parameters:
            conId: Contract ID of the instrument.
            providerCodes: Codes of news providers, joined by `+`.
            totalResults: Highest number of headlines, at most 300.
            startDateTime: Headlines after: `yyyy-mm-dd hh:mm:ss`.
            endDateTime: Headlines before: `yyyy-mm-dd hh:mm:ss`.
            historicalNewsOptions: More options by tag, for IBKR's internal use.
        """
        found: list[m.HistoricalNews | m.HistoricalNewsEnd] = many(self.request("reqHistoricalNews", given("reqHistoricalNews", {"conId": conId, "providerCodes": providerCodes, "totalResults": totalResults, "startDateTime": startDateTime, "endDateTime": endDateTime, "historicalNewsOptions": historicalNewsOptions}), timeout, wait=wait, fresh=fresh))
        return found

    reqHistoricalNews = req_historical_news

    @checks_names
    def req_historical_ticks(
        self,
        contract: ContractLike,
        numberOfTicks: int,
        whatToShow: str,
        *,
        startDateTime: MomentLike | None = None,
        endDateTime: MomentLike | None = None,
        useRTH: bool | None = None,
        ignoreSize: bool | None = None,
        miscOptions: dict[str, str] | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> list[m.HistoricalTicks | m.HistoricalTicksBidAsk | m.HistoricalTicksLast]:
        """Ask for historical ticks. whatToShow decides the kind of the answer: TRADES, MIDPOINT or BID_ASK.

        Parameters:
            contract: An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency
                and the other fields that distinguish it.
            numberOfTicks: Number of ticks, at most 1000.
            whatToShow: Kind of data. TRADES: trades; MIDPOINT: midpoints; BID_ASK: bids and asks.
            startDateTime: Start of the period: `yyyymmdd hh:mm:ss zone` or `yyyymmdd-hh:mm:ss` UTC. Set either this or
                endDateTime.
            endDateTime: End, in the same format.
            useRTH: True: use only regular trading hours.
            ignoreSize: For BID_ASK only: omit ticks that change only a size.
            miscOptions: More options by tag, for IBKR's internal use.
        """
        found: list[m.HistoricalTicks | m.HistoricalTicksBidAsk | m.HistoricalTicksLast] = many(self.request("reqHistoricalTicks", given("reqHistoricalTicks", {"contract": contract, "numberOfTicks": numberOfTicks, "whatToShow": whatToShow, "startDateTime": startDateTime, "endDateTime": endDateTime, "useRTH": useRTH, "ignoreSize": ignoreSize, "miscOptions": miscOptions}), timeout, wait=wait, fresh=fresh))
        return found

    reqHistoricalTicks = req_historical_ticks

    @checks_names
    def req_ids(
        self,
        *,
        numIds: int | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> m.NextValidId:
        """Ask for the next order ID.

        Parameters:
            numIds: Not used any more: TWS sends one ID.
        """
        found: m.NextValidId = m.NextValidId.from_dict(self.request("reqIds", given("reqIds", {"numIds": numIds}), timeout, wait=wait, fresh=fresh))
        return found

    reqIds = req_ids

    @checks_names
    def req_managed_accts(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> m.ManagedAccounts:
        """Ask for the accounts of the login."""
        found: m.ManagedAccounts = m.ManagedAccounts.from_dict(self.request("reqManagedAccts", given("reqManagedAccts", {}), timeout, wait=wait, fresh=fresh))
        return found

    reqManagedAccts = req_managed_accts

    @checks_names
    def req_market_data_type(
        self,
        marketDataType: Literal[1, 2, 3, 4],
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Sent:
        """Choose live, frozen or delayed data for all later market data requests of the whole connection.

        Parameters:
            marketDataType: Kind of data. 1: live; 2: frozen: as of the close; 3: delayed by 15 to 20 minutes; 4:
                delayed and frozen.
        """
        found: t.Sent = t.Sent.from_dict(self.request("reqMarketDataType", given("reqMarketDataType", {"marketDataType": marketDataType}), timeout, wait=wait, fresh=fresh))
        return found

    reqMarketDataType = req_market_data_type

    @checks_names
    def req_market_rule(
        self,
        marketRuleId: int,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> m.MarketRule:
        """Ask for the price steps of a market rule. contractDetails names the rules.

        Parameters:
            marketRuleId: Number of the rule, from marketRuleIds of contractDetails.
        """
        found: m.MarketRule = m.MarketRule.from_dict(self.request("reqMarketRule", given("reqMarketRule", {"marketRuleId": marketRuleId}), timeout, wait=wait, fresh=fresh))
        return found

    reqMarketRule = req_market_rule

    @checks_names
    def req_matching_symbols(
        self,
        pattern: str,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> m.SymbolSamples:
        """Search instruments by symbol or name, at most once a second.

        Parameters:
            pattern: Start of a symbol, or part of a company's name.
        """
        found: m.SymbolSamples = m.SymbolSamples.from_dict(self.request("reqMatchingSymbols", given("reqMatchingSymbols", {"pattern": pattern}), timeout, wait=wait, fresh=fresh))
        return found

    reqMatchingSymbols = req_matching_symbols

    @overload
    def req_mkt_data(
        self,
        contract: ContractLike,
        *,
        genericTickList: str | None = None,
        snapshot: Literal[True],
        regulatorySnapshot: bool | None = None,
        marketDataOptions: dict[str, str] | None = None,
        onceKey: str = REQUEST_ID,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> list[m.DeltaNeutralValidation | m.MarketDataType | m.RerouteMktDataReq | m.TickEFP | m.TickGeneric | m.TickNews | m.TickOptionComputation | m.TickPrice | m.TickReqParams | m.TickSize | m.TickSnapshotEnd | m.TickString]: ...
    @overload
    def req_mkt_data(
        self,
        contract: ContractLike,
        *,
        genericTickList: str | None = None,
        snapshot: bool | None = None,
        regulatorySnapshot: Literal[True],
        marketDataOptions: dict[str, str] | None = None,
        onceKey: str = REQUEST_ID,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> list[m.DeltaNeutralValidation | m.MarketDataType | m.RerouteMktDataReq | m.TickEFP | m.TickGeneric | m.TickNews | m.TickOptionComputation | m.TickPrice | m.TickReqParams | m.TickSize | m.TickSnapshotEnd | m.TickString]: ...
    @overload
    def req_mkt_data(
        self,
        contract: ContractLike,
        *,
        genericTickList: str | None = None,
        snapshot: Literal[False] | None = None,
        regulatorySnapshot: Literal[False] | None = None,
        marketDataOptions: dict[str, str] | None = None,
        onceKey: str = REQUEST_ID,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Subscription: ...
    @checks_names
    def req_mkt_data(
        self,
        contract: ContractLike,
        *,
        genericTickList: str | None = None,
        snapshot: bool | None = None,
        regulatorySnapshot: bool | None = None,
        marketDataOptions: dict[str, str] | None = None,
        onceKey: str = REQUEST_ID,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Subscription | list[m.DeltaNeutralValidation | m.MarketDataType | m.RerouteMktDataReq | m.TickEFP | m.TickGeneric | m.TickNews | m.TickOptionComputation | m.TickPrice | m.TickReqParams | m.TickSize | m.TickSnapshotEnd | m.TickString]:
        """Subscribe to ticks of an instrument, or ask for one snapshot.

        Parameters:
            contract: An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency
                and the other fields that distinguish it.
            genericTickList: Numbers of generic tick types, comma-separated, such as `233,236`. Not allowed with a
                snapshot.
            snapshot: Send the current values once, then tickSnapshotEnd, after at most 11 seconds.
            regulatorySnapshot: Send a snapshot of the best US quote. Each one costs money.
            marketDataOptions: More options by tag, for IBKR's internal use.
            onceKey: Name of the request, which the client chooses. The bridge sends one request for a key. Default: the
                request's ID.
        """
        found: t.Subscription | list[m.DeltaNeutralValidation | m.MarketDataType | m.RerouteMktDataReq | m.TickEFP | m.TickGeneric | m.TickNews | m.TickOptionComputation | m.TickPrice | m.TickReqParams | m.TickSize | m.TickSnapshotEnd | m.TickString] = one(self.request("reqMktData", given("reqMktData", {"contract": contract, "genericTickList": genericTickList, "snapshot": snapshot, "regulatorySnapshot": regulatorySnapshot, "marketDataOptions": marketDataOptions, "onceKey": onceKey}), timeout, wait=wait, fresh=fresh), t.Subscription)
        return found

    reqMktData = req_mkt_data

    @checks_names
    def req_mkt_depth(
        self,
        contract: ContractLike,
        numRows: int,
        *,
        isSmartDepth: bool | None = None,
        marketDepthOptions: dict[str, str] | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Subscription:
        """Subscribe to an order book. TWS serves three at a time, or more for a login with more market data lines.

        Parameters:
            contract: An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency
                and the other fields that distinguish it.
            numRows: Rows on each side.
            isSmartDepth: Combine the books of several exchanges.
            marketDepthOptions: More options by tag, for IBKR's internal use.
        """
        found: t.Subscription = t.Subscription.from_dict(self.request("reqMktDepth", given("reqMktDepth", {"contract": contract, "numRows": numRows, "isSmartDepth": isSmartDepth, "marketDepthOptions": marketDepthOptions}), timeout, wait=wait, fresh=fresh))
        return found

    reqMktDepth = req_mkt_depth

    @checks_names
    def req_mkt_depth_exchanges(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> m.MktDepthExchanges:
        """Ask which exchanges offer market depth."""
        found: m.MktDepthExchanges = m.MktDepthExchanges.from_dict(self.request("reqMktDepthExchanges", given("reqMktDepthExchanges", {}), timeout, wait=wait, fresh=fresh))
        return found

    reqMktDepthExchanges = req_mkt_depth_exchanges

    @checks_names
    def req_news_article(
        self,
        providerCode: str,
        articleId: str,
        *,
        newsArticleOptions: dict[str, str] | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> m.NewsArticle:
        """Ask for the text of an article.

        Parameters:
            providerCode: Source.
            articleId: ID of the article.
            newsArticleOptions: More options by tag, for IBKR's internal use.
        """
        found: m.NewsArticle = m.NewsArticle.from_dict(self.request("reqNewsArticle", given("reqNewsArticle", {"providerCode": providerCode, "articleId": articleId, "newsArticleOptions": newsArticleOptions}), timeout, wait=wait, fresh=fresh))
        return found

    reqNewsArticle = req_news_article

    @checks_names
    def req_news_bulletins(
        self,
        allMessages: bool,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Subscription:
        """Subscribe to IBKR's bulletins.

        Parameters:
            allMessages: True: also send today's earlier bulletins.
        """
        found: t.Subscription = t.Subscription.from_dict(self.request("reqNewsBulletins", given("reqNewsBulletins", {"allMessages": allMessages}), timeout, wait=wait, fresh=fresh))
        return found

    reqNewsBulletins = req_news_bulletins

    @checks_names
    def req_news_providers(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> m.NewsProviders:
        """Ask for the news providers that the login may read."""
        found: m.NewsProviders = m.NewsProviders.from_dict(self.request("reqNewsProviders", given("reqNewsProviders", {}), timeout, wait=wait, fresh=fresh))
        return found

    reqNewsProviders = req_news_providers

    @checks_names
    def req_open_orders(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> list[m.OpenOrder | m.OpenOrderEnd | m.OrderStatus]:
        """List the open orders of this client ID. For client ID 0 the list also has the orders placed in TWS."""
        found: list[m.OpenOrder | m.OpenOrderEnd | m.OrderStatus] = many(self.request("reqOpenOrders", given("reqOpenOrders", {}), timeout, wait=wait, fresh=fresh))
        return found

    reqOpenOrders = req_open_orders

    @checks_names
    def req_pnl(
        self,
        account: str,
        *,
        modelCode: str | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Subscription:
        """Subscribe to profit and loss of an account.

        Parameters:
            account: Account.
            modelCode: Only data of this model.
        """
        found: t.Subscription = t.Subscription.from_dict(self.request("reqPnL", given("reqPnL", {"account": account, "modelCode": modelCode}), timeout, wait=wait, fresh=fresh))
        return found

    reqPnL = req_pnl

    @checks_names
    def req_pnl_single(
        self,
        account: str,
        conId: int,
        *,
        modelCode: str | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Subscription:
        """Subscribe to profit and loss of one position.

        Parameters:
            account: Account.
            conId: Contract ID of the position.
            modelCode: Only data of this model.
        """
        found: t.Subscription = t.Subscription.from_dict(self.request("reqPnLSingle", given("reqPnLSingle", {"account": account, "conId": conId, "modelCode": modelCode}), timeout, wait=wait, fresh=fresh))
        return found

    reqPnLSingle = req_pnl_single

    @checks_names
    def req_positions(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Subscription:
        """Subscribe to the positions of all accounts."""
        found: t.Subscription = t.Subscription.from_dict(self.request("reqPositions", given("reqPositions", {}), timeout, wait=wait, fresh=fresh))
        return found

    reqPositions = req_positions

    @checks_names
    def req_positions_multi(
        self,
        *,
        account: str | None = None,
        modelCode: str | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Subscription:
        """Subscribe to the positions of an account or model.

        Parameters:
            account: Account, or an advisor's account group.
            modelCode: Only data of this model.
        """
        found: t.Subscription = t.Subscription.from_dict(self.request("reqPositionsMulti", given("reqPositionsMulti", {"account": account, "modelCode": modelCode}), timeout, wait=wait, fresh=fresh))
        return found

    reqPositionsMulti = req_positions_multi

    @checks_names
    def req_real_time_bars(
        self,
        contract: ContractLike,
        whatToShow: Literal["TRADES", "MIDPOINT", "BID", "ASK"],
        *,
        barSize: int | None = None,
        useRTH: bool | None = None,
        realTimeBarsOptions: dict[str, str] | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Subscription:
        """Subscribe to bars of five seconds.

        Parameters:
            contract: An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency
                and the other fields that distinguish it.
            whatToShow: Kind of data. TRADES: trades; MIDPOINT: midpoints; BID: bids; ASK: asks.
            barSize: Length of a bar in seconds. TWS takes only 5.
            useRTH: True: use only regular trading hours.
            realTimeBarsOptions: More options by tag, for IBKR's internal use.
        """
        found: t.Subscription = t.Subscription.from_dict(self.request("reqRealTimeBars", given("reqRealTimeBars", {"contract": contract, "whatToShow": whatToShow, "barSize": barSize, "useRTH": useRTH, "realTimeBarsOptions": realTimeBarsOptions}), timeout, wait=wait, fresh=fresh))
        return found

    reqRealTimeBars = req_real_time_bars

    @checks_names
    def req_scanner_parameters(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> m.ScannerParameters:
        """Ask for everything that a scan can use."""
        found: m.ScannerParameters = m.ScannerParameters.from_dict(self.request("reqScannerParameters", given("reqScannerParameters", {}), timeout, wait=wait, fresh=fresh))
        return found

    reqScannerParameters = req_scanner_parameters

    @checks_names
    def req_scanner_subscription(
        self,
        scannerSubscription: t.ScannerSubscription,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Subscription:
        """Subscribe to a scan. TWS serves ten scans at a time.

        Parameters:
            scannerSubscription: The terms of a scan. An absent field does not filter.
        """
        found: t.Subscription = t.Subscription.from_dict(self.request("reqScannerSubscription", given("reqScannerSubscription", {"scannerSubscription": scannerSubscription}), timeout, wait=wait, fresh=fresh))
        return found

    reqScannerSubscription = req_scanner_subscription

    @checks_names
    def req_sec_def_opt_params(
        self,
        underlyingSymbol: str,
        underlyingSecType: str,
        underlyingConId: int,
        *,
        futFopExchange: str | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> list[m.SecurityDefinitionOptionParameter | m.SecurityDefinitionOptionParameterEnd]:
        """Ask for the option chains of an underlying: expirations and strikes by exchange and class.

        Parameters:
            underlyingSymbol: Symbol of the underlying.
            underlyingSecType: Kind of the underlying.
            underlyingConId: Contract ID of the underlying.
            futFopExchange: Exchange of the options on a future; empty for all other options.
        """
        found: list[m.SecurityDefinitionOptionParameter | m.SecurityDefinitionOptionParameterEnd] = many(self.request("reqSecDefOptParams", given("reqSecDefOptParams", {"underlyingSymbol": underlyingSymbol, "underlyingSecType": underlyingSecType, "underlyingConId": underlyingConId, "futFopExchange": futFopExchange}), timeout, wait=wait, fresh=fresh))
        return found

    reqSecDefOptParams = req_sec_def_opt_params

    @checks_names
    def req_smart_components(
        self,
        bboExchange: str,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> m.SmartComponents:
        """Ask for the exchanges that the letters in exchange ticks stand for.

        Parameters:
            bboExchange: Exchange map, from tickReqParams.
        """
        found: m.SmartComponents = m.SmartComponents.from_dict(self.request("reqSmartComponents", given("reqSmartComponents", {"bboExchange": bboExchange}), timeout, wait=wait, fresh=fresh))
        return found

    reqSmartComponents = req_smart_components

    @checks_names
    def req_soft_dollar_tiers(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> m.SoftDollarTiers:
        """Ask for the commission tiers of the login."""
        found: m.SoftDollarTiers = m.SoftDollarTiers.from_dict(self.request("reqSoftDollarTiers", given("reqSoftDollarTiers", {}), timeout, wait=wait, fresh=fresh))
        return found

    reqSoftDollarTiers = req_soft_dollar_tiers

    @checks_names
    def req_tick_by_tick_data(
        self,
        contract: ContractLike,
        tickType: Literal["Last", "AllLast", "BidAsk", "MidPoint"],
        *,
        numberOfTicks: int | None = None,
        ignoreSize: bool | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Subscription:
        """Subscribe to every tick of an instrument. Unlike with reqMktData, TWS omits none. With numberOfTicks, TWS
        first sends historical ticks, as in the answers to reqHistoricalTicks.

        Parameters:
            contract: An instrument. A request names it by conId and exchange, or by symbol, secType, exchange, currency
                and the other fields that distinguish it.
            tickType: Kind of ticks. Last: trades; AllLast: trades, including combinations and similar trades; BidAsk:
                bids and asks; MidPoint: midpoints.
            numberOfTicks: Number of historical ticks that TWS sends first. 0: none.
            ignoreSize: For BidAsk only: omit ticks that change only a size.
        """
        found: t.Subscription = t.Subscription.from_dict(self.request("reqTickByTickData", given("reqTickByTickData", {"contract": contract, "tickType": tickType, "numberOfTicks": numberOfTicks, "ignoreSize": ignoreSize}), timeout, wait=wait, fresh=fresh))
        return found

    reqTickByTickData = req_tick_by_tick_data

    @checks_names
    def req_user_info(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> m.UserInfo:
        """Ask for information about the login."""
        found: m.UserInfo = m.UserInfo.from_dict(self.request("reqUserInfo", given("reqUserInfo", {}), timeout, wait=wait, fresh=fresh))
        return found

    reqUserInfo = req_user_info

    @checks_names
    def req_wsh_event_data(
        self,
        *,
        conId: int | None = None,
        filter: str | None = None,
        fillWatchlist: bool | None = None,
        fillPortfolio: bool | None = None,
        fillCompetitors: bool | None = None,
        startDate: DayLike | None = None,
        endDate: DayLike | None = None,
        totalLimit: int | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> m.WshEventData:
        """Ask for corporate events from the Wall Street Horizon calendar, by instrument or by filter. The client must
        send reqWshMetaData first.

        Parameters:
            conId: Contract ID of the instrument. Alternative to filter.
            filter: Event types and conditions, as JSON. Alternative to conId.
            fillWatchlist: Add the instruments of the watch list.
            fillPortfolio: Add the instruments of the portfolio.
            fillCompetitors: Add the competitors of the instruments.
            startDate: First day of the events: yyyymmdd.
            endDate: Last day of the events: yyyymmdd.
            totalLimit: Highest number of events, at most 100.
        """
        found: m.WshEventData = m.WshEventData.from_dict(self.request("reqWshEventData", given("reqWshEventData", {"conId": conId, "filter": filter, "fillWatchlist": fillWatchlist, "fillPortfolio": fillPortfolio, "fillCompetitors": fillCompetitors, "startDate": startDate, "endDate": endDate, "totalLimit": totalLimit}), timeout, wait=wait, fresh=fresh))
        return found

    reqWshEventData = req_wsh_event_data

    @checks_names
    def req_wsh_meta_data(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> m.WshMetaData:
        """Ask for the event types and filters of the Wall Street Horizon calendar."""
        found: m.WshMetaData = m.WshMetaData.from_dict(self.request("reqWshMetaData", given("reqWshMetaData", {}), timeout, wait=wait, fresh=fresh))
        return found

    reqWshMetaData = req_wsh_meta_data

    @checks_names
    def request_fa(
        self,
        faDataType: Literal[1, 2, 3],
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> m.ReceiveFA:
        """Ask for one part of the advisor's configuration.

        Parameters:
            faDataType: Part of the configuration. From server version 177 on, TWS refuses 2 (profiles). 1: groups; 2:
                profiles (below server version 177); 3: aliases of accounts.
        """
        found: m.ReceiveFA = m.ReceiveFA.from_dict(self.request("requestFA", given("requestFA", {"faDataType": faDataType}), timeout, wait=wait, fresh=fresh))
        return found

    requestFA = request_fa

    @checks_names
    def resume(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.ResumeResult:
        """Take new orders again. The bridge refuses this while the file `halt` is in the state folder."""
        found: t.ResumeResult = t.ResumeResult.from_dict(self.request("resume", given("resume", {}), timeout, wait=wait, fresh=fresh))
        return found

    @checks_names
    def sequences(
        self,
        prefix: str,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.SequencesResult:
        """Return the newest `seq` of each topic that begins with a prefix. A client that has received nothing for a
        while can check whether it missed the last event.

        Parameters:
            prefix: What the topics begin with. Empty: all topics that the client may hear.
        """
        found: t.SequencesResult = t.SequencesResult.from_dict(self.request("sequences", given("sequences", {"prefix": prefix}), timeout, wait=wait, fresh=fresh))
        return found

    @checks_names
    def set_server_log_level(
        self,
        logLevel: Literal[1, 2, 3, 4, 5],
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Sent:
        """Choose how much TWS writes to its API log.

        Parameters:
            logLevel: Log level. 1: system; 2: errors; 3: warnings; 4: information; 5: detail.
        """
        found: t.Sent = t.Sent.from_dict(self.request("setServerLogLevel", given("setServerLogLevel", {"logLevel": logLevel}), timeout, wait=wait, fresh=fresh))
        return found

    setServerLogLevel = set_server_log_level

    @checks_names
    def snapshot(
        self,
        prefix: str,
        *,
        nonce: str | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.SnapshotResult:
        """Return the last values of the topics that begin with a prefix. With `nonce`, the bridge also publishes a
        marker on `sync.<nonce>`, with no event between the snapshot and the marker.

        Parameters:
            prefix: What the topics begin with. Empty: all topics that the client may hear.
            nonce: The bridge publishes a marker on `sync.<nonce>`, with no event in between.
        """
        found: t.SnapshotResult = t.SnapshotResult.from_dict(self.request("snapshot", given("snapshot", {"prefix": prefix, "nonce": nonce}), timeout, wait=wait, fresh=fresh))
        return found

    @checks_names
    def status(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.StatusResult:
        """Return the state of the bridge. The lists of accounts and streams have only those that the client may see."""
        found: t.StatusResult = t.StatusResult.from_dict(self.request("status", given("status", {}), timeout, wait=wait, fresh=fresh))
        return found

    @checks_names
    def subscribe_to_group_events(
        self,
        groupId: int,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Subscription:
        """Subscribe to the instrument that a display group shows.

        Parameters:
            groupId: Number of the group.
        """
        found: t.Subscription = t.Subscription.from_dict(self.request("subscribeToGroupEvents", given("subscribeToGroupEvents", {"groupId": groupId}), timeout, wait=wait, fresh=fresh))
        return found

    subscribeToGroupEvents = subscribe_to_group_events

    @checks_names
    def unsubscribe_from_group_events(
        self,
        *,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Released | t.Cancelled:
        """End the subscription to a display group."""
        found: t.Released | t.Cancelled = one(self.request("unsubscribeFromGroupEvents", given("unsubscribeFromGroupEvents", {}), timeout, wait=wait, fresh=fresh), t.Released, t.Cancelled)
        return found

    unsubscribeFromGroupEvents = unsubscribe_from_group_events

    @checks_names
    def update_config(
        self,
        *,
        lockAndExit: t.LockAndExitConfig | None = None,
        messages: list[t.MessageConfig] | None = None,
        api: t.ApiConfig | None = None,
        orders: t.OrdersConfig | None = None,
        acceptedWarnings: list[t.UpdateConfigWarning] | None = None,
        resetAPIOrderSequence: bool | None = None,
        onceKey: str = REQUEST_ID,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> m.UpdateConfigResponse:
        """Change settings of TWS. Settings that are absent stay unchanged.

        Parameters:
            lockAndExit: Settings: when TWS logs off or restarts automatically.
            messages: Settings for messages of TWS, and for the answers to them.
            api: The API part of the TWS settings.
            orders: Settings: orders.
            acceptedWarnings: Warnings of an earlier attempt that the client accepts now.
            resetAPIOrderSequence: Restart the order IDs of the API.
            onceKey: Name of the request, which the client chooses. The bridge sends one request for a key. Default: the
                request's ID.
        """
        found: m.UpdateConfigResponse = m.UpdateConfigResponse.from_dict(self.request("updateConfig", given("updateConfig", {"lockAndExit": lockAndExit, "messages": messages, "api": api, "orders": orders, "acceptedWarnings": acceptedWarnings, "resetAPIOrderSequence": resetAPIOrderSequence, "onceKey": onceKey}), timeout, wait=wait, fresh=fresh))
        return found

    updateConfig = update_config

    @checks_names
    def update_display_group(
        self,
        contractInfo: str,
        *,
        stream: str | None = None,
        timeout: float = 30.0,
        wait: bool = True,
        fresh: bool = False,
    ) -> t.Sent:
        """Make a display group show an instrument. TWS confirms with displayGroupUpdated.

        Parameters:
            contractInfo: Instrument to show: `conId@exchange`, or `none`.
            stream: Name of the client's stream that the request concerns. Needed if it holds several.
        """
        found: t.Sent = t.Sent.from_dict(self.request("updateDisplayGroup", given("updateDisplayGroup", {"contractInfo": contractInfo, "stream": stream}), timeout, wait=wait, fresh=fresh))
        return found

    updateDisplayGroup = update_display_group
