"""The last known price of an instrument, from the ticks of live streams that are not stale."""

from __future__ import annotations

from collections.abc import Iterable

from bridge.session.contracts.instruments import is_combo
from bridge.session.streams.streams import Stream
from bridge.session.values import Data

#: Tick types (`tickPrice`) with a current price: bid, ask, last, mark, and the delayed first three.
_PRICES = frozenset({1, 2, 4, 37, 66, 67, 68})


def highest(streams: Iterable[Stream], con_id: int) -> float | None:
    """Return the highest of the last bid, ask, last and mark price of that conId, on any exchange, or None.

    TWS sends 0 or -1 for a missing price. Only combos have negative prices, and they are not quoted here.
    """
    prices = [
        publication[3]["price"]
        for stream in streams
        if stream.plan.name == "reqMktData" and _is_of(stream.params.get("contract", {}), con_id)
        if (topic := stream.topics.get("tickPrice")) is not None
        for publication in topic.fresh()
        if publication[3].get("tickType") in _PRICES
    ]
    return max((price for price in prices if price > 0), default=None)


def _is_of(contract: Data, con_id: int) -> bool:
    """Return whether the stream's prices are the instrument's own. A stream of a combination quotes the combination."""
    return contract.get("conId") == con_id and not is_combo(contract)
