"""The position of each account in each contract, as TWS last reported it, and when.

Every message with a position counts, whichever client requested it. TWS does not list closed positions: a position that
a complete list lacks is 0. A value is old after an execution, or after the connection was lost. The bridge does not add
the execution to the value, because TWS may have counted it already. Positions are decimal strings, as TWS sends them.
"""

from __future__ import annotations

from typing import NamedTuple

from bridge.session.recent import Recent
from bridge.session.records import OrderRecord
from bridge.session.values import Data

#: The subscription to all positions of all accounts.
LIST = "reqPositions"
#: The callbacks that answer it.
LISTED = frozenset({"position", "positionEnd"})
#: All callbacks that report a position, or that change one.
TELLING = LISTED | {"positionMulti", "updatePortfolio", "execDetails"}

#: How many executions are remembered, so that a repeat does not make a position old.
MOST_EXECUTIONS = 20_000

#: An account and a conId.
Pair = tuple[str, int]


class KnownPosition(NamedTuple):
    """A position (a decimal string), and `at`: when TWS reported it, in ns since 1970 UTC."""

    position: str
    at: int


class Positions:
    """All positions that TWS has reported. `accounts`: the accounts that TWS has."""

    def __init__(self) -> None:
        self.accounts: list[str] = []
        self._told: dict[Pair, KnownPosition] = {}
        #: Account -> when TWS last sent a complete list (ns since 1970 UTC); and whether it did so on this connection.
        self._complete: dict[str, int] = {}
        self._is_complete = False
        #: The number of open requests for the list, and the pairs that TWS has reported since the first of them.
        self._lists = 0
        self._listed: set[Pair] = set()
        #: The pairs whose value is old, and those of them that were old when the bridge requested the list.
        self._old: set[Pair] = set()
        self._old_before: set[Pair] = set()
        self._executions: Recent[str, bool] = Recent(MOST_EXECUTIONS)

    # Events

    def asked(self) -> None:
        """The bridge requests the list of all positions now."""
        if not self._lists:
            self._listed, self._old_before = set(), set(self._old)
        self._lists += 1

    def asked_by(self, method: str) -> None:
        """The bridge requests a stream of that method now."""
        if method == LIST:
            self.asked()

    def given_up_by(self, method: str) -> None:
        """The bridge has given up a stream of that method before TWS sent the complete list."""
        if method == LIST:
            self.cancelled()

    def cancelled(self) -> None:
        """TWS will not send a list that the bridge requested."""
        self._lists = max(0, self._lists - 1)

    def connection_lost(self) -> None:
        """The connection to TWS is lost: all values are old."""
        self._lists, self._is_complete = 0, False
        self._old |= self._told.keys()

    def on_event(self, name: str, data: Data, ts: int) -> None:
        """Take the callback `name`, one of `TELLING`, with its fields. `ts`: when it came, in ns since 1970 UTC."""
        match name:
            case "positionEnd":
                self._end(ts)
            case "execDetails":
                self._executed(data)
            case "positionMulti" if data.get("modelCode"):
                pass  # the position of one model is only a part of the account's position
            case _:
                self._tell(data.get("account") or data.get("accountName"), data, ts)

    def _tell(self, account: str | None, data: Data, ts: int) -> None:
        pair, position = self._pair(account, data.get("contract", {})), data.get("position")
        if pair is not None and position is not None:
            self._told[pair] = KnownPosition(position, ts)
            self._listed.add(pair)
            self._old.discard(pair)
            self._old_before.discard(pair)

    def _end(self, ts: int) -> None:
        if not self._lists:
            return
        self._lists -= 1
        self._told = {pair: told for pair, told in self._told.items() if pair in self._listed}
        self._complete, self._is_complete = dict.fromkeys(self.accounts, ts), True
        self._old -= self._old_before

    def _executed(self, data: Data) -> None:
        """Take an execution. TWS repeats executions; only the first report makes the position old."""
        execution = data.get("execution", {})
        pair = self._pair(execution.get("acctNumber"), data.get("contract", {}))
        exec_id = str(execution.get("execId"))
        if pair is not None and exec_id not in self._executions:
            self._executions[exec_id] = True
            self._old.add(pair)
            self._old_before.discard(pair)

    def _pair(self, account: str | None, contract: Data) -> Pair | None:
        """Account and conId; None where one of them is unknown. A combo has no conId: accounts hold its legs."""
        account = account or (self.accounts[0] if len(self.accounts) == 1 else None)
        con_id = contract.get("conId")
        return (account, con_id) if account and con_id else None

    # Queries

    def at_placement(self, contract: Data, order: Data) -> str | None:
        """The position of the order's account in the contract; None where it is unknown or old."""
        pair = self._pair(order.get("account"), contract)
        is_old = pair in self._old or (pair not in self._told and not self._is_complete)
        told = None if pair is None or is_old else self._holding(pair)
        return None if told is None else told.position

    def facts(self, record: OrderRecord) -> Data:
        """`{then, now, at}`: the position when the client placed the order, the newest position, and its time.

        A value that is unknown is absent. `at` is in ns since 1970 UTC.
        """
        facts: Data = {} if record.position is None else {"then": record.position}
        pair = self._pair(record.order.get("account"), record.contract)
        told = None if pair is None else self._holding(pair)
        return facts if told is None else {**facts, "now": told.position, "at": told.at}

    def _holding(self, pair: Pair) -> KnownPosition | None:
        if pair in self._told:
            return self._told[pair]
        account, _ = pair
        return KnownPosition("0", self._complete[account]) if account in self._complete else None
