"""Executions, positions and values of accounts as tables."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tws_bridge_client.executions import base_of, is_newer
from tws_bridge_client.generated import messages as m
from tws_bridge_client.generated import types as t
from tws_bridge_client.struct import Struct
from tws_bridge_client.tables.table import Column, Table, parts
from tws_bridge_client.tws_times import moment

_CONTRACT_COLUMNS = [
    Column("conId", "int"), Column("symbol", "text"), Column("localSymbol", "text"), Column("secType", "text"),
    Column("currency", "text"), Column("lastTradeDateOrContractMonth", "text"), Column("strike", "float"),
    Column("right", "text"), Column("multiplier", "decimal"),
]  # fmt: skip


def _contract_cells(contract: t.Contract) -> list[Any]:
    return [getattr(contract, column.name) for column in _CONTRACT_COLUMNS]


_EXECUTION_COLUMNS = [
    Column("execId", "text"), Column("orderId", "int"), Column("permId", "int"), Column("clientId", "int"),
    Column("orderRef", "text"), Column("acctNumber", "text"), Column("side", "text"), Column("shares", "decimal"),
    Column("price", "float"), Column("cumQty", "decimal"), Column("avgPrice", "float"), Column("exchange", "text"),
    Column("lastLiquidity", "int"),
]  # fmt: skip
_COMMISSION_COLUMNS = [
    Column("commissionAndFees", "float"), Column("commissionCurrency", "text"), Column("realizedPNL", "float"),
]  # fmt: skip
_EXECUTIONS = (m.ExecDetails, m.CommissionAndFeesReport)


def executions(source: Any, tws_zone: str | None = None) -> Table:
    """Executions, each once: a correction takes the place of what it corrects. The commission is in the same row.

    It takes `execDetails` and `commissionAndFeesReport`, and objects with `contract` and `execution`, such as the fills
    of a client. The columns: time, those of the execution, of the contract, and of the commission.
    """
    found: dict[str, tuple[t.Contract, t.Execution]] = {}
    reports: dict[str, list[Any]] = {}
    for part in parts(source, "executions", _EXECUTIONS, _opened_fill):
        if isinstance(part, m.CommissionAndFeesReport):
            reports[part.execId] = [part.commissionAndFees, part.currency, part.realizedPNL]
        elif isinstance(part, m.ExecDetails):
            exec_id = part.execution.execId
            base = base_of(exec_id)
            if base not in found or not is_newer(found[base][1].execId, exec_id):
                found[base] = part.contract, part.execution
    rows = [
        [
            moment(execution.time, "execution.time", tws_zone) if execution.time else None,
            *(getattr(execution, column.name) for column in _EXECUTION_COLUMNS),
            *_contract_cells(contract),
            *reports.get(execution.execId, [None, "", None]),
        ]
        for contract, execution in found.values()
    ]
    return Table([Column("time", "time"), *_EXECUTION_COLUMNS, *_CONTRACT_COLUMNS, *_COMMISSION_COLUMNS], rows)


def _opened_fill(item: Any) -> list[Struct]:
    """The messages of a fill: an object with `contract`, `execution`, `commission` and what belongs to it."""
    execution, contract = getattr(item, "execution", None), getattr(item, "contract", None)
    if not isinstance(execution, t.Execution) or not isinstance(contract, t.Contract):
        return []
    details = m.ExecDetails(reqId=-1, contract=contract, execution=execution)
    commission = getattr(item, "commission", None)
    if commission is None:
        return [details]
    report = m.CommissionAndFeesReport(
        execId=execution.execId,
        commissionAndFees=commission,
        currency=getattr(item, "commission_currency", ""),
        realizedPNL=getattr(item, "realized", None),
    )
    return [details, report]


_POSITIONS = (m.Position, m.PositionMulti)
_POSITION_COLUMNS = [Column("position", "decimal"), Column("avgCost", "float")]


def positions(source: Any) -> Table:
    """The open positions. A later message of the same account, model and instrument replaces the earlier one.

    It takes `position` and `positionMulti`. The columns: account, modelCode, those of the contract, position, avgCost.
    """
    found: dict[Any, list[Any]] = {}
    for part in parts(source, "positions", _POSITIONS):
        assert isinstance(part, _POSITIONS)
        model = part.modelCode if isinstance(part, m.PositionMulti) else ""
        row = [part.account, model, *_contract_cells(part.contract), part.position, part.avgCost]
        _keep((part.account, model), part.contract, part.position, row, found)
    columns = [Column("account", "text"), Column("modelCode", "text"), *_CONTRACT_COLUMNS, *_POSITION_COLUMNS]
    return Table(columns, list(found.values()))


_PORTFOLIO_COLUMNS = [
    Column("position", "decimal"), Column("marketPrice", "float"), Column("marketValue", "float"),
    Column("averageCost", "float"), Column("unrealizedPNL", "float"), Column("realizedPNL", "float"),
]  # fmt: skip


def portfolio(source: Any) -> Table:
    """The open positions with their values. A later message of the same account and instrument replaces the earlier.

    It takes `updatePortfolio`. The columns: accountName, those of the contract, position, marketPrice, marketValue,
    averageCost, unrealizedPNL, realizedPNL.
    """
    found: dict[Any, list[Any]] = {}
    for part in parts(source, "portfolio", (m.UpdatePortfolio,)):
        assert isinstance(part, m.UpdatePortfolio)
        values = [getattr(part, column.name) for column in _PORTFOLIO_COLUMNS]
        row = [part.accountName, *_contract_cells(part.contract), *values]
        _keep((part.accountName,), part.contract, part.position, row, found)
    columns = [Column("accountName", "text"), *_CONTRACT_COLUMNS, *_PORTFOLIO_COLUMNS]
    return Table(columns, list(found.values()))


def _keep(
    owner: tuple[str, ...], contract: t.Contract, size: Decimal | None, row: list[Any], found: dict[Any, list[Any]]
) -> None:
    """Keep the row of an open position, and forget that of a closed one."""
    instrument = contract.conId or tuple(_contract_cells(contract))
    if size:
        found[owner, instrument] = row
    else:
        found.pop((owner, instrument), None)


_VALUES = (m.AccountSummary, m.UpdateAccountValue, m.AccountUpdateMulti)


def account_summary(source: Any) -> Table:
    """Values of accounts. A later message of the same account, model, tag and currency replaces the earlier one.

    It takes `accountSummary`, `updateAccountValue` and `accountUpdateMulti`, and the account values of a client. The
    columns: account, modelCode, tag, currency, value (the text of TWS) and number (None if the text is no number).
    """
    found: dict[Any, list[Any]] = {}
    for part in parts(source, "account_summary", _VALUES):
        assert isinstance(part, _VALUES)
        account = part.accountName if isinstance(part, m.UpdateAccountValue) else part.account
        model = part.modelCode if isinstance(part, m.AccountUpdateMulti) else ""
        tag = part.tag if isinstance(part, m.AccountSummary) else part.key
        place = [account, model, tag, part.currency]
        found[tuple(place)] = [*place, part.value, _number(part.value)]
    names = ("account", "modelCode", "tag", "currency", "value")
    return Table([*(Column(name, "text") for name in names), Column("number", "decimal")], list(found.values()))


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except ArithmeticError:
        return None
    return number if number.is_finite() else None
