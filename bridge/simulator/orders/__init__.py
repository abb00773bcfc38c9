"""The order book: checks, matching, fills, executions, exercises of options, and what-if previews."""
