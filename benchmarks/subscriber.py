"""Receives events of a prefix and counts them: `python -m benchmarks.subscriber ENDPOINT PREFIX COUNT`."""

from __future__ import annotations

import sys

import zmq


def main(endpoint: str, prefix: str, count: int) -> None:
    """Print `done` when `count` events have arrived."""
    with zmq.Context() as context, context.socket(zmq.SUB) as subscriber:
        subscriber.rcvhwm = 0
        subscriber.connect(endpoint)
        subscriber.subscribe(prefix)
        print("listening", flush=True)
        for _ in range(count):
            subscriber.recv_multipart()
        print("done", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
