"""Whether one order is within its client's limits: account, symbol, size; and whether a change only takes. Pure.

A limit that cannot be checked refuses: what an order is worth, or what it trades, is never guessed. Each raises Refused
`notPermitted`, whose `rule` is the limit's name in the configuration.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from decimal import Decimal
from typing import Any

from bridge.session import order_content
from bridge.session.contracts.instruments import ALIASES, Facts, is_combo
from bridge.session.requests import Refused
from bridge.session.rights.grants import Grant
from bridge.session.values import Data

#: contract -> what it is, or None where that is not known.
FactsOf = Callable[[Data], Facts | None]
#: contract -> the highest of its last known bid, ask and last price, or None.
QuoteOf = Callable[[Data], float | None]

#: Types that take no worse price than lmtPrice; for others it may mean something else, or nothing.
CAPPED = frozenset({"LMT", "LOC", "STP LMT", "LIT"})


_SPREADING = ("faGroup", "faMethod", "faPercentage", "modelCode")


class Undescribed(Refused):
    """A limit cannot be checked, as TWS has not described these conIds; what is answered where TWS does not do so."""

    def __init__(self, rule: str, con_ids: tuple[int, ...]) -> None:
        told = ", ".join(map(str, con_ids))
        super().__init__("notPermitted", f"{rule}: TWS has not described conId {told}", rule=rule)
        self.rule = rule
        self.con_ids = con_ids


def refusal(rule: str, message: str, **facts: Any) -> Refused:
    """A refusal by a rule of the configuration."""
    return Refused("notPermitted", f"{rule}: {message}", rule=rule, **facts)


def account(grant: Grant, named: Collection[Any], managed: Collection[str]) -> None:
    """Every account named must be allowed; where none is, TWS takes the only one there is."""
    if grant.accounts is None:
        return
    for name in [name for name in named if name] or _only(managed):
        if name not in grant.accounts:
            raise refusal("accounts", f"account {name} is not among those of this client", account=str(name))


def _only(managed: Collection[str]) -> list[str]:
    if len(managed) == 1:
        return list(managed)
    raise refusal("accounts", "name the account: this client may use some only, and TWS has several")


def order_accounts(order: Data) -> list[Any]:
    """The accounts that an order names."""
    return [
        order.get(name) for name in ("account", "clearingAccount", "customerAccount", "deltaNeutralClearingAccount")
    ]


def allocation(grant: Grant, order: Data) -> None:
    """An advisor's group, or a model, spreads an order over accounts that the order does not name."""
    if grant.accounts is not None and any(order.get(name) for name in _SPREADING):
        raise refusal("accounts", "this client may use some accounts only, and those of a group or model are not named")


def described(grant: Grant, contracts: Iterable[Data], knows: Callable[[int], bool]) -> None:
    """Under a limit of symbol or notional TWS must have described each conId; raise Undescribed where it has not."""
    if grant.symbols is not None:
        rule, parts = "symbols", [part for contract in contracts for part in (contract, *contract.get("comboLegs", ()))]
    elif grant.max_order_notional is not None:
        rule, parts = "max_order_notional", [contract for contract in contracts if not is_combo(contract)]
    else:
        return
    con_ids = dict.fromkeys(con_id for part in parts if (con_id := part.get("conId")) and not knows(con_id))
    if con_ids:
        raise Undescribed(rule, tuple(con_ids))


def symbol(grant: Grant, contract: Data, facts_of: FactsOf) -> None:
    """The instrument must have an allowed symbol; of a combo each leg, and the combo itself."""
    if grant.symbols is None:
        return
    if is_combo(contract):
        _combo_symbol(grant.symbols, contract)
    legs = contract.get("comboLegs", [])
    for part in [*legs, contract] if contract.get("conId") or not legs else legs:
        facts = facts_of(part)
        if facts is None:
            raise refusal("symbols", f"{name_of(part)} is not known here: name it by its conId, or by its symbol alone")
        _allowed(grant.symbols, facts.symbol)


