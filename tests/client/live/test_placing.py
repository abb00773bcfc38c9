"""A call that places an order and fails, or is cancelled, leaves no handle behind: in both clients."""

from __future__ import annotations

import asyncio

import pytest

from tests.client.live.desk import AAPL, Desk
from tws_bridge_client.builders import bracket
from tws_bridge_client.calls import BridgeError
from tws_bridge_client.generated.methods import Methods
from tws_bridge_client.likes import given
from tws_bridge_client.live import shared
from tws_bridge_client.live.aio import AsyncLiveMethods
from tws_bridge_client.live.sync import LiveMethods

BUY = {"action": "BUY", "orderType": "MKT", "totalQuantity": "10"}
GROUP = [{"orderKey": key, "contract": AAPL, "order": BUY} for key in ("k1", "k2")]
CALLS = {
    "place": lambda client: client.place("k1", AAPL, BUY),
    "place_group": lambda client: client.place_group(GROUP),
    "order": lambda client: client.order("k1"),
}
#: What ends the call, in place of an answer.
ENDS = [
    KeyboardInterrupt(),
    BridgeError({"code": "noBridge", "message": "silence"}),
    BridgeError({"code": "keyConflict", "message": "", "data": {"orderKey": "k1", "state": "acknowledged"}}),
]


class Client(LiveMethods):
    """A client whose requests end as the test says. `answers`: one for each request."""

    def __init__(self, *answers):
        self.desk = Desk()
        self.answers = list(answers)
        self.requests = []

    @property
    def _hub(self):
        return self.desk.hub

    def _cause(self):
        return "test"

    def wait_for(self, condition, timeout=None):
        self.desk.collect()
        if self.desk.asked("snapshot", "order.me."):
            self.desk.join("order.me.")
        return bool(condition())

    def request(self, method, params=None, timeout=30.0):
        self.requests.append((method, params))
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    @property
    def handles(self):
        book = self.desk.hub._books.get("order.me.")
        return 0 if book is None else book.users


class AsyncClient(AsyncLiveMethods):
    """The same for the asyncio client. A request without an answer waits for ever."""

    def __init__(self, *answers):
        self.like = Client(*answers)
        self.is_asking = asyncio.Event()

    @property
    def _hub(self):
        return self.like.desk.hub

    def _cause(self):
        return "test"

    async def wait_for(self, condition, timeout=None):
        return self.like.wait_for(condition)

    async def request(self, method, params=None, timeout=30.0):
        self.is_asking.set()
        if not self.like.answers:
            await asyncio.Event().wait()
        return self.like.request(method)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("end", ENDS, ids=repr)
def test_a_call_that_fails_leaves_no_handle(call, end):
    client = Client(end)
    with pytest.raises((BridgeError, KeyboardInterrupt)):
        CALLS[call](client)
    assert client.handles == 0


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("end", ENDS[1:], ids=repr)
def test_an_asyncio_call_that_fails_leaves_no_handle(call, end):
    async def run():
        client = AsyncClient(end)
        with pytest.raises(BridgeError):
            await CALLS[call](client)
        assert client.like.handles == 0

    asyncio.run(run())


@pytest.mark.parametrize("call", CALLS)
def test_an_asyncio_call_that_is_cancelled_leaves_no_handle_and_the_order_is_found_by_its_key(call):
    async def run():
        client = AsyncClient()
        task = asyncio.create_task(CALLS[call](client))
        await asyncio.wait_for(client.is_asking.wait(), 20)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert client.like.handles == 0
        client.like.answers.append({"orderKey": "k1", "state": "acknowledged"})
        handle = await client.order("k1")
        assert (handle.state, client.like.handles) == ("acknowledged", 1)

    asyncio.run(run())


def test_a_group_of_which_one_handle_cannot_begin_leaves_none():
    client = Client()
    begun = []

    def begin(handle, timeout):
        begun.append(handle)
        if len(begun) == 2:
            handle.close()
            raise BridgeError({"code": "noBridge", "message": "silence"})
        return handle

    client._begin = begin
    with pytest.raises(BridgeError):
        client.place_group(GROUP)
    assert (len(begun), client.handles) == (2, 0)


