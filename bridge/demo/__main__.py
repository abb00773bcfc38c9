"""`python -m bridge.demo ROLE NAME EVENTS REQUESTS`: one client process of the demo."""

import sys

from bridge.demo.roles import ROLES

role, name, events, requests = sys.argv[1:]
sys.exit(ROLES[role](name, events, requests))
