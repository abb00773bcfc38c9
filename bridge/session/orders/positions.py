"""What accounts hold of each contract, as TWS has told last, and when it did.

Every message that tells a position counts, whoever asked for it. TWS lists no position that is closed: what a complete
list lacks is 0. A value is old when something was executed since, or the connection was lost: nothing is added to it,
for TWS may have counted that execution already. Decimal strings, as TWS told them. Pure, and knows no order.
"""

from __future__ import annotations

from typing import NamedTuple

from bridge.session.records import OrderRecord
from bridge.session.values import Data

#: The subscription whose answers list every position of every account.
LIST = "reqPositions"
#: What it is answered with.
LISTED = frozenset({"position", "positionEnd"})
#: All that tells a position, or that one has changed.
TELLING = LISTED | {"positionMulti", "updatePortfolio", "execDetails"}

#: An account and a conId.
Pair = tuple[str, int]


class Holding(NamedTuple):
    """`at`: when TWS told it, ns since 1970 UTC."""

    position: str
    at: int


class Positions:
    """`accounts`: those that TWS has."""

    def __init__(self) -> None:
        self.accounts: list[str] = []
        self._told: dict[Pair, Holding] = {}
        #: When all positions of an account were last told; whether that was on this connection.
        self._complete: dict[str, int] = {}
        self._is_complete = False
        #: Lists that are under way, and what TWS has told since the first of them was asked for.
        self._lists = 0
        self._listed: set[Pair] = set()
        #: Whose value is old; which of them were that when the list was asked for.
        self._old: set[Pair] = set()
        self._old_before: set[Pair] = set()
        self._executions: set[str] = set()

    # What happens

    def asked(self) -> None:
        """TWS is asked for the list of all positions now."""
        if not self._lists:
            self._listed, self._old_before = set(), set(self._old)
        self._lists += 1

    def asked_by(self, method: str) -> None:
        """TWS is asked for a stream of that method."""
        if method == LIST:
            self.asked()

    def given_up_by(self, method: str) -> None:
        """A stream of that method, of which TWS has not told all, is given up."""
        if method == LIST:
            self.cancelled()

    def cancelled(self) -> None:
        """A list that was asked for does not come any more."""
        self._lists = max(0, self._lists - 1)

    def connection_lost(self) -> None:
        self._lists, self._is_complete = 0, False
        self._old |= self._told.keys()

    def on_event(self, name: str, data: Data, ts: int) -> None:
        """Take one of `TELLING`, at `ts` (ns since 1970 UTC)."""
        match name:
            case "positionEnd":
                self._end(ts)
            case "execDetails":
                self._executed(data)
            case "positionMulti" if data.get("modelCode"):
                pass  # a part of what the account holds
            case _:
                self._tell(data.get("account") or data.get("accountName"), data, ts)

    def _tell(self, account: str | None, data: Data, ts: int) -> None:
        pair, position = self._pair(account, data.get("contract", {})), data.get("position")
        if pair is not None and position is not None:
            self._told[pair] = Holding(position, ts)
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
        """TWS tells executions again and again: only the first time is news."""
        execution = data.get("execution", {})
        pair = self._pair(execution.get("acctNumber"), data.get("contract", {}))
        exec_id = str(execution.get("execId"))
        if pair is not None and exec_id not in self._executions:
            self._executions.add(exec_id)
            self._old.add(pair)
            self._old_before.discard(pair)

    def _pair(self, account: str | None, contract: Data) -> Pair | None:
        """None where the account or the instrument is not clear; a combo has no conId, and is held by its legs."""
        account = account or (self.accounts[0] if len(self.accounts) == 1 else None)
        con_id = contract.get("conId")
        return (account, con_id) if account and con_id else None

    # What others read

    def at_placement(self, contract: Data, order: Data) -> str | None:
        """What the account of an order that is placed now holds; None where that is not known, or old."""
        pair = self._pair(order.get("account"), contract)
        is_old = pair in self._old or (pair not in self._told and not self._is_complete)
        told = None if pair is None or is_old else self._holding(pair)
        return None if told is None else told.position

    def facts(self, record: OrderRecord) -> Data:
        """`{then, now, at}` of an order, each where it is known."""
        facts: Data = {} if record.position is None else {"then": record.position}
        pair = self._pair(record.order.get("account"), record.contract)
        told = None if pair is None else self._holding(pair)
        return facts if told is None else {**facts, "now": told.position, "at": told.at}

    def _holding(self, pair: Pair) -> Holding | None:
        if pair in self._told:
            return self._told[pair]
        account, _ = pair
        return Holding("0", self._complete[account]) if account in self._complete else None
