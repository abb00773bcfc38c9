"""The examination: all checks in order. What cannot be checked because of an earlier failure is skipped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bridge.doctor import local
from bridge.doctor.findings import Examination
from bridge.doctor.probe import LISTEN, PATIENCE, Probe, probe
from bridge.session.caching.bar_times import moment
from bridge.session.orders.account_binding import mode_of
from bridge.session.request_ids import FIRST_REQUEST_ID
from bridge.session.values import Instant
from bridge.session.verdict import Signs
from bridge.session.verdict_table import CLOCK_SKEW
from bridge.settings import BridgeSettings, SettingsError, load
from bridge.tws import Connection
from tws_bridge_client import BridgeClient, BridgeError

_TWS_STEPS = ("host", "tcp", "handshake", "start")
#: Codes of farms that are out of reach.
_FARMS_DOWN = (2103, 2105)


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
    connection = Connection.client(settings.client_id, settings.optional_capabilities)
    told = probe(host.strip("[]"), int(port), connection, patience, listen)
    if not _report_steps(found, told, settings.tws):
        return
    _check_accounts(found, told, settings)
    _check_clock(found, told)
    _check_errors(found, told)


def _report_steps(found: Examination, told: Probe, place: str) -> bool:
    """Report how far the connection came. Return whether it started."""
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
        found.fail(name, told.reason, code=told.problem or "notStarted")
        found.skip([step[0] for step in reached[number + 1 :]], "an earlier step failed")
        return False
    return True


def _check_accounts(found: Examination, told: Probe, settings: BridgeSettings) -> None:
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
    if told.next_order_id is not None and told.next_order_id >= FIRST_REQUEST_ID:
        found.fail("order ids", f"the next order id is {told.next_order_id}", code="badOrderIds")


def _check_clock(found: Examination, told: Probe) -> None:
    when = moment(told.connection_time)
    if when is None:
        remedy = "Compare TWS's clock and time zone with this machine's."
        found.warn("clock", f"TWS's time cannot be read: {told.connection_time!r}", remedy)
        return
    ahead = when.seconds - told.answered_at
    if abs(ahead) > CLOCK_SKEW:
        found.warn("clock", f"TWS's clock differs by {ahead:.0f} s from this machine's", code="clocksDiffer")
    else:
        found.ok("clock", f"TWS's differs by {ahead:.0f} s")


def _check_errors(found: Examination, told: Probe) -> None:
    """What TWS's notices say about itself."""
    signs, now = Signs(), Instant(0.0, 0)
    for code, text in told.errors:
        signs.on_error(-1, code, text, now)
    standing = signs.standing(now)
    if "readOnlyApi" in standing:
        found.fail("orders", standing["readOnlyApi"], code="readOnlyApi")
    for code, name in ((1100, "outOfReach"), (2110, "serverBroken")):
        if (lost := told.error_of(code)) is not None:
            found.fail("IBKR", lost[1], code=name)
    farms = [text for code, text in told.errors if code in _FARMS_DOWN]
    for text in farms:
        found.warn("farms", text, code="farmsDown")
    if not farms:
        found.ok("farms", "TWS reports none that is out of reach")
