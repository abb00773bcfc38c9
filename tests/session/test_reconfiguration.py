"""The session takes over another configuration: what a client keeps, what it loses, and that no request sees half."""

from __future__ import annotations

import dataclasses
import itertools
import random
from decimal import Decimal

import pytest

from bridge.session import ConfigurationRead, SettingChange
from bridge.session.rights.grants import Grant
from bridge.session.rights.permissions import Permissions
from bridge.session.streams.upstream import SubscriptionTiming
from tests.session.conftest import AAPL, Bench
from tests.session.test_orders import ORDER

OBSERVE = Grant(frozenset({"observe"}))
TRADE = Grant(frozenset({"trade"}))
ACCOUNT = Grant(frozenset({"account"}))
ADMIN = Grant(frozenset({"admin"}))
KEYS = itertools.count(1)
CHANGE = (SettingChange("clients", "before", "after"),)


class ReloadBench(Bench):
    """A bench whose configuration can be reloaded, as the shell does it."""

    reads_configuration = False

    def reload(self, token=None, *, problems=(), pending=(), changes=CHANGE, **rules):
        before = self.rules
        after = dataclasses.replace(before, **rules)
        old, new = before.permissions._grants or {}, after.permissions._grants or {}
        clients = frozenset(name for name in {*old, *new} if old.get(name) != new.get(name))
        read = ConfigurationRead(tuple(problems), changes, tuple(pending), clients, after)
        applied = self.session.on_configuration(token, read, self.now)
        if applied:
            self.rules = after
        self.collect()
        return applied

    def grant(self, **grants):
        """Reload with these clients, all others as before."""
        known = {**(self.rules.permissions._grants or {}), **grants}
        return self.reload(permissions=Permissions({name: one for name, one in known.items() if one is not None}))


@pytest.fixture
def bench():
    bench = ReloadBench(permissions=Permissions({"alice": TRADE, "bob": TRADE, "boss": ADMIN}))
    bench.ready()
    return bench


def code(bench, id_):
    error = bench.failure(id_)
    return error["code"], error.get("data", {}).get("rule")


def place(bench, client="alice", **order):
    return bench.ask("placeOrder", client=client, orderKey=f"k{next(KEYS)}", contract=AAPL,
                     order={**ORDER, **order})  # fmt: skip


def subscribe(bench, client, method="reqMktData", **params):
    id_ = bench.ask(method, client=client, **params)
    return id_


def test_new_rights_hold_from_the_next_request_on_and_the_event_names_the_client(bench):
    assert code(bench, bench.ask("halt", client="alice")) == ("notPermitted", "roles")
    assert bench.grant(alice=ADMIN)
    bench.result(bench.ask("halt", client="alice"))
    (event,) = bench.on("system.configuration")
    assert event["data"] == {"settings": ["clients"], "clients": ["alice"]}
    logged = {log.event: log.text for log in bench.logs}
    assert logged["configurationReloaded"] == "the configuration is reloaded by SIGHUP: 1 changes"
    assert logged["settingChanged"] == "the setting clients has changed, was before, is after"


def test_a_mistake_changes_nothing_and_each_line_of_it_is_told_and_logged(bench):
    bench.reload_id = bench.ask("reload", client="boss")
    (effect,) = bench.reloads
    assert not bench.reload(effect.token, problems=["a: wrong", "b: wrong"], permissions=Permissions({}))
    error = bench.failure(bench.reload_id)
    assert error["code"] == "configurationInvalid"
    assert error["data"]["problems"] == ["a: wrong", "b: wrong"]
    logged = [log.text for log in bench.logs if log.event == "configurationInvalid"]
    assert [text.rpartition("changed: ")[2] for text in logged] == ["a: wrong", "b: wrong"]
    assert not bench.on("system.configuration")
    bench.result(bench.ask("ping", client="alice"))


