"""The instruments of the simulated exchange: contracts, their details, and the search by partial contract."""
