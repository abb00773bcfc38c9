"""What TWS has said to the doctor's own short connection. It knows no socket."""

from __future__ import annotations

from bridge.session.caching.bar_times import moment
from bridge.session.farms import Farms
from bridge.session.link import NO_HANDSHAKE, NOT_STARTED, Link, LinkTiming
from bridge.session.request_ids import FIRST_REQUEST_ID
from bridge.session.values import Instant
from bridge.session.verdict import Signs
from bridge.session.verdict_table import Facts, Problem
from bridge.tws.events import Connected, Failed, Message, Redirected

#: The message that ends each list of TWS, and the request for the list.
_ENDS = {
    "openOrderEnd": "reqAllOpenOrders",
    "completedOrdersEnd": "reqCompletedOrders",
    "execDetailsEnd": "reqExecutions",
}
#: What the doctor says where `Link` says that the bridge waits on.
_WAITED: dict[Problem | None, str] = {"noHandshake": NO_HANDSHAKE, "notStarted": NOT_STARTED}


class Probed:
    """One examination of TWS. `link`, `farms`, `signs`: the bridge's own rules, which have taken what TWS has said."""

    def __init__(self, host: str, port: int, timing: LinkTiming) -> None:
        self.link = Link(host, port, timing)
        self.farms = Farms()
        self.signs = Signs()
        #: The other addresses that TWS has named, in order.
        self.redirects: list[str] = []
        self.started_at = 0.0
        self.begin()

    def begin(self) -> None:
        """A new connection begins: what the one before has said does not count."""
        self.addresses: tuple[str, ...] = ()
        self.has_tcp = False
        self.server_version: int | None = None
        self.connection_time = ""
        #: By how many seconds TWS's clock is ahead of this machine's; None: TWS's time cannot be read.
        self.tws_clock: float | None = None
        self.accounts: tuple[str, ...] | None = None
        self.next_order_id: int | None = None
        #: The requests for lists that TWS has not answered.
        self.unanswered: list[str] = []
        #: The newest error that is no notice about the connection or a farm.
        self.last_error = ""
        self.farms.forget()
        self.signs.forget()

    @property
    def is_started(self) -> bool:
        """Whether TWS has sent the accounts and the next order id."""
        return self.accounts is not None and self.next_order_id is not None

    @property
    def waits_for_lists(self) -> bool:
        """Whether TWS is to send more lists. While IBKR is out of reach it may have none."""
        return bool(self.unanswered) and self.link.state == "ready"

    @property
    def reason(self) -> str:
        """Why the connection did not start, or ended."""
        return _WAITED.get(self.link.problem) or self.link.problem_text or str(self.link.problem)

    def take(self, event: object, now: Instant) -> None:
        """Take an event of the connection."""
        match event:
            case Connected():
                self.server_version, self.connection_time = event.server_version, event.connection_time
                shown = moment(event.connection_time)
                self.tws_clock = None if shown is None else shown.seconds - now.ts / 1e9
                self.link.connected(event.server_version, event.connection_time, now)
            case Redirected():
                self.redirects.append(event.host if event.port is None else f"{event.host}:{event.port}")
                self.link.redirected(event.host, event.port, now)
            case Failed():
                self.link.lost(event.reason, now, event.code)
            case Message(name="managedAccounts", data=data):
                self.accounts = tuple(account for account in data.get("accountsList", "").split(",") if account)
                self.link.accounts(now)
            case Message(name="nextValidId", data=data) if "orderId" in data:
                self.next_order_id = data["orderId"]
                self.link.order_id(now)
            case Message(name="error", data=data):
                self._on_error(data.get("id", -1), data.get("errorCode", 0), data.get("errorMsg", ""), now)
            case Message(name=name) if _ENDS.get(name) in self.unanswered:
                self.unanswered.remove(_ENDS[name])

    def _on_error(self, about: int, code: int, text: str, now: Instant) -> None:
        self.signs.on_error(about, code, text, now)
        if about < FIRST_REQUEST_ID:
            self.link.notice(code, text, now)
            self.farms.on_notice(code, text, now.ts)
        if code < 2000:
            self.last_error = f"error {code}: {text}"

    def facts(self, account_mismatch: str | None, now: Instant) -> Facts:
        """The facts as the bridge would have them. Lists that are missing are not in them: the doctor names them."""
        outage, outage_text = self.link.reported_outage
        bad_id = self.next_order_id is not None and self.next_order_id >= FIRST_REQUEST_ID
        return Facts(
            link=self.link.state,
            problem=self.link.problem,
            problem_text=self.link.problem_text,
            outage=outage,
            outage_text=outage_text,
            account_mismatch=account_mismatch,
            bad_order_ids=f"the next order id is {self.next_order_id}" if bad_id else None,
            farms_down=self.farms.broken(),
            tws_clock=self.tws_clock,
            signs=self.signs.standing(now),
        )
