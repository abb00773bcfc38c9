"""Many clients behind one bridge, and a TWS that enforces its limits."""
