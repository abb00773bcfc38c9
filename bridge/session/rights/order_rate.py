"""How many orders and changes each client has sent in the last minute. Knows no order, and time as it is handed in."""

from __future__ import annotations

from collections import deque

from bridge.session.rights.limits import refusal
from bridge.session.values import Instant

#: Seconds over which the rate of orders is counted.
_WINDOW = 60.0


class OrderRate:
    def __init__(self) -> None:
        self._sent: dict[str, deque[float]] = {}

    def count(self, client: str, number: int, most: int | None, now: Instant) -> None:
        """Count `number` orders that leave together, up to `most` in a minute; what is refused does not count."""
        if most is None:
            return
        sent = self._sent.setdefault(client, deque())
        while sent and sent[0] <= now.clock - _WINDOW:
            sent.popleft()
        if len(sent) + number > most:
            raise _refused(sent, number, most, now)
        sent.extend([now.clock] * number)


def _refused(sent: deque[float], number: int, most: int, now: Instant) -> Exception:
    rule = "max_orders_per_minute"
    if number > most:
        return refusal(rule, f"{number} orders at once are more than {most} in a minute", limit=most, asked=number)
    wait = round(sent[len(sent) + number - most - 1] + _WINDOW - now.clock, 3)
    told = f"{len(sent)} orders and changes were sent in the last minute"
    free = "the next is" if number == 1 else f"the next {number} are"
    return refusal(rule, f"{told}; {free} free in {wait:g} s", limit=most, wait=wait)
