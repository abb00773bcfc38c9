"""The TWS API protocol, pure: bytes in, messages and bytes out, in both roles. Knows no socket and no clock."""

from bridge.tws.connection import Connection, Role

__all__ = ["Connection", "Role"]
