"""Topics go with the last stream that has them, and come back without hiding a loss."""

from __future__ import annotations

import gc
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.session.bounds import Bounds
from bridge.session.sequence_memory import SequenceMemory
from bridge.session.topic_store import TopicStore
from tests.session.conftest import AAPL
from tests.session.contract import Witness, witness
from tws_bridge_client.follow import CATCH_UP, CHECK, Event, Follower, SnapshotRequest

PREFIX = "market.265598."


def subscribe(bench, client="alice", contract=AAPL):
    """Hold market data of the contract, on which TWS says one price and one size; its stream."""
    id_ = bench.ask("reqMktData", client=client, contract=contract)
    req_id = bench.last_sent("reqMktData")["reqId"]
    bench.tws("tickPrice", reqId=req_id, tickType=1, price=1.5, size="100", attrMask=1)
    bench.tws("tickSize", reqId=req_id, tickType=0, size="1")
    return bench.result(id_)["stream"]


def numbers(bench, prefix=PREFIX):
    return bench.result(bench.ask("sequences", prefix=prefix))["sequences"]


# Numbers go on


def test_a_topic_that_comes_back_goes_on_after_its_number(ready):
    for _ in range(3):
        ready.ask("release", stream=subscribe(ready))
    assert [body["seq"] for body in ready.on(f"{PREFIX}tickPrice")] == [1, 2, 3]
    assert [body["seq"] for body in ready.on(f"{PREFIX}tickSize")] == [1, 2, 3]


def test_who_lost_the_last_event_of_a_dropped_topic_sees_that(ready):
    ready.ask("release", stream=subscribe(ready))
    told = {f"{PREFIX}tickPrice": 1, f"{PREFIX}tickSize": 1}
    assert numbers(ready) == numbers(ready, "market.") == told
    snapshot = ready.result(ready.ask("snapshot", prefix="market."))
    assert (snapshot["sequences"], snapshot["floors"], snapshot["events"]) == (told, {}, [])


def test_the_last_words_on_a_stream_are_numbered_before_its_topics_go(ready):
    """`ended` tells it to those who listen; the topic on which it is told goes too."""
    subscribe(ready)
    for lease in range(1, 3):
        ready.wait(ready.rules.lease + 5)
        assert ready.on("system.clientLost")[-1]["data"]["released"] == ["265598"]
        assert ready.on(f"{PREFIX}ended")[-1]["seq"] == lease
        subscribe(ready)
    assert f"{PREFIX}ended" in numbers(ready)


def test_of_two_streams_with_one_prefix_the_last_takes_its_topics(ready):
    """Real-time bars and bars kept up to date may have the same name."""
    ready.ask("reqRealTimeBars", contract=AAPL, barSize=5, whatToShow="TRADES")
    history = {"duration": "", "barSizeSetting": "5s", "whatToShow": "TRADES", "keepUpToDate": True}
    ready.ask("reqHistoricalData", contract=AAPL, **history)
    prefix = "bars.265598-5s-TRADES."
    bars, history = (ready.last_sent(name)["reqId"] for name in ("reqRealTimeBars", "reqHistoricalData"))
    ready.tws("realtimeBar", reqId=bars, time=1)
    ready.tws("historicalDataUpdate", reqId=history, historicalDataBar={"date": "1"})
    ready.ask("cancelHistoricalData")
    kept = ready.result(ready.ask("snapshot", prefix=prefix))["events"]
    assert [event["event"] for event in kept] == ["realtimeBar"]
    ready.tws("realtimeBar", reqId=bars, time=2)
    ready.ask("cancelRealTimeBars")
    assert [body["seq"] for body in ready.on(f"{prefix}realtimeBar")] == [1, 2]
    assert ready.result(ready.ask("snapshot", prefix=prefix))["events"] == []


def test_topics_of_a_client_go_with_it(ready):
    ready.ask("reqCurrentTime", client="bob")
    ready.tws("currentTime", currentTime=1)
    ready.wait(ready.rules.lease + 5)
    ready.ask("reqCurrentTime", client="bob")
    ready.tws("currentTime", currentTime=1)
    assert [body["seq"] for body in ready.on("request.bob.currentTime")] == [1, 2]


