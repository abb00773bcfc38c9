"""The instruments that the simulated exchange trades: stocks, forex, futures, an option chain, a bond and a CFD.

conIds of stocks and forex pairs are IBKR's own. Expiries depend on the day on which the exchange opens.
"""

from datetime import date
from decimal import Decimal

from bridge.simulator.core.times import expiries
from bridge.simulator.instruments.instrument import Instrument, Universe

US_STOCK_EXCHANGES = ("SMART", "AMEX", "NYSE", "CBOE", "ARCA", "NASDAQ", "ISLAND", "BATS", "IEX", "EDGX", "MEMX")
OPTION_EXCHANGES = ("SMART", "AMEX", "CBOE", "PHLX", "ISE", "BOX", "NASDAQOM")
STOCK_ORDERS = (
    "ACTIVETIM,AD,ADJUST,ALERT,ALLOC,AVGCOST,BASKET,COND,DAY,FOK,GAT,GTC,GTD,IOC,LIT,LMT,MIT,MKT,OCA,"
    "STP,STPLMT,TRAIL,TRAILLMT,WHATIF"
)
BOND_ORDERS = "ACTIVETIM,AD,ALERT,ALLOC,DAY,GTC,GTD,IOC,LMT,MKT,OCA,WHATIF"

_STOCKS = (
    (265598, "AAPL", "NASDAQ", "NMS", "APPLE INC", 230.0, "Technology", "Computers", "COMMON", "US0378331005"),
    (272093, "MSFT", "NASDAQ", "NMS", "MICROSOFT CORP", 420.0, "Technology", "Software", "COMMON", "US5949181045"),
    (8314, "IBM", "NYSE", "IBM", "INTL BUSINESS MACHINES CORP", 240.0, "Technology", "Computers", "COMMON",
     "US4592001014"),
    (756733, "SPY", "ARCA", "SPY", "SS SPDR S&P 500 ETF TRUST-US", 560.0, "", "", "ETF", "US78462F1030"),
    (76792991, "TSLA", "NASDAQ", "NMS", "TESLA INC", 250.0, "Consumer, Cyclical", "Auto Manufacturers", "COMMON",
     "US88160R1014"),
)  # fmt: skip
STOCKS = {stock[1]: stock[0] for stock in _STOCKS}
"""conIds of the stocks by symbol."""
_PAIRS = ((12087792, "EUR", 1.085, "European Monetary Union Euro"), (12087797, "GBP", 1.27, "British pound"))
_FUTURES = (("ES", 649180671, 50, 5600.0, "E-mini S&P 500"), ("MES", 649180695, 5, 5600.0, "Micro E-mini S&P 500"))
_STRIKES = (220.0, 225.0, 230.0, 235.0, 240.0)
_QUARTERS = (3, 6, 9, 12)
_MONTH_LETTERS = "FGHJKMNQUVXZ"


def _stocks() -> list[Instrument]:
    return [
        Instrument(
            conId=con_id, symbol=symbol, secType="STK", primaryExch=primary, localSymbol=symbol, tradingClass=klass,
            minTick=Decimal("0.01"), price=price, validExchanges=US_STOCK_EXCHANGES, marketName=klass, longName=name,
            orderTypes=STOCK_ORDERS, industry=industry, category=category, stockType=kind, isin=isin,
            volatility=0.45 if symbol == "TSLA" else 0.25,
        )
        for con_id, symbol, primary, klass, name, price, industry, category, kind, isin in _STOCKS
    ]  # fmt: skip


def _pairs() -> list[Instrument]:
    return [
        Instrument(
            conId=con_id, symbol=symbol, secType="CASH", localSymbol=f"{symbol}.USD", tradingClass=f"{symbol}.USD",
            minTick=Decimal("0.00005"), price=price, lot=250_000, validExchanges=("IDEALPRO",),
            marketName=f"{symbol}.USD", longName=name, orderTypes=STOCK_ORDERS, marketRule=239, volatility=0.08,
        )
        for con_id, symbol, price, name in _PAIRS
    ]  # fmt: skip


def _futures(today: date) -> list[Instrument]:
    found = []
    for symbol, first_id, multiplier, price, name in _FUTURES:
        for n, day in enumerate(expiries(today, _QUARTERS, 2 if symbol == "ES" else 1)):
            found.append(
                Instrument(
                    conId=first_id + n, symbol=symbol, secType="FUT", tradingClass=symbol,
                    localSymbol=f"{symbol}{_MONTH_LETTERS[day.month - 1]}{day.year % 10}", minTick=Decimal("0.25"),
                    price=price + 50.0 * n, lot=1, multiplier=Decimal(multiplier), expiry=f"{day:%Y%m%d}",
                    underConId=11004968, validExchanges=("CME", "QBALGO"), marketName=symbol, longName=name,
                    timeZone="US/Central", marketRule=67, orderTypes=STOCK_ORDERS, volatility=0.16,
                )
            )  # fmt: skip
    return found


def _options(today: date) -> list[Instrument]:
    found = []
    con_id = 700_000_000
    for day in expiries(today, tuple(range(1, 13)), 2):
        for strike in _STRIKES:
            for right in "CP":
                con_id += 1
                local_symbol = f"AAPL  {day:%y%m%d}{right}{int(strike * 1000):08}"
                found.append(
                    Instrument(
                        conId=con_id, symbol="AAPL", secType="OPT", localSymbol=local_symbol, tradingClass="AAPL",
                        minTick=Decimal("0.01"), price=0.0, spread=4, lot=1, multiplier=Decimal(100),
                        expiry=f"{day:%Y%m%d}", strike=strike, right=right, underConId=265598,
                        validExchanges=OPTION_EXCHANGES, marketName="AAPL", longName="APPLE INC",
                        orderTypes=STOCK_ORDERS, volatility=0.25 + 0.0008 * abs(strike - 230.0),
                    )
                )  # fmt: skip
    return found


def _cfd() -> Instrument:
    return Instrument(
        conId=120549942, symbol="AAPL", secType="CFD", localSymbol="AAPL", tradingClass="AAPL",
        minTick=Decimal("0.01"), price=230.0, underConId=265598, validExchanges=("SMART",), marketName="AAPL",
        longName="APPLE INC", orderTypes=STOCK_ORDERS,
    )  # fmt: skip


def _bond() -> Instrument:
    return Instrument(
        conId=127128131, symbol="AAPL", secType="BOND", localSymbol="IBCID127128131", tradingClass="AAPL",
        minTick=Decimal("0.001"), price=86.5, spread=150, lot=10, validExchanges=("SMART",), marketName="AAPL",
        longName="AAPL 3.85 05/04/43", orderTypes=BOND_ORDERS, marketRule=1386, volatility=0.06, isin="US037833AL42",
        cusip="IBCID127128131", industry="Technology", category="Computers",
        bond=(("descAppend", "AAPL 3.85 05/04/43"), ("coupon", 3.85), ("couponType", "FIXED"),
              ("issueDate", "20130503"), ("ratings", "AA+/Aaa"), ("bondType", "CORP")),
    )  # fmt: skip


def build_universe(today: date) -> Universe:
    """Return the instruments of an exchange that opens on `today`."""
    return Universe([*_stocks(), *_pairs(), *_futures(today), *_options(today), _bond(), _cfd()])
