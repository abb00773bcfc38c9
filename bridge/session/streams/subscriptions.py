"""Subscriptions of clients: resolved to a stream, joined, answered, released. Decides; `streams` remembers.

A subscription is answered with `{stream, topic, snapshot, confirmed}` at TWS's first word on it. Where TWS has no word
to say (a quiet instrument), it is answered after a short grace with `confirmed: false`. What clients hold outlives the
subscription at TWS: where TWS no longer serves it, the bridge asks again by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from bridge.session import codes, names
from bridge.session.asks import Ask, Refused
from bridge.session.outlet import Outlet
from bridge.session.questions.flights import Ids
from bridge.session.rights.grants import is_public
from bridge.session.streams.life import AT_TWS, StreamEvent
from bridge.session.streams.outages import Outages
from bridge.session.streams.quotes import highest
from bridge.session.streams.renewal import Renewal
from bridge.session.streams.resolver import Resolver, Search
from bridge.session.streams.streams import Stream, Streams
from bridge.session.streams.validity import Validity
from bridge.session.values import Data, Instant
from bridge.session.vocabulary import STREAM_FAMILIES, RequestPlan

#: client, prefix -> what of it the client may hear, as prefixes.
Cut = Callable[[str, str], list[str]]


class Wish(NamedTuple):
    """What one client wants."""

    plan: RequestPlan
    params: Data
    ask: Ask


#: How often TWS is asked for a subscription that it says nothing on.
MOST_TRIES = 3


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds. A subscription that TWS says nothing on is answered after `grace`, and asked for again after `retry`.

    A stream that TWS says it kept (1102) must bring something within `verify`; a quiet one is asked for again then.
    """

    grace: float = 2.0
    retry: float = 10.0
    verify: float = 20.0


