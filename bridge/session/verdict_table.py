"""The verdict: whether the bridge trades now, and if not, why, and what a person must change.

One table lists every condition that stops trading, or that limits what clients get, in the order of their weight. The
first row that holds and stops trading is the verdict; the other rows that hold are told beside it. `status`, the
console, `tws-bridge doctor` and the readiness check read this table and no other. `tws-bridge schemas` writes
`docs/reference/symptoms.md` from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple, get_args

from bridge.session.link_table import State
from bridge.session.values import Data

#: Why there is no usable connection to TWS. `Link` sets it, and keeps it until the connection is ready.
Problem = Literal[
    "refused", "unknownHost", "unreachable", "tcpTimeout", "closedBeforeHandshake", "noHandshake", "notTws", "tooOld",
    "redirected", "portChanged", "notStarted", "closedBeforeStart", "clientIdInUse", "closed", "silent", "unreadable",
]  # fmt: skip
#: What TWS has reported about its own connection to IBKR.
Outage = Literal["none", "outOfReach", "serverBroken"]
#: What an error of TWS shows for a while about TWS as a whole.
Sign = Literal["readOnlyApi", "competingSession", "notSubscribed", "tooFast"]

PROBLEMS: tuple[Problem, ...] = get_args(Problem)
OUTAGES: tuple[Outage, ...] = get_args(Outage)
SIGNS: tuple[Sign, ...] = get_args(Sign)


class Facts(NamedTuple):
    """What the verdict is made of. A text is the reason in words; None: the condition does not hold.

    `problem` and `problem_text`: of the connection. `orders_unanswered`: for how many seconds TWS has answered no
    order, although some wait. `changes_unanswered`: which cancels and changes TWS has not answered, and for how long.
    `in_doubt`: how many orders, or their last changes, may or may not be at TWS. `tws_clock`: by how many seconds TWS's
    clock is ahead of the bridge's, measured when the connection began and when the bridge's clock jumped.
    `clock_jump`: by how many seconds the bridge's clock has jumped, forward or (negative) backward. `signs`: TWS's
    newest error of each kind, not older than its time.
    """

    link: State = "ready"
    problem: Problem | None = None
    problem_text: str | None = None
    outage: Outage = "none"
    outage_text: str | None = None
    halted: str | None = None
    account_mismatch: str | None = None
    bad_order_ids: str | None = None
    planned_restart: str | None = None
    ledger_failure: str | None = None
    is_reconciled: bool = True
    orders_unanswered: float | None = None
    changes_unanswered: str | None = None
    not_stored: str | None = None
    in_doubt: int = 0
    farms_down: tuple[str, ...] = ()
    streams_waiting: int = 0
    tws_clock: float | None = None
    clock_jump: float | None = None
    is_newer: bool = False
    signs: Mapping[Sign, str] = MappingProxyType({})


class Row(NamedTuple):
    """One condition. `why` returns the reason if it holds, else None.

    `stops`: no new order reaches the exchange. `symptom`: how a user sees it. `remedy`: what to change.
    """

    code: str
    stops: bool
    symptom: str
    remedy: str
    why: Callable[[Facts], str | None]


class Finding(NamedTuple):
    """A row that holds now."""

    code: str
    because: str
    remedy: str

    def as_data(self) -> Data:
        """Return `{code, because, remedy}`."""
        return self._asdict()


class Verdict(NamedTuple):
    """`stops`: the finding that stops trading; None: the bridge trades. `also`: what else holds."""

    stops: Finding | None
    also: tuple[Finding, ...]

    @property
    def trading(self) -> bool:
        """Whether the bridge sends new orders, and TWS takes them, as far as the bridge knows."""
        return self.stops is None


#: TWS's clock and the bridge's may differ by so many seconds.
CLOCK_SKEW = 30.0


def _of_problem(problem: Problem) -> Callable[[Facts], str | None]:
    def why(facts: Facts) -> str | None:
        return (facts.problem_text or problem) if facts.problem == problem and facts.link != "stopped" else None

    return why


def _of_sign(sign: Sign) -> Callable[[Facts], str | None]:
    return lambda facts: facts.signs.get(sign)


def _of_outage(outage: Outage) -> Callable[[Facts], str | None]:
    return lambda facts: (facts.outage_text or outage) if facts.outage == outage else None


def _connecting(facts: Facts) -> str | None:
    is_up = facts.link in ("ready", "degraded", "stopped")
    return None if is_up or facts.problem is not None else f"the bridge connects to TWS ({facts.link})"


def _clock(facts: Facts) -> str | None:
    if facts.tws_clock is None or abs(facts.tws_clock) <= CLOCK_SKEW:
        return None
    side = "ahead of" if facts.tws_clock > 0 else "behind"
    return f"TWS's clock is {abs(facts.tws_clock):.0f} s {side} the bridge's clock"


def _clock_jump(facts: Facts) -> str | None:
    if facts.clock_jump is None:
        return None
    side = "forward" if facts.clock_jump > 0 else "back"
    return f"the clock of the bridge's machine has jumped {side} by {abs(facts.clock_jump):.0f} s"


def _number(count: int, one: str, many: str) -> str | None:
    return None if count == 0 else f"1 {one}" if count == 1 else f"{count} {many}"


_API = "File > Global Configuration > API > Settings in TWS, Configure > Settings > API in IB Gateway"

TABLE: tuple[Row, ...] = (
    Row("stopped", True, "Every request is refused; the bridge ends.",
        "Start the bridge again.",
        lambda facts: "the bridge has stopped" if facts.link == "stopped" else None),
    Row("halted", True, "Orders are refused with `halt`; cancels go through.",
        "Remove the cause. Then send `resume` as an admin; if the reason is of the file `halt`, remove that file from "
        "the state folder.",
        lambda facts: facts.halted),
    Row("wrongAccounts", True, "Orders are refused with `notTradable` although TWS is connected.",
        "Log in to the account that the configuration means, or change `trading_mode`, or use another state folder for "
        "another login. Paper accounts begin with D.",
        lambda facts: facts.account_mismatch),
    Row("badOrderIds", True, "Orders are refused with `notTradable` although TWS is connected.",
        "Another program has used order ids near the end of the range under this client id. Use another client id, or "
        f"reset the API order id sequence ({_API}).",
        lambda facts: facts.bad_order_ids),
    Row("plannedRestart", True, "Orders are refused with `notTradable` and the times of a restart.",
        "Wait until the restart is over, or change `planned_restarts`.",
        lambda facts: facts.planned_restart),
    Row("refused", True, "The bridge cannot connect: connection refused.",
        "Start TWS or IB Gateway and log in. Compare the port with the socket port in its API settings (usual: TWS "
        "7497 paper, 7496 live; Gateway 4002 and 4001; in Gateway containers 4004 and 4003). In TWS the API must be "
        f"enabled ({_API}).",
        _of_problem("refused")),
    Row("unknownHost", True, "The bridge cannot connect: the name of the host has no address.",
        "Is the Gateway a container? Start it: the name of one that does not run has no address. Else correct the host "
        "in `tws`: in compose it is the name of the Gateway's service, in a network that both share.",
        _of_problem("unknownHost")),
    Row("unreachable", True, "The bridge cannot connect: no route to the host.",
        "Check the address in `tws`, the networks of the containers, and the firewall between the machines.",
        _of_problem("unreachable")),
    Row("tcpTimeout", True, "The bridge cannot connect: nothing answers.",
        "A firewall drops the packets, or the host is down. Check the address in `tws` and the firewall.",
        _of_problem("tcpTimeout")),
    Row("closedBeforeHandshake", True, "The connection opens and ends at once.",
        "Add the bridge's address to the trusted IPs, or turn off `allow connections from localhost only` "
        f"({_API}). In a container: the port forwarder runs, but the Gateway behind it does not listen yet.",
        _of_problem("closedBeforeHandshake")),
    Row("noHandshake", True, "The connection is open, and TWS says nothing.",
        "Look at the screen of TWS: a dialog waits for an answer (login, two-factor, `accept incoming connection`), or "
        "TWS hangs and must be restarted. Or another program than TWS listens on this port.",
        _of_problem("noHandshake")),
    Row("notTws", True, "The bridge cannot read what the other side sends.",
        "Another program than TWS listens on this port, or the port wants TLS. Correct `tws`.",
        _of_problem("notTws")),
    Row("tooOld", True, "The handshake ends with a version that the bridge does not speak.",
        "Update TWS or IB Gateway.",
        _of_problem("tooOld")),
    Row("redirected", True, "TWS names another address again and again.",
        "Connect to the address that TWS names, in `tws`.",
        _of_problem("redirected")),
    Row("portChanged", True, "TWS closes the connection: its socket port has changed (1300).",
        "Set `tws` to the new port. Until then the bridge tries both.",
        _of_problem("portChanged")),
    Row("notStarted", True, "TWS has answered the handshake, and does not send accounts and order ids.",
        "TWS still logs in, waits for the two-factor authentication, or shows a dialog. Look at its screen.",
        _of_problem("notStarted")),
    Row("closedBeforeStart", True, "TWS ends the connection directly after the handshake.",
        "A person has refused the dialog in TWS, or the client id is in use. Look at the screen of TWS, or choose "
        "another `client_id`.",
        _of_problem("closedBeforeStart")),
    Row("clientIdInUse", True, "TWS ends each connection with error 326.",
        "Stop the other program that uses this client id, or give the bridge a `client_id` of its own. All clients of "
        "the bridge share one.",
        _of_problem("clientIdInUse")),
    Row("closed", True, "TWS has closed the connection.",
        "TWS has ended or restarts. If it does not come back, look at its log and screen: the weekly login with "
        "two-factor authentication may wait. Tell the bridge of daily restarts with `planned_restarts`.",
        _of_problem("closed")),
    Row("silent", True, "TWS holds the connection open and answers nothing.",
        "TWS hangs, or a dialog blocks it. Look at its screen and its memory, and restart it if it stays so.",
        _of_problem("silent")),
    Row("unreadable", True, "TWS worked, and then sent bytes that are no message.",
        "The bridge connects again. If it happens again: something between TWS and the bridge changes the bytes, or "
        "TWS is newer than the bridge. Update the bridge, and report what the log says.",
        _of_problem("unreadable")),
    Row("outOfReach", True, "TWS reports 1100: it has lost its connection to IBKR.",
        "Wait: IBKR resets its servers each night, and TWS reconnects by itself. If it lasts, check the network of the "
        "machine of TWS, and IBKR's status page.",
        _of_outage("outOfReach")),
    Row("serverBroken", True, "TWS reports 2110: it has lost its connection to its server.",
        "Wait: TWS reconnects by itself. If it lasts, check the network of the machine of TWS.",
        _of_outage("serverBroken")),
    Row("connecting", True, "The bridge has started, and is not connected yet.",
        "Wait some seconds.",
        _connecting),
    Row("ledgerUnwritable", True, "Orders are refused with `ledgerFailed` although TWS is connected.",
        "Free space on the disk of the state folder, or repair its file system. The bridge tries again by itself.",
        lambda facts: facts.ledger_failure and f"the bridge cannot write orders to disk: {facts.ledger_failure}"),
    Row("readOnlyApi", True, "TWS refuses every order with 321: the API is in read-only mode.",
        f"Turn off `Read-Only API` ({_API}); in Gateway containers set READ_ONLY_API=no. The verdict changes with the "
        "next order that TWS takes, or after 10 minutes.",
        _of_sign("readOnlyApi")),
    Row("reconciling", True, "Orders wait for some seconds after a connection.",
        "Wait: TWS sends its open orders, completed orders and executions. If it lasts longer than a minute, TWS does "
        f"not answer: its API may be read-only (turn off `Read-Only API`: {_API}), or TWS hangs. The log names the "
        "list.",
        lambda facts: None if facts.is_reconciled or facts.link != "ready"
        else "TWS has not yet sent all its open orders, completed orders and executions"),
    Row("ordersUnanswered", True, "Orders get no answer of TWS, and become `unknown`.",
        "Look at the screen of TWS: a dialog may hold the orders (turn on `Bypass Order Precautions for API Orders` "
        "under API > Precautions), or TWS hangs. The verdict changes with the next order that TWS answers, or when the "
        "bridge has looked twice in TWS's lists and has not found the order (`settle_pause` lies between).",
        lambda facts: None if facts.orders_unanswered is None
        else f"TWS has not answered orders for {facts.orders_unanswered:.0f} s"),
    Row("changesUnanswered", False, "Cancels or changes of orders get no answer of TWS.",
        "Look at the screen of TWS: a dialog may hold them, or TWS hangs. Check these orders in TWS's order window: "
        "they may still work as before. A cancel can be sent again.",
        lambda facts: facts.changes_unanswered and f"TWS has not answered {facts.changes_unanswered}"),
    Row("notStored", False, "`halt`, `resume` or `hello` answers `stored` false.",
        "Free space on the disk of the state folder, or repair its file system or its rights, before you restart the "
        "bridge. The bridge writes again each second by itself.",
        lambda facts: facts.not_stored),
    Row("ordersInDoubt", False, "Orders are `unknown` or `notFound`, or their last change is `unknown`.",
        "Compare these orders with TWS's order window. The bridge asks TWS again by itself; `abandon` ends an order "
        "that TWS does not have.",
        lambda facts: _number(facts.in_doubt, "order is in doubt", "orders are in doubt")),
    Row("farmsDown", False, "Quotes or bars stand still; TWS reports 2103 or 2105.",
        "Wait: TWS reconnects to the farm by itself. The bridge marks the values as stale until then.",
        lambda facts: f"TWS has no connection to {', '.join(facts.farms_down)}" if facts.farms_down else None),
    Row("competingSession", False, "Quotes stand still; TWS reports 10197.",
        "The same user is logged in elsewhere and takes the market data. Log out there, or use a second user.",
        _of_sign("competingSession")),
    Row("notSubscribed", False, "Quotes are refused or delayed; TWS reports 354, 10089, 10167 or 10168.",
        "Subscribe to the market data in IBKR's client portal and accept the API agreement, share the data with the "
        "paper account, or set `market_data_type = 3` for delayed data.",
        _of_sign("notSubscribed")),
    Row("tooFast", False, "TWS reports error 100: messages come too fast.",
        "Lower `messages_per_second`. Another program of the same login may use part of the limit.",
        _of_sign("tooFast")),
    Row("streamsWaiting", False, "Streams are `cut`, `doubtful` or `lost` although TWS is connected.",
        "The bridge requests them again by itself. `status` shows the state of each.",
        lambda facts: _number(facts.streams_waiting, "stream has no current data", "streams have no current data")
        if facts.link == "ready" else None),
    Row("clockJumped", False, "Clients get `expired` for requests that they have just sent.",
        "The clock of the bridge's machine was set while the bridge ran, or the machine was suspended. Compare the "
        "clocks of the bridge, of its clients and of TWS, and let all take their time from the network (NTP). The "
        "condition ends after 10 minutes, or when the clock is back.",
        _clock_jump),
    Row("clocksDiffer", False, "Times of TWS and of the bridge do not fit together; bars are not cached.",
        "Let both machines take their time from the network (NTP), and check the time zone of TWS.",
        _clock),
    Row("newerTws", False, "`status.longerThanDeclared` grows: messages have more fields than the bridge knows.",
        "Update the bridge. The fields that it knows are right.",
        lambda facts: "TWS sends more fields than this version of the bridge declares" if facts.is_newer else None),
)  # fmt: skip


def judge(facts: Facts) -> Verdict:
    """Return the verdict about these facts."""
    stops: Finding | None = None
    also: list[Finding] = []
    for row in TABLE:
        if (because := row.why(facts)) is None:
            continue
        finding = Finding(row.code, because, row.remedy)
        if row.stops and stops is None:
            stops = finding
        else:
            also.append(finding)
    return Verdict(stops, tuple(also))
