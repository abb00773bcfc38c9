"""The HTTP server: metrics, health checks and the overview, in a thread of its own.

Nothing here is imported before the setting `http` is set, except what needs no library: `token` and `declarations`.
"""
