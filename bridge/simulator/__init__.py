"""A simulated TWS for tests and trials: a small deterministic exchange with accounts, behind the TWS protocol.

`Exchange` is the pure part, `serve` runs it as a server, and `simulator_process` starts that server as a process. The
folders are rooms, and imports between rooms go one way: shell -> exchange -> handlers -> orders -> accounts and market
-> instruments -> core. `persistence` is between exchange and orders; `scenario` uses all rooms.

Only `shell` and a part of `scenario` use sockets, clocks or files. All other rooms are pure.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bridge.simulator.exchange.exchange import Exchange, ExchangeSettings
    from bridge.simulator.persistence.records import Unusable
    from bridge.simulator.shell.process import Running, simulator_process
    from bridge.simulator.shell.server import Simulator, serve
    from bridge.simulator.shell.settings import SimulatorSettings
    from bridge.simulator.shell.state_file import Unwritable

__all__ = [
    "Exchange",
    "ExchangeSettings",
    "Running",
    "Simulator",
    "SimulatorSettings",
    "Unusable",
    "Unwritable",
    "serve",
    "simulator_process",
]

#: Name -> its module. They are imported when they are used: the command line needs the settings only.
_MODULES = {
    "Exchange": "exchange.exchange",
    "ExchangeSettings": "exchange.exchange",
    "Running": "shell.process",
    "Simulator": "shell.server",
    "SimulatorSettings": "shell.settings",
    "Unusable": "persistence.records",
    "Unwritable": "shell.state_file",
    "serve": "shell.server",
    "simulator_process": "shell.process",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
