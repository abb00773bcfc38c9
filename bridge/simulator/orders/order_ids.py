"""The next order id of each client. This module knows no orders."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NextOrderId:
    """The persisted next order id of one client."""

    client_id: int
    next_id: int
    """Greater than every order id that the client has used."""


class OrderIds:
    """Counts order ids, separately for each client."""

    def __init__(self, changed: Callable[[int, int], None]) -> None:
        """Start without used ids. `changed(client_id, next_id)` is called for each id to persist."""
        self._changed = changed
        self._next: dict[int, int] = {}
        self._forgotten: dict[int, int] = {}

    def next_valid(self, client_id: int) -> int:
        """Return an id greater than every id that the client has used since the last `forget`."""
        return self._next.get(client_id, 1)

    def use(self, client_id: int, order_id: int) -> None:
        """Count an id as used. The persisted next id also stays above all ids from before `forget`."""
        if order_id >= self.next_valid(client_id):
            self._next[client_id] = order_id + 1
            self._changed(client_id, max(order_id + 1, self._forgotten.get(client_id, 1)))

    def forget(self) -> None:
        """Restart the ids of all clients at 1. The persisted next ids do not change."""
        for client_id, next_id in self._next.items():
            self._forgotten[client_id] = max(next_id, self._forgotten.get(client_id, 1))
        self._next = {}

    def restore(self, persisted: Iterable[NextOrderId], *, forget: bool) -> None:
        """Continue from the persisted ids; with `forget`, restart the ids of all clients at 1 instead."""
        found = {each.client_id: each.next_id for each in persisted}
        self._next, self._forgotten = ({}, found) if forget else (found, {})
