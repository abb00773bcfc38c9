"""The soak: a bridge for minutes or hours under a steady load, with what goes wrong in an ordinary day."""
