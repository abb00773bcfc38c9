"""Checks the highest notional of an order against the limit of its client. All functions here are pure.

The bridge uses the currency, multiplier and strike that TWS has sent, never those of the client. Where the notional is
not known, it refuses the order. The checks raise Refused `notPermitted`.
"""

from __future__ import annotations

import math
from decimal import Decimal

from bridge.session.contracts.instruments import InstrumentFacts, is_combo
from bridge.session.rights.grants import Grant
from bridge.session.rights.limits import CAPPED, FactsOf, QuoteOf, beyond, name_of, quantity, refusal, to_decimal
from bridge.session.values import Data

RULE = "max_order_notional"
#: Order types whose auxPrice is the trigger price. For all others the bridge adds auxPrice as an offset.
_TRIGGERED = frozenset({"STP", "STP LMT", "STP PRT", "MIT", "LIT"})
#: Fields with a price of the order's own instrument. Prices of another instrument are not here: stockRefPrice,
#: stockRangeLower and stockRangeUpper.
_PRICES = ("lmtPrice", "trailStopPrice", "startingPrice", "triggerPrice", "adjustedStopPrice", "adjustedStopLimitPrice")
#: Fields with an offset that may be added to the price. Infinity means "up to the midpoint", which the quote covers.
_OFFSETS = ("discretionaryAmt", "lmtPriceOffset", "competeAgainstBestOffset", "midOffsetAtWhole", "midOffsetAtHalf")


def notional(grant: Grant, contract: Data, order: Data, facts_of: FactsOf, quote_of: QuoteOf) -> None:
    """Check the highest notional of an order or an option exercise, in the currency of the instrument.

    `facts_of`: TWS's description of a contract. `quote_of`: its highest known price. Raises Refused where the notional
    is unknown or above the limit.
    """
    limits = grant.max_order_notional
    if limits is None:
        return
    if is_combo(contract):
        raise refusal(RULE, "the bridge cannot compute the notional of a combo from its price")
    facts = facts_of(contract)
    if facts is None or not facts.currency:
        raise _unknown(contract)
    limit = limits.get(facts.currency)
    if limit is None:
        raise refusal(RULE, f"the configuration has no limit for {facts.currency}", currency=facts.currency)
    notional = (
        _exercise_notional(contract, order, facts)
        if "exerciseAction" in order
        else _order_notional(contract, order, facts, quote_of)
    )
    if notional > limit:
        told = f"the order is worth up to {notional:f} {facts.currency}, and the limit is {limit:f}"
        raise refusal(RULE, told, currency=facts.currency, **beyond(limit, notional))


def _unknown(contract: Data) -> Exception:
    return refusal(RULE, f"the bridge does not know {name_of(contract)}: give its conId")


def _exercise_notional(contract: Data, order: Data, facts: InstrumentFacts) -> Decimal:
    if facts.multiplier is None or facts.strike is None:
        raise refusal(RULE, f"TWS has sent no strike or no multiplier of {name_of(contract)}")
    return quantity(order) * facts.multiplier * facts.strike


def _order_notional(contract: Data, order: Data, facts: InstrumentFacts, quote_of: QuoteOf) -> Decimal:
    """The notional by quantity or by cash; the higher one where the order has both."""
    if order.get("faPercentage"):
        raise refusal(RULE, "the size of an order by percentage is not known in advance")
    if any(order.get(name) for name in order if name.startswith("scale")):
        raise refusal(RULE, "the prices of a scale order are not all known in advance")
    cash, asked = abs(to_decimal(order.get("cashQty") or 0)), quantity(order)
    if not cash and not asked:
        raise refusal(RULE, "the size of an order without a quantity is not known in advance")
    if not asked:
        return cash
    if facts.multiplier is None:
        raise refusal(RULE, f"TWS has sent no multiplier of {name_of(contract)}")
    price = highest(order, quote_of(contract))
    if price is None:
        raise refusal(
            RULE, f"the bridge has no price of {name_of(contract)}: subscribe with reqMktData, or buy with a limit"
        )
    return max(cash, asked * facts.multiplier * price)


def highest(order: Data, quote: float | None) -> Decimal | None:
    """The highest price that the order may trade at: the limit of a buy order, else the highest of prices and quote.

    `quote`: the highest known price, or None. Returns None without a quote where the order may trade above its own
    prices: at market, or as a sell order.
    """
    offset = sum((_finite(order.get(name)) for name in _OFFSETS), Decimal(0))
    limit = to_decimal(order.get("lmtPrice") or 0)
    if order.get("action") == "BUY" and order.get("orderType") in CAPPED and limit > 0 and not _is_adjustable(order):
        return limit + offset
    if quote is None:
        return None
    prices, aux = [to_decimal(quote), *(_finite(order.get(name)) for name in _PRICES)], _finite(order.get("auxPrice"))
    if order.get("orderType") in _TRIGGERED:
        prices.append(aux)
    else:
        offset += aux
    return (max(map(abs, prices)) + offset + _adjusted_offset(order)) * (1 + _relative_offset(order))


def _is_adjustable(order: Data) -> bool:
    """Whether the order is an adjustable stop, which TWS replaces by another order type."""
    return bool(order.get("adjustedOrderType"))


def _adjusted_offset(order: Data) -> Decimal:
    return Decimal(0) if order.get("adjustableTrailingUnit") else _finite(order.get("adjustedTrailingAmount"))


def _relative_offset(order: Data) -> Decimal:
    """The sum of the offsets that are a share of the price, as a factor (0.01 is 1 %)."""
    percent = _finite(order.get("trailingPercent"))
    if order.get("adjustableTrailingUnit"):
        percent += _finite(order.get("adjustedTrailingAmount"))
    return percent / 100 + _finite(order.get("percentOffset"))


def _finite(value: float | None) -> Decimal:
    return abs(to_decimal(value)) if value is not None and math.isfinite(value) else Decimal(0)