def test_a_dry_run_tells_the_changes_and_takes_over_nothing(bench):
    id_ = bench.ask("reload", client="boss", dryRun=True)
    (effect,) = bench.reloads
    pending = (SettingChange("tws", '"a:1"', '"b:2"'), SettingChange("market_data_type", None, "3"))
    assert not bench.reload(effect.token, pending=pending, permissions=Permissions({"boss": ADMIN}))
    assert bench.result(id_) == {
        "applied": False,
        "changes": [{"setting": "clients", "before": "before", "after": "after"}],
        "needRestart": [
            {"setting": "tws", "before": '"a:1"', "after": '"b:2"'},
            {"setting": "market_data_type", "after": "3"},
        ],
    }
    assert not bench.on("system.configuration")
    bench.result(bench.ask("ping", client="alice"))
    bench.reload(pending=pending)
    told = [log.text for log in bench.logs if log.event == "settingNeedsRestart"]
    assert any(line.startswith('the setting tws needs a restart, still "a:1"') for line in told)
    assert any(line.startswith("the setting market_data_type needs a restart") for line in told)


def test_only_an_admin_may_reload_and_only_so_many_at_a_time(bench):
    assert code(bench, bench.ask("reload", client="alice")) == ("notPermitted", "roles")
    ids = [bench.ask("reload", client="boss") for _ in range(12)]
    assert [bench.failure(id_)["code"] for id_ in ids[10:]] == ["limitReached"] * 2
    first, second = (effect.token for effect in bench.reloads[:2])
    bench.reload(first, permissions=Permissions({"boss": ADMIN, "alice": OBSERVE}))
    bench.reload(second)  # the second finds the same file
    assert bench.result(ids[0])["applied"] and bench.result(ids[1])["applied"]


def test_a_client_that_is_gone_is_refused_and_its_orders_stay(bench):
    place(bench)
    (sent,) = bench.sends("placeOrder")
    assert bench.grant(alice=None)
    assert code(bench, bench.ask("ping", client="alice")) == ("notPermitted", "clients")
    bench.tws("orderStatus", orderId=sent["orderId"], status="Filled", filled="10", remaining="0")
    bench.wait(60)
    assert not bench.sends("cancelOrder")
    assert [event["data"]["client"] for event in bench.on("system.clientLost")] == ["alice", "boss"][:1]
    # its key is free of nothing: when the client is back it finds its order
    assert bench.grant(alice=TRADE)
    log = bench.result(bench.ask("orderLog", client="alice", after=0))
    assert log["head"] >= 1


def test_an_admin_cancels_the_orders_of_a_client_that_is_gone(bench):
    id_ = place(bench)
    (sent,) = bench.sends("placeOrder")
    bench.grant(alice=None)
    bench.ask("cancelOrder", client="boss", orderId=sent["orderId"])
    assert bench.sends("cancelOrder")
    assert not bench.answers(id_), "the order is at TWS: its request is not refused, it waits for TWS"


@pytest.mark.parametrize("after", [OBSERVE, None])
def test_what_waits_in_the_queue_is_refused_before_it_leaves(after):
    bench = ReloadBench(permissions=Permissions({"alice": TRADE, "bob": TRADE, "boss": ADMIN}))
    bench.ready(told=False)  # orders wait until TWS has listed its orders
    ids = [place(bench), place(bench, client="bob")]
    assert bench.grant(alice=after)
    assert code(bench, ids[0]) == ("notPermitted", "roles" if after else "clients")
    bench.answer_internal_requests()
    assert len(bench.sends("placeOrder")) == 1, "the order of bob has left, that of alice never"


def test_an_order_that_waits_for_the_disk_is_held_back_and_its_key_is_free(bench):
    bench.disk.held = True
    id_ = bench.ask("placeOrder", client="alice", orderKey="k", contract=AAPL, order=ORDER)
    bench.grant(alice=dataclasses.replace(TRADE, max_order_size=Decimal(1)))
    bench.release()
    assert code(bench, id_) == ("notPermitted", "max_order_size")
    assert not bench.sends("placeOrder")
    again = bench.ask("placeOrder", client="alice", orderKey="k", contract=AAPL, order={**ORDER, "totalQuantity": "1"})
    assert bench.sends("placeOrder") and not bench.answers(again)


