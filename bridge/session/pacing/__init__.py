"""Pacing: how many messages the bridge may send to TWS, and whose message is next."""
