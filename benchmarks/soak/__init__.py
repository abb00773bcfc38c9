"""The soak test: a bridge under a steady load for minutes or hours, with the faults of an ordinary day."""
