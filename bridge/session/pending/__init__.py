"""Requests that TWS answers once, and the ids under which they are under way."""
