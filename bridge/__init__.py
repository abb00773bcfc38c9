"""tws-bridge: one TWS API connection, shared by many processes over ZeroMQ."""

__version__ = "0.1.0"
