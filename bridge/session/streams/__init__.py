"""Streams: subscriptions at TWS that clients share."""
