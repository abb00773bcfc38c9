"""Every step that may come next in a world. Each says who acts, so that a trace reads as a story."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bridge.session.orders.state import HERE
from tests.model import invariants, passes, tws
from tests.model.bridge import Bridge, Memory, Pass, Record
from tests.model.intent import NONE, Second
from tests.model.tws import AT_TWS, QUANTITY
from tests.model.words import Word, words
from tests.model.world import Actor, Broken, Link, Step, World

#: Of these a cancel goes to TWS.
CANCELLABLE = ("sent", "acknowledged", "inactive", "unknown")
#: These an admin may give up without proof.
FORCIBLE = ("unknown", "notFound")


class Steps:
    def __init__(self, bridge: Bridge) -> None:
        self.bridge = bridge

    def after(self, world: World) -> Iterator[Step]:
        if world.second is not NONE:
            yield from self._second(world)
            return
        is_written = world.disk is None or world.memory.record() == world.disk
        yield from self._disk(world)
        yield from self._breaks(world)
        yield from self._client(world)
        yield from self._admin(world)
        if is_written or world.left.is_lazy:
            yield from self._of_tws(world)
            yield from self._words(world)
            yield from self._pass(world)
            yield from self._leaving(world)
            yield from self._time(world)

    # TWS

    def _of_tws(self, world: World) -> Iterator[Step]:
        left = world.left
        for label, after in tws.moves(world.tws, world.link.is_up):
            is_hold = after.at == "inactive" != world.tws.at
            if not is_hold:
                yield Step("tws", f"TWS {label}", world._replace(tws=after))
            elif left.holds:
                yield Step("tws", f"TWS {label}", world._replace(tws=after, left=left.without("holds")))
        for label, after in tws.answers(world.tws):
            yield Step("answer", f"TWS {label}", world._replace(tws=after))
        if left.nights:
            night = world._replace(left=left.without("nights"), is_same_day=False, tws=tws.forget(world.tws))
            yield Step("tws", "a night passes: TWS's lists begin anew", night)
            if world.tws.at in AT_TWS:
                expired = night._replace(tws=night.tws._replace(at="gone"))
                yield Step("tws", "a night passes: TWS's lists begin anew, and the order expires", expired)
        if left.forgets and world.is_same_day and self._would_notice(world):
            anew = world._replace(left=left.without("forgets"), tws=tws.forget(world.tws))
            yield Step("tws", "TWS's lists begin anew within the day", anew)
        if left.returns and world.tws.at == "cancelled" and world.link.is_up:
            alive = world._replace(left=left.without("returns"), tws=tws.returned(world.tws), surprise="unknown")
            yield Step("tws", "TWS has the cancelled order live again", alive)

    @staticmethod
    def _would_notice(world: World) -> bool:
        """Whether the ledger knows of something executed today that the lists will then lack."""
        return world.left.has_witness or (world.disk is not None and world.disk.filled > 0)

    # What the bridge hears

    def _words(self, world: World) -> Iterator[Step]:
        for word in words(world.tws.said):
            for name in ("openOrder", "orderStatus") if word.kind == "status" else ("",):
                heard = self._hear(world, word, name, is_asked=False)
                if heard != world:
                    label = _label(world, word, name)
                    actor: Actor = "answer" if word.text == "10147" else "word"
                    yield Step(actor, label, heard, invariants.misheard(word, heard.memory), ((word, name),))

    def _hear(self, world: World, word: Word, name: str, *, is_asked: bool) -> World:
        shares = world.tws.executions[word.figure] if word.kind == "execution" else 0
        memory = self.bridge.hear(world.memory, word, name, shares)
        link = world.link
        if link.passing is not None:
            link = link._replace(passing=self.bridge.notice(link.passing, word, is_asked))
        proves = word.text == "Filled" or (name == "openOrder" and word.text in ("Submitted", "Inactive"))
        surprise = "heard" if world.surprise == "unknown" and proves else world.surprise
        return world._replace(memory=memory, link=link, surprise=surprise)

    # Passes

    def _pass(self, world: World) -> Iterator[Step]:
        passing = world.link.passing
        if passing is not None and passing.left:
            for one in passes.due(self.bridge, passing):
                yield from self._list(world, passing, one)
        elif passing is not None:
            lacks_others = world.left.has_witness and world.tws.has_forgotten and world.is_same_day
            memory = passes.end(
                self.bridge, world.memory, world.disk, passing, is_same_day=world.is_same_day, lacks_others=lacks_others
            )
            yield Step("pass", f"the pass ends: {memory.state}", world._replace(memory=memory, link=Link()))
        elif world.link.is_up:
            yield Step("pass", "the bridge begins a pass", self._begin(world, world.link))

    def _begin(self, world: World, link: Link) -> World:
        passing, memory = passes.begin(self.bridge, world.tws, world.memory)
        return world._replace(memory=memory, link=link._replace(passing=passing))

    def _list(self, world: World, passing: Pass, one: int) -> Iterator[Step]:
        told = passes.listing(world.tws, one)
        listed = world._replace(link=world.link._replace(passing=passing._replace(left=passing.left & ~one)))
        if not told or world.tws.at == "rejected":
            yield Step("pass", f"TWS lists its {passes.NAMES[one]}, without the order", listed)
        if told:
            for word, name in told:
                listed = self._hear(listed, word, name, is_asked=True)
            label = f"TWS lists its {passes.NAMES[one]}, with the order: {listed.memory.state}"
            yield Step("pass", label, listed, invariants.misbelieved(world.tws, one, listed.memory), told)

    # The disk, and leaving

    def _disk(self, world: World) -> Iterator[Step]:
        record = world.memory.record()
        if record != world.disk or world.surprise == "heard":
            memory = self.bridge.told(world.memory) if world.disk is not None else world.memory
            surprise = "none" if world.surprise == "heard" else world.surprise
            written = world._replace(disk=record, memory=memory, surprise=surprise)
            broken = invariants.miswritten(world.disk, record)
            yield Step("disk", f"the ledger has the order as {record.state}", written, broken)
        if world.disk is None and world.memory.state == "queued":
            memory = self.bridge.happen(world.memory, "notRecorded")
            yield Step("disk", "the ledger cannot write the order", world._replace(memory=memory))

    def _leaving(self, world: World) -> Iterator[Step]:
        happen, memory = self.bridge.happen, world.memory
        if memory.state == "queued":
            yield Step("client", "the client cancels the order", world._replace(memory=happen(memory, "withdraw")))
        if memory.state not in HERE or world.disk is None:
            return
        memory = happen(memory, "recorded")
        if memory.state != "written":
            yield Step("bridge", "the bridge keeps the cancelled order", world._replace(memory=memory))
            return
        yield Step("bridge", "the bridge holds the order back", world._replace(memory=happen(memory, "heldBack")))
        if world.link.is_up and world.link.is_complete:
            memory, passing = happen(memory, "left"), world.link.passing
            yield Step("bridge", "the order cannot be encoded", world._replace(memory=happen(memory, "heldBack")))
            link = world.link._replace(passing=passing.spare()) if passing is not None else world.link
            left = world._replace(memory=memory, link=link, tws=world.tws._replace(at="wire"))
            yield Step("bridge", "the order leaves", left)

    def _time(self, world: World) -> Iterator[Step]:
        if world.memory.state == "sent":
            late = self.bridge.happen(world.memory, "silence")
            yield Step("time", "the time of the request is over", world._replace(memory=late))

    # The connection, and what goes wrong

    def _breaks(self, world: World) -> Iterator[Step]:
        if not world.link.is_up:
            again = self._begin(world._replace(tws=tws.connected(world.tws)), Link(is_complete=False))
            yield Step("link", "the bridge connects, and begins a pass", again)
        if not world.left.breaks:
            return
        down = Link(is_up=False, is_complete=False)
        broken = world._replace(left=world.left.without("breaks"), link=down, tws=tws.cut(world.tws))
        if world.link.is_up:
            yield Step("break", "the connection ends", broken._replace(memory=self.bridge.lost(world.memory)))
        surprise = "unknown" if world.surprise == "heard" else world.surprise
        killed = broken._replace(memory=self.bridge.recover(world.disk), surprise=surprise)
        yield Step("break", "the bridge is killed, and starts", killed)

    # The client, who follows the advice to the letter

    def _client(self, world: World) -> Iterator[Step]:
        memory, disk, link = world.memory, world.disk, world.link
        if world.left.cancels and link.is_up and memory.state in CANCELLABLE:
            memory = memory._replace(cancel_left=True)
            cancelled = _cancelled(world, memory)._replace(left=world.left.without("cancels"))
            yield Step("client", "the client cancels the order", cancelled)
        if world.surprise == "none" and self.bridge.is_free(memory, disk):
            second = Second("asked", QUANTITY, is_same_key=True)
            yield Step("client", "the client asks again under the free key", world._replace(second=second))
        if disk is not None and memory.state not in HERE:
            yield from self._advised(world, memory, disk)

    def _advised(self, world: World, memory: Memory, disk: Record) -> Iterator[Step]:
        answer = self.bridge.tells(memory, disk)
        step = partial(_told, answer, invariants.mistold(answer, disk))
        may_give_up = self.bridge.may_abandon(memory) and answer.state in ("notFound", "unknown")
        if may_give_up and not memory.abandoning and world.link.is_complete:
            yield step("gives the order up", _cancelled(world, self.bridge.give_up(memory)))
        if world.surprise != "none":
            return
        if answer.state == "rejected":
            yield step("asks under another key", world._replace(second=Second("asked", QUANTITY)))
        if answer.state == "cancelled" and answer.final is not None and answer.filled < QUANTITY:
            rest = Second("asked", QUANTITY - answer.filled)
            yield step(f"asks for {rest.quantity} under another key", world._replace(second=rest))

    def _second(self, world: World) -> Iterator[Step]:
        """The second order goes on. What the first one is at TWS by now, it stays, or the invariant is broken."""
        if (following := world.second.next()) is not None:
            label, second = following
            broken = invariants.doubled(world.tws, world.disk, second)
            yield Step("second", label, world._replace(second=second), broken)

    # The admin

    def _admin(self, world: World) -> Iterator[Step]:
        if not world.left.forces or not world.link.is_up:
            return
        if is_open_figure(world.memory):
            closed = self.bridge.happen(world.memory, "force")
            memory = closed._replace(final=closed.filled, abandoning=True)
            label = "an admin says that no more of the order was executed"
            forced = world._replace(memory=memory, surprise="unknown", left=world.left.without("forces"))
            yield Step("admin", label, forced)
        if world.memory.state in FORCIBLE:
            given_up = self.bridge.happen(world.memory, "force")
            if given_up.state == "cancelled":
                given_up = given_up._replace(final=given_up.filled)
            memory = self.bridge.give_up(given_up)
            forced = _cancelled(world, memory)._replace(surprise="unknown")
            label = "an admin gives the order up without proof"
            yield Step("admin", label, forced._replace(left=world.left.without("forces")))


def is_open_figure(memory: Memory) -> bool:
    """Whether the order is over, and it is not sure how much of it was executed."""
    return memory.state in ("filled", "cancelled") and memory.final is None


def _told(answer: Record, broken: Broken | None, does: str, world: World) -> Step:
    how = f" with {answer.filled}" if answer.state == "cancelled" else ""
    actor: Actor = "client"
    return Step(actor, f"the client, told {answer.state}{how}, {does}", world, broken)


def _cancelled(world: World, memory: Memory) -> World:
    """A cancel leaves."""
    return world._replace(memory=memory, tws=world.tws._replace(cancel=True))


def _label(world: World, word: Word, name: str) -> str:
    if word.kind == "execution":
        return f"the bridge hears execDetails {world.tws.executions[word.figure]}"
    figure = f", filled {word.figure}" if name == "orderStatus" else ""
    return f"the bridge hears {name or 'error'} {word.text}{figure}"
