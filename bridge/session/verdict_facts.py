"""Collects the facts of the verdict from the parts of the session."""

from __future__ import annotations

from bridge.session.builtin_methods import SessionContext
from bridge.session.caching.bar_times import moment
from bridge.session.orders.trading import Trading
from bridge.session.values import Instant
from bridge.session.verdict import Signs
from bridge.session.verdict_table import Facts

#: In these states a stream has no current data although clients hold it.
_WAITING = frozenset({"cut", "doubtful", "lost"})


class VerdictFacts:
    """Returns what is true at a time. `signs`: what TWS's errors have shown."""

    def __init__(self, context: SessionContext, trading: Trading, signs: Signs) -> None:
        self._context = context
        self._trading = trading
        self._signs = signs
        self._tws_clock: float | None = None

    def on_handshake(self, connection_time: str, now: Instant) -> None:
        """TWS has answered the handshake with its time."""
        told = moment(connection_time)
        self._tws_clock = None if told is None else told.seconds - now.ts / 1e9
        self._signs.forget()

    def __call__(self, now: Instant) -> Facts:
        """Collect the facts."""
        context, trading = self._context, self._trading
        link, restarts = context.link, context.restarts
        outage, outage_text = link.reported_outage
        switch = context.checks.kill_switch.reasons
        return Facts(
            link=link.state,
            problem=link.problem,
            problem_text=link.problem_text,
            outage=outage,
            outage_text=outage_text,
            halted="; ".join(f"{source}: {reason}" for source, reason in sorted(switch.items())) or None,
            account_mismatch=trading.account_mismatch,
            bad_order_ids=trading.bad_order_ids,
            planned_restart=restarts.not_tradable_reason(),
            ledger_failure=trading.order_log.failure,
            is_reconciled=trading.is_reconciled,
            in_doubt=trading.count_in_doubt(),
            farms_down=tuple(f"{farm['farm']} ({farm['kind']})" for farm in context.farms.broken()),
            streams_waiting=sum(stream.state in _WAITING for stream in context.subscriptions.streams),
            tws_clock=self._tws_clock if link.usable else None,
            is_newer=bool(context.longer),
            signs=self._signs.standing(now),
        )
