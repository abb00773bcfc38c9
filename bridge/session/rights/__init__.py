"""What each client may do: roles, limits, the kill switch, and the fencing of old instances."""
