"""`python -m bridge.demo PROGRAM ARGUMENT...`: one program of the demo, as a process."""

import sys

from bridge.demo.programs import PROGRAMS

sys.exit(PROGRAMS[sys.argv[1]](*sys.argv[2:]))
