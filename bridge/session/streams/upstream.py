"""How TWS is asked for a stream, again where it says nothing, and told that the stream is not wanted any more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bridge.session.outbox import Outbox
from bridge.session.streams.life import AT_TWS
from bridge.session.streams.outages import Outages
from bridge.session.streams.resubscription import Resubscription
from bridge.session.streams.streams import Stream, Streams
from bridge.session.streams.validity import Validity
from bridge.session.values import Data, Instant

#: How often TWS is asked for a subscription that it says nothing on.
MOST_TRIES = 3


@dataclass(frozen=True, slots=True)
class SubscriptionTiming:
    """Seconds. A subscription that TWS says nothing on is answered after `grace`, and asked for again after `retry`.

    After `MOST_TRIES` it counts as quiet, and is asked for again each `again`: TWS may have a reason that passes. A
    stream that TWS says it kept (1102) must bring something within `verify`; a quiet one is asked for again then.
    """

    grace: float = 2.0
    retry: float = 10.0
    verify: float = 20.0
    again: float = 300.0


class UpstreamSubscriptions:
    """`answer` is called with a stream that stands although TWS has said nothing on it yet."""

    def __init__(
        self,
        outbox: Outbox,
        streams: Streams,
        validity: Validity,
        outages: Outages,
        patience: SubscriptionTiming,
        *,
        answer: Callable[[Stream, Instant], None],
    ) -> None:
        self._outbox = outbox
        self._streams = streams
        self._validity = validity
        self._outages = outages
        self._patience = patience
        self._answer = answer
        #: Called with the method when TWS is asked, and when a download that has not ended is given up.
        self.asked: Callable[[str], None] = lambda _method: None
        self.given_up: Callable[[str], None] = lambda _method: None
        self.resubscription = Resubscription(outbox.timers, streams, self.ask)
        self.server_version = 0
        #: IBKR is out of reach.
        self.is_cut = False

    def join(self, stream: Stream, now: Instant) -> None:
        """A client wants the stream, and waits for an answer."""
        if stream.state in ("live", "cut", "doubtful"):
            self._answer(stream, now)
        elif stream.state in ("new", "lost"):
            self.ask(stream, now)
        elif stream.tries >= MOST_TRIES and not stream.has_word:
            stream.tries = 0
            self.ask_anew(stream, now)
        elif not stream.ends:
            self._outbox.timers.at(now.clock + self._patience.grace, lambda later: self._settle(stream, later))

    def ask(self, stream: Stream, now: Instant) -> None:
        """Ask TWS for it now."""
        ends = stream.plan.download_end(self.server_version)
        params = self._streams.ask(stream, ends)
        self._outbox.send(stream.plan.name, params, stream)
        self.asked(stream.plan.name)
        if not ends:
            self._outbox.timers.at(now.clock + self._patience.grace, lambda later: self._settle(stream, later))
        nth = stream.times_asked
        self._outbox.timers.at(now.clock + self._patience.retry, lambda later: self._retry(stream, nth, later))

    def ask_anew(self, stream: Stream, now: Instant) -> None:
        """End what TWS may serve, and ask for it again."""
        self.cancel(stream)
        self._validity.doubt(stream, now)
        self._streams.drop(stream, "silent")
        self.resubscription.plan(now)

    def cancel(self, stream: Stream) -> None:
        """Tell TWS that the stream is not wanted any more, where it may serve it."""
        cancel = stream.plan.cancel
        if cancel is not None and stream.state in AT_TWS:
            key: Data = {} if stream.req_id is None else {"reqId": stream.req_id}
            same = {name: value for name, value in stream.params.items() if name in stream.plan.cancel_takes}
            if stream.state == "asking":
                self.given_up(stream.plan.name)
            again = {"subscribe": False} if cancel == stream.plan.name else {}
            self._outbox.send(cancel, key | same | again)

    def _settle(self, stream: Stream, now: Instant) -> None:
        """The grace is over: the stream stands, though TWS has said nothing yet."""
        if stream.state == "asking" and not stream.ends:
            self._answer(stream, now)

    def _retry(self, stream: Stream, nth: int, now: Instant) -> None:
        """TWS has said nothing: it may have dropped the request, as it does in the seconds after it has started.

        Asked often enough, the stream counts as a quiet one: nothing of before holds. It is back when TWS says a word,
        but the others of its outage need not wait for that.
        """
        if not self._is_mute(stream, nth):
            return
        if stream.tries < MOST_TRIES:
            self.ask_anew(stream, now)
            return
        if not stream.ends and not self.is_cut:
            self._validity.renew(stream, now)
        self._outages.set_aside(stream)
        self._outbox.timers.at(now.clock + self._patience.again, lambda later: self.try_again(stream, nth, later))

    def try_again(self, stream: Stream, nth: int, now: Instant) -> None:
        """Ask once more for a stream that counts as a quiet one, and that TWS was last asked for that `nth` time.

        Its next try is due, or TWS may have forgotten it in an outage.
        """
        if stream.tries >= MOST_TRIES and self._is_mute(stream, nth):
            stream.tries = MOST_TRIES - 1
            self.ask_anew(stream, now)

    @staticmethod
    def _is_mute(stream: Stream, nth: int) -> bool:
        """Whether TWS has said nothing since it was asked for the stream that time, the last until now."""
        return stream.state == "asking" and stream.times_asked == nth and not stream.has_word