def test_an_order_that_waits_for_the_disk_and_keeps_its_right_leaves(bench):
    bench.disk.held = True
    bench.ask("placeOrder", client="alice", orderKey="k", contract=AAPL, order=ORDER)
    bench.grant(bob=OBSERVE)
    bench.grant(alice=dataclasses.replace(TRADE, max_order_size=Decimal(1000)))
    bench.release()
    assert len(bench.sends("placeOrder")) == 1


def test_a_change_that_waits_for_the_disk_is_taken_back(bench):
    bench.ask("placeOrder", client="alice", orderKey="k", contract=AAPL, order=ORDER)
    (sent,) = bench.sends("placeOrder")
    bench.tws("openOrder", orderId=sent["orderId"], contract=AAPL, order={**ORDER, "clientId": 1},
              orderState={"status": "Submitted"})  # fmt: skip
    bench.tws("orderStatus", orderId=sent["orderId"], status="Submitted", filled="0", remaining="10")
    bench.disk.held = True
    id_ = bench.ask("modifyOrder", client="alice", orderKey="k", revision=1, order={**ORDER, "totalQuantity": "50"})
    bench.grant(alice=dataclasses.replace(TRADE, max_order_size=Decimal(20)))
    bench.release()
    assert code(bench, id_) == ("notPermitted", "max_order_size")
    assert len(bench.sends("placeOrder")) == 1


def test_a_question_at_tws_is_refused_to_a_client_that_is_gone_and_answered_to_the_other(bench):
    ids = [bench.ask("reqCurrentTimeInMillis", client=client) for client in ("alice", "bob")]
    bench.grant(alice=None)
    assert code(bench, ids[0]) == ("notPermitted", "clients")
    bench.tws("currentTimeInMillis", currentTimeInMillis=1)  # the answer to alice, which nobody wants any more
    bench.tws("currentTimeInMillis", currentTimeInMillis=2)
    assert bench.result(ids[1])
    assert len(bench.answers(ids[0])) == 1


def test_the_hold_of_a_client_that_loses_the_right_ends_and_that_of_the_other_stays(bench):
    bench.grant(alice=ACCOUNT, bob=ACCOUNT)
    for client in ("alice", "bob"):
        bench.ask("reqAccountUpdates", client=client, acctCode="DU1", subscribe=True)
    bench.tws("accountDownloadEnd", accountName="DU1")
    (stream,) = bench.session._subscriptions.streams
    assert stream.clients == {"alice", "bob"}
    bench.grant(alice=OBSERVE)
    assert stream.clients == {"bob"}
    assert len(bench.sends("reqAccountUpdates")) == 1
    bench.grant(bob=dataclasses.replace(ACCOUNT, accounts=frozenset({"DU9"})))
    assert not list(bench.session._subscriptions.streams)
    assert [event["data"]["reason"] for event in bench.on("account.DU1.ended")] == [
        "the configuration does not allow the stream to its last client"
    ]


def test_a_subscription_that_waits_is_answered_once_when_its_client_is_gone(bench):
    id_ = bench.ask("reqMktData", client="alice", contract=AAPL)
    bench.grant(alice=None)
    assert code(bench, id_) == ("notPermitted", "clients")
    assert not list(bench.session._subscriptions.streams)
    assert bench.sends("cancelMktData")


def test_a_client_that_keeps_its_rights_keeps_stream_request_and_memory(bench):
    stream = bench.ask("reqMktData", client="bob", contract=AAPL)
    bench.tws("tickPrice", reqId=bench.last_sent("reqMktData")["reqId"], tickType=1, price=1.0)
    bench.result(stream)
    waiting = bench.ask("reqCurrentTimeInMillis", client="bob")
    before = len(bench.on("market.265598.tickPrice"))
    bench.grant(alice=None)
    bench.grant(alice=OBSERVE, bob=dataclasses.replace(TRADE, max_order_size=Decimal(5)))
    bench.tws("tickPrice", reqId=bench.last_sent("reqMktData")["reqId"], tickType=1, price=2.0)
    ticks = bench.on("market.265598.tickPrice")
    assert [tick["seq"] for tick in ticks] == list(range(1, before + 2))
    bench.tws("currentTimeInMillis", currentTimeInMillis=1)
    assert bench.result(waiting)
    replies = len(bench.replies)
    bench.request({"v": 1, "id": waiting, "client": "bob", "method": "reqCurrentTimeInMillis", "params": {}}, "bob")
    assert bench.replies[replies].body["ok"], "the same request gets the stored answer"
    assert len(bench.sends("reqMktData")) == 1


