"""Orders that are placed through the bridge: from a client's wish to the end of each, and the log of what TWS said."""
