"""Values, times and error answers that all other rooms use."""
