"""TWS's own errors: codes and words, as its message-code list and captured sessions give them.

Knows no state: whoever finds a request impossible raises one of these.
"""


class Refused(Exception):
    """A request that TWS would answer with an error; becomes an `error` event under the request's id."""

    def __init__(self, code: int, message: str) -> None:
        """`code` and `message` as TWS sends them."""
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def no_definition() -> Refused:
    """Nothing matches the contract."""
    return Refused(200, "No security definition has been found for the request")


def ambiguous(symbol: str) -> Refused:
    """Several contracts match where one is needed."""
    return Refused(
        200, f"The contract description specified for {symbol} is ambiguous; you must specify the multiplier."
    )


def invalid(cause: str) -> Refused:
    """A field that does not pass validation."""
    return Refused(321, f"Error validating request.-'bW' : cause - {cause}")


def rejected(reason: str) -> Refused:
    """An order that IBKR does not accept."""
    return Refused(201, f"Order rejected - reason:{reason}")


def duplicate_ticker() -> Refused:
    """A request id that is in use."""
    return Refused(102, "Duplicate ticker ID")


def unknown_ticker(request_id: int) -> Refused:
    """A cancel of market data that nobody asked for."""
    return Refused(300, f"Can't find EId with tickerId:{request_id}")


def history(cause: str) -> Refused:
    """Anything that the historical data service cannot do."""
    return Refused(162, f"Historical Market Data Service error message:{cause}")
