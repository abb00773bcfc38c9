"""Requests for news: providers, articles, the past, bulletins; and news ticks as they come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bridge.simulator import newswire
from bridge.simulator.clients import Client
from bridge.simulator.floor import Floor
from bridge.simulator.handlers.base import Handler, request_id
from bridge.simulator.market import HOME
from bridge.simulator.newswire import NEWS_TICK, PERIOD, PROVIDERS, Story
from bridge.simulator.refusals import Refused, invalid
from bridge.simulator.times import NS, local, parse_moment
from bridge.simulator.values import Data

_MOST = 300
_BULLETINS = 300
"""Seconds from one bulletin to the next."""
_NEWS = 1


def req_news_providers(floor: Floor, client: Client, data: Data) -> None:
    """All that the simulated news comes from."""
    found = [{"providerCode": code, "providerName": name} for code, name in PROVIDERS.items()]
    floor.emit(client.id, "newsProviders", {"newsProviders": found})


def req_news_article(floor: Floor, client: Client, data: Data) -> None:
    """The text of one story."""
    provider, dollar, number = str(data.get("articleId", "")).partition("$")
    if provider not in PROVIDERS or provider != data.get("providerCode"):
        raise Refused(10276, "News feed is not allowed.")
    try:
        found = _story(floor, int(number, 16)) if dollar else None
    except ValueError:
        found = None
    if found is None or found.article_id != data["articleId"]:
        raise invalid(f"No news article {data['articleId']}")
    floor.emit(client.id, "newsArticle", {"reqId": request_id(data), "articleType": 0, "articleText": found.text})


def _story(floor: Floor, number: int) -> Story | None:
    if not 0 < number <= floor.seconds // PERIOD:
        return None
    return newswire.story(floor.universe, floor.market.feeds, number)


def req_historical_news(floor: Floor, client: Client, data: Data) -> None:
    """Headlines about one instrument, newest first, after `startDateTime` and before `endDateTime`."""
    asked, con_id = request_id(data), int(data.get("conId", 0))
    if con_id not in floor.universe.by_id:
        raise invalid(f"Invalid contract id {con_id}")
    codes = _codes(data)
    most = int(data.get("totalResults", 0))
    if not 1 <= most <= _MOST:
        raise invalid(f"Total results must be from 1 to {_MOST}")
    first = _moment(data, "startDateTime", floor.seconds - 7 * 86_400)
    last = min(_moment(data, "endDateTime", floor.seconds), floor.seconds)
    for told, found in enumerate(_about(floor, con_id, (first, last), codes)):
        if told == most:
            floor.emit(client.id, "historicalNewsEnd", {"reqId": asked, "hasMore": True})
            return
        floor.emit(client.id, "historicalNews", {"reqId": asked, "time": f"{_utc(found.time)}.0", **_headline(found)})
    floor.emit(client.id, "historicalNewsEnd", {"reqId": asked, "hasMore": False})


def _about(floor: Floor, con_id: int, span: tuple[int, int], codes: set[str]) -> Iterator[Story]:
    """Stories as they are needed, newest first."""
    if floor.universe.by_id[con_id].secType != "STK":
        return
    for number in newswire.numbers(floor.universe, con_id, span, codes):
        found = _story(floor, number)
        if found is None:
            return
        yield found


def _utc(seconds: int) -> str:
    return f"{local(seconds, 'UTC'):%Y-%m-%d %H:%M:%S}"


def _headline(found: Story) -> Data:
    return {"providerCode": found.provider, "articleId": found.article_id, "headline": found.headline}


def _codes(data: Data) -> set[str]:
    codes = {code for code in str(data.get("providerCodes", "")).split("+") if code}
    if not codes or not codes <= PROVIDERS.keys():
        raise Refused(10276, "News feed is not allowed.")
    return codes


def _moment(data: Data, name: str, default: int) -> int:
    """TWS writes these times as "2026-03-11 15:00:00.0", in UTC; its other spellings are read too."""
    text = str(data.get(name, "")).strip()
    if not text:
        return default
    try:
        if text[4:5] == "-":
            return int(datetime.fromisoformat(f"{text.partition('.')[0]}+00:00").timestamp())
        return parse_moment(text, "UTC")
    except (ValueError, OverflowError):
        raise invalid(f"Invalid date/time in {name}: {text}") from None


def req_news_bulletins(floor: Floor, client: Client, data: Data) -> None:
    """Those to come; with `allMessages` those of the last quarter of an hour first."""
    client.bulletins = True
    newest = floor.seconds // _BULLETINS
    if data.get("allMessages"):
        for number in range(newest - 2, newest + 1):
            _bulletin(floor, client, number)


def cancel_news_bulletins(floor: Floor, client: Client, data: Data) -> None:
    """Silent."""
    client.bulletins = False


def _bulletin(floor: Floor, client: Client, number: int) -> None:
    when = f"{local(number * _BULLETINS, HOME):%H:%M}"
    event = {
        "newsMsgId": number,
        "newsMsgType": _NEWS,
        "newsMessage": f"Bulletin of {when} {HOME}: the simulated exchange trades.",
        "originatingExch": "NYSE",
    }
    floor.emit(client.id, "updateNewsBulletin", event)


def refresh_news(floor: Floor, client: Client) -> None:
    """Once a second: bulletins and news ticks that have come up."""
    if client.bulletins and floor.seconds % _BULLETINS == 0:
        _bulletin(floor, client, floor.seconds // _BULLETINS)
    if floor.seconds % PERIOD:
        return
    found = _story(floor, floor.seconds // PERIOD)
    for watch in client.watches.values():
        asked_for = NEWS_TICK in watch.generic and (found and found.provider) in (watch.providers or PROVIDERS)
        if found is None or not asked_for or watch.feed.instrument is not found.instrument:
            continue
        event = {"reqId": watch.request_id, "timestamp": found.time * NS // 1_000_000, **_headline(found)}
        floor.emit(client.id, "tickNews", event | {"extraData": "K:1.00"})


HANDLERS: dict[str, Handler] = {
    "reqNewsProviders": req_news_providers,
    "reqNewsArticle": req_news_article,
    "reqHistoricalNews": req_historical_news,
    "reqNewsBulletins": req_news_bulletins,
    "cancelNewsBulletins": cancel_news_bulletins,
}
