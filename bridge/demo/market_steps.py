"""The steps of the demo about sharing one connection and its quotes."""

from __future__ import annotations

from bridge.demo.claim import check
from bridge.demo.direct import ID_IN_USE
from bridge.demo.processes import Program
from bridge.demo.programs import INSTRUMENTS
from bridge.demo.screen import Screen, price
from bridge.demo.stage import Stage

#: The client ID that both programs use without the bridge.
_SAME_ID = 7
_READERS = ("screen", "recorder")
#: So many live events must have reached each reader, and so many prices of them must be the same in both.
_EVENTS, _SAME = 50, 20


def share(stage: Stage, screen: Screen) -> str:
    """Two programs use one client ID, first without the bridge and then with it."""
    one, two = _READERS
    readers = [stage.reader(name) for name in _READERS]  # they start while the direct programs do
    first = stage.direct(one, _SAME_ID)
    check(first.report()["word"] == "nextValidId", f"TWS did not take the first program: {first.facts}")
    screen.fact(f"without the bridge, {one}: client ID {_SAME_ID}, connected")
    said = stage.direct(two, _SAME_ID).report()
    check(said.get("errorCode") == ID_IN_USE, f"TWS did not refuse the second program: {said}")
    screen.fact(f"without the bridge, {two}: client ID {_SAME_ID}, error {ID_IN_USE}: {said['errorMsg']}")
    for program in readers:
        live = program.wait_for("live", lambda facts: facts["live"] and facts["fresh"])["live"]
        screen.fact(f"through the bridge, {program.name}: {live} events of {len(INSTRUMENTS)} instruments")
    with stage.client("admin") as admin:
        streams = admin.request("status")["streams"]
    shared = [stream for stream in streams if sorted(stream.get("holders", ())) == sorted(_READERS)]
    check(len(streams) == len(shared) == len(INSTRUMENTS), f"the programs do not share their streams: {streams}")
    return "TWS refused 1 of 2 programs; the bridge serves both, with 1 subscription at TWS for each instrument"


def quotes(stage: Stage, screen: Screen) -> str:
    """Both programs follow the market."""
    readers = [stage.reader(name) for name in _READERS]
    rows: list[list[str]] = []
    while True:
        for reader in readers:
            reader.report()
        rows = [_row(reader, symbol) for symbol in INSTRUMENTS for reader in readers]
        screen.redraw(_HEAD, rows)
        both = readers[0].ticks.keys() & readers[1].ticks.keys()
        if all(reader.facts["live"] >= _EVENTS for reader in readers) and len(both) >= _SAME:
            break
    if not screen.is_terminal:
        screen.table(_HEAD, rows)
    check(not any("none" in row for row in rows), "a quote is missing")
    different = [key for key in both if readers[0].ticks[key] != readers[1].ticks[key]]
    check(not different, f"the programs saw different ticks: {different[:5]}")
    lost = sum(reader.facts["lost"] for reader in readers)
    check(not lost, f"the programs lost events {lost} times")
    return f"{len(both)} price ticks reached both programs, and they are the same; no event was lost"


_HEAD = ("instrument", "program", "bid size", "bid", "ask", "ask size", "events")


def _row(reader: Program, symbol: str) -> list[str]:
    quote = reader.facts["quotes"][symbol]
    prices = [quote["bidSize"], price(quote["bid"]), price(quote["ask"]), quote["askSize"]]
    return [symbol, reader.name, *prices, str(reader.facts["live"])]
