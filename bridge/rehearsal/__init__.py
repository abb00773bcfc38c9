"""`tws-bridge rehearse`: a scenario with a simulated TWS, a bridge process and a client, and whether it passes.

`stage` starts and ends them, `client` does and asks what lines of a scenario name.
"""

from bridge.rehearsal.stage import Broken, rehearse

__all__ = ["Broken", "rehearse"]
