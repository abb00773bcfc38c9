"""`tws-bridge demo`: a simulated TWS, the bridge, two subscribers and a trader, each in its own process.

`stage` starts and ends the processes and checks what they did. `roles` has the clients. `table` prints the output.
"""

from bridge.demo.stage import run

__all__ = ["run"]
