"""tws-bridge: many processes share one TWS API connection over ZeroMQ."""

__version__ = "0.1.0"
