"""Live objects: a ticker, an order, positions. The bridge's events keep each one current.

`hub.py` is the pure part that all of them share. `sync.py` and `aio.py` are its faces for the two clients.
"""