def test_counts_of_the_minute_go_on(bench):
    limited = dataclasses.replace(TRADE, max_orders_per_minute=3)
    bench.grant(alice=limited)
    for _ in range(2):
        place(bench)
    bench.grant(alice=dataclasses.replace(limited, max_order_size=Decimal(1000)))
    place(bench)
    assert code(bench, place(bench)) == ("notPermitted", "max_orders_per_minute")


def test_a_reload_while_the_connection_is_lost(bench):
    bench.ask("reqMktData", client="alice", contract=AAPL)
    bench.tws("tickPrice", reqId=bench.last_sent("reqMktData")["reqId"], tickType=1, price=1.0)
    bench.session.on_lost("gone", bench.now)
    bench.collect()
    id_ = bench.ask("reqCurrentTimeInMillis", client="alice")
    order = place(bench)
    bench.grant(alice=None)
    assert code(bench, id_) == code(bench, order) == ("notPermitted", "clients")
    sent = len(bench.sent)
    bench.ready()
    assert [send.name for send in bench.sent[sent:] if send.name in ("reqMktData", "placeOrder")] == []


def test_when_lost_follows_the_configuration(bench):
    place(bench)
    bench.grant(alice=dataclasses.replace(TRADE, when_lost="cancel"))
    bench.wait(31)
    assert bench.sends("cancelOrder")
    bench.grant(alice=TRADE)
    count = len(bench.sends("cancelOrder"))
    bench.wait(60)
    assert len(bench.sends("cancelOrder")) == count, "the bridge stops cancelling"


def test_from_everyone_to_named_clients():
    bench = ReloadBench()
    bench.ready()
    bench.ask("reqMktData", client="mallory", contract=AAPL)
    assert bench.reload(permissions=Permissions({"boss": ADMIN}))
    assert code(bench, bench.ask("ping", client="mallory")) == ("notPermitted", "clients")
    assert not list(bench.session._subscriptions.streams)


def test_other_limits_hold_at_once(bench):
    bench.reload(
        lease=99.0, lines={"marketData": 0}, request_timeout=3.0, messages_per_second=2,
        patience=SubscriptionTiming(linger=9.0), bounds=dataclasses.replace(bench.rules.bounds, streams=7),
    )  # fmt: skip
    assert bench.result(bench.ask("hello", client="alice", instance="a1"))["lease"] == 99.0
    status = bench.result(bench.ask("status", client="alice"))
    assert status["pacing"]["limit"] == 2
    assert next(one for one in status["limits"] if one["bound"] == "streams")["most"] == 7
    bench.wait(2)
    assert bench.failure(bench.ask("reqMktData", client="alice", contract=AAPL))["code"] == "linesExhausted"
    id_ = bench.ask("reqCurrentTimeInMillis", client="alice")
    bench.wait(4)
    assert bench.failure(id_)["code"] == "noResponse"


@pytest.mark.parametrize(("client", "left"), [("boss", TRADE), ("boss", OBSERVE), ("alice", OBSERVE), ("boss", None)])
def test_who_waits_for_an_order_is_refused_when_the_right_to_it_ends(bench, client, left):
    bench.grant(second=ADMIN)
    bench.ask("placeOrder", client="alice", orderKey="a", contract=AAPL, order=ORDER)
    number = bench.last_sent("placeOrder")["orderId"]
    named = {"orderKey": "a", "owner": "alice"}
    waiting = bench.ask("awaitOrder", client=client, until="ended", **named)
    other = bench.ask("awaitOrder", client="second", until="ended", **named)
    assert not bench.answers(waiting)
    bench.grant(**{client: left})
    assert bench.failure(waiting)["code"] == "notPermitted"
    assert not bench.answers(other), "who keeps the right waits on"
    bench.tws("orderStatus", orderId=number, status="Cancelled", filled="0", remaining="10", permId="9", clientId=1)
    assert len(bench.answers(waiting)) == 1
    assert bench.result(other)["reached"]


