"""Error answers of TWS. Codes and texts are those of TWS's message-code list and of recorded sessions.

The code that finds a request impossible raises one of these exceptions.
"""


class Refused(Exception):
    """TWS answers the request with an error.

    The exchange turns this exception into an `error` event with the request's id.
    """

    def __init__(self, code: int, message: str) -> None:
        """`code` and `message` are what TWS sends."""
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def no_definition() -> Refused:
    """No contract matches the request."""
    return Refused(200, "No security definition has been found for the request")


def ambiguous(symbol: str) -> Refused:
    """Several contracts match where one is needed."""
    return Refused(
        200, f"The contract description specified for {symbol} is ambiguous; you must specify the multiplier."
    )


def invalid(cause: str) -> Refused:
    """A field of the request is invalid."""
    return Refused(321, f"Error validating request.-'bW' : cause - {cause}")


def rejected(reason: str) -> Refused:
    """IBKR does not accept the order."""
    return Refused(201, f"Order rejected - reason:{reason}")


def duplicate_ticker() -> Refused:
    """The request id is already in use."""
    return Refused(102, "Duplicate ticker ID")


def unknown_ticker(request_id: int) -> Refused:
    """The client cancels market data that it has not requested."""
    return Refused(300, f"Can't find EId with tickerId:{request_id}")


def history(cause: str) -> Refused:
    """The historical data service cannot answer the request."""
    return Refused(162, f"Historical Market Data Service error message:{cause}")
