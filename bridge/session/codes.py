"""What TWS's error codes mean for the request, stream or order that they name. Tables only.

Sources: IBKR's published list of message codes, and reports of other clients' users. The test beside this module lists
the cases. TWS uses one `error` callback for notices, warnings, refusals and the end of requests.
"""

from __future__ import annotations

CONNECTIVITY_LOST = 1100
RESTORED_DATA_LOST = 1101
RESTORED_DATA_KEPT = 1102
PORT_CHANGED = 1300
CLIENT_ID_IN_USE = 326
SERVER_BROKEN = 2110
#: Another session took the data of a stream. The data may come back.
COMPETING_SESSION = 10197
#: The bridge sends messages too fast. TWS may disconnect at the third one.
TOO_FAST = 100
#: The rows of a book are no longer valid. TWS sends new ones.
BOOK_RESET = 317
#: TWS has dropped a subscription and tells the client to request it again: a halted book; a bust of real-time bars.
ASK_AGAIN = frozenset({316, 10225})
#: TWS answers the cancel of a subscription that it no longer has.
NO_SUBSCRIPTION = frozenset({300, 310, 366})
#: TWS's connection to IBKR, and the bridge's to TWS.
_ABOUT_CONNECTION = frozenset(
    {CONNECTIVITY_LOST, RESTORED_DATA_LOST, RESTORED_DATA_KEPT, PORT_CHANGED, CLIENT_ID_IN_USE, SERVER_BROKEN, TOO_FAST}
)
#: A farm (market data, historical data, security definitions) is connected, so TWS reaches IBKR.
FARMS_OK = frozenset({2104, 2106, 2158})
#: A farm is connected, or inactive until TWS needs it.
FARM_BACK = FARMS_OK | {2107, 2108}
#: A farm is out of reach.
FARM_BROKEN = frozenset({2103, 2105})
NO_SUCH_CONTRACT = 200
#: Errors of historical data and of real-time bars. Only their text says that TWS was asked too often.
_HISTORY_ERRORS = frozenset({162, 420})

#: Notices that do not end the request or order that they name.
_WARNINGS = frozenset(
    {
        165,  # historical data service: information
        383,  # order size beyond a limit the user set: TWS asks the user; the order remains
        399,  # order message: information on an order that remains active
        404,  # held while shares are located
        10090,  # part of the market data is not subscribed: TWS sends the rest
        10167,  # not subscribed: TWS sends delayed data
        10197,  # a competing session took the data: it comes back
        10311,  # directly routed order: extra fees
        10349,  # TWS set the time in force from a preset
    }
)

#: TWS could not parse a request. With id -1, it is a request whose message has no field for an id.
INVALID_REQUEST = frozenset({320, 321, 322})

#: Errors that end a subscription, also after data has arrived.
_ENDS_STREAM = frozenset(
    {101, 102, 162, 200, 203, 309, 320, 321, 322, 354, 366, 420, 430, 10089, 10091, 10094, 10168, 10186, 10187,
     10189, 10190}
)  # fmt: skip

