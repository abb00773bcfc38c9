"""The cache file: answers of TWS that the bridge need not ask for again, in SQLite, on a thread of its own.

Nothing depends on it: a cache that is lost, damaged or slow costs requests to TWS, and nothing else. So it is separate
from the ledger, and is not flushed to disk at each commit.
"""

from bridge.cache.store import CacheStore
from bridge.cache.worker import Cache, CacheFacts, CacheOutcome, CacheRead

__all__ = ["Cache", "CacheFacts", "CacheOutcome", "CacheRead", "CacheStore"]
