"""Run a page's Python program: `python -m tests.project.pages.snippet FILE`.

A page shows the client with its default endpoints. The tests have other ports, and tell them by the environment.
"""

import os
import runpy
import sys

from tws_bridge_client.base import BaseClient

BaseClient.__init__.__defaults__ = (os.environ["TWS_BRIDGE_REQUESTS"], os.environ["TWS_BRIDGE_EVENTS"])
runpy.run_path(sys.argv[1], run_name="__main__")
