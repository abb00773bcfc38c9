"""A small client that does all that the contract asks of one. Needs pyzmq and msgpack only.

It is written to be read, by authors of clients in other languages. One thread uses it; `turn` does everything: it waits
for a moment, takes replies and events, sends again what got no reply, and gives a sign of life.
"""

import itertools
import json
import os
import secrets
import time
from pathlib import Path

import keys
import msgpack
import zmq

RESEND = 5.0  # seconds until a request without a reply is sent again
ALIVE = 10.0  # seconds without a request after which we say ping
MARKER = 0.2  # seconds until a snapshot without its marker is asked for again
COMPARE = 5.0  # seconds between two looks at the bridge's numbers
ON_ITS_WAY = 1.0  # seconds that an event may need which the bridge's numbers have already
EXPIRING = frozenset(  # what changes something says when it is not wanted any more
    {"placeOrder", "placeOrders", "modifyOrder", "exerciseOptions", "replaceFA", "updateConfig", "resume", "reload"}
)
PAGE = 500  # events of the order log that are asked for at a time


class Client:
    """A DEALER for requests and a SUB for events."""

    def __init__(self, requests="tcp://127.0.0.1:7500", events="tcp://127.0.0.1:7501"):
        context = zmq.Context()
        self.name = keys.name()
        self.dealer, self.sub = context.socket(zmq.DEALER), context.socket(zmq.SUB)
        for socket, endpoint in ((self.dealer, requests), (self.sub, events)):
            keys.apply(socket)
            socket.setsockopt(zmq.LINGER, 0)
            # A peer that hangs is noticed, and the socket connected anew.
            socket.setsockopt(zmq.HEARTBEAT_IVL, 5000)
            socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, 15000)
            socket.setsockopt(zmq.IMMEDIATE, 1)  # queue nothing for a bridge that is not there: it would come late
            socket.connect(endpoint)
        self.ids = self.new_ids()
        self.open = {}  # id -> (packed request, when to send it again, when to give up)
        self.replies = {}  # id -> reply, until someone takes it; None where none came in time
        self.spoken = time.monotonic()

    def new_ids(self):
        """Ids that no run of this client has used: the bridge answers a used one with the stored answer."""
        run = secrets.token_hex(6)
        return (f"{run}-{number}" for number in itertools.count(1))

    def send(self, method, params=None, timeout=30.0):
        """Ask, and do not wait; the reply will be in `replies` under the id that this returns."""
        # What changes something is not wanted any more when we have given it up: the bridge refuses it then.
        expires = time.time_ns() + int(timeout * 1e9) if method in EXPIRING else None
        return self.send_until(method, params, timeout, expires)

    def send_until(self, method, params, timeout, expires):
        """Ask. After `expires`, in ns since 1970 UTC, the bridge must not begin it; None: it may come late."""
        id_ = next(self.ids)
        request = {"v": 1, "id": id_, "client": self.name, "method": method, "params": params or {}, "timeout": timeout}
        if expires is not None:
            request["expires"] = expires
        self.open[id_] = (msgpack.packb(request), 0.0, time.monotonic() + timeout + 2.0)
        self.resend()
        return id_

    def ask(self, method, params=None, timeout=30.0):
        """Ask, and wait for the reply: `{ok: true, result}` or `{ok: false, error}`."""
        id_ = self.send(method, params, timeout)
        while id_ not in self.replies:
            self.turn()
        no_bridge = {"ok": False, "error": {"code": "noBridge", "message": "the bridge does not answer"}}
        return self.replies.pop(id_) or no_bridge

    def resend(self):
        """What got no reply is sent again under its id: the bridge knows it to be the same request."""
        now = time.monotonic()
        for id_, (body, due, end) in list(self.open.items()):
            if now >= end:
                del self.open[id_]
                self.replies[id_] = None
            elif now >= due:
                try:
                    self.dealer.send(body, zmq.DONTWAIT)
                except zmq.Again:  # no connection: try again at the next turn
                    continue
                self.open[id_] = (body, now + RESEND, end)
                self.spoken = now

    def stay_alive(self):
        """Who holds streams says something at least every 10 s: after a lease of 30 s the bridge releases them."""
        if time.monotonic() - self.spoken >= ALIVE:
            self.send("ping", timeout=ALIVE)

    def turn(self, seconds=0.05):
        """Wait for a moment; returns the events that have come, each a topic and an envelope."""
        zmq.select([self.dealer, self.sub], [], [], seconds)
        while self.dealer.poll(0):
            reply = msgpack.unpackb(self.dealer.recv_multipart()[-1])  # with an empty frame before it, or without
            if "part" not in reply and self.open.pop(reply["id"], None) is not None:
                self.replies[reply["id"]] = reply
        self.resend()
        self.stay_alive()
        events = []
        while self.sub.poll(0):
            topic, body = self.sub.recv_multipart()
            events.append((topic.decode("ascii"), msgpack.unpackb(body)))
        return events


