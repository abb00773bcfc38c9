"""The simulated accounts: cash, positions, margins, commissions, and the values that TWS reports."""
