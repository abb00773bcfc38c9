"""Each start of the bridge has an epoch of its own, so that clients see that numbers begin anew."""

from __future__ import annotations

import zmq

from bridge.bus.sockets import Bus
from bridge.ledger.worker import Ledger
from bridge.service import Service
from bridge.session.topic_store import TopicStore
from bridge.settings import load
from tws_bridge_client.wire import unpack as unpack_event


def test_each_start_has_an_epoch_of_its_own(tmp_path):
    topic_store = TopicStore()
    topic_store.publish(topic_store.topic("system.", "heartbeat", None), {}, 1)
    (publication,) = topic_store.drain()
    epochs = set()
    for _ in range(2):
        context = zmq.Context()
        bus = Bus(context, "tcp://127.0.0.1:*", "tcp://127.0.0.1:*", queue=10)
        ledger = Ledger(tmp_path / "ledger.sqlite", 1)
        service = Service(load({"state": str(tmp_path)}), bus, ledger)
        epochs.add(unpack_event(service._envelopes.pack(publication)[1])["epoch"])
        ledger.close()
        bus.close()
        context.destroy(linger=0)
    assert len(epochs) == 2
