"""A seeded campaign against shared requests and kept bars: several clients, a TWS that answers in any order, twice,
late, with errors or not at all, cancels, lost connections, restarts, a slow or failing cache file, and days that end.

What is checked: each request gets one final reply; a reply with bars has exactly those that TWS would send at that
moment, once, in parts as in the list; the callbacks of each client are whole; and nothing is left behind.
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.depth import share
from tests.session.cache_file import CacheFile
from tests.session.conftest import AAPL, Bench
from tests.session.model_history import SIZES, ZONE, ModelHistory, local, written
from tests.session.test_cache_attack import ThreadedFile, _seconds

CLIENTS = ("alice", "bob", "carol")
ENDS = (
    "", "", "", "20251003 16:00:00 US/Eastern", "20251003 12:34:56 US/Eastern", "20251006 09:30:00 US/Eastern",
    "20251005 20:00:00 US/Eastern", "20251008 00:00:00 US/Eastern", "20251008 20:00:00 US/Eastern",
    "20250310 12:00:00 US/Eastern", "20250309 03:30:00 US/Eastern", "20241104 12:00:00 US/Eastern",
    "20241103 06:00:00 US/Eastern", "20251009 13:00:00 US/Eastern", "20251010 13:00:00 US/Eastern",
)  # fmt: skip
SHORT = ("1 D", "2 D", "3 D", "5 D", "1 W", "3600 S")
LENGTHS = ("5 D", "10 D", "1 D", "2 D", "3 D", "1 W", "2 W", "1 M", "7200 S", "1 d", "05 D")


class Exchange(ModelHistory):
    """`hours`, in New York: `day` as there, `round` all day on weekdays, `evening` from 20:00 to 4:00 with a
    break, `asia` from 21:30 to 4:00. `counts`: what a day of trading is: one with `bars`, or each of the `schedule`.
    `salt`: of what the bars are. `corrected`: the starts of bars that TWS has corrected.
    """

    hours = "day"
    counts = "bars"
    salt = ""
    kept: dict[tuple[str, int, int], tuple[bool, int]]

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.kept = {}
        self.corrected: set[int] = set()

    def bar(self, start: int, size: int, until: float) -> dict[str, Any] | None:
        if until < start:
            return None
        key = self.salt, start, size
        if key not in self.kept:
            dice = Random(f"{self.seed}/{self.salt}/{size}/{start}")
            self.kept[key] = dice.random() < self.holes, dice.randrange(-500, 500)
        is_hole, close = self.kept[key]
        if is_hole:
            return None
        age = min(until - start, size + 30)
        text = f"{local(start):%Y%m%d}" if size == 86_400 else written(start)
        close += start in self.corrected
        return {"date": text, "open": 1.0 * self.factor, "close": float(close * self.factor), "volume": str(int(age))}

    def session(self, day: date, size: int) -> list[int]:
        if self.hours == "day" or size == 86_400:
            return super().session(day, size)
        first = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(ZONE))
        after = int((first.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=first.tzinfo).timestamp())
        starts = range(int(first.timestamp()), after, size)
        if self.hours == "asia":
            times = [(s, local(s)) for s in starts]
            early = [s for s, at in times if at.hour < 4 and day.weekday() < 5]
            late = [s for s, at in times if (at.hour, at.minute) >= (21, 30) and day.weekday() in (6, 0, 1, 2, 3)]
            return early + late
        if day.weekday() >= 5:
            return []
        if self.hours == "round":
            return [*starts]
        return [s for s in starts if local(s).hour >= 20 or local(s).hour < 4]

    def days_back(self, amount: int, days: list[date], size: int, end: int, now: float) -> int:
        if self.hours != "asia":
            if self.counts == "bars":
                return super().days_back(amount, days, size, end, now)
            begun = [day for day in days if any(start < end for start in self.session(day, size)[:1])]
            return self.session(begun[:amount][-1], size)[0]
        opens = []
        for day in days:
            early = [s for s in self.session(day, size) if local(s).hour < 4]
            late = [s for s in self.session(day - timedelta(days=1), size) if local(s).hour >= 4]
            trading = [s for s in (late + early) if s < end and (self.counts == "schedule" or self.bar(s, size, now))]
            opens += trading[:1]
        newest = local(end).date()
        trading = [s for s in self.session(newest, size) if local(s).hour >= 4 and s < end]
        opens = trading[:1] + opens if self.counts == "schedule" else [
            *[s for s in trading if self.bar(s, size, now)][:1], *opens
        ]  # fmt: skip
        return opens[:amount][-1]


class Campaign:
    """One run."""

    def __init__(self, seed: int, *, splits: bool, failures: bool) -> None:
        self.dice = Random(seed)
        self.splits, self.failures = splits, failures
        self.is_calm = seed % 5 < 3
        arithmetic = self.dice.choice(["fixed", "calendar"])
        border = self.dice.choice(["start", "end", "day", "close"])
        self.model = Exchange(seed, arithmetic, border, self.dice.choice([0.0, 0.1, 0.5]))
        self.model.hours = self.dice.choice(["day", "day", "round", "evening", "asia"])
        self.model.counts = self.dice.choice(["bars", "schedule"])
        self.served = self.answers = self.messages = 0
        self.file: CacheFile = ThreadedFile()
        self.clock = 1000.0
        self.version = 213
        self.number = 0
        self.begin()

    def begin(self) -> None:
        self.bench = Bench(cache=self.file, caches=True, messages_per_second=self.dice.choice([3, 50]))
        self.bench.clock = self.clock
        self.asked: dict[str, tuple[str, str, dict[str, Any], bool]] = {}
        self.looked = self.told = 0
        self.open: list[dict[str, Any]] = []
        self.taken = 0
        self.connect()

    def connect(self) -> None:
        at = datetime.fromtimestamp(self.bench.now.ts / 1e9, UTC)
        self.bench.ready(self.version, time=f"{at:%Y%m%d %H:%M:%S} UTC")
        self.open = []
        self.taken = len(self.bench.sent)
        self.last: tuple[int, str, str] | None = None

    @property
    def now(self) -> float:
        return self.bench.now.ts / 1e9

    def step(self) -> None:
        wild = {
            self.ask: 10, self.reply: 10, self.wait: 3, self.cancel: 1, self.lose: 0.4, self.restart: 0.3,
            self.hang: 0.4, self.refuse: 0.7, self.repeat: 0.5, self.again: 0.5, self.half: 2,
            self.jump: 0.5, self.notice: 0.3, self.poll: 6, self.correct: 0.2, self.upgrade: 0.1,
        }  # fmt: skip
        calm = {
            self.ask: 4, self.reply: 12, self.settle: 8, self.wait: 2, self.cancel: 0.2, self.lose: 0.2,
            self.restart: 0.3, self.jump: 1, self.poll: 12, self.correct: 0.2, self.upgrade: 0.03,
        }  # fmt: skip
        steps = calm if self.is_calm else wild
        self.dice.choices([*steps], [*steps.values()])[0]()
        self.look()

    def settle(self) -> None:
        """TWS answers all that is open."""
        for _ in range(10):
            self.reply()

    # What happens

    def ask(self) -> None:
        dice = self.dice
        size = dice.choice([*SIZES])
        lengths = LENGTHS if SIZES[size] >= 300 else SHORT
        self.send({
            "contract": {**AAPL, "conId": dice.choice([1, 1, 1, 2])}, "barSizeSetting": size,
            "whatToShow": dice.choice(["TRADES", "TRADES", "MIDPOINT"]), "useRTH": self.is_regular(),
            "formatDate": dice.choice([1, 1, 2]), "endDateTime": self.end(), "duration": dice.choice(lengths),
        })  # fmt: skip

    def poll(self) -> None:
        """What strategies ask again and again."""
        dice = self.dice
        size, length = dice.choice([("5 mins", "2 W"), ("1 hour", "1 M"), ("1 min", "1 W"), ("15 mins", "10 D")])
        self.send({
            "contract": {**AAPL, "conId": 1}, "barSizeSetting": size, "whatToShow": "TRADES",
            "useRTH": self.model.hours in ("day", "asia"), "formatDate": 1,
            "endDateTime": dice.choice(["", "", "20251003 16:00:00 US/Eastern"]), "duration": length,
        })  # fmt: skip

    def is_regular(self) -> bool:
        return self.model.hours in ("day", "asia") and self.dice.random() < 0.5

    def end(self) -> str:
        if self.dice.random() < 0.7:
            return self.dice.choice(ENDS)
        at = local(self.now - self.dice.choice([0, 1, 2, 5]) * 86_400)
        return f"{at:%Y%m%d} {self.dice.choice(['00:00:00', '09:30:00', '16:00:00', '13:07:11'])} {ZONE}"

    def send(self, params: dict[str, Any]) -> None:
        self.number += 1
        dice, id_, client = self.dice, f"q{self.number}", self.dice.choice(CLIENTS)
        body = {"v": 1, "id": id_, "client": client, "method": "reqHistoricalData", "params": params}
        body |= {"stream": True} if dice.random() < 0.3 else {}
        body |= {"timeout": dice.choice([0.5, 5, 100])} if dice.random() < 0.4 else {}
        body |= {"wait": False} if dice.random() < 0.1 else {}
        body |= {"fresh": True} if dice.random() < 0.05 else {}
        self.asked[id_] = client, id_, body, "stream" in body
        self.bench.request(body, client)

    def correct(self) -> None:
        """TWS corrects one of its newest bars."""
        self.model.corrected |= {int(self.now) // 300 * 300 - 300 * self.dice.randrange(40) for _ in range(20)}

    def upgrade(self) -> None:
        """Another version of TWS connects, with other rules."""
        self.bench.session.on_lost("gone", self.bench.now)
        self.bench.collect()
        self.look()
        self.version += 1
        self.model.border = self.dice.choice(["start", "end", "day", "close"])
        self.model.arithmetic = self.dice.choice(["fixed", "calendar"])
        self.connect()

    def again(self) -> None:
        if self.asked:
            client, _, body, _ = self.dice.choice([*self.asked.values()])
            self.bench.request(body, client)

    def gather(self) -> None:
        self.bench.wait(0)
        for send in self.bench.sent[self.taken :]:
            if send.name == "reqHistoricalData":
                self.messages += 1
                self.open.append(send.data)
            elif send.name == "cancelHistoricalData" and self.dice.random() < 0.7:
                self.open = [one for one in self.open if one["reqId"] != send.data["reqId"]]
        self.taken = len(self.bench.sent)

    def take(self) -> dict[str, Any] | None:
        self.gather()
        return self.open.pop(self.dice.randrange(len(self.open))) if self.open else None

    def reply(self, *, ask: bool = False) -> None:
        params = self.take()
        if params is None:
            return
        bars, start, end = self.truth(params)
        req_id = params["reqId"]
        if not bars:
            self.bench.error(req_id, 162, "HMDS query returned no data")
            return
        if self.dice.random() < 0.05:
            self.bench.error(req_id, 165, "service message")
        self.bench.tws("historicalData", reqId=req_id, historicalDataBars=bars)
        if ask:
            self.ask()
            self.cancel()
        self.bench.tws("historicalDataEnd", reqId=req_id, startDateStr=start, endDateStr=end)
        self.last = req_id, start, end
        self.bench.wait(0)

    def half(self) -> None:
        self.reply(ask=True)

    def refuse(self) -> None:
        if (params := self.take()) is not None:
            self.bench.error(params["reqId"], self.dice.choice([162, 321, 366, 200, 10187]), "why")

    def repeat(self) -> None:
        """TWS ends a request twice."""
        if (last := self.last) is not None:
            self.bench.tws("historicalDataEnd", reqId=last[0], startDateStr=last[1], endDateStr=last[2])

    def cancel(self) -> None:
        if self.asked:
            client, id_, _, _ = self.dice.choice([*self.asked.values()][-6:])
            self.number += 1
            body = {"v": 1, "id": f"c{self.number}", "client": client, "method": "cancelHistoricalData"}
            self.bench.request({**body, "params": {"id": id_}}, client)

    def wait(self) -> None:
        self.bench.wait(self.dice.choice([0.1, 1, 3, 20]))

    def jump(self) -> None:
        seconds = self.dice.choice([300, 4000, 20_000, 90_000])
        self.bench.clock += seconds
        self.bench.session.on_timer(self.bench.now)
        self.bench.collect()
        if seconds == 90_000 and self.splits:
            self.model.factor += 1

    def lose(self) -> None:
        self.bench.session.on_lost("gone", self.bench.now)
        self.bench.collect()
        self.look()
        self.connect()

    def notice(self) -> None:
        for code in (1100, self.dice.choice([1101, 1102])):
            self.bench.error(-1, code, "connectivity")

    def restart(self) -> None:
        self.finish()
        self.clock = self.bench.clock
        if self.failures:
            self.file.fails = False
        self.begin()

    def hang(self) -> None:
        self.file.hangs = not self.file.hangs
        if self.failures:
            self.file.fails = self.dice.random() < 0.3
        self.bench.collect()

    # What must hold

    def truth(self, params: dict[str, Any]) -> tuple[list[dict[str, Any]], str, str]:
        length = str(int(params["duration"].split()[0])) + " " + params["duration"].split()[1].upper()
        self.model.salt = f"{params['contract']['conId']} {params['whatToShow']}"
        bars, start, end = self.model.answer({**params, "duration": length}, self.now)
        if params["formatDate"] == 2 and params["barSizeSetting"] != "1 day":
            bars = [{**bar, "date": str(_seconds(bar["date"]))} for bar in bars]
        return bars, start, end

    def look(self) -> None:
        """Compare new replies with what TWS would say now."""
        self.bench.wait(0)
        replies, self.looked = self.bench.replies[self.looked :], len(self.bench.replies)
        for reply in replies:
            body = reply.body
            if body["id"] not in self.asked or not body.get("ok", True):
                continue
            _, id_, question, stream = self.asked[body["id"]]
            if "part" in body or (stream and "result" in body):
                continue
            if id_ in self.seen:
                continue
            self.seen.add(id_)
            self.answers += 1
            self.served += "cached" in body
            self.compare(question, body["result"])
        for id_, (_, _, question, stream) in self.asked.items():
            if stream and id_ not in self.seen and (final := self.bench.answers(id_)) and final[0]["ok"]:
                self.seen.add(id_)
                parts = [one.body for one in self.bench.replies if one.body["id"] == id_ and "part" in one.body]
                self.answers += 1
                self.served += "cached" in final[0]
                assert [one["part"] for one in parts] == list(range(1, final[0]["parts"] + 1)), id_
                self.compare(question, [one["result"] for one in parts])

    def compare(self, question: dict[str, Any], result: list[dict[str, Any]]) -> None:
        bars, start, end = self.truth(question["params"])
        what = question["id"], question["params"], self.model.arithmetic, self.model.border, self.model.hours
        chunks = [part["data"] for part in result if part["event"] == "historicalData"]
        found = [bar for chunk in chunks for bar in chunk["historicalDataBars"]]
        ends = [part["data"] for part in result if part["event"] == "historicalDataEnd"]
        texts = [(data["startDateStr"], data["endDateStr"]) for data in ends]
        assert found == bars, (what, len(found), len(bars), found[:1], bars[:1], found[-1:], bars[-1:])
        assert texts == [(start, end)], what
        told = [
            event for topic, event in self.bench.events
            if topic.startswith(f"request.{question['client']}.historicalData") and event.get("re") == question["id"]
        ]  # fmt: skip
        is_kept = any(body.get("cached") for body in self.bench.answers(question["id"]))
        assert [event["event"] for event in told] == ([] if is_kept else [p["event"] for p in result]), what

    @property
    def seen(self) -> set[str]:
        found: set[str] = self.bench.__dict__.setdefault("seen", set())
        return found

    def finish(self) -> None:
        self.bench.wait(620)
        for id_ in self.asked:
            assert len({str(one) for one in self.bench.answers(id_)}) == 1, id_
        session = self.bench.session
        bars = session._reference.bars
        assert not len(bars) and not bars._loading and not bars._tails and not session._reference._looking
        assert not session._outbox._looking
        left = [one for one in session._pending_requests._table if one.plan.name == "reqHistoricalData"]
        assert not left
        assert not session._dispatcher.waiting()


def run(seed: int) -> Campaign:
    campaign = Campaign(seed, splits=seed % 4 == 3, failures=seed % 4 == 2)
    for _ in range(300 if seed == 111 else 150):
        campaign.step()
    campaign.finish()
    return campaign


@pytest.mark.parametrize("seed", [*share(range(12), 5), 111])
def test_each_client_gets_what_tws_would_send_now(seed: int) -> None:
    run(seed)


def main(first: int, after: int) -> None:
    """Run these seeds, and print how many answers came from the cache."""
    answers = served = messages = failed = 0
    for seed in range(first, after):
        try:
            campaign = run(seed)
        except AssertionError as error:
            failed += 1
            print(f"seed {seed}: {str(error)[:300]}", flush=True)
            continue
        answers, served = answers + campaign.answers, served + campaign.served
        messages += campaign.messages
    print(f"{after - first} seeds, {failed} failed: {answers} answers, {served} cached, {messages} messages to TWS")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
