"""Both roles joined without a socket; the bytes on the wire are those seen on real ones."""

from typing import Any

import pytest

from bridge.tws import Connection
from bridge.tws.errors import EncodeError
from bridge.tws.events import Connected, DecodeFailed, Event, Failed, Message, Redirected, UnknownMessage
from bridge.tws.framing import frame

TIME = "20251001 12:00:00 US/Eastern"


def joined(version: int, client_id: int = 7, **options: Any) -> tuple[Connection, Connection, list[Event]]:
    """A client and a server after the handshake, and what the server saw."""
    client, server = Connection.client(client_id, **options), Connection.server(version, TIME)
    client.connect()
    server.receive_data(client.data_to_send())
    client.receive_data(server.data_to_send())
    server.receive_data(client.data_to_send())
    return client, server, server.events_received()


@pytest.mark.parametrize("version", [176, 187, 200, 201, 206, 207, 212, 213, 226])
def test_handshake_then_start_api(version: int) -> None:
    client, server, seen = joined(version)
    assert client.events_received() == [Connected(version, TIME)]
    assert seen == [Connected(version, TIME), Message("startApi", {"clientId": 7})]
    server.send("managedAccounts", {"accountsList": "DU1234567"})
    server.send("nextValidId", {"orderId": 100})
    client.receive_data(server.data_to_send())
    assert client.events_received() == [
        Message("managedAccounts", {"accountsList": "DU1234567"}),
        Message("nextValidId", {"orderId": 100}),
    ]


# The exchange seen on sockets: what clients accepted, byte for byte.
SEEN = {
    200: ["00000008373100320037 0000", "0000000f 313500310044553132333435363700", "00000008 3900310031303000"],
    203: [
        "00000009 00000047 3200370000",
        "00000010 0000000f 310044553132333435363700",
        "0000000a 00000009 310031303000",
    ],
    207: ["00000009 00000047 3200370000", "0000000f 000000d7 0a09445531323334353637", "0000000a 00000009 310031303000"],
    213: ["00000006 0000010f 0807", "0000000f 000000d7 0a09445531323334353637", "00000006 000000d1 0864"],
}


@pytest.mark.parametrize("version", SEEN)
def test_bytes_of_the_handshake(version: int) -> None:
    client, server = Connection.client(7), Connection.server(version, TIME)
    client.connect()
    greeting = client.data_to_send()
    assert greeting == b"API\0" + frame(b"v176..226")
    server.receive_data(b"API\0" + frame(b"v100..226"))
    answer = server.data_to_send()
    assert answer == frame(f"{version}\0{TIME}\0".encode())
    client.receive_data(answer)
    server.send("managedAccounts", {"accountsList": "DU1234567"})
    accounts = server.data_to_send()
    server.send("nextValidId", {"orderId": 100})
    assert [client.data_to_send(), accounts, server.data_to_send()] == [bytes.fromhex(text) for text in SEEN[version]]


def test_byte_by_byte_gives_the_same() -> None:
    client, server = Connection.client(1), Connection.server(226, TIME)
    client.connect()
    for byte in client.data_to_send():
        server.receive_data(bytes([byte]))
    answer = server.data_to_send()
    server.send("tickSize", {"reqId": 1, "tickType": 8, "size": "5"})
    for byte in answer + server.data_to_send():
        client.receive_data(bytes([byte]))
    expected = [Connected(226, TIME), Message("tickSize", {"reqId": 1, "tickType": 8, "size": "5"})]
    assert client.events_received() == expected


@pytest.mark.parametrize(
    ("own", "offered", "agreed"), [(226, b"v100..193", 193), (187, b"v157..226", 187), (200, b"v200", 200)]
)
def test_the_smaller_maximum_is_the_version(own: int, offered: bytes, agreed: int) -> None:
    server = Connection.server(own, TIME)
    server.receive_data(b"API\0" + frame(offered))
    assert server.events_received() == [Connected(agreed, TIME)]


@pytest.mark.parametrize("offered", [b"v100..175", b"v227..300", b"hello", b"v", b"v1..2..3"])
def test_no_common_version_fails_with_a_reason(offered: bytes) -> None:
    server = Connection.server(226, TIME)
    server.receive_data(b"API\0" + frame(offered))
    (failed,) = server.events_received()
    assert isinstance(failed, Failed)
    assert failed.code == 506
    assert server.closed


