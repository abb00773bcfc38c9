"""Price and greeks of a European option (Black and Scholes 1973), without dividends.

Spot and strike are in the same unit, times in years, and volatility is yearly.
"""

from dataclasses import dataclass
from math import erf, exp, log, pi, sqrt

RATE = 0.04


@dataclass(frozen=True, slots=True)
class Valuation:
    """Price and greeks. Vega is per percentage point of volatility, theta per day, as TWS quotes them."""

    price: float
    delta: float
    gamma: float
    vega: float
    theta: float
    volatility: float


def _cumulative(x: float) -> float:
    return 0.5 * (1.0 + erf(x / sqrt(2.0)))


def value(spot: float, strike: float, years: float, volatility: float, right: str) -> Valuation:
    """Return the value of an option. `right` is "C" or "P"; `years` and `volatility` must be greater than 0."""
    root = volatility * sqrt(years)
    d1 = (log(spot / strike) + (RATE + volatility * volatility / 2) * years) / root
    d2 = d1 - root
    discounted = strike * exp(-RATE * years)
    density = exp(-d1 * d1 / 2) / sqrt(2 * pi)
    decay = -spot * density * volatility / (2 * sqrt(years))
    if right == "C":
        price = spot * _cumulative(d1) - discounted * _cumulative(d2)
        delta = _cumulative(d1)
        theta = decay - RATE * discounted * _cumulative(d2)
    else:
        price = discounted * _cumulative(-d2) - spot * _cumulative(-d1)
        delta = _cumulative(d1) - 1.0
        theta = decay + RATE * discounted * _cumulative(-d2)
    vega = spot * density * sqrt(years)
    return Valuation(price, delta, density / (spot * root), vega / 100, theta / 365, volatility)


def implied(price: float, spot: float, strike: float, years: float, right: str) -> Valuation | None:
    """Return the valuation whose price is `price`; None if no volatility between 0.1% and 500% gives that price."""
    low, high = 0.001, 5.0
    if not value(spot, strike, years, low, right).price < price < value(spot, strike, years, high, right).price:
        return None
    for _ in range(40):
        middle = (low + high) / 2
        if value(spot, strike, years, middle, right).price < price:
            low = middle
        else:
            high = middle
    return value(spot, strike, years, (low + high) / 2, right)