# What is forgotten


def test_of_what_is_forgotten_a_floor_is_left():
    memory = SequenceMemory(most=4)
    for name, number in (("a", 7), ("b", 3), ("c", 1), ("d", 2)):
        memory.keep(f"market.{name}", {f"market.{name}.tick": number})
    assert (len(memory), memory.floors) == (4, {})
    memory.keep("bars.e", {"bars.e.bar": 9})
    assert (len(memory), memory.floors) == (2, {"market": 7})
    assert memory.take("market.a", "market.a.tick") == 7
    assert memory.take("market.new", "market.new.tick") == 7
    assert memory.take("market.d", "market.d.tick") == 2
    assert memory.take("order.alice", "order.alice.k1.openOrder") == 0
    assert memory.take("bars.e", "bars.e.bar") == 9
    assert len(memory) == 0


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(["one", "two"]), st.booleans()), max_size=60))
def test_no_number_is_ever_given_twice_and_one_that_is_left_out_is_above_the_floor(steps):
    topic_store = TopicStore(remembered=4)
    newest: dict[str, int] = {}
    for name, event, drops in steps:
        prefix = f"market.{name}."
        if drops:
            topic_store.drop(prefix)
            continue
        told, floors = topic_store.sequences("market."), topic_store.floors()
        topic_store.publish(topic_store.topic(prefix, event, None), {}, 1)
        ((topic, seq, *_),) = topic_store.drain()
        begins_after = told.get(topic.name, floors.get("market", 0))
        assert seq == begins_after + 1
        assert seq > newest.get(topic.name, 0)
        newest[topic.name] = seq


# Nothing grows


def counted():
    witness()._seen.clear()  # the tests' own memories of what they have held against the contract
    for memory in Witness.__dict__.values():
        if hasattr(memory, "cache_clear"):
            memory.cache_clear()
    gc.collect()
    return Counter(type(object_).__name__ for object_ in gc.get_objects())


def churn(bench, con_ids):
    for con_id in con_ids:
        bench.ask("release", stream=subscribe(bench, contract={"conId": con_id, "exchange": "SMART"}))
        for said in (bench.events, bench.sent, bench.replies, bench.logs, bench._methods):
            said.clear()
        bench.clock += 0.04
        bench.wait(0)


def test_a_stream_that_is_held_through_many_outages_keeps_no_id_of_before(ready):
    subscribe(ready)
    ready.ask("reqPnL", account="DU1")
    for _ in range(5):
        ready.tws("pnl", reqId=ready.last_sent("reqPnL")["reqId"], dailyPnL=1.0)
        ready.session.on_lost("TWS is gone", ready.now)
        ready.collect()
        ready.ready(told=False)
        ready.ask("ping")
        ready.wait(0.5)
    ready.tws("pnl", reqId=ready.last_sent("reqPnL")["reqId"], dailyPnL=2.0)
    ready.tws("tickPrice", reqId=ready.last_sent("reqMktData")["reqId"], tickType=1, price=1.5, size="1", attrMask=1)
    assert [stream.past for stream in ready.session._subscriptions.streams] == [set(), set()]
    kept = ready.result(ready.ask("snapshot", prefix="account."))["events"]
    assert [(event["data"]["dailyPnL"], event.get("stale")) for event in kept] == [(2.0, None)]


def test_subscribing_and_cancelling_leaves_nothing_behind(make_bench):
    """After so many pairs all memories that are bounded by a number are full; those of answers are held small."""
    ready = make_bench(bounds=Bounds(stored_replies=200))
    ready.ready()
    churn(ready, range(1_000_000, 1_006_000))
    before = counted()
    churn(ready, range(1_006_000, 1_009_000))
    assert max((counted() - before).values(), default=0) < 1000
    found = ready.result(ready.ask("sequences", prefix=""))
    assert len(found["sequences"]) < 10_100
    assert found["floors"]["market"] > 0


# What a follower makes of that


