"""Checks one order against the limits of its client: account, symbol and size. All functions here are pure.

Where the bridge cannot check a limit, it refuses the order: it never guesses the size, the notional or the instrument.
Each check raises Refused `notPermitted`, with the name of the limit in the configuration as `rule`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from decimal import Decimal
from typing import Any

from bridge.session import order_content
from bridge.session.contracts.instruments import ALIASES, InstrumentFacts, is_combo
from bridge.session.requests import Refused
from bridge.session.rights.grants import Grant
from bridge.session.values import Data

#: contract -> TWS's description of it, or None where the bridge has none.
FactsOf = Callable[[Data], InstrumentFacts | None]
#: contract -> the highest of its last known bid, ask and last price, or None.
QuoteOf = Callable[[Data], float | None]

#: Order types whose executions are never worse than lmtPrice. For other types lmtPrice may have another meaning.
CAPPED = frozenset({"LMT", "LOC", "STP LMT", "LIT"})


_SPREADING = ("faGroup", "faMethod", "faPercentage", "modelCode")


class ContractNotDescribed(Refused):
    """The bridge cannot check a limit, because TWS has not described these conIds.

    The caller requests their descriptions and checks again. Where TWS sends none, this is the error of the reply.
    """

    def __init__(self, rule: str, con_ids: tuple[int, ...]) -> None:
        told = ", ".join(map(str, con_ids))
        super().__init__("notPermitted", f"{rule}: TWS has not described conId {told}", rule=rule)
        self.rule = rule
        self.con_ids = con_ids


def refusal(rule: str, message: str, **facts: Any) -> Refused:
    """The refusal by a rule of the configuration. `facts`: more fields for the data of the error."""
    return Refused("notPermitted", f"{rule}: {message}", rule=rule, **facts)


def account(grant: Grant, named: Collection[Any], managed: Collection[str]) -> None:
    """Check that the client may use all accounts in `named`. Without any, TWS uses its only account.

    `managed`: the accounts that TWS has.
    """
    if grant.accounts is None:
        return
    for name in [name for name in named if name] or _only(managed):
        if name not in grant.accounts:
            raise refusal("accounts", f"this client may not use account {name}", account=str(name))


def _only(managed: Collection[str]) -> list[str]:
    if len(managed) == 1:
        return list(managed)
    raise refusal("accounts", "account required: this client may use some accounts only, and TWS has several")


def order_accounts(order: Data) -> list[Any]:
    """The values of all fields of an order that name an account."""
    return [
        order.get(name) for name in ("account", "clearingAccount", "customerAccount", "deltaNeutralClearingAccount")
    ]


def allocation(grant: Grant, order: Data) -> None:
    """Check that no advisor's group or model allocates the order to accounts that the order does not name."""
    if grant.accounts is not None and any(order.get(name) for name in _SPREADING):
        message = "this client may use some accounts only, and a group or model allocates to accounts not in the order"
        raise refusal("accounts", message)


def described(grant: Grant, contracts: Iterable[Data], knows: Callable[[int], bool]) -> None:
    """Raise Undescribed where a limit on symbol or notional applies, and TWS has not described a conId.

    `knows`: whether TWS has described a conId.
    """
    if grant.symbols is not None:
        rule, parts = "symbols", [part for contract in contracts for part in (contract, *contract.get("comboLegs", ()))]
    elif grant.max_order_notional is not None:
        rule, parts = "max_order_notional", [contract for contract in contracts if not is_combo(contract)]
    else:
        return
    con_ids = dict.fromkeys(con_id for part in parts if (con_id := part.get("conId")) and not knows(con_id))
    if con_ids:
        raise ContractNotDescribed(rule, tuple(con_ids))