class Topics:
    """Follows all topics below a prefix. `on_event(topic, event)` is told each snapshot's values, and each live event.

    `on_loss()` is told before a snapshot that is not the first: what was said before holds no more, and is told again.
    """

    def __init__(self, client, prefix, on_event, on_loss):
        self.client, self.prefix, self.on_event, self.on_loss = client, prefix, on_event, on_loss
        self.epoch, self.seqs, self.floors, self.is_live, self.nonce = "", {}, {}, False, ""
        self.beat = None  # the seq of the last heartbeat
        client.sub.subscribe("system.heartbeat")
        client.sub.subscribe(prefix)
        self.join()

    def join(self):
        """Subscribe to a marker of our own, then ask for a snapshot that publishes it. What comes meanwhile waits."""
        if self.is_live:
            self.on_loss()
        self.is_live, self.marked, self.snapshot, self.waiting, self.late = False, False, None, [], {}
        self.nonce = secrets.token_hex(8)
        self.client.sub.subscribe(f"sync.{self.nonce}")
        self.ask_snapshot()

    def ask_snapshot(self):
        self.snapshot = None  # the marker says what we heard since then: an older snapshot does not fit to it
        self.asked = self.client.send("snapshot", {"prefix": self.prefix, "nonce": self.nonce}, 5.0)
        self.due = float("inf")

    def step(self, events):
        """Take what a turn of the client brought."""
        for topic, event in events:
            if topic == f"sync.{self.nonce}":
                self.marked = True
            elif topic == "system.heartbeat":
                self.on_heartbeat(event)
            elif topic.startswith(self.prefix) and not self.is_live:
                self.waiting.append((topic, event))
            elif topic.startswith(self.prefix):
                self.take(topic, event)
        if self.asked in self.client.replies:
            self.on_reply(self.client.replies.pop(self.asked))
        if not self.is_live and self.snapshot is not None and self.is_complete():
            self.go_live()
        if time.monotonic() >= self.due:
            self.on_timer()

    def on_heartbeat(self, event):
        """One each second. A hole means that our socket was connected anew: what was published meanwhile is lost."""
        is_hole = self.beat is not None and event["seq"] != self.beat + 1
        if self.is_live and (is_hole or self.is_other_epoch(event["epoch"])):
            self.join()
        self.beat = event["seq"]

    def is_complete(self):
        """Whether we have heard all that is newer than the snapshot: only the marker tells."""
        return self.marked

    def on_reply(self, reply):
        result = reply["result"] if reply and reply["ok"] else None
        if result is None:
            self.due = time.monotonic() + MARKER
        elif self.is_live:
            self.compare(result)
        else:
            self.snapshot, self.due = result, time.monotonic() + MARKER

    def on_timer(self):
        if not self.is_live:
            self.ask_snapshot()
        elif any(seq > self.last(topic) for topic, seq in self.late.items()):
            self.join()  # the last event of a topic was lost
        else:
            self.late = {}
            self.asked, self.due = self.client.send("sequences", {"prefix": self.prefix}, 5.0), float("inf")

    def compare(self, result):
        """The bridge's numbers against ours; an event that we lack may still be on its way."""
        if self.is_other_epoch(result["epoch"]) or result["floors"] != self.floors:
            self.join()
            return
        self.late = {topic: seq for topic, seq in result["sequences"].items() if seq > self.last(topic)}
        self.due = time.monotonic() + (ON_ITS_WAY if self.late else COMPARE)

    def go_live(self):
        """Tell the snapshot, then what waited and is newer."""
        snapshot, waiting = self.snapshot, self.waiting
        self.client.sub.unsubscribe(f"sync.{self.nonce}")
        self.epoch, self.seqs, self.floors = snapshot["epoch"], dict(snapshot["sequences"]), snapshot["floors"]
        self.is_live, self.waiting, self.due = True, [], time.monotonic() + COMPARE
        for event in snapshot["events"]:
            self.on_event(event["topic"], event)
        for gap in snapshot["gaps"]:
            self.on_event(f"{gap['topic']}stale", {"event": "stale", "data": gap})
        for topic, event in waiting:
            if event["epoch"] == self.epoch and topic.startswith(self.prefix):
                self.take(topic, event)

    def take(self, topic, event):
        """A live event. Its number must be the next one: a lower one is known, a higher one means a loss."""
        if not self.is_live:  # a hole that was found a moment ago
            self.waiting.append((topic, event))
        elif self.is_other_epoch(event["epoch"]) or event["seq"] > self.last(topic) + 1:
            self.join()
            self.waiting.append((topic, event))
        elif event["seq"] == self.last(topic) + 1:
            self.seqs[topic] = event["seq"]
            self.on_event(topic, event)

    def is_other_epoch(self, epoch):
        """Whether the bridge was started anew: its numbers began again."""
        return epoch != self.epoch

    def last(self, topic):
        """The number of the topic's last event: of one that the snapshot does not have, its floor."""
        return self.seqs.get(topic, self.floors.get(topic.partition(".")[0], 0))