def _combo_symbol(symbols: Collection[str], contract: Data) -> None:
    """A combo says of which symbols it is (`SPY,QQQ`): no other, and by nothing else than its legs."""
    if any(contract.get(alias) for alias in ALIASES) or not (contract.get("comboLegs") and contract.get("symbol")):
        raise refusal("symbols", f"what a combo trades is known by its symbol and legs: leave out {', '.join(ALIASES)}")
    for name in contract["symbol"].split(","):
        _allowed(symbols, name.strip())


def _allowed(symbols: Collection[str], name: str) -> None:
    if name not in symbols:
        raise refusal("symbols", f"{name} is not among those of this client", symbol=name)


def size(grant: Grant, contract: Data, order: Data) -> None:
    """The quantity must be known, and small enough; of a combo that of the instrument of which it trades the most."""
    limit = grant.max_order_size
    if limit is None:
        return
    if order.get("cashQty") or order.get("faPercentage"):
        raise refusal("max_order_size", "an order by cash or percentage has no size that is known before")
    asked = quantity(order) * _largest(contract)
    if not asked:
        raise refusal("max_order_size", "an order without a quantity has no size that is known before")
    if asked > limit:
        raise refusal("max_order_size", f"{asked:f} is more than {limit:f}", **beyond(limit, asked))


def quantity(order: Data) -> Decimal:
    """Of an order, or an exercise of options."""
    return abs(Decimal(order.get("totalQuantity") or order.get("exerciseQuantity") or 0))


def _largest(contract: Data) -> int:
    """The most of one instrument that one unit of the contract trades; a leg may be there more than once."""
    ratios: Counter[int] = Counter()
    for leg in contract.get("comboLegs", ()):
        ratios[leg.get("conId", 0)] += max(1, abs(leg.get("ratio", 1)))
    return max(ratios.values(), default=1)


def bounded(grant: Grant, contract: Data, order: Data) -> None:
    """Under a limit of symbol, size or notional an order must not bring on others that nobody has measured."""
    rule = next(
        (name for name in ("max_order_size", "max_order_notional", "symbols") if getattr(grant, name) is not None), None
    )
    if rule is None:
        return
    if contract.get("deltaNeutralContract"):
        raise refusal(rule, "a deltaNeutralContract trades another instrument, whose size is not known before")
    if order.get("deltaNeutralOrderType", "NONE") not in ("", "NONE") or order.get("hedgeType"):
        raise refusal(rule, "an order that hedges itself sends another, whose size is not known before")
    if any(order.get(name) for name in ("scaleAutoReset", "scaleProfitOffset", "scaleTable")):
        raise refusal(rule, "a scale order that restores its size, or has a table, may trade more than its quantity")


def reduces(before: Data, after: Data) -> bool:
    """Whether a change only takes from an order: less of it, or a limit that is better for its owner, and no more.

    What is not known to be harmless is not: a field that is new, gone or different in any other way adds risk.
    """
    old, new = before.get("order", {}), after["order"]
    if order_content.of_contract(before.get("contract", {})) != order_content.of_contract(after.get("contract", {})):
        return False
    return all(_is_less(name, old, new) for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def _is_less(name: str, old: Data, new: Data) -> bool:
    if old.get(name) is None or new.get(name) is None:
        return False
    match name:
        case "totalQuantity" | "cashQty":
            return 0 < to_decimal(new[name]) < to_decimal(old[name])
        case "lmtPrice" if new.get("orderType") in CAPPED and new[name] > 0:
            return bool(new[name] < old[name] if new.get("action") == "BUY" else new[name] > old[name])
    return False


def to_decimal(value: Any) -> Decimal:
    return Decimal(str(value))


def name_of(contract: Data) -> str:
    return (
        f"conId {contract['conId']}"
        if contract.get("conId")
        else f"the contract {contract.get('symbol') or ''}".rstrip()
    )


def beyond(limit: Decimal, asked: Decimal) -> Data:
    return {"limit": f"{limit:f}", "asked": f"{asked:f}"}
