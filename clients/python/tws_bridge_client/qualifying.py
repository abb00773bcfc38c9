"""The one instrument that a description means: `client.qualify`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tws_bridge_client.calls import BridgeError
from tws_bridge_client.generated import messages as m
from tws_bridge_client.generated.types import Contract

#: TWS's error "No security definition has been found for the request".
_NO_DEFINITION = 200


class ContractNotUnique(ValueError):
    """A description fits no instrument, or several.

    Attributes:
        asked: the description.
        candidates: the instruments that fit it.
    """

    def __init__(self, asked: Contract, candidates: list[Contract]) -> None:
        self.asked = asked
        self.candidates = candidates
        listed = "; ".join(_shown(one) for one in candidates[:10])
        more = f"; and {len(candidates) - 10} more" if len(candidates) > 10 else ""
        fits = f"fits {len(candidates)} instruments: {listed}{more}" if candidates else "fits no instrument"
        super().__init__(f"{_shown(asked)} {fits}")

    def __reduce__(self) -> Any:
        return type(self), (self.asked, self.candidates)


def is_none(error: BridgeError) -> bool:
    """Whether TWS says with this error that no instrument fits the description."""
    return error.code == "rejectedByTws" and error.tws_code == _NO_DEFINITION


def the_one(asked: Contract, answer: Iterable[object]) -> Contract:
    """The instrument of an answer to reqContractDetails, with the exchange that the description names.

    Raises ContractNotUnique if there is not exactly one.
    """
    found: dict[int | None, Contract] = {}
    for part in answer:
        if isinstance(part, m.ContractDetails | m.BondContractDetails):
            found.setdefault(part.contract.conId, part.contract)
    if len(found) != 1:
        raise ContractNotUnique(asked, list(found.values()))
    (contract,) = found.values()
    return contract.copy(exchange=asked.exchange) if asked.exchange else contract


def _shown(contract: Contract) -> str:
    fields = {name: value for name, value in contract.to_dict().items() if value not in ("", 0, None)}
    return "Contract(" + ", ".join(f"{name}={value}" for name, value in fields.items()) + ")"