class Orders:
    """Follows the order log of this client. `on_event(event)` gets each event once, however often anything restarts.

    `state` is a map that `on_event` changes; it is stored in `file` in one step with the position in the log.
    """

    def __init__(self, client, file, state, on_event, on_gap):
        self.client, self.file, self.on_event, self.on_gap = client, Path(file), on_event, on_gap
        self.prefix = f"order.{client.name}."
        stored = json.loads(self.file.read_text()) if self.file.exists() else {"log": "", "n": 0, "state": state}
        self.log, self.n, self.state = stored["log"], stored["n"], stored["state"]
        self.epoch = None
        client.sub.subscribe(self.prefix)
        self.read_on()

    def read_on(self):
        """Ask for what comes behind our position."""
        self.asked = self.client.send("orderLog", {"after": self.n, "limit": PAGE}, 5.0)

    def step(self, events):
        for topic, event in events:
            if self.asked is not None or not topic.startswith(self.prefix):
                continue  # while we read the log, all that is published is in it
            if topic == f"{self.prefix}head":
                if (event["data"]["log"], event["data"]["head"]) != (self.log, self.n):
                    self.read_on()
            elif self.is_next(event):
                self.take(event)
            elif event.get("n", 0) > self.n:
                self.read_on()
        if self.asked in self.client.replies:
            self.on_reply(self.client.replies.pop(self.asked))

    def is_next(self, event):
        return event.get("n") == self.n + 1 and event["epoch"] == self.epoch  # another bridge may have another log

    def on_reply(self, reply):
        self.asked = None
        if not reply or not reply["ok"]:
            return  # the next head asks again
        result = reply["result"]
        if self.log and result["log"] != self.log:
            self.on_gap()  # the log that we know is lost: read the other one from its beginning
            self.log, self.n = result["log"], 0
            self.read_on()
            return
        if self.n > result["head"]:
            self.on_gap()  # the log was set back: what comes behind its head is new
            self.n = result["head"]
        self.log, self.epoch = result["log"], result["epoch"]
        for event in result["events"]:
            if event["n"] > self.n:
                self.take(event)
        if self.n < result["head"]:
            self.read_on()

    def take(self, event):
        """Apply the event, and store what it changed together with its number: both, or neither, survive a kill."""
        self.on_event(self.state, event)
        self.n = event["n"]
        self.store()

    def store(self):
        new = self.file.with_suffix(".new")
        with new.open("w") as file:
            json.dump({"log": self.log, "n": self.n, "state": self.state}, file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.file)


def place(client, params, on_state):
    """Place an order, and see it through until it is known how it stands. The key is chosen once, and kept.

    It can be asked again at any time, also by a later run: the bridge knows the key.
    """
    while True:
        reply = client.ask("placeOrder", params)
        code = None if reply["ok"] else reply["error"]["code"]
        if reply["ok"] and reply["result"]["state"] not in ("unknown", "queued", "sent"):
            on_state(reply["result"]["state"])
            return
        if code in ("notConnected", "notTradable", "noResponse", "connectionLost", "ledgerFailed", "noBridge", None):
            pause(client, 1.0)  # never under another key: the order may live
        else:
            on_state("rejected" if code == "rejectedByTws" else code)
            return


def pause(client, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        client.turn()
