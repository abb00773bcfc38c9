"""The tables of the ledger, and the migrations of older files. SQL only.

`PRAGMA user_version` is the number of the last migration that was applied to a file.
"""

from __future__ import annotations

#: The migrations, in order. The first one makes the tables. A released migration must not change.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE orders (
        order_id INTEGER PRIMARY KEY,
        owner TEXT NOT NULL,
        key TEXT NOT NULL,
        digest TEXT NOT NULL,
        instance TEXT,
        perm_id TEXT,
        tag TEXT NOT NULL,
        order_ref TEXT,
        parent TEXT,
        oca_group TEXT,
        contract TEXT NOT NULL,
        "order" TEXT NOT NULL,
        revision INTEGER NOT NULL,
        change TEXT,
        change_digest TEXT,
        change_verdict TEXT,
        state TEXT NOT NULL,
        status TEXT,
        filled TEXT NOT NULL,
        verdict TEXT
    );
    CREATE UNIQUE INDEX one_order_per_key ON orders (owner, key) WHERE state NOT IN ('abandoned', 'unsent');
    CREATE TABLE log (
        owner TEXT NOT NULL,
        n INTEGER NOT NULL,
        ts INTEGER NOT NULL,
        topic TEXT NOT NULL,
        event TEXT NOT NULL,
        data TEXT NOT NULL,
        order_id INTEGER NOT NULL,
        exec_id TEXT,
        shares TEXT,
        PRIMARY KEY (owner, n)
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX one_number_per_report ON log (owner, event, exec_id) WHERE exec_id IS NOT NULL;
    CREATE TABLE once (
        owner TEXT NOT NULL,
        key TEXT NOT NULL,
        method TEXT NOT NULL,
        digest TEXT NOT NULL,
        outcome TEXT,
        PRIMARY KEY (owner, key)
    ) WITHOUT ROWID;
    """,
    """
    ALTER TABLE orders ADD COLUMN parent_id INTEGER;
    ALTER TABLE orders ADD COLUMN before TEXT;
    """,
    # The bridge reads these columns of the log at a start. With the index it need not read the events.
    """
    CREATE INDEX reports ON log (owner, n, event, order_id, exec_id, shares) WHERE exec_id IS NOT NULL;
    """,
    # When the order was placed, whether TWS has reported it, and which fills are final. A change ends with its order.
    """
    ALTER TABLE orders ADD COLUMN placed_at INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE orders ADD COLUMN placed_day TEXT;
    ALTER TABLE orders ADD COLUMN heard INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE orders ADD COLUMN final_filled TEXT;
    ALTER TABLE orders ADD COLUMN reason TEXT;
    ALTER TABLE orders ADD COLUMN position TEXT;
    ALTER TABLE log ADD COLUMN replayed INTEGER NOT NULL DEFAULT 0;
    UPDATE orders SET heard = perm_id IS NOT NULL OR status IS NOT NULL;
    UPDATE orders SET change = 'orderEnded'
        WHERE change IN ('sent', 'unknown') AND state IN ('filled', 'cancelled', 'rejected', 'abandoned');
    """,
    # The streams that clients hold, so that they survive a restart of the bridge.
    """
    CREATE TABLE holds (
        client TEXT NOT NULL,
        method TEXT NOT NULL,
        stream TEXT NOT NULL,
        params TEXT NOT NULL,
        PRIMARY KEY (client, method, stream)
    ) WITHOUT ROWID;
    """,
    # The bridge reads orders one at a time now, and at a start only those that have not ended. `reports` is replaced.
    """
    DROP INDEX reports;
    CREATE INDEX orders_not_ended ON orders (order_id)
        WHERE state NOT IN ('filled', 'cancelled', 'rejected', 'abandoned', 'unsent');
    CREATE INDEX orders_unsure ON orders (placed_day)
        WHERE state IN ('filled', 'cancelled') AND final_filled IS NULL AND placed_day IS NOT NULL;
    CREATE INDEX orders_by_day ON orders (placed_day, filled) WHERE placed_day IS NOT NULL;
    CREATE INDEX orders_by_perm ON orders (perm_id) WHERE perm_id IS NOT NULL;
    CREATE INDEX orders_abandoned ON orders (owner, key) WHERE state = 'abandoned';
    CREATE INDEX reports_of_order ON log (order_id, event, exec_id, shares) WHERE exec_id IS NOT NULL;
    CREATE INDEX reports_with ON log (exec_id, event, order_id) WHERE exec_id IS NOT NULL;
    """,
)
