"""Scenarios: what goes wrong at TWS, in which order, and what must be seen of it.

`forms` reads phrases such as `error CODE on REQUEST`, `vocabulary` lists them, `parser` reads whole files, `player`
knows which line is next, `library` has the shipped files. `message_faults` and `exchange_faults` carry phrases out on
messages and on the exchange. All these are pure; the shell around them is `sockets`, `faulty`, `phrases`, `playing`,
`control` and `serving`.
"""
