"""The simulated exchange as one pure object that combines all pure rooms."""
