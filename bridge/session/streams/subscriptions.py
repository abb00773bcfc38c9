"""Subscriptions of clients: resolved to a stream, joined, answered, released. Decides; `streams` remembers.

A subscription is answered with `{stream, topic, snapshot, confirmed}` at TWS's first word on it. Where TWS has no word
to say (a quiet instrument), it is answered after a short grace with `confirmed: false`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from bridge.session import codes, names
from bridge.session.asks import Ask, Refused
from bridge.session.outlet import Outlet
from bridge.session.questions.flights import Ids
from bridge.session.rights.grants import is_public
from bridge.session.streams.quotes import highest
from bridge.session.streams.resolver import Resolver, Search
from bridge.session.streams.streams import Stream, Streams
from bridge.session.values import Data, Instant
from bridge.session.vocabulary import STREAM_FAMILIES, RequestPlan

#: client, prefix -> what of it the client may hear, as prefixes.
Cut = Callable[[str, str], list[str]]


class Wish(NamedTuple):
    """What one client wants."""

    plan: RequestPlan
    params: Data
    ask: Ask


class Subscriptions:
    """`grace`: seconds after which a subscription without any word from TWS is answered all the same."""

    def __init__(self, outlet: Outlet, ids: Ids, cut: Cut, grace: float) -> None:
        self._outlet = outlet
        self._resolver: Resolver[Wish] = Resolver(ids)
        self._cut = cut
        self._grace = grace
        self.streams = Streams(ids)
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

    def release(self, client: str, methods: frozenset[str] | None, name: str | None) -> str:
        """End the client's hold on a stream, named or the only one; its name.

        Raises Refused where it holds none, or several.
        """
        stream = self._held(client, methods, name)
        self._leave(stream, client)
        return stream.name

    def subject(self, client: str, method: str, name: str | None) -> int | None:
        """The id of the client's subscription by `method`; raise Refused where it holds none, or several."""
        return self._held(client, frozenset({method}), name).req_id

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

    def release_all(self, client: str) -> list[str]:
        """End all holds of a client; the names of those streams that anyone may hear."""
        held = self.streams.held_by(client)
        for stream in held:
            self._leave(stream, client)
        return [stream.name for stream in held if is_public(stream.prefix)]

    def give_up(self, ask: Ask) -> None:
        """The ask was answered otherwise: its client does not hold what it never got."""
        for stream in list(self.streams):
            if ask in stream.waiting:
                stream.waiting.remove(ask)
                if not any(other.client == ask.client for other in stream.waiting):
                    self._leave(stream, ask.client)
        for search in self._resolver:
            if all(wish.ask.answer is not None for wish in search.waiting):
                self._resolver.close(search.req_id)

    def unsendable_search(self, search: Search[Wish], message: str) -> None:
        self._drop(search, "invalidParams", message)

    def unsendable(self, stream: Stream, message: str) -> None:
        for ask in stream.waiting:
            self._outlet.fail(ask, "invalidParams", message)
        self.streams.end(stream)

    def is_held(self, method: str) -> bool:
        """Whether TWS serves clients a subscription by that method, or was asked to."""
        return any(s.plan.name == method and s.state in ("asking", "live") for s in self.streams)

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
            self.on_word(stream, name)
            return
        topic = self._outlet.board.topic(stream.prefix, name, plan.keep)
        self._outlet.board.publish(topic, data, now.ts)
        self.on_word(stream, name)
        if stream.state == "live":
            stream.topics[name] = topic

    def on_word(self, stream: Stream, name: str) -> None:
        """TWS has said something on the stream: it lives, or its first download has ended."""
        if stream.state == "asking" and (not stream.ends or name in stream.ends):
            stream.state = "live"
            self._answer(stream, confirmed=True)

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
            if codes.is_warning(code) or (search := self._resolver.close(req_id)) is None:
                return False
            self._drop(search, "rejectedByTws", text, code)
            return True
        for ask in stream.waiting:
            self._outlet.tell(ask, "error", data, now)
        if stream.plan.family in STREAM_FAMILIES:
            self._outlet.pass_on(stream.prefix, "error", data, now)
        if not codes.is_warning(code) and (stream.state == "asking" or codes.ends_stream(code)):
            self._end(stream, text, code, now)
        return True

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

    def connection_lost(self, reason: str, now: Instant) -> None:
        """Every subscription is gone at TWS. Who waits is answered, who listens hears of the gap."""
        lost = f"the connection to TWS was lost before the answer: {reason}"
        for search in self._resolver:
            self._drop(search, "connectionLost", lost)
        for stream in list(self.streams):
            for ask in stream.waiting:
                self._outlet.fail(ask, "connectionLost", lost)
            stream.waiting.clear()
        self._tell_gap(self.streams.lose(), {"reason": reason}, now)

    # How it goes on

    def _join(self, wish: Wish, server_version: int, now: Instant) -> None:
        name = names.stream(wish.plan.name, wish.params)
        rival = self.streams.rival(wish.plan, name)
        if rival is not None:
            holders = ", ".join(sorted(rival.holders))
            message = f"TWS serves one {wish.plan.name} at a time, and {rival.name} is held by {holders}"
            self._outlet.fail(wish.ask, "streamConflict", message)
            return
        stream = self.streams.open(wish.plan, wish.params, name, _prefix(wish, name))
        stream.holders.add(wish.ask.client)
        stream.waiting.append(wish.ask)
        if stream.state == "live":
            self._answer(stream, confirmed=True)
        elif stream.state in ("new", "lost"):
            self._outlet.send(wish.plan.name, self.streams.ask(stream, wish.plan.download_end(server_version)), stream)
            if not stream.ends:
                self._outlet.agenda.at(now.clock + self._grace, lambda _: self._settle(stream))

    def _settle(self, stream: Stream) -> None:
        """The grace is over: the stream stands, though TWS has said nothing yet."""
        if stream.state == "asking":
            self._answer(stream, confirmed=False)

    def _answer(self, stream: Stream, *, confirmed: bool) -> None:
        waiting, stream.waiting = stream.waiting, []
        for ask in waiting:
            snapshot = self._outlet.board.snapshot(*self._cut(ask.client, stream.prefix))
            answer = {"stream": stream.name, "topic": stream.prefix, "snapshot": snapshot, "confirmed": confirmed}
            self._outlet.succeed(ask, answer)

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

    def _leave(self, stream: Stream, client: str) -> None:
        stream.holders.discard(client)
        if stream.holders:
            return
        cancel = stream.plan.cancel
        if cancel is not None and stream.state in ("asking", "live"):
            key: Data = {} if stream.req_id is None else {"reqId": stream.req_id}
            same = {name: value for name, value in stream.params.items() if name in stream.plan.cancel_takes}
            again = {"subscribe": False} if cancel == stream.plan.name else {}
            self._outlet.send(cancel, key | same | again)
        self._forget(stream)

    def _end(self, stream: Stream, reason: str, code: int, now: Instant) -> None:
        """TWS has ended the stream, or never begun it."""
        for ask in stream.waiting:
            self._outlet.fail(ask, "rejectedByTws", reason, code)
        if stream.state == "live":
            self._tell_gap([stream], {"reason": reason, "code": code}, now)
        self._forget(stream)

    def _tell_gap(self, streams: list[Stream], why: Data, now: Instant) -> None:
        """Say to each who may hear streams that these bring nothing more: of accounts, below the accounts only."""
        told: dict[str, list[Stream]] = {}
        for stream in streams:
            for prefix in self._listeners(stream):
                told.setdefault(prefix, []).append(stream)
        for prefix, lost in told.items():
            gap = {"streams": [stream.name for stream in lost], "topics": [stream.prefix for stream in lost]}
            self._outlet.pass_on(prefix, "gap", {**gap, **why, "since": now.ts}, now)

    def _listeners(self, stream: Stream) -> list[str]:
        """Below which prefixes those listen who may hear the stream."""
        if is_public(stream.prefix):
            return ["system."]
        if stream.prefix != "account.":
            return [stream.prefix]
        return [f"account.{names.token(account)}." for account in dict.fromkeys([*self.accounts, self.account])]

    def _forget(self, stream: Stream) -> None:
        self.streams.end(stream)
        if stream.plan.family in STREAM_FAMILIES:
            self._outlet.board.forget(stream.prefix)


def _prefix(wish: Wish, name: str) -> str:
    """Where a subscription's events are published; all accounts, where it names none."""
    if wish.plan.family in STREAM_FAMILIES:
        return f"{wish.plan.family}.{name}."
    if wish.plan.family == "system":
        return f"system.{min(wish.plan.answers)}"
    account = wish.params.get("account") or wish.params.get("acctCode")
    return f"account.{names.token(account)}." if account else f"{wish.plan.family}."