def symbol(grant: Grant, contract: Data, facts_of: FactsOf) -> None:
    """Check that the client may trade the symbol of the instrument. For a combo, that of the combo and of each leg."""
    if grant.symbols is None:
        return
    if is_combo(contract):
        _combo_symbol(grant.symbols, contract)
    legs = contract.get("comboLegs", [])
    for part in [*legs, contract] if contract.get("conId") or not legs else legs:
        facts = facts_of(part)
        if facts is None:
            message = f"the bridge does not know {name_of(part)}: give its conId, or its symbol alone"
            raise refusal("symbols", message)
        _allowed(grant.symbols, facts.symbol)


def _combo_symbol(symbols: Collection[str], contract: Data) -> None:
    """Check the symbols that a combo names (`SPY,QQQ`). Only its symbol and its legs may say what it trades."""
    if any(contract.get(alias) for alias in ALIASES) or not (contract.get("comboLegs") and contract.get("symbol")):
        raise refusal("symbols", f"a combo needs symbol and comboLegs, and none of {', '.join(ALIASES)}")
    for name in contract["symbol"].split(","):
        _allowed(symbols, name.strip())


def _allowed(symbols: Collection[str], name: str) -> None:
    if name not in symbols:
        raise refusal("symbols", f"this client may not trade {name}", symbol=name)


def size(grant: Grant, contract: Data, order: Data) -> None:
    """Check the quantity. For a combo: the quantity of the instrument of which the combo trades the most."""
    limit = grant.max_order_size
    if limit is None:
        return
    if order.get("cashQty") or order.get("faPercentage"):
        raise refusal("max_order_size", "the size of an order by cash or percentage is not known in advance")
    asked = quantity(order) * _largest(contract)
    if not asked:
        raise refusal("max_order_size", "the size of an order without a quantity is not known in advance")
    if asked > limit:
        raise refusal("max_order_size", f"the order has {asked:f}, and the limit is {limit:f}", **beyond(limit, asked))


def quantity(order: Data) -> Decimal:
    """The quantity of an order or of an option exercise."""
    return abs(Decimal(order.get("totalQuantity") or order.get("exerciseQuantity") or 0))


def _largest(contract: Data) -> int:
    """The most of one instrument that one unit of the contract trades. Several legs may have the same conId."""
    ratios: Counter[int] = Counter()
    for leg in contract.get("comboLegs", ()):
        ratios[leg.get("conId", 0)] += max(1, abs(leg.get("ratio", 1)))
    return max(ratios.values(), default=1)


def bounded(grant: Grant, contract: Data, order: Data) -> None:
    """Check that an order does not create others that the bridge cannot check.

    This applies where the client has a limit on symbol, size or notional.
    """
    rule = next(
        (name for name in ("max_order_size", "max_order_notional", "symbols") if getattr(grant, name) is not None), None
    )
    if rule is None:
        return
    if contract.get("deltaNeutralContract"):
        raise refusal(rule, "a deltaNeutralContract trades another instrument, whose size is not known in advance")
    if order.get("deltaNeutralOrderType", "NONE") not in ("", "NONE") or order.get("hedgeType"):
        raise refusal(rule, "a hedging order sends another order, whose size is not known in advance")
    if any(order.get(name) for name in ("scaleAutoReset", "scaleProfitOffset", "scaleTable")):
        raise refusal(rule, "a scale order that restores its size, or has a table, may trade more than its quantity")


def reduces(before: Data, after: Data) -> bool:
    """Whether a change only reduces risk: it lowers the quantity or gives the owner a better limit, and nothing else.

    `before`, `after`: contract and order. Any other difference counts as more risk, also a field that is new or gone.
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
    """A number or decimal string as a Decimal. A float becomes its shortest decimal form."""
    return Decimal(str(value))


def name_of(contract: Data) -> str:
    """The contract for error messages: its conId, or its symbol."""
    return (
        f"conId {contract['conId']}"
        if contract.get("conId")
        else f"the contract {contract.get('symbol') or ''}".rstrip()
    )


def beyond(limit: Decimal, asked: Decimal) -> Data:
    """The error data for a value above its limit, as decimal strings."""
    return {"limit": f"{limit:f}", "asked": f"{asked:f}"}
