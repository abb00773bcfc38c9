"""Who may do what: roles, limits, the kill switch, the newest run of each client."""
