"""Builds contractDetails events. The protocol core drops the fields that a server version does not have."""

from bridge.simulator.core.times import liquid_hours, trading_hours
from bridge.simulator.core.values import Data, decimal_text
from bridge.simulator.instruments.instrument import Instrument


def contract_details(instrument: Instrument, now_seconds: float, exchange: str = "") -> Data:
    """Return the `contract` and `contractDetails` fields of a contractDetails or bondContractDetails event."""
    contract = instrument.contract(exchange or None)
    if instrument.primaryExch:
        contract["primaryExch"] = instrument.primaryExch
    if instrument.expiry and instrument.secType != "BOND":
        contract["lastTradeDate"] = instrument.expiry
    details = _common(instrument, now_seconds)
    details |= _BY_TYPE[instrument.secType](instrument)
    return {"contract": contract, "contractDetails": details}


def _common(instrument: Instrument, now_seconds: float) -> Data:
    exchanges = instrument.validExchanges
    size = "1" if instrument.lot == 1 else "0.0001" if instrument.secType == "STK" else "1"
    details: Data = {
        "marketName": instrument.marketName,
        "minTick": decimal_text(instrument.minTick),
        "orderTypes": instrument.orderTypes,
        "validExchanges": ",".join(exchanges),
        "priceMagnifier": 1,
        "longName": instrument.longName,
        "timeZoneId": instrument.timeZone,
        "tradingHours": trading_hours(now_seconds, instrument.timeZone),
        "liquidHours": liquid_hours(now_seconds, instrument.timeZone),
        "marketRuleIds": ",".join([str(instrument.marketRule)] * len(exchanges)),
        "aggGroup": 1,
        "minSize": size,
        "sizeIncrement": size,
        "suggestedSizeIncrement": str(instrument.lot) if instrument.secType == "STK" else "1",
    }
    if instrument.industry:
        details |= {"industry": instrument.industry, "category": instrument.category}
        details["subcategory"] = instrument.category
    ids = {name: value for name, value in (("ISIN", instrument.isin),) if value}
    if ids:
        details["secIdList"] = ids
    return details


def _stock(instrument: Instrument) -> Data:
    return {"stockType": instrument.stockType}


def _future(instrument: Instrument) -> Data:
    return {
        "underConId": instrument.underConId,
        "contractMonth": instrument.expiry[:6],
        "underSymbol": instrument.symbol,
        "underSecType": "IND",
        "realExpirationDate": instrument.expiry,
    }


def _option(instrument: Instrument) -> Data:
    return {
        "underConId": instrument.underConId,
        "contractMonth": instrument.expiry[:6],
        "underSymbol": instrument.symbol,
        "underSecType": "STK",
        "realExpirationDate": instrument.expiry,
    }


def _pair(instrument: Instrument) -> Data:
    return {"aggGroup": 4}


def _bond(instrument: Instrument) -> Data:
    return {
        "cusip": instrument.cusip,
        "convertible": False,
        "callable": False,
        "puttable": False,
        **dict(instrument.bond),
    }


def _cfd(instrument: Instrument) -> Data:
    return {"underConId": instrument.underConId, "underSymbol": instrument.symbol, "underSecType": "STK"}


_BY_TYPE = {"STK": _stock, "FUT": _future, "OPT": _option, "CASH": _pair, "BOND": _bond, "CFD": _cfd}


def scanned_contract(instrument: Instrument) -> Data:
    """Return the Contract as TWS shows it in scanner rows and symbol searches: with its primary exchange."""
    contract = instrument.contract()
    if instrument.primaryExch:
        contract["primaryExch"] = instrument.primaryExch
    return contract
