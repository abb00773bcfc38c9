"""The session: the bridge's decisions, without sockets, asyncio or a clock.

The session knows which client sent which request, which client holds which stream, and which client gets which message
of TWS. It is pure: the caller hands in events, requests and the time, and takes out publications and effects.
"""

from bridge.session.archive import Archive, EmptyArchive
from bridge.session.config import SessionConfig
from bridge.session.effects import (
    Close,
    Connect,
    DropCached,
    Effect,
    Log,
    Persist,
    PersistHalt,
    PersistInstances,
    ReadCache,
    ReadConfiguration,
    ReadLog,
    Reply,
    Send,
    SendAll,
    StartApi,
    WriteCache,
)
from bridge.session.reconfiguration import ConfigurationRead, SettingChange
from bridge.session.records import RecoveredState
from bridge.session.session import Session
from bridge.session.values import Data, Instant, Route
from bridge.session.watchdog import SocketState

__all__ = [
    "Archive",
    "Close",
    "ConfigurationRead",
    "Connect",
    "Data",
    "DropCached",
    "Effect",
    "EmptyArchive",
    "Instant",
    "Log",
    "Persist",
    "PersistHalt",
    "PersistInstances",
    "ReadCache",
    "ReadConfiguration",
    "ReadLog",
    "RecoveredState",
    "Reply",
    "Route",
    "Send",
    "SendAll",
    "Session",
    "SessionConfig",
    "SettingChange",
    "SocketState",
    "StartApi",
    "WriteCache",
]
