"""Every shipped scenario, played on a simulated TWS in front of a real bridge, in text and in protobuf; all at once."""

from __future__ import annotations

import asyncio

import pytest

from bridge import rehearsal
from bridge.simulator import SimulatorSettings
from bridge.simulator.scenario import library
from tests.rehearsal.forked import forked
from tests.scenarios.scripted import PROTOBUF, TEXT

#: Rehearsals at the same time: most of one is waiting.
AT_ONCE = 12
VERSIONS = {"text": TEXT, "protobuf": PROTOBUF}

#: Scenarios in which the bridge does not do what it should, and what it does instead.
pytestmark = pytest.mark.timeout(240)


async def play_all(cases):
    gate = asyncio.Semaphore(AT_ONCE)

    async def play(name, version):
        told = []
        settings = SimulatorSettings(listen="127.0.0.1:0", server_version=version)
        async with gate:
            passed = await rehearsal.rehearse(library.shipped()[name], settings, told.append, forked)
        return passed, "\n".join(told)

    played = await asyncio.gather(*(play(*case) for case in cases), return_exceptions=True)
    return dict(zip(cases, played, strict=True))


@pytest.fixture(scope="module")
def played(request):
    """(name, server version) -> whether it passed, and its transcript; of those that this run has selected."""
    cases = [item.callspec.params for item in request.session.items if item.path == request.path]
    return asyncio.run(play_all([(case["name"], VERSIONS[case["encoding"]]) for case in cases]))


@pytest.mark.parametrize("encoding", VERSIONS)
@pytest.mark.parametrize("name", library.shipped())
def test_the_bridge_does_what_the_scenario_says(played, name, encoding):
    outcome = played[name, VERSIONS[encoding]]
    if isinstance(outcome, BaseException):
        raise outcome
    passed, transcript = outcome
    assert passed, f"\n{transcript}"
