"""The examination: all checks in order. What cannot be checked because of an earlier failure is skipped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bridge.doctor import local
from bridge.doctor.findings import Examination
from bridge.doctor.probe import LISTEN, PATIENCE, now, probe
from bridge.doctor.probed import Probed
from bridge.session.orders.account_binding import mode_of
from bridge.session.verdict_table import TABLE, judge
from bridge.settings import BridgeSettings, SettingsError, load
from bridge.tws import Connection
from tws_bridge_client import BridgeClient, BridgeError

_TWS_STEPS = ("host", "tcp", "handshake", "start")
#: The step to which a condition of the verdict belongs, once the connection has started. The others are of `TWS`.
_STEPS = {
    "wrongAccounts": "accounts", "badOrderIds": "order ids", "clocksDiffer": "clock", "readOnlyApi": "orders",
    "outOfReach": "IBKR", "serverBroken": "IBKR", "farmsDown": "farms",
}  # fmt: skip
_STOPS = {row.code for row in TABLE if row.stops}


def examine(
    flags: dict[str, Any], config: Path | None, client: BridgeClient | None = None, *, patience: float = PATIENCE,
    listen: float = LISTEN,
) -> Examination:  # fmt: skip
    """Examine a bridge with these settings. If it runs, ask it (`client`) for its verdict; else connect to TWS."""
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
    is_running = local.check_state(found, settings)
    local.check_keys(found, settings)
    if is_running:
        _ask_bridge(found, client)
        return found
    local.check_endpoints(found, settings)
    _check_tws(found, settings, patience, listen)
    return found


def _ask_bridge(found: Examination, client: BridgeClient | None) -> None:
    """The bridge runs: its verdict is better than a connection of our own, which needs its client id."""
    if client is None:
        found.skip(("bridge", *_TWS_STEPS), "a bridge runs with this state folder, and was not asked")
        return
    try:
        verdict = client.request("status", {}, 5.0)["verdict"]
    except BridgeError as error:
        remedy = "Give --requests and --events of that bridge, and a key that it knows. If they are right, it hangs."
        found.fail("bridge", f"a bridge runs with this state folder, and does not answer: {error}", remedy)
        return
    if verdict["trading"]:
        found.ok("bridge", "it runs, and it trades")
    else:
        found.fail("bridge", f"it runs, and it does not trade: {verdict['because']}", code=verdict["code"])
    for other in verdict["also"]:
        found.warn("bridge", other["because"], code=other["code"])


def _check_tws(found: Examination, settings: BridgeSettings, patience: float, listen: float) -> None:
    host, _, port = settings.tws.rpartition(":")
    told = probe(
        host.strip("[]"), int(port), lambda: Connection.client(settings.client_id, settings.optional_capabilities),
        patience, listen,
    )  # fmt: skip
    if _report_steps(found, told, settings.tws):
        _judge(found, told, settings)
        _check_lists(found, told, patience)


def _report_steps(found: Examination, told: Probed, place: str) -> bool:
    """Report how far the connection came. Return whether it started."""
    if told.redirects:
        found.ok("redirect", f"TWS names another address, and the bridge follows it: {', '.join(told.redirects)}")
        place = told.redirects[-1]
    reached = (
        ("host", bool(told.addresses), f"{', '.join(told.addresses)}"),
        ("tcp", told.has_tcp, f"{place} accepts connections"),
        ("handshake", told.server_version is not None, f"server version {told.server_version}"),
        ("start", told.is_started, f"accounts and next order id {told.next_order_id}"),
    )
    for number, (name, is_reached, text) in enumerate(reached):
        if is_reached:
            found.ok(name, text)
            continue
        found.fail(name, told.reason, code=told.link.problem or "notStarted")
        found.skip([step[0] for step in reached[number + 1 :]], "an earlier step failed")
        return False
    return True


def _judge(found: Examination, told: Probed, settings: BridgeSettings) -> None:
    """What the bridge's own verdict would be."""
    verdict = judge(told.facts(None, now()))
    findings = [*(() if verdict.stops is None else (verdict.stops,)), *verdict.also]
    for finding in findings:
        note = found.fail if finding.code in _STOPS else found.warn
        note(_STEPS.get(finding.code, "TWS"), finding.because, code=finding.code)
    named = {finding.code for finding in findings}
    _check_accounts(found, told, settings)
    if told.tws_clock is None:
        remedy = "Compare TWS's clock and time zone with this machine's."
        found.warn("clock", f"TWS's time cannot be read: {told.connection_time!r}", remedy)
    elif "clocksDiffer" not in named:
        found.ok("clock", f"TWS's differs by {told.tws_clock:.0f} s")
    if "farmsDown" not in named:
        found.ok("farms", "TWS reports none that is out of reach")


def _check_accounts(found: Examination, told: Probed, settings: BridgeSettings) -> None:
    accounts = told.accounts or ()
    modes = sorted({mode_of(account) for account in accounts})
    text = f"{len(accounts)} accounts, {' and '.join(modes) or 'none'}"
    if settings.trading_mode is not None and modes != [settings.trading_mode]:
        found.fail("accounts", f"{text}; trading_mode is {settings.trading_mode}", code="wrongAccounts")
    elif settings.trading_mode is None:
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
