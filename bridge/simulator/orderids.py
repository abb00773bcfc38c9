"""The order ids that clients have used, and which each may use next.

Knows no orders.
"""

from collections.abc import Iterable

from bridge.simulator.kept import Changes, Numbers


class OrderIds:
    """One count for each client."""

    def __init__(self, changed: Changes) -> None:
        """Nobody has used any."""
        self._changed = changed
        self._next: dict[int, int] = {}
        self._forgotten: dict[int, int] = {}

    def next_valid(self, client_id: int) -> int:
        """An id above every one that this client has used, as far as is remembered."""
        return self._next.get(client_id, 1)

    def use(self, client_id: int, order_id: int) -> None:
        """The count goes on above this one; what is kept also stays above those that were forgotten."""
        if order_id >= self.next_valid(client_id):
            self._next[client_id] = order_id + 1
            self._changed.numbers(client_id, max(order_id + 1, self._forgotten.get(client_id, 1)))

    def forget(self) -> None:
        """All clients count from 1 again; what is kept does not."""
        for client_id, next_id in self._next.items():
            self._forgotten[client_id] = max(next_id, self._forgotten.get(client_id, 1))
        self._next = {}

    def recall(self, numbers: Iterable[Numbers], *, forget: bool) -> None:
        """Goes on from what was kept, or has forgotten it."""
        found = {each.client_id: each.next_id for each in numbers}
        self._next, self._forgotten = ({}, found) if forget else (found, {})
