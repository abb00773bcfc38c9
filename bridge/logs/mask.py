"""Hides account numbers in the log: `DU1234567` becomes `DU***67`. Passwords in URLs are hidden in any case."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

#: An escape of a terminal, raw or as Python and JSON write it, and other written escapes: they may end in a letter.
_ESC = r"(?:\x1b|\\x1b|\\u001b|\\033)(?:\[[0-?]*[ -/]*[@-~]|[ -/]*[0-~])|(?:\x9b|\\x9b|\\u009b)[0-?]*[ -/]*[@-~]"
_WRITTEN = r"\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\[abfnrtv0]|%[0-9A-Fa-f]{2}"
_BEFORE = f"(?:(?<![A-Za-z0-9])|(?P<before>{_ESC}|{_WRITTEN}))"
_AFTER = r"(?![A-Za-z0-9])"
#: What looks like an account number of IBKR, in texts of TWS and of clients: of a person, an advisor, a broker, or on
#: paper. An `A` at the end names all accounts of an advisor.
_LOOKS_LIKE = re.compile(f"{_BEFORE}(?P<account>D?[UFI]P?[0-9]{{6,9}}A?){_AFTER}", re.IGNORECASE)
#: Passwords in URLs: before the host, and in the query.
_PASSWORDS = re.compile(
    r"(?P<scheme>://[^\s/?#@:]*:)[^\s/?#@]*(?=@)"
    r"|(?P<name>(?<![\w-])[\w-]*(?:password|passwd|pwd|token|secret|api_?key)=)[^\s&;\"']+",
    re.IGNORECASE,
)
#: Fields that clients choose: only the numbers of known accounts are hidden in them.
NAMES = frozenset({"orderKey", "parentKey", "keys", "client", "requestId", "instance", "execId"})
#: Of a number with at least so many digits, the last two are shown. A known one is hidden inside of a word, too.
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
        inside = "|".join(re.escape(one) for one in longest_first if sum(map(str.isdigit, one)) >= _LONG) or "(?!)"
        words = "|".join(map(re.escape, longest_first))
        self._known = re.compile(f"(?P<long>{inside})(?![0-9])|{_BEFORE}(?P<account>{words}){_AFTER}", re.IGNORECASE)

    def fields(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The fields with all account numbers hidden."""
        return {name: self._value(value, is_name=name in NAMES) for name, value in fields.items()}

    def text(self, text: str, *, is_name: bool = False) -> str:
        """The text with all account numbers and passwords hidden."""
        if "=" in text or "@" in text:
            text = _PASSWORDS.sub(lambda found: f"{found['scheme'] or found['name']}***", text)
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
    groups = found.groupdict()
    account = groups.get("long") or groups["account"]
    letters = account[: len(account) - len(account.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))]
    digits = account[len(letters) :]
    return f"{groups['before'] or ''}{letters}***{digits[-2:] if len(digits) >= _LONG else ''}"
