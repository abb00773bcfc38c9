"""A TCP connection between the bridge and TWS: bytes that come late, in pieces, not at all, or to an end amid a frame.

It is *dark* while nothing arrives in either direction and neither end hears of it, as behind a dead router. A frozen
TWS reads nothing, and what the kernel does not take waits with the bridge.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.simulation.clock import Clock

#: Seconds after which an end that the network has hidden is noticed, where TCP asks at all.
KEEPALIVE = (10.0, 200.0)


@dataclass(frozen=True)
class Manner:
    """`slow`: most seconds that bytes take. `tears`: they come in pieces."""

    slow: float
    tears: bool


class Pipe:
    """One direction. `deliver` takes what arrives; `taken`, `unsent` count bytes as the writer's kernel does."""

    def __init__(self, clock: Clock, dice: Random, manner: Manner) -> None:
        self._clock = clock
        self._dice = dice
        self._manner = manner
        self.deliver: Callable[[bytes], None] = lambda _data: None
        self._due = 0.0
        self._held: list[bytes] = []
        self._window = 0
        self.written = 0
        self.is_stalled = False
        self.is_open = True

    @property
    def unsent(self) -> int:
        return max(0, sum(map(len, self._held)) - self._window) if self._held else 0

    def write(self, data: bytes) -> None:
        if not self.is_open:
            return
        self.written += len(data)
        pieces = [data]
        if self._manner.tears and len(data) > 1 and self._dice.random() < 0.2:
            at = self._dice.randrange(1, len(data))
            pieces = [data[:at], data[at:]]
        for piece in pieces:
            delay = self._dice.random() * self._manner.slow if self._manner.slow else 0.0005
            self._due = max(self._due, self._clock.now + delay)
            self._clock.at(self._due, self._arrive, piece)

    def _arrive(self, piece: bytes) -> None:
        if not self.is_open:
            return
        if self.is_stalled:
            self._held.append(piece)
        else:
            self.deliver(piece)

    def stall(self) -> None:
        self.is_stalled, self._window = True, self._dice.choice((0, 100, 65536))

    def flow(self) -> None:
        """All that waited arrives."""
        self.is_stalled = False
        held, self._held = self._held, []
        for piece in held:
            if self.is_open:
                self.deliver(piece)

    def end(self) -> None:
        """What is on its way arrives by chance, up to some byte; what waited in a kernel does not."""
        if self.is_open and not self.is_stalled and self._due > self._clock.now and self._dice.random() < 0.5:
            self._clock.at(self._due, self._close)
        else:
            self._close()

    def _close(self) -> None:
        self.is_open = False
        self._held.clear()


class Tcp:
    """One connection. The bridge's end and TWS's are told once that it is over; who ends it is not told."""

    def __init__(self, clock: Clock, dice: Random, manner: Manner) -> None:
        self._clock = clock
        self._dice = dice
        self.to_tws = Pipe(clock, dice, manner)
        self.to_bridge = Pipe(clock, dice, manner)
        self.bridge_loses: Callable[[str], None] = lambda _reason: None
        self.tws_loses: Callable[[], None] = lambda: None
        self.is_dark = False

    def darken(self) -> None:
        self.is_dark = True
        self.to_tws.stall()
        self.to_bridge.stall()

    def lighten(self) -> None:
        """The network works again: what waited is sent again."""
        if self.is_dark:
            self.is_dark = False
            self.to_bridge.flow()
            self.to_tws.flow()

    def spoil(self, data: bytes) -> None:
        """Bytes that TWS never sent reach the bridge."""
        self.to_bridge.write(data)

    def end_by_bridge(self) -> None:
        """The bridge has closed it, or died."""
        self.bridge_loses = lambda _reason: None
        hidden, told = self.is_dark, self.tws_loses
        self.to_bridge.is_open = False
        self.to_tws.end()
        delay = self._dice.uniform(*KEEPALIVE) if hidden else self._dice.uniform(0.001, 0.2)
        self._clock.after(delay, told)

    def end_by_tws(self, reason: str = "TWS closed the connection") -> None:
        """TWS has closed it, or died; or the network resets it."""
        told = self.bridge_loses
        self.to_tws.is_open = False
        if self.is_dark:
            return
        cut = self._dice.uniform(0.0, 0.05)
        self._clock.after(cut, self._tell_bridge, told, reason)

    def _tell_bridge(self, told: Callable[[str], None], reason: str) -> None:
        self.to_bridge.is_open = False
        if told is self.bridge_loses:
            self.bridge_loses = lambda _reason: None
            told(reason)

    def reset(self) -> None:
        """The network ends it for both."""
        loses = self.tws_loses
        self.end_by_tws("connection reset")
        loses()
