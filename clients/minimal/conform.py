"""The small client, said in the lines of `tws-bridge conform`: docs/reference/conformance.md.

tws-bridge conform -- python clients/minimal/conform.py
"""

import json
import os
import sys

import client as small


def say(**line):
    print(json.dumps(line), flush=True)


def tell(topic, event):
    """What an event of an instrument changes in what we believe."""
    data = event["data"]
    if event["event"] == "tickPrice":
        stale = event.get("stale", False)
        say(quote={"topic": topic, "tickType": data["tickType"], "price": data["price"], "stale": stale})
    elif event["event"] in ("stale", "fresh"):
        say(**{event["event"]: data["topic"]})


def add_fill(state, event):
    """The shares by fill: a lost log brings fills again, and a correction differs behind the last dot of its execId."""
    if event["event"] == "execDetails":
        execution = event["data"]["execution"]
        state[execution["execId"].rpartition(".")[0]] = int(execution["shares"])


def watch(client, params, follow=small.Topics):
    while not (reply := client.ask("reqMktData", params))["ok"]:
        small.pause(client, 1.0)
    topic = reply["result"]["topic"]

    def on_loss():
        say(forget=topic)
        client.send("reqMktData", params)  # an `ended` may be lost, too: to ask again for what one holds does no harm

    followed = follow(client, topic, tell, on_loss)
    while True:
        followed.step(client.turn())


def orders(client, follow=small.Orders):
    file = os.path.join(os.environ["TWS_BRIDGE_CLIENT_STATE"], "orders.json")
    followed = follow(client, file, {}, add_fill, lambda: say(gap="the order log"))
    told = None
    while True:
        followed.step(client.turn())
        if (filled := sum(followed.state.values())) != told:
            told = filled
            say(filled=str(told))


def place(client, params):
    small.place(client, params, lambda state: say(order={"orderKey": params["orderKey"], "state": state}))


def ask(client, method, params):
    reply = client.ask(method, params)
    say(**({"answer": reply["result"]} if reply["ok"] else {"error": reply["error"]["code"]}))


def main(task, *words):
    client = small.Client(os.environ["TWS_BRIDGE_REQUESTS"], os.environ["TWS_BRIDGE_EVENTS"])
    if task == "watch":
        watch(client, json.loads(words[0]))
    elif task == "orders":
        orders(client)
    elif task == "place":
        place(client, json.loads(words[0]))
    else:
        ask(client, words[0], json.loads(words[1]))


if __name__ == "__main__":
    main(*sys.argv[1:])
