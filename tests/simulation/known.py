"""Defects of the bridge that the simulation has found and that are not mended yet.

The simulation spares the bridge these, so that it finds the next: `World(spares=False)` does not. A test beside this
fails as soon as one of them is mended; then it is to be struck off here, and what spares it in the simulation with it.
"""
