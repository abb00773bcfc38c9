"""The examination: all checks in order. What cannot be checked because of an earlier failure is skipped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bridge.doctor import local, places, running
from bridge.doctor.findings import REMEDIES, Examination
from bridge.doctor.probe import LISTEN, PATIENCE, now, probe
from bridge.doctor.probed import Probed
from bridge.doctor.running import Ask
from bridge.session.orders.account_binding import mismatch, mode_of
from bridge.session.verdict_table import TABLE, judge
from bridge.settings import BridgeSettings, SettingsError, load
from bridge.tws import Connection

_TWS_STEPS = ("host", "tcp", "handshake", "start")
#: The step to which a condition of the verdict belongs, once the connection has started. The others are of `TWS`.
_STEPS = {
    "wrongAccounts": "accounts", "badOrderIds": "order ids", "clocksDiffer": "clock", "readOnlyApi": "orders",
    "outOfReach": "IBKR", "serverBroken": "IBKR", "farmsDown": "farms",
}  # fmt: skip
#: The doctor's own part in error 326, before and after.
_USED = "the doctor has used client id {} for some seconds: a bridge that starts meanwhile gets 326, and tries again"
_OTHER = (
    "If the other program is a bridge of yours, give the doctor that bridge's settings: `--config`, or `--state`, "
    "`--requests` and `--events`."
)
_STOPS = {row.code for row in TABLE if row.stops}


def examine(
    flags: dict[str, Any], config: Path | None, ask: Ask | None = None, *, patience: float = PATIENCE,
    listen: float = LISTEN,
) -> Examination:  # fmt: skip
    """Examine a bridge with these settings. If it runs, ask it (`ask`) for its verdict; else connect to TWS.

    `ask`: makes a client of the bridge with these settings.
    """
    found = Examination()
    try:
        settings = load(flags, config)
    except SettingsError as error:
        for line in str(error).splitlines():
            found.fail("settings", line, "Correct the setting; docs/reference/settings.md lists all.")
        found.skip(("state folder", "ledger", "keys", "events", "requests", *_TWS_STEPS), "the settings have mistakes")
        return found
    found.ok("settings", "no mistakes")
    local.check_environment(found)
    held = local.check_state(found, settings)
    local.check_keys(found, settings)
    if held.is_running:
        running.ask_bridge(found, settings, ask)
    elif not running.finds_other(found, settings, ask):
        places.check_endpoints(found, settings)
        _check_tws(found, settings, held.accounts, patience, listen)
    else:
        found.skip(("events", "requests", *_TWS_STEPS), "another bridge runs at these endpoints")
    return found


def _check_tws(
    found: Examination, settings: BridgeSettings, bound: frozenset[str], patience: float, listen: float
) -> None:
    """`bound`: the accounts of the ledger."""
    host, _, port = settings.tws.rpartition(":")
    told = probe(
        host.strip("[]"), int(port), lambda: Connection.client(settings.client_id, settings.optional_capabilities),
        patience, listen,
    )  # fmt: skip
    if _report_steps(found, told, settings):
        _judge(found, told, settings, bound)
        _check_lists(found, told, patience)


def _report_steps(found: Examination, told: Probed, settings: BridgeSettings) -> bool:
    """Report how far the connection came. Return whether it started."""
    place, client_id = settings.tws, settings.client_id
    if told.redirects:
        found.ok("redirect", f"TWS names another address, and the bridge follows it: {', '.join(told.redirects)}")
        place = told.redirects[-1]
    reached = (
        ("host", bool(told.addresses), f"{', '.join(told.addresses)}"),
        ("tcp", told.has_tcp, f"{place} accepts connections"),
        ("handshake", told.server_version is not None, f"server version {told.server_version}"),
        ("start", told.is_started, f"next order id {told.next_order_id}; {_USED.format(client_id)}"),
    )
    for number, (name, is_reached, text) in enumerate(reached):
        if is_reached:
            found.ok(name, text)
            continue
        code = told.link.problem or "notStarted"
        remedy = f"{_OTHER} {REMEDIES[code]}" if code == "clientIdInUse" else ""
        found.fail(name, told.reason, remedy, code=code)
        found.skip([step[0] for step in reached[number + 1 :]], "an earlier step failed")
        return False
    return True


def _judge(found: Examination, told: Probed, settings: BridgeSettings, bound: frozenset[str]) -> None:
    """What the bridge's own verdict would be."""
    wrong = mismatch(set(bound), set(told.accounts or ()), settings.trading_mode)
    verdict = judge(told.facts(wrong, now()))
    findings = [*(() if verdict.stops is None else (verdict.stops,)), *verdict.also]
    for finding in findings:
        note = found.fail if finding.code in _STOPS else found.warn
        note(_STEPS.get(finding.code, "TWS"), finding.because, code=finding.code)
    named = {finding.code for finding in findings}
    if "wrongAccounts" not in named:
        _note_accounts(found, told, settings)
    if told.tws_clock is None:
        remedy = "Compare TWS's clock and time zone with this machine's."
        found.warn("clock", f"TWS's time cannot be read: {told.connection_time!r}", remedy)
    elif "clocksDiffer" not in named:
        found.ok("clock", f"TWS's differs by {told.tws_clock:.0f} s")
    if "farmsDown" not in named:
        found.ok("farms", "TWS reports none that is out of reach")


def _note_accounts(found: Examination, told: Probed, settings: BridgeSettings) -> None:
    accounts = told.accounts or ()
    modes = sorted({mode_of(account) for account in accounts})
    text = f"{len(accounts)} accounts, {' and '.join(modes) or 'none'}"
    if settings.trading_mode is None:
        remedy = "Set `trading_mode` to paper or live, so that the bridge refuses the other one."
        found.warn("accounts", f"{text}; the configuration does not say which it means", remedy)
    else:
        found.ok("accounts", text)


def _check_lists(found: Examination, told: Probed, patience: float) -> None:
    """Without TWS's lists of orders the bridge sends no new order."""
    if told.link.state != "ready" or "readOnlyApi" in told.signs.standing(now()):
        return  # another step says why TWS sends none
    if told.unanswered:
        error = f"; TWS reports {told.last_error}" if told.last_error else ""
        text = f"TWS has not answered {', '.join(told.unanswered)} within {patience:g} s{error}"
        found.fail("lists", text, code="reconciling")
    else:
        found.ok("lists", "TWS sends its open orders, completed orders and executions")
