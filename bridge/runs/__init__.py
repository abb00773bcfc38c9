"""What each command of `tws-bridge` does, in a module of its own.

`bridge.cli` imports a module only for its command: a start of the bridge must not wait for the simulator, and the other
way round.
"""
