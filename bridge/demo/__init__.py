"""`tws-bridge demo`: eight claims about the bridge, each shown with real processes and checked.

`steps` has the claims, `play` runs them, and `stage` starts and kills the processes. `programs` has the client
programs, and `first_program.py` is the short one that the demo prints and runs. `direct` is a program that uses TWS
without the bridge. `screen` prints.
"""
