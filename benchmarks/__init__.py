"""Benchmarks: the bridge and its alternatives on one stream of ticks, and orders with and without the ledger.

They do not pass or fail. `python -m benchmarks` prints the tables of docs/benchmarks.md. The absolute figures depend on
the machine; the ratios are the result.
"""