def test_a_rejected_order_keeps_its_handle():
    rejected = BridgeError({
        "code": "rejectedByTws", "message": "no margin", "data": {"orderKey": "k1", "state": "rejected"},
    })  # fmt: skip
    client = Client(rejected)
    assert client.place("k1", AAPL, BUY).reason == "no margin"
    assert client.handles == 1


PREVIEW = BUY | {"whatIf": True}


def test_a_preview_is_refused_with_the_name_of_the_call_that_returns_it():
    client = Client()
    with pytest.raises(ValueError, match=r"order\.whatIf: .* Take client\.place_order"):
        client.place("k1", AAPL, PREVIEW)
    with pytest.raises(ValueError, match=r"orders\.1\.order\.whatIf"):
        client.place_group([GROUP[0], GROUP[1] | {"order": PREVIEW}])
    assert client.handles == 0
    assert client.desk.hub.commands() == []


def test_a_change_that_is_refused_leaves_the_next_one_a_fresh_revision():
    answers = [{"orderKey": "k1", "state": "acknowledged"},
               BridgeError({"code": "rejectedByTws", "message": "price", "twsCode": 201,
                            "data": {"orderKey": "k1", "state": "acknowledged", "revision": 1}}),
               {"orderKey": "k1", "state": "acknowledged", "revision": 2}]  # fmt: skip
    client = Client(*answers)
    handle = client.place("k1", AAPL, BUY)
    with pytest.raises(BridgeError, match="price"):
        handle.modify(lmtPrice=-5.0)
    assert handle.modify(lmtPrice=2.0).order.lmtPrice == 2.0
    assert [params["revision"] for method, params in client.requests if method == "modifyOrder"] == [1, 2]


@pytest.mark.parametrize("known", [["DU1", "DU2"], []])
def test_an_account_that_the_login_does_not_have_is_an_error(known):
    status = {"accounts": known}
    shared.check_account("DU1", status)
    if known:
        with pytest.raises(BridgeError, match=r"account: DU9 is not one of the accounts .*: DU1, DU2"):
            shared.check_account("DU9", status)
    else:
        shared.check_account("DU9", status)


def test_positions_of_an_unknown_account_are_refused_before_a_stream_is_asked_for():
    client = Client({"accounts": ["DU1"]})
    with pytest.raises(BridgeError, match="DU9"):
        client.positions("DU9")
    assert client.desk.asked("reqPositions") == []


@pytest.mark.parametrize("key", [None, "", 5, b"k1"])
def test_a_key_that_is_no_text_is_refused_before_anything_is_sent(key):
    client = Client()  # a request would fail: there is no answer
    group = [{"orderKey": key, "contract": AAPL, "order": BUY}]
    for call in (
        lambda: client.place(key, AAPL, BUY),
        lambda: client.order(key),
        lambda: client.place_group(group),
        lambda: bracket(key, AAPL, BUY, take_profit=5),
        lambda: given("placeOrders", {"orders": group}),
        lambda: given("placeOrder", {"orderKey": key, "contract": AAPL, "order": BUY}),
        lambda: given("modifyOrder", {"orderKey": key, "revision": 1, "order": BUY}),
        lambda: given("replaceFA", {"onceKey": key, "faDataType": 1, "xml": "<a/>"}),
        lambda: Raw().place_order(AAPL, BUY, orderKey=key),
        lambda: Raw().request("exerciseOptions", {"contract": AAPL, "orderKey": key}),
    ):
        with pytest.raises((TypeError, ValueError), match=r"[kK]ey: expected (the key of the order|a text)"):
            call()
    assert client.handles == 0


class Raw(Methods):
    """What the typed methods send."""

    def request(self, method, params=None, timeout=30.0, **options):
        return given(method, params)


def test_a_request_without_a_key_has_none():
    assert "orderKey" not in Raw().place_order(AAPL, BUY).to_dict()
    assert Raw().place_order(AAPL, BUY, orderKey="k1").to_dict()["orderKey"] == "k1"
