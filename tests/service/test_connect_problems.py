"""What an error of TCP says about TWS's address."""

from __future__ import annotations

import asyncio
import socket

import pytest

from bridge.service import _broken, _problem_of, _words_of


async def connect(*addresses):
    """The error of asyncio for a host that has these addresses."""
    loop = asyncio.get_running_loop()
    found = [(family, socket.SOCK_STREAM, 6, "", (host, port)) for family, host, port in addresses]

    async def resolved(*_args, **_kwargs):
        return found

    loop.getaddrinfo = resolved
    with pytest.raises(OSError, match=r"Err|exceptions|Multiple") as caught:
        await loop.create_connection(asyncio.Protocol, "gateway", 1)
    return caught.value


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_host_whose_addresses_refuse_refuses(count):
    addresses = [(socket.AF_INET, f"127.0.0.{number}", free_port()) for number in range(1, count + 1)]
    assert _problem_of(asyncio.run(connect(*addresses))) == "refused"


def test_an_address_that_cannot_be_reached_beside_one_that_refuses_is_refused():
    error = asyncio.run(connect((socket.AF_INET, "224.0.0.1", 1), (socket.AF_INET, "127.0.0.1", free_port())))
    assert _problem_of(error) == "refused"


def test_other_errors():
    assert _problem_of(asyncio.run(connect((socket.AF_INET, "224.0.0.1", 1)))) == "unreachable"
    assert _problem_of(socket.gaierror(-2, "Name or service not known")) == "unknownHost"
    assert _problem_of(ValueError("label too long")) == "unknownHost"


def test_the_words_do_not_repeat_the_address():
    """asyncio's own text does. An operator reads it in the verdict, after "cannot connect to HOST:PORT"."""
    refused = asyncio.run(connect((socket.AF_INET, "127.0.0.1", free_port())))
    assert "Connect call failed" in str(refused)
    assert _words_of(refused) == "connection refused"
    assert _words_of(asyncio.run(connect((socket.AF_INET, "224.0.0.1", 1)))) == "network is unreachable"
    assert _words_of(socket.gaierror(-2, "Name or service not known")) == "Name or service not known"
    assert _words_of(ValueError("label too long")) == "label too long"
    assert _broken(ConnectionResetError(104, "Connection reset by peer")) == "connection reset by peer"
