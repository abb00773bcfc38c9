"""Handlers for news: providers, articles, historical news and bulletins, and the live news ticks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bridge.simulator.core.refusals import Refused, invalid
from bridge.simulator.core.times import EXCHANGE_ZONE, NS, local, parse_moment
from bridge.simulator.core.values import Data
from bridge.simulator.handlers.client import Client
from bridge.simulator.handlers.context import HandlerContext
from bridge.simulator.handlers.handler import Handler, request_id
from bridge.simulator.market import newswire
from bridge.simulator.market.newswire import NEWS_TICK, PERIOD, PROVIDERS, Story

_MOST = 300
_BULLETINS = 300
"""Seconds between two bulletins."""
_NEWS = 1


def req_news_providers(context: HandlerContext, client: Client, data: Data) -> None:
    """Send all news providers."""
    found = [{"providerCode": code, "providerName": name} for code, name in PROVIDERS.items()]
    context.emit(client.id, "newsProviders", {"newsProviders": found})


def req_news_article(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the text of one story."""
    provider, dollar, number = str(data.get("articleId", "")).partition("$")
    if provider not in PROVIDERS or provider != data.get("providerCode"):
        raise Refused(10276, "News feed is not allowed.")
    try:
        found = _story(context, int(number, 16)) if dollar else None
    except ValueError:
        found = None
    if found is None or found.article_id != data["articleId"]:
        raise invalid(f"No news article {data['articleId']}")
    context.emit(client.id, "newsArticle", {"reqId": request_id(data), "articleType": 0, "articleText": found.text})


def _story(context: HandlerContext, number: int) -> Story | None:
    if not 0 < number <= context.seconds // PERIOD:
        return None
    return newswire.story(context.universe, context.market.feeds, number)


def req_historical_news(context: HandlerContext, client: Client, data: Data) -> None:
    """Send headlines about one instrument, newest first, between `startDateTime` and `endDateTime`."""
    asked, con_id = request_id(data), int(data.get("conId", 0))
    if con_id not in context.universe.by_id:
        raise invalid(f"Invalid contract id {con_id}")
    codes = _codes(data)
    most = int(data.get("totalResults", 0))
    if not 1 <= most <= _MOST:
        raise invalid(f"Total results must be from 1 to {_MOST}")
    first = _moment(data, "startDateTime", context.seconds - 7 * 86_400)
    last = min(_moment(data, "endDateTime", context.seconds), context.seconds)
    for sent, found in enumerate(_about(context, con_id, (first, last), codes)):
        if sent == most:
            context.emit(client.id, "historicalNewsEnd", {"reqId": asked, "hasMore": True})
            return
        context.emit(client.id, "historicalNews", {"reqId": asked, "time": f"{_utc(found.time)}.0", **_headline(found)})
    context.emit(client.id, "historicalNewsEnd", {"reqId": asked, "hasMore": False})


def _about(context: HandlerContext, con_id: int, span: tuple[int, int], codes: set[str]) -> Iterator[Story]:
    """Yield stories about an instrument, newest first. Each one is generated when it is needed."""
    if context.universe.by_id[con_id].secType != "STK":
        return
    for number in newswire.numbers(context.universe, con_id, span, codes):
        found = _story(context, number)
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
    """Parse a time to seconds since 1970 UTC.

    TWS's form here is "2026-03-11 15:00:00.0", in UTC; its other forms work too.
    """
    text = str(data.get(name, "")).strip()
    if not text:
        return default
    try:
        if text[4:5] == "-":
            return int(datetime.fromisoformat(f"{text.partition('.')[0]}+00:00").timestamp())
        return parse_moment(text, "UTC")
    except (ValueError, OverflowError):
        raise invalid(f"Invalid date/time in {name}: {text}") from None


def req_news_bulletins(context: HandlerContext, client: Client, data: Data) -> None:
    """Send future bulletins; with `allMessages`, also those of the last 15 minutes."""
    client.wants_bulletins = True
    newest = context.seconds // _BULLETINS
    if data.get("allMessages"):
        for number in range(newest - 2, newest + 1):
            _bulletin(context, client, number)


def cancel_news_bulletins(context: HandlerContext, client: Client, data: Data) -> None:
    """End bulletins. TWS sends no answer."""
    client.wants_bulletins = False


def _bulletin(context: HandlerContext, client: Client, number: int) -> None:
    when = f"{local(number * _BULLETINS, EXCHANGE_ZONE):%H:%M}"
    event = {
        "newsMsgId": number,
        "newsMsgType": _NEWS,
        "newsMessage": f"Bulletin of {when} {EXCHANGE_ZONE}: the simulated exchange trades.",
        "originatingExch": "NYSE",
    }
    context.emit(client.id, "updateNewsBulletin", event)


def refresh_news(context: HandlerContext, client: Client) -> None:
    """Send the bulletin and the news ticks of the current second, if there are any."""
    if client.wants_bulletins and context.seconds % _BULLETINS == 0:
        _bulletin(context, client, context.seconds // _BULLETINS)
    if context.seconds % PERIOD:
        return
    found = _story(context, context.seconds // PERIOD)
    for subscription in client.quote_subscriptions.values():
        asked_for = NEWS_TICK in subscription.generic and (found and found.provider) in (
            subscription.providers or PROVIDERS
        )
        if found is None or not asked_for or subscription.feed.instrument is not found.instrument:
            continue
        event = {"reqId": subscription.request_id, "timestamp": found.time * NS // 1_000_000, **_headline(found)}
        context.emit(client.id, "tickNews", event | {"extraData": "K:1.00"})


HANDLERS: dict[str, Handler] = {
    "reqNewsProviders": req_news_providers,
    "reqNewsArticle": req_news_article,
    "reqHistoricalNews": req_historical_news,
    "reqNewsBulletins": req_news_bulletins,
    "cancelNewsBulletins": cancel_news_bulletins,
}
