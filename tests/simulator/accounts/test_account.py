"""Cash and positions against the executions that made them."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bridge.simulator.accounts.account import Account, Fill
from bridge.simulator.accounts.balances import SUMMARY_TAGS, account_values, after, balances, summary
from bridge.simulator.accounts.fees import commission
from bridge.simulator.instruments.instrument import Instrument
from bridge.simulator.instruments.universe import build_universe

UNIVERSE = build_universe(date(2026, 3, 11))
TRADED = [i for i in UNIVERSE if i.conId in (265598, 12087792, 649180671, 700000001, 127128131)]
START = Decimal(1_000_000)
MARKS = {i.conId: Decimal(str(i.price or 12.5)) for i in UNIVERSE}


def fill_of(instrument: Instrument, quantity: int, ticks: int) -> Fill:
    price = ticks * instrument.minTick
    return Fill(instrument, Decimal(quantity), price, commission(instrument, Decimal(abs(quantity)), price))


fills = st.lists(
    st.builds(
        fill_of, st.sampled_from(TRADED), st.integers(-300, 300).filter(bool), st.integers(500, 60_000)
    ),
    max_size=40,
)  # fmt: skip


def close(a: Decimal, b: Decimal) -> bool:
    return abs(a - b) < Decimal("0.000001")


@given(fills)
def test_what_is_owned_equals_what_was_earned(fills: list[Fill]) -> None:
    account = Account("DU1", {"USD": START})
    realized = sum((account.apply(fill) or Decimal(0) for fill in fills), Decimal(0))
    sums = balances(account, MARKS.__getitem__)
    assert close(realized, account.realized)
    assert close(sums.net_liquidation, START + sums.realized + sums.unrealized)
    assert account.fees_paid == sum((fill.fee for fill in fills), Decimal(0))


@given(fills)
def test_positions_are_the_sum_of_the_fills(fills: list[Fill]) -> None:
    account = Account("DU1", {"USD": START})
    for fill in fills:
        account.apply(fill)
    for con_id, position in account.positions.items():
        assert position.quantity == sum(f.quantity for f in fills if f.instrument.conId == con_id)
        if not position.quantity:
            assert close(position.cost, Decimal(0)) and close(position.fees, Decimal(0))


@given(fills)
def test_cash_follows_from_the_fills(fills: list[Fill]) -> None:
    account = Account("DU1", {"USD": START})
    for fill in fills:
        account.apply(fill)
    paid = sum((f.quantity * f.price * f.instrument.factor for f in fills if f.instrument.secType != "FUT"), Decimal(0))
    futures = [p for p in account.positions.values() if p.instrument.secType == "FUT"]
    settled = -sum(
        (f.quantity * f.price * f.instrument.factor for f in fills if f.instrument.secType == "FUT"), Decimal(0)
    )
    settled += sum((p.cost for p in futures), Decimal(0))
    assert close(account.cash["USD"], START - paid - account.fees_paid + settled)
    euros = sum((f.quantity for f in fills if f.instrument.secType == "CASH"), Decimal(0))
    assert account.cash.get("EUR", Decimal(0)) == euros


@given(fills, fills)
def test_looking_ahead_changes_nothing(first: list[Fill], then: list[Fill]) -> None:
    account, twin = Account("DU1", {"USD": START}), Account("DU1", {"USD": START})
    for fill in first:
        account.apply(fill)
        twin.apply(fill)
    ahead = after(account, then, MARKS.__getitem__)
    assert account == twin
    for fill in then:
        account.apply(fill)
    assert ahead == balances(account, MARKS.__getitem__)


def test_a_round_trip_costs_both_commissions() -> None:
    apple = UNIVERSE.by_id[265598]
    account = Account("DU1", {"USD": START})
    buy = Fill(apple, Decimal(1), Decimal("309.16"), Decimal("1.000003"))
    sell = Fill(apple, Decimal(-1), Decimal("309.15"), Decimal("1.006566"))
    assert account.apply(buy) is None
    assert account.positions[265598].average_cost == Decimal("310.160003")
    assert account.apply(sell) == Decimal("-2.016569")  # as captured from a real TWS
    assert account.cash["USD"] == START - Decimal("2.016569")


def test_every_summary_tag_has_a_value() -> None:
    account = Account("DU1", {"USD": START})
    account.apply(fill_of(UNIVERSE.by_id[265598], 100, 23_000))
    sums = balances(account, MARKS.__getitem__)
    told = summary(account, sums, MARKS.__getitem__, sorted(SUMMARY_TAGS))
    assert {tag for tag, _, _ in told} == SUMMARY_TAGS
    assert all(value for _, value, _ in told)
    ledger = summary(account, sums, MARKS.__getitem__, ["$LEDGER:ALL"])
    assert {currency for _, _, currency in ledger} == {"USD", "BASE"}
    values = {(key, currency): value for key, value, currency in account_values(account, sums, MARKS.__getitem__)}
    assert values["StockMarketValue", "USD"] == "23000.00"
    assert values["NetLiquidation", "USD"] == "999999.00"
