"""The process around the pure exchange: sockets, clock, signals, settings and the state file."""
