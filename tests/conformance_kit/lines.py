"""What both adapters of the package's client share: events of its feeds as the lines of `tws-bridge conform`."""

from __future__ import annotations

import json

#: States and errors after which an order is asked for again under its key.
IN_DOUBT = ("queued", "sent", "unknown")
NOT_SENT = ("notConnected", "notTradable", "noBridge")


def say(**line):
    print(json.dumps(line), flush=True)


class Market:
    """Says what each event of an instrument changes."""

    epoch = None

    def take(self, event):
        """Whether events were lost: then the stream is asked for again."""
        # What was known before a new start of the bridge does not hold; after other losses the feed says what changed.
        if self.epoch not in (None, event.envelope["epoch"]):
            say(forget=event.topic)
        self.epoch = event.envelope["epoch"]
        if event.envelope["event"] in ("stale", "fresh"):
            say(**{event.envelope["event"]: event.data["topic"]})
        elif event.envelope["event"] == "tickPrice":
            kind, price = event.data["tickType"], event.data["price"]
            say(quote={"topic": event.topic, "tickType": kind, "price": price, "stale": event.is_stale})
        return event.origin == "gap"


class Total:
    """The shares of all fills, stored together with the position in the order log: both, or neither."""

    def __init__(self, folder):
        self.file = folder / "total.json"
        stored = json.loads(self.file.read_text()) if self.file.exists() else {"position": None, "fills": {}}
        self.position, self.fills = stored["position"], stored["fills"]
        self.say()

    def take(self, event):
        if event.event in ("gap", "orderGap"):
            say(gap=event.data)
        if event.event == "execDetails":
            execution = event.data["execution"]
            self.fills[execution["execId"]] = int(execution["shares"])
        self.position = list(event.position)
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps({"position": self.position, "fills": self.fills}))
        new.replace(self.file)
        if event.event == "execDetails":
            self.say()

    def say(self):
        say(filled=str(sum(self.fills.values())))
