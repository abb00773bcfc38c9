"""Contract descriptions that the bridge itself requests from TWS.

The bridge sends one request for each conId, for all that wait for it. TWS's answers go to `instruments`. This module
knows no client and no order.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bridge.session import codes
from bridge.session.contracts.instruments import Instruments
from bridge.session.outbox import Outbox
from bridge.session.requests import Request
from bridge.session.timers import Timer
from bridge.session.values import Data, Instant

#: How many seconds TWS has to describe a contract.
PATIENCE = 10.0

#: `lost`: the connection ended; the request can be sent again.
Status = Literal["open", "described", "unknown", "unanswered", "lost"]


@dataclass(slots=True, eq=False)
class DescriptionRequest:
    """A request to describe the contract of one conId.

    `reason`: why TWS does not know it (`unknown`), or why TWS did not answer (`unanswered`).
    """

    con_id: int
    status: Status = "open"
    reason: str = ""
    timer: Timer | None = None


class ContractDescriptions:
    """`request` sends an internal request to TWS; `withdraw` cancels it."""

    def __init__(
        self,
        outbox: Outbox,
        instruments: Instruments,
        request: Callable[[Request, Instant], None],
        withdraw: Callable[[Request, Instant], None],
    ) -> None:
        self._outbox = outbox
        self._instruments = instruments
        self._send_internal = request
        self._withdraw = withdraw
        self._open: dict[int, DescriptionRequest] = {}
        self._numbers = itertools.count(1)
        self._has_news = False

    def request(self, con_id: int, now: Instant) -> DescriptionRequest:
        """Return the description request for this conId. If none is open, send one to TWS."""
        description = self._open.get(con_id)
        if description is None:
            description = self._open[con_id] = DescriptionRequest(con_id)
            params: Data = {"contract": {"conId": con_id}}
            id_ = f"describe-{next(self._numbers)}-{con_id}"
            request = Request(
                "bridge", id_, "reqContractDetails", params, None, False, "", is_own=True, is_for_order=True
            )
            request.then = lambda outcome: self._answered(description, outcome)
            at = now.clock + PATIENCE
            description.timer = self._outbox.timers.at(at, lambda later: self._give_up(description, request, later))
            self._send_internal(request, now)
        return description

    def advance(self) -> bool:
        """Return whether a description request has ended since the last call."""
        had_news, self._has_news = self._has_news, False
        return had_news

    def _answered(self, description: DescriptionRequest, outcome: Data) -> None:
        if description.status != "open":
            return
        error = outcome.get("error", {})
        if outcome["ok"]:
            known = self._instruments.knows(description.con_id)
            self._end(description, "described" if known else "unknown", "TWS sent no description")
        elif error["code"] in ("connectionLost", "cancelled"):
            self._end(description, "lost")
        elif error.get("twsCode") == codes.NO_SUCH_CONTRACT:
            self._end(description, "unknown", error["message"])
        else:
            self._end(description, "unanswered", error["message"])

    def _give_up(self, description: DescriptionRequest, request: Request, now: Instant) -> None:
        if description.status == "open":
            self._end(description, "unanswered", f"TWS did not answer within {PATIENCE:g} s")
            self._withdraw(request, now)

    def _end(self, description: DescriptionRequest, status: Status, reason: str = "") -> None:
        description.status, description.reason = status, reason
        if description.timer is not None:
            description.timer.cancel()
        self._open.pop(description.con_id, None)
        self._has_news = True
