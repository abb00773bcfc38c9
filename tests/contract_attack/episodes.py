"""The second and third attack: TWS says anything that it may say, in both forms, to every method.

An episode asks one method, lets TWS answer with drawn callbacks, asks again, fetches snapshots and the order log, and
starts the bridge anew on the same disk. All that clients hear is held against the documents, and the same event is
compared wherever it appears.
"""

from __future__ import annotations

import traceback
from random import Random
from typing import Any

from bridge.catalogue import catalogue
from bridge.session.routing import RequestPlan, RoutingTable
from bridge.tws.errors import EncodeError
from tests.conformance.wire import callback, decode, encode
from tests.contract_attack.bodies import Bodies
from tests.contract_attack.drawn import drawn, forms
from tests.contract_attack.findings import Findings
from tests.contract_attack.oracle import document
from tests.contract_attack.strict import StrictBench
from tests.session.conftest import AAPL

Data = dict[str, Any]
ORDER = {"action": "BUY", "orderType": "LMT", "totalQuantity": "10", "lmtPrice": 187.5}
#: Builtin methods that place or touch orders, and the callbacks that answer them.
OF_ORDERS = ("placeOrder", "placeOrders", "modifyOrder", "cancelOrder", "cancelMine", "abandon", "awaitOrder")
WORDS = ("openOrder", "orderStatus", "execDetails", "commissionAndFeesReport", "error", "orderBound")
#: Asked each time anew, so the second reply may differ (C5.15).
LOOKS = (
    "ping",
    "hello",
    "status",
    "methods",
    "clients",
    "snapshot",
    "sequences",
    "release",
    "halt",
    "resume",
    "reload",
    "orderLog",
)
#: The ids by which a callback names what it is about.
IDS = ("reqId", "orderId", "id")
ERRORS = (200, 201, 202, 162, 354, 10147, 321, 399, 2104, 1100, 1102, 104, 322, 300, 10197)


def attack(seed: int, rounds: int) -> Findings:
    found = Findings()
    for number in range(rounds):
        for method in sorted({name for name, _ in Bodies(document(), Random(0)).methods()}):
            play(found, Random(f"{seed} {number} {method}"), method, pool=seed)
    return found


