"""The TWS API protocol, for both roles: it takes bytes and gives messages, and takes messages and gives bytes.

It is pure: it knows no socket and no clock.
"""

from bridge.tws.connection import Connection, Role

__all__ = ["Connection", "Role"]
