"""Orders that clients place through the bridge: placing, modifying and cancelling them, their states, and their log."""
