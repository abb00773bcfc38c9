"""schemas/witnesses.json claims no witness that these tests do not call, and forgets none."""

import json

from bridge.catalogue.loader import default_directory
from tests.conformance.test_from_tws import EVENTS
from tests.conformance.test_ib_async import EVENTS as HEARD_BY_IB_ASYNC
from tests.conformance.test_ib_async_sends import REQUESTS as SENT_BY_IB_ASYNC
from tests.conformance.test_to_tws import REQUESTS

WITNESSES = json.loads((default_directory() / "witnesses.json").read_text(encoding="utf-8"))


def test_the_vendor_client_witnesses_what_is_put_beside_it() -> None:
    assert WITNESSES["vendor client"] == sorted([*EVENTS, *REQUESTS])


def test_ib_async_witnesses_what_is_put_beside_it() -> None:
    assert WITNESSES["ib_async"] == sorted([*HEARD_BY_IB_ASYNC, *SENT_BY_IB_ASYNC])
