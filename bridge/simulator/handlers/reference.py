"""Handlers for reference data: market rules, exchanges of SMART, symbols, option chains, families and the user."""

from __future__ import annotations

from bridge.simulator.core.refusals import invalid
from bridge.simulator.core.values import Data, decimal_text
from bridge.simulator.handlers.client import Client
from bridge.simulator.handlers.context import HandlerContext
from bridge.simulator.handlers.handler import Handler, request_id
from bridge.simulator.instruments.details import scanned_contract
from bridge.simulator.instruments.instrument import Instrument
from bridge.simulator.market.ticks import BBO_EXCHANGE

_COMPONENTS = {"AMEX": "A", "NYSE": "N", "ARCA": "P", "NASDAQ": "Q", "BATS": "Z", "IEX": "V", "EDGX": "K", "MEMX": "U"}
_MOST_SAMPLES = 16
_SEARCHED = ("STK", "BOND")


def req_market_rule(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the price grid of a number in marketRuleIds."""
    rule = int(data.get("marketRuleId", 0))
    ticks = [float(instrument.minTick) for instrument in context.universe if instrument.marketRule == rule]
    if not ticks:
        raise invalid(f"Invalid market rule id {rule}")
    increments = [{"lowEdge": 0.0, "increment": min(ticks)}]
    context.emit(client.id, "marketRule", {"marketRuleId": rule, "priceIncrements": increments})


def req_smart_components(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the letters of the exchanges, for the `bboExchange` of tickReqParams."""
    if data.get("bboExchange") != BBO_EXCHANGE:
        raise invalid(f"Invalid BBO exchange {data.get('bboExchange', '')}")
    found = [
        {"bitNumber": bit, "exchange": exchange, "exchangeLetter": letter}
        for bit, (exchange, letter) in enumerate(_COMPONENTS.items())
    ]
    context.emit(client.id, "smartComponents", {"reqId": request_id(data), "smartComponents": found})


def req_soft_dollar_tiers(context: HandlerContext, client: Client, data: Data) -> None:
    """Send an empty list, as TWS does for most accounts."""
    context.emit(client.id, "softDollarTiers", {"reqId": request_id(data), "softDollarTiers": []})


def req_family_codes(context: HandlerContext, client: Client, data: Data) -> None:
    """Send one row for all accounts, as TWS does if no account belongs to a family."""
    context.emit(client.id, "familyCodes", {"familyCodes": [{"accountId": "*", "familyCode": ""}]})


def req_user_info(context: HandlerContext, client: Client, data: Data) -> None:
    """Send an empty white branding id."""
    context.emit(client.id, "userInfo", {"reqId": request_id(data), "whiteBrandingId": ""})


def req_matching_symbols(context: HandlerContext, client: Client, data: Data) -> None:
    """Send stocks and bond issuers whose symbol starts with the pattern, or whose name contains it."""
    pattern = str(data.get("pattern", "")).strip().upper()
    if not pattern:
        raise invalid("Please enter a pattern")
    found = [one for one in context.universe if one.secType in _SEARCHED and _fits(one, pattern)]
    found.sort(key=lambda one: (one.symbol != pattern, not one.symbol.startswith(pattern)))
    samples = [_sample(context, one) for one in found[:_MOST_SAMPLES]]
    context.emit(client.id, "symbolSamples", {"reqId": request_id(data), "contractDescriptions": samples})


def _fits(instrument: Instrument, pattern: str) -> bool:
    return instrument.symbol.startswith(pattern) or pattern in instrument.longName.upper()


def _sample(context: HandlerContext, instrument: Instrument) -> Data:
    full = scanned_contract(instrument) | {"description": instrument.longName}
    shown = ("conId", "symbol", "secType", "primaryExch", "currency", "description")
    contract = {name: full[name] for name in shown if name in full}
    derived = {other.secType: None for other in context.universe if other.underConId == instrument.conId}
    return {"contract": contract, "derivativeSecTypes": [*derived]}


def req_sec_def_opt_params(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the option chain as one event for each exchange, then the end. Without options, send only the end."""
    asked, con_id = request_id(data), int(data.get("underlyingConId", 0))
    under = context.universe.by_id.get(con_id)
    named = (data.get("underlyingSymbol"), data.get("underlyingSecType"))
    if under is None or named != (under.symbol, under.secType):
        raise invalid("Invalid contract id")
    future_exchange = data.get("futFopExchange", "")
    chains: dict[tuple[str, str, str], list[Instrument]] = {}
    for option in context.universe:
        if option.secType == "OPT" and option.underConId == con_id:
            for exchange in option.validExchanges:
                multiplier = decimal_text(option.multiplier or 1)
                chains.setdefault((exchange, option.tradingClass, multiplier), []).append(option)
    for (exchange, trading_class, multiplier), options in chains.items():
        if future_exchange not in ("", exchange):
            continue
        event = {
            "reqId": asked,
            "exchange": exchange,
            "underlyingConId": con_id,
            "tradingClass": trading_class,
            "multiplier": multiplier,
            "expirations": sorted({option.expiry for option in options}),
            "strikes": sorted({option.strike for option in options}),
        }
        context.emit(client.id, "securityDefinitionOptionParameter", event)
    context.emit(client.id, "securityDefinitionOptionParameterEnd", {"reqId": asked})


HANDLERS: dict[str, Handler] = {
    "reqMarketRule": req_market_rule,
    "reqSmartComponents": req_smart_components,
    "reqSoftDollarTiers": req_soft_dollar_tiers,
    "reqFamilyCodes": req_family_codes,
    "reqUserInfo": req_user_info,
    "reqMatchingSymbols": req_matching_symbols,
    "reqSecDefOptParams": req_sec_def_opt_params,
}
