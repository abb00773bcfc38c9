"""A real bridge whose disk takes no more: orders are refused, cancels pass, and with room again nothing is doubled."""

from __future__ import annotations

import time

from bridge.simulator import simulator_process
from tests.chaos.world import AAPL, FAR, Book, attempt, bridge, insist_on_order

LIMIT = 400_000
SETTLED = ("acknowledged", "cancelled", "rejected", "inactive")


def place(client, key):
    return attempt(client, "placeOrder", {"orderKey": key, "contract": AAPL, "order": FAR}, 10.0)


def test_orders_are_refused_cancels_pass_and_nothing_is_doubled(tmp_path):
    with simulator_process(ticks_per_second=10) as simulator, Book(simulator.address) as book:
        keys = []
        with bridge(simulator.address, tmp_path, file_limit=LIMIT) as running, running.client("alice") as client:
            while (told := place(client, f"k{len(keys)}")).get("code") != "ledgerFailed":
                assert told.get("state") in ("acknowledged", "rejected", "unknown"), told
                keys.append(f"k{len(keys)}")
                assert len(keys) < 500, "the disk was never full"
            refused = f"k{len(keys)}"
            assert keys, "not even one order could be written"
            assert book.of("alice", refused) == []
            # The cancel leaves; what TWS says of it is told when it can be written, which a small record still can.
            told = attempt(client, "cancelOrder", {"orderKey": keys[0]})
            assert told.get("code") == "noResponse" or told["status"] in ("PendingCancel", "Cancelled"), told
            time.sleep(0.2)
            assert book.of("alice", keys[0])[0]["status"] == "Cancelled"
        assert running.logs("cannot write the ledger")
        with bridge(simulator.address, tmp_path) as running, running.client("alice") as client:
            for key in keys:
                deadline = time.monotonic() + 30
                while (told := place(client, key)).get("state") not in SETTLED:
                    assert time.monotonic() < deadline, told
                    time.sleep(0.2)
            attempt(client, "cancelMine", {})
            insist_on_order(client, refused)
            counts = [len(book.of("alice", key)) for key in (*keys, refused)]
            assert counts == [1] * len(counts)
