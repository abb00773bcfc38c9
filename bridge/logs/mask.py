"""Hides account numbers in the log: `DU1234567` becomes `DU***67`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_BEFORE = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt]))"  # also after the escape of a line end
_AFTER = r"(?![A-Za-z0-9])"
#: What looks like an account number of IBKR, in texts of TWS and of clients.
_LOOKS_LIKE = re.compile(f"{_BEFORE}(?:DU|DF|DI|U)[0-9]{{6,9}}{_AFTER}", re.IGNORECASE)
#: Fields that clients choose: only the numbers of known accounts are hidden in them.
NAMES = frozenset({"orderKey", "parentKey", "keys", "client", "requestId", "instance", "execId"})
#: Of a number with at least so many digits, the last two are shown.
_LONG = 5


class AccountMask:
    """Hides the numbers of all accounts that the bridge has seen, and what looks like one."""

    def __init__(self, *, is_on: bool = True) -> None:
        self._is_on = is_on
        self._accounts: frozenset[str] = frozenset()
        self._known: re.Pattern[str] | None = None

    def learn(self, accounts: Iterable[str]) -> None:
        """Hide these accounts from now on, and all earlier ones."""
        accounts = {account for account in accounts if account}
        if accounts <= self._accounts:
            return
        self._accounts |= accounts
        longest_first = sorted(self._accounts, key=lambda account: (-len(account), account))
        words = "|".join(map(re.escape, longest_first))
        self._known = re.compile(f"{_BEFORE}(?:{words}){_AFTER}", re.IGNORECASE)

    def fields(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The fields with all account numbers hidden."""
        return {name: self._value(value, is_name=name in NAMES) for name, value in fields.items()}

    def text(self, text: str, *, is_name: bool = False) -> str:
        """The text with all account numbers hidden."""
        if not self._is_on:
            return text
        if self._known is not None:
            text = self._known.sub(_hide, text)
        return text if is_name else _LOOKS_LIKE.sub(_hide, text)

    def _value(self, value: Any, *, is_name: bool) -> Any:
        match value:
            case str():
                return self.text(value, is_name=is_name)
            case list() | tuple():
                return [self._value(one, is_name=is_name) for one in value]
            case dict():
                return {self.text(key): self._value(one, is_name=is_name) for key, one in value.items()}
        return value


def _hide(found: re.Match[str]) -> str:
    account = found[0]
    letters = account[: len(account) - len(account.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))]
    digits = account[len(letters) :]
    return f"{letters}***{digits[-2:] if len(digits) >= _LONG else ''}"
