"""IBKR's published texts of error codes, for lines that give no text."""

from __future__ import annotations

from collections.abc import Mapping

_TEXTS: Mapping[int, str] = {
    200: "No security definition has been found for the request",
    201: "Order rejected - reason:",
    202: "Order Canceled - reason:",
    300: "Can't find EId with tickerId:0",
    316: "Market depth data has been HALTED. Please re-subscribe.",
    317: "Market depth data has been RESET. Please empty deep book contents before applying any new entries.",
    322: "Error processing request.-'bO' : cause - Duplicate ticker id",
    326: "Unable to connect as the client id is already in use. Retry with a unique client id.",
    354: "Requested market data is not subscribed.",
    1100: "Connectivity between IBKR and Trader Workstation has been lost.",
    1101: "Connectivity between IBKR and Trader Workstation has been restored - data lost.",
    1102: "Connectivity between IBKR and Trader Workstation has been restored - data maintained.",
    1300: "TWS socket port has been reset and this connection is being dropped. "
    "Please reconnect on the new port - 7497",
    2103: "Market data farm connection is broken:usfarm",
    2104: "Market data farm connection is OK:usfarm",
    2105: "HMDS data farm connection is broken:ushmds",
    2106: "HMDS data farm connection is OK:ushmds",
    2107: "HMDS data farm connection is inactive but should be available upon demand.ushmds",
    2108: "Market data farm connection is inactive but should be available upon demand.usfarm",
    2110: "Connectivity between Trader Workstation and server is broken. It will be restored automatically.",
    2119: "Market data farm is connecting:usfarm",
    2157: "Sec-def data farm connection is broken:secdefnj",
    2158: "Sec-def data farm connection is OK:secdefnj",
    10147: "OrderId 0 that needs to be cancelled is not found.",
    10182: "Failed to request live updates (disconnected).",
    10197: "No market data during competing live session",
    10225: "Bust event occurred, current subscription is deactivated. Please resubscribe real-time bars immediately.",
}

#: Farm -> code for each of its states. A state that is missing has no code.
FARM_CODES: Mapping[str, Mapping[str, int]] = {
    "usfarm": {"down": 2103, "up": 2104, "idle": 2108, "connecting": 2119},
    "ushmds": {"down": 2105, "up": 2106, "idle": 2107},
    "secdefnj": {"down": 2157, "up": 2158},
}


def text_of(code: int) -> str:
    """Return IBKR's text of a code; for other codes a text with the number."""
    return _TEXTS.get(code, f"Error {code}")
