"""The TypeScript client passes every scenario of `tws-bridge conform`."""

from bridge.conformance import conform
from bridge.conformance.program import starting
from tests.clients.test_examples import typescript

#: Trials at a time: they wait most of the time.
AT_A_TIME = 13


def test_it_passes_every_scenario() -> None:
    results = list(conform(starting(typescript("conform")), jobs=AT_A_TIME))
    assert [result.told() for result in results if not result.passed] == []
