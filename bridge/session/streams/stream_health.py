"""Stream health: when TWS may no longer serve a stream, and how the bridge verifies that it does.

This module applies TWS's notices, the end of the connection and long silences to the streams that they affect.
"""

from __future__ import annotations

from collections.abc import Iterable

from bridge.session import codes
from bridge.session.farms import Farms, families_of
from bridge.session.outbox import Outbox
from bridge.session.streams.life import AT_TWS, StreamEvent
from bridge.session.streams.outages import Outages
from bridge.session.streams.silence_detector import Silence, SilenceDetector
from bridge.session.streams.streams import Stream, Streams
from bridge.session.streams.upstream import SubscriptionTiming, UpstreamSubscriptions
from bridge.session.streams.validity import Validity
from bridge.session.values import Instant

#: After so many seconds clients are told again that another session takes the data (10197).
TAKEN_AGAIN = 900.0
_NEVER = float("inf")


class StreamHealth:
    """Tracks for each stream whether TWS serves it, may serve it, or does not."""

    def __init__(
        self,
        outbox: Outbox,
        streams: Streams,
        validity: Validity,
        outages: Outages,
        upstream: UpstreamSubscriptions,
        *,
        farms: Farms,
        patience: SubscriptionTiming,
    ) -> None:
        self._outbox = outbox
        self._streams = streams
        self._validity = validity
        self._outages = outages
        self._upstream = upstream
        self._patience = patience
        self._silence_detector = SilenceDetector()
        #: When each stream's clients were last told that another session takes its data.
        self._taken: dict[Stream, float] = {}
        self._farms = farms
        #: How often a farm broke or the connection ended, so that a timer does not act on a farm that broke later.
        self._breaks = 0
        #: From then on messages of a stream that is cut may prove that TWS serves it.
        self._proof_from = float("-inf")
        #: When the first of these messages came.
        self._first_proof: dict[Stream, float] = {}

    def retime(self, patience: SubscriptionTiming) -> None:
        """These limits hold for what begins from now on."""
        self._patience = patience

    def on_notice(self, code: int, text: str, now: Instant, *, is_cut: bool) -> None:
        """Take a notice of TWS about its connection to IBKR or to a data farm.

        `is_cut`: TWS does not reach IBKR now. `Farms` has taken the notice before.
        """
        was_cut, self._upstream.is_cut = self._upstream.is_cut, is_cut
        families, is_broken = families_of(code), code in codes.FARM_BROKEN
        if is_broken or was_cut or is_cut:
            self._proof_from = now.clock + self._patience.proof
            self._first_proof.clear()
        if code in (codes.CONNECTIVITY_LOST, codes.SERVER_BROKEN):
            self.cut(list(self._streams), "cut", text, code, now)
        elif is_broken:
            self._breaks += 1
            self._cut_farm([stream for stream in self._streams if stream.plan.family in families], text, code, now)
        elif code == codes.RESTORED_DATA_LOST:
            self.drop([s for s in self._streams if s.state in AT_TWS], text, code, now)
        elif code == codes.RESTORED_DATA_KEPT:
            self._verify_all("kept", now)
            self._plan_to_stop_waiting(now)
        elif code in codes.FARM_BACK and not is_cut:
            self._verify_all("back", now)
            if families & self._farms.down:
                self._plan_to_stop_waiting(now)

    def _cut_farm(self, streams: list[Stream], text: str, code: int, now: Instant) -> None:
        """A data farm breaks. Another farm may serve these streams, and TWS does not say which.

        TWS may have forgotten a stream that is being verified. That must not wait for the farm: request it again.
        """
        unverified = [s for s in streams if s.state == "doubtful" and s.verify_at > now.clock and s.verify_at < _NEVER]
        self.cut([stream for stream in streams if stream not in unverified], "cut", text, code, now)
        for stream in unverified:
            stream.doubts += 1
            self._outages.begin([stream], text, now, code)
            self._upstream.ask_anew(stream, now)

    def _verify_all(self, event: StreamEvent, now: Instant) -> None:
        """TWS may serve the streams again whose farms are not down: verify it."""
        down = self._farms.down
        for stream in self._streams:
            if stream.plan.family not in down:
                stream.happen(event)
                self.verify(stream, now)

    def _plan_to_stop_waiting(self, now: Instant) -> None:
        """TWS may not report the farms that are down: it may have done that before 1102, or use others by now."""
        if self._farms.down:
            breaks = self._breaks
            due = now.clock + self._patience.again
            self._outbox.timers.at(due, lambda later: self._stop_waiting_for_farms(breaks, later))

    def _stop_waiting_for_farms(self, breaks: int, now: Instant) -> None:
        """TWS has not said for long that the farms are back. Verify their streams, unless another farm has broken."""
        if self._farms.down and self._breaks == breaks and not self._upstream.is_cut:
            self._farms.stop_waiting()
            self._verify_all("back", now)

    def is_proof(self, stream: Stream, now: Instant) -> bool:
        """Return whether a message that arrives now proves that TWS serves the stream, though it is cut.

        TWS does not say which farm serves a stream. Data that arrives long after a farm broke comes from another farm.
        One message is no proof: TWS may repeat values that it knows, for instance when another session gives the data
        back (10197). So it takes two, `verify` seconds apart.
        """
        if stream.state != "cut" or self._upstream.is_cut or now.clock < self._proof_from:
            return False
        return now.clock - self._first_proof.setdefault(stream, now.clock) >= self._patience.verify

    def on_error(self, stream: Stream, code: int, text: str, now: Instant) -> bool:
        """Take an error of TWS that names the stream. Return False if the caller must handle it."""
        if code == codes.BOOK_RESET:
            self._validity.empty(stream)
        elif code == codes.COMPETING_SESSION:
            self._first_proof.pop(stream, None)
            if stream.state != "doubtful":
                stream.verify_at = _NEVER
            self.cut([stream], "taken", text, code, now)
            if stream.state == "doubtful":
                again = min(self._patience.again, stream.verify_at - now.clock)
                self._verify_after(max(0.0, again), stream, now)
        elif code in codes.ASK_AGAIN or (stream.holders and codes.is_pacing_violation(code, text)):
            self.drop([stream], text, code, now)
        else:
            return False
        return True

    def is_news(self, stream: Stream, code: int, now: Instant) -> bool:
        """Return whether to publish the error. TWS repeats 10197 while the other session is connected."""
        if code != codes.COMPETING_SESSION:
            return True
        told = self._taken.get(stream)
        if told is not None and now.clock - told < TAKEN_AGAIN:
            return False
        self._taken = {s: at for s, at in self._taken.items() if now.clock - at < TAKEN_AGAIN} | {stream: now.clock}
        return True

    def cut(self, streams: Iterable[Stream], event: StreamEvent, reason: str, code: int | None, now: Instant) -> None:
        """TWS may no longer serve these streams. Mark their values as stale, and publish an outage."""
        cut = [stream for stream in streams if stream.state in AT_TWS]
        for stream in cut:
            stream.happen(event)
            stream.doubts += 1
            self._validity.doubt(stream, now)
        self._outages.begin(cut, reason, now, code)

    def drop(self, streams: Iterable[Stream], reason: str, code: int, now: Instant) -> None:
        """TWS does not serve these streams any more: mark their values as stale, and request the streams again."""
        dropped = list(streams)
        for stream in dropped:
            self._streams.drop(stream, "dropped")
            stream.doubts += 1
            stream.tries = 0
            self._validity.doubt(stream, now)
        self._outages.begin(dropped, reason, now, code)
        self._upstream.resubscription.plan(now)

    def disconnect(self, reason: str, now: Instant) -> None:
        """The connection has ended: TWS serves no stream any more."""
        self._breaks += 1
        self._first_proof.clear()
        for stream in self._streams:
            self._validity.doubt(stream, now)
            stream.doubts += 1
            stream.tries = 0
        self._streams.disconnect()
        self._outages.begin(list(self._streams), reason, now)

    def verify(self, stream: Stream, now: Instant) -> None:
        """Plan to verify whether TWS serves the stream."""
        if stream.state == "doubtful" or (stream.state in AT_TWS and self._outages.is_out(stream)):
            stream.verify_at = now.clock + self._patience.verify
            self._verify_after(self._patience.verify, stream, now)

    def _verify_after(self, seconds: float, stream: Stream, now: Instant) -> None:
        stream.doubts += 1
        doubts, nth = stream.doubts, stream.times_asked
        self._outbox.timers.at(now.clock + seconds, lambda later: self._verified(stream, doubts, nth, later))

    def _verified(self, stream: Stream, doubts: int, nth: int, now: Instant) -> None:
        if stream.doubts != doubts:
            return
        if stream.state == "live":
            self._validity.trust(stream)
            self._outages.end(stream, now)
        elif stream.state == "doubtful":
            self._outages.begin(
                [stream], "TWS has sent nothing for this stream for a while, and may no longer serve it", now
            )
            self._upstream.ask_anew(stream, now)
        elif stream.state == "asking":
            self._outages.set_aside(stream)
            self._upstream.try_again(stream, nth, now)

    def look(self, now: Instant) -> None:
        """Call each second. Request from TWS again each stream that is silent for too long, once."""
        for silence in self._silence_detector.look(self._streams, now.clock):
            self._renew(silence, now)

    def _renew(self, silence: Silence, now: Instant) -> None:
        stream = silence.stream
        reason = (
            f"TWS has sent nothing for this stream for {silence.lasts:.0f} s; its longest silence before was "
            f"{silence.usual:.0f} s"
        )
        self._upstream.cancel(stream)
        self._streams.drop(stream, "overdue")
        stream.doubts += 1
        stream.tries = 0
        self._validity.doubt(stream, now)
        self._outages.begin([stream], reason, now)
        self._upstream.resubscription.plan(now)
