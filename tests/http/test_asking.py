"""How the HTTP thread asks the bridge's loop: once a second at most, and without waiting for a loop that hangs."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from bridge.http import asking
from bridge.http.asking import Asking


class OtherLoop:
    """A loop in a thread of its own, as the bridge's is for the HTTP server."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def hang(self, seconds):
        begun = threading.Event()
        self.loop.call_soon_threadsafe(lambda: (begun.set(), time.sleep(seconds)))
        begun.wait()

    def close(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


@pytest.fixture
def other():
    other = OtherLoop()
    yield other
    if not other.loop.is_closed():
        other.close()


def test_many_askers_share_one_answer(other):
    calls = []

    async def ask():
        question = Asking(other.loop, lambda: calls.append(threading.current_thread()) or len(calls))
        first = await asyncio.gather(*(question.ask() for _ in range(100)))
        return first, await question.ask()

    first, later = asyncio.run(ask())
    assert {answer.value for answer in first} == {1}
    assert all(answer.is_fresh for answer in first)
    assert later.value == 1
    assert calls == [other.thread]


def test_an_old_answer_is_asked_for_again(other, monkeypatch):
    monkeypatch.setattr(asking, "FRESH", 0.0)
    numbers = iter(range(10))

    async def ask():
        question = Asking(other.loop, lambda: next(numbers))
        return [(await question.ask()).value for _ in range(3)]

    assert asyncio.run(ask()) == [0, 1, 2]


def test_nobody_waits_for_a_loop_that_hangs(other, monkeypatch):
    monkeypatch.setattr(asking, "FRESH", 0.0)
    monkeypatch.setattr(asking, "PATIENCE", 0.2)
    calls = []

    async def ask():
        question = Asking(other.loop, lambda: calls.append(1) or len(calls))
        before = await question.ask()
        other.hang(2.0)
        late = await question.ask()
        begun = time.monotonic()
        later = [await question.ask() for _ in range(50)]
        took = time.monotonic() - begun
        while not (await question.ask()).is_fresh:
            await asyncio.sleep(0.05)
        return before, late, later, took

    before, late, later, took = asyncio.run(ask())
    assert (before.value, before.is_fresh) == (1, True)
    assert (late.value, late.is_fresh) == (1, False)
    assert {(answer.value, answer.is_fresh) for answer in later} == {(1, False)}
    assert took < 1.0
    assert len(calls) < 60, "a loop that hangs gets one question, and not one for each asker"


def test_a_closed_loop_answers_nothing(other):
    other.close()

    async def ask():
        question = Asking(other.loop, lambda: 1)
        return await question.ask(), await question.ask()

    for answer in asyncio.run(ask()):
        assert (answer.value, answer.is_fresh) == (None, False)


def test_a_defect_in_the_answer_reaches_neither_loop(other, monkeypatch, caplog):
    monkeypatch.setattr(asking, "FRESH", 0.0)
    outcomes = iter([1, None, 2])

    def answer():
        value = next(outcomes)
        if value is None:
            raise ValueError("a defect")
        return value

    async def ask():
        question = Asking(other.loop, answer)
        return [await question.ask() for _ in range(3)]

    answers = [(answer.value, answer.is_fresh) for answer in asyncio.run(ask())]
    assert answers == [(1, True), (1, False), (2, True)]
    assert "a defect" in caplog.text
