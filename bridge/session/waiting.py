"""Requests that wait until TWS is ready for them, in the order in which they came."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from bridge.session.asks import Ask, Refused
from bridge.session.values import Data
from bridge.session.vocabulary import RequestPlan


class Waiting(NamedTuple):
    plan: RequestPlan
    ask: Ask
    params: Data


class WaitingRoom:
    """`most`: how many may wait."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting: list[Waiting] = []

    def enter(self, waiting: Waiting, state: str) -> None:
        """Wait; raise Refused where too many do. `state`: of the connection, for the words of the refusal."""
        if len(self._waiting) >= self._most:
            raise Refused("notConnected", f"not connected to TWS ({state}), and too many requests wait")
        self._waiting.append(waiting)

    def call(self, is_called: Callable[[Waiting], bool] = lambda _waiting: True) -> list[Waiting]:
        """Those that are called wait no longer."""
        called: list[Waiting] = []
        staying: list[Waiting] = []
        for waiting in self._waiting:
            (called if is_called(waiting) else staying).append(waiting)
        self._waiting = staying
        return called
