"""The table of the verdict: it is total, and it never says that the bridge trades when it does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.session import link_table
from bridge.session.verdict_table import OUTAGES, PROBLEMS, SIGNS, TABLE, Facts, judge

CODES = [row.code for row in TABLE]
UP = ("ready", "degraded")

#: For each row, facts of which it is the verdict or the only finding beside it.
EXAMPLES = {
    "stopped": Facts(link="stopped"),
    "halted": Facts(halted="admin: enough"),
    "wrongAccounts": Facts(account_mismatch="the configuration has trading_mode paper, but TWS has U1"),
    "badOrderIds": Facts(bad_order_ids="TWS sent nextValidId 2147483647"),
    "plannedRestart": Facts(planned_restart="the planned restart 'nightly' is under way"),
    "connecting": Facts(link="connecting"),
    "ledgerUnwritable": Facts(ledger_failure="disk full"),
    "reconciling": Facts(is_reconciled=False),
    "ordersUnanswered": Facts(orders_unanswered=12.0),
    "changesUnanswered": Facts(changes_unanswered="1 cancel for 12 s"),
    "notStored": Facts(not_stored="a restart would forget it: no space"),
    "ordersInDoubt": Facts(in_doubt=2),
    "farmsDown": Facts(farms_down=("usfarm (marketData)",)),
    "streamsWaiting": Facts(streams_waiting=1),
    "clockJumped": Facts(clock_jump=3600.0),
    "clocksDiffer": Facts(tws_clock=-90.0),
    "newerTws": Facts(is_newer=True),
    **{problem: Facts(link="backingOff", problem=problem, problem_text="why") for problem in PROBLEMS},
    **{outage: Facts(link="degraded", outage=outage, outage_text="why") for outage in OUTAGES if outage != "none"},
    **{sign: Facts(signs={sign: "why"}) for sign in SIGNS},
}


def test_each_row_has_an_example():
    assert sorted(EXAMPLES) == sorted(CODES)
    assert len(set(CODES)) == len(CODES)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.code)
def test_a_row_alone_is_the_finding(row):
    verdict = judge(EXAMPLES[row.code])
    found = verdict.also if verdict.stops is None else (verdict.stops, *verdict.also)
    assert [finding.code for finding in found] == [row.code]
    assert verdict.trading is not row.stops
    assert found[0].because
    assert found[0].remedy == row.remedy


def test_nothing_holds_of_a_bridge_that_works():
    assert judge(Facts()) == (None, ())


@pytest.mark.parametrize("state", link_table.STATES)
@pytest.mark.parametrize("problem", [None, *PROBLEMS])
def test_without_a_connection_the_bridge_never_trades(state, problem):
    """`Link` has a problem in no usable state, and an outage in `degraded` only."""
    facts = Facts(link=state, problem=None if state in UP else problem, problem_text="why",
                  outage="outOfReach" if state == "degraded" else "none")  # fmt: skip
    assert judge(facts).trading is (state == "ready")


FACTS = st.builds(
    Facts,
    link=st.sampled_from(link_table.STATES),
    problem=st.sampled_from([None, *PROBLEMS]),
    halted=st.none() | st.just("admin: x"),
    account_mismatch=st.none() | st.just("x"),
    bad_order_ids=st.none() | st.just("x"),
    planned_restart=st.none() | st.just("x"),
    ledger_failure=st.none() | st.just("x"),
    is_reconciled=st.booleans(),
    orders_unanswered=st.none() | st.floats(10, 1000),
    changes_unanswered=st.none() | st.just("x"),
    in_doubt=st.integers(0, 3),
    farms_down=st.sampled_from([(), ("usfarm",)]),
    streams_waiting=st.integers(0, 3),
    tws_clock=st.none() | st.floats(-1000, 1000),
    clock_jump=st.none() | st.floats(-1000, 1000),
    is_newer=st.booleans(),
    signs=st.dictionaries(st.sampled_from(SIGNS), st.just("x")),
)


@given(FACTS)
def test_the_gravest_finding_is_the_verdict_and_each_other_one_is_told(facts):
    verdict = judge(facts)
    holding = [row for row in TABLE if row.why(facts) is not None]
    stopping = [row.code for row in holding if row.stops]
    assert (verdict.stops and verdict.stops.code) == (stopping[0] if stopping else None)
    told = [finding.code for finding in verdict.also] + stopping[:1]
    assert sorted(told) == sorted(row.code for row in holding)


@given(FACTS, st.sampled_from(Facts._fields))
def test_what_stops_trading_is_not_hidden_by_another_fact(facts, field):
    """A fact that is made harmless may end a finding, but never makes the bridge stop."""
    if field == "link":
        return
    harmless = facts._replace(**{field: getattr(Facts(), field)})
    if judge(facts).trading:
        assert judge(harmless).trading
