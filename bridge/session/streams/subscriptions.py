"""Subscriptions of clients: the bridge finds the stream, joins the client to it, answers, and releases it.

The bridge answers a subscription with `{stream, topic, snapshot, confirmed, kept}` when TWS's first message for it
arrives. If TWS sends nothing (a quiet instrument), the bridge answers after a short grace with `confirmed: false`. A
client's hold survives the subscription at TWS and a restart of the bridge: the bridge requests the stream from TWS
again without the client.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from bridge.session import codes, topic_names
from bridge.session.contracts.resolver import Resolver, Search
from bridge.session.effects import Log
from bridge.session.farms import Farms
from bridge.session.outbox import Outbox
from bridge.session.pacing.history import HistoryRules
from bridge.session.records import HoldRecord
from bridge.session.request_ids import RequestIds
from bridge.session.requests import Refused, Request
from bridge.session.rights.grants import is_public
from bridge.session.rights.permissions import Permissions
from bridge.session.routing import STREAM_FAMILIES, RequestPlan
from bridge.session.streams import generic_ticks
from bridge.session.streams.hold_life import TOLD
from bridge.session.streams.holds import Holds
from bridge.session.streams.life import AT_TWS, StreamEvent
from bridge.session.streams.lines import Lines
from bridge.session.streams.outages import Outages
from bridge.session.streams.quotes import highest
from bridge.session.streams.stream_health import StreamHealth
from bridge.session.streams.streams import Stream, Streams
from bridge.session.streams.upstream import SubscriptionTiming, UpstreamSubscriptions
from bridge.session.streams.validity import Validity
from bridge.session.topic_store import Topic
from bridge.session.values import Data, Instant


class SubscriptionRequest(NamedTuple):
    """One client's request for a subscription."""

    plan: RequestPlan
    params: Data
    request: Request


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
        self._resolver: Resolver[SubscriptionRequest] = Resolver(ids)
        self._audible = permissions.cut
        self._linger = patience.linger
        self.streams = Streams(ids)
        self.lines = Lines(self.streams, lines, permissions.grant, count_snapshots)
        self._validity = Validity(outbox)
        self._outages = Outages(outbox, self._listeners)
        self._upstream = UpstreamSubscriptions(
            outbox, self.streams, self._validity, self._outages, patience, answer=self._answer, history=history
        )
        self._health = StreamHealth(
            outbox, self.streams, self._validity, self._outages, self._upstream, farms=farms, patience=patience
        )
        self._holds = Holds(outbox, self._answer_client)
        #: Called with client, method and name of a stream that its client releases.
        self.released: Callable[[str, str, str], None] = lambda _client, _method, _name: None
        #: The accounts that TWS manages.
        self.accounts: list[str] = []

    @property
    def account(self) -> str:
        """The topic's account for account events that name none: the only account, or `all` if there are several."""
        return self.accounts[0] if len(self.accounts) == 1 else "all"

    # Requests of clients

    @property
    def is_renewing(self) -> bool:
        """Whether lost streams wait for their turn to be requested again."""
        return self._upstream.resubscription.is_renewing

    def cost(self, plan: RequestPlan, params: Data) -> int:
        """Return how many messages to TWS a subscription needs: none if the bridge has requested the stream already."""
        contract = params.get("contract")
        if contract is not None and topic_names.instrument(contract) is None:
            if (contract := self._resolver.known(contract)) is None:
                return 2  # the search for the contract, and the stream
            params = {**params, "contract": contract}
        stream = self.streams.find(plan, topic_names.stream(plan.name, params))
        is_asked = stream is not None and stream.state not in ("new", "lost", "ended")
        return 0 if is_asked and stream is not None and generic_ticks.covers(stream.params, params) else 1

    def subscribe(self, wanted: SubscriptionRequest, server_version: int, now: Instant) -> None:
        """Join the client to the stream. If the contract has no conId, first request its details from TWS."""
        contract = wanted.params.get("contract")
        if contract is None or topic_names.instrument(contract) is not None:
            self._join(wanted, server_version, now)
        elif (known := self._resolver.known(contract)) is not None:
            self._join(wanted._replace(params={**wanted.params, "contract": known}), server_version, now)
        elif (search := self._resolver.search(contract, wanted)) is not None:
            self._outbox.send("reqContractDetails", {"reqId": search.req_id, "contract": contract}, search)

    def release(self, client: str, methods: frozenset[str] | None, name: str | None, now: Instant) -> str:
        """End the client's hold on a stream and return the stream's name. `name` None: end the client's only hold.

        Raises Refused `unknownStream` if the client holds none, and `invalidParams` if it holds several.
        """
        stream = self._held(client, methods, name)
        for request in [request for request in stream.waiting if request.client == client]:
            self._outbox.fail(request, "cancelled", "the client has released the stream")
        self.released(client, stream.plan.name, stream.name)
        self._leave(stream, client, now)
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
            self._leave(stream, client, now, "the leases of all clients that held the stream are over")
        return [stream.name for stream in held if is_public(stream.prefix)]

    def give_up(self, request: Request, now: Instant) -> None:
        """The client's request was answered otherwise: the client does not hold a stream that it was not told of."""
        for stream in list(self.streams):
            if request in stream.waiting:
                stream.waiting.remove(request)
                self._end_untold_holds(stream)
                if not stream.clients:
                    self._leave(stream, None, now)
        for search in self._resolver:
            if all(wanted.request.answer is not None for wanted in search.waiting):
                self._resolver.close(search.req_id)

    def unsendable_search(self, search: Search[SubscriptionRequest], refused: Refused) -> None:
        """The shell did not send the search: fail the requests that wait for it."""
        self._resolver.close(search.req_id)
        for wanted in search.waiting:
            self._outbox.refuse(wanted.request, refused)

    def unsendable(self, stream: Stream, refused: Refused, now: Instant) -> None:
        """The shell did not send the subscription: end the stream."""
        for request in stream.waiting:
            self._outbox.refuse(request, refused)
        stream.waiting.clear()
        self._end(stream, refused.code, refused.message, None, now)

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
        con_id = contract.get("conId") or (self._resolver.known(contract) or {}).get("conId")
        return highest(self.streams, con_id) if con_id else None

    # Messages of TWS

    def on_event(self, stream: Stream, name: str, data: Data, now: Instant) -> None:
        """Take a callback of a stream that does not take the fast path: the first of its name, or not a tick."""
        plan = self._outbox.routing.events[name]
        is_of_stream = plan.family not in ("account", "news") and stream.plan.family in STREAM_FAMILIES
        prefix = stream.prefix if is_of_stream else self.prefix_of(plan.family, data, stream.params)
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
        stream.heard_at, before = now.clock, stream.state
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
        self._answer(stream, now)

    def _served(self, stream: Stream, now: Instant) -> None:
        """TWS serves the stream again. Data that TWS sends while IBKR is out of reach may be old."""
        stream.tries = 0
        stream.smaller, stream.growing = None, []
        self._validity.renew(stream, now)
        if self._upstream.is_cut:
            self._health.cut([stream], "cut", "TWS sent its data while IBKR was out of reach", None, now)
        else:
            self._outages.end(stream, now)

    def on_details(self, name: str, data: Data, server_version: int, now: Instant) -> bool:
        """Take an answer to a search for a contract. Return False if it answers none."""
        if name != "contractDetailsEnd":
            return self._resolver.found(data.get("reqId"), data)
        search = self._resolver.close(data.get("reqId"))
        if search is None:
            return False
        self._resolved(search, server_version, now)
        return True

    def params_of(self, req_id: int) -> Data | None:
        """Return the params of the stream, or the contract of the search, with this id; None if there is neither."""
        stream = self.streams.by_id.get(req_id)
        if stream is not None:
            return stream.params
        return next(({"contract": s.contract} for s in self._resolver if s.req_id == req_id), None)

    def on_error(self, req_id: int, data: Data, now: Instant) -> bool:
        """Take an error that names a stream, or a search for a contract. Return False if it names neither."""
        code, text = data.get("errorCode", 0), data.get("errorMsg", "")
        stream = self.streams.by_id.get(req_id)
        if stream is None:
            if code in codes.NO_SUBSCRIPTION and self.streams.is_retired(req_id):
                return True
            if codes.is_warning(code) or (search := self._resolver.close(req_id)) is None:
                return False
            self._drop(search, "rejectedByTws", text, code)
            return True
        for request in stream.waiting:
            self._outbox.tell(request, "error", data, now)
        if stream.plan.family in STREAM_FAMILIES and self._health.is_news(stream, code, now):
            self._outbox.pass_on(stream.prefix, "error", data, now)
        if self._health.on_error(stream, code, text, now):
            return True
        if stream.smaller is not None and stream.state == "asking" and not codes.is_warning(code):
            self._shrink(stream, text, code, now)
            return True
        if codes.ends_stream(code) or (stream.state == "asking" and not stream.holders and not codes.is_warning(code)):
            self._end(stream, "rejectedByTws", text, code, now)
        return True

    def on_notice(self, code: int, text: str, now: Instant, *, is_cut: bool) -> None:
        """Take a notice of TWS about its connection to IBKR or to a data farm. `is_cut`: IBKR is out of reach now."""
        self._health.on_notice(code, text, now, is_cut=is_cut)

    def look(self, now: Instant) -> None:
        """Call each second while TWS and IBKR are connected."""
        self._health.look(now)

    def prefix_of(self, family: str, data: Data, params: Data) -> str:
        """Return the topic prefix of an event without a stream: by its account, its news source, or its family."""
        match family:
            case "account":
                account = data.get("account") or data.get("accountName") or params.get("account")
                return f"account.{topic_names.token(account or params.get('acctCode') or self.account)}."
            case "news":
                return f"news.{topic_names.token(data.get('providerCode') or 'bulletins')}."
            case _:
                return f"{family}."

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
        for search in self._resolver:
            self._drop(search, "connectionLost", lost)
        for stream in list(self.streams):
            for request in stream.waiting:
                self._outbox.fail(request, "connectionLost", lost)
            stream.waiting.clear()
            self._end_untold_holds(stream)
            if not stream.holds:
                self._forget(stream, "released", now)
        self._health.disconnect(reason, now)

    # Joining and answering

    def _join(self, wanted: SubscriptionRequest, server_version: int, now: Instant) -> None:
        name = topic_names.stream(wanted.plan.name, wanted.params)
        rival = self.streams.rival(wanted.plan, name)
        if rival is not None:
            holders = ", ".join(sorted(rival.clients))
            message = f"TWS serves one {wanted.plan.name} at a time, and {holders} already hold {rival.name}"
            self._outbox.fail(wanted.request, "streamConflict", message)
            return
        try:
            self.make_room(wanted.plan.line, wanted.request.client, now, self.streams.find(wanted.plan, name))
        except Refused as refused:
            self._outbox.refuse(wanted.request, refused)
            return
        stream = self.streams.open(wanted.plan, wanted.params, name, _prefix(wanted.plan, wanted.params, name))
        self._upstream.server_version = server_version
        stream.waiting.append(wanted.request)
        if generic_ticks.covers(stream.params, wanted.params):
            self._upstream.join(stream, now)
        else:
            self._grow(stream, wanted, now)

    def _grow(self, stream: Stream, wanted: SubscriptionRequest, now: Instant) -> None:
        """The client wants more generic ticks than the stream has: request the stream from TWS with all of them."""
        if stream.smaller is None:
            stream.smaller = stream.params
        stream.growing.append(wanted.request)
        stream.params = generic_ticks.union(stream.params, wanted.params)
        if stream.state in AT_TWS:
            self._outages.begin([stream], "a client wants more generic ticks: the bridge requests them from TWS", now)
            self._upstream.ask_anew(stream, now, "widened")

    def _shrink(self, stream: Stream, text: str, code: int, now: Instant) -> None:
        """TWS refuses the generic ticks that a client wanted besides: the others keep the stream without them."""
        for request in stream.growing:
            if request.answer is None:
                self._outbox.fail(request, "rejectedByTws", text, code)
        stream.waiting = [request for request in stream.waiting if request not in stream.growing]
        stream.params, stream.smaller, stream.growing = stream.smaller or stream.params, None, []
        self._end_untold_holds(stream)
        if stream.clients:
            self._upstream.ask_anew(stream, now, "widened")
        else:
            self._release_at_tws(stream, now)

    def make_room(self, line: str | None, client: str, now: Instant, stream: Stream | None = None) -> None:
        """Find a line for that stream of the client, or for a new subscription. Raise Refused; see `Lines.check`."""
        for unused in self.lines.check(line, client, stream):
            self._release_at_tws(unused, now)

    def _answer(self, stream: Stream, now: Instant) -> None:
        """Answer all requests that wait for the stream, as soon as the holds are on disk."""
        for client in dict.fromkeys(request.client for request in stream.waiting):
            self._holds.serve(stream, client, now)

    def _answer_client(self, stream: Stream, client: str, _now: Instant) -> None:
        """The client holds the stream: answer its requests."""
        answered = [request for request in stream.waiting if request.client == client]
        stream.waiting = [request for request in stream.waiting if request.client != client]
        for request in answered:
            answer: Data = {"stream": stream.name, "topic": stream.prefix, "confirmed": stream.state == "live"}
            answer["snapshot"] = self.snapshot(*self._audible(client, stream.prefix))
            answer["kept"] = stream.holds[client].state == "held"
            self._outbox.succeed(request, "subscription", answer)

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
                self._outbox.log(
                    Log("warning", f"the bridge ends the hold of {record.client} on {record.stream}: {reason}")
                )
                self._holds.forget(record._replace(params=None))
                continue
            stream = self.streams.open(plan, params, record.stream, _prefix(plan, params, record.stream))
            stream.params = generic_ticks.union(stream.params, params)
            stream.happen("recalled")
            self._holds.recover(stream, record.client)
            clients[record.client] = True
        return list(clients)

    # Ends

    def _resolved(self, search: Search[SubscriptionRequest], server_version: int, now: Instant) -> None:
        for wanted in search.waiting:
            if wanted.request.answer is not None:
                continue
            known = self._resolver.known(search.contract)
            if known is not None:
                self._join(wanted._replace(params={**wanted.params, "contract": known}), server_version, now)
                continue
            candidates = search.candidates()
            message = f"contract: {len(candidates)} contracts match; name one by its conId"
            code = "ambiguousContract" if candidates else "unknownContract"
            self._outbox.fail(wanted.request, code, message, data={"candidates": candidates})

    def _drop(self, search: Search[SubscriptionRequest], code: str, message: str, tws_code: int | None = None) -> None:
        self._resolver.close(search.req_id)
        for wanted in search.waiting:
            self._outbox.fail(wanted.request, code, message, tws_code)

    def _leave(self, stream: Stream, client: str | None, now: Instant, reason: str | None = None) -> None:
        """End the client's hold. If it was the last, end the stream; `reason` is published with `ended`."""
        self._holds.end(stream, client or "")
        stream.waiting = [request for request in stream.waiting if request.client != client]
        if stream.clients:
            return
        if reason is None and self._linger and stream.plan.line is not None and stream.state == "live":
            stream.departures += 1
            nth = stream.departures
            self._outbox.timers.at(now.clock + self._linger, lambda later: self._end_linger(stream, nth, later))
            return
        if reason is not None:
            self._tell_ended(stream, reason, None, now)
        self._release_at_tws(stream, now)

    def _end_linger(self, stream: Stream, nth: int, now: Instant) -> None:
        """The last client has left the stream `linger` seconds ago. End it if no client has come back."""
        if stream.departures == nth and not stream.clients and stream.state != "ended":
            self._release_at_tws(stream, now)

    def _release_at_tws(self, stream: Stream, now: Instant) -> None:
        """No client holds the stream: end it."""
        self._upstream.cancel(stream)
        self._forget(stream, "released", now)

    def _end_untold_holds(self, stream: Stream) -> None:
        """End the holds of clients that were not told of them and do not wait for an answer."""
        waiting = {request.client for request in stream.waiting}
        for client, hold in list(stream.holds.items()):
            if hold.state not in TOLD and client not in waiting:
                self._holds.end(stream, client)

    def _end(self, stream: Stream, kind: str, reason: str, code: int | None, now: Instant) -> None:
        """TWS has ended the stream, or has refused it."""
        for request in stream.waiting:
            self._outbox.fail(request, kind, reason, code)
        stream.waiting.clear()
        if stream.holders:
            self._tell_ended(stream, reason, code, now)
        self._forget(stream, "refused", now)

    def _tell_ended(self, stream: Stream, reason: str, code: int | None, now: Instant) -> None:
        """Publish `ended` to the clients that may hear the stream."""
        told: Data = {"stream": stream.name, "topic": stream.prefix, "method": stream.plan.name, "reason": reason}
        told |= {} if code is None else {"code": code}
        in_family = stream.plan.family in STREAM_FAMILIES
        for prefix in [stream.prefix] if in_family else self._listeners(stream):
            self._outbox.pass_on(prefix, "ended", told, now)

    def _listeners(self, stream: Stream) -> list[str]:
        """Return the topic prefixes of the clients that may hear the stream."""
        if is_public(stream.prefix):
            return ["system."]
        if stream.prefix != "account.":
            return [stream.prefix]
        return [f"account.{topic_names.token(account)}." for account in dict.fromkeys([*self.accounts, self.account])]

    def _forget(self, stream: Stream, event: StreamEvent, now: Instant) -> None:
        """The stream is over: drop its values and holds, and its topics, unless another stream has the same topics."""
        self._outages.end(stream, now, is_back=False)
        for client in list(stream.holds):
            self._holds.end(stream, client)
        self._validity.empty(stream)
        self.streams.end(stream, event)
        if stream.plan.family in STREAM_FAMILIES and all(other.prefix != stream.prefix for other in self.streams):
            self._outbox.topic_store.drop(stream.prefix)


def _prefix(plan: RequestPlan, params: Data, name: str) -> str:
    """Return the prefix on which a subscription's events are published: of its account, or of all if it names none."""
    if plan.family in STREAM_FAMILIES:
        return f"{plan.family}.{name}."
    if plan.family == "system":
        return f"system.{min(plan.answers)}"
    account = params.get("account") or params.get("acctCode")
    return f"account.{topic_names.token(account)}." if account else f"{plan.family}."