#: TWS did not accept an order, or did not make a change: IBKR's texts are unambiguous. A code that is not listed here
#: is a warning: the bridge waits for the order's status, or searches for the order. So these are not listed: 131 (a
#: flag "will be ignored"), 399, 404 (held), 481 (size reduced), 2109, 10018, 10019 and 10331 to 10333 (warnings), 10233
#: (defaults from a preset).
REJECTS_ORDER = frozenset(
    {
        *(103, 104, 105, 106, 107),  # duplicate id, filled, does not match, cannot be transmitted, incomplete
        *(109, 110, 111, 113, 114, 115, 116, 117, 118, 119, 120, 121, 125, 126, 129),  # price, time in force, exchange
        *(132, 133, 134),  # no clearing account; submission or change failed
        *(140, 141, 142, 144, 145, 146, 147, 148, 151, 152, 153, 154, 155, 156, 157, 158, 159, 160),  # a field
        *(163, 167, 168, 200, 201, 203),  # the user's precautionary settings; no such contract; rejected by IBKR
        *(303, 311, 312, 313, 314, 315, 320, 321, 322, 325, 328, 329),  # combos, requests that TWS cannot parse, types
        *(332, 333, 334, 335, 336, 337, 338, 339, 340, 341, 342, 343, 345, 346, 347, 348, 349, 350, 351, 352, 353),
        *(355, 356, 358, 359, 360, 361, 362, 363, 364),  # size, combos and OCA, adjusted stops
        *(367, 368, 369, 370, 371, 372, 373, 374, 375, 376, 377, 378, 379, 380, 382),  # volatility, delta hedge
        *(387, 388, 389, 390, 391, 392, 393, 394, 395, 396, 397, 398),  # type, size, routing, times, conditions
        *(400, 401, 402, 403, 405, 406, 407, 408, 409, 410, 411, 412, 413, 415, 416, 417, 418, 419),  # algo, scale
        *(421, 422, 423, 424, 425, 426, 427, 428, 429, 432, 433, 434, 435, 436, 437),  # route, allocation, account
        *(439, 440, 441, 442, 443, 444, 445, 446, 447, 448, 449),  # algorithms, scale prices
        *(10000, 10001, 10002, 10003, 10005, 10006, 10007, 10008, 10009, 10010, 10011, 10012, 10013, 10015),
        *(10020, 10021, 10022, 10023, 10024, 10025, 10026, 10027, 10052, 10163),  # combos, time in force, precautions
        *(10234, 10235, 10236, 10237, 10240, 10241),  # decision maker, all or none, price cap, cash quantity
        *(10242, 10243, 10244, 10245, 10246, 10247, 10248, 10249, 10250, 10251, 10252, 10253, 10254),  # fractions
        *(10268, 10269, 10270, 10286, 10289, 10290, 10291, 10292, 10293, 10294, 10296, 10297, 10298),  # attributes
        *(10302, 10303, 10304, 10305, 10306, 10307, 10308, 10312, 10316, 10317, 10318, 10319, 10321),
        *(10324, 10325, 10326, 10327, 10336, 10339, 10340, 10343),  # OCA groups, legs
    }
)

#: The order id was used before: TWS knows an id that is higher than all of the bridge's.
DUPLICATE_ID = 103

#: The order is still being processed: try again.
_STILL_PROCESSED = 2102

#: After a cancel has been sent, TWS's errors usually answer the cancel. These are about the order all the same. 201 is
#: not listed: TWS also refuses cancels with it.
ABOUT_ORDER = frozenset({103})

#: TWS found no order of that id to cancel.
NO_SUCH_ORDER = frozenset({135, 10147})
#: TWS refuses a cancel: there was nothing to cancel, or it was too late.
CANCEL_REFUSED = frozenset({135, 136, 161, 10147, 10148})

#: The refusals of a cancel that prove that TWS has the order, or had it.
TOO_LATE = CANCEL_REFUSED - NO_SUCH_ORDER

#: The order was cancelled. For the client that requested the cancel, this is success.
CANCELLED = 202


def is_warning(code: int) -> bool:
    """Return whether the request or order that the code names goes on."""
    return code in _WARNINGS or 2100 <= code <= 2169


def is_pacing_violation(code: int, text: str) -> bool:
    """Return whether TWS refuses historical data because it was asked too often: a later request may succeed."""
    return code in _HISTORY_ERRORS and "pacing violation" in text.lower()


def ends_stream(code: int) -> bool:
    """Return whether this code ends a subscription that has had data."""
    return code in _ENDS_STREAM


def shows_order(code: int) -> bool:
    """Return whether an error with this code proves that TWS has the order that it names, or had it."""
    return code in TOO_LATE or not (code in REJECTS_ORDER or code in CANCEL_REFUSED)


def rejects_order(code: int) -> bool:
    """Return whether this code refuses an order, or a change of one, that was just sent."""
    return code in REJECTS_ORDER


def refuses_change(code: int) -> bool:
    """Return whether this code refuses a change that was just sent. The order goes on unchanged."""
    return code in REJECTS_ORDER or code in CANCEL_REFUSED or code == _STILL_PROCESSED


def is_about_connection(code: int) -> bool:
    """Whether the log tells a notice with this code as a state of the connection, or as pacing."""
    return code in _ABOUT_CONNECTION
