"""Joining: the bridge finds the stream that a client requests, joins the client to it, and answers.

The bridge answers a subscription with `{stream, topic, snapshot, confirmed, kept}` when TWS's first message for it
arrives. If TWS sends nothing (a quiet instrument), the bridge answers after a short grace with `confirmed: false`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from bridge.session import topic_names
from bridge.session.bounds import limit_reached, reserved, share
from bridge.session.contracts.resolver import Resolver, Search
from bridge.session.outbox import Outbox
from bridge.session.pacing.history import HistoryRules
from bridge.session.request_ids import RequestIds
from bridge.session.requests import Refused, Request
from bridge.session.routing import RequestPlan
from bridge.session.streams import unions
from bridge.session.streams.holds import Holds
from bridge.session.streams.life import AT_TWS
from bridge.session.streams.lines import Lines
from bridge.session.streams.outages import Outages
from bridge.session.streams.prefixes import of_stream
from bridge.session.streams.stream_ends import StreamEnds
from bridge.session.streams.streams import Stream, Streams
from bridge.session.streams.upstream import UpstreamSubscriptions
from bridge.session.values import Data, Instant

#: What serves several accounts at a time (TWS's messages 2100 and 2101 say that reqAccountUpdates does not).
_OTHERS = {"reqAccountUpdates": "reqAccountUpdatesMulti, reqPositionsMulti and reqPnL"}
#: Seconds until the bridge looks again whether a rule of TWS allows a request, at least.
LOOK = 0.02


class SubscriptionRequest(NamedTuple):
    """One client's request for a subscription."""

    plan: RequestPlan
    params: Data
    request: Request


