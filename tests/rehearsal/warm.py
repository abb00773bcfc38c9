"""What a bridge has to load before it can begin: loaded once, in the process that the others are forked from."""

import bridge.cli
import bridge.runs.run  # noqa: F401
from bridge.catalogue import catalogue
from bridge.contract import contract
from bridge.params import Parameters

contract()
Parameters(catalogue())
