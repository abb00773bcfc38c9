"""Market depth: the book that the events build is the one that the quotes stand on."""

from typing import Any

import pytest

from bridge.simulator.market.depth import rows
from tests.simulator.world import AAPL, EURUSD, World

ISLAND = {"conId": 265598, "exchange": "ISLAND"}
CFD = {"conId": 120549942, "exchange": "SMART"}


def built(world: World, name: str, asked: int) -> dict[int, list[tuple[float, str]]]:
    """The book as a client keeps it."""
    sides: dict[int, list[tuple[float, str]]] = {0: [], 1: []}
    for event in world.events(name):
        if event["reqId"] != asked:
            continue
        change = event["marketDepthData"]
        book, place = sides[change["side"]], change["position"]
        row = (change["price"], change["size"])
        if change["operation"] == 0:
            book.insert(place, row)
        elif change["operation"] == 1:
            assert book[place][0] == change["price"]
            book[place] = row
        else:
            del book[place]
    return sides


@pytest.mark.parametrize(
    ("contract", "smart", "name"),
    [(AAPL, True, "updateMktDepthL2"), (ISLAND, False, "updateMktDepthL2"), (EURUSD, False, "updateMktDepth")],
)
def test_the_events_build_the_book(contract: dict[str, Any], smart: bool, name: str) -> None:
    world = World(ticks_per_second=500)
    first = world.ask("reqMktDepth", reqId=3, contract=contract, numRows=4, isSmartDepth=smart)
    assert [event for event, _ in first] == [name] * 8
    world.run(10)
    feed = world.exchange.market.feeds[12087792 if contract is EURUSD else 265598]
    found = built(world, name, 3)
    for side in (0, 1):
        assert found[side] == [(feed.price(price), str(size)) for price, size in rows(feed, side, 4)]
    assert (found[1][0], found[0][0]) == ((feed.price(feed.bid), str(feed.bid_size)),
                                          (feed.price(feed.ask), str(feed.ask_size)))  # fmt: skip
    operations = {event["marketDepthData"]["operation"] for event in world.events(name)}
    assert operations == {0, 1, 2}
    if name == "updateMktDepthL2":
        told = [event["marketDepthData"] for event in world.events(name)]
        assert all(row["marketMaker"] and row["isSmartDepth"] == smart for row in told)
    world.ask("cancelMktDepth", reqId=3, isSmartDepth=smart)
    heard = len(world.log)
    world.run(2)
    assert len(world.log) == heard


def test_a_cfd_is_rerouted_and_not_traded() -> None:
    world = World()
    there = {"reqId": 1, "conId": 265598, "exchange": "SMART"}
    assert world.ask("reqMktDepth", reqId=1, contract=CFD, numRows=4) == [("rerouteMktDepthReq", there)]
    assert world.ask("reqMktData", reqId=1, contract=CFD) == [("rerouteMktDataReq", there)]
    world.place(1, "BUY", "1", contract=CFD)
    assert world.errors() == [(1, 201)]
    details = world.ask("reqContractDetails", reqId=2, contract=CFD)[0][1]["contractDetails"]
    assert details["underConId"] == 265598


def test_impossible_depth_is_refused() -> None:
    world = World()
    world.ask("reqMktDepth", reqId=1, contract=AAPL, numRows=4)
    world.ask("reqMktDepth", reqId=2, contract=ISLAND, numRows=0)
    world.ask("cancelMktDepth", reqId=3)
    for asked in (4, 4, 5, 6, 7):
        world.ask("reqMktDepth", reqId=asked, contract=EURUSD, numRows=1)
    assert world.errors() == [(1, 10092), (2, 321), (3, 310), (4, 102), (7, 309)]


def test_the_exchanges_named_are_those_that_answer() -> None:
    world = World()
    ((_, data),) = world.ask("reqMktDepthExchanges")
    stocks = [one["exchange"] for one in data["depthMarketDataDescriptions"] if one["secType"] == "STK"]
    for asked, exchange in enumerate(stocks, start=1):
        world.ask("reqMktDepth", reqId=asked, contract=AAPL | {"exchange": exchange}, numRows=2)
        world.ask("cancelMktDepth", reqId=asked)
    assert world.errors() == []
