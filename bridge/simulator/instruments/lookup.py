"""Finds the single instrument that a request names."""

from bridge.simulator.core import refusals
from bridge.simulator.core.values import Data
from bridge.simulator.instruments.instrument import Instrument, Universe


def one_contract(universe: Universe, wanted: Data, needs_exchange: bool = True) -> Instrument:
    """Return the only instrument that a partial contract describes.

    Raises Refused 200 if there is none or more than one, 321 if the contract names no exchange but needs one.
    """
    if wanted.get("secType") == "BAG":
        raise refusals.invalid("Combos are not quoted on the simulated exchange")
    if needs_exchange and not wanted.get("exchange"):
        raise refusals.invalid("Please enter exchange")
    found = universe.matching(wanted)
    if not found:
        raise refusals.no_definition()
    if len(found) > 1:
        raise refusals.ambiguous(wanted.get("symbol") or found[0].symbol)
    return found[0]
