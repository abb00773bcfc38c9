"""The files of the state folder beside the ledger: an admin's halt, and the runs of clients.

Both hold in memory at once. The shell writes the files in a thread of its own, so a disk that hangs delays only the
answers to `halt`, `resume` and `hello`, and these at most for `PATIENCE`. While a file is not on disk, the bridge
writes it again each second, and the verdict says what a restart would forget.
"""

from __future__ import annotations

from collections.abc import Callable

from bridge.session.effects import Effect, PersistHalt, PersistInstances
from bridge.session.outbox import Outbox
from bridge.session.rights.fences import Fences
from bridge.session.rights.pre_trade_checks import KillSwitch
from bridge.session.values import Data, Instant

#: Called with None when the file is on disk, else with the reason why it is not.
Stored = Callable[[str | None], object]
#: Seconds that the disk has. Then the bridge answers that the file is not stored.
PATIENCE = 2.0
#: Seconds until the bridge writes a file again that could not be written.
RETRY = 1.0


class StateFile:
    """One file. `write` makes the effect that writes the newest content. `loss` says what a restart would forget."""

    def __init__(self, outbox: Outbox, what: str, loss: Callable[[], str], write: Callable[[], Effect]) -> None:
        self._outbox = outbox
        self._what = what
        self._loss = loss
        self._write = write
        #: Numbers of contents: the newest, the one on disk, the one being written, and the newest that is not in time.
        self._newest = 0
        self._stored = 0
        self._writing: int | None = None
        self._failed = 0
        self._is_retrying = False
        self._waiting: list[tuple[int, Stored]] = []
        self._failure: str | None = None

    @property
    def failure(self) -> str | None:
        """What a restart would forget, and why; None if the disk has the newest content or still has time for it."""
        return None if self._failure is None else f"{self._loss()}: {self._failure}"

    def change(self, now: Instant) -> None:
        """The content is new: write it, after the write that is under way."""
        self._newest += 1
        number = self._newest
        self._outbox.timers.at(now.clock + PATIENCE, lambda _now: self._late(number))
        self._begin()

    def when_stored(self, then: Stored) -> None:
        """Call `then` when the newest content is on disk, or when it cannot be, or not in time."""
        if self._stored == self._newest:
            then(None)
        elif self._failed == self._newest:
            then(self.failure)
        else:
            self._waiting.append((self._newest, then))

    def on_written(self, reason: str | None, now: Instant) -> None:
        """The write has ended. `reason`: why it failed, or None."""
        number, self._writing = self._writing, None
        assert number is not None
        if reason is None:
            self._stored = number
            self._settle(number, None)
            if number == self._newest and self._failure is not None:
                self._failure = None
                self._outbox.log("stored", what=self._what)
        else:
            self._fail(number, reason)
        if number != self._newest:
            self._begin()
        elif reason is not None and not self._is_retrying:
            self._is_retrying = True
            self._outbox.timers.at(now.clock + RETRY, lambda _now: self._retry())

    def _retry(self) -> None:
        self._is_retrying = False
        self._begin()

    def _begin(self) -> None:
        if self._writing is None and self._stored != self._newest:
            self._writing = self._newest
            self._outbox.add(self._write())

    def _late(self, number: int) -> None:
        if self._stored < number and self._failed < number:
            self._fail(number, f"the disk has not answered for {PATIENCE:g} s")

    def _fail(self, number: int, reason: str) -> None:
        if self._failure is None:
            self._outbox.log("notStored", what=f"{self._what}; {self._loss()}", reason=reason)
        self._failure, self._failed = reason, max(self._failed, number)
        self._settle(number, self.failure)

    def _settle(self, number: int, failure: str | None) -> None:
        settled = [then for asked, then in self._waiting if asked <= number]
        self._waiting = [waiting for waiting in self._waiting if waiting[0] > number]
        for then in settled:
            then(failure)


class StateFiles:
    """The two files."""

    def __init__(self, outbox: Outbox, kill_switch: KillSwitch, fences: Fences) -> None:
        def forgotten_halt() -> str:
            if "admin" in kill_switch.reasons:
                return "a restart of the bridge would forget that an admin has halted trading"
            return "a restart of the bridge would halt trading again, although an admin has resumed it"

        self.halt = StateFile(
            outbox,
            "whether an admin has halted trading",
            forgotten_halt,
            lambda: PersistHalt(kill_switch.reasons.get("admin")),
        )
        self.instances = StateFile(
            outbox,
            "the runs of clients",
            lambda: "a restart of the bridge would not fence older runs of clients",
            lambda: PersistInstances(fences.as_data()),
        )
        self._by_method = {"halt": self.halt, "resume": self.halt, "hello": self.instances}

    def of(self, method: str) -> StateFile | None:
        """The file that must be on disk before the bridge answers the method, or None."""
        return self._by_method.get(method)

    @property
    def failure(self) -> str | None:
        """What a restart would forget, and why; None if the disk has all."""
        return "; ".join(filter(None, (self.halt.failure, self.instances.failure))) or None


def as_data(failure: str | None) -> Data:
    """`stored`, and why not, as in replies."""
    return {"stored": True} if failure is None else {"stored": False, "notStored": failure}
