"""News: told live, looked up and read, it is the same story."""

from typing import Any

import pytest

from bridge.simulator.market.newswire import PROVIDERS
from tests.simulator.world import AAPL, OPENED, World

ALL = "+".join(PROVIDERS)


def headlines(world: World, **more: Any) -> list[dict[str, Any]]:
    query = {"conId": 265598, "providerCodes": ALL, "startDateTime": "", "endDateTime": "", "totalResults": 300}
    answer = world.ask("reqHistoricalNews", reqId=1, **(query | more))
    assert [name for name, _ in answer] == ["historicalNews"] * (len(answer) - 1) + ["historicalNewsEnd"]
    return [data for _, data in answer]


def test_live_news_is_found_again_and_can_be_read() -> None:
    world = World()
    world.ask("reqMktData", reqId=5, contract=AAPL, genericTickList="mdoff,292")
    world.ask("reqMktData", reqId=6, contract=AAPL, genericTickList="mdoff,292:DJNL")
    world.run(600, step=1)
    live = [data for data in world.events("tickNews") if data["reqId"] == 5]
    assert len(live) == 4 and all(OPENED * 1000 < data["timestamp"] <= world.now // 1_000_000 for data in live)
    one_provider = [data for data in world.events("tickNews") if data["reqId"] == 6]
    assert [d["headline"] for d in one_provider] == [d["headline"] for d in live if d["providerCode"] == "DJNL"]
    *found, end = headlines(world, totalResults=4)
    assert end == {"reqId": 1, "hasMore": True}
    same = ("providerCode", "articleId", "headline")
    assert [[d[k] for k in same] for d in reversed(found)] == [[d[k] for k in same] for d in live]
    ids = {key: found[0][key] for key in ("providerCode", "articleId")}
    ((name, article),) = world.ask("reqNewsArticle", reqId=2, **ids)
    assert name == "newsArticle" and "APPLE INC" in article["articleText"] and article["articleType"] == 0


def test_history_keeps_to_its_bounds() -> None:
    world = World()
    spans = {"startDateTime": "2026-03-10 12:00:00.0", "endDateTime": "2026-03-10 12:29:59.0"}
    *found, end = headlines(world, **spans)
    assert len(found) == 12 and not end["hasMore"]
    times = [data["time"] for data in found]
    assert times == sorted(times, reverse=True) and "2026-03-10 12:00" <= times[-1] <= times[0] <= "2026-03-10 12:30:01"
    some = headlines(world, **spans, providerCodes="BRFG")[:-1]
    assert 0 < len(some) < 12 and {data["providerCode"] for data in some} == {"BRFG"}
    assert headlines(world, conId=127128131)[:-1] == []


def test_bulletins_come_until_they_are_cancelled() -> None:
    world = World()
    assert [name for name, _ in world.ask("reqNewsBulletins", allMessages=True)] == ["updateNewsBulletin"] * 3
    world.run(301, step=1)
    numbers = [data["newsMsgId"] for data in world.events("updateNewsBulletin")]
    assert len(numbers) == 4 and numbers == sorted(set(numbers))
    world.ask("cancelNewsBulletins")
    world.run(301, step=1)
    assert len(list(world.events("updateNewsBulletin"))) == 4


@pytest.mark.parametrize(
    ("name", "wrong", "code"),
    [
        ("reqHistoricalNews", {"conId": 5}, 321),
        ("reqHistoricalNews", {"providerCodes": "NOBODY"}, 10276),
        ("reqHistoricalNews", {"totalResults": 0}, 321),
        ("reqHistoricalNews", {"startDateTime": "yesterday"}, 321),
        ("reqNewsArticle", {"articleId": "DJNL$00000001"}, 10276),
        ("reqNewsArticle", {"articleId": "BRFG$zz"}, 321),
        ("reqNewsArticle", {"articleId": "BRFG$ffffffff"}, 321),
        ("reqNewsArticle", {"articleId": "BRFG"}, 321),
    ],
)
def test_impossible_requests_are_refused(name: str, wrong: dict[str, Any], code: int) -> None:
    world = World()
    query = {"conId": 265598, "providerCodes": ALL, "totalResults": 10, "providerCode": "BRFG"}
    world.ask(name, reqId=3, **(query | wrong))
    assert world.errors() == [(3, code)]