def test_options_behind_the_range_are_kept() -> None:
    client = Connection.client(1, connect_options="+PACEAPI")
    server = Connection.server(226)
    client.connect()
    server.receive_data(client.data_to_send())
    assert server.connect_options == "+PACEAPI"


def test_a_stranger_is_told_apart_from_a_client() -> None:
    server = Connection.server()
    server.receive_data(b"GET / HTTP/1.1\r\n\r\n")
    (failed,) = server.events_received()
    assert isinstance(failed, Failed)
    assert "not a TWS API client" in failed.reason
    server.receive_data(b"more")
    assert server.events_received() == []


@pytest.mark.parametrize(
    ("place", "expected"),
    [(b"gw.example:7497", Redirected("gw.example", 7497)), (b"10.0.0.9", Redirected("10.0.0.9", None))],
)
def test_redirect(place: bytes, expected: Redirected) -> None:
    client = Connection.client(1)
    client.receive_data(frame(b"-1\0" + place + b"\0"))
    assert client.events_received() == [expected]
    assert client.closed


def test_a_redirect_to_a_port_that_cannot_be_is_a_failure() -> None:
    client = Connection.client(1)
    client.connect()
    client.receive_data(frame(b"-1\x00127.0.0.1:70000\x00"))
    (event,) = client.events_received()
    assert isinstance(event, Failed) and "70000" in event.reason


def test_an_old_tws_is_refused() -> None:
    client = Connection.client(1)
    client.receive_data(frame(b"151\0" + TIME.encode() + b"\0"))
    assert client.events_received() == [Failed(503, "TWS is too old: it has server version 151, the bridge needs 176")]


def test_a_frame_before_the_version_is_told_and_tolerated() -> None:
    client = Connection.client(1)
    client.receive_data(frame(b"14\x001\x005\x001\0some news\0NYSE\0") + frame(b"226\0" + TIME.encode() + b"\0"))
    early, connected = client.events_received()
    assert isinstance(early, DecodeFailed)
    assert connected == Connected(226, TIME)


def test_a_broken_length_in_mid_stream_ends_the_connection() -> None:
    client, server, _ = joined(226)
    server.send("currentTime", {"currentTime": 1})
    client.events_received()
    client.receive_data(server.data_to_send() + b"\xff\xff\xff\xff" + b"rest")
    failed = client.events_received()[-1]
    assert isinstance(failed, Failed)
    assert failed.code == 507
    with pytest.raises(EncodeError, match="not connected"):
        client.send("reqCurrentTime", {})


def test_either_form_is_accepted_from_201_on() -> None:
    client, _, _ = joined(226)
    client.events_received()
    client.receive_data(frame(b"\0\0\0\x09" + b"1\x0077\0"))
    client.receive_data(frame(b"\0\0\0\xd1" + b"\x08\x4d"))
    assert client.events_received() == [Message("nextValidId", {"orderId": 77})] * 2


@pytest.mark.parametrize("payload", [b"\0\0\0\xc7", b"\0\0\x10\0rest", b"\0\0\1\x90\x08\x01"])
def test_an_unknown_id_is_told_with_its_bytes(payload: bytes) -> None:
    client, _, _ = joined(226)
    client.events_received()
    client.receive_data(frame(payload))
    (unknown,) = client.events_received()
    assert isinstance(unknown, UnknownMessage)
    assert unknown.payload == payload


def test_a_bad_frame_is_told_and_the_stream_goes_on() -> None:
    client, _, _ = joined(200)
    client.events_received()
    client.receive_data(frame(b"1\x006\x0017\x001\0a lot\x00100\x000\0") + frame(b"9\x001\x0077\0"))
    failed, following = client.events_received()
    assert isinstance(failed, DecodeFailed)
    assert (failed.message, failed.field, failed.server_version) == ("tickPrice", "price", 200)
    assert following == Message("nextValidId", {"orderId": 77})


def test_sending_before_the_handshake_is_refused() -> None:
    with pytest.raises(EncodeError, match="not connected"):
        Connection.client(1).send("reqCurrentTime", {})
