"""Orders that no client placed through the bridge: their events are published, and no log has them.

Their topics leave snapshots as those of the bridge's own orders do: some time after the end.
"""

from __future__ import annotations

from bridge.session import topic_names
from bridge.session.digest import digest
from bridge.session.orders import order_message
from bridge.session.orders.executions import StandingReports
from bridge.session.orders.order_log import Entry, show
from bridge.session.outbox import Outbox
from bridge.session.recent import Recent
from bridge.session.values import Data, Instant

#: How many executions and commissions are remembered, so that each is published only once.
MOST_REPORTS = 20_000
_OVER = frozenset({"Filled", "Cancelled", "ApiCancelled"})


class ExternalOrders:
    """See the module. `keep`: seconds after the last event of an order that has ended, until its topics are dropped."""

    def __init__(self, outbox: Outbox, keep: float) -> None:
        self._outbox = outbox
        self._keep = keep
        self._reports: Recent[str, str] = Recent(MOST_REPORTS)
        self._standing: dict[str, StandingReports] = {}
        #: The orders that TWS has shown as open, and when it did so last (steady clock).
        self._open: dict[str, float] = {}
        #: Prefix -> when TWS sent the last message about an order that is not open (steady clock), the oldest first.
        self._ended: dict[str, float] = {}

    def publish(self, name: str, data: Data, perm_id: str, now: Instant) -> None:
        """Publish a message about the order with that permId. Exact repeats of executions and commissions are not."""
        if name in ("execDetails", "commissionAndFeesReport"):
            report = f"{name} {data.get('execId') or data.get('execution', {}).get('execId')}"
            content = digest(data) if name == "commissionAndFeesReport" else ""
            if self._reports.get(report) == content:
                return
            self._reports[report] = content
        prefix = f"order.external.{topic_names.token(perm_id)}."
        standing = self._standing.setdefault(prefix, StandingReports())
        show(self._outbox, standing, Entry(prefix, name, order_message.incoming(name, data, None)), now)
        self._note(prefix, name, data, now)

    def _note(self, prefix: str, name: str, data: Data, now: Instant) -> None:
        status = data.get("status") if name == "orderStatus" else data.get("orderState", {}).get("status")
        if name == "completedOrder" or status in _OVER:
            self._open.pop(prefix, None)
        elif status:
            self._open[prefix] = now.clock
        self._ended.pop(prefix, None)
        if prefix not in self._open:
            self._ended[prefix] = now.clock

    def pass_ended(self, begun: Instant, now: Instant) -> None:
        """TWS has listed all open orders. Those that it has not shown since the pass began have ended."""
        for prefix in [prefix for prefix, shown in self._open.items() if shown < begun.clock]:
            del self._open[prefix]
            self._ended.pop(prefix, None)
            self._ended[prefix] = now.clock

    def advance(self, now: Instant) -> None:
        """Drop the topics that are due. The session calls this each second."""
        limit = now.clock - self._keep
        while self._ended and next(iter(self._ended.values())) <= limit:
            prefix = next(iter(self._ended))
            del self._ended[prefix]
            self._standing.pop(prefix, None)
            self._outbox.topic_store.forget(prefix)