def play(found: Findings, chance: Random, method: str, pool: int = 1) -> None:
    """One episode, in each of the two forms; whatever goes wrong in it is a find.

    `pool`: the seed of the data that TWS may say, the same for many episodes, because drawing it is slow.
    """
    seed = chance.randrange(2**31)
    heard = []
    for form in (0, 1):
        episode = Episode(found, Random(seed), method, form, pool)
        try:
            episode.play()
        except (AssertionError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            found.add(
                f"{method}: {type(error).__name__} in {place.name}: {str(error)[:160]}",
                f"seed {seed} form {form}: {error}",
            )
            return
        heard.append([one for one in episode.bench.events if not one[0].startswith("system.")])
    _compare_forms(found, f"{method}, seed {seed}", *heard)


def _compare_forms(found: Findings, where: str, text: list[Any], protobuf: list[Any]) -> None:
    """A subscriber hears the same events from a TWS that sends text and from one that sends protobuf."""
    for (topic, event), (other_topic, other) in zip(text, protobuf, strict=False):
        found.cases += 1
        if (topic, event["seq"]) != (other_topic, other["seq"]):
            found.add(f"{event['event']}: text and protobuf go to other topics", f"{where}: {topic} {other_topic}")
            return
        if not alike(event["data"], other["data"]):
            found.add(f"{event['event']}: text and protobuf say other data", f"{where}: {event} {other}")
    if len(text) != len(protobuf):
        found.add("text and protobuf make other numbers of events", f"{where}: {len(text)} {len(protobuf)}")


def alike(one: Any, other: Any) -> bool:
    """The same in all that both forms carry: text has false and 0 for what protobuf leaves out, and fewer fields."""
    match one, other:
        case dict(), dict():
            return all(alike(one[key], other[key]) for key in one.keys() & other.keys())
        case list(), list():
            return len(one) == len(other) and all(map(alike, one, other))
        case str(), str() if one != other:
            try:
                return float(one) == float(other)
            except ValueError:
                return False
    return type(one) is type(other) and bool(one == other)


class Episode:
    def __init__(self, found: Findings, chance: Random, method: str, form: int, pool: int) -> None:
        self.found, self.chance, self.method, self.form, self.pool = found, chance, method, form, pool
        self.bench = StrictBench(found)
        self.plan = RoutingTable(catalogue()).requests.get(method)
        self.params = self._params()

    def play(self) -> None:
        bench = self.bench
        bench.ready()
        self._prepare()
        body = {"v": 1, "id": "first", "client": "alice", "method": self.method, "params": self.params}
        body |= {"stream": True} if self.chance.random() < 0.3 else {}
        bench.request(body)
        ids = [id_ for send in bench.sent for id_ in (send.data.get("reqId"), send.data.get("orderId")) if id_]
        for _ in range(self.chance.randrange(1, 9)):
            self._hear(ids)
        bench.request(body, "again")
        bench.request({**body, "id": "joined", "client": "bob"}, "bob")
        self._end(ids)
        bench.judge()
        self._parts()
        self._look()
        bench.wait(31)
        self._same_again(body)
        bench.judge()
        self._after_a_restart(body)

    def _prepare(self) -> None:
        """What must be there before: the order that is touched, or the request that is ended."""
        bench = self.bench
        if self.method in OF_ORDERS and self.method not in ("placeOrder", "placeOrders"):
            bench.ask("placeOrder", orderKey="k", contract=AAPL, order=ORDER)
            if self.chance.random() < 0.8:
                bench.tws("openOrder", orderId=100, contract=AAPL, order={**ORDER, "clientId": 1}, orderState={})
                bench.tws("orderStatus", orderId=100, status="Submitted", permId="7", clientId=1, filled="0")
        ended = sorted(RoutingTable(catalogue()).cancels.get(self.method, ()))
        if self.plan is not None and self.plan.subject is not None:
            ended = [self.plan.subject]
        if self.method == "release":
            ended = ["reqMktData"]
        if ended and self.method not in OF_ORDERS:
            before, self.method = self.method, self.chance.choice(ended)
            self.plan = RoutingTable(catalogue()).requests[self.method]
            bench.ask(self.method, id="earlier", **self._params())
            self.method = before
            if self.chance.random() < 0.5:
                self.params = {**self.params, "id": "earlier"} if self.method.startswith("cancel") else self.params
        bench.wait(2.5)

    def _params(self) -> Data:
        bodies = Bodies(document(), self.chance)
        (name,) = [name for method, name in bodies.methods() if method == self.method]
        params: Data = bodies.valid(name).get("params", {})
        for key, value in (("contract", AAPL), ("order", ORDER), ("orderKey", "k"), ("prefix", ""), ("underConId", 8)):
            if key in params:
                params[key] = value
        if self.method == "placeOrders":
            params["orders"] = [{"orderKey": key, "contract": AAPL, "order": ORDER} for key in "kl"]
        if self.method in ("cancelOrder", "abandon"):  # one key or one number
            params = {"orderKey": "k"}
        if self.method == "modifyOrder":
            params = {"orderKey": "k", "revision": 1, "order": {**ORDER, "lmtPrice": 188.0}}
        if self.method == "reqMktData" and self.chance.random() < 0.5:
            params = {"contract": AAPL}
        if self.method == "release" or (
            self.method in RoutingTable(catalogue()).cancels and self.method != "cancelOrder"
        ):
            params = {"stream": self.chance.choice(("265598", "market.265598."))} if self.method == "release" else {}
        if self.method == "exerciseOptions":
            params |= {"exerciseQuantity": 1}
        for key in ("id", "timeout", "owner", "parentKey"):
            params.pop(key, None)
        return params

    def _answers(self) -> list[str]:
        if self.method in OF_ORDERS or self.method == "exerciseOptions":
            return [*WORDS]
        if self.plan is None or not self.plan.answers:
            return ["error", "tickNews", "updateAccountValue", "currentTime"]
        return sorted(self.plan.answers)

    def _hear(self, ids: list[int]) -> None:
        """One callback, most often about what was asked."""
        name = self.chance.choice(self._answers())
        if self.chance.random() < 0.1:
            self.bench.error(
                self.chance.choice([*ids, -1]), self.chance.choice(ERRORS), "Ω" * self.chance.choice((0, 9))
            )
            return
        self._say(name, ids)

    def _say(self, name: str, ids: list[int], **more: Any) -> None:
        message = catalogue().find(name)
        assert message is not None
        data = dict(self.chance.choice(drawn(message.name, self.pool, 12)))
        if message.event is not None:
            by = [word for word, event in message.event.names.items() if event == name]
            data = {**data, message.event.by: type(data[message.event.by])(by[0])}
        fields = {field.name for field in catalogue().record(message).fields}
        data |= {key: self.chance.choice(ids) for key in IDS if ids and key in fields} | more
        if "execution" in fields and ids:
            data["execution"] = {**data.get("execution", {}), "orderId": ids[-1], "clientId": 1}
        if "order" in fields and ids:
            data["order"] = {**data.get("order", {}), "clientId": 1}
        versions = forms(message.name) or (226, 226)
        try:
            said = decode(message.name, versions[self.form], encode(message.name, versions[self.form], data))
        except EncodeError:
            return
        assert said.name == callback(message.name, data)
        self.found.cases += 1
        self.bench.tws(said.name, **said.data)

    def _end(self, ids: list[int]) -> None:
        """What ends the answer, where something does."""
        if self.plan is None or self.chance.random() < 0.3:
            return
        for end, flag in sorted(self._endings(self.plan).items()):
            self._say(end, ids, **({flag: True} if flag else {}))

    @staticmethod
    def _endings(plan: RequestPlan) -> dict[str, str | None]:
        return dict(plan.endings(213))

    def _parts(self) -> None:
        """Parts count from 1 without a hole, and the final reply says how many there were (C5.33, C5.34)."""
        mine = [
            reply.body for reply in self.bench.replies if reply.route == (b"alice",) and reply.body["id"] == "first"
        ]
        numbers = [body["part"] for body in mine if "part" in body]
        self.found.cases += 1
        if numbers != list(range(1, len(numbers) + 1)) or any("part" in body for body in mine[len(numbers) :]):
            self.found.add(f"{self.method}: parts {numbers}", mine)
        if len(mine) > len(numbers) and mine[-1]["ok"] and numbers and mine[-1].get("parts") != len(numbers):
            self.found.add(f"{self.method}: {len(numbers)} parts, and the final reply says otherwise", mine[-1])

    def _look(self) -> None:
        """The same event has the same keys and values live, in a snapshot and in the order log."""
        bench = self.bench
        live = {(topic, event["seq"]): event for topic, event in bench.events}
        numbered = {event["n"]: (topic, event) for topic, event in bench.events if "n" in event}
        seen = bench.result(bench.ask("snapshot", prefix=""))
        for event in seen["events"]:
            self.found.cases += 1
            told = live.get((event["topic"], event["seq"]))
            apart = {key: value for key, value in event.items() if key not in ("topic", "stale", "staleSince")}
            wanted = {key: value for key, value in (told or {}).items() if key not in ("v", "epoch")}
            if apart != wanted:
                self.found.add(f"snapshot differs from live: {event['event']}", f"{event} live: {told}")
        log = bench.result(bench.ask("orderLog", after=0))
        for event in log["events"]:
            self.found.cases += 1
            topic, told = numbered.pop(event["n"], ("", {}))
            wanted = {key: value for key, value in told.items() if key not in ("v", "epoch", "seq")}
            if {**wanted, "topic": topic} != event:
                self.found.add(f"order log differs from live: {event['event']}", f"{event} live: {topic} {told}")
        mine = {n: event for n, event in numbered.items() if event[0].startswith("order.alice.")}
        if mine:
            self.found.add("numbered events that the order log does not have", mine)
        bench.ask("status")
        bench.ask("sequences", prefix="")

    def _same_again(self, body: Data) -> None:
        """The same id again has the same reply (C5.13), with its `kind`."""
        first = self.bench.answers("first")
        if not first or self.method in LOOKS:
            return
        self.bench.request(body, "later")
        last = self.bench.answers("first")[-1]
        remembered = first[0]["ok"] or first[0]["error"]["code"] not in (
            "invalidRequest",
            "unknownMethod",
            "invalidParams",
        )
        if remembered and last != first[0]:
            self.found.add(f"{self.method}: the same request has another reply", f"{first[0]} then {last}")

    def _after_a_restart(self, body: Data) -> None:
        """From the ledger alone: the reply is one that the contract has, and `kind` is as it was."""
        first = self.bench.answers("first")
        anew = StrictBench(self.found, disk=self.bench.disk, runs=self.bench.runs, halted=self.bench.halted)
        anew.ready()
        anew.request(body)
        anew.wait(31)
        anew.judge()
        answers = anew.answers("first")
        if len(answers) != 1:
            self.found.add(f"{self.method}: {len(answers)} replies after a restart", f"{body} {answers}")
        elif first and first[0]["ok"] and answers[0]["ok"] and answers[0]["kind"] != first[0]["kind"]:
            self.found.add(f"{self.method}: another kind after a restart", f"{first[0]} then {answers[0]}")
