"""`tws-bridge demo`: a simulated TWS, the bridge, two subscribers and a trader, each a process of its own.

`stage` starts and ends them and judges what they did, `roles` is what the clients do, `table` is what one sees.
"""

from bridge.demo.stage import run

__all__ = ["run"]
