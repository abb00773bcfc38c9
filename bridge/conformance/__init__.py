"""`tws-bridge conform`: plays a bridge against a client in any language, and judges it by what it prints.

`scripted` is the bridge, `trial` the sockets between it and the client's program, `beliefs` what the client says;
`following`, `asking` and `filling` hold the scenarios, and `duties` the sentences of the contract that they are about.
"""

from bridge.conformance.runner import ALL, Result, conform, listing

__all__ = ["ALL", "Result", "conform", "listing"]
