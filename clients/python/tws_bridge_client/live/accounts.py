"""Positions, portfolio and values of the accounts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Generic, TypeVar

from tws_bridge_client.follow import Event
from tws_bridge_client.generated.messages import Position, UpdateAccountValue, UpdatePortfolio
from tws_bridge_client.live.book import Book, Live, Owner
from tws_bridge_client.live.holds import Hold
from tws_bridge_client.struct import Data

#: The currency of a total over all currencies, in IBKR's words.
_BASE = "BASE"
Item = TypeVar("Item", Position, UpdatePortfolio)


class AccountBook(Book):
    """The values below `account.`."""

    def __init__(self, prefix: str) -> None:
        super().__init__(prefix)
        #: By account and conId.
        self.positions: dict[tuple[str, int], Position] = {}
        self.portfolio: dict[tuple[str, int], UpdatePortfolio] = {}
        #: By account, key and currency.
        self.values: dict[tuple[str, str, str], str] = {}

    def reset(self) -> None:
        self.positions.clear()
        self.portfolio.clear()
        self.values.clear()

    def on_event(self, event: Event) -> None:
        name, data = event.envelope["event"], event.envelope["data"]
        if name == "gone":
            self._take(data["event"], data["data"], is_gone=True)
        else:
            self._take(name, data, is_gone=False)

    def _take(self, name: str, data: Data, *, is_gone: bool) -> None:
        match name:
            case "position":
                place = data.get("account", ""), data["contract"].get("conId", 0)
                _put(self.positions, place, Position.from_dict(data), is_gone)
            case "updatePortfolio":
                place = data.get("accountName", ""), data["contract"].get("conId", 0)
                _put(self.portfolio, place, UpdatePortfolio.from_dict(data), is_gone)
            case "updateAccountValue":
                value = data.get("accountName", ""), data.get("key", ""), data.get("currency", "")
                _put(self.values, value, data.get("value", ""), is_gone)


Key = TypeVar("Key")
Value = TypeVar("Value")


def _put(values: dict[Key, Value], key: Key, value: Value, is_gone: bool) -> None:
    if is_gone:
        values.pop(key, None)
    else:
        values[key] = value


class _OfAccounts(Live):
    """A live object over the book of all accounts."""

    def __init__(self, owner: Owner, hold: Hold, book: AccountBook, account: str) -> None:
        super().__init__(owner, hold)
        self._book = book
        #: The account that it shows; empty for all.
        self.account = account

    @property
    def prefixes(self) -> Iterable[str]:
        return (self._book.prefix,)


class _Items(_OfAccounts, Collection[Item], Generic[Item]):
    def _all(self) -> Mapping[tuple[str, int], Item]:
        raise NotImplementedError

    def __iter__(self) -> Iterator[Item]:
        for (account, _), item in list(self._all().items()):
            if self.account in ("", account) and item.position:
                yield item

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, item: object) -> bool:
        return any(item == one for one in self)

    def __repr__(self) -> str:
        shown = ", ".join(f"{item.contract.localSymbol or item.contract.symbol} {item.position}" for item in self)
        return f"{type(self).__name__}({shown}{' stale' if self.stale else ''})"

    def get(self, con_id: int, account: str = "") -> Item | None:
        """The item of the instrument, of this account or of the first one that has it; None if there is none."""
        for item in self:
            if item.contract.conId == con_id and account in ("", _account_of(item)):
                return item
        return None


def _account_of(item: Position | UpdatePortfolio) -> str:
    return item.account if isinstance(item, Position) else item.accountName


class Positions(_Items[Position]):
    """The open positions, each a `messages.Position`. `client.positions()` makes it.

    Example:
        for position in client.positions():
            print(position.account, position.contract.symbol, position.position, position.avgCost)
    """

    def _all(self) -> Mapping[tuple[str, int], Position]:
        return self._book.positions


class Portfolio(_Items[UpdatePortfolio]):
    """The open positions with value and profit, each a `messages.UpdatePortfolio`. `client.portfolio()` makes it."""

    def _all(self) -> Mapping[tuple[str, int], UpdatePortfolio]:
        return self._book.portfolio


class AccountValues(_OfAccounts, Mapping[str, str]):
    """The values of an account as TWS writes them, by IBKR's key such as `NetLiquidation`. `client.account()` makes it.

    A key that has a value for each currency gives the total in the base currency, or else the first one.

    Example:
        account = client.account()
        print(account.value("NetLiquidation"), account.text("CashBalance", "EUR"))
    """

    def _found(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for (account, key, currency), value in self._book.values.items():
            if self.account in ("", account):
                found.setdefault(key, {}).setdefault(currency, value)
        return found

    def __getitem__(self, key: str) -> str:
        by_currency = self._found()[key]
        return by_currency.get(_BASE) or next(iter(by_currency.values()))

    def __iter__(self) -> Iterator[str]:
        return iter(self._found())

    def __len__(self) -> int:
        return len(self._found())

    def messages(self) -> list[UpdateAccountValue]:
        """Each value in each currency as a message. `frames.account_summary` makes a DataFrame of them."""
        return [
            UpdateAccountValue(key=key, value=value, currency=currency, accountName=account)
            for (account, key, currency), value in self._book.values.items()
            if self.account in ("", account)
        ]

    def text(self, key: str, currency: str = "") -> str | None:
        """The value in this currency, or as `self[key]` without one; None if TWS has not sent it."""
        return self._found().get(key, {}).get(currency) if currency else self.get(key)

    def value(self, key: str, currency: str = "") -> Decimal | None:
        """The same as a number; None if TWS has not sent it, or if it is no number."""
        text = self.text(key, currency)
        try:
            number = None if text is None else Decimal(text)
        except InvalidOperation:
            return None
        return number if number is not None and number.is_finite() else None
