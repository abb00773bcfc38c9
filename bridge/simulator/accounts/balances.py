"""The account values and summary tags that TWS reports, computed from an account and mark prices."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from bridge.simulator.accounts.account import ZERO, Account, Fill, Position
from bridge.simulator.accounts.fees import initial_margin, maintenance_margin

Mark = Callable[[int], Decimal]
"""conId -> mark price, at which positions are valued."""

BASE = "USD"
_PAIRS = {"EUR": 12087792, "GBP": 12087797}


@dataclass(frozen=True, slots=True)
class Balances:
    """Balances of an account, in US dollars."""

    cash: Decimal
    stocks: Decimal
    options: Decimal
    bonds: Decimal
    futures: Decimal
    """Profit of open futures. Cash does not contain it yet."""
    gross: Decimal
    unrealized: Decimal
    realized: Decimal
    initial: Decimal
    maintenance: Decimal

    @property
    def net_liquidation(self) -> Decimal:
        """Value of the account if all positions were closed at their mark prices."""
        return self.cash + self.stocks + self.options + self.bonds + self.futures

    @property
    def equity(self) -> Decimal:
        """EquityWithLoanValue: net liquidation value without options."""
        return self.net_liquidation - self.options

    @property
    def available(self) -> Decimal:
        """AvailableFunds: equity minus initial margin."""
        return self.equity - self.initial

    @property
    def excess(self) -> Decimal:
        """ExcessLiquidity: equity minus maintenance margin."""
        return self.equity - self.maintenance


def rate(currency: str, mark: Mark) -> Decimal:
    """Return the value of one unit of `currency` in US dollars."""
    return Decimal(1) if currency == BASE else mark(_PAIRS[currency])


def balances(account: Account, mark: Mark) -> Balances:
    """Return the balances of an account at the given mark prices."""
    by_type = {"STK": ZERO, "OPT": ZERO, "BOND": ZERO, "FUT": ZERO, "CASH": ZERO}
    gross = unrealized = initial = ZERO
    for position in account.positions.values():
        instrument, price = position.instrument, mark(position.instrument.conId)
        kind = instrument.secType
        worth = position.value(price) - position.cost if kind == "FUT" else position.value(price)
        by_type[kind] += worth
        gross += abs(worth) if kind in ("STK", "OPT", "BOND") else ZERO
        unrealized += position.unrealized(price)
        initial += _margin(position, mark)
    cash = sum((amount * rate(currency, mark) for currency, amount in account.cash.items()), ZERO)
    return Balances(
        cash, by_type["STK"], by_type["OPT"], by_type["BOND"], by_type["FUT"], gross, unrealized, account.realized,
        initial, maintenance_margin(initial),
    )  # fmt: skip


def _margin(position: Position, mark: Mark) -> Decimal:
    instrument = position.instrument
    spot = mark(instrument.underConId) if instrument.secType == "OPT" else ZERO
    return initial_margin(instrument, position.quantity, mark(instrument.conId), spot)


def after(account: Account, fills: Iterable[Fill], mark: Mark) -> Balances:
    """Return the balances that the account would have after `fills`. The account does not change."""
    copy = Account(account.name, dict(account.cash))
    for con_id, held in account.positions.items():
        copy.positions[con_id] = Position(held.instrument, held.quantity, held.cost, held.fees, held.realized)
    for fill in fills:
        copy.apply(fill)
    return balances(copy, mark)


def money(amount: Decimal) -> str:
    """Format an amount with two digits, as TWS does."""
    return f"{amount:.2f}"


def account_values(account: Account, sums: Balances, mark: Mark) -> list[tuple[str, str, str]]:
    """Return (key, value, currency) of every updateAccountValue. The values by currency are last."""
    values = [
        ("AccountCode", account.name, ""),
        ("AccountReady", "true", ""),
        ("AccountType", "INDIVIDUAL", ""),
        ("Cushion", f"{sums.excess / sums.net_liquidation:.6f}" if sums.net_liquidation else "0", ""),
        *((f"DayTradesRemaining{day}", "-1", "") for day in ("", "T+1", "T+2", "T+3", "T+4")),
        ("Leverage-S", f"{sums.gross / sums.net_liquidation:.2f}" if sums.net_liquidation else "0", ""),
        ("LookAheadNextChange", "0", ""),
    ]
    values += [(key, money(amount), BASE) for key, amount in sorted(_amounts(sums).items())]
    return values + ledger(account, sums, mark)


def _amounts(sums: Balances) -> dict[str, Decimal]:
    amounts = {
        "AccruedCash": ZERO,
        "AvailableFunds": sums.available,
        "BuyingPower": max(sums.available, ZERO) * 4,
        "EquityWithLoanValue": sums.equity,
        "ExcessLiquidity": sums.excess,
        "GrossPositionValue": sums.gross,
        "InitMarginReq": sums.initial,
        "MaintMarginReq": sums.maintenance,
        "NetLiquidation": sums.net_liquidation,
        "PreviousDayEquityWithLoanValue": sums.equity,
        "SMA": sums.available,
        "SettledCash": sums.cash,
        "TotalCashValue": sums.cash,
    }
    for name in ("AvailableFunds", "ExcessLiquidity", "InitMarginReq", "MaintMarginReq"):
        amounts[f"Full{name}"] = amounts[f"LookAhead{name}"] = amounts[name]
    return amounts


def ledger(account: Account, sums: Balances, mark: Mark) -> list[tuple[str, str, str]]:
    """Return (key, value, currency) for each currency and for BASE, which is the sum."""
    found = []
    for currency, amount in sorted(account.cash.items()):
        home = currency == BASE
        unit = rate(currency, mark)
        found += _lines(currency, amount, unit, sums if home else None)
    return found + _lines("BASE", sums.cash, Decimal(1), sums)


def _lines(currency: str, cash: Decimal, unit: Decimal, sums: Balances | None) -> list[tuple[str, str, str]]:
    total = cash + (sums.net_liquidation - sums.cash if sums else ZERO)
    amounts = {
        "CashBalance": cash,
        "TotalCashBalance": cash,
        "NetLiquidationByCurrency": total,
        "StockMarketValue": sums.stocks if sums else ZERO,
        "OptionMarketValue": sums.options if sums else ZERO,
        "FuturesPNL": sums.futures if sums else ZERO,
        "CorporateBondMarketValue": sums.bonds if sums else ZERO,
        "RealizedPnL": sums.realized if sums else ZERO,
        "UnrealizedPnL": sums.unrealized if sums else ZERO,
    }
    lines = [("Currency", currency, currency), ("ExchangeRate", f"{unit:.5f}", currency)]
    return lines + [(key, money(amount), currency) for key, amount in amounts.items()]


_TAG_NAMES = """
    AccountType NetLiquidation TotalCashValue SettledCash AccruedCash BuyingPower EquityWithLoanValue
    PreviousDayEquityWithLoanValue GrossPositionValue RegTEquity RegTMargin SMA InitMarginReq MaintMarginReq
    AvailableFunds ExcessLiquidity Cushion FullInitMarginReq FullMaintMarginReq FullAvailableFunds
    FullExcessLiquidity LookAheadNextChange LookAheadInitMarginReq LookAheadMaintMarginReq LookAheadAvailableFunds
    LookAheadExcessLiquidity HighestSeverity DayTradesRemaining DayTradesRemainingT+1 DayTradesRemainingT+2
    DayTradesRemainingT+3 DayTradesRemainingT+4 Leverage