class Subscriptions:
    def __init__(self, outlet: Outlet, ids: Ids, cut: Cut, patience: Patience) -> None:
        self._outlet = outlet
        self._resolver: Resolver[Wish] = Resolver(ids)
        self._audible = cut
        self._patience = patience
        self.streams = Streams(ids)
        self._validity = Validity(outlet)
        self._outages = Outages(outlet, self._listeners)
        self._renewal = Renewal(outlet.agenda, self.streams, self._ask)
        self._server_version = 0
        self._is_cut = False
        #: Called with client, method and name of a stream that its client releases.
        self.released: Callable[[str, str, str], None] = lambda _client, _method, _name: None
        #: The accounts that TWS has.
        self.accounts: list[str] = []

    @property
    def account(self) -> str:
        """Where account events go that name no account: the only account there is, else `all`."""
        return self.accounts[0] if len(self.accounts) == 1 else "all"

    # What clients want

    def subscribe(self, wish: Wish, server_version: int, now: Instant) -> None:
        """Join the stream, asking TWS for the contract's conId first where the client gave none."""
        contract = wish.params.get("contract")
        if contract is None or names.instrument(contract) is not None:
            self._join(wish, server_version, now)
        elif (known := self._resolver.known(contract)) is not None:
            self._join(wish._replace(params={**wish.params, "contract": known}), server_version, now)
        elif (search := self._resolver.search(contract, wish)) is not None:
            self._outlet.send("reqContractDetails", {"reqId": search.req_id, "contract": contract}, search)

    def release(self, client: str, methods: frozenset[str] | None, name: str | None, now: Instant) -> str:
        """End the client's hold on a stream, named or the only one; its name.

        Raises Refused where it holds none, or several.
        """
        stream = self._held(client, methods, name)
        for ask in [ask for ask in stream.waiting if ask.client == client]:
            self._outlet.fail(ask, "cancelled", "its client has released the stream")
        self.released(client, stream.plan.name, stream.name)
        self._leave(stream, client, now)
        return stream.name

    def subject(self, client: str, method: str, name: str | None) -> int | None:
        """The id of the client's subscription by `method`; raise Refused where it holds none, or several."""
        stream = self._held(client, frozenset({method}), name)
        if stream.state not in AT_TWS:
            raise Refused("notConnected", f"TWS does not serve {stream.name} now: the bridge asks for it again")
        return stream.req_id

    def _held(self, client: str, methods: frozenset[str] | None, name: str | None) -> Stream:
        """The stream of that name or topic, which need not be named where the client holds one alone."""
        held = [
            stream
            for stream in self.streams.held_by(client)
            if name in (None, stream.name, stream.prefix) and (methods is None or stream.plan.name in methods)
        ]
        if not held:
            what = f"no stream {name}" if name is not None else f"no stream of {', '.join(sorted(methods or ()))}"
            raise Refused("unknownStream", f"{client} holds {what}")
        if len(held) > 1:
            topics = ", ".join(f"{stream.prefix} ({stream.name})" for stream in held)
            raise Refused("invalidParams", f"stream: {client} holds several: name one ({topics})", field="stream")
        return held[0]

    def release_all(self, client: str, now: Instant) -> list[str]:
        """End all holds of a client that is lost; the names of those streams that anyone may hear."""
        held = self.streams.held_by(client)
        for stream in held:
            self._leave(stream, client, now, "no client that holds it was heard from for a lease")
        return [stream.name for stream in held if is_public(stream.prefix)]

    def give_up(self, ask: Ask, now: Instant) -> None:
        """The ask was answered otherwise: its client does not hold what it never got."""
        for stream in list(self.streams):
            if ask in stream.waiting:
                stream.waiting.remove(ask)
                if not stream.clients:
                    self._leave(stream, None, now)
        for search in self._resolver:
            if all(wish.ask.answer is not None for wish in search.waiting):
                self._resolver.close(search.req_id)

    def unsendable_search(self, search: Search[Wish], message: str) -> None:
        self._drop(search, "invalidParams", message)

    def unsendable(self, stream: Stream, message: str, now: Instant) -> None:
        self._end(stream, "invalidParams", message, None, now)

    def newest(self, stream: Stream) -> int | None:
        """When TWS last told a value of the stream: ns since 1970 UTC; None where none is kept."""
        return self._validity.newest(stream)

    def is_held(self, method: str) -> bool:
        """Whether TWS serves clients a subscription by that method, or was asked to."""
        return any(s.plan.name == method and s.state in AT_TWS for s in self.streams)

    def quote(self, contract: Data) -> float | None:
        """The highest of the contract's last known prices; None where no subscription brings one."""
        con_id = contract.get("conId") or (self._resolver.known(contract) or {}).get("conId")
        return highest(self.streams, con_id) if con_id else None

    # What TWS says

    def on_event(self, stream: Stream, name: str, data: Data, now: Instant) -> None:
        """A callback of a stream that is not yet on the straight line: its first of that name, or not a tick."""
        plan = self._outlet.vocabulary.events[name]
        if plan.family in ("account", "news") or stream.plan.family not in STREAM_FAMILIES:
            self._outlet.publish(self.prefix_of(plan.family, data, stream.params), name, data, now)
            self.on_word(stream, name, now)
            return
        topic = self._outlet.board.topic(stream.prefix, name, plan.keep)
        self._outlet.board.publish(topic, data, now.ts)
        self.on_word(stream, name, now)
        if stream.state == "live":
            stream.topics[name] = topic

    def on_word(self, stream: Stream, name: str, now: Instant) -> None:
        """TWS has said something on the stream: it lives, or its first download has ended."""
        stream.has_word, before = True, stream.state
        if before == "asking" and stream.ends and name not in stream.ends:
            return
        if before == "asking" and stream.ends and stream.doubts != stream.asked_at_doubts:
            self._ask_anew(stream, now)  # an outage interrupted the download: what it lacks may still be there
            return
        if not stream.happen("word"):
            return
        if before == "asking":
            self._served(stream, now)
        else:
            self._verify(stream, now)
        self._answer(stream)

    def _served(self, stream: Stream, now: Instant) -> None:
        """TWS serves it anew; what it tells while IBKR is out of reach may be old."""
        stream.tries = 0
        self._validity.renew(stream, now)
        if self._is_cut:
            self._cut([stream], "cut", "TWS has told it while IBKR was out of reach", None, now)
        else:
            self._outages.end(stream, now)

    def on_details(self, name: str, data: Data, server_version: int, now: Instant) -> bool:
        """Take an answer to a question of our own for a contract's details; False where it is none."""
        if name != "contractDetailsEnd":
            return self._resolver.found(data.get("reqId"), data)
        search = self._resolver.close(data.get("reqId"))
        if search is None:
            return False
        self._resolved(search, server_version, now)
        return True

    def on_error(self, req_id: int, data: Data, now: Instant) -> bool:
        """Take an error that names a stream, or one of our own questions for a contract."""
        code, text = data.get("errorCode", 0), data.get("errorMsg", "")
        stream = self.streams.by_id.get(req_id)
        if stream is None:
            if code in codes.NO_SUBSCRIPTION and self.streams.is_retired(req_id):
                return True
            if codes.is_warning(code) or (search := self._resolver.close(req_id)) is None:
                return False
            self._drop(search, "rejectedByTws", text, code)
            return True
        for ask in stream.waiting:
            self._outlet.tell(ask, "error", data, now)
        if stream.plan.family in STREAM_FAMILIES:
            self._outlet.pass_on(stream.prefix, "error", data, now)
        if code == codes.BOOK_RESET:
            self._validity.empty(stream)
        elif code == codes.COMPETING_SESSION:
            self._cut([stream], "taken", text, code, now)
        elif code in codes.ASK_AGAIN:
            self._drop_at_tws([stream], text, code, now)
        elif codes.ends_stream(code) or (
            stream.state == "asking" and not stream.holders and not codes.is_warning(code)
        ):
            self._end(stream, "rejectedByTws", text, code, now)
        return True

    def on_notice(self, code: int, text: str, now: Instant, *, is_cut: bool) -> None:
        """A notice of TWS about its connection to IBKR, or to a data farm. `is_cut`: IBKR is out of reach now."""
        self._is_cut = is_cut
        if code in (codes.CONNECTIVITY_LOST, codes.SERVER_BROKEN):
            self._cut(list(self.streams), "cut", text, code, now)
        elif (families := codes.FARM_BROKEN.get(code)) is not None:
            self._cut([stream for stream in self.streams if stream.plan.family in families], "cut", text, code, now)
        elif code == codes.RESTORED_DATA_LOST:
            self._drop_at_tws([s for s in self.streams if s.state in AT_TWS], text, code, now)
        elif code == codes.RESTORED_DATA_KEPT:
            for stream in self.streams:
                stream.happen("kept")
                self._verify(stream, now)
        elif code in codes.FARMS_OK and not is_cut:
            for stream in self.streams:
                if stream.happen("back"):
                    self._verify(stream, now)

    def prefix_of(self, family: str, data: Data, params: Data) -> str:
        """The topic prefix of an event that no stream names: by its account, its news source, or its family."""
        match family:
            case "account":
                account = data.get("account") or data.get("accountName") or params.get("account")
                return f"account.{names.token(account or params.get('acctCode') or self.account)}."
            case "news":
                return f"news.{names.token(data.get('providerCode') or 'bulletins')}."
            case _:
                return f"{family}."

    def connected(self, server_version: int, now: Instant) -> None:
        """TWS takes requests: it is asked for all that clients hold."""
        self._server_version = server_version
        self._renewal.begin(now)

    def is_late(self, data: Data) -> bool:
        """Whether this callback is about a subscription that is over."""
        return self.streams.is_retired(data.get("reqId"))

    def connection_lost(self, reason: str, now: Instant) -> None:
        """Every subscription is gone at TWS. Who waits is answered, who listens hears of the gap."""
        self._renewal.stop()
        self._is_cut = False
        lost = f"the connection to TWS was lost before the answer: {reason}"
        for search in self._resolver:
            self._drop(search, "connectionLost", lost)
        for stream in list(self.streams):
            for ask in stream.waiting:
                self._outlet.fail(ask, "connectionLost", lost)
            stream.waiting.clear()
            if not stream.holders:
                self._forget(stream, "released", now)
        for stream in self.streams:
            self._validity.doubt(stream, now)
            stream.doubts += 1
            stream.tries = 0
        self.streams.disconnect()
        self._outages.begin(list(self.streams), reason, now)

    # How it goes on

    def _join(self, wish: Wish, server_version: int, now: Instant) -> None:
        name = names.stream(wish.plan.name, wish.params)
        rival = self.streams.rival(wish.plan, name)
        if rival is not None:
            holders = ", ".join(sorted(rival.clients))
            message = f"TWS serves one {wish.plan.name} at a time, and {rival.name} is held by {holders}"
            self._outlet.fail(wish.ask, "streamConflict", message)
            return
        stream = self.streams.open(wish.plan, wish.params, name, _prefix(wish, name))
        self._server_version = server_version
        stream.waiting.append(wish.ask)
        if stream.state in ("live", "cut", "doubtful"):
            self._answer(stream)
        elif stream.state in ("new", "lost"):
            self._ask(stream, now)
        elif stream.tries >= MOST_TRIES and not stream.has_word:
            stream.tries = 0
            self._ask_anew(stream, now)
        elif not stream.ends:
            self._outlet.agenda.at(now.clock + self._patience.grace, lambda _later: self._settle(stream))

    def _ask(self, stream: Stream, now: Instant) -> None:
        """Ask TWS for it now."""
        ends = stream.plan.download_end(self._server_version)
        params = self.streams.ask(stream, ends)
        self._outlet.send(stream.plan.name, params, stream)
        if not ends:
            self._outlet.agenda.at(now.clock + self._patience.grace, lambda _later: self._settle(stream))
        tries = stream.tries
        self._outlet.agenda.at(now.clock + self._patience.retry, lambda later: self._retry(stream, tries, later))

    def _settle(self, stream: Stream) -> None:
        """The grace is over: the stream stands, though TWS has said nothing yet."""
        if stream.state == "asking" and not stream.ends:
            self._answer(stream)

    def _retry(self, stream: Stream, tries: int, now: Instant) -> None:
        """TWS has said nothing: it may have dropped the request, as it does in the seconds after it has started.

        Asked often enough, the stream counts as a quiet one: nothing of before holds, and nothing else comes.
        """
        if stream.state != "asking" or stream.tries != tries or stream.has_word:
            return
        if tries < MOST_TRIES:
            self._ask_anew(stream, now)
        elif not stream.ends and not self._is_cut:
            self._validity.renew(stream, now)
            self._outages.end(stream, now)

    def _ask_anew(self, stream: Stream, now: Instant) -> None:
        """End what TWS may serve, and ask for it again."""
        self._send_cancel(stream)
        self._validity.doubt(stream, now)
        self.streams.drop(stream, "silent")
        self._renewal.plan(now)

    def _answer(self, stream: Stream) -> None:
        waiting, stream.waiting = stream.waiting, []
        for ask in waiting:
            stream.holders.add(ask.client)
            snapshot = self._outlet.board.snapshot(*self._audible(ask.client, stream.prefix))
            is_live = stream.state == "live"
            answer = {"stream": stream.name, "topic": stream.prefix, "snapshot": snapshot, "confirmed": is_live}
            self._outlet.succeed(ask, answer)

    # Doubt

    def _cut(self, streams: list[Stream], event: StreamEvent, reason: str, code: int | None, now: Instant) -> None:
        """TWS may not serve these any more, and may go on to. Whatever it has told is in doubt."""
        cut = [stream for stream in streams if stream.state in AT_TWS]
        for stream in cut:
            stream.happen(event)
            stream.doubts += 1
            self._validity.doubt(stream, now)
        self._outages.begin(cut, reason, now, code)

    def _drop_at_tws(self, streams: list[Stream], reason: str, code: int, now: Instant) -> None:
        """TWS does not serve these any more."""
        for stream in streams:
            self.streams.drop(stream, "dropped")
            stream.doubts += 1
            stream.tries = 0
            self._validity.doubt(stream, now)
        self._outages.begin(streams, reason, now, code)
        self._renewal.plan(now)

    def _verify(self, stream: Stream, now: Instant) -> None:
        """See in a while whether TWS serves it."""
        if stream.state in AT_TWS and self._outages.is_out(stream):
            stream.doubts += 1
            doubts = stream.doubts
            self._outlet.agenda.at(
                now.clock + self._patience.verify, lambda later: self._verified(stream, doubts, later)
            )

    def _verified(self, stream: Stream, doubts: int, now: Instant) -> None:
        if stream.doubts != doubts:
            return
        if stream.state == "live":
            self._validity.trust(stream)
            self._outages.end(stream, now)
        elif stream.state in ("doubtful", "asking"):
            self._ask_anew(stream, now)

    # How it ends

    def _resolved(self, search: Search[Wish], server_version: int, now: Instant) -> None:
        for wish in search.waiting:
            if wish.ask.answer is not None:
                continue
            known = self._resolver.known(search.contract)
            if known is not None:
                self._join(wish._replace(params={**wish.params, "contract": known}), server_version, now)
                continue
            candidates = search.candidates()
            message = f"contract: {len(candidates)} contracts match, name one by its conId"
            code = "ambiguousContract" if candidates else "unknownContract"
            self._outlet.fail(wish.ask, code, message, data={"candidates": candidates})

    def _drop(self, search: Search[Wish], code: str, message: str, tws_code: int | None = None) -> None:
        self._resolver.close(search.req_id)
        for wish in search.waiting:
            self._outlet.fail(wish.ask, code, message, tws_code)

    def _leave(self, stream: Stream, client: str | None, now: Instant, reason: str | None = None) -> None:
        """The client does not hold it; `reason`: what those hear who listen to it, if it ends by that."""
        stream.holders.discard(client or "")
        stream.waiting = [ask for ask in stream.waiting if ask.client != client]
        if not stream.clients:
            self._send_cancel(stream)
            if reason is not None:
                self._tell_ended(stream, reason, None, now)
            self._forget(stream, "released", now)

    def _send_cancel(self, stream: Stream) -> None:
        cancel = stream.plan.cancel
        if cancel is not None and stream.state in AT_TWS:
            key: Data = {} if stream.req_id is None else {"reqId": stream.req_id}
            same = {name: value for name, value in stream.params.items() if name in stream.plan.cancel_takes}
            again = {"subscribe": False} if cancel == stream.plan.name else {}
            self._outlet.send(cancel, key | same | again)

    def _end(self, stream: Stream, kind: str, reason: str, code: int | None, now: Instant) -> None:
        """TWS has ended the stream, or never begun it."""
        for ask in stream.waiting:
            self._outlet.fail(ask, kind, reason, code)
        stream.waiting.clear()
        if stream.holders:
            self._tell_ended(stream, reason, code, now)
        self._forget(stream, "refused", now)

    def _tell_ended(self, stream: Stream, reason: str, code: int | None, now: Instant) -> None:
        """Say to those who may hear it that no more comes."""
        told: Data = {"stream": stream.name, "topic": stream.prefix, "method": stream.plan.name, "reason": reason}
        told |= {} if code is None else {"code": code}
        in_family = stream.plan.family in STREAM_FAMILIES
        for prefix in [stream.prefix] if in_family else self._listeners(stream):
            self._outlet.pass_on(prefix, "ended", told, now)

    def _listeners(self, stream: Stream) -> list[str]:
        """Below which prefixes those listen who may hear the stream."""
        if is_public(stream.prefix):
            return ["system."]
        if stream.prefix != "account.":
            return [stream.prefix]
        return [f"account.{names.token(account)}." for account in dict.fromkeys([*self.accounts, self.account])]

    def _forget(self, stream: Stream, event: StreamEvent, now: Instant) -> None:
        """It is over: nothing of it holds any more, and its topics go, unless another stream has the same."""
        self._outages.end(stream, now, is_back=False)
        self._validity.empty(stream)
        self.streams.end(stream, event)
        if stream.plan.family in STREAM_FAMILIES and all(other.prefix != stream.prefix for other in self.streams):
            self._outlet.board.drop(stream.prefix)


def _prefix(wish: Wish, name: str) -> str:
    """Where a subscription's events are published; all accounts, where it names none."""
    if wish.plan.family in STREAM_FAMILIES:
        return f"{wish.plan.family}.{name}."
    if wish.plan.family == "system":
        return f"system.{min(wish.plan.answers)}"
    account = wish.params.get("account") or wish.params.get("acctCode")
    return f"account.{names.token(account)}." if account else f"{wish.plan.family}."
