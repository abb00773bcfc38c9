"""Each rule of the judge can be broken: a bridge, or a client's belief, with one thing wrong in it breaks just that."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.session import heartbeat
from bridge.session.orders.positions import Positions
from bridge.session.request_store import RequestStore
from bridge.session.streams.outages import Outages
from bridge.session.streams.resubscription import Resubscription
from bridge.session.streams.streams import Streams
from bridge.session.streams.validity import Validity
from tests.campaign.trader.advice import Adviser
from tests.simulation.clients.holder import WISHES, Holder
from tests.simulation.clients.trader import Trader
from tests.simulation.judge import RULES, Breach
from tests.simulation.plan import HOLDERS, TRADERS, Change, Day, Fault
from tests.simulation.world import World

#: An hour in which TWS dies, and IBKR is out of reach for a while.
FAULTS = (Fault(600.0, "killTws", 40.0), Fault(1200.0, "cut1100", 60.0, "", 1), Fault(1800.0, "cut1100", 60.0, "", 3))


def nothing(*_args: Any, **_more: Any) -> None:
    """A stand-in that does nothing."""


def hour(seed: int = 1, faults: tuple[Fault, ...] = FAULTS) -> World:
    """An hour with a few streams and orders; raises Breach."""
    world = World(seed)
    world.tws.sources.pause = 10.0
    holds = [Change(30.0, holder, wish, True) for holder in HOLDERS for wish in WISHES if wish.key[1] != "7005"]
    order = {"action": "BUY", "orderType": "LMT", "lmtPrice": 10.0, "tif": "DAY"}
    intents: dict[str, list[dict[str, Any]]] = {
        name: [
            {"id": f"i{n}", "quantity": 5, "order": order, "starts": 60.0 + 200 * n, "patience": 6.0} for n in range(9)
        ]
        for name in TRADERS
    }
    world.run_hour(Day(0, list(faults), holds, intents), 2400.0)
    return world


def broken() -> str:
    """Which rule a world breaks."""
    with pytest.raises(Breach) as breach:
        hour()
    return breach.value.rule


def test_a_good_bridge_breaks_none() -> None:
    counts = hour().judge.counts
    assert counts["values"] > 1000 and counts["executions"] > 10


def test_a_bridge_that_tells_no_outage_serves_stale_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Outages, "begin", nothing)
    monkeypatch.setattr(Validity, "doubt", nothing)
    assert broken() == "stale"


def test_a_client_that_does_not_listen_to_gaps_takes_stale_values_for_current(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Holder, "_on_outage", nothing)
    assert broken() == "stale"


def test_a_value_that_is_not_what_tws_has_told_is_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Holder._on_value

    def late(self: Holder, topic: str, event: dict[str, Any], live: bool) -> None:
        if not live or event["seq"] % 7:
            known(self, topic, event, live)

    monkeypatch.setattr(Holder, "_on_value", late)
    assert broken() == "stale"


def test_a_bridge_that_does_not_ask_again_leaves_streams_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Resubscription, "plan", nothing)
    assert broken() == "dead"


def test_a_bridge_that_forgets_one_of_several_holders_loses_its_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Streams.disconnect

    def forget(self: Streams) -> None:
        for stream in self:
            stream.holds.pop("erin", None)
        known(self)

    monkeypatch.setattr(Streams, "disconnect", forget)
    assert broken() == "hold"


def test_a_trader_that_orders_again_what_may_live_doubles_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Adviser, "_while_it_may_live", lambda self, intent, _attempt, _since: self._again(intent))
    assert broken() == "doubled"


def test_a_trader_that_misses_events_of_its_log_knows_not_what_is_true(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Trader._hear

    def deaf(self: Trader, event: Any) -> None:
        if event.position.n % 5:
            known(self, event)

    monkeypatch.setattr(Trader, "_hear", deaf)
    assert broken() == "orders"


@pytest.mark.parametrize("times", [0, 2])
def test_a_bridge_that_answers_never_or_twice(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    known = RequestStore.answer
    monkeypatch.setattr(RequestStore, "answer", lambda self, ask, outcome: known(self, ask, outcome) * times)
    assert broken() == "answers"


def test_a_bridge_without_heartbeats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "BEAT", 2.0)
    assert broken() == "heartbeat"


def test_a_bridge_that_fails_at_a_message_logs_a_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> Iterator[object]:
        raise ValueError("broken on purpose")

    monkeypatch.setattr(Positions, "on_event", fail)
    assert broken() == "defect"


def test_a_bridge_that_never_ends_an_outage_comes_not_to_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Outages, "end", nothing)
    assert broken() == "rest"


def test_every_rule_has_such_a_test() -> None:
    source = Path(__file__).read_text()
    assert not [rule for rule in RULES if f'broken() == "{rule}"' not in source]
