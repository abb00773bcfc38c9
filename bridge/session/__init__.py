"""Who asked what, who holds what, and what TWS says to whom: the thinking of the bridge, without its sockets.

Pure: events, requests and the time go in, publications and effects come out.
"""

from bridge.session.config import SessionConfig
from bridge.session.effects import (
    Close,
    Connect,
    Effect,
    Log,
    Persist,
    ReadLog,
    Remember,
    RememberHalt,
    Reply,
    Send,
    SendAll,
    StartApi,
)
from bridge.session.records import RecoveredState
from bridge.session.session import Session
from bridge.session.values import Data, Instant, Route
from bridge.session.watchdog import SocketState

__all__ = [
    "Close",
    "Connect",
    "Data",
    "Effect",
    "Instant",
    "Log",
    "Persist",
    "ReadLog",
    "RecoveredState",
    "Remember",
    "RememberHalt",
    "Reply",
    "Route",
    "Send",
    "SendAll",
    "Session",
    "SessionConfig",
    "SocketState",
    "StartApi",
]
