"""Scenarios of requests: ids, lost requests, and orders whose fate is not known."""

from __future__ import annotations

import json
from time import time_ns

from bridge.conformance.duties import Duty, Wrong
from bridge.conformance.orderlog import CONTRACT
from bridge.conformance.scenario import Scenarios
from bridge.conformance.scripted import ok
from bridge.conformance.trial import SOON, START, Trial
from bridge.session.requests import MOST_SECONDS, failure
from bridge.session.values import Data

scenarios = Scenarios()
#: Seconds for a client to send again what got no reply, or what was refused for now.
AGAIN = 15.0
_KEY = "k1"
_ORDER: Data = {"action": "BUY", "totalQuantity": "100", "orderType": "LMT", "lmtPrice": 187.25, "tif": "DAY"}
_FACTS: Data = {"orderKey": _KEY, "orderId": 12}
ACKNOWLEDGED = ok("order", {**_FACTS, "state": "acknowledged", "status": "Submitted", "permId": "1840736113"})
UNKNOWN = ok("order", {**_FACTS, "state": "unknown", "reason": "TWS has not spoken of it"})
NOT_TRADABLE = failure("notTradable", "orders may not leave now", data={**_FACTS, "state": "unsent"})
NOT_CONNECTED = failure("notConnected", "not connected to TWS")
NO_RESPONSE = failure("noResponse", "TWS has not answered within 10 s", data={**_FACTS, "state": "unknown"})
REJECTED = failure("rejectedByTws", "Order rejected - reason: too large", 201, {**_FACTS, "state": "rejected"})


@scenarios.add("ask")
def no_answer(trial: Trial) -> None:
    """A request gets no reply: it, or the reply, was lost. It is sent again under its id, so that it runs once."""
    trial.bridge.answers["reqCurrentTime"] = lambda _params: ok("event", {"currentTime": 1000})
    trial.held.add("reqCurrentTime")
    trial.start("ask", "reqCurrentTime", "{}")
    first = trial.request("reqCurrentTime", 1, START, Duty.SAME_ID, "has not asked")
    trial.held.clear()
    what = "does not send a request again that got no reply"
    second = trial.request("reqCurrentTime", 2, AGAIN, Duty.SAME_ID, what)
    if second.ask.id != first.ask.id:
        raise Wrong(Duty.SAME_ID, "sends a request without a reply again under another id: it would run twice")
    told = [{"currentTime": 1000}]
    trial.wait(lambda: trial.beliefs.answers == told, SOON, Duty.SAME_ID, "got the answer, and does not say it")


@scenarios.add("ask")
def new_ids_after_restart(trial: Trial) -> None:
    """The client is started again and asks the same: under an id of its former run it would get the former answer."""
    times = iter((1000, 2000))
    trial.bridge.answers["reqCurrentTime"] = lambda _params: ok("event", {"currentTime": next(times)})
    for run, time in enumerate((1000, 2000), 1):
        trial.start("ask", "reqCurrentTime", "{}")
        trial.wait(lambda: bool(trial.beliefs.answers), START, Duty.NEW_ID, f"says no answer in its run {run}")
        trial.kill()
        told, trial.beliefs.answers = trial.beliefs.answers, []
        if told != [{"currentTime": time}]:
            what = f"asked in its second run under an id of its first, and got the stored answer {told[0]}"
            raise Wrong(Duty.NEW_ID, what)


@scenarios.add("place")
def order_expires(trial: Trial) -> None:
    """An order gets no reply, and comes again: both say the same time after which the bridge must not place it."""
    trial.held.add("placeOrder")
    place(trial, ACKNOWLEDGED)
    first = trial.requests_for("placeOrder")[0]
    if first.ask.expires is None:
        raise Wrong(Duty.EXPIRES, "places an order without expires: the bridge would place it however late it arrives")
    left = (first.ask.expires - time_ns()) / 1e9
    if not 0 < left <= MOST_SECONDS:
        raise Wrong(Duty.SAME_EXPIRES, f"places an order whose expires is in {left:g} s: it does not wait so long")
    trial.held.clear()
    again = trial.request("placeOrder", 2, AGAIN, Duty.SAME_ID, "does not send an order again that got no reply")
    if again.ask.id == first.ask.id and again.ask.expires != first.ask.expires:
        raise Wrong(Duty.SAME_EXPIRES, "sends an order again with a later expires than before")
    ends_as(trial, "acknowledged")


@scenarios.add("place")
def retry_when_not_sent(trial: Trial) -> None:
    """The order could not leave, twice: the client tries again under the same key, with new ids."""
    place(trial, NOT_TRADABLE, NOT_CONNECTED, ACKNOWLEDGED)
    for number in (2, 3):
        what = f"does not place the order again after {'notTradable' if number == 2 else 'notConnected'}"
        under_same_key(trial, number, Duty.SAME_KEY, what, Duty.SAME_KEY)
    ends_as(trial, "acknowledged")


@scenarios.add("place")
def no_response(trial: Trial) -> None:
    """TWS sends nothing about the order, so it may be working. The client asks again with the key until it knows."""
    place(trial, NO_RESPONSE, UNKNOWN, ACKNOWLEDGED)
    for number in (2, 3):
        what = f"does not ask again for an order {'after noResponse' if number == 2 else 'that is unknown'}"
        under_same_key(trial, number, Duty.UNKNOWN_ORDER, what, Duty.ASK_AGAIN)
    ends_as(trial, "acknowledged")


@scenarios.add("place")
def rejected(trial: Trial) -> None:
    """TWS refuses the order: to send it again is of no use, and under a new key it would be another order."""
    place(trial, REJECTED)
    ends_as(trial, "rejected")
    trial.rest(2.0)
    if len(trial.requests_for("placeOrder")) > 1:
        raise Wrong(Duty.REFUSED, "places an order again that TWS has rejected")


def place(trial: Trial, *outcomes: Data) -> None:
    """Start the client, to place an order; each request for it that is new has the next of these outcomes."""
    left = list(outcomes)
    trial.bridge.answers["placeOrder"] = lambda _params: left.pop(0) if len(left) > 1 else left[0]
    trial.bridge.answers["awaitOrder"] = lambda _params: ok("order", {**UNKNOWN["result"], "reached": False})
    trial.start("place", json.dumps({"orderKey": _KEY, "contract": CONTRACT, "order": _ORDER}))
    trial.request("placeOrder", 1, START, Duty.REQUEST, "has not placed the order")


def under_same_key(trial: Trial, number: int, duty: Duty, what: str, again: Duty) -> None:
    """The try of this number comes (duty `again`), with the same key and the same content (`duty`) and a new id."""
    later = trial.request("placeOrder", number, AGAIN, again, what)
    tries = trial.requests_for("placeOrder")
    key = later.params.get("orderKey", later.ask.id)
    if key != _KEY:
        raise Wrong(duty, f"places the order again under another key, {key}: there may be two orders now")
    if later.ask.digest != tries[0].ask.digest:
        raise Wrong(duty, "places the order again with other content under its key: the bridge answers keyConflict")
    if later.ask.id in [before.ask.id for before in tries[: number - 1]]:
        raise Wrong(
            Duty.ANOTHER_ANSWER,
            "asks again under the same id: it gets the stored answer, and not how the order stands now",
        )


def ends_as(trial: Trial, state: str) -> None:
    told = {"orderKey": _KEY, "state": state}
    trial.wait(lambda: told in trial.beliefs.orders, SOON, Duty.ADAPTER, f"does not say that the order is {state}")