@pytest.mark.parametrize("says_hello", [True, False])
def test_a_shorter_lease_holds_for_a_client_when_it_was_told(says_hello):
    """It pings as often as the lease that it knows demands: the bridge must not cancel its orders."""
    keeper = dataclasses.replace(TRADE, when_lost="cancel")
    bench = ReloadBench(permissions=Permissions({"keeper": keeper, "boss": ADMIN}), lease=30.0)
    bench.ready()
    if says_hello:
        assert bench.result(bench.ask("hello", client="keeper", instance="k1"))["lease"] == 30.0
    bench.ask("placeOrder", client="keeper", orderKey="stop", contract=AAPL, order=ORDER)
    bench.reload(lease=2.0)
    for _ in range(6):
        bench.wait(5)
        bench.ask("ping", client="keeper")
        assert not bench.sends("cancelOrder")
    assert bench.result(bench.ask("hello", client="keeper", instance="k1"))["lease"] == 2.0
    bench.wait(5)
    assert bench.sends("cancelOrder"), "it was told"


def test_a_shorter_lease_holds_for_a_client_that_comes_back(bench):
    bench.ask("ping", client="alice")
    bench.reload(lease=5.0)
    bench.wait(29)
    assert not bench.on("system.clientLost")
    bench.wait(4)
    bench.ask("ping", client="alice")
    bench.wait(8)
    assert len(bench.on("system.clientLost")) == 2


def test_a_first_budget_does_not_send_more_than_it_allows(bench):
    for number in range(40):
        bench.ask("reqContractDetails", client="alice", contract={"conId": number + 1})
    bench.reload(messages_per_second=5)
    sent = len(bench.sent)
    for number in range(40):
        bench.ask("reqContractDetails", client="alice", contract={"conId": number + 100})
    assert len(bench.sent) == sent
    bench.wait(1)
    assert len(bench.sent) - sent <= 5
    bench.reload(messages_per_second=None)
    assert len(bench.sent) - sent == 40, "without a budget everything leaves at once"


@pytest.mark.parametrize("seed", range(20))
def test_random_rights_hold_exactly_after_each_reload(seed):
    """Whatever the rights were: after a reload each method is refused exactly where a new bridge would refuse it."""
    chance = random.Random(seed)
    names = ["alice", "bob", "carol"]
    bench = ReloadBench(permissions=Permissions({"boss": ADMIN}))
    bench.ready()
    for _ in range(15):
        grants = {"boss": ADMIN}
        for name in names:
            if chance.random() < 0.7:
                roles = frozenset(chance.sample(["observe", "account", "trade", "admin"], chance.randint(1, 2)))
                accounts = frozenset({"DU1"}) if chance.random() < 0.3 and "admin" not in roles else None
                size = Decimal(chance.choice([5, 50])) if chance.random() < 0.5 else None
                grants[name] = Grant(roles, accounts=accounts, max_order_size=size)
        open_ids = [bench.ask("reqMktData", client=chance.choice(names), contract=AAPL) for _ in range(2)]
        open_ids.append(place(bench, chance.choice(names)))
        bench.reload(permissions=Permissions(grants))
        fresh = Bench(permissions=Permissions(grants))
        fresh.ready()
        for name in names:
            for method, params in (
                ("ping", {}),
                ("reqPositions", {}),
                ("clients", {}),
                ("placeOrder", {"contract": AAPL, "order": ORDER}),
            ):
                told = [answer(one, method, name, params) for one in (bench, fresh)]
                assert told[0] == told[1], (name, method, grants.get(name))
        for stream in bench.session._subscriptions.streams:
            assert stream.clients <= grants.keys()
        for id_ in open_ids:
            assert len(bench.answers(id_)) <= 1


def answer(bench, method, client, params):
    """The refusal of the request, or None."""
    id_ = bench.ask(method, client=client, id=f"q{len(bench.replies)}-{client}-{method}", **params)
    found = bench.answers(id_)
    if not found or found[0]["ok"]:
        return None
    error = found[0]["error"]
    return error["code"], error.get("data", {}).get("rule")
