"""A strategy that takes each event of its order log, and stores its position together with what it has made of it.

`python -m tests.chaos.strategy NAME REQUESTS EVENTS DATABASE [drown]`: with `drown` it also subscribes to all ticks,
and never reads them. Killed at any time, it goes on where its database ends.
"""

from __future__ import annotations

import sqlite3
import sys

from tws_bridge_client import BridgeClient, LogEvent, LogPosition


class Memory:
    """One transaction for each event: what it means, and that it was taken."""

    def __init__(self, path: str) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("CREATE TABLE IF NOT EXISTS position (one INTEGER PRIMARY KEY, log TEXT, n INTEGER)")
        self._db.execute("CREATE TABLE IF NOT EXISTS taken (event TEXT, exec_id TEXT)")

    def position(self) -> LogPosition | None:
        row = self._db.execute("SELECT log, n FROM position").fetchone()
        return None if row is None else LogPosition(*row)

    def take(self, event: LogEvent) -> None:
        exec_id = event.data.get("execution", {}).get("execId")
        self._db.execute("BEGIN IMMEDIATE")
        self._db.execute("INSERT INTO taken VALUES (?, ?)", (event.event, exec_id))
        self._db.execute("INSERT OR REPLACE INTO position VALUES (1, ?, ?)", event.position)
        self._db.execute("COMMIT")

    def executions(self) -> list[str]:
        rows = self._db.execute("SELECT exec_id FROM taken WHERE event = 'execDetails'")
        return [exec_id for (exec_id,) in rows]

    def gaps(self) -> int:
        (count,) = self._db.execute("SELECT count(*) FROM taken WHERE event = 'orderGap'").fetchone()
        return int(count)


def main(name: str, requests: str, events: str, database: str, *more: str) -> None:
    memory = Memory(database)
    with BridgeClient(name, requests, events) as client:
        flood = client.subscribe("market.") if more else None
        if flood is not None:
            flood.poll(1.0)
        with client.orders(memory.position()) as feed:
            print("follows", flush=True)
            feed.run(memory.take)


if __name__ == "__main__":
    main(*sys.argv[1:])
