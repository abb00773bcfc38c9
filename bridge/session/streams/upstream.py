"""Upstream: how the bridge requests a stream from TWS, requests it again if TWS does not answer, and cancels it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bridge.session.outbox import Outbox
from bridge.session.pacing.history import HistoryRules
from bridge.session.streams.life import AT_TWS, StreamEvent
from bridge.session.streams.outages import Outages
from bridge.session.streams.resubscription import Resubscription
from bridge.session.streams.streams import Stream, Streams
from bridge.session.streams.validity import Validity
from bridge.session.values import Data, Instant

#: How often the bridge requests a subscription that TWS does not answer, before it counts as quiet.
MOST_TRIES = 3


@dataclass(frozen=True, slots=True)
class SubscriptionTiming:
    """Time limits in seconds for a subscription that TWS does not answer.

    After `grace` the bridge answers the client. After `retry` it requests the subscription again. After `MOST_TRIES`
    attempts the subscription counts as quiet; the bridge requests it again every `again` seconds, because the cause may
    pass. After TWS reports that it kept a stream (1102), the stream must bring data within `verify` seconds; a quiet
    stream is requested again then. Messages that arrive `proof` seconds after a data farm broke, `verify` seconds
    apart, prove that another farm serves their stream. `linger`: how long the bridge keeps a stream at TWS that uses a
    line and that no client holds any more.
    """

    grace: float = 2.0
    retry: float = 10.0
    verify: float = 20.0
    again: float = 300.0
    proof: float = 60.0
    linger: float = 0.0


class UpstreamSubscriptions:
    """`answer` is called with a stream that clients hold although TWS has not answered yet."""

    def __init__(
        self,
        outbox: Outbox,
        streams: Streams,
        validity: Validity,
        outages: Outages,
        patience: SubscriptionTiming,
        *,
        answer: Callable[[Stream, Instant], None],
        history: HistoryRules,
    ) -> None:
        self._outbox = outbox
        self._streams = streams
        self._validity = validity
        self._outages = outages
        self._patience = patience
        self._answer = answer
        #: Called with the method: when the stream is requested from TWS, and when an unfinished download is given up.
        self.asked: Callable[[str], None] = lambda _method: None
        self.given_up: Callable[[str], None] = lambda _method: None
        self.resubscription = Resubscription(outbox.timers, outbox.pacer, streams, self.ask, history)
        self.server_version = 0
        #: IBKR is out of reach.
        self.is_cut = False

    def retime(self, patience: SubscriptionTiming) -> None:
        """These limits hold for what begins from now on."""
        self._patience = patience

    def join(self, stream: Stream, now: Instant) -> None:
        """A client waits for the stream: answer it, or request the stream from TWS."""
        if stream.state in ("live", "cut", "doubtful"):
            self._answer(stream, now)
        elif stream.state in ("new", "lost"):
            self.ask(stream, now)
        elif stream.tries >= MOST_TRIES and self._is_overdue(stream, now):
            stream.tries = 0
            self.ask_anew(stream, now)
        elif not stream.ends:
            self._begin_grace(stream, now)

    def ask(self, stream: Stream, now: Instant) -> None:
        """Request the stream from TWS now."""
        ends = stream.plan.download_end(self.server_version)
        params = self._streams.ask(stream, ends, now.clock)
        self._outbox.send(stream.plan.name, params, stream)
        self.asked(stream.plan.name)
        if not ends:
            self._begin_grace(stream, now)
        nth = stream.times_asked
        self._outbox.timers.at(now.clock + self._patience.retry, lambda later: self._retry(stream, nth, later))

    def ask_anew(self, stream: Stream, now: Instant, event: StreamEvent = "silent") -> None:
        """Cancel the stream at TWS, and request it again, because of this event."""
        self.cancel(stream)
        self._validity.doubt(stream, now)
        self._streams.drop(stream, event)
        self.resubscription.plan(now)

    def cancel(self, stream: Stream) -> None:
        """Cancel the stream at TWS, if TWS may serve it."""
        cancel = stream.plan.cancel
        if cancel is not None and stream.state in AT_TWS:
            key: Data = {} if stream.req_id is None else {"reqId": stream.req_id}
            same = {name: value for name, value in stream.params.items() if name in stream.plan.cancel_takes}
            if stream.state == "asking":
                self.given_up(stream.plan.name)
            again = {"subscribe": False} if cancel == stream.plan.name else {}
            self._outbox.send(cancel, key | same | again)

    def _begin_grace(self, stream: Stream, now: Instant) -> None:
        nth, due = stream.times_asked, now.clock + self._patience.grace
        self._outbox.timers.at(due, lambda later: self._answer_after_grace(stream, nth, later))

    def _answer_after_grace(self, stream: Stream, nth: int, now: Instant) -> None:
        """The grace of this request to TWS is over: answer the clients, although TWS has not answered."""
        if self._is_unanswered(stream, nth) and not stream.ends:
            self._answer(stream, now)

    def _retry(self, stream: Stream, nth: int, now: Instant) -> None:
        """TWS has not answered in time. It may have dropped the request, as it does just after its start.

        While TWS sends a first download, its end has time until `retry` seconds after the last message. After
        `MOST_TRIES` the stream counts as quiet, and its earlier values are dropped. It is live again at TWS's next
        message; the other streams of its outage do not wait for that.
        """
        if not self._is_unanswered(stream, nth):
            return
        if not self._is_overdue(stream, now):
            self._outbox.timers.at(self._due(stream), lambda later: self._retry(stream, nth, later))
            return
        if stream.tries < MOST_TRIES:
            self.ask_anew(stream, now)
            return
        if not stream.ends and not self.is_cut:
            self._validity.renew(stream, now)
        self._outages.set_aside(stream)
        self._outbox.timers.at(now.clock + self._patience.again, lambda later: self.try_again(stream, nth, later))

    def try_again(self, stream: Stream, nth: int, now: Instant) -> None:
        """Request a quiet stream once more, unless it was requested since its `nth` request.

        Called when the next attempt is due, or after an outage in which TWS may have forgotten the stream.
        """
        if stream.tries >= MOST_TRIES and self._is_unanswered(stream, nth) and self._is_overdue(stream, now):
            stream.tries = MOST_TRIES - 1
            self.ask_anew(stream, now)

    @staticmethod
    def _is_unanswered(stream: Stream, nth: int) -> bool:
        """Return whether the `nth` request for the stream is the last one, and TWS has not answered it completely."""
        return stream.state == "asking" and stream.times_asked == nth

    def _due(self, stream: Stream) -> float:
        """Return when the bridge stops waiting for TWS's answer (steady clock).

        TWS may have dropped the request although it sends messages: they may answer an earlier request for the same
        subscription. So the wait does not end with the first message. Messages extend it to `again` seconds at most.
        """
        return min(stream.heard_at + self._patience.retry, stream.asked_at + self._patience.again)

    def _is_overdue(self, stream: Stream, now: Instant) -> bool:
        return now.clock >= self._due(stream)
