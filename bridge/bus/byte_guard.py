"""Finds the connections that send more than ZeroMQ should take in from them. It is pure: counters and the time go in.

ZeroMQ has no limit for two things. It keeps all frames of a message until the last one has come, however many there
are. And it takes in all subscriptions that have arrived before the bridge can look at the first. So the guard counts
the bytes that arrive on each connection, with a leaky bucket: what the bridge has read flows out, and a little each
second.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class _Bucket:
    """`level`: the bytes in it. `arrived` and `read`: the counters at the last look; `at`: its time."""

    arrived: int
    read: int
    at: float
    level: float = 0.0


class ByteGuard:
    """`most`: how many bytes the bucket of one connection holds. `a_second`: how many flow out each second."""

    def __init__(self, most: int, a_second: int) -> None:
        self._most = most
        self._a_second = a_second
        self._buckets: dict[int, _Bucket] = {}

    def open(self, descriptor: int, read: int, clock: float) -> None:
        """A new connection has this descriptor. `read`: the counter of what the bridge has read from the descriptor."""
        self._buckets[descriptor] = _Bucket(0, read, clock)

    def close(self, descriptor: int) -> None:
        """The connection has ended."""
        self._buckets.pop(descriptor, None)

    def is_over(self, descriptor: int, arrived: int, read: int, clock: float) -> bool:
        """Return whether the bucket is too full.

        `arrived`: how many bytes have arrived on the connection since it began. `read`: how many bytes the bridge has
        read from this descriptor, of all connections that had it.
        """
        bucket = self._buckets.get(descriptor)
        if bucket is None:
            return False
        news = (arrived - bucket.arrived) - (read - bucket.read) - self._a_second * (clock - bucket.at)
        bucket.level = max(0.0, bucket.level + news)
        bucket.arrived, bucket.read, bucket.at = arrived, read, clock
        return bucket.level > self._most
