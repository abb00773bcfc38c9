"""A bridge that runs already: its verdict is better than a connection of the doctor's own."""

from __future__ import annotations

from collections.abc import Callable

from bridge import health
from bridge.doctor.findings import Examination
from bridge.doctor.places import answers, has_place
from bridge.session.values import Data
from bridge.settings import BridgeSettings
from tws_bridge_client import BridgeClient, BridgeError

#: Makes a client of the bridge with these settings.
Ask = Callable[[BridgeSettings], BridgeClient]
_SECONDS = 5.0


def ask_bridge(found: Examination, settings: BridgeSettings, ask: Ask | None) -> None:
    """A process holds the state folder. Report its verdict, or why it gives none."""
    try:
        verdict = _verdict(settings, ask)
    except (BridgeError, _Unasked) as error:
        silent = health.problem(str(settings.state))
        if silent is not None:
            remedy = "Look at its log. If it stays so, stop that process and start the bridge again."
            found.fail("bridge", f"a process uses this state folder, and is no bridge that works: {silent}", remedy)
        else:
            remedy = "Give the endpoints of that bridge with --requests and --events, and a key that it knows."
            text = f"a bridge runs with this state folder and works, but does not tell its verdict: {error}"
            found.fail("bridge", text, f"{remedy} {'--key and --server-key name it.' if settings.key else ''}".strip())
        return
    _report(found, verdict)


def finds_other(found: Examination, settings: BridgeSettings, ask: Ask | None) -> bool:
    """Whether a bridge with another state folder answers at the endpoint for requests. Report it."""
    if not answers(settings.requests):
        return False
    try:
        verdict = _verdict(settings, ask)
    except (BridgeError, _Unasked):
        return False  # the check of the endpoint says that a program has it
    text = f"a bridge answers at {settings.requests}, and it does not use the state folder {settings.state.absolute()}"
    remedy = (
        "If that is the bridge that you mean, give the doctor its --state or its --config. If not, a second bridge "
        "needs other endpoints and a client id of its own."
    )
    found.fail("bridge", text, remedy)
    _report(found, verdict)
    return True


class _Unasked(Exception):
    """The doctor does not know how to ask."""


def _verdict(settings: BridgeSettings, ask: Ask | None) -> Data:
    """The verdict of the bridge at the endpoint for requests. Raises BridgeError and _Unasked."""
    if ask is None or not has_place(settings.requests):
        raise _Unasked(f"{settings.requests} is not an endpoint where the doctor could ask")
    with ask(settings) as client:
        verdict: Data = client.request("status", {}, _SECONDS)["verdict"]
    return verdict


def _report(found: Examination, verdict: Data) -> None:
    if verdict["trading"]:
        found.ok("bridge", "it runs, and it trades")
    else:
        found.fail("bridge", f"it runs, and it does not trade: {verdict['because']}", code=verdict["code"])
    for other in verdict["also"]:
        found.warn("bridge", other["because"], code=other["code"])
