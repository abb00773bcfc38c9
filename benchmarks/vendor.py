"""`ibapi-latest` receives the stream: `python -m benchmarks.vendor PORT`."""

from __future__ import annotations

import logging
import sys
from typing import Any

from ibapi.client import EClient
from ibapi.contract import Contract
from ibapi.wrapper import EWrapper

from benchmarks.source import LAST


class Receiver(EWrapper, EClient):
    """Checks of each price tick whether it is the last one."""

    def __init__(self) -> None:
        EClient.__init__(self, self)

    def nextValidId(self, orderId: int) -> None:
        contract = Contract()
        contract.conId, contract.exchange = 265598, "SMART"
        self.reqMktData(1, contract, "", False, False, [])

    def tickPrice(self, reqId: int, tickType: int, price: float, attrib: Any) -> None:
        if price == LAST:
            print("done", flush=True)
            self.disconnect()

    def tickSize(self, reqId: int, tickType: int, size: Any) -> None:
        pass


def main(port: int) -> None:
    """Print `done` when the last tick has arrived."""
    logging.disable(logging.CRITICAL)
    receiver = Receiver()
    receiver.connect("127.0.0.1", port, 1)
    receiver.run()


if __name__ == "__main__":
    main(int(sys.argv[1]))
