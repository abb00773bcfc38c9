"""What TWS's error codes mean for the request, stream or order that they name. Tables only.

From IBKR's published list of message codes and from what users of other clients report; see the test beside it for
the cases. TWS uses one `error` callback for notices, warnings, refusals and the end of things.
"""

from __future__ import annotations

CONNECTIVITY_LOST = 1100
RESTORED_DATA_LOST = 1101
RESTORED_DATA_KEPT = 1102
PORT_CHANGED = 1300
CLIENT_ID_IN_USE = 326
SERVER_BROKEN = 2110
FARM_OK = 2104

#: Notices that leave what they name as it is.
_WARNINGS = frozenset(
    {
        165,  # historical data service: information
        383,  # order size beyond a limit the user set: TWS asks, the order is not gone
        399,  # order message: information on an order that lives
        404,  # held while shares are located
        10090,  # part of the market data is not subscribed: the rest comes
        10167,  # not subscribed: delayed data comes
        10197,  # a competing session took the data: it comes back
        10311,  # directly routed order: extra fees
        10349,  # time in force was set from a preset
    }
)

#: TWS could not make sense of a request. With id -1 it is one whose message has no room for an id.
INVALID_REQUEST = frozenset({320, 321, 322})

#: Refusals and ends of a subscription, also when they come after data has.
_ENDS_STREAM = frozenset(
    {101, 102, 162, 200, 203, 309, 316, 320, 321, 322, 354, 366, 420, 430, 10089, 10091, 10094, 10168, 10186, 10187,
     10189, 10190, 10225}
)  # fmt: skip

#: An order was not taken, or a change not made. What is not here is a warning: the order's status tells, or nobody.
_REJECTS_ORDER = frozenset(
    {
        *range(103, 108),  # duplicate id, filled, does not match, cannot be transmitted, incomplete
        *range(109, 133),  # price, time in force, exchange, size, account
        *(133, 134, 137, 138, 140, 141, 142, 143, 144, 145, 146, 147, 148, 151, 152, 153, 154, 155, 156, 157, 158, 159),
        *(160, 163, 164, 167, 200, 201, 203, 311, 312, 313, 314, 315, 320, 321, 322, 325, 327, 328, 329),
        *range(331, 354),
        *range(355, 365),
        *range(367, 383),
        *range(384, 399),
        *(400, 401, 402, 403, *range(405, 420), 421, 422, 423, 424, 425, 426, 427, 428, 429, *range(431, 451)),
        *range(10003, 10053),  # algorithms, conditions, scale orders, 10006: the parent is missing
        *(10163, 10233, 10268, 10269, 10270, 10289, 10326, 10339, 10340, 10343),
    }
)

#: The number was used before: TWS knows one that is above all.
DUPLICATE_ID = 103

#: 2102: the order is still being processed, ask again.
_STILL_PROCESSED = 2102

#: A cancel found no order of that id at TWS.
NO_SUCH_ORDER = frozenset({135, 10147})
#: What a cancel is answered with when there was nothing to cancel, or it was too late.
CANCEL_REFUSED = frozenset({135, 136, 161, 10147, 10148})

#: The order is gone at its owner's word: success for who asked for it.
CANCELLED = 202


def is_warning(code: int) -> bool:
    """Whether the request or order that the code names goes on."""
    return code in _WARNINGS or 2100 <= code <= 2169


def ends_stream(code: int) -> bool:
    """Whether a subscription that has had data is over."""
    return code in _ENDS_STREAM


def rejects_order(code: int) -> bool:
    """Whether an order, or a change of one, that was just sent was refused by this code."""
    return code in _REJECTS_ORDER


def refuses_change(code: int) -> bool:
    """Whether a change that was just sent was not made: the order goes on as it was."""
    return code in _REJECTS_ORDER or code in CANCEL_REFUSED or code == _STILL_PROCESSED