"""
SUMMARY_TAGS = frozenset(_TAG_NAMES.split())
"""Tags that reqAccountSummary accepts, besides $LEDGER, $LEDGER:CURRENCY and $LEDGER:ALL."""
MISSPELLED_TAGS = frozenset({"ReqTEquity", "ReqTMargin"})
"""Two tags as the vendor's AccountSummaryTags.AllTags spells them. TWS accepts them and sends no value."""


def summary(account: Account, sums: Balances, mark: Mark, tags: list[str]) -> list[tuple[str, str, str]]:
    """Return (tag, value, currency) of the requested tags. The caller has refused unknown tags."""
    values = {
        key: (value, currency) for key, value, currency in account_values(account, sums, mark) if key != "Currency"
    }
    values |= {"Leverage": values["Leverage-S"], "RegTEquity": values["EquityWithLoanValue"]}
    values |= {"RegTMargin": values["InitMarginReq"], "HighestSeverity": ("0", "")}
    found = [(tag, *values[tag]) for tag in tags if tag in SUMMARY_TAGS]
    for tag in tags:
        if tag.startswith("$LEDGER"):
            wanted = tag.partition(":")[2] or "BASE"
            found += [line for line in ledger(account, sums, mark) if wanted in ("ALL", line[2])]
    return found
