"""A TWS that anyone can run: a small deterministic exchange and account behind the protocol's SERVER role.

`Exchange` is the pure part, `serve` the process around it, `simulator_process` starts that process from a test.
"""

from bridge.simulator.exchange import Exchange, ExchangeSettings
from bridge.simulator.keeper import Unwritable
from bridge.simulator.kept import Unusable
from bridge.simulator.process import Running, simulator_process
from bridge.simulator.server import Simulator, serve
from bridge.simulator.settings import SimulatorSettings

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
