"""The bridge beside its alternatives on one stream of ticks, and its orders beside what they cost without the ledger.

No pass or fail inside. `python -m benchmarks` prints the tables of docs/benchmarks.md. Absolute figures are this
machine's; the ratios are the result.
"""