class Followed:
    """A board that remembers few names, and a follower that hears what arrives and is answered at once."""

    def __init__(self) -> None:
        self.topic_store = TopicStore(remembered=2)
        self.follower = Follower(("market.",))
        self.now = 0.0
        self.gaps = 0
        #: Whether an event did not arrive, or was not handed out, and the follower has told of no gap since.
        self.owes = False
        #: Whether the event that was published last is numbered beyond the next that the follower knows of.
        self.jumps = False
        self.follower.start(self.now)
        self.answer()

    def publish(self, name: str, event: str, arrives: bool) -> None:
        self.topic_store.publish(self.topic_store.topic(f"market.{name}.", event, None), {}, 1)
        ((topic, seq, *_),) = self.topic_store.drain()
        handed_out: list[Event] = []
        track = self.follower._prefixes[0]
        self.jumps = seq > track.seqs.get(topic.name, track.floors.get("market", 0)) + 1
        if arrives:
            self.follower.on_event(topic.name, {"epoch": "e1", "seq": seq, "event": event, "data": {}}, self.now)
            handed_out = self.follower.events()
        self.owes |= not handed_out
        self.answer()

    def check(self) -> None:
        """Time passes: numbers are compared, and what is behind counts as lost."""
        for pause in (CHECK, CATCH_UP):
            self.now += pause
            self.follower.on_timer(self.now)
            self.answer()

    def answer(self) -> None:
        while requests := [command for command in self.follower.commands() if isinstance(command, SnapshotRequest)]:
            for ask in requests:
                told = {
                    "epoch": "e1",
                    "floors": self.topic_store.floors(),
                    "sequences": self.topic_store.sequences("market."),
                    "gaps": [],
                }
                if ask.method == "snapshot":
                    self.follower.on_event(f"sync.{ask.params['nonce']}", {"epoch": "e1", "seq": 1}, self.now)
                    told |= self.topic_store.snapshot("market.")
                self.follower.on_reply(ask.token, told, self.now)
        if found := [event for event in self.follower.events() if event.origin == "gap"]:
            self.gaps += len(found)
            self.owes = False


NAMES, EVENTS = st.sampled_from("abcd"), st.sampled_from(["one", "two"])
PUBLISHED = st.tuples(st.just("publish"), NAMES, EVENTS)
DROPPED = st.tuples(st.just("drop"), NAMES)
CHECKED = st.tuples(st.just("check"))


@settings(max_examples=500, deadline=None)
@given(st.lists(PUBLISHED | DROPPED | CHECKED | st.tuples(st.just("lose"), NAMES, EVENTS), max_size=60))
def test_every_loss_is_told_however_many_topics_go_and_come_back(steps):
    line = Followed()
    for what, *which in steps:
        match what:
            case "publish" | "lose":
                line.publish(*which, arrives=what == "publish")
            case "drop":
                line.topic_store.drop(f"market.{which[0]}.")
            case "check":
                line.check()
    line.check()
    assert not line.owes


@settings(max_examples=200, deadline=None)
@given(st.lists(PUBLISHED | DROPPED | CHECKED, max_size=60))
def test_where_nothing_is_lost_a_gap_is_told_only_when_a_floor_has_risen_or_the_bridge_has_forgotten_a_number(steps):
    """A topic of which the bridge has forgotten the number goes on above the floor, which may be beyond the next."""
    line = Followed()
    for what, *which in steps:
        line.jumps = False
        gaps, floors = line.gaps, line.follower._prefixes[0].floors
        match what:
            case "publish":
                line.publish(*which, arrives=True)
            case "drop":
                line.topic_store.drop(f"market.{which[0]}.")
            case "check":
                line.check()
        assert line.gaps - gaps == (line.jumps or line.follower._prefixes[0].floors != floors)


def test_a_loss_is_told_on_a_topic_whose_number_was_forgotten_before_it_could_be_compared():
    line = Followed()
    for name in "abc":
        line.publish(name, "one", arrives=True)
    line.publish("a", "one", arrives=False)
    for name in "abc":
        line.topic_store.drop(f"market.{name}.")
    assert "market.a.one" not in line.topic_store.sequences("market.")
    line.check()
    assert not line.owes
