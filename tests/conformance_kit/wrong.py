"""Clients that break one duty each, made of the small client: `main(NAME, task, ...)` is one of them.

Run by hand: tws-bridge conform -- python tests/conformance_kit/wrong.py NAME
"""

from __future__ import annotations

import itertools
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "clients" / "minimal"))

import client as small
import conform
import msgpack


class NoMarker(small.Topics):
    """Takes a snapshot as soon as its reply is there."""

    def is_complete(self):
        return True


class NoEpoch(small.Topics):
    """Does not look at the epoch."""

    def is_other_epoch(self, epoch):
        return False


class NoHole(small.Topics):
    """Takes any number that is higher than the last."""

    def take(self, topic, event):
        if self.is_live and event["seq"] > self.last(topic) and not self.is_other_epoch(event["epoch"]):
            self.seqs[topic] = event["seq"] - 1
        super().take(topic, event)


class NoFloor(small.Topics):
    """Takes the first event on a topic, whatever its number."""

    def take(self, topic, event):
        if self.is_live and topic not in self.seqs:
            self.seqs[topic] = event["seq"] - 1
        super().take(topic, event)


class NoWaiting(small.Topics):
    """Throws away what comes before the snapshot is there."""

    def step(self, events):
        super().step([e for e in events if self.is_live or e[0].startswith("sync.")])


class NoOrder(small.Topics):
    """Tells what waited, also where the snapshot has it already."""

    def go_live(self):
        waiting = self.waiting
        super().go_live()
        for topic, event in waiting:
            self.on_event(topic, event)


class NoNumbers(small.Topics):
    """Never compares numbers, and has nothing else to say."""

    def on_timer(self):
        if not self.is_live:
            super().on_timer()
        else:
            self.due = float("inf")


class NoHeartbeat(small.Topics):
    """Does not count heartbeats."""

    def on_heartbeat(self, event):
        pass


class NoRenewal(small.Client):
    """Subscribes to a stream once, and takes the hold for granted."""

    has_asked = False

    def send(self, method, params=None, timeout=30.0):
        if method == "reqMktData" and self.has_asked:
            return ""
        self.has_asked = self.has_asked or method == "reqMktData"
        return super().send(method, params, timeout)


class NoStale(small.Topics):
    """Does not look whether a value is stale."""

    def __init__(self, client, prefix, on_event, on_loss):
        def tell(topic, event):
            if event["event"] != "stale":
                on_event(topic, {**event, "stale": False})

        super().__init__(client, prefix, tell, on_loss)


class Strict(small.Topics):
    """Takes only what it knows."""

    def take(self, topic, event):
        if event.keys() - {"v", "epoch", "seq", "ts", "event", "data"}:
            raise ValueError(f"unknown keys in {event}")
        super().take(topic, event)


class Narrow(small.Topics):
    """Has 32 bits for a number."""

    def take(self, topic, event):
        super().take(topic, {**event, "seq": event["seq"] % 2**32})


class CountsAgain(small.Orders):
    """Goes by the numbers of the log alone, and not by the executions."""

    def take(self, event):
        if event["event"] == "execDetails":
            event["data"]["execution"]["execId"] = f"{len(self.state)}."
        super().take(event)


class Twice(CountsAgain):
    """Applies an event again that is published again."""

    def is_next(self, event):
        return event.get("n") in (self.n, self.n + 1)


class Jumps(small.Orders):
    """Takes the next event, whatever its number."""

    def is_next(self, event):
        return event.get("n", 0) > self.n


class Forgets(CountsAgain):
    """Stores what it has, and not where it stands in the log."""

    def store(self):
        n, self.n = self.n, 0
        super().store()
        self.n = n


class OldLog(small.Orders):
    """Does not look at the name of the log."""

    def on_reply(self, reply):
        if reply and reply["ok"]:
            self.log = reply["result"]["log"]
        super().on_reply(reply)


class NoSetBack(small.Orders):
    """Does not look whether the log ends before its own position."""

    def on_reply(self, reply):
        if reply and reply["ok"]:
            reply["result"]["head"] = max(reply["result"]["head"], self.n)
        super().on_reply(reply)


class Counting(small.Client):
    """Counts its requests from 1 in each run."""

    def new_ids(self):
        return (str(number) for number in itertools.count(1))


class NoResend(small.Client):
    """Waits for a reply that was lost."""

    def resend(self):
        for id_, (body, due, end) in list(self.open.items()):
            self.open[id_] = (body, due and float("inf"), end)
        super().resend()


class NewIdAgain(small.Client):
    """Sends again what got no reply, under a new id."""

    def resend(self):
        super().resend()
        if [due for _, due, _ in self.open.values() if due]:
            self.lost = getattr(self, "lost", 0) + 1
            if self.lost == 20:
                super().send("reqCurrentTime")


class NoExpiry(small.Client):
    """Does not say when its orders are not wanted any more."""

    def send(self, method, params=None, timeout=30.0):
        return self.send_until(method, params, timeout, None)


class Prolongs(small.Client):
    """Says a later time each time that it sends an order again."""

    def resend(self):
        for id_, (body, due, end) in list(self.open.items()):
            request = msgpack.unpackb(body)
            if "expires" in request and 0 < due <= time.monotonic():
                self.open[id_] = (msgpack.packb({**request, "expires": request["expires"] + 10**9}), due, end)
        super().resend()


class Silent(small.Client):
    """Never says ping."""

    def stay_alive(self):
        pass


def new_key(client, params):
    """Takes the silence of TWS for a refusal, and tries under another key."""
    for number in itertools.count(1):
        key = params["orderKey"] if number == 1 else f"{params['orderKey']}-{number}"
        reply = client.ask("placeOrder", {**params, "orderKey": key})
        code = "" if reply["ok"] else reply["error"]["code"]
        if reply["ok"] or code == "rejectedByTws":
            state = "rejected" if code else reply["result"]["state"]
            conform.say(order={"orderKey": params["orderKey"], "state": state})
        if code == "rejectedByTws":
            return
        small.pause(client, 0.2)


def stubborn(client, params):
    """Does not take no for an answer."""
    while True:
        reply = client.ask("placeOrder", params)
        state = reply["result"]["state"] if reply["ok"] else "rejected"
        if state not in ("unknown", "rejected") or (not reply["ok"] and reply["error"]["code"] == "rejectedByTws"):
            conform.say(order={"orderKey": params["orderKey"], "state": state})
        small.pause(client, 0.5)


def gives_up(client, params):
    """Takes the first answer for the last."""
    reply = client.ask("placeOrder", params)
    code = "" if reply["ok"] else reply["error"]["code"]
    state = reply["result"]["state"] if reply["ok"] else "rejected" if code == "rejectedByTws" else code
    conform.say(order={"orderKey": params["orderKey"], "state": state})
    small.pause(client, 3600.0)


def main(name, *task):
    wrong = globals()[name]
    if isinstance(wrong, type) and issubclass(wrong, small.Topics):
        conform.watch.__defaults__ = (wrong,)
        if wrong is NoNumbers:
            small.Client = Silent
    elif isinstance(wrong, type) and issubclass(wrong, small.Orders):
        conform.orders.__defaults__ = (wrong,)
    elif isinstance(wrong, type):
        small.Client = wrong
    else:
        conform.place = wrong
    conform.main(*task)


if __name__ == "__main__":
    main(*sys.argv[1:])
