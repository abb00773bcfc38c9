"""Requests that TWS answers once, and the ids under which TWS knows them."""