class Joining:
    """`snapshot`: returns the last values that a client may hear below a prefix."""

    def __init__(
        self,
        outbox: Outbox,
        *,
        ids: RequestIds,
        streams: Streams,
        lines: Lines,
        outages: Outages,
        upstream: UpstreamSubscriptions,
        holds: Holds,
        ends: StreamEnds,
        history: HistoryRules,
        snapshot: Callable[[str, str], Data],
    ) -> None:
        self._outbox = outbox
        self.resolver: Resolver[SubscriptionRequest] = Resolver(ids)
        self._streams = streams
        self._lines = lines
        self._outages = outages
        self._upstream = upstream
        self._holds = holds
        self._ends = ends
        self._history = history
        self._snapshot = snapshot

    def cost(self, plan: RequestPlan, params: Data) -> int:
        """Return how many messages to TWS a subscription needs: none if the bridge has requested the stream already."""
        contract = params.get("contract")
        if contract is not None and topic_names.instrument(contract) is None:
            if (contract := self.resolver.known(contract)) is None:
                return 2  # the search for the contract, and the stream
            params = {**params, "contract": contract}
        stream = self._streams.find(plan, topic_names.stream(plan.name, params))
        is_asked = stream is not None and stream.state not in ("new", "lost", "ended")
        return 0 if is_asked and stream is not None and unions.covers(stream.params, params) else 1

    def subscribe(self, wanted: SubscriptionRequest, server_version: int, now: Instant) -> None:
        """Join the client to the stream. If the contract has no conId, first request its details from TWS."""
        contract = wanted.params.get("contract")
        if contract is None or topic_names.instrument(contract) is not None:
            self._join(wanted, server_version, now)
        elif (known := self.resolver.known(contract)) is not None:
            self._join(wanted._replace(params={**wanted.params, "contract": known}), server_version, now)
        elif (search := self.resolver.search(contract, wanted)) is not None:
            self._outbox.send("reqContractDetails", {"reqId": search.req_id, "contract": contract}, search)

    def _join(self, wanted: SubscriptionRequest, server_version: int, now: Instant) -> None:
        name = topic_names.stream(wanted.plan.name, wanted.params)
        rival = self._streams.rival(wanted.plan, name)
        if rival is not None:
            holders = ", ".join(sorted(rival.clients))
            message = f"TWS serves one {wanted.plan.name} at a time, and {holders} already hold {rival.name}"
            if others := _OTHERS.get(wanted.plan.name):
                message += f"; {others} serve any number of accounts"
            self._outbox.refuse(wanted.request, Refused("streamConflict", message))
            return
        try:
            found = self._streams.find(wanted.plan, name)
            self._check_bounds(wanted.request.client, found)
            self.make_room(wanted.plan.line, wanted.request.client, now, found)
        except Refused as refused:
            self._outbox.refuse(wanted.request, refused)
            return
        if found is not None and (told := found.wants.refusal(wanted.params)) is not None:
            self._outbox.fail(wanted.request, "rejectedByTws", *told)
            return
        stream = self._streams.open(wanted.plan, wanted.params, name, of_stream(wanted.plan, wanted.params, name))
        self._upstream.server_version = server_version
        stream.waiting.append(wanted.request)
        if stream.wants.join(wanted.params, wanted.request):
            self._grow(stream, now)
        elif not stream.wants.is_later(wanted.request):
            self._upstream.join(stream, now)

    def _check_bounds(self, client: str, stream: Stream | None) -> None:
        """Raise Refused `limitReached` if there are too many streams, in all or of this client."""
        if stream is not None and client in stream.clients:
            return
        most, held = self._outbox.bounds.streams, self._streams.count(client)
        if stream is None and len(self._streams) >= most and held >= reserved(most):
            raise limit_reached("streams", most, f"{len(self._streams)} subscriptions")
        if held >= share(most):
            raise limit_reached("streams", share(most), f"{held} subscriptions", client)

    def _grow(self, stream: Stream, now: Instant) -> None:
        """A client wants more generic ticks or tags than the stream has: request the stream from TWS with all."""
        if stream.state in AT_TWS:
            self._outages.begin([stream], "a client wants more of the stream: the bridge requests it from TWS", now)
            self._upstream.ask_anew(stream, now, "widened")

    def shrink(self, stream: Stream, text: str, code: int, now: Instant) -> None:
        """TWS refuses what a client wanted: the others keep the stream without that."""
        refused = stream.wants.take_back(text, code)
        for request in refused:
            if request.answer is None:
                self._outbox.fail(request, "rejectedByTws", text, code)
        stream.waiting = [request for request in stream.waiting if request not in refused]
        self._ends.end_untold_holds(stream)
        if stream.clients:
            self._upstream.ask_anew(stream, now, "widened")
        else:
            self._ends.release(stream, now)

    def make_room(self, line: str | None, client: str, now: Instant, stream: Stream | None = None) -> None:
        """Find a line for that stream of the client, or for a new subscription. Raise Refused; see `Lines.check`."""
        for unused in self._lines.check(line, client, stream):
            self._ends.release(unused, now)

    def answer(self, stream: Stream, now: Instant) -> None:
        """Answer all requests that wait for the stream, as soon as the holds are on disk.

        Then try what TWS has not refused, but which was in a list that it refused.
        """
        for client in dict.fromkeys(r.client for r in stream.waiting if not stream.wants.is_later(r)):
            self._holds.serve(stream, client, now)
        if stream.wants.try_next():
            self._grow(stream, now)

    def answer_client(self, stream: Stream, client: str, _now: Instant) -> None:
        """The client holds the stream: answer its requests."""
        answered = [r for r in stream.waiting if r.client == client and not stream.wants.is_later(r)]
        stream.waiting = [request for request in stream.waiting if request not in answered]
        for request in answered:
            answer: Data = {"stream": stream.name, "topic": stream.prefix, "confirmed": stream.state == "live"}
            answer["snapshot"] = self._snapshot(client, stream.prefix)
            answer["kept"] = stream.holds[client].state == "held"
            self._outbox.succeed(request, "subscription", answer)

    def on_found(self, search: Search[SubscriptionRequest], server_version: int, now: Instant) -> None:
        """The search is over: join those that wait for it to their stream, or fail them."""
        for wanted in search.waiting:
            if wanted.request.answer is not None:
                continue
            known = self.resolver.known(search.contract)
            if known is not None:
                found = wanted._replace(params={**wanted.params, "contract": known})
                self._join_when_allowed(found, server_version, now)
                continue
            candidates = search.candidates()
            message = f"contract: {len(candidates)} contracts match; name one by its conId"
            code = "ambiguousContract" if candidates else "unknownContract"
            self._outbox.refuse(wanted.request, Refused(code, message, candidates=candidates))

    def _join_when_allowed(self, wanted: SubscriptionRequest, server_version: int, now: Instant) -> None:
        """Join the stream. If it must be requested from TWS, wait until TWS's rules allow that for this instrument."""
        if wanted.request.answer is not None:
            return
        wait = self._history.wait(wanted.plan.name, wanted.params, now.clock)
        if wait > 0 and self.cost(wanted.plan, wanted.params):
            due = now.clock + max(wait, LOOK)
            self._outbox.timers.at(due, lambda later: self._join_when_allowed(wanted, server_version, later))
        else:
            self._join(wanted, server_version, now)

    def close_unwanted(self) -> None:
        """End the searches that no request waits for any more."""
        for search in self.resolver:
            if all(wanted.request.answer is not None for wanted in search.waiting):
                self.resolver.close(search.req_id)

    def unsendable_search(self, search: Search[SubscriptionRequest], refused: Refused) -> None:
        """The shell did not send the search: fail the requests that wait for it."""
        self.resolver.close(search.req_id)
        for wanted in search.waiting:
            self._outbox.refuse(wanted.request, refused)

    def fail_search(
        self, search: Search[SubscriptionRequest], code: str, message: str, tws_code: int | None = None
    ) -> None:
        self.resolver.close(search.req_id)
        for wanted in search.waiting:
            self._outbox.fail(wanted.request, code, message, tws_code)
