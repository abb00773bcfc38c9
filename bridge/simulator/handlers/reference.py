"""Requests for reference data: rules, components, symbols, option chains, families, the user."""

from __future__ import annotations

from bridge.simulator.clients import Client
from bridge.simulator.details import scanned_contract
from bridge.simulator.floor import Floor
from bridge.simulator.handlers.base import Handler, request_id
from bridge.simulator.instruments import Instrument
from bridge.simulator.refusals import invalid
from bridge.simulator.ticks import BBO_EXCHANGE
from bridge.simulator.values import Data, decimal_text

_COMPONENTS = {"AMEX": "A", "NYSE": "N", "ARCA": "P", "NASDAQ": "Q", "BATS": "Z", "IEX": "V", "EDGX": "K", "MEMX": "U"}
_MOST_SAMPLES = 16
_SEARCHED = ("STK", "BOND")


def req_market_rule(floor: Floor, client: Client, data: Data) -> None:
    """The grid of prices behind a number in marketRuleIds."""
    rule = int(data.get("marketRuleId", 0))
    ticks = [float(instrument.minTick) for instrument in floor.universe if instrument.marketRule == rule]
    if not ticks:
        raise invalid(f"Invalid market rule id {rule}")
    increments = [{"lowEdge": 0.0, "increment": min(ticks)}]
    floor.emit(client.id, "marketRule", {"marketRuleId": rule, "priceIncrements": increments})


def req_smart_components(floor: Floor, client: Client, data: Data) -> None:
    """The letters of the exchanges, for the `bboExchange` that tickReqParams gives."""
    if data.get("bboExchange") != BBO_EXCHANGE:
        raise invalid(f"Invalid BBO exchange {data.get('bboExchange', '')}")
    found = [
        {"bitNumber": bit, "exchange": exchange, "exchangeLetter": letter}
        for bit, (exchange, letter) in enumerate(_COMPONENTS.items())
    ]
    floor.emit(client.id, "smartComponents", {"reqId": request_id(data), "smartComponents": found})


def req_soft_dollar_tiers(floor: Floor, client: Client, data: Data) -> None:
    """None, as for most accounts."""
    floor.emit(client.id, "softDollarTiers", {"reqId": request_id(data), "softDollarTiers": []})


def req_family_codes(floor: Floor, client: Client, data: Data) -> None:
    """No account belongs to a family: one row for all, as TWS has it."""
    floor.emit(client.id, "familyCodes", {"familyCodes": [{"accountId": "*", "familyCode": ""}]})


def req_user_info(floor: Floor, client: Client, data: Data) -> None:
    """No white branding."""
    floor.emit(client.id, "userInfo", {"reqId": request_id(data), "whiteBrandingId": ""})


def req_matching_symbols(floor: Floor, client: Client, data: Data) -> None:
    """Stocks and issuers of bonds whose symbol begins so, or whose name has it in it."""
    pattern = str(data.get("pattern", "")).strip().upper()
    if not pattern:
        raise invalid("Please enter a pattern")
    found = [one for one in floor.universe if one.secType in _SEARCHED and _fits(one, pattern)]
    found.sort(key=lambda one: (one.symbol != pattern, not one.symbol.startswith(pattern)))
    samples = [_sample(floor, one) for one in found[:_MOST_SAMPLES]]
    floor.emit(client.id, "symbolSamples", {"reqId": request_id(data), "contractDescriptions": samples})


def _fits(instrument: Instrument, pattern: str) -> bool:
    return instrument.symbol.startswith(pattern) or pattern in instrument.longName.upper()


def _sample(floor: Floor, instrument: Instrument) -> Data:
    full = scanned_contract(instrument) | {"description": instrument.longName}
    shown = ("conId", "symbol", "secType", "primaryExch", "currency", "description")
    contract = {name: full[name] for name in shown if name in full}
    derived = {other.secType: None for other in floor.universe if other.underConId == instrument.conId}
    return {"contract": contract, "derivativeSecTypes": [*derived]}


def req_sec_def_opt_params(floor: Floor, client: Client, data: Data) -> None:
    """The chain as one event for each exchange, then the end; only the end where there are no options."""
    asked, con_id = request_id(data), int(data.get("underlyingConId", 0))
    under = floor.universe.by_id.get(con_id)
    named = (data.get("underlyingSymbol"), data.get("underlyingSecType"))
    if under is None or named != (under.symbol, under.secType):
        raise invalid("Invalid contract id")
    future_exchange = data.get("futFopExchange", "")
    chains: dict[tuple[str, str, str], list[Instrument]] = {}
    for option in floor.universe:
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
        floor.emit(client.id, "securityDefinitionOptionParameter", event)
    floor.emit(client.id, "securityDefinitionOptionParameterEnd", {"reqId": asked})


HANDLERS: dict[str, Handler] = {
    "reqMarketRule": req_market_rule,
    "reqSmartComponents": req_smart_components,
    "reqSoftDollarTiers": req_soft_dollar_tiers,
    "reqFamilyCodes": req_family_codes,
    "reqUserInfo": req_user_info,
    "reqMatchingSymbols": req_matching_symbols,
    "reqSecDefOptParams": req_sec_def_opt_params,
}
