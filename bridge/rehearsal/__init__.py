"""`tws-bridge rehearse`: runs a scenario with a simulated TWS, a bridge process and a client.

`stage` starts and ends them. `client` does what the `client` lines of the scenario say and checks the `known` lines.
"""

from bridge.rehearsal.stage import RehearsalFailed, rehearse

__all__ = ["RehearsalFailed", "rehearse"]
