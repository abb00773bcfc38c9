"""Contracts as TWS describes them: descriptions by conId, identity, and contracts without a conId."""
