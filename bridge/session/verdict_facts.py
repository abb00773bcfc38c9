"""Collects the facts of the verdict from the parts of the session."""

from __future__ import annotations

from bridge.session.builtin_methods import SessionContext
from bridge.session.caching.bar_times import moment
from bridge.session.clocks import Clocks
from bridge.session.orders.trading import Trading
from bridge.session.values import Instant
from bridge.session.verdict import Signs
from bridge.session.verdict_table import Facts

#: In these states a stream has no current data although clients hold it.
_WAITING = frozenset({"cut", "doubtful", "lost"})


class VerdictFacts:
    """Returns what is true at a time. `signs`: what TWS's errors have shown. `clocks`: how they go."""

    def __init__(self, context: SessionContext, trading: Trading, signs: Signs, clocks: Clocks) -> None:
        self._context = context
        self._trading = trading
        self._signs = signs
        self._clocks = clocks

    def on_handshake(self, connection_time: str, now: Instant) -> None:
        """TWS has answered the handshake with its time."""
        told = moment(connection_time)
        self._clocks.on_handshake(None if told is None else told.seconds, now)
        self._signs.forget()
        self._trading.answers.forget()

    def __call__(self, now: Instant) -> Facts:
        """Collect the facts."""
        context, trading = self._context, self._trading
        link, restarts = context.link, context.restarts
        outage, outage_text = link.reported_outage
        switch = context.checks.kill_switch.reasons
        self._signs.on_proof(trading.answers.taken_left_at, trading.listed_at)
        return Facts(
            link=link.state if link.since else "connecting",  # it has not begun yet
            problem=link.problem,
            problem_text=link.problem_text,
            outage=outage,
            outage_text=outage_text,
            halted="; ".join(f"{source}: {reason}" for source, reason in sorted(switch.items())) or None,
            # what TWS said on an earlier connection is no fact about the next one
            account_mismatch=trading.account_mismatch if link.usable else None,
            bad_order_ids=trading.bad_order_ids if link.usable else None,
            planned_restart=restarts.not_tradable_reason(),
            ledger_failure=trading.order_log.failure,
            is_reconciled=trading.is_reconciled,
            orders_unanswered=trading.answers.silent_for(now) if link.usable else None,
            changes_unanswered=_unanswered(trading, now) if link.usable else None,
            not_stored=context.state_files.failure,
            in_doubt=trading.count_in_doubt(),
            farms_down=context.farms.broken(),
            streams_waiting=sum(stream.state in _WAITING for stream in context.subscriptions.streams),
            tws_clock=self._clocks.tws_ahead if link.usable else None,
            clock_jump=self._clocks.jump(now),
            is_newer=bool(context.longer),
            signs=self._signs.standing(now),
        )


def _unanswered(trading: Trading, now: Instant) -> str | None:
    """Return which cancels and changes TWS has not answered, in words; None for none."""
    found = trading.answers.unanswered(now)
    if found is None:
        return None
    counts = ((found.cancels, "cancel"), (found.changes, "change"))
    told = " and ".join(f"{count} {name}{'s' * (count > 1)}" for count, name in counts if count)
    return f"{told} for {found.seconds:.0f} s"
