"""The follower of the order log, without a socket: whatever is lost, repeated or restarted, each event comes once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tws_bridge_client.orderlog import RETRY, SILENCE, SOON, LogFollower, LogPosition


class Log:
    """A bridge's order log, from which a follower reads and hears."""

    def __init__(self, name="log-1"):
        self.name = name
        self.epoch = "e1"
        self.events = []

    def add(self):
        n = len(self.events) + 1
        topic = "order.alice.k.orderStatus"
        self.events.append({"n": n, "ts": n, "topic": topic, "event": "orderStatus", "data": {"n": n}})
        return n

    def read(self, after, limit=500):
        return {"epoch": self.epoch, "log": self.name, "head": len(self.events), "events": self.events[after:][:limit]}


class Consumer:
    """A follower, and what it has made of the events: lost with a crash unless its position was stored with it."""

    def __init__(self, log, position=None, taken=()):
        self.log = log
        self.follower = LogFollower("alice", position)
        self.position = position
        self.taken = list(taken)
        self.now = 0.0
        self.asked = []
        self.follower.start(self.now)
        self.step()

    def step(self):
        self.asked += self.follower.commands()
        for event in self.follower.events():
            self.taken.append((event.event, event.data.get("n")))
            self.position = event.position

    def hear(self, n):
        event = self.log.events[n - 1]
        self.follower.on_event(event["topic"], {**event, "epoch": self.log.epoch}, self.now)
        self.step()

    def head(self):
        data = {"log": self.log.name, "head": len(self.log.events)}
        self.follower.on_event("order.alice.head", {"epoch": self.log.epoch, "data": data}, self.now)
        self.step()

    def answer(self, limit=500):
        """Answer the oldest question."""
        ask = self.asked.pop(0)
        self.follower.on_reply(ask.token, self.log.read(ask.params["after"], limit), self.now)
        self.step()

    def wait(self):
        self.now += 6
        self.follower.on_timer(self.now)
        self.step()

    def numbers(self):
        return [n for _, n in self.taken]


def test_first_the_log_is_read_then_what_follows_is_taken():
    log = Log()
    log.add(), log.add()
    consumer = Consumer(log)
    consumer.answer()
    consumer.hear(log.add())
    assert consumer.numbers() == [1, 2, 3]
    assert consumer.position == LogPosition("log-1", 3)
    assert consumer.asked == []


def test_a_jump_is_read():
    log = Log()
    consumer = Consumer(log)
    consumer.answer()
    log.add()
    consumer.hear(log.add())
    assert consumer.numbers() == []
    consumer.answer()
    assert consumer.numbers() == [1, 2]


def test_a_lost_last_event_is_found_by_the_head():
    log = Log()
    consumer = Consumer(log)
    consumer.answer()
    log.add()
    consumer.head()
    consumer.answer()
    assert consumer.numbers() == [1]


def test_a_connection_made_anew_is_reason_to_read():
    log = Log()
    consumer = Consumer(log)
    consumer.answer()
    log.add()
    consumer.follower.on_reconnect(consumer.now)
    consumer.step()
    consumer.answer()
    assert consumer.numbers() == [1]


def test_a_question_without_an_answer_is_asked_again():
    consumer = Consumer(Log())
    first = consumer.asked.pop()
    consumer.wait()
    assert consumer.asked[0].params == first.params
    consumer.follower.on_reply(first.token, Log("other").read(0), consumer.now)
    consumer.answer()
    assert consumer.taken == []


def test_another_log_is_a_gap_and_read_from_its_beginning():
    log = Log("log-2")
    log.add(), log.add(), log.add()
    consumer = Consumer(log, LogPosition("log-1", 2))
    consumer.answer()
    consumer.answer()
    assert consumer.taken == [("orderGap", None), ("orderStatus", 1), ("orderStatus", 2), ("orderStatus", 3)]


def test_an_event_of_another_epoch_is_read_from_the_log_and_not_taken():
    """The bridge has started again, and with the next number its log has another event, or is another log."""
    log, other = Log(), Log("log-2")
    log.add()
    consumer = Consumer(log)
    consumer.answer()
    other.add(), other.add()
    other.epoch, consumer.log = "e2", other
    consumer.hear(2)
    assert consumer.numbers() == [1]
    consumer.answer(), consumer.answer()
    assert consumer.taken == [("orderStatus", 1), ("orderGap", None), ("orderStatus", 1), ("orderStatus", 2)]
    consumer.hear(other.add())
    assert consumer.numbers()[-1] == 3


