"""What an order is worth at most, held against its client's limit. Pure; what is not known refuses.

Currency, multiplier and strike are those that TWS has told, never the client's own. Raises Refused `notPermitted`.
"""

from __future__ import annotations

import math
from decimal import Decimal

from bridge.session.contracts.instruments import Facts, is_combo
from bridge.session.rights.grants import Grant
from bridge.session.rights.limits import CAPPED, FactsOf, QuoteOf, beyond, name_of, quantity, refusal, to_decimal
from bridge.session.values import Data

RULE = "max_order_notional"
#: Types whose auxPrice is a price (of a trigger); for all others it counts as an offset, on top.
_TRIGGERED = frozenset({"STP", "STP LMT", "STP PRT", "MIT", "LIT"})
#: Prices of the order's own instrument. Those of another are not among them: stockRefPrice, stockRangeLower and -Upper.
_PRICES = ("lmtPrice", "trailStopPrice", "startingPrice", "triggerPrice", "adjustedStopPrice", "adjustedStopLimitPrice")
#: What a price may be bettered by; infinite means up to the midpoint, which the quote covers.
_OFFSETS = ("discretionaryAmt", "lmtPriceOffset", "competeAgainstBestOffset", "midOffsetAtWhole", "midOffsetAtHalf")


def notional(grant: Grant, contract: Data, order: Data, facts_of: FactsOf, quote_of: QuoteOf) -> None:
    """What the order may be worth at most, in the instrument's currency, must be known, and small enough."""
    limits = grant.max_order_notional
    if limits is None:
        return
    if is_combo(contract):
        raise refusal(RULE, "what a combo is worth is not known from its price")
    facts = facts_of(contract)
    if facts is None or not facts.currency:
        raise _unknown(contract)
    limit = limits.get(facts.currency)
    if limit is None:
        raise refusal(RULE, f"no limit is given for {facts.currency}", currency=facts.currency)
    notional = (
        _exercised(contract, order, facts) if "exerciseAction" in order else _worth(contract, order, facts, quote_of)
    )
    if notional > limit:
        told = f"{notional:f} {facts.currency} is more than {limit:f}"
        raise refusal(RULE, told, currency=facts.currency, **beyond(limit, notional))


def _unknown(contract: Data) -> Exception:
    return refusal(RULE, f"{name_of(contract)} is not known here: name it by its conId")


def _exercised(contract: Data, order: Data, facts: Facts) -> Decimal:
    if facts.multiplier is None or facts.strike is None:
        raise refusal(RULE, f"TWS tells no strike and multiplier of {name_of(contract)}")
    return quantity(order) * facts.multiplier * facts.strike


def _worth(contract: Data, order: Data, facts: Facts, quote_of: QuoteOf) -> Decimal:
    """By quantity and by cash: the more, where an order has both."""
    if order.get("faPercentage"):
        raise refusal(RULE, "an order by percentage has no size that is known before")
    if any(order.get(name) for name in order if name.startswith("scale")):
        raise refusal(RULE, "the prices of a scale order are not all known before")
    cash, asked = abs(to_decimal(order.get("cashQty") or 0)), quantity(order)
    if not cash and not asked:
        raise refusal(RULE, "an order without a quantity has no size that is known before")
    if not asked:
        return cash
    if facts.multiplier is None:
        raise refusal(RULE, f"TWS tells no multiplier of {name_of(contract)}")
    price = highest(order, quote_of(contract))
    if price is None:
        raise refusal(
            RULE, f"no price of {name_of(contract)} is known: subscribe to it with reqMktData, or buy with a limit"
        )
    return max(cash, asked * facts.multiplier * price)


def highest(order: Data, quote: float | None) -> Decimal | None:
    """The price at which the order is worth the most: a buyer's limit, else the highest of its prices and the quote.

    None where no quote is known and the order may trade at more than it says: at market, or selling.
    """
    offset = sum((_finite(order.get(name)) for name in _OFFSETS), Decimal(0))
    limit = to_decimal(order.get("lmtPrice") or 0)
    if order.get("action") == "BUY" and order.get("orderType") in CAPPED and limit > 0 and not _turns(order):
        return limit + offset
    if quote is None:
        return None
    prices, aux = [to_decimal(quote), *(_finite(order.get(name)) for name in _PRICES)], _finite(order.get("auxPrice"))
    if order.get("orderType") in _TRIGGERED:
        prices.append(aux)
    else:
        offset += aux
    return (max(map(abs, prices)) + offset + _turned(order)) * (1 + _share(order))


def _turns(order: Data) -> bool:
    """Whether it is an adjustable stop, which turns into another order."""
    return bool(order.get("adjustedOrderType"))


def _turned(order: Data) -> Decimal:
    return Decimal(0) if order.get("adjustableTrailingUnit") else _finite(order.get("adjustedTrailingAmount"))


def _share(order: Data) -> Decimal:
    """Offsets that are a part of the price."""
    percent = _finite(order.get("trailingPercent"))
    if order.get("adjustableTrailingUnit"):
        percent += _finite(order.get("adjustedTrailingAmount"))
    return percent / 100 + _finite(order.get("percentOffset"))


def _finite(value: float | None) -> Decimal:
    return abs(to_decimal(value)) if value is not None and math.isfinite(value) else Decimal(0)
