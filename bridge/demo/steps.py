"""The claims of the demo. Each step shows one and checks it, and returns the line that says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bridge.demo import market_steps, order_steps, outage_steps, program_steps
from bridge.demo.screen import Screen
from bridge.demo.stage import Stage


@dataclass(frozen=True, slots=True)
class Step:
    """A claim, and the function that proves it or raises DemoFailed."""

    caption: str
    prove: Callable[[Stage, Screen], str]


STEPS = (
    Step("Two programs, one client ID: TWS refuses the second. Through the bridge both run.", market_steps.share),
    Step("Live quotes: both programs see the same ticks.", market_steps.quotes),
    Step("A bracket: the entry is filled, the exits work.", order_steps.bracket_order),
    Step("kill -9 of a strategy in the middle of an order: no double.", order_steps.killed_strategy),
    Step("kill -9 of TWS: quotes turn stale, the gap is shown, data come back by themselves.", outage_steps.killed_tws),
    Step("An order ten times too large: its limit refuses it.", order_steps.too_large),
    Step("halt: new orders are refused, cancels go through, until resume.", order_steps.halted),
    Step("Your first program has fifteen lines.", program_steps.first_program),
)