def test_a_log_that_was_set_back_is_a_gap():
    log = Log()
    log.add()
    consumer = Consumer(log, LogPosition("log-1", 5))
    consumer.answer()
    consumer.hear(log.add())
    assert consumer.taken == [("orderGap", None), ("orderStatus", 2)]


@given(
    st.lists(
        st.sampled_from(["add", "hear", "lose", "late", "head", "answer", "page", "drop", "wait", "anew", "crash"])
    )
)
def test_whatever_happens_each_event_comes_once_and_in_order(steps):
    log = Log()
    log.add()
    consumer = Consumer(log)
    for step in steps:
        match step:
            case "add" | "lose":
                log.add()
            case "hear":
                consumer.hear(log.add())
            case "late":
                consumer.hear(1 + len(log.events) // 2)
            case "head":
                consumer.head()
            case "answer" | "page" if consumer.asked:
                consumer.answer(1 if step == "page" else 500)
            case "drop" if consumer.asked:
                consumer.asked.pop(0)
            case "wait":
                consumer.wait()
            case "anew":
                consumer.follower.on_reconnect(consumer.now)
                consumer.step()
            case "crash":
                consumer = Consumer(log, consumer.position, consumer.taken)
    consumer.wait()
    consumer.head()
    while consumer.asked:
        consumer.answer()
    assert consumer.numbers() == list(range(1, len(log.events) + 1))


# A bridge that does not answer


def failed(consumer):
    ask = consumer.asked.pop(0)
    consumer.follower.on_reply(ask.token, None, consumer.now)
    consumer.step()


def tick(consumer, seconds):
    consumer.now += seconds
    consumer.follower.on_timer(consumer.now)
    consumer.step()


def test_after_a_failed_request_any_word_of_the_bridge_brings_the_next_one_soon():
    log = Log()
    consumer = Consumer(log)
    tick(consumer, 1.0)
    failed(consumer)
    assert not consumer.asked
    consumer.hear(log.add())
    assert consumer.follower.next_timer() - consumer.now <= SOON
    tick(consumer, SOON)
    consumer.answer()
    assert consumer.numbers() == [1]
    assert not consumer.follower.is_behind(consumer.now)


def test_without_a_word_a_failed_request_is_sent_again_after_a_pause():
    consumer = Consumer(Log())
    failed(consumer)
    assert consumer.follower.next_timer() == consumer.now + RETRY
    tick(consumer, RETRY)
    assert len(consumer.asked) == 1


def test_a_head_and_a_reconnect_bring_it_soon_too():
    consumer = Consumer(Log())
    failed(consumer)
    consumer.head()
    assert consumer.follower.next_timer() <= consumer.now + SOON
    consumer.follower.on_reconnect(consumer.now)
    tick(consumer, SOON)
    assert len(consumer.asked) == 1


def test_a_request_to_a_bridge_that_has_ended_is_not_waited_for():
    log = Log()
    consumer = Consumer(log)
    consumer.answer()
    log.add()
    consumer.hear(log.add())
    assert len(consumer.asked) == 1
    consumer.follower.on_reconnect(consumer.now)
    tick(consumer, SOON)
    assert len(consumer.asked) == 2
    log.epoch = "e2"
    consumer.head()
    consumer.hear(log.add())
    tick(consumer, SOON)
    assert len(consumer.asked) == 3
    while consumer.asked:
        consumer.answer()
    assert consumer.numbers() == [1, 2, 3]


def test_it_is_behind_before_the_first_answer_while_it_asks_and_in_silence():
    log = Log()
    consumer = Consumer(log)
    follower = consumer.follower
    assert follower.is_behind(consumer.now)
    consumer.answer()
    assert not follower.is_behind(consumer.now)
    consumer.now += 4
    consumer.head()
    consumer.now += SILENCE
    assert not follower.is_behind(consumer.now)
    assert follower.is_behind(consumer.now + 0.1)
    log.add()
    consumer.hear(log.add())
    assert follower.is_behind(consumer.now), "it has missed one"
    consumer.answer()
    assert not follower.is_behind(consumer.now)
    assert consumer.numbers() == [1, 2]
