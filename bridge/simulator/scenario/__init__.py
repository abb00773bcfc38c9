"""Scenarios: faults of a simulated TWS in a fixed order, and what clients must do about them.

`forms` parses phrases such as `error CODE on REQUEST`, `vocabulary` lists them, `parser` reads files, `player` decides
which line is next, and `library` has the shipped files. `message_faults` and `exchange_faults` carry out the phrases
about messages and about the exchange. All these are pure. The other modules use sockets and the event loop: `sockets`,
`faulty`, `phrases`, `playing`, `control` and `serving`.
"""
