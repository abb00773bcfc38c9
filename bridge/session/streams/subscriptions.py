"""Subscriptions of clients: what clients and TWS say about streams, and what follows from it.

A client's hold survives the subscription at TWS and a restart of the bridge: the bridge requests the stream from TWS
again without the client.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from bridge.session import codes, topic_names
from bridge.session.farms import Farms
from bridge.session.outbox import Outbox
from bridge.session.pacing.history import HistoryRules
from bridge.session.records import HoldRecord
from bridge.session.request_ids import RequestIds
from bridge.session.requests import Refused, Request
from bridge.session.rights.grants import is_public
from bridge.session.rights.permissions import Permissions
from bridge.session.routing import STREAM_FAMILIES
from bridge.session.streams.holds import Holds
from bridge.session.streams.joining import Joining
from bridge.session.streams.life import AT_TWS
from bridge.session.streams.lines import Lines
from bridge.session.streams.outages import Outages
from bridge.session.streams.prefixes import Prefixes, of_stream
from bridge.session.streams.quotes import highest
from bridge.session.streams.stream_ends import StreamEnds
from bridge.session.streams.stream_health import StreamHealth
from bridge.session.streams.streams import Stream, Streams
from bridge.session.streams.upstream import SubscriptionTiming, UpstreamSubscriptions
from bridge.session.streams.validity import Validity
from bridge.session.topic_store import Topic
from bridge.session.values import Data, Instant


class Subscriptions:
    """The subscriptions of all clients."""

    def __init__(
        self,
        outbox: Outbox,
        ids: RequestIds,
        permissions: Permissions,
        patience: SubscriptionTiming,
        *,
        farms: Farms,
        lines: Mapping[str, int],
        count_snapshots: Callable[[str], Counter[str]],
        history: HistoryRules,
    ) -> None:
        self._outbox = outbox
        self.streams = Streams(ids)
        self.lines = Lines(self.streams, lines, permissions.grant, count_snapshots)
        self.prefixes = Prefixes()
        self._validity = Validity(outbox)
        self._outages = Outages(outbox, self.prefixes.listeners)
        self._upstream = UpstreamSubscriptions(
            outbox, self.streams, self._validity, self._outages, patience, answer=self._answer, history=history
        )
        self._health = StreamHealth(
            outbox, self.streams, self._validity, self._outages, self._upstream, farms=farms, patience=patience
        )
        self._holds = Holds(outbox, self._answer_client)
        self._ends = StreamEnds(
            outbox, streams=self.streams, validity=self._validity, outages=self._outages, upstream=self._upstream,
            holds=self._holds, prefixes=self.prefixes, linger=patience.linger,
        )  # fmt: skip
        self.joining = Joining(
            outbox, ids=ids, streams=self.streams, lines=self.lines, outages=self._outages, upstream=self._upstream,
            holds=self._holds, ends=self._ends, history=history,
            snapshot=lambda client, prefix: self.snapshot(*permissions.cut(client, prefix)),
        )  # fmt: skip
        #: Called with client, method and name of a stream that its client releases.
        self.released: Callable[[str, str, str], None] = lambda _client, _method, _name: None

    def _answer(self, stream: Stream, now: Instant) -> None:
        self.joining.answer(stream, now)

    def _answer_client(self, stream: Stream, client: str, now: Instant) -> None:
        self.joining.answer_client(stream, client, now)

    # Requests of clients

    def is_renewing(self, now: Instant) -> bool:
        """Return whether lost streams wait for their turn to be requested again, and may be."""
        return self._upstream.resubscription.is_renewing(now)

    def release(self, client: str, methods: frozenset[str] | None, name: str | None, now: Instant) -> str:
        """End the client's hold on a stream and return the stream's name. `name` None: end the client's only hold.

        Raises Refused `unknownStream` if the client holds none, and `invalidParams` if it holds several.
        """
        stream = self._held(client, methods, name)
        for request in [request for request in stream.waiting if request.client == client]:
            self._outbox.fail(request, "cancelled", "the client has released the stream")
        self.released(client, stream.plan.name, stream.name)
        self._ends.leave(stream, client, now)
        return stream.name

    def subject(self, client: str, method: str, name: str | None) -> int | None:
        """Return the request id of the client's subscription by `method`.

        Raises Refused: `unknownStream`, `invalidParams` if the client holds several, `notConnected` if TWS does not
        serve it.
        """
        stream = self._held(client, frozenset({method}), name)
        if stream.state not in AT_TWS:
            raise Refused(
                "notConnected", f"TWS does not serve {stream.name} now; the bridge has planned to request it again"
            )
        return stream.req_id

    def _held(self, client: str, methods: frozenset[str] | None, name: str | None) -> Stream:
        """Return the stream with that name or topic. None selects the only stream that the client holds."""
        held = [
            stream
            for stream in self.streams.held_by(client)
            if name in (None, stream.name, stream.prefix) and (methods is None or stream.plan.name in methods)
        ]
        if not held:
            what = f"no stream {name}" if name is not None else f"no stream of {', '.join(sorted(methods or ()))}"
            raise Refused("unknownStream", f"{client} holds {what}")
        if len(held) > 1:
            topics = ", ".join(f"{stream.prefix} ({stream.name}) of {stream.plan.name}" for stream in held)
            field = "stream" if len({stream.name for stream in held}) > 1 else "method"
            raise Refused("invalidParams", f"{field}: {client} holds several streams: name one ({topics})", field=field)
        return held[0]

    def release_all(self, client: str, now: Instant) -> list[str]:
        """End all holds of a lost client. Return the names of the streams that any client may hear."""
        held = self.streams.held_by(client)
        for stream in held:
            self._ends.leave(stream, client, now, "the leases of all clients that held the stream are over")
        return [stream.name for stream in held if is_public(stream.prefix)]

    def give_up(self, request: Request, now: Instant) -> None:
        """The client's request was answered otherwise: the client does not hold a stream that it was not told of."""
        for stream in list(self.streams):
            if request in stream.waiting:
                stream.waiting.remove(request)
                self._ends.end_untold_holds(stream)
                if not stream.clients:
                    self._ends.leave(stream, None, now)
        self.joining.close_unwanted()

    def unsendable(self, stream: Stream, refused: Refused, now: Instant) -> None:
        """The shell did not send the subscription: end the stream."""
        for request in stream.waiting:
            self._outbox.refuse(request, refused)
        stream.waiting.clear()
        self._ends.end(stream, refused.code, refused.message, None, now)

    def newest(self, stream: Stream) -> int | None:
        """Return when TWS last sent a value of the stream (ns since 1970 UTC); None if no value is kept."""
        return self._validity.newest(stream)

    def is_held(self, method: str) -> bool:
        """Return whether clients hold a stream of that method."""
        return any(stream.plan.name == method for stream in self.streams)

    def watch_asking(self, asked: Callable[[str], None], given_up: Callable[[str], None]) -> None:
        """`asked` is called with the method when TWS is asked for a stream, `given_up` when a download is given up."""
        self._upstream.asked, self._upstream.given_up = asked, given_up

    def quote(self, contract: Data) -> float | None:
        """Return the highest of the contract's last known prices; None if no subscription has one."""
        con_id = contract.get("conId") or (self.joining.resolver.known(contract) or {}).get("conId")
        return highest(self.streams, con_id) if con_id else None

    # The configuration

    def reconfigure(self, patience: SubscriptionTiming, lines: Mapping[str, int]) -> None:
        """Other limits hold from now on. What has begun keeps its times, and what is held stays."""
        self._upstream.retime(patience)
        self._health.retime(patience)
        self._ends.linger = patience.linger
        self.lines.replace(lines)

    def withdraw(self, stream: Stream, client: str, refused: Refused, now: Instant) -> None:
        """The client may hold the stream no longer: end its hold, and refuse its requests that wait for the stream."""
        for request in [request for request in stream.waiting if request.client == client]:
            self._outbox.refuse(request, refused)
        self._ends.leave(stream, client, now, "the configuration does not allow the stream to its last client")

    # Messages of TWS

    def on_event(self, stream: Stream, name: str, data: Data, now: Instant) -> None:
        """Take a callback of a stream that does not take the fast path: the first of its name, or not a tick."""
        plan = self._outbox.routing.events[name]
        is_of_stream = plan.family not in ("account", "news") and stream.plan.family in STREAM_FAMILIES
        prefix = stream.prefix if is_of_stream else self.prefixes.of_event(plan.family, data, stream.params)
        topic = self.publish(stream, prefix, name, data, now)
        self.on_message(stream, name, now)
        if is_of_stream and stream.state == "live":
            stream.topics[name] = topic

    def publish(self, stream: Stream | None, prefix: str, name: str, data: Data, now: Instant) -> Topic:
        """Publish a callback. A value received in an outage of its stream is stale until the outage is over."""
        topic = self._outbox.topic_store.topic(prefix, name, self._outbox.routing.events[name].keep)
        self._outbox.topic_store.publish(topic, data, now.ts)
        if stream is not None and stream.state in ("asking", "cut"):
            self._validity.take(topic, data, self._outages.since(stream))
        return topic

    def on_message(self, stream: Stream, name: str, now: Instant) -> None:
        """TWS has sent a message for the stream: the stream is live, or its first download has ended."""
        stream.heard_at, stream.last_ts, before = now.clock, now.ts, stream.state
        if before == "asking" and stream.ends and name not in stream.ends:
            return
        if before == "asking" and stream.ends and stream.doubts != stream.asked_at_doubts:
            self._upstream.ask_anew(stream, now)  # An outage interrupted the download, so it may be incomplete.
            return
        if not stream.happen("served" if self._health.is_proof(stream, now) else "word"):
            return
        if before == "asking":
            self._served(stream, now)
        else:
            self._health.verify(stream, now)
        self.joining.answer(stream, now)

    def _served(self, stream: Stream, now: Instant) -> None:
        """TWS serves the stream again. Data that TWS sends while IBKR is out of reach may be old."""
        stream.tries = 0
        stream.wants.on_served()
        self._validity.renew(stream, now)
        if self._upstream.is_cut:
            self._health.cut([stream], "cut", "TWS sent its data while IBKR was out of reach", None, now)
        else:
            self._outages.end(stream, now)

    def on_details(self, name: str, data: Data, server_version: int, now: Instant) -> bool:
        """Take an answer to a search for a contract. Return False if it answers none."""
        if name != "contractDetailsEnd":
            return self.joining.resolver.found(data.get("reqId"), data)
        search = self.joining.resolver.close(data.get("reqId"))
        if search is None:
            return False
        self.joining.on_found(search, server_version, now)
        return True

    def params_of(self, req_id: int) -> Data | None:
        """Return the params of the stream, or the contract of the search, with this id; None if there is neither."""
        stream = self.streams.by_id.get(req_id)
        if stream is not None:
            return stream.params
        return next(({"contract": s.contract} for s in self.joining.resolver if s.req_id == req_id), None)

    def on_error(self, req_id: int, data: Data, now: Instant) -> bool:
        """Take an error that names a stream, or a search for a contract. Return False if it names neither."""
        code, text = data.get("errorCode", 0), data.get("errorMsg", "")
        stream = self.streams.by_id.get(req_id)
        if stream is None:
            if code in codes.NO_SUBSCRIPTION and self.streams.is_retired(req_id):
                return True
            if codes.is_warning(code) or (search := self.joining.resolver.close(req_id)) is None:
                return False
            self.joining.fail_search(search, "rejectedByTws", text, code)
            return True
        for request in stream.waiting:
            self._outbox.tell(request, "error", data, now)
        if stream.plan.family in STREAM_FAMILIES and self._health.is_news(stream, code, now):
            self._outbox.pass_on(stream.prefix, "error", data, now)
        if self._health.on_error(stream, code, text, now):
            return True
        if stream.state == "asking" and not codes.is_warning(code) and stream.wants.is_refusal(code):
            self.joining.shrink(stream, text, code, now)
            return True
        if codes.ends_stream(code) or (stream.state == "asking" and not stream.holders and not codes.is_warning(code)):
            self._ends.end(stream, "rejectedByTws", text, code, now)
        return True

    def on_notice(self, code: int, text: str, now: Instant, *, is_cut: bool) -> None:
        """Take a notice of TWS about its connection to IBKR or to a data farm. `is_cut`: IBKR is out of reach now."""
        self._health.on_notice(code, text, now, is_cut=is_cut)

    def look(self, now: Instant) -> None:
        """Call each second while TWS and IBKR are connected."""
        self._health.look(now)

    def connected(self, server_version: int, now: Instant) -> None:
        """TWS accepts requests: request all streams that clients hold."""
        self._upstream.server_version = server_version
        lost = [stream for stream in self.streams if stream.state == "lost"]
        self._outages.begin(lost, "the bridge has started, and requests the stream from TWS again", now)
        self._upstream.resubscription.begin(now)

    def is_late(self, data: Data) -> bool:
        """Return whether this callback is about a subscription that has ended."""
        return self.streams.is_retired(data.get("reqId"))

    def connection_lost(self, reason: str, now: Instant) -> None:
        """Every subscription at TWS has ended. Fail the requests that wait, and publish an outage."""
        self._upstream.resubscription.stop()
        self._upstream.is_cut = False
        lost = f"the connection to TWS was lost before the answer: {reason}"
        for search in self.joining.resolver:
            self.joining.fail_search(search, "connectionLost", lost)
        for stream in list(self.streams):
            for request in stream.waiting:
                self._outbox.fail(request, "connectionLost", lost)
            stream.waiting.clear()
            self._ends.end_untold_holds(stream)
            if not stream.holds:
                self._ends.forget(stream, "released", now)
        self._health.disconnect(reason, now)

    # Joining and answering

    def snapshot(self, *prefixes: str) -> Data:
        """Return the last values below the prefixes, the topics' numbers, and the streams that are in an outage."""
        return {
            "epoch": self._outbox.epoch,
            **self._outbox.topic_store.snapshot(*prefixes),
            "gaps": self._outages.current(*prefixes),
        }

    # Holds from before the bridge started

    def recover(self, records: Iterable[HoldRecord], refusal: Callable[[HoldRecord], str | None]) -> list[str]:
        """Take over the holds that are on disk. Return the names of their clients.

        `refusal` returns why a client may not hold a stream any more, or None.
        """
        clients = {}
        for record in records:
            plan = self._outbox.routing.requests.get(record.method)
            params = record.params or {}
            reason = refusal(record)
            if plan is None or topic_names.stream(record.method, params) != record.stream:
                reason = "this version of the bridge does not know this stream"
            elif reason is None and self.streams.rival(plan, record.stream):
                reason = f"TWS serves one {record.method} at a time"
            if plan is None or reason is not None:
                self._outbox.log("holdEnded", client=record.client, stream=record.stream, reason=reason)
                self._holds.forget(record._replace(params=None))
                continue
            stream = self.streams.open(plan, params, record.stream, of_stream(plan, params, record.stream))
            stream.wants.recover(params)
            stream.happen("recalled")
            self._holds.recover(stream, record.client)
            clients[record.client] = True
        return list(clients)
