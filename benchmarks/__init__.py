"""The bridge beside its alternatives, on one stream of ticks, in one run. No pass or fail inside.

`python -m benchmarks` prints the table that the README quotes. Absolute figures are this machine's; the ratios are the
result.
"""
