"""The simulated market: quotes, trades, bars, ticks, depth and news."""
