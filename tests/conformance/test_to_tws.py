"""What the vendor's client sends, beside what our CLIENT role sends for the same data, and as our SERVER role reads it:
every declared request, every field, every version at which a layout changes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.catalogue import catalogue
from tests.conformance.carried import carried, gated, versions_of
from tests.conformance.ibapi_requests import filled, vendor_class, vendor_payload
from tests.conformance.requests_alike import differing, same_fields, same_protobuf, tamed
from tests.conformance.wire import decode, encode
from tests.strategies import complete, messages

REQUESTS = sorted(message.name for message in catalogue().requests())


def check(name: str, version: int, data: dict[str, Any]) -> None:
    message = catalogue().messages[name]
    text = not message.as_protobuf(version)
    data = carried(name, version, filled(name, tamed(name, gated(name, data), text)), fill=False)
    ours = encode(name, version, data)
    theirs = vendor_payload(name, version, filled(name, data))
    if text:
        found = same_fields(name, version, ours, theirs)
    else:
        assert ours[:4] == theirs[:4]
        parse = vendor_class(name).FromString
        found = same_protobuf(parse(ours[4:]), parse(theirs[4:]))
    assert not found, "\n".join([f"{name} at {version}:", *found])
    read = decode(name, version, theirs)
    assert read.extra == 0
    found = differing(decode(name, version, ours).data, read.data)
    assert not found, "\n".join([f"{name} at {version}, read:", *found])


@pytest.mark.parametrize("name", REQUESTS)
def test_the_vendor_sends_every_field_alike(name: str) -> None:
    for data in complete(name):
        for version in versions_of(name):
            check(name, version, data)


@pytest.mark.parametrize("name", REQUESTS)
@given(drawn=st.data())
def test_the_vendor_sends_any_data_alike(name: str, drawn: st.DataObject) -> None:
    data = drawn.draw(messages(name, unicode=False))
    for version in versions_of(name):
        check(name, version, data)
