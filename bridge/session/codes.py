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

#: Refusals and ends of a subscription, also when they come after data has.
_ENDS_STREAM = frozenset(
    {101, 102, 162, 200, 203, 309, 316, 320, 321, 322, 354, 366, 420, 430, 10089, 10091, 10094, 10168, 10186, 10187,
     10189, 10190, 10225}
)  # fmt: skip

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
    """Whether an order that has just been sent was refused by this code."""
    if is_warning(code) or code in CANCEL_REFUSED or code == CANCELLED:
        return False
    return 100 <= code <= 599 or 10000 <= code <= 10399
